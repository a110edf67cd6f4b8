//! What joins the two sides: causes before effects, texts unchanged, who owes whom an end, and the pairs of section 9.

use super::automaton::LocalStep;
use super::callbacks::Heard;
use super::case::{Case, End, Owed, Stamp};
use super::desk::{CROSSING, Desk, PROMPT, slack, span};
use super::presence::Link;
use super::rules::Id;
use super::verdict::FindingKind;
use crate::history::{Call, CallCode, Callback, Passed, Side, UserId};

impl Case {
    /// The user of a side for findings, which every event of that side has.
    pub(super) fn name(&self, side: Side) -> UserId {
        self.user(side).cloned().unwrap_or_else(|| UserId::from(""))
    }

    /// The rule that an effect without its cause breaks, and the cause.
    fn missing_cause(&self, desk: &Desk, callback: Callback) -> Option<(Id, &'static str)> {
        let answer = |rule, call: Call, cause| {
            let rule = if self.remote.overlong {
                Id::Api16
            } else {
                desk.twin(self, call).unwrap_or(rule)
            };
            Some((rule, cause))
        };
        match callback {
            Callback::RemoteReceived => match &self.local.sent {
                None if self.local.refused == Some(CallCode::INVALID_ARGUMENT) => {
                    Some((Id::Api2, "an admitted `send`"))
                }
                None => Some((Id::Ord2, "`send`")),
                Some(sent) if sent.offline => Some((Id::Ses6, "a `send` with a log-in")),
                Some(_) => None,
            },
            Callback::LocalReceivedByPeer if self.remote.received.is_none() => {
                Some((Id::Send2, "`remoteInvitationReceived` at the callee"))
            }
            Callback::LocalAccepted if self.remote.accept.is_none() => {
                answer(Id::Ord4, Call::Accept, "`accept`")
            }
            Callback::LocalRefused if self.remote.refuse.is_none() => {
                answer(Id::Ord5, Call::Refuse, "`refuse`")
            }
            Callback::RemoteCanceled if self.local.cancel.is_none() => {
                let rule = desk.twin(self, Call::Cancel).unwrap_or(Id::Ord3);
                Some((rule, "`cancel`"))
            }
            Callback::LocalFailure
                if self.remote.received.is_none()
                    && self.local.end.as_ref().is_some_and(|end| end.code == 3) =>
            {
                Some((Id::Fail4, "`remoteInvitationReceived` at the callee"))
            }
            Callback::LocalReceivedByPeer
            | Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => None,
        }
    }

    /// Judges whether an effect has its cause. Without it both sides are silent from here on.
    pub(super) fn check_cause(&mut self, desk: &mut Desk, callback: Callback) -> bool {
        let side = callback.side();
        let stamp = match callback {
            Callback::RemoteReceived => self.remote.received,
            Callback::LocalReceivedByPeer => self.local.acked,
            Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure => self.local.end.as_ref().map(|end| end.stamp),
            Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => self.remote.end.as_ref().map(|end| end.stamp),
        };
        let Some(stamp) = stamp.filter(|_| !self.agreed) else {
            // Of an invitation that is over and was opened again nothing is known of the cause.
            return true;
        };
        if let Some((rule, cause)) = self.missing_cause(desk, callback) {
            let user = self.name(side);
            let message = format!("expected {cause} before `{callback}`; got none");
            desk.breach(self, (side, &user, stamp), rule, message);
            self.silence();
            return false;
        }
        let order = match callback {
            Callback::RemoteReceived => Some(Id::Ord2),
            Callback::LocalReceivedByPeer => {
                desk.book.met(Id::Send2);
                Some(Id::Ord2)
            }
            Callback::LocalAccepted | Callback::RemoteAccepted => Some(Id::Ord4),
            Callback::LocalRefused | Callback::RemoteRefused => Some(Id::Ord5),
            Callback::LocalCanceled | Callback::RemoteCanceled => Some(Id::Ord3),
            Callback::LocalFailure | Callback::RemoteFailure => None,
        };
        if let Some(order) = order {
            desk.book.met(order);
        }
        true
    }

