//! Any input whatever: no panic, the same verdict twice, and no memory of what is long over.

use std::time::Duration;

use proptest::prelude::*;

use super::super::over::TRACES_MAX;
use super::super::tales::history_of;
use super::super::{
    FindingKind, Judge, LocalState, LocalStep, RemoteState, RemoteStep, results, transitions,
};
use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode,
    Header, History, Order, Passed, Payload, What,
};

fn passed() -> impl Strategy<Value = Passed> {
    let text = || prop::sample::select(vec![String::new(), "hi".to_owned(), "x".repeat(8193)]);
    let peer = prop::option::of(prop::sample::select(vec!["alice", "bob", "null", ""]));
    (peer, text(), text(), text()).prop_map(|(peer, content, channel, response)| Passed {
        peer: peer.map(Into::into),
        content: Payload::of(&content),
        channel: Payload::of(&channel),
        response: Payload::of(&response),
    })
}

fn what() -> impl Strategy<Value = What> {
    let id = || prop::sample::select(vec!["a", "b", "c"]);
    let call = || prop::sample::select(Call::ALL);
    prop_oneof![
        3 => (call(), id(), passed()).prop_map(|(call, id, with)| What::Called {
            call, invitation: id.into(), with,
        }),
        3 => (call(), id(), prop_oneof![0u8..7, any::<u8>()]).prop_map(|(call, id, code)| {
            What::Returned { call, invitation: id.into(), code: CallCode(code) }
        }),
        5 => (
            prop::sample::select(Callback::ALL),
            id(),
            passed(),
            prop::option::of(0u8..6),
            prop::option::of(0u8..9),
        )
            .prop_map(|(callback, id, with, code, state)| What::CalledBack {
                callback, invitation: id.into(), with, code: code.map(FailureCode), state,
            }),
        1 => (
            prop::sample::select(ConnectionState::ALL),
            prop::sample::select(ConnectionReason::ALL),
        )
            .prop_map(|(state, reason)| What::Connection { state, reason }),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let at = prop_oneof![
        8 => (0u64..150_000).prop_map(Duration::from_millis),
        1 => Just(Duration::MAX),
    ];
    let user = prop::sample::select(vec!["alice", "bob", "carol"]);
    let event = (at, user, 0u32..4, what()).prop_map(|(at, user, session, what)| Event {
        at,
        user: user.into(),
        session,
        what,
    });
    (prop::collection::vec(event, 0..60), any::<bool>()).prop_map(|(mut events, sorted)| {
        if sorted {
            events.sort_by_key(|event| event.at);
        }
        events
    })
}

proptest! {
    #[test]
    fn any_events_give_the_same_verdict_twice(
        events in events(),
        causal in any::<bool>(),
        end in 0u64..200_000,
    ) {
        let order = if causal { Order::Causal } else { Order::PerUser };
        let header = Header { clocks: Clocks::default(), order, end: Duration::from_millis(end) };
        let history = History { header, events };
        let once = super::judge(&history);
        prop_assert_eq!(&once, &super::judge(&history));
        prop_assert_eq!(once.events, history.events.len() as u64);
        for exercise in &once.exercised {
            prop_assert!(exercise.discharged <= exercise.armed, "{:?}", exercise);
        }
    }
}

#[test]
fn the_tables_have_a_cell_for_every_state_and_step() {
    let cells = transitions();
    let local = LocalState::ALL.len() * LocalStep::ALL.len();
    let remote = RemoteState::ALL.len() * RemoteStep::ALL.len();
    assert_eq!(cells.len(), local + remote);
    assert!(
        cells
            .iter()
            .any(|cell| cell.next == Ok("AcceptSentToLocal"))
    );
    assert!(results().iter().all(|cell| !cell.codes.is_empty()));
}

#[test]
fn every_arrow_that_a_good_call_takes_is_admitted_by_its_row() {
    for cell in transitions().iter().filter(|cell| cell.next.is_ok()) {
        let row = results().into_iter().find(|row| {
            row.good
                && row.side == cell.side
                && row.state == cell.state
                && row.call.name() == cell.step
        });
        if let Some(row) = row {
            assert!(row.codes.contains(&CallCode::OK), "{cell:?}");
        }
    }
}

#[test]
fn what_is_over_is_forgotten() {
    let mut judge = Judge::new(Clocks::default(), Order::Causal);
    let one = "
        0  alice create N peer=bob => 0
        1  alice send N => 0
        2  bob   remoteReceived N
        3  alice localReceivedByPeer N
        4  bob   accept N => 0
        5  alice localAccepted N
        6  bob   remoteAccepted N
    ";
    for number in 0..2_000u64 {
        for mut event in history_of(&one.replace('N', &format!("c{number}")))
            .expect("a recipe")
            .events
        {
            event.at += Duration::from_millis(number * 100);
            judge.observe(&event);
        }
        // A quarter of a second of quiet, ten seconds of remembering.
        assert!(judge.kept() < 160, "{} kept after {number}", judge.kept());
    }
    let verdict = judge.finish(Duration::from_secs(400));
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.invitations, 2_000);
}

/// An invitation that is accepted at once, and forgotten after 90 s.
const LONG_OVER: &str = "
    0     alice create c peer=bob => 0
    1     alice send c => 0
    2     bob   remoteReceived c
    3     alice localReceivedByPeer c
    4     bob   accept c => 0
    5     alice localAccepted c
    6     bob   remoteAccepted c
    90000 alice create d peer=bob => 0
";

