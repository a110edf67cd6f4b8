//! Two events that stand side by side have changed places: the times stay, and a cause may come after its effect.

use std::time::Duration;

use super::story::{Story, Tale};
use super::{Expects, Mutant, violation};
use crate::history::{Call, Callback, Event, What};
use crate::lifecycle::FindingKind;

/// Further apart, more than their order changes.
const NEAR: Duration = Duration::from_millis(20);

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    let all = &story.history.events;
    for (place, pair) in all.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        if second.at.saturating_sub(first.at) > NEAR {
            continue;
        }
        let Some(expects) = expects(story, place, (first, second)) else {
            continue;
        };
        let mut events = all.clone();
        events.swap(place, place + 1);
        for (event, at) in events.iter_mut().skip(place).zip([first.at, second.at]) {
            event.at = at;
        }
        let change = format!("{} after {}", super::word(first), super::word(second));
        found.push(Mutant::new(story, (place, change), events, expects));
    }
}

fn expects(story: &Story<'_>, place: usize, (first, second): (&Event, &Event)) -> Option<Expects> {
    let connection = |event: &Event| matches!(event.what, What::Connection { .. });
    if connection(first) || connection(second) {
        // What is owed to whom depends on who is there.
        return None;
    }
    if story.missed(place, (first, second)) {
        return Some(violation(&["SES-3"]));
    }
    if first.what.invitation() != second.what.invitation() {
        return Some(Expects::Nothing(
            "SEND-6: two invitations are independent, so no order between them is demanded",
        ));
    }
    let tale = story.tale(first)?;
    if first.user == second.user {
        one_user(story, tale, place, (first, second))
    } else {
        two_users(story, tale, (&first.what, &second.what))
    }
}

/// The order of two events of one client.
fn one_user(
    story: &Story<'_>,
    tale: &Tale<'_>,
    place: usize,
    (first, second): (&Event, &Event),
) -> Option<Expects> {
    match (&first.what, &second.what) {
        (What::Called { call, .. }, What::Returned { call: back, .. }) if call == back => {
            Some(violation(&["ORD-1"]))
        }
        (What::Returned { call, .. }, What::CalledBack { callback, code, .. }) => {
            let code = code.map_or(0, |code| code.0);
            if causes(*call, *callback, code) {
                Some(Expects::Finding(FindingKind::Warning, vec!["API-17"]))
            } else {
                Some(Expects::Nothing(
                    "API-17: a call need come back only before what it causes itself",
                ))
            }
        }
        (What::CalledBack { .. }, What::CalledBack { .. }) if first.session < second.session => {
            let has_rung = tale.heard(Callback::RemoteReceived)?.event < place;
            has_rung.then_some(Expects::Nothing(
                "SES-1: what was under way to a log-in that a later one ended comes whenever it comes",
            ))
        }
        (What::CalledBack { callback, .. }, What::CalledBack { callback: next, .. }) => {
            two_callbacks(story, tale, place, (*callback, *next))
        }
        (What::Called { .. } | What::Returned { .. }, What::Called { .. }) => Some(
            Expects::Nothing("API: several calls of one client may be under way at once"),
        ),
        // The call is made first, and answered as if the callback had come: they crossed.
        (What::CalledBack { callback, .. }, What::Called { call, .. }) => match (callback, call) {
            (Callback::RemoteReceived, Call::Accept | Call::Refuse) => crossed_answer(tale, *call),
            _ => None,
        },
        (What::Called { .. }, What::Returned { .. } | What::CalledBack { .. })
        | (What::Returned { .. }, What::Returned { .. })
        | (What::CalledBack { .. }, What::Returned { .. })
        | (What::Connection { .. } | What::Wire { .. }, _)
        | (_, What::Connection { .. } | What::Wire { .. }) => None,
    }
}

/// An answer to what has not been received.
fn crossed_answer(tale: &Tale<'_>, call: Call) -> Option<Expects> {
    let made = tale.admitted(call)?;
    let received = tale.heard(Callback::RemoteReceived)?;
    (made.called == received.event + 1).then(|| violation(&["API-15"]))
}