    /// What Received carries against what was sent (OBJ-5 to OBJ-7, SEND-3).
    pub(super) fn check_texts(&self, desk: &mut Desk, received: Stamp, heard: &Passed) {
        let Some(sent) = &self.local.sent else {
            return;
        };
        let user = self.name(Side::Remote);
        let at = (Side::Remote, &user, received);
        if heard.peer.is_some() {
            let right = heard.peer == self.caller;
            desk.check(self, at, Id::Obj5, right, || {
                format!(
                    "expected caller `{}`; got `{}`",
                    self.name(Side::Local),
                    heard.peer.as_deref().unwrap_or("")
                )
            });
        }
        let content = (&sent.content, &heard.content, "content");
        let channel = (&sent.channel, &heard.channel, "channel id");
        let wrong = [content, channel]
            .into_iter()
            .find(|(sent, heard, _)| sent != heard);
        let Some((sent_text, heard_text, what)) = wrong else {
            desk.book.met(Id::Send3);
            if sent.content.is_empty() || sent.channel.is_empty() {
                desk.book.met(Id::Obj7);
            }
            if sent.rewritten.is_some() {
                desk.book.discharge(Id::Obj6);
            }
            return;
        };
        let rewritten = sent.rewritten.as_ref().is_some_and(|(content, channel)| {
            *content == heard.content && *channel == heard.channel
        });
        let rule = match (rewritten, sent_text.is_empty()) {
            (true, _) => Id::Obj6,
            (false, true) => Id::Obj7,
            (false, false) => Id::Send3,
        };
        desk.check(self, at, rule, false, || {
            format!("expected {what} `{sent_text}`; got `{heard_text}`")
        });
    }

    /// The response that the caller got against the one that the callee gave (ACC-1, REF-1).
    pub(super) fn check_response(&self, desk: &mut Desk, side: Side) {
        let Some(end) = &self.local.end else {
            return;
        };
        let (rule, answer) = if end.callback == Callback::LocalAccepted {
            (Id::Acc1, &self.remote.accept)
        } else if end.callback == Callback::LocalRefused {
            (Id::Ref1, &self.remote.refuse)
        } else {
            return;
        };
        let Some(answer) = answer else {
            return;
        };
        let user = self.name(side);
        let right = answer.response == end.response;
        desk.check(self, (side, &user, end.stamp), rule, right, || {
            format!(
                "expected response `{}`; got `{}`",
                answer.response, end.response
            )
        });
    }

    /// Judges no Received although the callee was connected throughout, and warns of what only a lossy path excuses: no
    /// ReceivedByPeer although nobody was away (SEND-1).
    pub(super) fn check_delivery(&self, desk: &mut Desk, heard: Heard<'_>, step: LocalStep) {
        let Some(sent) = &self.local.sent else {
            return;
        };
        let from = sent.stamp.at;
        let known = desk
            .person(self.callee.as_ref())
            .is_some_and(|callee| callee.latest().is_some());
        let callee = desk.unbroken(self, Side::Remote, from);
        let caller = desk.unbroken(self, Side::Local, from);
        let got = self.remote.received.is_some();
        let answered = [LocalStep::Accepted, LocalStep::Refused, LocalStep::Expired];
        let missing = if step == LocalStep::RemoteNoResponse && !got && known && callee && caller {
            "expected `remoteInvitationReceived` at a callee that was connected throughout, as the caller was"
        } else if answered.contains(&step) && got && self.local.acked.is_none() && callee && caller
        {
            "expected `localInvitationReceivedByPeer`, nobody was away"
        } else {
            return;
        };
        let message = || format!("{missing}; got `{}` without it", step.name());
        if got {
            desk.book.arm(Id::Send1);
            desk.warn(self, heard.at(), Id::Send1, message());
        } else {
            desk.check(self, heard.at(), Id::Send1, false, message);
        }
    }

    /// What the end of the caller's side owes the callee.
    pub(super) fn owe_callee(&mut self, desk: &mut Desk, stamp: Stamp) {
        let Some(end) = &self.local.end else {
            return;
        };
        let (callback, code) = (end.callback, end.code);
        let rings = self.remote.received.is_some() && self.remote.end.is_none();
        if callback == Callback::LocalCanceled && self.remote.received.is_none() {
            desk.book.arm(Id::Can2);
        }
        if !rings || self.remote.broken {
            return;
        }
        if callback == Callback::LocalCanceled {
            self.local.hasty = self.is_hasty(desk, stamp).then_some(stamp);
            let away = self
                .local
                .cancel
                .as_ref()
                .is_some_and(|cancel| !desk.unbroken(self, Side::Remote, cancel.stamp.at));
            let rule = if away { Id::Can4 } else { Id::Can1 };
            desk.owe_across(self, Side::Remote, (rule, Owed::End), stamp, PROMPT);
        } else if callback == Callback::LocalFailure && code != 3 {
            desk.owe_across(self, Side::Remote, (Id::Fail6, Owed::End), stamp, PROMPT);
        }
    }

