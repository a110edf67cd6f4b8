//! Files that read well, and what in them can never be.

use std::path::Path;

use super::{drawn_of, with_steps};
use crate::scenario::lint::lint;
use crate::scenario::{lint_covers, load, render};

/// What the lint says of a text as if it stood in a file of the folder of scenarios, drawn.
fn linted(text: &str) -> String {
    let file = Path::new("scenarios/test.yaml");
    let cases = match load(file, text) {
        Ok(cases) => cases,
        Err(problems) => panic!("{}", drawn_of(text, &problems)),
    };
    let mut problems = lint_covers(&cases, text);
    problems.extend(cases.iter().flat_map(|case| lint(case, text)));
    render(text, &problems, false)
}

const SENT: &str = "  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n";
const RINGING: &str = "  - bob: { expect: remoteInvitationReceived, of: call }\n  - alice: { expect: localInvitationReceivedByPeer, of: call }\n";
const CANCELED: &str = "  - alice: { cancel: call }\n  - bob: { expect: remoteInvitationCanceled, of: call }\n  - alice: { expect: localInvitationCanceled, of: call }\n";

/// What is said of steps after the call was sent, for users of whom carol comes later.
fn after_send(steps: &str) -> String {
    let text = with_steps(&format!("{SENT}{steps}"));
    let text = text.replace(
        "users: [alice, bob]",
        "users: [alice, bob, carol]\noffline: [carol]",
    );
    linted(&text.replace("[ACC-1]", "[SEND-1]"))
}

/// One test per kind of finding; its picture is in `snapshots/`.
macro_rules! findings {
    ($($name:ident: $told:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!($told);
        })*
    };
}

