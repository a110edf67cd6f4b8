//! An event is about another invitation: one that nobody created, or another one of the history.

use std::sync::Arc;

use super::story::Story;
use super::{Mutant, violation};
use crate::history::{Call, CallCode, Callback, Event, InvitationId, What};

/// No invitation of any history.
const UNKNOWN: &str = "an-unknown-id";

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        let Some(tale) = story.tale(event) else {
            continue;
        };
        let out = story.is_out(&event.user, event.session, place);
        let rules: &[&'static str] = match &event.what {
            What::Called {
                call: Call::Accept | Call::Refuse,
                ..
            } if tale.came_back(Call::Cancel, CallCode::ALREADY_END) => &["ORD-1", "API-6"],
            What::Called {
                call: Call::Create | Call::Accept | Call::Refuse,
                ..
            } => &["ORD-1", "OBJ-1"],
            What::Called {
                call: Call::Send | Call::Cancel,
                ..
            } => &["OBJ-1"],
            What::Returned { .. } => &["ORD-1"],
            // Nothing at all may reach a log-in that is over.
            What::CalledBack { .. } if out => &["SES-1", "SES-4", "OBJ-1"],
            What::CalledBack { callback, .. } => match callback {
                Callback::RemoteReceived => &["ORD-2"],
                Callback::RemoteAccepted
                | Callback::RemoteRefused
                | Callback::RemoteCanceled
                | Callback::RemoteFailure => &["OBJ-2"],
                Callback::LocalReceivedByPeer
                | Callback::LocalAccepted
                | Callback::LocalRefused
                | Callback::LocalCanceled
                | Callback::LocalFailure => &["OBJ-1"],
            },
            What::Connection { .. } | What::Wire { .. } => continue,
        };
        let mut to = event.clone();
        rename(&mut to, &Arc::from(UNKNOWN));
        let change = format!("{} of an unknown id", super::word(event));
        found.push(Mutant::changed(
            story,
            (place, change),
            to,
            violation(rules),
        ));
    }
}

fn rename(event: &mut Event, id: &InvitationId) {
    match &mut event.what {
        What::Called { invitation, .. }
        | What::Returned { invitation, .. }
        | What::CalledBack { invitation, .. } => invitation.clone_from(id),
        What::Connection { .. } | What::Wire { .. } => {}
    }
}
