//! An event is there twice.

use super::story::Story;
use super::{Expects, Mutant, violation};
use crate::history::{Call, Callback, Event, What};

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        if story
            .tale(event)
            .is_some_and(|tale| story.is_long_over(tale, event))
        {
            continue;
        }
        let Some(expects) = expects(story, event) else {
            continue;
        };
        let mut events = story.history.events.clone();
        events.insert(place, event.clone());
        let change = format!("{} twice", super::word(event));
        found.push(Mutant::new(story, (place, change), events, expects));
    }
}

fn expects(story: &Story<'_>, event: &Event) -> Option<Expects> {
    Some(match &event.what {
        What::Called {
            call: Call::Create, ..
        } => violation(&["OBJ-1"]),
        // One of the two never comes back.
        What::Called { call, .. } => return super::unreturned(story, event, *call),
        What::Returned { .. } => violation(&["ORD-1"]),
        What::CalledBack { callback, .. } => match callback {
            Callback::RemoteReceived | Callback::LocalReceivedByPeer => {
                if story.calm(story.tale(event)?) {
                    violation(&["SEND-4"])
                } else {
                    violation(&["SEND-4", "SES-3"])
                }
            }
            Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => violation(&["OBJ-3"]),
        },
        What::Wire { .. } => return None,
        What::Connection { .. } => {
            Expects::Nothing("SES: a connection that is told the same state twice has not changed")
        }
    })
}
