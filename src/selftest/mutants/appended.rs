//! Something follows the end of a side: another callback, or a call that is admitted.

use std::time::Duration;

use super::story::{Story, Tale, Told};
use super::{Expects, Mutant, violation};
use crate::history::{
    Call, CallCode, Callback, Event, FailureCode, InvitationId, Passed, Side, UserId, What,
};

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (id, tale) in story.tales() {
        for (side, user) in [(Side::Local, tale.caller), (Side::Remote, tale.callee)] {
            let (Some(end), Some(user)) = (tale.end(side), user) else {
                continue;
            };
            if story.stayed(Some(user)) {
                let id = InvitationId::from(id);
                for when in [When::AtOnce, When::MuchLater] {
                    callbacks(story, (&id, user), (side, end, when), found);
                    calls(story, tale, (&id, user), (side, end, when), found);
                }
            }
        }
    }
}

/// How long after the history's last event it follows.
#[derive(Debug, Clone, Copy)]
enum When {
    AtOnce,
    /// When all clocks have run out, and a judge may have forgotten what it saw.
    MuchLater,
}

impl When {
    fn words(self) -> &'static str {
        match self {
            Self::AtOnce => "",
            Self::MuchLater => "long ",
        }
    }
}

fn callbacks(
    story: &Story<'_>,
    (id, user): (&InvitationId, &UserId),
    (side, end, when): (Side, Told, When),
    found: &mut Vec<Mutant>,
) {
    for callback in Callback::ALL.iter().copied() {
        if callback.side() != side {
            continue;
        }
        let failure = [Callback::LocalFailure, Callback::RemoteFailure].contains(&callback);
        let what = What::CalledBack {
            callback,
            invitation: id.clone(),
            with: Passed::default(),
            code: failure.then_some(FailureCode(3)),
            state: None,
        };
        let rule = if callback == Callback::LocalReceivedByPeer {
            "ORD-6"
        } else {
            "OBJ-3"
        };
        let change = format!("{callback} {}after {}", when.words(), end.callback);
        let events = followed(story, (user, when), [what]);
        found.push(Mutant::new(
            story,
            (story.history.events.len(), change),
            events,
            violation(&[rule]),
        ));
    }
}

fn calls(
    story: &Story<'_>,
    tale: &Tale<'_>,
    (id, user): (&InvitationId, &UserId),
    (side, end, when): (Side, Told, When),
    found: &mut Vec<Mutant>,
) {
    let accepted = end.callback == Callback::RemoteAccepted;
    let offline = tale.end(Side::Local).is_some_and(|end| end.code == 4);
    if offline {
        // Without a log-in other rules apply.
        return;
    }
    let rows: &[(Call, &str)] = match side {
        Side::Local => &[(Call::Send, "API-4"), (Call::Cancel, "API-7")],
        Side::Remote if accepted => &[(Call::Accept, "API-10"), (Call::Refuse, "API-14")],
        Side::Remote => &[(Call::Accept, "API-11"), (Call::Refuse, "API-14")],
    };
    for (call, rule) in rows.iter().copied() {
        for code in [
            CallCode::OK,
            CallCode::ALREADY_END,
            CallCode::ALREADY_ACCEPT,
        ] {
            let expects = match code {
                CallCode::ALREADY_END => Expects::Nothing(
                    "API: a call after the end that returns AlreadyEnd changes nothing",
                ),
                CallCode::ALREADY_ACCEPT if accepted && call == Call::Accept => {
                    Expects::Nothing("API-10: AlreadyAccept after Accepted is tolerated")
                }
                _ => violation(&[rule]),
            };
            let called = What::Called {
                call,
                invitation: id.clone(),
                with: Passed {
                    peer: tale.callee.cloned(),
                    ..Passed::default()
                },
            };
            let returned = What::Returned {
                call,
                invitation: id.clone(),
                code,
            };
            let change = format!(
                "{call} {}after {} returns {code}",
                when.words(),
                end.callback
            );
            let events = followed(story, (user, when), [called, returned]);
            let place = story.history.events.len();
            found.push(Mutant::new(story, (place, change), events, expects));
        }
    }
}

/// The events, and then some more of that user.
fn followed(
    story: &Story<'_>,
    (user, when): (&UserId, When),
    more: impl IntoIterator<Item = What>,
) -> Vec<Event> {
    let mut events = story.history.events.clone();
    let last = events.last().map_or(Duration::ZERO, |event| event.at);
    let session = events
        .iter()
        .rev()
        .find(|event| event.user == *user)
        .map_or(1, |event| event.session);
    let at = match when {
        When::AtOnce => last + Duration::from_millis(1),
        When::MuchLater => story.history.header.end.max(last) + Duration::from_millis(1),
    };
    events.extend(more.into_iter().map(|what| Event {
        at,
        user: user.clone(),
        session,
        what,
    }));
    events
}
