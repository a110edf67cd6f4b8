//! What shows only when nothing can follow: a callee that never heard, and what spans two recorders.

use super::case::Case;
use super::desk::{Desk, span};
use super::rules::Id;
use crate::history::{Callback, Side, UserId};

impl Case {
    /// Judges what shows only when nothing can follow: a callee that never received, and without a common clock all
    /// that spans two users.
    pub(super) fn settle(&mut self, desk: &mut Desk) {
        self.settled = true;
        if desk.causal() {
            self.agree(desk);
        } else if self.strays(desk) || self.unrecorded(desk) {
            return;
        } else {
            self.settle_across(desk);
        }
        let (None, Some(local), false) = (self.remote.received, &self.local.end, self.agreed)
        else {
            return;
        };
        if self.local.broken || self.remote.broken {
            return;
        }
        self.agreed = true;
        match (local.callback, local.code) {
            (Callback::LocalCanceled, _) => {
                desk.book.met(Id::Agr3);
                desk.book.discharge(Id::Can2);
            }
            (Callback::LocalFailure, 1 | 2) => desk.book.met(Id::Agr4),
            (
                Callback::LocalFailure
                | Callback::LocalReceivedByPeer
                | Callback::LocalAccepted
                | Callback::LocalRefused
                | Callback::RemoteReceived
                | Callback::RemoteAccepted
                | Callback::RemoteRefused
                | Callback::RemoteCanceled
                | Callback::RemoteFailure,
                _,
            ) => {}
        }
        self.independent(desk);
    }

    /// Whether nothing was recorded of one of its users, each of whom had a recorder of its own: what spans the two cannot
    /// be judged then.
    fn unrecorded(&self, desk: &mut Desk) -> bool {
        let caller = self.caller.as_ref().or(self.remote.heard.peer.as_ref());
        let users = [caller, self.user(Side::Remote)];
        let silent = |user: &&UserId| {
            let person = desk.person(Some(user));
            person.is_none_or(|person| person.last_heard().is_none())
        };
        // With one record alone, whoever is not named is somebody else.
        let alone = desk
            .people
            .values()
            .filter(|it| it.last_heard().is_some())
            .nth(1)
            .is_none();
        let missing: Vec<Option<UserId>> = users
            .into_iter()
            .filter(|user| user.map_or(alone, |user| silent(&user)))
            .map(Option::<&UserId>::cloned)
            .collect();
        let any = !missing.is_empty();
        desk.unrecorded.extend(missing);
        any
    }

    /// Judges whether it rang at somebody else, of whom nobody knew before the callee was named (SEND-5).
    fn strays(&mut self, desk: &mut Desk) -> bool {
        let (Some(callee), Some((hearer, stamp))) = (&self.callee, &self.heard_by) else {
            return false;
        };
        if callee == hearer {
            return false;
        }
        let (hearer, stamp) = (hearer.clone(), *stamp);
        let message = format!("expected only `{callee}` to hear of it; got `{hearer}`");
        desk.breach(self, (Side::Remote, &hearer, stamp), Id::Send5, message);
        self.local.broken = true;
        true
    }

    fn settle_across(&mut self, desk: &mut Desk) {
        let ends = [
            self.local.end.as_ref().map(|end| end.callback),
            self.remote.end.as_ref().map(|end| end.callback),
        ];
        let effects = [Callback::RemoteReceived, Callback::LocalReceivedByPeer];
        for callback in effects.into_iter().chain(ends.into_iter().flatten()) {
            if self.broken(callback.side()) || !self.check_cause(desk, callback) {
                return;
            }
        }
        if let Some(received) = self.remote.received {
            self.check_texts(desk, received, &self.remote.heard);
        }
        self.check_response(desk, Side::Local);
        self.settle_doubts(desk);
        let local = self.local.end.as_ref().map(|end| end.stamp);
        let remote = self.remote.end.as_ref().map(|end| end.stamp);
        if let Some(stamp) = local {
            self.owe_callee(desk, stamp);
        }
        if let Some(stamp) = remote {
            self.owe_caller(desk, stamp);
        }
        self.agree(desk);
    }

    /// Results and moments that only the other side can explain.
    fn settle_doubts(&mut self, desk: &mut Desk) {
        if let (Some(early), None) = (self.local.early.take(), &self.remote.accept) {
            let user = self.name(Side::Local);
            desk.check(self, (Side::Local, &user, early), Id::Fail4, false, || {
                format!(
                    "expected code `3` not before send + expiry; got it at {}",
                    span(early.at)
                )
            });
        }
        let answered = self.remote.accept.is_some() || self.remote.refuse.is_some();
        let cancelled = self.local.cancel.is_some();
        let failed = [&self.local.end, &self.remote.end]
            .into_iter()
            .flatten()
            .any(|end| {
                matches!(
                    end.callback,
                    Callback::LocalFailure | Callback::RemoteFailure
                )
            });
        for doubt in std::mem::take(&mut self.doubts) {
            let explained = failed
                || match doubt.side {
                    Side::Local => answered,
                    Side::Remote => cancelled,
                };
            if explained {
                desk.book.discharge(doubt.rule);
            } else {
                let user = self.name(doubt.side);
                let at = (doubt.side, &user, doubt.stamp);
                desk.check(self, at, doubt.rule, false, || doubt.message);
            }
        }
    }
}
