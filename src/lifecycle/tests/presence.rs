//! Users with several log-ins: what an earlier one was owed, and when it counts as there.

use super::super::tales::history_of;
use super::super::{FindingKind, judge};

fn violations(recipe: &str) -> Vec<String> {
    let judged = judge(&history_of(recipe).expect("a recipe"));
    let broken = |finding: &&super::super::Finding| finding.kind == FindingKind::Violation;
    let found = judged.findings.iter().filter(broken);
    found.map(ToString::to_string).collect()
}

#[test]
fn a_device_that_was_away_until_it_was_shut_out_is_owed_nothing() {
    let found = violations(
        "
        0     alice Connected
        0     bob Connected
        1000  alice Reconnecting
        2000  alice create c peer=bob => 0
        2000  alice send c => 0
        20000 alice#2 Connected
        90000 alice#1 Aborted
    ",
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_log_in_of_long_ago_is_over_whoever_is_there_now() {
    let found = violations(
        "
        0      alice Connected
        0      bob Connected
        100    alice create c peer=bob => 0
        100    alice send c => 0
        110    bob remoteReceived c peer=alice
        115    alice#1 Disconnected Logout
        1000   alice#2 Connected
        1100   alice#2 Disconnected Logout
        2000   alice#3 Connected
        2100   alice#3 Disconnected Logout
        3000   alice#4 Connected
        3100   alice#4 Disconnected Logout
        4000   alice#5 Connected
        60110  bob remoteFailure c code=3
        150000 bob create d peer=alice => 0
    ",
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_lost_log_in_is_not_there_once_a_later_one_has_left() {
    let found = violations(
        "
        0    alice Connected
        0    bob Connected
        100  alice create c peer=bob => 0
        100  alice send c => 0
        110  bob remoteReceived c peer=alice
        120  alice localReceivedByPeer c
        1000 alice#1 Reconnecting
        2000 alice#2 Connected
        3000 alice#2 Disconnected Logout
        4000 bob accept c => 0
        9000 bob remoteFailure c code=1
    ",
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn whoever_leaves_while_away_counts_as_there_for_the_grace() {
    let found = violations(
        "
        0     alice Connected
        100   alice create c peer=bob => 0
        100   alice send c => 0
        10000 alice Reconnecting
        15000 alice Disconnected Logout
        18000 bob Connecting
        18010 bob Connected
        18020 bob remoteReceived c peer=alice
        22000 bob accept c => 0
        27000 bob remoteFailure c code=2
    ",
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_log_out_that_crosses_with_the_send_leaves_either_failure_right() {
    for code in [1, 2] {
        let found = violations(&format!(
            "
            0     alice Connected
            0     bob Connected
            1000  alice create c peer=bob => 0
            1000  alice send c => 0
            1000  bob Disconnected Logout
            31002 alice localFailure c code={code}
        "
        ));
        assert_eq!(found, [""; 0]);
    }
}
