//! The short cut: what takes a usual course is judged as if every invitation were judged in full.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::tales::{history_of, tales};
use super::super::{Judge, Verdict};
use crate::history::{
    Clocks, ConnectionReason, ConnectionState, Event, Header, History, Order, What,
};

/// What only one of the two says of a history, with the short cut or without it.
fn difference(history: &History) -> Vec<String> {
    let new = || Judge::new(history.header.clocks, history.header.order);
    let judged = |mut judge: Judge| {
        for event in &history.events {
            judge.observe(event);
        }
        said(judge.finish(history.header.end))
    };
    let (short, full) = (judged(new()), judged(new().without_short_cut()));
    let alone = |these: &[String], those: &[String], whose: &str| -> Vec<String> {
        let alone = these.iter().filter(|line| !those.contains(line));
        alone.map(|line| format!("{whose}: {line}")).collect()
    };
    let mut lines = alone(&short, &full, "with the short cut");
    lines.extend(alone(&full, &short, "in full"));
    lines
}

/// A verdict in lines: the findings of one moment in the order of their events, and what each rule had to look at.
fn said(mut verdict: Verdict) -> Vec<String> {
    verdict
        .findings
        .sort_by_key(|it| (it.at, it.event, it.rule.id));
    let findings = verdict.findings.iter().map(|it| format!("{it:?}"));
    let exercised = verdict.exercised.iter().filter(|it| it.armed > 0);
    let exercised = exercised.map(|it| {
        let found = it.found;
        format!("{} {} {} {found:?}", it.rule.id, it.armed, it.discharged)
    });
    let counts = format!(
        "{} {} {:?}",
        verdict.events, verdict.invitations, verdict.expiry
    );
    findings.chain(exercised).chain([counts]).collect()
}

/// An invitation on a usual course.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// Accepted, refused or cancelled.
    course: usize,
    /// Who calls whom.
    users: (&'static str, &'static str),
    /// How long it rings, in milliseconds.
    ring: u64,
    /// Whether callbacks tell states, and whether it has a channel id.
    states: bool,
    channel: bool,
}

const PLAIN: Call = Call {
    course: 0,
    users: ("alice", "bob"),
    ring: 0,
    states: false,
    channel: false,
};

impl Call {
    fn events(self, id: &str) -> Vec<Event> {
        let Self {
            users: (caller, callee),
            channel,
            ..
        } = self;
        let state = |number: u8| {
            if self.states {
                format!("state={number}")
            } else {
                String::new()
            }
        };
        let texts = if channel { "content=hi channel=r" } else { "" };
        let (told, callee_told) = (state(3), state(4));
        let decision = match self.course {
            0 => format!(
                "4 {callee} accept {id} response=yes => 0
                 5 {caller} localAccepted {id} response=yes {told}
                 6 {callee} remoteAccepted {id} {callee_told}"
            ),
            1 => format!(
                "4 {callee} refuse {id} => 0
                 5 {callee} remoteRefused {id} {}
                 6 {caller} localRefused {id} {}",
                state(3),
                state(4)
            ),
            _ => format!(
                "4 {caller} cancel {id} => 0
                 5 {callee} remoteCanceled {id} {}
                 6 {caller} localCanceled {id} {}",
                state(5),
                state(5)
            ),
        };
        let text = format!(
            "0 {caller} create {id} peer={callee} {texts} => 0
             1 {caller} send {id} => 0
             2 {callee} remoteReceived {id} peer={caller} {texts} {}
             3 {caller} localReceivedByPeer {id} {}
             {decision}",
            state(1),
            state(2)
        );
        let mut events = history_of(&text).expect("a recipe").events;
        for event in &mut events {
            if event.at >= Duration::from_millis(4) {
                event.at += Duration::from_millis(self.ring);
            }
        }
        events
    }
}

/// Those calls, begun so many milliseconds one after the other, by users of whose connections is known or not.
fn history(calls: &[Call], apart: u64, clocks: Clocks, is_known: bool) -> History {
    let connected = "0 alice Connected
                     0 bob   Connected
                     0 carol Connected";
    let mut events = Vec::new();
    if is_known {
        events.extend(history_of(connected).expect("a recipe").events);
    }
    for (number, call) in calls.iter().enumerate() {
        let mut of_one = call.events(&format!("c{number}"));
        for event in &mut of_one {
            event.at += Duration::from_millis(apart * number as u64);
        }
        events.extend(of_one);
    }
    events.sort_by_key(|event| event.at);
    with(events, clocks)
}

