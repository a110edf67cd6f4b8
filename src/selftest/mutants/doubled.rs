//! An event is there twice.

use super::story::Story;
use super::{Expects, Mutant, violation};
use crate::history::{Call, Event, What};

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
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
        What::CalledBack { callback, .. } if callback.ends() => violation(&["OBJ-3"]),
        What::CalledBack { .. } if story.calm(story.tale(event)?) => violation(&["SEND-4"]),
        What::CalledBack { .. } => violation(&["SEND-4", "SES-3"]),
        What::Wire { .. } => return None,
        What::Connection { .. } => {
            Expects::Nothing("SES: a connection that is told the same state twice has not changed")
        }
    })
}
