//! An event is missing: what caused it, or what it caused, stands alone.

use std::time::Duration;

use super::story::{Story, Tale, Told};
use super::{Expects, Mutant, violation};
use crate::history::{
    Call, CallCode, Callback, ConnectionReason, ConnectionState, Event, Side, What,
};
use crate::lifecycle::FindingKind;

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        let Some(expects) = expects(story, place, event) else {
            continue;
        };
        let mut events = story.history.events.clone();
        events.remove(place);
        let change = format!("without {}", super::word(event));
        found.push(Mutant::new(story, (place, change), events, expects));
    }
}

fn expects(story: &Story<'_>, place: usize, event: &Event) -> Option<Expects> {
    match &event.what {
        // Its result comes back all the same.
        What::Called { call, .. } => Some(match call {
            Call::Create => violation(&["ORD-1", "OBJ-1"]),
            Call::Accept | Call::Refuse
                if story
                    .tale(event)?
                    .came_back(Call::Cancel, CallCode::ALREADY_END) =>
            {
                violation(&["ORD-1", "API-6"])
            }
            Call::Send | Call::Cancel | Call::Accept | Call::Refuse => violation(&["ORD-1"]),
        }),
        What::Returned { call, .. } => super::unreturned(story, event, *call),
        // A later call tells of the end as well.
        What::CalledBack { callback, .. }
            if callback.ends() && story.tale(event)?.calls_after(callback.side(), place) =>
        {
            None
        }
        // What was owed to a user that leaves is owed no more.
        What::CalledBack { callback, .. }
            if callback.ends() && story.leaves(event) && *callback != Callback::LocalFailure =>
        {
            None
        }
        What::CalledBack { callback, code, .. } => {
            let told = Told {
                callback: *callback,
                code: code.map_or(0, |code| code.0),
                event: place,
            };
            without(story, story.tale(event)?, told)
        }
        What::Connection {
            state: ConnectionState::Aborted,
            reason: ConnectionReason::RemoteLogin,
            // The device that should have been ended counts as there, unless it was away.
        } if !story.was_away(event, place) => Some(violation(&[
            "SES-1", "AGR-8", "FAIL-5", "REF-1", "ACC-2", "ACC-3",
        ])),
        // What a missing log-in or loss means depends on all that follows.
        What::Connection { .. } | What::Wire { .. } => None,
    }
}

/// A callback that did not come.
fn without(story: &Story<'_>, tale: &Tale<'_>, told: Told) -> Option<Expects> {
    let cancelled = tale.admitted(Call::Cancel).is_some();
    let known = story.is_known(tale.callee, told.event);
    let received = tale.heard(Callback::RemoteReceived).is_some();
    Some(match told.callback {
        Callback::RemoteReceived => return unreceived(tale, told),
        Callback::LocalReceivedByPeer => return unacked(story, tale),
        Callback::LocalAccepted | Callback::LocalRefused if cancelled => violation(&["CAN-3"]),
        Callback::LocalAccepted if tale.heard(Callback::RemoteAccepted).is_some() => {
            violation(&["ACC-2"])
        }
        Callback::LocalAccepted if !story.calm(tale) => return None,
        Callback::LocalAccepted => violation(&["AGR-8", "ACC-5"]),
        Callback::LocalRefused if tale.heard(Callback::RemoteRefused).is_some() => {
            violation(&["REF-1"])
        }
        Callback::LocalRefused => violation(&["AGR-8"]),
        Callback::LocalCanceled => violation(&["CAN-3"]),
        Callback::LocalFailure => violation(match told.code {
            4 if story.is_known(tale.caller, told.event) => &["FAIL-5"],
            // Who is not known to be offline counts as online.
            4 => &["FAIL-3", "FAIL-2"],
            _ if cancelled => &["CAN-3"],
            1 | 2 if received && tale.answered() => &["SEND-1", "AGR-8"],
            1 | 2 if received => &["SEND-1"],
            1 if known => &["FAIL-1"],
            1 | 2 => &["FAIL-3"],
            _ if tale.answered() => &["AGR-8"],
            _ => &["FAIL-4"],
        }),
        Callback::RemoteAccepted => violation(&["ACC-3", "ACC-4"]),
        Callback::RemoteRefused => violation(&["REF-1", "REF-2"]),
        Callback::RemoteCanceled => return uncancelled(story, tale),
        Callback::RemoteFailure => violation(match told.code {
            1 | 2 if !story.calm(tale) => &["ACC-3", "ACC-4"],
            1 => &["ACC-4"],
            2 => &["ACC-3"],
            _ if tale.admitted(Call::Accept).is_some() => &["ACC-3", "ACC-4"],
            _ if tale.admitted(Call::Refuse).is_some() => &["REF-1", "REF-2"],
            _ => match tale.end(Side::Local) {
                Some(end) if end.code == 3 => &["FAIL-4", "SES-5"],
                Some(_) => &["FAIL-6"],
                None => &["FAIL-4", "SES-5"],
            },
        }),
    })
}

