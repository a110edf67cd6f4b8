//! Flags, environment and file: one schema, and nothing misspelt.

use super::{does, write};
use crate::support::{ringcheck, run, scratch, stderr, stdout};

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let file = scratch("layers").join("serve.toml");
    write(
        &file,
        "expiry = \"20s\"\nno_ack = \"10s\"\nheartbeat = \"3s\"\n",
    );
    let file = file.to_str().unwrap();
    let output = ringcheck(&[
        "serve",
        "--config",
        file,
        "--print-config",
        "--expiry",
        "40s",
    ])
    .env("RINGCHECK_EXPIRY", "30s")
    .env("RINGCHECK_NO_ACK", "15s")
    .output()
    .unwrap();
    let printed = stdout(&output);
    for line in [
        "expiry = \"40s\"",
        "no_ack = \"15s\"",
        "heartbeat = \"3s\"",
        "accept_ack = \"5s\"",
    ] {
        assert!(printed.contains(line), "`{line}` is missing in:\n{printed}");
    }
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let folder = scratch("printed");
    for name in ["serve.toml", "serve.yaml"] {
        let file = folder.join(name);
        write(&file, "");
        let file_name = file.to_str().unwrap();
        let print = ["serve", "--config", file_name, "--print-config"];
        let printed = does(&[&print[..], &["--rate", "carrier"]].concat());
        write(&file, &printed);
        assert_eq!(does(&print), printed, "{name}");
        assert!(printed.contains("180/3s"), "{printed}");
    }
}

