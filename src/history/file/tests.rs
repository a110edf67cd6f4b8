//! Files that are read back as they were written, and files that are not what they should be.

use std::time::Duration;

use proptest::prelude::*;

use super::{Damage, Fault, Item, LINE_BYTES_MAX, Opening, Reader, write};
use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode,
    Header, History, Order, Passed, Payload, What,
};
use crate::lifecycle::{FindingKind, judge};

const HEAD: &str = "{\"ringcheck\":\"history/1\"}\n";

/// Everything in a file, or the first damage.
fn items(text: &[u8]) -> Result<Vec<Item>, Damage> {
    let mut reader = Reader::new(text);
    let mut items = Vec::new();
    while let Some(item) = reader.next_item()? {
        items.push(item);
    }
    Ok(items)
}

/// The only history in a file.
fn history(text: &[u8]) -> Result<History, Damage> {
    let mut clocks_order = None;
    let (mut events, mut end) = (Vec::new(), Duration::ZERO);
    for item in items(text)? {
        match item {
            Item::Opened(_, clocks, order) => clocks_order = Some((clocks, order)),
            Item::Event(event) => events.push(event),
            Item::Closed(trailer) => end = trailer.end,
        }
    }
    let (clocks, order) = clocks_order.expect("a header");
    let header = Header { clocks, order, end };
    Ok(History { header, events })
}

fn fault(text: &str) -> (u64, Fault) {
    let damage = items(text.as_bytes()).expect_err("the file is damaged");
    (damage.line, damage.fault)
}

fn written(history: &History) -> Vec<u8> {
    let mut out = Vec::new();
    let opening = Opening {
        target: "here".to_owned(),
        scenario: "a.yaml".to_owned(),
        seed: Some(7),
    };
    write(&mut out, &opening, history).expect("memory takes it");
    out
}

fn everything() -> History {
    let event = |at, user: &str, what| Event {
        at: Duration::from_micros(at),
        user: user.into(),
        session: 2,
        what,
    };
    let with = Passed {
        peer: Some("".into()),
        content: Payload::of("a \"quoted\" text\nof two lines, и с кириллицей"),
        channel: Payload::of("room-7"),
        response: Payload::of(&"long ".repeat(100)),
    };
    let (invitation, code) = ("c-1".into(), CallCode(5));
    let call = Call::Send;
    let mut events = vec![
        event(
            1,
            "alice",
            What::Called {
                call: Call::Create,
                invitation,
                with: with.clone(),
            },
        ),
        event(
            2,
            "alice",
            What::Returned {
                call,
                invitation: "c-1".into(),
                code,
            },
        ),
        event(
            3,
            "b b",
            What::Connection {
                state: ConnectionState::Aborted,
                reason: ConnectionReason::RemoteLogin,
            },
        ),
        event(
            4,
            "b b",
            What::Wire {
                note: "closed 1009".into(),
            },
        ),
    ];
    for callback in Callback::ALL {
        let (code, state) = (Some(FailureCode(3)), Some(6));
        let invitation = "c-1".into();
        let with = with.clone();
        events.push(event(
            9,
            "b b",
            What::CalledBack {
                callback: *callback,
                invitation,
                with,
                code,
                state,
            },
        ));
    }
    let clocks = Clocks::default();
    let end = Duration::from_secs(1);
    History {
        header: Header {
            clocks,
            order: Order::Causal,
            end,
        },
        events,
    }
}

#[test]
fn a_history_is_read_back_as_it_was_written() {
    let written = written(&everything());
    assert_eq!(history(&written).expect("it is whole"), everything());
}

#[test]
fn several_sections_stand_one_after_the_other() {
    let twice = written(&everything()).repeat(2);
    let opened = items(&twice).expect("both are whole");
    let opened = opened
        .iter()
        .filter(|item| matches!(item, Item::Opened(..)));
    assert_eq!(opened.count(), 2);
}

