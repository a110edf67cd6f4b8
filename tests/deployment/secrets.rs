//! Tokens, keys, certificates, and that none of them is shown.

use std::fs::{File, read_to_string};
use std::process::Stdio;

use super::{Office, does, server, tell};
use crate::support::{Running, beside_another, ringcheck, run, stderr, stdout};

#[test]
fn the_whole_library_passes_over_tls_with_tokens() {
    let _seat = beside_another();
    let office = Office::new("library-over-tls");
    let [keys, cert, key] = ["keys.json", "cert.pem", "key.pem"].map(|file| office.file(file));
    let guarded = [
        "--auth-keys",
        &keys,
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--timer-scale",
        "0.2",
    ];
    let (_server, url) = Running::server(&guarded);
    assert!(url.starts_with("wss://"), "{url}");
    let output = run(&[
        "run",
        "--target",
        &url,
        "--tls-ca",
        &cert,
        "--token-key",
        &keys,
        "--jobs",
        "64",
    ]);
    // On a machine that is busy with other tests a verdict may be left open, and none may be wrong.
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", stderr(&output));
}

#[test]
fn a_target_that_is_not_believed_or_wants_a_token_says_so() {
    let office = Office::new("not-believed");
    let [keys, cert, key] = ["keys.json", "cert.pem", "key.pem"].map(|file| office.file(file));
    let guarded = ["--auth-keys", &keys, "--tls-cert", &cert, "--tls-key", &key];
    let (_server, url) = Running::server(&guarded);
    let run_one = ["run", "scenarios/04-accept/accept.yaml", "--target", &url];
    for (more, said) in [
        (&["--token-key", &keys][..], "--tls-ca"),
        (&["--tls-ca", &cert][..], "the token is missing"),
    ] {
        let output = run(&[&run_one[..], more].concat());
        assert_eq!(output.status.code(), Some(4));
        let told = stderr(&output);
        assert!(told.contains(said), "`{said}` is missing in:\n{told}");
    }
}

#[test]
fn keys_and_certificates_are_read_again_on_a_signal() {
    let office = Office::new("read-again");
    let [keys, cert, key] = ["keys.json", "cert.pem", "key.pem"].map(|file| office.file(file));
    let [mine, new_cert] = ["mine.json", "new-cert.pem"].map(|file| office.file(file));
    let guarded = ["--auth-keys", &keys, "--tls-cert", &cert, "--tls-key", &key];
    let (mut server, url) = Running::server(&guarded);
    does(&["token", "keygen", "--out", &mine, "--id", "second"]);
    let enters = |ca: &str, keys: &str| {
        let run_one = ["run", "scenarios/04-accept/accept.yaml", "--target", &url];
        let output = run(&[&run_one[..], &["--tls-ca", ca, "--token-key", keys]].concat());
        output.status.code()
    };
    assert_eq!(enters(&cert, &mine), Some(4));
    std::fs::copy(&mine, &keys).unwrap();
    does(&["cert", "--force", "--cert", &new_cert, "--key", &key]);
    std::fs::copy(&new_cert, &cert).unwrap();
    tell(&server, "-HUP");
    server.complains("read the keys and the certificate again");
    assert_eq!(enters(&new_cert, &mine), Some(0));
    // What cannot be used changes nothing.
    std::fs::write(&keys, "nonsense").unwrap();
    tell(&server, "-HUP");
    server.complains("stay as they were");
    assert_eq!(enters(&new_cert, &mine), Some(0));
}