#[test]
fn every_wrong_name_in_a_file_is_told_with_its_line_and_the_nearest_right_one() {
    let folder = scratch("wrong-settings");
    for (name, text) in [
        (
            "serve.toml",
            "threads = 2\nlisten_on = \"127.0.0.1:0\"\nexpirry = \"20s\"\n",
        ),
        (
            "serve.yaml",
            "threads: 2\nlisten_on: 127.0.0.1:0\nexpirry: 20s\n",
        ),
    ] {
        let file = folder.join(name);
        write(&file, text);
        let output = run(&["serve", "--config", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let told = stderr(&output);
        for part in [
            &format!("{name}:2: no setting is named `listen_on`"),
            &format!("{name}:3: no setting is named `expirry`"),
            "`expiry`",
        ] {
            assert!(told.contains(part), "`{part}` is missing in:\n{told}");
        }
    }
}

#[test]
fn a_wrong_value_in_a_file_is_told_with_its_line() {
    let folder = scratch("wrong-values");
    for (name, text, said) in [
        (
            "a.toml",
            "threads = 2\nexpiry = \"soon\"\n",
            "a.toml:2: `expiry`",
        ),
        ("b.toml", "threads = \"two\"\n", "b.toml:1: `threads`"),
        ("c.toml", "threads = 2\nexpiry = \n", "c.toml:2: "),
        (
            "d.yaml",
            "rate: fast\n",
            "d.yaml:1: `rate`: expected `off`, `carrier`",
        ),
        ("e.yaml", "- a list\n", "e.yaml:1: "),
        (
            "g.yaml",
            "expiry: 20s\nthreads: 2\nexpiry: 30s\n",
            "g.yaml:3: `expiry` is set twice",
        ),
        ("f.toml", "[log]\nlevel = \"info\"\n", "f.toml:1: `log`"),
    ] {
        let file = folder.join(name);
        write(&file, text);
        let output = run(&["serve", "--config", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let told = stderr(&output);
        assert!(told.contains(said), "`{said}` is missing in:\n{told}");
    }
    let output = run(&["serve", "--config", "no/such/file.toml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_others_reach_is_guarded_or_said_to_be_open() {
    for (arguments, hint) in [
        (&["--listen", "0.0.0.0:0"][..], "--auth-keys"),
        (&["--listen", "[::]:0"], "--insecure"),
        (&["--admin-listen", "0.0.0.0:0"], "proxy"),
        (&["--tls-cert", "cert.pem"], "--tls-key"),
        (&["--auth-keys", "no/such/file"], "no/such/file"),
        (&["--frame-bytes", "70000"], "65536"),
        (&["--log", "ringcheck=loud"], "can be logged"),
        (&["--log", "warnign"], "`warn`"),
    ] {
        let output = run(&[&["serve"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = stderr(&output);
        assert!(told.contains(hint), "`{hint}` is missing in:\n{told}");
    }
    let open = [
        "serve",
        "--print-config",
        "--listen",
        "0.0.0.0:0",
        "--insecure",
    ];
    let printed = does(&open);
    assert!(printed.contains("insecure = true"), "{printed}");
}

#[test]
fn what_follows_from_other_settings_goes_on_following_in_a_printed_file() {
    let file = scratch("follows").join("serve.toml");
    write(&file, &does(&["serve", "--print-config"]));
    let file = file.to_str().unwrap();
    let printed = does(&["serve", "--config", file, "--print-config"]);
    // A number here would be that of loopback, and stay when the address is changed.
    assert!(
        printed.contains("\n# connections_per_address = "),
        "{printed}"
    );
    let given = ["serve", "--print-config", "--connections-per-address", "7"];
    assert!(does(&given).contains("\nconnections_per_address = 7\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn settings_that_could_not_be_written_are_no_success() {
    for what in [
        &["serve", "--print-config"][..],
        &["token", "make", "--user", "alice"],
    ] {
        let office = super::Office::new("full-disk");
        let keys = office.file("keys.json");
        let key: &[&str] = if what[0] == "token" {
            &["--key", &keys]
        } else {
            &[]
        };
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = ringcheck(&[what, key].concat())
            .stdout(full.unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{what:?}");
        assert!(stderr(&output).contains("standard output"), "{what:?}");
    }
}

#[test]
fn a_wrong_value_of_the_environment_is_told_with_its_variable() {
    for (name, value) in [
        ("RINGCHECK_EXPIRY", "soon"),
        ("RINGCHECK_EXPIRY", ""),
        ("RINGCHECK_LOG_FORMAT", "xml"),
        ("RINGCHECK_SESSIONS", "0"),
    ] {
        let serve = ["serve", "--print-config"];
        let output = ringcheck(&serve).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}");
        let told = stderr(&output);
        assert!(told.contains(name), "{name}={value}: {told}");
    }
    let output = ringcheck(&["serve", "--print-config", "--sessions", "0"])
        .env("RINGCHECK_SESSIONS", "5")
        .output()
        .unwrap();
    assert!(stderr(&output).contains("`--sessions`: "));
}

#[test]
fn settings_of_no_use_are_refused_with_what_would_be_of_use() {
    for (arguments, said) in [
        ("--threads 100000", "0 to 1024"),
        ("--connections 0", "nobody could connect"),
        ("--sessions 0", "nobody could log in"),
        ("--invitations 0", "1 to 100000000"),
        ("--open-per-caller 0", "nobody could ring"),
        ("--open-per-callee 0", "nobody could be rung"),
        ("--frame-bytes 8191", "8192 to 65536"),
        ("--outbox-bytes 1000", "65536 to"),
        ("--outbox-bytes 9000 --frame-bytes 8192", "9216 to"),
        ("--heartbeat 1ns", "100ms to 1h"),
        ("--heartbeat 2h", "100ms to 1h"),
        ("--login-timeout 1ms", "100ms to 1h"),
        ("--accept-ack 1us", "`timer_scale`"),
        ("--accept-ack 500ms --timer-scale 0.001", "500us"),
        ("--rate 5/1ns", "1ms or more"),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let output = run(&[&["serve", "--print-config"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = stderr(&output);
        assert!(told.contains(said), "`{said}` is missing in:\n{told}");
    }
    // All at once, each where it stands.
    let file = scratch("useless").join("serve.yaml");
    write(&file, "# counts\nsessions: 0\nthreads: 2\nheartbeat: 1ns\n");
    let output = run(&["serve", "--config", file.to_str().unwrap()]);
    let told = stderr(&output);
    for place in ["serve.yaml:2: `sessions`", "serve.yaml:4: `heartbeat`"] {
        assert!(told.contains(place), "`{place}` is missing in:\n{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_no_text_is_refused_and_no_other_flag_is_lost() {
    use std::os::unix::ffi::OsStrExt;

    let name = std::ffi::OsStr::from_bytes(b"keys-\xff");
    let mut serve = ringcheck(&["serve", "--listen", "127.0.0.1:0", "--print-config"]);
    let output = serve.arg("--auth-keys").arg(name).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.contains("names of files are UTF-8"), "{told}");
}
