//! A problem code of scenario files: the sentence, and a file that has the problem.

use std::fmt::Write as _;
use std::path::Path;

use super::mended::{HEAD, Mended};
use crate::scenario::lint::lint;
use crate::scenario::{CODES, Problem, format, lint_covers, load, render};

/// Explains a problem code; `None` if there is none of that name.
pub fn code(name: &str) -> Option<String> {
    let (code, sentence) = CODES.iter().find(|(code, _)| *code == name)?;
    let mut text = format!("{code}: {sentence}\n");
    let mended = Mended::of(code);
    // Writing to a String cannot fail.
    if let Some(mended) = mended {
        let _ = writeln!(text, "\nWhy it matters: {}", mended.why);
    }
    if let Some((_, example)) = EXAMPLES.iter().find(|(example, _)| example == code) {
        let file = Path::new("example.yaml");
        let whole = example.replace("HEAD", HEAD);
        let shown: Vec<_> = problems(file, &whole)
            .into_iter()
            .filter(|problem| problem.code == *code)
            .take(1)
            .collect();
        let _ = write!(text, "\n{}", render(&whole, &shown, false));
    }
    if let Some(mended) = mended {
        let _ = write!(text, "\nWithout it:\n\n{}", mended.lines());
    }
    Some(text)
}

/// Everything that is wrong with a file.
pub(super) fn problems(file: &Path, whole: &str) -> Vec<Problem> {
    match load(file, whole) {
        Ok(cases) => {
            let found = cases.iter().flat_map(|case| lint(case, whole));
            found
                .chain(lint_covers(&cases, whole))
                .chain(format(file, whole).err().unwrap_or_default())
                .collect()
        }
        Err(problems) => problems,
    }
}

/// A file for every code. `HEAD` stands for the head above.
const EXAMPLES: &[(&str, &str)] = &[
    ("S001", "scenario: An example\nusers: [alice, bob\nsteps:\n"),
    (
        "S002",
        "HEAD  - alice: { cancel: call }\n  - alice: { create: big, callee: bob, content: { repeat: \"Hello\", times: 1000000 } }\n",
    ),
    ("S003", "HEAD  - carol: { accept: call }\n"),
    (
        "S004",
        "HEAD  - bob:   { expect: remoteInvitationCanceled, off: call }\n",
    ),
    (
        "S005",
        "scenario: An example\ncovers: [ACC-1]\ncovers: [ACC-2]\nusers: [alice, bob]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    ("S006", "HEAD  - alice: { create: more }\n"),
    (
        "S007",
        "scenario: An example\ncovers: ACC-1\nusers: [alice, bob]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    (
        "S008",
        "scenario: An example\ncovers: [ACC-99]\nusers: [alice, bob]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    ("S009", "HEAD  - bob:   { answer: call }\n"),
    (
        "S010",
        "HEAD  - bob:   { expect: remoteInvitationReceive, of: call }\n",
    ),
    (
        "S011",
        "HEAD  - alice: { send: call, result: AlreadySend }\n",
    ),
    (
        "S012",
        "HEAD  - alice: { expect: localInvitationFailure, of: call, code: LocalOffline }\n",
    ),
    ("S013", "HEAD  - alice: { connection: Online }\n"),
    ("S014", "HEAD  - wait: 5\n"),
    ("S015", "HEAD  - bob:   { accept: cal }\n"),
    ("S016", "HEAD  - alice: { create: call, callee: bob }\n"),
    ("S017", "HEAD  - alice: { create: more, callee: bob }\n"),
    ("S018", "HEAD  - bob:   { cancel: call }\n"),
    (
        "S019",
        "HEAD  - alice: { cancel: call, response: \"No\" }\n",
    ),
    (
        "S020",
        "HEAD  - bob:   { expect: remoteInvitationCanceled, of: call, within: 1s, at: expiry }\n",
    ),
    (
        "S021",
        "scenario: An example\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n",
    ),
    (
        "S022",
        "scenario: An example\ncovers: []\nusers: [alice, bob]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    (
        "S023",
        "HEAD  - any_order:\n      - alice: { cancel: call }\n",
    ),
    (
        "S024",
        "scenario: An example\ncovers: [ACC-1]\nusers: [alice, wait]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    (
        "S025",
        "scenario: An example\ncovers: [ACC-1]\nusers: [alice, { phone: { same_as: phone } }]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    ("S026", "HEAD  - alice: { hold: send }\n"),
    (
        "S027",
        "HEAD  - race:\n      steps:\n        - alice: { cancel: call }\n        - bob:   { accept: call }\n      outcomes:\n        both win:\n          - alice: { expect: localInvitationCanceled, of: call }\n          - bob:   { expect: remoteInvitationAccepted, of: call }\n        accept wins:\n          - alice: { expect: localInvitationAccepted, of: call }\n",
    ),
    (
        "S028",
        "HEAD  - bob:   { accept: call, response: \"${word}\" }\n",
    ),
    (
        "S029",
        "HEAD  - bob:   { accept: call }\n  - alice: { expect: localInvitationAccepted, of: call, save: { response: words } }\n",
    ),
    (
        "S030",
        "HEAD  - bob:   { expect: remoteInvitationFailure, of: call, at: accept_ack }\n",
    ),
    ("S031", "HEAD  - bob:   reconnect\n"),
    (
        "S033",
        "HEAD  - bob:   { lose: sent, frames: [remote_received] }\n",
    ),
    (
        "S035",
        "scenario: An example\ncovers: [REF-1]\nusers: [alice]\nsteps:\n  - alice: { connection: Connected }\n",
    ),
    (
        "S034",
        "HEAD  - bob:   { accept: call, response: &words \"On my way\" }\n",
    ),
    (
        "S036",
        "HEAD  - alice: { expect: localInvitationReceivedByPeer, of: call }\n",
    ),
    ("S032", "HEAD  - include: ringing.yaml\n"),
];
