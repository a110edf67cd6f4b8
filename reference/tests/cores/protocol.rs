//! `PROTOCOL.md` against the code: every example, every frame type, every word and every number.

use std::collections::BTreeSet;

use ringcheck_reference::limits::{
    BAD_FRAMES_MAX, CHANNEL_BYTES_MAX, FRAME_BYTES_MAX, INVITATION_ID_BYTES_MAX, Limits,
    RINGING_MAX, Rate, SEEN_EVERY_FRAMES, SUBPROTOCOL, TEXT_BYTES_MAX, TOKEN_BYTES_MAX,
    UNCONFIRMED_MAX, USER_BYTES_MAX,
};
use ringcheck_reference::wire::{ByeReason, ClientFrame, ErrorCode, ServerFrame};
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// An example: which section it stands in, what the comment before it says, and the frame.
struct Example {
    section: &'static str,
    comment: &'static str,
    frame: &'static str,
}

fn examples() -> Vec<Example> {
    let (mut section, mut comment, mut inside) = ("", "", false);
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            section = title.trim_matches('`');
        } else if let Some(text) = line.strip_prefix("<!-- ") {
            comment = text.trim_end_matches(" -->");
        } else if line == "```json" {
            assert_ne!(comment, "", "an example of {section} says no direction");
            inside = true;
        } else if line == "```" {
            (comment, inside) = ("", false);
        } else if inside {
            found.push(Example {
                section,
                comment,
                frame: line,
            });
        }
    }
    found
}

/// The frames of all examples, good and refused, that go one way: `client` or `server`.
pub(crate) fn frames_of(whose: &str) -> Vec<Vec<u8>> {
    let theirs = examples()
        .into_iter()
        .filter(|e| e.comment.starts_with(whose));
    theirs.map(|e| e.frame.as_bytes().to_vec()).collect()
}

/// The text of the chapter of that title.
fn chapter(title: &str) -> &'static str {
    let (_, rest) = DOCUMENT
        .split_once(&format!("\n## {title}\n"))
        .unwrap_or_else(|| panic!("no chapter `{title}`"));
    rest.split_once("\n## ").map_or(rest, |(text, _)| text)
}

/// The words in the first column of the chapter's table, with the other columns.
fn rows(title: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    chapter(title)
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| {
            let (word, rest) = line.split_once('`').expect("a closing backtick");
            let columns = rest.split('|').map(str::trim).filter(|c| !c.is_empty());
            (word, columns.collect())
        })
        .collect()
}

