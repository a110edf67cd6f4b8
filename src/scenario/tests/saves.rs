//! Values that steps save, and the texts that use them.

use super::{drawn, read, read_cases, with_steps};
use crate::scenario::plan::{Act, Callee, CodeDemand, Part, Piece, Save, Text};
use crate::scenario::{load, without_places, write};

const SENT: &str =
    "  - alice: { create: call, callee: bob, content: a }\n  - alice: { send: call }\n";

fn after_send(steps: &str) -> String {
    with_steps(&format!("{SENT}{steps}"))
}

#[test]
fn a_saved_value_stands_in_later_texts() {
    let text = after_send(
        "  - bob: { expect: remoteInvitationReceived, of: call, save: { content: words, caller: who, id: it } }\n  \
           - bob: { accept: call, response: \"re: ${words} $${words}\" }\n  \
           - bob: { create: back, callee_id: \"${who}\", channel: \"${words}\" }\n  \
           - bob: { send: back }\n  \
           - alice: { expect: remoteInvitationReceived, of: back }\n  \
           - alice: { expect: localInvitationFailure, of: call, save: { code: why } }\n  \
           - bob: { expect: remoteInvitationFailure, of: call, code: \"${why}\" }\n  \
           - alice: { raw: '{\"id\":\"${it}\"}' }\n",
    );
    let scenario = read(&text).expect("the file should load");
    let saved = |name: &str| Piece::Saved(name.to_owned());
    let Act::Expect(expect) = &scenario.steps[2].act else {
        unreachable!("it is an expectation");
    };
    let save = |part, name: &str| Save {
        part,
        name: name.to_owned(),
    };
    let saves = [
        save(Part::Content, "words"),
        save(Part::Caller, "who"),
        save(Part::Id, "it"),
    ];
    assert_eq!(expect.saves, saves);
    let response = Text::of([
        Piece::Written("re: ".to_owned()),
        saved("words"),
        Piece::Written(" ${words}".to_owned()),
    ]);
    assert!(
        matches!(&scenario.steps[3].act, Act::Call { texts, .. } if texts.content.as_ref() == Some(&response))
    );
    assert_eq!(
        scenario.invitations[1].callee,
        Callee::Id(Text::of([saved("who")]))
    );
    let Act::Expect(expect) = &scenario.steps[8].act else {
        unreachable!("it is an expectation");
    };
    assert_eq!(expect.code, Some(CodeDemand::Saved("why".to_owned())));
    let written = write(&scenario);
    let again = load(&scenario.file, &written).expect("what is written loads");
    assert_eq!(
        again.iter().map(without_places).collect::<Vec<_>>(),
        [without_places(&scenario)],
        "{written}"
    );
}

#[test]
fn rows_repeats_and_races_save_too() {
    let text = "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  - { case: one, saying: \"${said}, as is\" }\n  - { case: two, saying: b }\nsteps:\n  \
        - repeat:\n      times: 2\n      index: n\n      steps:\n        \
            - alice: { create: \"call${n}\", callee: bob, content: \"${saying}\" }\n        \
            - alice: { send: \"call${n}\" }\n        \
            - bob: { expect: remoteInvitationReceived, of: \"call${n}\", save: { content: said } }\n        \
            - race:\n            steps: [{ bob: { refuse: \"call${n}\", response: \"${said} ${n}\" } }, { bob: { accept: \"call${n}\" } }]\n            outcomes:\n              \
                one: [{ alice: { expect: localInvitationAccepted, of: \"call${n}\", save: { response: end } } }]\n              \
                two: [{ alice: { expect: localInvitationRefused, of: \"call${n}\", save: { response: end } } }]\n        \
            - bob: { accept: \"call${n}\", response: \"${end}\", result: AlreadyEnd }\n";
    let cases = match read_cases(text) {
        Ok(cases) => cases,
        Err(problems) => panic!("{}", super::drawn_of(text, &problems)),
    };
    assert_eq!(cases.len(), 2);
    let Act::Call { texts, .. } = &cases[0].steps[0].act else {
        unreachable!("it is a create");
    };
    // A row's value is taken as it is written.
    assert_eq!(
        texts.content.as_ref().and_then(Text::written),
        Some("${said}, as is")
    );
}

/// One test per broken file; its picture is in `snapshots/`.
macro_rules! broken {
    ($($name:ident: $text:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(drawn(&$text));
        })*
    };
}

broken! {
    a_value_is_saved_before_it_is_used_and_used: after_send(
        "  - bob: { accept: call, response: \"so ${words}\" }\n  - bob: { refuse: call, response: \"${word}\", result: AlreadyAccept }\n  \
           - bob: { expect: remoteInvitationReceived, of: call, save: { content: words, channel: room } }\n"
    );
    a_value_that_need_not_be_there_is_told: after_send(
        "  - any_order:\n      - bob: { expect: remoteInvitationReceived, of: call, save: { content: words } }\n      \
             - alice: { expect: localInvitationAccepted, of: call, response: \"${words}\" }\n  \
           - race:\n      steps: [{ bob: { accept: call } }, { alice: { cancel: call } }]\n      outcomes:\n        \
               accept:\n          - alice: { expect: localInvitationAccepted, of: call, save: { response: yes, id: it } }\n          \
                 - bob: { expect: remoteInvitationAccepted, of: call }\n        \
               cancel:\n          - alice: { expect: localInvitationCanceled, of: call, save: { id: it } }\n  \
           - bob: { accept: call, response: \"${words} ${yes} ${it}\", result: AlreadyEnd }\n"
    );
    a_part_belongs_to_its_callback: after_send(
        "  - alice: { expect: [localInvitationAccepted, localInvitationFailure], of: call, save: { response: a, code: b, contend: c } }\n  \
           - bob: { expect: remoteInvitationReceived, of: call, save: words }\n  \
           - bob: { expect: remoteInvitationCanceled, of: call, save: {} }\n  \
           - bob: { accept: call, response: \"${a} ${b} ${c}\", save: { id: d } }\n"
    );
    a_name_is_given_once: "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  - { case: one, row: a }\nsteps:\n  \
        - alice: { create: call, callee: bob, content: \"${row}\" }\n  - alice: { send: call }\n  \
        - bob: { expect: remoteInvitationReceived, of: call, save: { content: row, channel: two, caller: \"a b\", id: two } }\n  \
        - bob: { accept: call, response: \"${two}\" }\n";
    a_name_of_a_saved_value_is_written_out: "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  - { case: one, row: a }\nsteps:\n  \
        - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  \
        - bob: { expect: remoteInvitationReceived, of: call, save: { content: \"${row}\" } }\n  \
        - bob: { accept: call, response: \"${a}\" }\n";
    a_saved_value_stands_in_texts_alone: after_send(
        "  - bob: { expect: remoteInvitationReceived, of: call, save: { content: words, id: \"${it}\" } }\n  \
           - alice: { create: \"${words}\", callee: \"${words}\" }\n  \
           - bob: { accept: \"${words}\" }\n  \
           - bob: { \"${words}\": call }\n  \
           - \"${words}\": { send: call }\n  \
           - wait: \"${words}\"\n  \
           - alice: { expect: localInvitationFailure, of: call, code: \"${words}\", within: \"${words}\" }\n  \
           - alice: { write: call, content: { repeat: \"${words}\", times: 3 } }\n"
    );
}
