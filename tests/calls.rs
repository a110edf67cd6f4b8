//! People at terminals: `ringcheck call` through `ringcheck serve`.

use crate::support::{Running, run, stderr};

fn people(url: &str) -> (Running, Running) {
    let mut alice = Running::start(&["call", "--as", "alice", "--target", url]);
    let mut bob = Running::start(&["call", "--as", "bob", "--target", url]);
    alice.hear("Connected (LoginSuccess)");
    bob.hear("Connected (LoginSuccess)");
    (alice, bob)
}

#[test]
fn two_people_ring_accept_refuse_and_cancel() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, mut bob) = people(&url);

    alice.say("ring bob Shall we?");
    bob.hear("1: remoteInvitationReceived from alice: Shall we?");
    alice.hear("1: localInvitationReceivedByPeer");
    bob.say("accept On my way");
    alice.hear("1: localInvitationAccepted On my way");
    bob.hear("1: remoteInvitationAccepted");

    bob.say("ring alice And now?");
    alice.hear("2: remoteInvitationReceived from bob: And now?");
    alice.say("refuse 2 Not now");
    bob.hear("2: localInvitationRefused Not now");
    alice.hear("2: remoteInvitationRefused");

    alice.say("ring bob");
    bob.hear("3: remoteInvitationReceived from alice");
    alice.say("cancel");
    bob.hear("3: remoteInvitationCanceled");
    alice.hear("3: localInvitationCanceled");

    alice.say("quit");
    alice.hear("Disconnected (Logout)");
    assert!(alice.finish().success());
    assert!(
        bob.finish().success(),
        "the end of the input is the end of the session"
    );
}

#[test]
fn two_invitations_at_once_are_told_apart_by_number() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, mut bob) = people(&url);
    alice.say("ring bob first");
    bob.hear("1: remoteInvitationReceived from alice: first");
    alice.say("ring bob second");
    bob.hear("2: remoteInvitationReceived from alice: second");
    bob.say("accept 1 yes");
    alice.hear("1: localInvitationAccepted yes");
    bob.say("list");
    bob.hear("2: from alice, InvitationReceived");
    bob.say("refuse 2 no");
    alice.hear("2: localInvitationRefused no");
}

#[test]
fn nobody_there_is_told_within_the_time_of_a_log_in() {
    let output = run(&["call", "--as", "alice", "--target", "ws://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("ws://127.0.0.1:9"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_number_that_nothing_has_means_nothing_and_not_the_newest() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, mut bob) = people(&url);
    alice.say("ring bob still there?");
    bob.hear("1: remoteInvitationReceived");
    alice.hear("1: localInvitationReceivedByPeer");
    alice.say("cancel 99");
    bob.say("accept 99 yes");
    alice.say("list");
    alice.hear("1: to bob, ReceivedByRemote");
    bob.say("accept 1 yes");
    alice.hear("1: localInvitationAccepted yes");
}

#[test]
fn a_peer_cannot_paint_on_the_terminal() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, mut bob) = people(&url);
    alice.say("ring bob \u{1b}[31mred\u{7}");
    let line = bob.hear("1: remoteInvitationReceived from alice");
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(line.contains("\\u{1b}[31mred\\u{7}"), "{line:?}");
}

#[test]
fn a_line_that_is_no_text_ends_no_session() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, mut bob) = people(&url);
    alice.say_bytes(b"ring b\xffb\n");
    alice.complains("not UTF-8");
    alice.say("ring bob Still there?");
    bob.hear("1: remoteInvitationReceived from alice: Still there?");
}

#[test]
fn logging_in_twice_says_so() {
    let (_server, url) = Running::server(&[]);
    let (mut alice, _bob) = people(&url);
    alice.say("login");
    alice.complains("you are logged in");
}