#[test]
fn the_example_of_the_format_is_read_and_is_right() {
    let page = include_str!("../FORMAT.md");
    let (_, rest) = page.split_once("```jsonl\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let history = history(example.as_bytes()).expect("it is whole");
    assert_eq!(history.events.len(), 12);
    let verdict = judge(&history);
    assert_eq!(verdict.findings, []);
}

#[test]
fn what_is_not_known_is_passed_over() {
    let text = format!(
        "{HEAD}{{\"user\":\"a\",\"at_us\":1,\"call\":\"send\",\"invitation\":\"c\",\"app\":{{\"v\":[1]}}}}\n{{\"events\":1,\"by\":\"us\"}}\n"
    );
    assert_eq!(items(text.as_bytes()).expect("it is whole").len(), 3);
}

#[test]
fn blank_lines_between_sections_do_no_harm_and_no_text_has_no_digest() {
    let one = String::from_utf8(written(&everything())).expect("a history is text");
    let read = items(format!("\n{one}\n \r\n{one}\n").as_bytes()).expect("two sections");
    let opened = read.iter().filter(|item| matches!(item, Item::Opened(..)));
    assert_eq!(opened.count(), 2);
    let empty = format!(
        "{HEAD}{{\"user\":\"a\",\"at_us\":1,\"call\":\"send\",\"invitation\":\"c\",\"content\":{{\"bytes\":0,\"digest\":\"\"}}}}\n{{\"events\":1}}\n"
    );
    assert!(items(empty.as_bytes()).is_ok());
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_do_no_harm() {
    let text = format!("\u{feff}{}{{\"events\":0}}\r\n", HEAD.replace('\n', "\r\n"));
    assert_eq!(items(text.as_bytes()).expect("it is whole").len(), 2);
}

#[test]
fn without_a_trailer_the_end_is_where_the_last_event_is() {
    let text = "{\"ringcheck\":\"history/1\",\"trailer\":false}\n{\"user\":\"a\",\"at_us\":5,\"call\":\"create\",\"invitation\":\"c\"}\n";
    let items = items(text.as_bytes()).expect("it is whole");
    let Some(Item::Closed(trailer)) = items.last() else {
        panic!("expected an end, got {items:?}");
    };
    assert_eq!(
        (trailer.end, trailer.told),
        (Duration::from_micros(5), false)
    );
}

#[test]
fn an_open_call_at_the_end_of_a_cut_log_is_inconclusive() {
    let text = "{\"ringcheck\":\"history/1\",\"trailer\":false,\"order\":\"causal\"}\n{\"user\":\"a\",\"at_us\":5,\"call\":\"create\",\"invitation\":\"c\",\"peer\":\"b\"}\n{\"user\":\"a\",\"at_us\":6,\"result\":\"create\",\"invitation\":\"c\"}\n{\"user\":\"a\",\"at_us\":7,\"call\":\"send\",\"invitation\":\"c\",\"peer\":\"b\"}\n{\"user\":\"a\",\"at_us\":8,\"result\":\"send\",\"invitation\":\"c\"}\n";
    let verdict = judge(&history(text.as_bytes()).expect("it is whole"));
    let kinds: Vec<FindingKind> = verdict
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(kinds, [FindingKind::Inconclusive]);
}

#[test]
fn every_damage_is_told_with_its_line() {
    let good = "{\"user\":\"a\",\"at_us\":1,\"call\":\"send\",\"invitation\":\"c\"";
    let line = |rest: &str| fault(&format!("{HEAD}{rest}\n"));
    assert!(matches!(fault(""), (1, Fault::NoHeader)));
    assert!(matches!(
        fault(&format!("{good}}}\n")),
        (1, Fault::NoHeader)
    ));
    assert!(matches!(
        fault("{\"ringcheck\":\"history/2\"}"),
        (1, Fault::OtherFormat { .. })
    ));
    assert!(matches!(
        fault(&HEAD.repeat(2)),
        (2, Fault::HeaderInside { began: 1 })
    ));
    assert!(matches!(fault(HEAD), (1, Fault::Cut { began: 1 })));
    assert!(matches!(line("{"), (2, Fault::Json(_))));
    assert!(matches!(line(""), (2, Fault::Blank)));
    assert!(matches!(line("[]\u{0}"), (2, Fault::NotObject)));
    assert!(matches!(line("[1,2,\"alice\"]"), (2, Fault::NotObject)));
    assert!(matches!(
        line("{\"user\":\"a\",\"at_us\":1,\"connection\":\"Connected\",\"reason\":\"\"}"),
        (2, Fault::Missing { field: "reason" })
    ));
    assert!(matches!(line("{\"at_us\":-1}"), (2, Fault::Json(_))));
    assert!(matches!(
        line("{\"at_us\":1,\"call\":\"send\"}"),
        (2, Fault::Missing { field: "user" })
    ));
    assert!(matches!(
        line("{\"user\":\"a\",\"call\":\"send\"}"),
        (2, Fault::Missing { field: "at_us" })
    ));
    assert!(matches!(
        line("{\"user\":\"a\",\"at_us\":1,\"call\":\"send\"}"),
        (
            2,
            Fault::Missing {
                field: "invitation"
            }
        )
    ));
    assert!(matches!(
        line("{\"user\":\"a\",\"at_us\":1}"),
        (2, Fault::NoKind)
    ));
    assert!(matches!(
        line(&format!("{good},\"result\":\"send\"}}")),
        (2, Fault::NoKind)
    ));
    assert!(matches!(
        line(&format!("{good},\"seq\":1}}")),
        (
            2,
            Fault::Sequence {
                wanted: 0,
                found: 1
            }
        )
    ));
    assert!(matches!(
        line(&format!("{good},\"cause\":0}}")),
        (2, Fault::Cause { found: 0 })
    ));
    assert!(matches!(
        line(&format!("{good}}}\n{{\"events\":2}}")),
        (3, Fault::Count { what: "events", .. })
    ));
    assert!(matches!(
        line("{\"end_us\":1,\"xxh3\":\"00\"}"),
        (2, Fault::Hash { .. })
    ));
    let (_, near) = line(
        "{\"user\":\"a\",\"at_us\":1,\"callback\":\"remoteInvitationReceive\",\"invitation\":\"c\"}",
    );
    assert!(
        near.to_string()
            .ends_with("did you mean `remoteInvitationReceived`?"),
        "{near}"
    );
    assert!(matches!(
        line(&" ".repeat(LINE_BYTES_MAX)),
        (2, Fault::TooLong)
    ));
    let bytes = [HEAD.as_bytes(), b"{\"user\":\"\xff\"}\n"].concat();
    assert!(matches!(
        items(&bytes).expect_err("not UTF-8").fault,
        Fault::NotText
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _: Result<_, Damage> = items(&bytes);
        let _: Result<_, Damage> = items(&[HEAD.as_bytes(), &bytes].concat());
    }

    #[test]
    fn a_file_that_was_cut_is_noticed(cut in any::<prop::sample::Index>()) {
        let whole = written(&everything());
        // Without its last line end it says the same.
        let length = cut.index(whole.len() - 1);
        prop_assert!(items(&whole[..length]).is_err());
    }

    #[test]
    fn a_file_that_was_altered_is_noticed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let whole = written(&everything());
        let mut altered = whole.clone();
        let at = at.index(whole.len() - 1);
        altered[at] = to;
        // In the trailer, what is passed over may be written otherwise.
        if let Ok(read) = items(&altered) {
            prop_assert_eq!(read.len(), items(&whole).expect("it is whole").len());
            let before = |items: Vec<Item>| items.into_iter().take(4).collect::<Vec<_>>();
            prop_assert_eq!(before(read), before(items(&whole).expect("it is whole")));
        }
    }

    #[test]
    fn lines_dropped_or_repeated_are_noticed(at in any::<prop::sample::Index>(), again in any::<bool>()) {
        let whole = String::from_utf8(written(&everything())).expect("JSON is UTF-8");
        let mut lines: Vec<&str> = whole.lines().collect();
        let at = at.index(lines.len());
        if again {
            lines.insert(at, lines[at]);
        } else {
            lines.remove(at);
        }
        prop_assert!(items(lines.join("\n").as_bytes()).is_err());
    }
}