findings! {
    a_clock_must_be_started: after_send(
        "  - bob: { expect: remoteInvitationFailure, of: call, at: accept_ack }\n  - alice: { create: other, callee: carol }\n  - alice: { send: other }\n  \
           - alice: { expect: localInvitationFailure, of: other, at: expiry }\n  - alice: { expect: localInvitationCanceled, of: call, at: cancel_bound }\n  \
           - alice: { expect: localInvitationFailure, of: call, at: presence_grace }\n"
    );
    a_session_must_be_there: after_send(
        &format!("{RINGING}  - alice: reconnect\n  - alice: drop\n  - alice: drop\n  - alice: interrupt\n  - alice: reconnect\n  - carol: logout\n  \
           - carol: {{ connection: Connected }}\n  - carol: login\n  - carol: {{ connection: Connected }}\n  \
           - bob: {{ release: sent }}\n  - bob: {{ hold: heard }}\n  - bob: {{ release: heard }}\n  - bob: {{ mend: sent }}\n{CANCELED}")
    );
    nothing_follows_an_end: after_send(
        &format!("{RINGING}{CANCELED}  - alice: {{ expect: localInvitationFailure, of: call }}\n  - bob: {{ expect: remoteInvitationReceived, of: call }}\n  \
           - alice: {{ cancel: call }}\n  - alice: {{ send: call, result: AlreadySent }}\n  - bob: {{ accept: call }}\n  - bob: {{ refuse: call, result: [Ok, AlreadyEnd] }}\n")
    );
    nothing_comes_of_what_nobody_does: after_send(
        &format!("{RINGING}  - alice: {{ expect: localInvitationAccepted, of: call }}\n  - bob: {{ expect: [remoteInvitationRefused, remoteInvitationCanceled], of: call }}\n  \
           - alice: {{ create: other, callee: bob }}\n  - bob: {{ expect: remoteInvitationReceived, of: other }}\n  - alice: {{ cancel: other }}\n  \
           - alice: {{ send: other, result: AlreadySent }}\n  - carol: {{ accept: call }}\n  - alice: {{ send: call, result: Ok }}\n")
    );
    who_is_away_hears_nothing: after_send(
        &format!("{RINGING}{CANCELED}  - bob: logout\n  - alice: {{ create: other, callee: bob }}\n  - alice: {{ send: other }}\n  \
           - bob: {{ expect: remoteInvitationReceived, of: other }}\n  - alice: {{ expect: localInvitationReceivedByPeer, of: other }}\n  \
           - bob: {{ accept: other }}\n  - alice: {{ expect: localInvitationFailure, of: other, code: RemoteOffline, at: offline_window }}\n  \
           - carol: {{ create: back, callee: alice }}\n  - carol: {{ send: back }}\n  - carol: {{ expect: localInvitationReceivedByPeer, of: back }}\n  \
           - carol: {{ expect: localInvitationFailure, of: back, code: NotLoggedIn }}\n")
    );
    a_window_must_be_long_enough: after_send(
        &format!("{RINGING}  - alice: {{ expect: localInvitationFailure, of: call, code: Expire }}\n  \
           - alice: {{ create: other, callee: bob }}\n  - alice: {{ send: other }}\n  - bob: {{ expect: remoteInvitationReceived, of: other }}\n  \
           - alice: {{ expect: localInvitationFailure, of: other, code: Expire, at: 0.5 * expiry }}\n  \
           - alice: {{ create: third, callee: bob }}\n  - alice: {{ send: third }}\n  - bob: {{ accept: third }}\n  \
           - bob: {{ expect: remoteInvitationFailure, of: third, code: AcceptFailure, within: 0.5 * accept_ack }}\n  \
           - wait: expiry\n  - alice: {{ expect: localInvitationFailure, of: third, code: Expire }}\n")
    );
    a_silence_must_be_short_enough: after_send(
        &format!("{RINGING}  - alice: {{ never: [localInvitationFailure, localInvitationAccepted], of: call, for: 1.9 * expiry }}\n  - bob: {{ never: any, for: 1m }}\n{CANCELED}")
    );
    what_is_sent_must_end: after_send(
        &format!("{RINGING}  - alice: {{ create: other, callee: bob }}\n  - alice: {{ send: other }}\n  - alice: {{ cancel: other }}\n  - alice: {{ expect: localInvitationCanceled, of: other }}\n")
    );
    what_ends_in_every_outcome_has_ended: after_send(
        &format!("{RINGING}  - race:\n      steps: [{{ bob: {{ accept: call }} }}, {{ alice: {{ cancel: call, result: [Ok, AlreadyEnd] }} }}]\n      outcomes:\n        \
               accept:\n          - alice: {{ expect: localInvitationAccepted, of: call }}\n          - bob: {{ expect: remoteInvitationAccepted, of: call }}\n        \
               cancel:\n          - alice: {{ expect: localInvitationCanceled, of: call }}\n          - bob: {{ expect: remoteInvitationCanceled, of: call }}\n  \
           - bob: {{ refuse: call }}\n  - bob: {{ accept: call, result: AlreadyAccept }}\n")
    );
    findings_in_included_steps_stand_in_their_file: linted(
        &with_steps("  - include: ../tests/planted/steps/never.steps.yaml\n  - alice: { cancel: call }\n  - alice: { expect: localInvitationCanceled, of: call }\n  - bob: reconnect\n")
            .replace("[ACC-1]", "[SEND-1]")
    );
    a_requirement_needs_its_steps: linted(
        &with_steps(&format!("{SENT}{RINGING}{CANCELED}"))
            .replace("[ACC-1]", "[SEND-1, SEND-3, SEND-6, SEND-8, ACC-1, CAN-1, CAN-4, REF-2, FAIL-1, FAIL-4, FAIL-5, API-1, API-16, SES-1, SES-2, SES-4, LIM-1, LIM-2, LIM-3, OBJ-6, AGR-3, AGR-6]")
    );
}

#[test]
fn a_requirement_that_one_row_exercises_is_covered() {
    let text = "scenario: Test\ncovers: [ACC-1, REF-1]\nusers: [alice, bob]\nrows:\n  - { case: one, answer: accept, end: Accepted }\n  - { case: two, answer: refuse, end: Refused }\nsteps:\n  \
        - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob: { expect: remoteInvitationReceived, of: call }\n  \
        - bob: { \"${answer}\": call }\n  - bob: { expect: \"remoteInvitation${end}\", of: call }\n  - alice: { expect: \"localInvitation${end}\", of: call }\n";
    assert_eq!(linted(text), "");
}