    /// Whether Canceled came although a callee that certainly had it, and was there, had not been told (ORD-3).
    fn is_hasty(&self, desk: &Desk, stamp: Stamp) -> bool {
        let (Some(acked), Some(cancel), Some(received)) =
            (self.local.acked, &self.local.cancel, self.remote.received)
        else {
            return false;
        };
        // A device that is being shut out by a later log-in is not there, although it may not know yet.
        let displaced = desk
            .person(self.callee.as_ref())
            .is_some_and(|callee| callee.later_than(received.session));
        let bound = desk.clocks.cancel_bound;
        let waited = stamp.at.saturating_sub(cancel.stamp.at);
        desk.causal()
            && !displaced
            && acked.index < cancel.stamp.index
            && desk.unbroken(self, Side::Remote, cancel.stamp.at)
            && waited.saturating_add(slack(bound)) < bound
    }

    /// The callee was told of the cancel: in time, and before the caller was?
    pub(super) fn check_canceled_order(&mut self, desk: &mut Desk) {
        if self.local.end.is_none() {
            desk.book.met(Id::Can1);
        }
        if let Some(hasty) = self.local.hasty.take() {
            let caller = self.name(Side::Local);
            desk.check(self, (Side::Local, &caller, hasty), Id::Ord3, false, || {
                "expected `remoteInvitationCanceled` before `localInvitationCanceled`; got it after"
                    .to_owned()
            });
        }
    }

    /// What the end of the callee's side owes the caller.
    pub(super) fn owe_caller(&mut self, desk: &mut Desk, stamp: Stamp) {
        let Some(end) = &self.remote.end else {
            return;
        };
        let callback = end.callback;
        let open = self.local.end.is_none() && self.local.sent.is_some() && !self.local.broken;
        if callback == Callback::RemoteAccepted {
            if open {
                desk.owe_across(self, Side::Local, (Id::Acc2, Owed::End), stamp, PROMPT);
            } else {
                desk.book.met(Id::Acc2);
            }
        } else if callback == Callback::RemoteRefused && open {
            let limit = desk.clocks.accept_ack.max(PROMPT);
            desk.owe_across(self, Side::Local, (Id::Ref1, Owed::End), stamp, limit);
        }
    }

    /// Judges whether the callee may be confirmed: not while the caller's device cannot have acked the accept, since its
    /// connection has been down from before it on (ACC-2).
    pub(super) fn check_confirmation(&mut self, desk: &mut Desk, heard: Heard<'_>) -> bool {
        let (true, None, Some(accept)) = (desk.causal(), &self.local.end, &self.remote.accept)
        else {
            return true;
        };
        let from = accept.stamp.at;
        let displaced = desk
            .person(self.caller.as_ref())
            .zip(self.session(Side::Local))
            .is_some_and(|(caller, session)| caller.later_than(session));
        let (Some(Link::Lost { since, .. } | Link::Out { since, .. }), false) =
            (desk.link(self, Side::Local), displaced)
        else {
            return true;
        };
        if since >= from {
            return true;
        }
        let message = format!(
            "expected the ack of the caller's device before `{}`; got none, the caller was away from {} on",
            heard.callback,
            span(since)
        );
        desk.breach(self, heard.at(), Id::Acc2, message);
        self.silence();
        false
    }

    /// Judges the pair of endings, once both are there (section 9).
    pub(super) fn agree(&mut self, desk: &mut Desk) {
        let (Some(local), Some(remote)) = (self.local.end.clone(), self.remote.end.clone()) else {
            return;
        };
        if self.agreed || self.local.broken || self.remote.broken {
            return;
        }
        let (rule, right) = self.pair(desk, &local, &remote);
        let excusable = [Id::Agr7, Id::Acc5].contains(&rule) && crosses(desk, &local, &remote);
        if excusable && !right && !self.settled {
            // The callee may be told before the caller sees that its connection is lost.
            return;
        }
        let seen = desk.now.saturating_sub(remote.stamp.at) > slack(desk.clocks.accept_ack);
        if excusable && !right && desk.causal() && !seen {
            let user = self.name(Side::Remote);
            let message =
                "expected the loss of the caller's connection; got nothing yet".to_owned();
            let draft = desk.draft(self, (Side::Remote, &user, remote.stamp), message);
            desk.book.note(rule, FindingKind::Inconclusive, draft);
            return;
        }
        self.agreed = true;
        if right {
            desk.book.met(rule);
            if rule == Id::Agr6 {
                desk.book.met(Id::Acc5);
            }
            self.independent(desk);
        } else {
            let (side, stamp) = if local.stamp.index > remote.stamp.index {
                (Side::Local, local.stamp)
            } else {
                (Side::Remote, remote.stamp)
            };
            let user = self.name(side);
            let message = format!(
                "expected both sides to agree; got {} at the caller and {} at the callee",
                ending(&local),
                ending(&remote)
            );
            desk.breach(self, (side, &user, stamp), rule, message);
            return;
        }
        if let (Some(early), true) = (self.remote.early.take(), local.code == 3) {
            let user = self.name(Side::Remote);
            let moment = span(early.at);
            desk.check(self, (Side::Remote, &user, early), Id::Fail4, false, || {
                format!("expected code `3` not before send + expiry; got it at {moment}")
            });
        }
    }

