//! Calls without a person: what a shell script gets of `ringcheck call`.

use std::process::{Output, Stdio};

use crate::support::{Running, ringcheck, run, scratch, stderr, stdout};

/// `ringcheck call` beside the test.
struct Script(std::process::Child);

impl Script {
    fn start(user: &str, url: &str, more: &[&str]) -> Self {
        let arguments = [&["call", "--as", user, "--target", url], more].concat();
        let mut command = ringcheck(&arguments);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn end(self) -> Output {
        self.0.wait_with_output().unwrap()
    }
}

fn call(user: &str, url: &str, more: &[&str]) -> Output {
    Script::start(user, url, more).end()
}

/// The exit code, and the line on standard output.
fn came_to(output: &Output) -> (i32, String) {
    let line = stdout(output);
    assert!(line.lines().count() <= 1, "one line at most: {line:?}");
    (output.status.code().unwrap(), line.trim_end().to_owned())
}

fn json(output: &Output) -> serde_json::Value {
    assert_eq!(stdout(output).lines().count(), 1);
    serde_json::from_str(&stdout(output)).unwrap()
}

#[test]
fn two_scripts_ring_and_accept_and_both_end_with_0() {
    let (_server, url) = Running::server(&[]);
    let answer = ["--answer", "accept", "--response", "On my way"];
    let bob = Script::start("bob", &url, &answer);
    let send = ["--send", "bob", "--content", "Shall we?"];
    let wait = ["--wait", "accepted", "--timeout", "30s"];
    let alice = call("alice", &url, &[&send[..], &wait].concat());
    assert_eq!(came_to(&alice), (0, "accepted\tbob\tOn my way".to_owned()));
    assert!(
        stderr(&alice).contains("1: localInvitationAccepted On my way"),
        "{}",
        stderr(&alice)
    );
    assert_eq!(
        came_to(&bob.end()),
        (0, "accepted\talice\tShall we?".to_owned())
    );
}

#[test]
fn another_end_gives_1_and_its_name() {
    let (_server, url) = Running::server(&[]);
    let bob = Script::start("bob", &url, &["--answer", "refuse", "--response", "No"]);
    let alice = call("alice", &url, &["--send", "bob"]);
    assert_eq!(came_to(&alice), (1, "refused\tbob\tNo".to_owned()));
    assert!(stderr(&alice).contains("came to: refused"));
    assert_eq!(bob.end().status.code(), Some(0));

    let bob = Script::start("bob", &url, &["--answer", "refuse"]);
    let alice = call("alice", &url, &["--send", "bob", "--wait", "ended"]);
    assert_eq!(came_to(&alice).0, 0, "`ended` is any end");
    assert_eq!(bob.end().status.code(), Some(0));
}

#[test]
fn a_failure_is_another_end_and_says_why() {
    let (_server, url) = Running::server(&["--timer-scale", "0.01"]);
    let alice = call("alice", &url, &["--send", "nobody"]);
    assert_eq!(
        came_to(&alice),
        (1, "failed\tnobody\tRemoteOffline (1)".to_owned())
    );
    let failed = ["--send", "nobody", "--wait", "failed", "--json"];
    let alice = call("alice", &url, &failed);
    assert_eq!(alice.status.code(), Some(0));
    assert_eq!(json(&alice)["failure"], "RemoteOffline (1)");
    assert_eq!(json(&alice)["callback"], "localInvitationFailure");
}

#[test]
fn what_does_not_come_in_time_gives_3_and_leaves_nothing_ringing() {
    let (_server, url) = Running::server(&[]);
    let mut bob = Running::start(&["call", "--as", "bob", "--target", &url]);
    bob.hear("Connected (LoginSuccess)");
    let alice = call("alice", &url, &["--send", "bob", "--timeout", "1s"]);
    assert_eq!(came_to(&alice), (3, "timeout\tbob\t".trim_end().to_owned()));
    assert!(stderr(&alice).contains("did not come within 1s"));
    bob.hear("1: remoteInvitationCanceled");

    let carol = call("carol", &url, &["--answer", "accept", "--timeout", "1s"]);
    assert_eq!(came_to(&carol).0, 3);
}

#[test]
fn being_told_to_leave_cancels_what_rings() {
    let (_server, url) = Running::server(&[]);
    let mut bob = Running::start(&["call", "--as", "bob", "--target", &url]);
    bob.hear("Connected (LoginSuccess)");
    let alice = Script::start("alice", &url, &["--send", "bob"]);
    bob.hear("1: remoteInvitationReceived from alice");
    let pid = alice.0.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.unwrap().success());
    bob.hear("1: remoteInvitationCanceled");
    assert_eq!(alice.end().status.code(), Some(3));
}