fn with(events: Vec<Event>, clocks: Clocks) -> History {
    let end = events.iter().map(|event| event.at).max();
    let header = Header {
        clocks,
        order: Order::Causal,
        end: end.unwrap_or_default() + Duration::from_millis(300),
    };
    History { header, events }
}

/// One thing that goes otherwise.
#[derive(Debug, Clone)]
enum Change {
    Drop(Index),
    Repeat(Index),
    /// Again when all the others are through.
    Late(Index, u64),
    Swap(Index),
    User(Index, Index),
    What(Index, Index),
    Session(Index, u32),
    /// From here on everything comes later by so many milliseconds.
    Delay(Index, u64),
    /// One that has run back by so many milliseconds.
    Back(Index, u64),
    Link(Index, ConnectionState, ConnectionReason),
}

impl Change {
    fn apply(&self, events: &mut Vec<Event>) {
        let length = events.len();
        if length < 2 {
            return;
        }
        match self {
            Self::Drop(place) => drop(events.remove(place.index(length))),
            Self::Repeat(place) => {
                let place = place.index(length);
                events.insert(place, events[place].clone());
            }
            Self::Late(place, ms) => {
                let at = events[length - 1].at + Duration::from_millis(*ms);
                let event = events[place.index(length)].clone();
                events.push(Event { at, ..event });
            }
            Self::Swap(place) => {
                let place = place.index(length - 1);
                events.swap(place, place + 1);
            }
            Self::User(place, other) => {
                events[place.index(length)].user = events[other.index(length)].user.clone();
            }
            Self::What(place, other) => {
                events[place.index(length)].what = events[other.index(length)].what.clone();
            }
            Self::Session(place, more) => events[place.index(length)].session += more,
            Self::Delay(place, ms) => {
                for late in &mut events[place.index(length)..] {
                    late.at += Duration::from_millis(*ms);
                }
            }
            Self::Back(place, ms) => {
                let event = &mut events[place.index(length)];
                event.at = event.at.saturating_sub(Duration::from_millis(*ms));
            }
            Self::Link(place, state, reason) => {
                let place = place.index(length);
                let what = What::Connection {
                    state: *state,
                    reason: *reason,
                };
                let event = events[place].clone();
                events.insert(place, Event { what, ..event });
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        place().prop_map(Change::Drop),
        place().prop_map(Change::Repeat),
        (place(), prop_oneof![Just(0), 0u64..200, 0u64..15_000])
            .prop_map(|(place, ms)| Change::Late(place, ms)),
        place().prop_map(Change::Swap),
        (place(), place()).prop_map(|(place, other)| Change::User(place, other)),
        (place(), place()).prop_map(|(place, other)| Change::What(place, other)),
        (place(), 1u32..3).prop_map(|(place, more)| Change::Session(place, more)),
        (place(), prop_oneof![0u64..200, 0u64..100_000])
            .prop_map(|(place, ms)| Change::Delay(place, ms)),
        (place(), 0u64..3_000).prop_map(|(place, ms)| Change::Back(place, ms)),
        (
            place(),
            select(ConnectionState::ALL),
            select(ConnectionReason::ALL)
        )
            .prop_map(|(place, state, reason)| Change::Link(place, state, reason)),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let users = select(vec![
        ("alice", "bob"),
        ("alice", "bob"),
        ("bob", "alice"),
        ("alice", "carol"),
        ("carol", "carol"),
    ]);
    let ring = prop_oneof![2 => Just(0u64), 1 => 0u64..70_000];
    (0usize..3, users, ring, any::<bool>(), any::<bool>()).prop_map(
        |(course, users, ring, states, channel)| Call {
            course,
            users,
            ring,
            states,
            channel,
        },
    )
}

fn clocks() -> impl Strategy<Value = Clocks> {
    let limit = || prop_oneof![0u64..100, 0u64..30_000].prop_map(Duration::from_millis);
    let scaled = (limit(), limit(), limit(), limit(), limit(), limit()).prop_map(
        |(offline_window, no_ack, expiry, accept_ack, cancel_bound, presence_grace)| Clocks {
            offline_window,
            no_ack,
            expiry,
            accept_ack,
            cancel_bound,
            presence_grace,
            ..Clocks::default()
        },
    );
    prop_oneof![Just(Clocks::default()), scaled]
}

#[test]
fn every_tale_is_judged_the_same() {
    for tale in tales() {
        let history = tale.history().expect("a recipe");
        assert_eq!(difference(&history), [""; 0], "{}", tale.name);
    }
}

#[test]
fn a_log_in_that_is_forgotten_over_silent_ones_makes_no_difference() {
    let begun = "
        0    alice create c peer=bob => 0
        0    alice send c => 0
        0    bob   remoteReceived c peer=alice
        0    alice localReceivedByPeer c
        0    bob   accept c response=yes => 0
    ";
    let told = "0  alice localAccepted c response=yes";
    let others = "
        0    bob#2 create w2 peer=zoe => 0
        0    bob#3 create w3 peer=zoe => 0
        0    bob#4 create w4 peer=zoe => 0
        0    bob#5 create w5 peer=zoe => 0
    ";
    let confirmed = "60 bob#1 remoteAccepted c";
    let later = "
        1001 carol create x peer=zoe => 0
        1200 bob#1 remoteAccepted c
    ";
    for parts in [
        [begun, others, told, confirmed],
        [begun, told, others, later],
    ] {
        let events = history_of(&parts.join("\n")).expect("a recipe").events;
        assert_eq!(difference(&with(events, Clocks::default())), [""; 0]);
    }
}

#[test]
fn what_runs_back_in_time_is_judged_the_same() {
    let recipe = "
        20000 carol create a peer=zed => 0
        0     alice create b peer=bob content=hi => 0
        0     alice send b => 0
        0     bob   remoteReceived b peer=alice content=hi
        0     alice localReceivedByPeer b
        0     bob   accept b response=yes => 0
        20500 carol create d peer=zed => 0
        1     alice localAccepted b response=yes
        1     bob   remoteAccepted b
    ";
    let events = history_of(recipe).expect("a recipe").events;
    assert_eq!(difference(&with(events, Clocks::default())), [""; 0]);
}

#[test]
fn usual_calls_are_counted_as_if_each_had_been_judged_in_full() {
    let calls = |ring| -> Vec<Call> {
        let call = |course| Call {
            course,
            ring,
            ..PLAIN
        };
        (0..300).map(|number| call(number % 3)).collect()
    };
    for (apart, ring) in [(0, 0), (2, 0), (50, 20_000)] {
        let history = history(&calls(ring), apart, Clocks::default(), true);
        let mut judge = Judge::new(Clocks::default(), Order::Causal);
        for event in &history.events {
            judge.observe(event);
        }
        judge.advance(Duration::from_secs(90));
        assert_eq!(judge.findings(), []);
        let times = judge.ways.times();
        assert!(times > 250, "{times} of 300 went a known way");
        assert_eq!(difference(&history), [""; 0]);
    }
}

#[test]
fn what_is_watched_is_dropped_when_it_is_over() {
    let mut judge = Judge::new(Clocks::default(), Order::Causal);
    for number in 0..5_000 {
        for mut event in PLAIN.events(&format!("c{number}")) {
            event.at += Duration::from_millis(number);
            judge.observe(&event);
        }
    }
    assert!(judge.watched.len() < 4_000, "{}", judge.watched.len());
}

proptest! {
    #[test]
    fn whatever_goes_otherwise_is_judged_the_same(
        calls in prop::collection::vec(call(), 1..8),
        apart in prop_oneof![0u64..10, 0u64..400],
        clocks in clocks(),
        is_known in any::<bool>(),
        changes in prop::collection::vec(change(), 0..4),
    ) {
        let mut events = history(&calls, apart, clocks, is_known).events;
        for change in &changes {
            change.apply(&mut events);
        }
        prop_assert_eq!(difference(&with(events, clocks)), [""; 0]);
    }
}
