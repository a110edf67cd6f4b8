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
    assert!(
        printed.contains("connections_per_address = 1000"),
        "{printed}"
    );
}