#[test]
fn ringing_for_a_while_cancels_at_the_caller_and_answers_at_the_callee() {
    let (_server, url) = Running::server(&[]);
    let bob = Script::start("bob", &url, &["--answer", "none", "--wait", "canceled"]);
    let send = ["--send", "bob", "--ring-for", "300ms", "--wait", "canceled"];
    let alice = call("alice", &url, &[&send[..], &["--json"]].concat());
    assert_eq!(alice.status.code(), Some(0), "{}", stderr(&alice));
    assert!(json(&alice)["after_ms"].as_u64().unwrap() >= 300);
    assert_eq!(came_to(&bob.end()).0, 0);

    let answer = ["--answer", "accept", "--ring-for", "300ms", "--json"];
    let bob = Script::start("bob", &url, &answer);
    let alice = call("alice", &url, &["--send", "bob"]);
    assert_eq!(came_to(&alice).0, 0);
    let bob = json(&bob.end());
    assert!(bob["after_ms"].as_u64().unwrap() >= 300, "{bob}");
}

#[test]
fn the_object_says_everything_about_the_call() {
    let (_server, url) = Running::server(&[]);
    let answer = ["--answer", "accept", "--response", "tab\there", "--json"];
    let bob = Script::start("bob", &url, &answer);
    let send = ["--send", "bob", "--content", "Shall we?", "--json"];
    let alice = call(
        "alice",
        &url,
        &[&send[..], &["--channel", "room-7"]].concat(),
    );
    let (alice, bob) = (json(&alice), json(&bob.end()));
    for (object, user, peer, side, callback) in [
        (&alice, "alice", "bob", "local", "localInvitationAccepted"),
        (&bob, "bob", "alice", "remote", "remoteInvitationAccepted"),
    ] {
        assert_eq!(object["as"], user);
        assert_eq!(object["peer"], peer);
        assert_eq!(object["side"], side);
        assert_eq!(object["callback"], callback);
        assert_eq!(object["outcome"], "accepted");
        assert_eq!(object["waited_for"], "accepted");
        assert_eq!(object["content"], "Shall we?");
        assert_eq!(object["channel"], "room-7");
        assert_eq!(object["response"], "tab\there");
        assert_eq!(object["failure"], serde_json::Value::Null);
        assert_eq!(object["invitation"], alice["invitation"]);
    }
}

#[test]
fn a_peer_cannot_forge_a_field_or_a_line() {
    let (_server, url) = Running::server(&[]);
    let answer = ["--answer", "refuse", "--response", "x\ty\naccepted\tbob"];
    let bob = Script::start("bob", &url, &answer);
    let alice = call("alice", &url, &["--send", "bob"]);
    assert_eq!(
        came_to(&alice),
        (1, "refused\tbob\tx\\ty\\naccepted\\tbob".to_owned())
    );
    bob.end();
}

#[test]
fn a_server_that_dies_meanwhile_gives_4() {
    let (server, url) = Running::server(&[]);
    let mut bob = Running::start(&["call", "--as", "bob", "--target", &url]);
    bob.hear("Connected (LoginSuccess)");
    let alice = Script::start("alice", &url, &["--send", "bob", "--timeout", "2s"]);
    bob.hear("1: remoteInvitationReceived from alice");
    drop(server);
    let alice = alice.end();
    assert_eq!(came_to(&alice).0, 4, "{}", stderr(&alice));
    assert!(stdout(&alice).starts_with("lost\t"), "{}", stdout(&alice));
}

#[test]
fn a_log_in_elsewhere_gives_4() {
    let (_server, url) = Running::server(&[]);
    let mut bob = Running::start(&["call", "--as", "bob", "--target", &url]);
    bob.hear("Connected (LoginSuccess)");
    let alice = Script::start("alice", &url, &["--send", "bob"]);
    bob.hear("1: remoteInvitationReceived from alice");
    let mut elsewhere = Running::start(&["call", "--as", "alice", "--target", &url]);
    elsewhere.hear("Connected (LoginSuccess)");
    let alice = alice.end();
    assert_eq!(came_to(&alice).0, 4);
    assert!(stderr(&alice).contains("Aborted (RemoteLogin)"));
}

