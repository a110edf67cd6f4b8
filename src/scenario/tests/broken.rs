//! Broken files and the exact words about them.

use super::{drawn, read, with_steps};
use crate::scenario::render;

/// One test per broken file; its picture is in `snapshots/`.
macro_rules! broken {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(drawn(&$text));
        })*
    };
}

const CREATED: &str = "  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n";

fn after_send(steps: &str) -> String {
    with_steps(&format!("{CREATED}{steps}"))
}

broken! {
    an_empty_file_is_no_scenario: "";
    a_text_is_no_scenario: "just words";
    broken_yaml_is_told_at_its_place: "scenario: Test\nusers: [alice, bob\nsteps:\n  - alice: login\n";
    a_tab_for_indentation_is_told_at_its_place: "scenario: Test\nsteps:\n\t- alice: login\n";
    a_control_character_is_told_at_its_place: "scenario: Te\u{1}st\n";
    an_alias_without_an_anchor_is_told_at_its_place: "scenario: Test\ncovers: *none\n";
    a_second_document_is_refused: "scenario: One\n---\nscenario: Two\n";
    a_direction_is_one_of_two: after_send("  - alice: { hold: send }\n  - alice: { release: [sent] }\n  - alice: { hold: sent, for: 1s }\n");
    a_tag_is_refused: with_steps("  - alice: !now login\n  - alice: { connection: Connected }\n");
    a_directive_is_refused: "%YAML 1.2\n---\nscenario: One\n";
    every_missing_key_of_the_head_is_told: "tags: [fast]\n";
    empty_parts_of_the_head_are_told: "scenario: \"\"\ncovers: []\nusers: []\nsteps: []\n";
    keys_without_values_are_told: "scenario:\ncovers:\nusers:\nsteps:\n";
    wrong_shapes_of_the_head_are_told:
        "scenario: [a]\ncovers: ACC-1\ntags: { a: b }\nusers: alice\noffline: bob\nsteps: { alice: login }\n";
    misspelt_keys_of_the_head_get_the_nearest:
        "scenaro: Test\ncover: [ACC-1]\nusers: [alice]\nstep:\n  - alice: login\n";
    a_repeated_key_is_told_with_the_first:
        "scenario: Test\ncovers: [ACC-1]\ncovers: [ACC-2]\nusers: [alice]\nsteps:\n  - alice: { connection: Connected, connection: Aborted }\n";
    unknown_requirements_get_the_nearest:
        "scenario: Test\ncovers: [ACC-11, ACK-2, acc-3, ACC-1, ACC-1, ring]\nusers: [alice]\nsteps:\n  - alice: { connection: Connected }\n";
    an_undeclared_user_is_told_with_the_declaration: after_send(
        "  - carol: { expect: remoteInvitationReceived, of: call }\n  - bbo: { accept: call }\n"
    );
    an_undeclared_callee_is_told: with_steps(
        "  - alice: { create: call, callee: carol }\n  - alice: { send: call, result: Ok }\n"
    );
    bad_declarations_of_users_are_told: "scenario: Test\ncovers: [ACC-1]\n\
        users: [alice, alice, wait, b-b, [c], { d: 1 }, { e: { byte: 3 } }, { f: { bytes: many } }, { g: {}, h: {} }, null]\n\
        offline: [zoe]\nsteps:\n  - alice: { connection: Connected }\n";
    devices_must_lead_to_a_user: "scenario: Test\ncovers: [ACC-1]\nusers:\n  - alice\n  - a: { same_as: a }\n  \
        - b: { same_as: c }\n  - c: { same_as: alice, bytes: 64 }\n  - d: { same_as: nobody }\noffline: [a, b, c, d]\n\
        steps:\n  - alice: { connection: Connected }\n";
    two_devices_cannot_both_be_logged_in: "scenario: Test\ncovers: [SES-1]\nusers: [bob, { phone: { same_as: bob } }]\n\
        steps:\n  - bob: { connection: Connected }\n";
    unknown_verbs_get_the_nearest: after_send(
        "  - bob: { acept: call }\n  - bob: { within: 1s }\n  - bob: { save: { content: words }, of: call }\n  - bob: {}\n  - bob: log_in\n  - bob: accept\n  - bob: { login: now }\n  - bob:\n  - bob: [login]\n"
    );
    unknown_callbacks_get_the_nearest: after_send(
        "  - bob: { expect: remoteInvitationRecieved, of: call }\n  - bob: { expect: [remoteInvitationReceived, ringing], of: call }\n  - bob: { expect: [], of: call }\n"
    );
    unknown_results_get_the_nearest: after_send(
        "  - alice: { send: call, result: AlreadySend }\n  - alice: { send: call, result: [Ok, 5] }\n  - alice: { send: call, result: [Ok, Ok] }\n"
    );
    failure_codes_belong_to_a_side: after_send(
        "  - alice: { expect: localInvitationFailure, of: call, code: LocalOffline }\n  \
           - alice: { expect: localInvitationFailure, of: call, code: RemoteOfline }\n  \
           - bob: { expect: remoteInvitationFailure, of: call, code: NotLoggedIn }\n"
    );
    unknown_connection_states_get_the_nearest: with_steps(
        "  - alice: { connection: conected, reason: LogInSuccess }\n  - bob: { connection: [Connected] }\n"
    );
    a_label_must_be_created_first: with_steps(
        "  - alice: { send: call }\n  - alice: { create: call, callee: bob }\n  - alice: { cancel: cal, result: Ok }\n"
    );
    a_label_is_created_once_and_used: with_steps(
        "  - alice: { create: call, callee: bob }\n  - bob: { create: call, callee: alice }\n  - bob: { create: other, callee: alice }\n  - alice: { send: call, result: Ok }\n"
    );
    a_label_of_the_same_together_is_too_early: with_steps(
        "  - together:\n    - alice: { create: call, callee: bob }\n    - alice: { send: call, result: Ok }\n"
    );
    only_the_caller_sends_cancels_and_writes: with_steps(
        "  - alice: { create: call, callee: bob }\n  - bob: { send: call, result: Ok }\n  - bob: { cancel: call }\n  - bob: { write: call, content: x }\n"
    );
    callbacks_come_to_their_side: after_send(
        "  - alice: { expect: remoteInvitationAccepted, of: call }\n  - bob: { expect: localInvitationAccepted, of: call }\n  - bob: { allow: [remoteInvitationCanceled, localInvitationCanceled], of: call }\n"
    );
    nobody_hears_of_an_invitation_to_a_written_id: with_steps(
        "  - alice: { create: call, callee_id: \"null\" }\n  - alice: { send: call }\n  - bob: { expect: remoteInvitationReceived, of: call }\n"
    );
    times_have_units_and_clocks: after_send(
        "  - wait: 3\n  - wait: 1h\n  - wait: 1 s\n  - wait: soon\n  - wait: 0ms\n  - wait: -1s\n  - wait: 1.2.3s\n  - wait: 9999999999999999999999m\n  \
           - wait: 0 * expiry\n  - wait: -2 * expiry\n  - wait: expiry * 2\n  - wait: 2 * expire\n  - wait: 2 *\n  - wait: [1s]\n  - wait: expirey\n"
    );
    windows_must_agree_with_themselves: after_send(
        "  - bob: { expect: remoteInvitationReceived, of: call, within: 1s, at: expiry }\n  \
           - bob: { expect: remoteInvitationReceived, of: call, late: 1s, early: 1 }\n  \
           - bob: { expect: remoteInvitationReceived, of: call, at: 5s }\n"
    );
    options_belong_to_their_verb: after_send(
        "  - alice: { cancel: call, response: no }\n  - bob: { expect: remoteInvitationAccepted, of: call, content: x, code: Expire }\n  \
           - bob: { accept: call, respons: x, colour: red }\n  - alice: { expect: [localInvitationAccepted, localInvitationCanceled], of: call, response: x }\n"
    );
    options_that_are_needed_are_told: with_steps(
        "  - alice: { create: call }\n  - alice: { write: call }\n  - alice: { expect: localInvitationAccepted }\n  - alice: { never: any }\n  - bob: { allow: remoteInvitationCanceled }\n"
    );
    a_callee_is_named_one_way: with_steps(
        "  - alice: { create: call, callee: bob, callee_id: bob }\n  - alice: { send: call, result: Ok }\n"
    );
    a_scenario_demands_something: after_send("  - bob: { accept: call }\n  - wait: 1s\n");
    operators_take_their_own_steps: after_send(
        "  - any_order:\n    - bob: { accept: call }\n    - bob: login\n    - wait: 1s\n  - together:\n    - alice: { expect: localInvitationAccepted, of: call }\n    \
           - together: [{ bob: login }]\n  - any_order: []\n  - together: bob\n"
    );
    a_step_has_one_key_and_one_verb: after_send(
        "  - alice:\n    send: call\n  - alice: login\n    bob: login\n  - bob: { accept: call, refuse: call }\n  - login\n  - {}\n  - [a]\n  - [a, b]: c\n"
    );
    texts_have_bounds_and_shapes: with_steps(
        "  - alice: { create: call, callee: bob, content: { repeat: x, times: 9999999 }, channel: [a] }\n  - alice: { write: call, content: { repeat: xxx, times: 1000000 } }\n  \
           - alice: { write: call, content: { repeat: [], time: 2 }, channel: }\n  - alice: { send: call, result: Ok }\n"
    );
    a_race_has_steps_and_outcomes: after_send(
        "  - race: [alice]\n  - race: { steps: [{ alice: { cancel: call } }], apart: 20ms..10ms, outcome: {} }\n  \
           - race: { steps: [{ alice: login }, { wait: 1s }], outcomes: { only: [{ alice: logout }] } }\n"
    );
    outcomes_of_a_race_must_be_possible: after_send(
        "  - race:\n      steps:\n        - alice: { cancel: call }\n        - bob: { accept: call }\n      outcomes:\n        \
           torn:\n          - alice: { expect: localInvitationCanceled, of: call }\n          - bob: { expect: remoteInvitationAccepted, of: call }\n        \
           swapped:\n          - alice: { expect: remoteInvitationCanceled, of: call }\n        \
           once:\n          - alice: { expect: localInvitationAccepted, of: call }\n        \
           again:\n          - alice: { expect: localInvitationAccepted, of: call }\n"
    );
    rows_have_one_shape_and_are_used: "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  - { case: one, answer: accept, extra: x }\n  - { case: one, anser: refuse, extra: x }\n  - { answer: accept }\n  - just words\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob: { \"${answer}\": call }\n";
    a_problem_in_a_cell_is_told_at_the_cell: "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  - { case: one, answer: accept }\n  - { case: two, answer: acept }\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call, result: Ok }\n  - bob: { \"${answer}\": call }\n";
    names_in_texts_must_be_given: after_send(
        "  - bob: { accept: call, response: \"so ${word}\", result: \"${result}\" }\n  - bob: { accept: call, response: \"${word\" }\n  - repeat: { times: 2, index: n, steps: [{ alice: { cancel: call, result: \"${m}\" } }] }\n"
    );
    repeats_have_bounds: after_send(
        "  - repeat: 3\n  - repeat: { times: 0, steps: [] }\n  - repeat: { time: 2 }\n  - together:\n    - repeat: { times: 2, apart: 1s, steps: [{ bob: { accept: call } }] }\n"
    );
    too_many_repeats_are_refused: after_send(
        "  - repeat: { times: 1000, steps: [{ repeat: { times: 1000, steps: [{ bob: { accept: call } }] } }] }\n"
    );
    what_cannot_be_included_is_told: after_send(
        "  - include: [a]\n  - include: ringing.yaml\n  - include: nowhere.steps.yaml\n  - include: ../tests/planted/steps/circle.steps.yaml\n  - include: ../tests/planted/steps/wrong.steps.yaml\n  - include: ../tests/planted/steps/no-list.steps.yaml\n"
    );
    raw_steps_name_frames_ways_and_bytes: after_send(
        "  - bob: { lose: sent, frames: [local_accepted, acept] }\n  - bob: { delay: herd }\n  - bob: { raw: { binary: \"0 ff\" }, error: malformed, close: 1003 }\n  \
           - bob: { raw: { bytes: \"00\" }, close: 7 }\n  - bob: { raw: { repeat: x, times: 200000 } }\n  - together: [{ bob: { mend: sent } }]\n"
    );
    too_deep_nesting_is_refused: format!("scenario: {}{}\n", "[".repeat(70), "]".repeat(70));
}