#[test]
fn no_secret_and_no_text_is_ever_shown() {
    let office = Office::new("never-shown");
    let keys = office.file("keys.json");
    let secret = read_to_string(&keys).unwrap();
    let (_, secret) = secret.split_once("\"k\": \"").unwrap();
    let (secret, _) = secret.split_once('"').unwrap();
    let token = office.token(&["--user", "alice"]);
    let printed = does(&["serve", "--auth-keys", &keys, "--print-config"]);
    assert!(!printed.contains(secret));
    for format in ["text", "json"] {
        let log = office.path(&format!("log.{format}"));
        let mut child = ringcheck(&["serve", "--listen", "127.0.0.1:0", "--auth-keys", &keys])
            .args(["--log", "trace", "--log-format", format])
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        let (mut socket, _) = {
            let uri = url.parse().unwrap();
            let request = tungstenite::client::ClientRequestBuilder::new(uri)
                .with_sub_protocol("ringcheck.invitation.v1");
            tungstenite::connect(request).unwrap()
        };
        for frame in [
            format!(r#"{{"type":"login","user":"alice","token":"{token}"}}"#),
            r#"{"type":"invite","id":"i-1","callee":"alice","content":"whispered"}"#.to_owned(),
            r#"{"type":"logout","seen":"whispered"}"#.to_owned(),
            r#"{"type":"refuse","id":"i-1","response":"whispered"}"#.to_owned(),
            r#"{"type":"logout"}"#.to_owned(),
        ] {
            socket.send(tungstenite::Message::text(frame)).unwrap();
        }
        let mut session = String::new();
        while let Ok(message) = socket.read() {
            if let Ok(text) = message.to_text()
                && let Some((_, rest)) = text.split_once("\"session\":\"")
            {
                session = rest.split('"').next().unwrap().to_owned();
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let log = read_to_string(&log).unwrap();
        for seen in [
            "session",
            "alice",
            "invitation",
            "i-1",
            "refused",
            "malformed",
            "logout",
        ] {
            assert!(log.contains(seen), "`{seen}` is missing in:\n{log}");
        }
        assert_eq!(session.len(), 32);
        for hidden in [secret, &token, &session, "whispered"] {
            assert!(!log.contains(hidden), "`{hidden}` is in:\n{log}");
        }
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
                assert_eq!(line.matches("\"message\":").count(), 1, "{line}");
            }
        }
    }
}

#[test]
fn a_refused_log_in_is_logged_with_who_from_where_and_why_and_never_with_its_token() {
    let office = Office::new("refused-log-ins");
    let keys = office.file("keys.json");
    let (mut server, url) = Running::server(&["--auth-keys", &keys, "--log-format", "json"]);
    let token = office.token(&["--user", "mallory"]);
    for (user, token) in [("alice", Some(&token[..])), ("al\u{1b}ice", None)] {
        let request = tungstenite::client::ClientRequestBuilder::new(url.parse().unwrap())
            .with_sub_protocol("ringcheck.invitation.v1");
        let (mut socket, _) = tungstenite::connect(request).unwrap();
        let mut login = serde_json::json!({ "type": "login", "user": user });
        if let Some(token) = token {
            login["token"] = token.into();
        }
        let frame = tungstenite::Message::text(login.to_string());
        socket.send(frame).unwrap();
        while socket.read().is_ok() {}
    }
    for (user, token_user, reason) in [
        (Some("alice"), Some("mallory"), "another user's"),
        (None, None, ""),
    ] {
        let line = server.complains("log-in refused");
        assert!(!line.contains(&token) && !line.contains('\u{1b}'), "{line}");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let fields = &line["fields"];
        assert_eq!(line["level"], "INFO");
        assert_eq!(fields["user"].as_str(), user, "{line}");
        assert_eq!(fields["token_user"].as_str(), token_user, "{line}");
        let said = fields["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{line}");
        let remote: std::net::SocketAddr = fields["remote"].as_str().unwrap().parse().unwrap();
        assert!(remote.ip().is_loopback());
    }
}

#[test]
fn a_token_says_what_it_is_and_whether_it_holds() {
    use std::io::Write as _;
    let office = Office::new("inspected");
    let keys = office.file("keys.json");
    let inspect = |token: &str| {
        let mut child = ringcheck(&["token", "inspect", "--keys", &keys])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(token.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let token = office.token(&["--user", "olga", "--admin"]);
    let output = inspect(&token);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["claims"]["sub"], "olga");
    assert_eq!(shown["claims"]["admin"], true);
    assert_eq!(shown["header"]["kid"], "first");
    assert_eq!(shown["verdict"], "good");
    let early = office.token(&["--user", "olga", "--not-before", "1h", "--lasts", "2h"]);
    let output = inspect(&early);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("not valid yet"));
    assert_eq!(inspect("nonsense").status.code(), Some(2));
    for (arguments, said) in [
        (&["--user", "null"][..], "user id"),
        (&["--user", "olga", "--key-id", "third"], "`first`"),
    ] {
        let make = ["token", "make", "--key", &keys];
        let output = run(&[&make[..], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn a_public_half_checks_tokens_and_makes_none() {
    let office = Office::new("halves");
    let [sign, public] = ["sign.json", "public.json"].map(|file| office.file(file));
    let keygen = ["token", "keygen", "--algorithm", "eddsa"];
    does(&[&keygen[..], &["--out", &sign, "--public", &public]].concat());
    assert!(!read_to_string(&public).unwrap().contains("\"d\""));
    let output = run(&["token", "make", "--key", &public, "--user", "alice"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot sign"),
        "{}",
        stderr(&output)
    );
    let (_server, url, _) = server(&["--auth-keys", &public]);
    let run_one = ["run", "scenarios/04-accept/accept.yaml", "--target", &url];
    let output = run(&[&run_one[..], &["--token-key", &sign]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
