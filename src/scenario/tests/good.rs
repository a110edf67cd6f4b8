//! Good files and the plans they become.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{read, read_cases, with_steps};
use crate::history::{Call, CallCode, Callback, ConnectionReason, ConnectionState, FailureCode};
use crate::scenario::plan::{
    Act, Callee, CodeDemand, Expect, Moment, Pause, Scenario, SessionChange, Span, Text, Texts,
    Timer, Way, Window,
};
use crate::scenario::{NotFound, find, lint};

fn load(text: &str) -> Scenario {
    match read(text) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{}", crate::scenario::render(text, &problems, false)),
    }
}

fn cases(text: &str) -> Vec<Scenario> {
    match read_cases(text) {
        Ok(cases) => cases,
        Err(problems) => panic!("{}", crate::scenario::render(text, &problems, false)),
    }
}

fn written(text: Option<&Text>) -> Option<&str> {
    text.and_then(Text::written)
}

fn acts(text: &str) -> Vec<Act> {
    load(text).steps.into_iter().map(|step| step.act).collect()
}

#[test]
fn the_examples_of_the_language_page_load_and_pass_the_lint() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/README.md");
    let page = fs::read_to_string(page).expect("the language has a page");
    let examples: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        if example.starts_with("# fragment") {
            continue;
        }
        for case in cases(example) {
            assert_eq!(lint::lint(&case, example), []);
        }
    }
}

#[test]
fn a_whole_file_becomes_the_plan_it_describes() {
    let text = "scenario: Callee accepts\ncovers: [ACC-1, ACC-2]\ntags: [quick]\nusers: [alice, { bob: { bytes: 64 } }, { phone: { same_as: bob } }]\noffline: [phone]\nsteps:\n  \
        - alice: { create: call, callee: bob, content: \"Shall we?\", channel: room-7 }\n  - alice: { send: call, result: [Ok, AlreadySent] }\n  \
        - phone: { expect: remoteInvitationReceived, of: call, content: \"Shall we?\", channel: room-7, within: 0.5 * expiry }\n";
    let scenario = load(text);
    assert_eq!(scenario.file, Path::new("scenarios/test.yaml"));
    assert_eq!(scenario.name, "Callee accepts");
    assert_eq!(scenario.covers, ["ACC-1", "ACC-2"]);
    assert_eq!(scenario.tags, ["quick"]);
    let users: Vec<_> = scenario
        .users
        .iter()
        .map(|user| (user.name.as_str(), user.same_as, user.bytes, user.online))
        .collect();
    let expected = [
        ("alice", None, None, true),
        ("bob", None, Some(64), true),
        ("phone", Some(1), None, false),
    ];
    assert_eq!(users, expected);
    assert_eq!(scenario.invitations.len(), 1);
    assert_eq!(scenario.invitations[0].label, "call");
    assert_eq!(scenario.invitations[0].caller, 0);
    assert_eq!(scenario.invitations[0].callee, Callee::User(1));
    let places: Vec<_> = scenario.steps.iter().map(|s| (s.line, s.column)).collect();
    assert_eq!(places, [(7, 5), (8, 5), (9, 5)]);
    let create = Act::Call {
        user: 0,
        call: Call::Create,
        invitation: 0,
        texts: Texts {
            content: Some("Shall we?".into()),
            channel: Some("room-7".into()),
        },
        results: vec![],
    };
    let send = Act::Call {
        user: 0,
        call: Call::Send,
        invitation: 0,
        texts: Texts::default(),
        results: vec![CallCode::OK, CallCode::ALREADY_SENT],
    };
    let expect = Act::Expect(Expect {
        user: 2,
        callbacks: vec![Callback::RemoteReceived],
        invitation: 0,
        content: Some("Shall we?".into()),
        channel: Some("room-7".into()),
        response: None,
        code: None,
        saves: Vec::new(),
        window: Window::Within(Span::Of(Moment {
            timer: Timer::Expiry,
            factor: 0.5,
        })),
    });
    let acts: Vec<Act> = scenario.steps.into_iter().map(|step| step.act).collect();
    assert_eq!(acts, [create, send, expect]);
}

