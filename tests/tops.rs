//! `ringcheck top` beside a server that works.

use crate::support::{Running, ringcheck, run, stderr, stdout};

#[test]
fn one_view_tells_what_was_rung_refused_and_how_long_it_took() {
    let (server, url) = Running::server(&["--admin-listen", "127.0.0.1:0"]);
    let answer = [
        "call", "--as", "bob", "--target", &url, "--answer", "accept",
    ];
    let mut bob = ringcheck(&answer).spawn().unwrap();
    let send = ["call", "--as", "alice", "--target", &url, "--send", "bob"];
    assert_eq!(run(&send).status.code(), Some(0));
    assert!(bob.wait().unwrap().success());
    let output = run(&["top", "--once", "--target", &server.operators()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let view = stdout(&output);
    let has = |words: &[&str]| {
        let found = view.lines().any(|line| {
            let line: Vec<&str> = line.split_whitespace().collect();
            line.starts_with(words)
        });
        assert!(found, "{words:?} is not in:\n{view}");
    };
    has(&["admitted", "1"]);
    has(&["ended:", "accepted", "1"]);
    has(&["send", "to", "acked", "1"]);
    has(&["log-in:", "new", "2"]);
    assert!(!view.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn a_server_without_an_operators_port_gives_4_and_says_what_to_do() {
    let (_server, url) = Running::server(&[]);
    let invitations = url.replace("ws://", "http://");
    for target in ["http://127.0.0.1:9", &invitations] {
        let output = run(&["top", "--target", target]);
        assert_eq!(output.status.code(), Some(4), "{target}");
        assert!(stderr(&output).contains("--admin-listen"));
        assert!(stdout(&output).is_empty());
    }
    let output = run(&["top", "--target", &url]);
    assert_eq!(output.status.code(), Some(2), "not a page of metrics");
}
