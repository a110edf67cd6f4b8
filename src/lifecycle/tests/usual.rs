//! The short cut: what goes the usual way is judged as if every invitation were judged in full.

use std::time::Duration;

use proptest::prelude::*;

use super::super::tales::{history_of, tales};
use super::super::{Judge, Verdict};
use crate::history::{
    Clocks, ConnectionReason, ConnectionState, Event, Header, History, Order, What,
};

/// What is said of a history with the short cut, and without it.
fn both(history: &History) -> (Vec<String>, Vec<String>) {
    let new = || Judge::new(history.header.clocks, history.header.order);
    let said = |mut judge: Judge| {
        for event in &history.events {
            judge.observe(event);
        }
        said(judge.finish(history.header.end))
    };
    (said(new()), said(new().without_short_cut()))
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

/// Nothing, or the lines that only one verdict has.
fn difference((short, full): &(Vec<String>, Vec<String>)) -> Vec<String> {
    let alone = |these: &[String], those: &[String], whose: &str| -> Vec<String> {
        let alone = these.iter().filter(|line| !those.contains(line));
        alone.map(|line| format!("{whose}: {line}")).collect()
    };
    let mut lines = alone(short, full, "with the short cut");
    lines.extend(alone(full, short, "in full"));
    lines
}

/// Calls of two users, each accepted, refused or cancelled, begun so many milliseconds one after the other and decided when
/// they have rung for so many.
fn calls(courses: &[usize], apart: u64, ring: u64) -> Vec<Event> {
    const COURSES: [&str; 3] = [
        "4  bob   accept N response=yes => 0
         5  alice localAccepted N response=yes
         6  bob   remoteAccepted N",
        "4  bob   refuse N => 0
         5  bob   remoteRefused N
         6  alice localRefused N",
        "4  alice cancel N => 0
         5  bob   remoteCanceled N
         6  alice localCanceled N",
    ];
    let mut events = Vec::new();
    for (number, course) in courses.iter().enumerate() {
        let text = format!(
            "0  alice create N peer=bob content=hi => 0
             1  alice send N => 0
             2  bob   remoteReceived N peer=alice content=hi
             3  alice localReceivedByPeer N
             {}",
            COURSES[*course]
        );
        let mut of_one = history_of(&text.replace('N', &format!("c{number}")))
            .expect("a recipe")
            .events;
        for event in &mut of_one {
            if event.at >= Duration::from_millis(4) {
                event.at += Duration::from_millis(ring);
            }
            event.at += Duration::from_millis(apart * number as u64);
        }
        events.extend(of_one);
    }
    events.sort_by_key(|event| event.at);
    events
}

/// One thing that goes otherwise: which event, and what about it.
type Change = (usize, u8, u8);

fn change(events: &mut Vec<Event>, (place, how, much): Change) {
    let length = events.len().max(1);
    let place = place % length;
    let Some(event) = events.get(place).cloned() else {
        return;
    };
    let other = events[usize::from(much) % length].clone();
    match how {
        0 => drop(events.remove(place)),
        1 => events.insert(place, event),
        2 if place + 1 < length => events.swap(place, place + 1),
        3 => events[place].user = other.user,
        4 => events[place].session += u32::from(much % 3),
        5 => events[place].what = other.what,
        // What was before goes on from there.
        6 => {
            for late in &mut events[place..] {
                late.at += Duration::from_millis(100 * u64::from(much) * u64::from(much % 7));
            }
        }
        7 => events.push(Event {
            at: events[length - 1].at,
            ..event
        }),
        _ => events.insert(
            place,
            Event {
                what: link(much),
                ..event
            },
        ),
    }
}

fn link(which: u8) -> What {
    let at = |all: usize| usize::from(which) % all;
    What::Connection {
        state: ConnectionState::ALL[at(ConnectionState::ALL.len())],
        reason: ConnectionReason::ALL[usize::from(which / 8) % ConnectionReason::ALL.len()],
    }
}

#[test]
fn every_tale_is_judged_the_same() {
    for tale in tales() {
        let history = tale.history().expect("a recipe");
        assert_eq!(difference(&both(&history)), [""; 0], "{}", tale.name);
    }
}

#[test]
fn usual_calls_are_counted_as_if_each_had_been_judged_in_full() {
    let courses: Vec<usize> = (0..300).map(|number| number % 3).collect();
    for (apart, ring) in [(0, 0), (2, 0), (50, 20_000)] {
        let events = calls(&courses, apart, ring);
        let mut judge = Judge::new(Clocks::default(), Order::Causal);
        for event in &events {
            judge.observe(event);
        }
        judge.advance(Duration::from_secs(90));
        assert_eq!(judge.findings(), []);
        let (clean, odd) = judge.ways.seen();
        assert!(clean > 250, "{clean} of 300 went a known way");
        assert_eq!(odd, 0);
        assert_eq!(difference(&both(&of(events))), [""; 0]);
    }
}

fn of(events: Vec<Event>) -> History {
    let end = events.iter().map(|event| event.at).max();
    let header = Header {
        clocks: Clocks::default(),
        order: Order::Causal,
        end: end.unwrap_or_default() + Duration::from_millis(300),
    };
    History { header, events }
}

proptest! {
    #[test]
    fn whatever_goes_otherwise_is_judged_the_same(
        courses in prop::collection::vec(0usize..3, 1..8),
        apart in 0u64..400,
        ring in prop_oneof![Just(0u64), 0u64..70_000],
        changes in prop::collection::vec((0usize..200, 0u8..10, any::<u8>()), 0..4),
    ) {
        let mut events = calls(&courses, apart, ring);
        for one in changes {
            change(&mut events, one);
        }
        prop_assert_eq!(difference(&both(&of(events))), [""; 0]);
    }
}