#[test]
fn a_direction_of_a_connection_is_held_and_released() {
    let text = with_steps(
        "  - bob: { hold: sent }\n  - bob: { release: sent }\n  - bob: { hold: heard }\n  - bob: { connection: Connected }\n",
    );
    let session = |change| Act::Session { user: 1, change };
    assert_eq!(
        acts(&text)[..3],
        [
            session(SessionChange::Hold(Way::Sent)),
            session(SessionChange::Release(Way::Sent)),
            session(SessionChange::Hold(Way::Heard)),
        ]
    );
}

#[test]
fn every_kind_of_step_has_its_place_in_the_plan() {
    let text = with_steps(
        "  - alice: { create: call, callee_id: \"\" }\n  - alice: { write: call, content: { repeat: \"ab\", times: 3 } }\n  - bob: logout\n  - bob: login\n  - bob: drop\n  - bob: reconnect\n  - bob: interrupt\n  \
           - bob: { connection: Reconnecting, reason: Interrupted, within: 250ms }\n  - bob: { never: any, for: 1m }\n  - bob: { never: [remoteInvitationReceived], of: call, for: no_ack }\n  \
           - alice: { allow: localInvitationFailure, of: call }\n  - wait: 1.5s\n  - together:\n    - alice: { send: call, result: InvalidArgument }\n    - bob: logout\n  \
           - any_order:\n    - alice: { expect: localInvitationFailure, of: call, code: NotLoggedIn, at: 2 * no_ack, early: 0s, late: 1s }\n",
    );
    let acts = acts(&text);
    let session = |change| Act::Session { user: 1, change };
    assert_eq!(
        acts[2..7],
        [
            session(SessionChange::Logout),
            session(SessionChange::Login),
            session(SessionChange::Drop),
            session(SessionChange::Reconnect),
            session(SessionChange::Interrupt),
        ]
    );
    assert!(
        matches!(&acts[1], Act::Write { texts, .. } if written(texts.content.as_ref()) == Some("ababab"))
    );
    assert_eq!(
        acts[7],
        Act::Connection {
            user: 1,
            state: ConnectionState::Reconnecting,
            reason: Some(ConnectionReason::Interrupted),
            within: Span::Fixed(Duration::from_millis(250)),
        }
    );
    assert!(
        matches!(&acts[8], Act::Never { callbacks, invitation: None, span: Span::Fixed(span), .. }
        if callbacks.is_empty() && *span == Duration::from_secs(60))
    );
    assert!(
        matches!(&acts[9], Act::Never { callbacks, invitation: Some(0), .. }
        if *callbacks == [Callback::RemoteReceived])
    );
    assert!(matches!(&acts[10], Act::Allow { invitation: 0, .. }));
    let span = Span::Fixed(Duration::from_millis(1500));
    assert_eq!(
        acts[11],
        Act::Wait(Pause {
            least: span,
            most: span
        })
    );
    assert!(matches!(&acts[12], Act::Together(steps) if steps.len() == 2));
    let Act::AnyOrder(steps) = &acts[13] else {
        panic!("expected any_order, found {:?}", acts[13]);
    };
    let Act::Expect(expect) = &steps[0].act else {
        panic!("expected an expectation, found {:?}", steps[0].act);
    };
    assert_eq!(
        expect.code,
        Some(CodeDemand::Is(FailureCode::NOT_LOGGED_IN))
    );
    let window = Window::At {
        moment: Moment {
            timer: Timer::NoAck,
            factor: 2.0,
        },
        early: Some(Span::Fixed(Duration::ZERO)),
        late: Some(Span::Fixed(Duration::from_secs(1))),
    };
    assert_eq!(expect.window, window);
}

