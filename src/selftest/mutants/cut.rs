//! The history stops before its end: what is open then is inconclusive, never right.

use super::story::{Story, Told};
use super::{Expects, Mutant};
use crate::history::{Call, Callback, Event, Side, UserId};
use crate::lifecycle::FindingKind;

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    let all = &story.history.events;
    for kept in 1..all.len() {
        let events: Vec<Event> = all.iter().take(kept).cloned().collect();
        let mut history = story.history.clone();
        history.events = events;
        history.header.end = history.events.last().map_or(history.header.end, |it| it.at);
        let Some(expects) = expects(&Story::of(&history)) else {
            continue;
        };
        found.push(Mutant {
            event: kept,
            change: format!("nothing from here on, {} events left", all.len() - kept),
            history,
            expects,
        });
    }
}

fn expects(left: &Story<'_>) -> Option<Expects> {
    let last = left.history.events.len();
    if left.doubles() {
        // A second log-in owes the first its end.
        return None;
    }
    let mut open = false;
    for (_, tale) in left.tales() {
        let Some(caller) = tale.caller else { continue };
        let heard = |told: &Told| told.callback.side() == Side::Remote;
        let rings = tale.heard.iter().any(heard) && tale.end(Side::Remote).is_none();
        let sent = tale.admitted(Call::Send).is_some() && tale.end(Side::Local).is_none();
        let under_way = tale.calls.iter().any(|made| made.returned.is_none());
        let out = |user: &UserId| {
            let session = left.session(user, last).unwrap_or(1);
            left.is_out(user, session, last)
        };
        let away = out(caller) || tale.callee.is_some_and(out);
        if away && (rings || sent || under_way) {
            // Whether anything is owed to somebody who has left depends on how.
            return None;
        }
        // That the caller's connection was lost, which excuses this pair, may show a moment later.
        let unexplained = tale.heard(Callback::LocalAccepted).is_some()
            && tale.end(Side::Remote).is_some_and(|end| end.code == 2)
            && left.stayed(Some(caller));
        open |= rings || sent || under_way || unexplained;
    }
    Some(if open {
        Expects::Finding(FindingKind::Inconclusive, Vec::new())
    } else {
        Expects::Nothing("AGR-8: nothing was open when the history stopped")
    })
}