/// ReceivedByPeer did not come, or an ending overtook it.
fn unacked(story: &Story<'_>, tale: &Tale<'_>) -> Option<Expects> {
    if !story.calm(tale) {
        return None;
    }
    let at = |place: usize| story.history.events.get(place).map(|event| event.at);
    let clocks = &story.history.header.clocks;
    let limit = clocks.no_ack.max(clocks.offline_window);
    let sent = at(tale.admitted(Call::Send)?.called)?;
    let end = tale.end(Side::Local)?;
    let answered = [Callback::LocalAccepted, Callback::LocalRefused].contains(&end.callback);
    let missed = sent + limit + limit / 10 + PROMPT;
    let steers = [Call::Accept, Call::Refuse, Call::Cancel];
    let steered = tale.calls.iter().any(|made| {
        steers.contains(&made.call) && at(made.called).is_some_and(|called| called < missed)
    });
    Some(if at(end.event)? > missed && !steered {
        violation(&["SEND-1"])
    } else if answered || (end.code == 3 && !tale.answered()) {
        Expects::Finding(FindingKind::Warning, vec!["SEND-1"])
    } else {
        Expects::Nothing("ORD-6: ReceivedByPeer may be missing when an ending overtakes it")
    })
}

/// The callee was not told of a cancel that won: what else it waits for falls due as well.
fn uncancelled(story: &Story<'_>, tale: &Tale<'_>) -> Option<Expects> {
    let mut rules = vec!["CAN-1", "CAN-4"];
    let (cancel, received) = (
        tale.admitted(Call::Cancel)?,
        tale.heard(Callback::RemoteReceived)?,
    );
    if tale.admitted(Call::Accept).is_some() {
        rules.push("ACC-3");
    }
    if tale.admitted(Call::Refuse).is_some() {
        rules.extend(["REF-1", "REF-2"]);
    }
    if received.event > cancel.called {
        rules.push("CAN-2");
    }
    if story.is_nearly_expired(tale, cancel.called) {
        rules.push("FAIL-4");
    }
    Some(Expects::Finding(FindingKind::Violation, rules))
}

/// Late by more than 10 % and this is missed.
const PROMPT: Duration = Duration::from_secs(1);

/// Received did not come: whatever follows of it at the callee is the first that is heard.
fn unreceived(tale: &Tale<'_>, told: Told) -> Option<Expects> {
    let again =
        |other: &&Told| other.callback == Callback::RemoteReceived && other.event != told.event;
    if tale.heard.iter().any(|other| again(&other)) {
        // Another log-in heard of it too.
        return None;
    }
    let acked = tale.heard(Callback::LocalReceivedByPeer);
    let answer = |call| {
        let made = tale.admitted(call)?;
        Some((made.returned?.0, "API-15"))
    };
    let end = tale.end(Side::Remote).map(|end| (end.event, "OBJ-2"));
    // The callee was there, and nothing rang.
    let silent = tale
        .end(Side::Local)
        .filter(|end| end.code == 2)
        .map(|end| (end.event, "SEND-1"));
    let first = [
        acked.map(|acked| (acked.event, "SEND-2")),
        answer(Call::Accept),
        answer(Call::Refuse),
        end,
        silent,
    ];
    let (_, rule) = first.into_iter().flatten().min()?;
    Some(violation(&[rule]))
}