#[test]
fn words_that_older_yaml_takes_for_booleans_and_numbers_are_names() {
    let text = "scenario: yes\ncovers: [ACC-1]\nusers: [no, on, true, 12]\nsteps:\n  - no: { create: y, callee: on, content: 0x10, channel: 1e3 }\n  - no: { send: y, result: Ok }\n  - true: login\n  - 12: login\n";
    let scenario = load(text);
    let names: Vec<_> = scenario.users.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(scenario.name, "yes");
    assert_eq!(names, ["no", "on", "true", "12"]);
    let Act::Call { texts, .. } = &scenario.steps[0].act else {
        panic!("expected a create, found {:?}", scenario.steps[0].act);
    };
    assert_eq!(written(texts.content.as_ref()), Some("0x10"));
    assert_eq!(written(texts.channel.as_ref()), Some("1e3"));
    assert!(matches!(
        &scenario.steps[3].act,
        Act::Session { user: 3, .. }
    ));
}

#[test]
fn strangers_may_accept_and_watch_but_need_not_be_told() {
    let text = "scenario: Test\ncovers: [API-15]\nusers: [alice, bob, carol]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  \
        - carol: { accept: call, result: NotStarted }\n  - alice: { refuse: call, result: NotStarted }\n  - carol: { never: remoteInvitationReceived, of: call, for: 100ms }\n";
    assert_eq!(load(text).steps.len(), 5);
}

#[test]
fn who_invites_oneself_is_both_sides() {
    let text = with_steps(
        "  - alice: { create: call, callee: alice }\n  - alice: { send: call }\n  - alice: { expect: remoteInvitationReceived, of: call }\n  \
           - alice: { expect: localInvitationReceivedByPeer, of: call }\n  - alice: { expect: [localInvitationFailure, remoteInvitationFailure], of: call, code: Expire }\n",
    );
    assert_eq!(load(&text).steps.len(), 5);
}

#[test]
fn aliases_and_windows_line_ends_are_read() {
    let text = "scenario: Test\r\ncovers: [ACC-1]\r\nusers: [alice]\r\nsteps:\r\n  - alice: &up { connection: Connected }\r\n  - alice: *up\r\n";
    let scenario = load(text);
    assert_eq!(scenario.steps[0].act, scenario.steps[1].act);
    let places: Vec<_> = scenario.steps.iter().map(|s| (s.line, s.column)).collect();
    assert_eq!(places, [(5, 5), (6, 5)]);
}

#[test]
fn files_are_found_in_folders_sorted_and_each_once() {
    let folder = std::env::temp_dir().join(format!("ringcheck-find-{}", std::process::id()));
    let inner = folder.join("b");
    fs::create_dir_all(&inner).expect("a folder for the test");
    for name in ["z.yaml", "a.yml", "README.md", "b/c.yaml"] {
        fs::write(folder.join(name), "").expect("a file for the test");
    }
    let paths = [folder.clone(), folder.join("a.yml")];
    let found = find(&paths).expect("the folder is there");
    let missing = find(&[folder.join("none.yaml")]);
    fs::remove_dir_all(&folder).expect("the folder can go");
    let expected: Vec<PathBuf> = ["a.yml", "b/c.yaml", "z.yaml"]
        .iter()
        .map(|name| folder.join(name))
        .collect();
    assert_eq!(found, expected);
    assert!(matches!(missing, Err(NotFound::Missing { path }) if path.ends_with("none.yaml")));
}

#[test]
fn a_race_has_steps_and_joint_outcomes_by_name() {
    let acts = acts(&with_steps(
        "  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  \
           - bob: { expect: remoteInvitationReceived, of: call }\n  - race:\n      steps:\n        \
           - alice: { cancel: call }\n        - bob: { refuse: call }\n      apart: 0ms..0.5 * accept_ack\n      \
           outcomes:\n        canceled:\n          - alice: { expect: localInvitationCanceled, of: call }\n          \
           - bob: { expect: remoteInvitationCanceled, of: call }\n        refused:\n          \
           - alice: { expect: localInvitationRefused, of: call }\n          - bob: { expect: remoteInvitationRefused, of: call }\n",
    ));
    let Act::Race(race) = &acts[3] else {
        panic!("expected a race, found {:?}", acts[3]);
    };
    assert_eq!(race.steps.len(), 2);
    let half = Span::Of(Moment {
        timer: Timer::AcceptAck,
        factor: 0.5,
    });
    let pause = Pause {
        least: Span::Fixed(Duration::ZERO),
        most: half,
    };
    assert_eq!(race.apart, Some(pause));
    let names: Vec<&str> = race.outcomes.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, ["canceled", "refused"]);
}