#[test]
fn a_big_file_is_refused_unread() {
    let text = "#".repeat(2 * 1024 * 1024);
    insta::assert_snapshot!(drawn(&text));
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let text = with_steps(
        "  - alic: { create: call, callee: bob }\n  - alice: { sned: call }\n  - bob: { expect: remoteInvitationReceived, of: cal, within: 1 }\n",
    );
    let problems = read(&text).expect_err("the file should have problems");
    let places: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code, problem.line, problem.column))
        .collect();
    let expected = [
        ("S003", 5, 5),
        ("S009", 6, 14),
        ("S015", 7, 50),
        ("S014", 7, 63),
    ];
    assert_eq!(places, expected);
}

#[test]
fn problems_beyond_the_hundredth_are_counted() {
    let text = with_steps(&"  - wait: 1\n".repeat(120));
    let problems = read(&text).expect_err("the file should have problems");
    // One of them is that nothing is demanded.
    assert_eq!(problems.len(), 121);
    let drawn = render(&text, &problems, false);
    assert_eq!(drawn.matches("error[S").count(), 100);
    assert!(
        drawn.ends_with("error: 21 more problems are not shown\n"),
        "{drawn}"
    );
}

#[test]
fn colours_are_only_added_on_demand() {
    let text = "scenario: Test\n";
    let problems = read(text).expect_err("the file should have problems");
    let plain = render(text, &problems, false);
    let styled = render(text, &problems, true);
    assert!(!plain.contains('\u{1b}'));
    assert!(styled.contains('\u{1b}'));
}