    /// The line of section 9 that a pair belongs to, and whether it is one.
    fn pair(&self, desk: &Desk, local: &End, remote: &End) -> (Id, bool) {
        let failed = |codes: &[u8]| {
            remote.callback == Callback::RemoteFailure && codes.contains(&remote.code)
        };
        let told_first = !desk.causal() || local.stamp.index < remote.stamp.index;
        let lost = !desk.unbroken(self, Side::Local, local.stamp.at);
        let excused = lost && crosses(desk, local, remote);
        match (local.callback, local.code) {
            (Callback::LocalAccepted, _) if failed(&[2]) && (excused || told_first) => {
                (Id::Agr7, excused)
            }
            (Callback::LocalAccepted, _) if failed(&[1, 2]) && !told_first => (Id::Acc5, false),
            (Callback::LocalAccepted, _) => (Id::Agr1, remote.callback == Callback::RemoteAccepted),
            (Callback::LocalRefused, _) => (Id::Agr2, remote.callback == Callback::RemoteRefused),
            (Callback::LocalCanceled, _) => (Id::Agr3, remote.callback == Callback::RemoteCanceled),
            (Callback::LocalFailure, 1 | 2) => (Id::Agr4, failed(&[3])),
            (Callback::LocalFailure, 3) if failed(&[1, 2]) => (Id::Agr6, true),
            // Too early to be the expiry, so it is the accept that came to nothing, and its callee must hear that.
            (Callback::LocalFailure, 3) if failed(&[3]) && self.is_before_expiry(desk, local) => {
                (Id::Agr6, false)
            }
            (Callback::LocalFailure, 3) if self.remote.accept.is_some() && !failed(&[3]) => {
                (Id::Agr6, false)
            }
            (Callback::LocalFailure, 3) => (Id::Agr5, failed(&[3])),
            (Callback::LocalFailure, 4) => (Id::Ses6, false),
            // A code of no domain was reported as such (FAIL-7).
            (Callback::LocalFailure, 0 | 5..) => (Id::Fail7, true),
            (
                Callback::LocalReceivedByPeer
                | Callback::RemoteReceived
                | Callback::RemoteAccepted
                | Callback::RemoteRefused
                | Callback::RemoteCanceled
                | Callback::RemoteFailure,
                _,
            ) => (Id::Agr8, true),
        }
    }

    /// Whether an accepted invitation ended before it could expire.
    fn is_before_expiry(&self, desk: &Desk, end: &End) -> bool {
        let expiry = desk.clocks.expiry;
        let sent = self.local.sent.as_ref().map(|sent| sent.stamp.at);
        desk.causal()
            && self.remote.accept.is_some()
            && sent.is_some_and(|sent| {
                end.stamp.at.saturating_add(slack(expiry)) < sent.saturating_add(expiry)
            })
    }

    /// The invitation ended as it should: what was open beside it did not disturb it.
    pub(super) fn independent(&self, desk: &mut Desk) {
        if self.among_others {
            desk.book.discharge(Id::Send6);
        }
        if self.glare {
            desk.book.discharge(Id::Send7);
        }
        if self.to_oneself {
            desk.book.discharge(Id::Send8);
        }
        if self.returned {
            desk.book.discharge(Id::Ses3);
        }
    }

    /// Whether a side is away for good: it logged out or was shut out, so nothing is owed to it.
    pub(super) fn has_left(&self, desk: &Desk, side: Side) -> bool {
        matches!(desk.link(self, side), Some(Link::Out { .. }))
    }
}

/// Whether the accept may have been under way to the caller, or taken, when the arbiter gave it up (AGR-7).
fn crosses(desk: &Desk, local: &End, remote: &End) -> bool {
    !desk.causal() || local.stamp.at < remote.stamp.at.saturating_add(CROSSING)
}

/// An ending for messages.
fn ending(end: &End) -> String {
    if end.code == 0 {
        format!("`{}`", end.callback)
    } else {
        format!("`{}` with code `{}`", end.callback, end.code)
    }
}