/// The frame types in a source's `fn kind`.
fn kinds(source: &'static str) -> BTreeSet<&'static str> {
    let (_, body) = source.split_once("fn kind(").expect("it has kinds");
    let (body, _) = body.split_once("\n    }\n").expect("it ends");
    body.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_example_of_a_client_is_read_and_written_back_the_same() {
    let mut count = 0;
    for example in examples().iter().filter(|e| e.comment == "client") {
        let frame = ClientFrame::decode(example.frame).expect(example.frame);
        assert_eq!(frame.kind(), example.section);
        let written: Value = serde_json::from_str(&frame.encode()).unwrap();
        let given: Value = serde_json::from_str(example.frame).unwrap();
        assert_eq!(written, given);
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn every_example_of_the_server_is_read_and_written_back_the_same() {
    let mut count = 0;
    for example in examples().iter().filter(|e| e.comment == "server") {
        let frame = ServerFrame::decode(example.frame).expect(example.frame);
        assert_eq!(frame.kind(), example.section);
        let written: Value = serde_json::from_str(&frame.encode()).unwrap();
        let given: Value = serde_json::from_str(example.frame).unwrap();
        assert_eq!(written, given);
        count += 1;
    }
    assert!(count >= 14, "{count}");
}

#[test]
fn every_example_that_must_be_refused_is_refused_with_its_code() {
    let mut count = 0;
    for example in examples() {
        let Some(code) = example.comment.strip_prefix("client refused: ") else {
            assert!(["client", "server"].contains(&example.comment));
            continue;
        };
        let refusal = ClientFrame::decode(example.frame).expect_err(example.frame);
        assert_eq!(refusal.code.word(), code, "{}", example.frame);
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn every_frame_type_has_its_section_with_an_example_and_no_other_has() {
    for (title, comment, source) in [
        (
            "Frames of the client",
            "client",
            include_str!("../../src/wire/client_frame.rs"),
        ),
        (
            "Frames of the server",
            "server",
            include_str!("../../src/wire/server_frame.rs"),
        ),
    ] {
        let sections: BTreeSet<&str> = chapter(title)
            .lines()
            .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
            .collect();
        assert_eq!(sections, kinds(source));
        let shown: BTreeSet<&str> = examples()
            .iter()
            .filter(|example| example.comment == comment)
            .map(|example| example.section)
            .collect();
        assert_eq!(shown, sections);
    }
}

#[test]
fn every_error_code_is_explained_and_no_other() {
    let written: Vec<&str> = rows("Error codes").iter().map(|(word, _)| *word).collect();
    let known: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.word()).collect();
    assert_eq!(written, known);
}

#[test]
fn every_reason_of_bye_is_explained_with_its_close_code_and_no_other() {
    let written: Vec<(&str, String)> = rows("Reasons of `bye`")
        .iter()
        .map(|(word, columns)| (*word, columns[0].to_owned()))
        .collect();
    let known: Vec<(&str, String)> = ByeReason::ALL
        .iter()
        .map(|reason| (reason.word(), reason.close_code().to_string()))
        .collect();
    assert_eq!(written, known);
}

#[test]
fn an_unknown_field_is_ignored() {
    let frame = ClientFrame::decode(r#"{"type":"logout","mood":{"good":[1,2]}}"#);
    assert_eq!(frame, Ok(ClientFrame::Logout));
}

#[test]
fn a_refusal_names_the_frame_and_repeats_no_more_than_an_ids_worth() {
    let long = format!(
        r#"{{"type":"{}","id":"{}"}}"#,
        "t".repeat(9_999),
        "\u{e9}".repeat(9_999)
    );
    let refusal = ClientFrame::decode(&long).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::UnknownType);
    assert_eq!(
        refusal.frame.map(|t| t.len()),
        Some(INVITATION_ID_BYTES_MAX)
    );
    assert_eq!(refusal.id.map(|t| t.len()), Some(INVITATION_ID_BYTES_MAX));
    assert!(refusal.message.len() < 200);
}

/// Words where others stand, whose text the parser would repeat in what it says.
#[test]
fn a_refusal_repeats_no_long_word_of_a_frame_that_cannot_be_read() {
    let long = "x\\u0001".repeat(9_000);
    for text in [
        format!(r#"{{"type":"bye","reason":"{long}"}}"#),
        format!(r#"{{"type":"invite","age_ms":"{long}"}}"#),
    ] {
        let refusal = ClientFrame::decode(&text).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Malformed);
        let answer = ServerFrame::Error(*refusal).encode();
        assert!(answer.len() < 1024, "{} bytes", answer.len());
        assert!(answer.contains("at line 1 column"), "{answer}");
    }
}

#[test]
fn the_numbers_are_those_of_the_code() {
    let limits = Limits::default();
    let rate = Rate::CARRIER;
    for said in [
        format!("subprotocol `{SUBPROTOCOL}`"),
        format!("| user id (`user`, `callee`, `caller`) | 1 to {USER_BYTES_MAX} bytes"),
        format!("| invitation id (`id`) | 1 to {INVITATION_ID_BYTES_MAX} bytes"),
        format!("| `content`, `response` | {TEXT_BYTES_MAX} bytes"),
        format!("| `channel` | {CHANNEL_BYTES_MAX} bytes"),
        format!("| `token` | {TOKEN_BYTES_MAX} bytes"),
        format!("| whole frame | {FRAME_BYTES_MAX} bytes"),
        format!("a message of more than {FRAME_BYTES_MAX} bytes"),
        format!("cut at {INVITATION_ID_BYTES_MAX} bytes"),
        format!("More than {BAD_FRAMES_MAX} bad frames"),
        format!("when {SEEN_EVERY_FRAMES} frames have come"),
        format!("`login_timeout` ({} s)", limits.login_timeout.as_secs()),
        format!("| connections | {} |", limits.connections_max),
        format!(
            "the first byte to the log-in | {} s |",
            limits.login_timeout.as_secs()
        ),
        format!(
            "time without a frame | {} s |",
            (limits.heartbeat * 5 / 2).as_secs()
        ),
        format!("{} s before the end", limits.token_notice.as_secs()),
        format!("| sessions | {} |", limits.sessions_max),
        format!("remembered ones among them | {} |", limits.invitations_max),
        format!("from one user | {} |", limits.outgoing_per_user_max),
        format!("to one user | {} |", limits.incoming_per_user_max),
        format!("waiting for one connection | {} |", limits.outbox_bytes_max),
        format!("bad frames over one connection | {BAD_FRAMES_MAX} |"),
        format!("arrival is waited for, per user | {UNCONFIRMED_MAX} |"),
        format!("at most {RINGING_MAX} ringing invitations"),
        format!("{} in {} ms", rate.messages, rate.window.as_millis()),
    ] {
        assert!(DOCUMENT.contains(&said), "missing: {said}");
    }
    // Two heartbeats and a half.
    assert_eq!(limits.heartbeat.as_millis(), 10_000);
}