/// What is found if `more` follows a time after everything was forgotten.
fn found_after(past: &str, more: &str) -> String {
    let history = history_of(&format!("{past}{more}")).expect("a recipe");
    super::found(&super::judge(&history))
}

#[test]
fn a_straggler_of_a_forgotten_invitation_is_found_by_its_own_rule() {
    for (more, finds) in [
        ("95000 alice localCanceled c", "OBJ-3@12"),
        ("95000 bob remoteReceived c", "OBJ-3@12"),
        ("95000 carol remoteReceived c", "SEND-5@12"),
        ("95000 alice localReceivedByPeer c", "ORD-6@12"),
        ("95000 bob accept c => 3", ""),
        ("95000 bob accept c => 0", "API-10@13"),
        ("95000 carol accept c => 2", ""),
        ("95000 carol accept c => 3", "API-15@13"),
        ("95000 alice cancel c => 3", ""),
        ("95000 alice cancel c => 0", "API-7@13"),
        ("95000 alice send c => 5", "API-4@13"),
        ("95000 alice create c peer=bob => 0", "OBJ-1@12"),
    ] {
        assert_eq!(found_after(LONG_OVER, more), finds, "{more}");
    }
}

#[test]
fn nothing_rings_long_after_it_ended_unheard() {
    let cancelled = "
        0     alice create c peer=bob => 0
        1     alice send c => 0
        2     alice cancel c => 0
        3     alice localCanceled c
        90000 alice create d peer=bob => 0
    ";
    let ring = "95000 bob remoteReceived c";
    assert_eq!(found_after(cancelled, ring), "CAN-2@9");
    assert_eq!(
        found_after(cancelled, "95000 alice localCanceled c"),
        "OBJ-3@9"
    );
    let failed = cancelled.replace("2     alice cancel c => 0", "").replace(
        "3     alice localCanceled c",
        "30001 alice localFailure c code=2",
    );
    assert_eq!(found_after(&failed, ring), "FAIL-6@7");
    let left = "
        0      alice Connected
        0      alice create c peer=bob => 0
        1      alice send c => 0
        1000   alice Logout
        200000 alice#2 Connected
        300000 bob remoteReceived c
    ";
    assert_eq!(found_after(left, ""), "FAIL-6@7");
}

#[test]
fn an_id_that_nobody_created_is_told_though_others_were_forgotten() {
    assert_eq!(
        found_after(LONG_OVER, "95000 alice cancel x => 2"),
        "OBJ-1@12"
    );
    assert_eq!(
        found_after(LONG_OVER, "95000 bob remoteReceived x"),
        "ORD-2@12"
    );
}

#[test]
fn what_left_no_trace_any_more_is_inconclusive() {
    let mut judge = Judge::new(Clocks::default(), Order::Causal);
    let one = |name: &str| {
        let one = "
            0  alice create N peer=bob => 0
            0  alice send N => 0
            0  alice cancel N => 0
            0  alice localCanceled N
        ";
        history_of(&one.replace('N', name))
            .expect("a recipe")
            .events
    };
    let mut tell = |at: u64, events: Vec<Event>| {
        for mut event in events {
            event.at += Duration::from_secs(at);
            judge.observe(&event);
        }
    };
    tell(0, one("first"));
    for number in 0..=TRACES_MAX {
        tell(1, one(&format!("c{number}")));
    }
    tell(100, one("later"));
    tell(
        100,
        history_of("0 alice cancel first => 3")
            .expect("a recipe")
            .events,
    );
    let verdict = judge.finish(Duration::from_secs(100));
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.findings[0].kind, FindingKind::Inconclusive);
    assert_eq!(verdict.findings[0].rule.requirement, "OBJ-1");
}

#[test]
fn a_caller_that_left_is_forgotten_with_its_invitations() {
    let mut judge = Judge::new(Clocks::default(), Order::Causal);
    for number in 0..200u64 {
        let session = number + 1;
        let tale = format!(
            "
            0  alice#{session} Connected
            0  alice#{session} create c{number} peer=bob => 0
            1  alice#{session} send c{number} => 0
            2  bob             remoteReceived c{number}
            3  alice#{session} Logout
            60010 bob          remoteFailure c{number} code=3
            "
        );
        for mut event in history_of(&tale).expect("a recipe").events {
            event.at += Duration::from_secs(number * 70);
            judge.observe(&event);
        }
        assert!(judge.kept() < 4, "{} kept after {number}", judge.kept());
    }
    assert_eq!(judge.finish(Duration::ZERO).findings, []);
}

#[test]
fn the_expiry_names_the_reading_that_fits() {
    let tale = |at: u64| {
        format!(
            "
            0     bob Connecting
            100   alice create c peer=bob => 0
            100   alice send c => 0
            20000 bob Connected
            20020 bob remoteReceived c
            20040 alice localReceivedByPeer c
            {at} bob   remoteFailure c code=3
            {at} alice localFailure c code=3
            "
        )
    };
    let reading = |at| super::judge(&history_of(&tale(at)).expect("a recipe")).expiry;
    assert_eq!(reading(60_100).send, 1);
    assert_eq!(reading(80_030).ack, 1);
    assert_eq!(reading(70_000).between, 1);
    let at_once = tale(60_100).replace("20000 bob Connected", "110 bob Connected");
    let at_once = at_once.replace("20020", "120").replace("20040", "140");
    let expiry = super::judge(&history_of(&at_once).expect("a recipe")).expiry;
    assert_eq!(expiry.either, 1);
}
