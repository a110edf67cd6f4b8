//! What a recorded history reaches.

use std::collections::HashMap;

use super::follow::{Follow, Reached, step};
use crate::history::{
    Call, CallCode, ConnectionReason, ConnectionState, History, InvitationId, Side, UserId, What,
};

/// An invitation with those who have a side of it.
#[derive(Default)]
struct Known {
    caller: Option<UserId>,
    callee: Option<UserId>,
    follow: Follow,
}

/// The goals that a history reaches.
pub fn reached(history: &History) -> Reached {
    let mut reached = Reached::default();
    let mut known: HashMap<InvitationId, Known> = HashMap::new();
    for event in &history.events {
        match &event.what {
            What::Called {
                call: Call::Create,
                invitation,
                with,
            } => {
                let known = known.entry(invitation.clone()).or_default();
                known.caller = Some(event.user.clone());
                known.callee.clone_from(&with.peer);
            }
            What::Called { .. } | What::Wire { .. } => {}
            What::Returned {
                call,
                invitation,
                code,
            } => {
                let known = known.entry(invitation.clone()).or_default();
                let named = match call {
                    Call::Create | Call::Send | Call::Cancel => true,
                    Call::Accept | Call::Refuse => known.callee.as_ref() == Some(&event.user),
                };
                let who = (named, *code != CallCode::INVALID_ARGUMENT);
                known
                    .follow
                    .call(&mut reached, *call, who, *code == CallCode::OK);
            }
            What::CalledBack {
                callback,
                invitation,
                code,
                ..
            } => {
                let known = known.entry(invitation.clone()).or_default();
                let step = step(*callback, *code);
                known.follow.called_back(&mut reached, *callback, &step);
            }
            What::Connection { state, reason } => {
                if let Some(event_name) = session(*state, *reason) {
                    for one in known.values_mut() {
                        for (side, user) in
                            [(Side::Local, &one.caller), (Side::Remote, &one.callee)]
                        {
                            if user.as_ref() == Some(&event.user) {
                                one.follow.session(&mut reached, side, event_name);
                            }
                        }
                    }
                }
            }
        }
    }
    reached
}

/// The event of a user that a change of its connection is.
fn session(state: ConnectionState, reason: ConnectionReason) -> Option<&'static str> {
    match (state, reason) {
        (ConnectionState::Connecting, ConnectionReason::Login) => Some("login"),
        (ConnectionState::Disconnected, ConnectionReason::Logout) => Some("logout"),
        (ConnectionState::Reconnecting, ConnectionReason::Interrupted) => Some("cut"),
        _ => None,
    }
}