#[test]
fn a_row_becomes_a_case_with_its_values_filled_in() {
    let text = "scenario: An answer\ncovers: [\"${requirement}\"]\nusers: [alice, bob]\nrows:\n  \
        - { case: yes, answer: accept, word: Ok, requirement: ACC-1, results: [Ok, AlreadyEnd], long: { repeat: x, times: 3 } }\n  \
        - { case: no, answer: refuse, word: Sorry, requirement: REF-1, results: Ok, long: \"\" }\nsteps:\n  \
        - alice: { create: call, callee: bob, content: \"${long}\" }\n  - alice: { send: call }\n  \
        - bob: { \"${answer}\": call, response: \"${word}, $${word} $$${word} $$$${word}\", result: \"${results}\" }\n";
    let cases = cases(text);
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["An answer (yes)", "An answer (no)"]);
    let covers: Vec<&[String]> = cases.iter().map(|case| &*case.covers).collect();
    assert_eq!(covers, [["ACC-1"], ["REF-1"]]);
    let Act::Call { texts, .. } = &cases[0].steps[0].act else {
        panic!("expected a call, found {:?}", cases[0].steps[0].act);
    };
    assert_eq!(written(texts.content.as_ref()), Some("xxx"));
    let Act::Call {
        call,
        texts,
        results,
        ..
    } = &cases[0].steps[2].act
    else {
        panic!("expected a call, found {:?}", cases[0].steps[2].act);
    };
    assert_eq!(*call, Call::Accept);
    assert_eq!(
        written(texts.content.as_ref()),
        Some("Ok, ${word} $Ok $${word}")
    );
    assert_eq!(*results, [CallCode::OK, CallCode::ALREADY_END]);
    assert!(
        matches!(&cases[1].steps[2].act, Act::Call { call: Call::Refuse, results, .. } if *results == [CallCode::OK])
    );
}

#[test]
fn a_repeat_is_written_out_with_its_index_and_waits() {
    let acts = acts(&with_steps(
        "  - repeat:\n      times: 3\n      index: n\n      apart: 1ms..5ms\n      steps:\n        \
           - alice: { create: \"call-${n}\", callee: bob, content: \"${n}\" }\n  \
           - together:\n      - repeat: { times: 3, index: n, steps: [{ alice: { send: \"call-${n}\" } }] }\n  \
           - alice: { expect: localInvitationReceivedByPeer, of: call-3 }\n",
    ));
    assert_eq!(acts.len(), 7);
    assert!(matches!(acts[1], Act::Wait(_)) && matches!(acts[3], Act::Wait(_)));
    assert!(
        matches!(&acts[4], Act::Call { call: Call::Create, invitation: 2, texts, .. }
        if written(texts.content.as_ref()) == Some("3"))
    );
    assert!(matches!(&acts[5], Act::Together(steps) if steps.len() == 3));
}

#[test]
fn included_steps_stand_where_they_are_included() {
    let scenario = load(&with_steps(
        "  - include: ringing.steps.yaml\n  - bob: { accept: call }\n",
    ));
    let lines: Vec<usize> = scenario.steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [5, 5, 5, 5, 6]);
}

#[test]
fn the_frames_of_raw_steps_are_those_of_the_wire() {
    use crate::scenario::read::raw::{HEARD, SENT};
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference/PROTOCOL.md");
    let page = fs::read_to_string(page).expect("the wire has a page");
    let (client, server) = page
        .split_once("\n## Frames of the server")
        .expect("the page has both sides");
    for (known, part) in [(&SENT[..], client), (&HEARD[..], server)] {
        let mut told: Vec<&str> = part
            .lines()
            .filter_map(|line| line.strip_prefix("### "))
            .flat_map(|heading| heading.split('`').skip(1).step_by(2))
            .collect();
        let mut known = known.to_vec();
        told.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, told);
    }
}
