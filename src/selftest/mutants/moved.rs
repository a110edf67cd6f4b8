//! A callback comes too early, late, or too late for its clock (section 6).

use std::time::Duration;

use super::story::{Story, Tale, Told};
use super::{Expects, Mutant, violation};
use crate::history::{Call, Callback, Event, Side};
use crate::lifecycle::FindingKind;

/// On the far side of an edge.
const BEYOND: Duration = Duration::from_millis(20);

/// Without a clock of its own, an answer is due within this (FAIL-2, FAIL-5, FAIL-6).
const PROMPT: Duration = Duration::from_secs(1);

/// A callback that a clock governs.
struct Timed {
    rules: &'static [&'static str],
    /// From where the clock counts, at the earliest and at the latest.
    from: Duration,
    to: Duration,
    limit: Duration,
    /// Whether it comes at the end of the clock, so that it can be early.
    at_end: bool,
}

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (_, tale) in story.tales() {
        if !story.calm(tale) {
            continue;
        }
        for told in &tale.heard {
            if let Some(timed) = timed(story, tale, *told)
                && !story.is_among_others(told.event)
            {
                move_one(story, *told, &timed, found);
            }
        }
    }
}

fn move_one(story: &Story<'_>, told: Told, timed: &Timed, found: &mut Vec<Mutant>) {
    let Some(event) = story.history.events.get(told.event) else {
        return;
    };
    // Early by more than 50 ms or 1 %, whichever is more; late up to 10 % and 1 s.
    let slack = (timed.limit / 100).max(Duration::from_millis(50));
    let due = timed.from + timed.limit;
    let latest = timed.to + timed.limit;
    let name = told.callback;
    if timed.at_end
        && let Some(at) = due.checked_sub(slack + BEYOND)
        && at < event.at
    {
        let change = format!("{name} too early");
        let events = earlier(story, told.event, at);
        found.extend(events.map(|events| {
            Mutant::new(story, (told.event, change), events, violation(timed.rules))
        }));
    }
    let late = latest + slack + BEYOND;
    let missed = latest + timed.limit / 10 + Duration::from_secs(1) + BEYOND;
    let warning = Expects::Finding(FindingKind::Warning, timed.rules.to_vec());
    let lateness = [
        (late, "late", warning),
        (missed, "too late", violation(timed.rules)),
    ];
    for (at, how, expects) in lateness {
        if how == "late" && event.at > latest + slack {
            // It was late before, so that this is nothing new.
            continue;
        }
        let Some(by) = at.checked_sub(event.at) else {
            continue;
        };
        let change = format!("{name} {how}");
        let events = later(story, told.event, by);
        let mut mutant = Mutant::new(story, (told.event, change), events, expects);
        mutant.history.header.end += by;
        found.push(mutant);
    }
}

/// The events with one of them at an earlier moment; `None` if an event of its own user would come after it.
fn earlier(story: &Story<'_>, place: usize, at: Duration) -> Option<Vec<Event>> {
    let mut events = story.history.events.clone();
    let mut event = events.remove(place);
    let to = events.partition_point(|other| other.at <= at).min(place);
    let passed = events.get(to..place)?;
    let same = |other: &Event| {
        other.user == event.user
            || (other.what.invitation() == event.what.invitation()
                && !matches!(&other.what, crate::history::What::CalledBack { callback, .. } if callback.ends()))
    };
    if passed.iter().any(same) {
        return None;
    }
    event.at = at;
    events.insert(to, event);
    Some(events)
}

/// The events with that one and all after it at a later moment.
fn later(story: &Story<'_>, place: usize, by: Duration) -> Vec<Event> {
    let mut events = story.history.events.clone();
    for event in events.iter_mut().skip(place) {
        event.at += by;
    }
    events
}

/// The clock that governs a callback.
fn timed(story: &Story<'_>, tale: &Tale<'_>, told: Told) -> Option<Timed> {
    let clocks = &story.history.header.clocks;
    let at = |place: usize| story.history.events.get(place).map(|event| event.at);
    let made = |call| tale.admitted(call).and_then(|made| at(made.called));
    let sent = made(Call::Send);
    let from_both = |rules, from, limit, at_end| Timed {
        rules,
        from,
        to: from,
        limit,
        at_end,
    };
    let accept = tale.admitted(Call::Accept);
    // Who is not known to be offline counts as online.
    let absent: &[&str] = if tale.heard(Callback::RemoteReceived).is_some() {
        &["FAIL-3", "SEND-1"]
    } else if story.is_known(tale.callee, told.event) && told.code == 1 {
        &["FAIL-1"]
    } else {
        &["FAIL-1", "FAIL-3"]
    };
    let governed = !tale.answered() && tale.admitted(Call::Cancel).is_none();
    Some(match (told.callback, told.code) {
        (Callback::LocalFailure, 1) if governed => {
            from_both(absent, sent?, clocks.offline_window, true)
        }
        (Callback::LocalFailure, 2) if governed => from_both(absent, sent?, clocks.no_ack, true),
        (Callback::LocalFailure, 3) if governed => Timed {
            rules: &["FAIL-4"],
            from: sent?,
            to: at(tale.heard(Callback::LocalReceivedByPeer)?.event)?,
            limit: clocks.expiry,
            at_end: true,
        },
        (Callback::RemoteFailure, 3)
            if governed && tale.end(Side::Local).is_some_and(|end| end.code == 3) =>
        {
            Timed {
                rules: &["FAIL-4"],
                from: sent?,
                to: at(tale.heard(Callback::LocalReceivedByPeer)?.event)?,
                limit: clocks.expiry,
                at_end: true,
            }
        }
        (Callback::LocalFailure, 4) => from_both(&["FAIL-5"], sent?, PROMPT, false),
        (Callback::RemoteFailure, 1) => {
            from_both(&["ACC-4"], made(Call::Accept)?, clocks.accept_ack, true)
        }
        (Callback::RemoteFailure, 2) => {
            from_both(&["ACC-3"], made(Call::Accept)?, clocks.accept_ack, true)
        }
        (Callback::LocalCanceled, _) if !tale.answered() => {
            from_both(&["CAN-3"], made(Call::Cancel)?, clocks.cancel_bound, false)
        }
        (Callback::RemoteAccepted, _) => {
            from_both(&["ACC-3"], made(Call::Accept)?, clocks.accept_ack, false)
        }
        (Callback::RemoteRefused, _) if accept.is_none() && tale.made(Call::Cancel) == 0 => {
            from_both(
                &["REF-1", "REF-2"],
                made(Call::Refuse)?,
                clocks.accept_ack.max(PROMPT),
                false,
            )
        }
        (
            Callback::LocalReceivedByPeer
            | Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteReceived
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure,
            _,
        ) => return None,
    })
}
