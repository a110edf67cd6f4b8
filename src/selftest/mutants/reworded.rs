//! A text, a peer or a state number is another: what was said is not what was heard.

use std::sync::Arc;

use super::story::{Story, Tale};
use super::{Expects, Mutant, violation};
use crate::history::{Call, Callback, Event, Passed, Payload, What};

/// No text of any history.
const OTHER: &str = "something else";

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        let Some(tale) = story.tale(event) else {
            continue;
        };
        let mut add = |what: &str, expects: Expects, change: &dyn Fn(&mut What)| {
            let mut to = event.clone();
            change(&mut to.what);
            let change = format!("{} with another {what}", super::word(event));
            found.push(Mutant::changed(story, (place, change), to, expects));
        };
        match &event.what {
            What::CalledBack {
                callback,
                with,
                state,
                ..
            } => heard(tale, (*callback, with, *state), &mut add),
            What::Called { call, .. } => said(story, tale, (place, *call), event, &mut add),
            What::Returned { .. } | What::Connection { .. } | What::Wire { .. } => {}
        }
    }
}

type Add<'a> = dyn FnMut(&str, Expects, &dyn Fn(&mut What)) + 'a;

/// What came with a callback.
fn heard(
    tale: &Tale<'_>,
    (callback, with, state): (Callback, &Passed, Option<u8>),
    add: &mut Add<'_>,
) {
    if let Some(state) = state {
        for other in (0..=6).filter(|other| *other != state) {
            add("state", violation(&["OBJ-4"]), &|what| {
                if let What::CalledBack { state, .. } = what {
                    *state = Some(other);
                }
            });
        }
    }
    match callback {
        Callback::RemoteReceived => {
            let rule = |text: &Payload| {
                violation(if text.is_empty() {
                    &["OBJ-7"]
                } else {
                    &["SEND-3"]
                })
            };
            if tale.made(Call::Send) == 1 {
                add("content", rule(&with.content), &|what| {
                    passed(what, |with| with.content = Payload::of(OTHER));
                });
                add("channel id", rule(&with.channel), &|what| {
                    passed(what, |with| with.channel = Payload::of(OTHER));
                });
            }
            add("caller", violation(&["OBJ-5"]), &|what| {
                passed(what, |with| with.peer = Some(Arc::from(OTHER)));
            });
        }
        Callback::LocalAccepted | Callback::LocalRefused => {
            let accepted = callback == Callback::LocalAccepted;
            let rule = if accepted { "ACC-1" } else { "REF-1" };
            add("response", violation(&[rule]), &|what| {
                passed(what, |with| with.response = Payload::of(OTHER));
            });
        }
        Callback::LocalReceivedByPeer
        | Callback::LocalCanceled
        | Callback::LocalFailure
        | Callback::RemoteAccepted
        | Callback::RemoteRefused
        | Callback::RemoteCanceled
        | Callback::RemoteFailure => {}
    }
}

/// What was passed with a call, if anybody heard it.
fn said(
    story: &Story<'_>,
    tale: &Tale<'_>,
    (place, call): (usize, Call),
    event: &Event,
    add: &mut Add<'_>,
) {
    let admitted = tale.admitted(call).filter(|made| made.called == place);
    let Some(made) = admitted else {
        return;
    };
    // What a log-in said counts for nothing once a later one was rung.
    let last = tale
        .heard
        .iter()
        .rev()
        .find(|told| told.callback == Callback::RemoteReceived);
    let rung = last.and_then(|told| story.history.events.get(told.event));
    let answers = [Call::Accept, Call::Refuse].contains(&call);
    if *made.user != event.user || answers && rung.is_none_or(|it| it.session != event.session) {
        return;
    }
    match call {
        Call::Send if tale.heard(Callback::RemoteReceived).is_some() => {
            let rules = violation(&["SEND-3", "OBJ-7", "OBJ-6"]);
            add("content", rules.clone(), &|what| {
                passed(what, |with| with.content = Payload::of(OTHER));
            });
            add("channel id", rules, &|what| {
                passed(what, |with| with.channel = Payload::of(OTHER));
            });
        }
        Call::Accept if tale.heard(Callback::LocalAccepted).is_some() => {
            add("response", violation(&["ACC-1"]), &|what| {
                passed(what, |with| with.response = Payload::of(OTHER));
            });
        }
        Call::Refuse if tale.heard(Callback::LocalRefused).is_some() => {
            add("response", violation(&["REF-1"]), &|what| {
                passed(what, |with| with.response = Payload::of(OTHER));
            });
        }
        Call::Create | Call::Send | Call::Cancel | Call::Accept | Call::Refuse => {}
    }
}

fn passed(what: &mut What, change: impl FnOnce(&mut Passed)) {
    match what {
        What::Called { with, .. } | What::CalledBack { with, .. } => change(with),
        What::Returned { .. } | What::Connection { .. } | What::Wire { .. } => {}
    }
}
