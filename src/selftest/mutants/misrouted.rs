//! An event is another user's: the other side's, or a stranger's.

use std::sync::Arc;

use super::story::{Story, Tale};
use super::{Expects, Mutant, violation};
use crate::history::{Call, CallCode, Callback, Event, UserId, What};

/// Nobody of any history.
const STRANGER: &str = "a stranger";

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        let Some(tale) = story.tale(event) else {
            continue;
        };
        let stranger: UserId = Arc::from(STRANGER);
        let others = [tale.caller, tale.callee, Some(&stranger)];
        for user in others.into_iter().flatten() {
            let session = story.session(user, place).unwrap_or(event.session);
            let away = story.is_out(user, session, place);
            if *user == event.user || away {
                continue;
            }
            let Some(expects) = expects(tale, event) else {
                continue;
            };
            let to = Event {
                user: user.clone(),
                session,
                ..event.clone()
            };
            let change = format!("{} at {user} instead of {}", super::word(event), event.user);
            found.push(Mutant::changed(story, (place, change), to, expects));
        }
    }
}

fn expects(tale: &Tale<'_>, event: &Event) -> Option<Expects> {
    tale.callee?;
    Some(violation(match &event.what {
        // The result comes back to somebody who made no such call.
        What::Called {
            call: Call::Accept | Call::Refuse,
            ..
        } if tale.came_back(Call::Cancel, CallCode::ALREADY_END) => &["ORD-1", "API-6"],
        What::Called { .. } => &["ORD-1", "OBJ-1"],
        What::Returned { .. } => &["ORD-1"],
        What::CalledBack { callback, .. } => match callback {
            Callback::RemoteAccepted => &["ACC-1"],
            Callback::RemoteRefused => &["REF-1"],
            Callback::RemoteCanceled => &["CAN-1"],
            Callback::RemoteReceived
            | Callback::RemoteFailure
            | Callback::LocalReceivedByPeer
            | Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure => &["SEND-5"],
        },
        What::Connection { .. } | What::Wire { .. } => return None,
    }))
}