/// Whether the call is what the callback waits for (API-17).
fn causes(call: Call, callback: Callback, code: u8) -> bool {
    match callback {
        Callback::LocalReceivedByPeer => call == Call::Send,
        Callback::LocalFailure => call == Call::Send && code != 3,
        Callback::LocalCanceled => call == Call::Cancel,
        Callback::RemoteAccepted => call == Call::Accept,
        Callback::RemoteFailure => call == Call::Accept && code != 3,
        Callback::RemoteRefused => call == Call::Refuse,
        Callback::LocalAccepted
        | Callback::LocalRefused
        | Callback::RemoteReceived
        | Callback::RemoteCanceled => false,
    }
}

fn two_callbacks(
    story: &Story<'_>,
    tale: &Tale<'_>,
    place: usize,
    (first, second): (Callback, Callback),
) -> Option<Expects> {
    if tale.caller == tale.callee && first.side() != second.side() {
        return across(story, tale, (first, second));
    }
    match first {
        Callback::RemoteReceived if second == first => Some(Expects::Nothing(
            "SES-1: at which of two log-ins it rings first is not judged",
        )),
        // It rang earlier at another log-in, so a ring after the end is one too many.
        Callback::RemoteReceived if tale.heard(first).is_some_and(|told| told.event < place) => {
            Some(violation(&["SES-3"]))
        }
        Callback::RemoteReceived => Some(violation(&["OBJ-2"])),
        Callback::LocalReceivedByPeer => Some(violation(&["ORD-6"])),
        Callback::LocalAccepted
        | Callback::LocalRefused
        | Callback::LocalCanceled
        | Callback::LocalFailure
        | Callback::RemoteAccepted
        | Callback::RemoteRefused
        | Callback::RemoteCanceled
        | Callback::RemoteFailure => None,
    }
}

/// The order of two events of different users: it counts where one causes the other.
fn two_users(
    story: &Story<'_>,
    tale: &Tale<'_>,
    (first, second): (&What, &What),
) -> Option<Expects> {
    match (first, second) {
        (What::CalledBack { callback, .. }, What::CalledBack { callback: next, .. }) => {
            across(story, tale, (*callback, *next))
        }
        (What::Called { call, .. }, What::CalledBack { callback, .. }) => match (call, callback) {
            (Call::Send, Callback::RemoteReceived) => Some(violation(&["ORD-2"])),
            (Call::Cancel, Callback::RemoteCanceled) => Some(violation(&["ORD-3"])),
            (Call::Accept, Callback::LocalAccepted) => Some(violation(&["ORD-4"])),
            (Call::Refuse, Callback::LocalRefused) => Some(violation(&["ORD-5"])),
            _ => Some(UNRELATED),
        },
        (What::Returned { .. }, _) | (_, What::Called { .. } | What::Returned { .. }) => {
            Some(UNRELATED)
        }
        (What::Connection { .. } | What::Wire { .. }, _)
        | (_, What::Connection { .. } | What::Wire { .. }) => None,
    }
}

const UNRELATED: Expects =
    Expects::Nothing("ORD: neither of the two events of different users causes the other");

/// Callbacks of the two sides.
fn across(story: &Story<'_>, tale: &Tale<'_>, pair: (Callback, Callback)) -> Option<Expects> {
    match pair {
        (Callback::RemoteReceived, Callback::LocalReceivedByPeer) => Some(violation(&["SEND-2"])),
        (Callback::RemoteCanceled, Callback::LocalCanceled) => {
            let cancel = tale.admitted(Call::Cancel)?;
            let acked = tale.heard(Callback::LocalReceivedByPeer);
            let had_it = acked.is_some_and(|acked| acked.event < cancel.called);
            let reachable = story.calm(tale);
            if had_it && reachable {
                Some(violation(&["ORD-3"]))
            } else if reachable {
                Some(Expects::Nothing(
                    "ORD-3: the cancel crossed the device ack, so the order of the two is free",
                ))
            } else {
                None
            }
        }
        (Callback::LocalAccepted, Callback::RemoteAccepted)
        | (Callback::RemoteAccepted, Callback::LocalAccepted) => Some(Expects::Nothing(
            "ORD-4: the order of the two Accepted across devices is not judged",
        )),
        (first, second) if first.ends() && second.ends() => Some(Expects::Nothing(
            "ORD-5: the order of two endings across devices is not judged",
        )),
        _ => Some(UNRELATED),
    }
}