#[test]
fn flags_that_make_no_sense_together_give_2() {
    let long = "x".repeat(8_193);
    let missing = scratch("no-token").join("missing");
    for flags in [
        &["--content", "hi"][..],
        &["--json"],
        &["--wait", "accepted"],
        &["--send", "bob", "--answer", "accept"],
        &["--send", "bob", "--response", "hi"],
        &["--send", "b/b"],
        &["--send", "bob", "--content", &long],
        &["--send", "bob", "--wait", "timeout"],
        &["--send", "bob", "--timeout", "30"],
        &["--answer", "maybe"],
        &["--answer", "none", "--response", "hi"],
        &["--answer", "accept", "--wait", "received"],
        &["--send", "bob", "--token-file", missing.to_str().unwrap()],
        &["--history", "/no/such/folder/file"],
    ] {
        let arguments = [
            &["call", "--as", "alice", "--target", "ws://127.0.0.1:9"],
            flags,
        ]
        .concat();
        let output = run(&arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{flags:?}: {}",
            stderr(&output)
        );
        assert!(stdout(&output).is_empty(), "{flags:?}");
    }
    assert_eq!(run(&["call", "--as", "al/ice"]).status.code(), Some(2));
}

#[test]
fn the_example_of_the_help_is_what_is_tested_here() {
    let help = stdout(&run(&["call", "--help"]));
    for example in [
        "--as bob --answer accept --response \"On my way\"",
        "--as alice --send bob --content \"Shall we?\" --wait accepted --timeout 30s",
    ] {
        assert!(help.contains(example), "{help}");
    }
}

#[test]
fn the_time_that_there_is_bounds_connecting_too() {
    // Nobody answers there: the system holds the connection, and no handshake comes.
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", deaf.local_addr().unwrap());
    let began = std::time::Instant::now();
    let alice = call("alice", &url, &["--send", "bob", "--timeout", "500ms"]);
    assert_eq!(alice.status.code(), Some(4));
    assert!(
        stderr(&alice).contains("within 500ms"),
        "{}",
        stderr(&alice)
    );
    assert!(began.elapsed() < std::time::Duration::from_secs(4));
}

#[test]
fn what_stays_as_it_is_is_not_tried_for_ten_seconds() {
    let folder = scratch("stays");
    let file = |name: &str| folder.join(name).display().to_string();
    let [cert, key, other] = ["cert.pem", "key.pem", "other.pem"].map(file);
    for cert in [&cert, &other] {
        let key = if cert == &other {
            file("other-key.pem")
        } else {
            key.clone()
        };
        assert!(
            run(&["cert", "--cert", cert, "--key", &key])
                .status
                .success()
        );
    }
    let tls = ["--tls-cert", &cert, "--tls-key", &key];
    let (_secure, secure) = Running::server(&tls);
    let (_plain, plain) = Running::server(&[]);
    for (url, more, said) in [
        (secure.clone(), &["--tls-ca", &other][..], "certificate"),
        (secure.replace("wss:", "ws:"), &[], "wss://"),
        (plain.replace("ws:", "wss:"), &["--tls-ca", &cert], "ws://"),
    ] {
        let began = std::time::Instant::now();
        let alice = call("alice", &url, &[&["--send", "bob"], more].concat());
        assert_eq!(alice.status.code(), Some(4), "{}", stderr(&alice));
        assert!(stderr(&alice).contains(said), "{}", stderr(&alice));
        assert!(began.elapsed() < std::time::Duration::from_secs(8), "{url}");
    }
}

#[test]
fn flags_that_contradict_each_other_or_are_of_no_use_are_refused() {
    for (more, said) in [
        (&["--token", "x", "--token-file", "y"][..], "--token-file"),
        (&["--token", "x", "--token-key", "y"], "--token-key"),
        (&["--token-file", "x", "--token-key", "y"], "--token-key"),
        (&["--tls-ca", "Cargo.toml"], "`wss://` alone"),
    ] {
        let alice = call(
            "alice",
            "ws://127.0.0.1:9",
            &[&["--send", "bob"], more].concat(),
        );
        assert_eq!(alice.status.code(), Some(2), "{more:?}");
        assert!(stderr(&alice).contains(said), "{}", stderr(&alice));
    }
    // What the environment says may be for others.
    let (_server, url) = Running::server(&[]);
    let send = [
        "call", "--as", "alice", "--target", &url, "--answer", "none",
    ];
    let output = ringcheck(&[&send[..], &["--timeout", "1s"]].concat())
        .env("RINGCHECK_TLS_CA", "no/such/file")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}
