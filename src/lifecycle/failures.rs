//! Failures: the code must fit who was there, and the moment must fit the clock (section 6).

use std::time::Duration;

use super::automaton::{LocalStep, RemoteStep};
use super::callbacks::Heard;
use super::case::Case;
use super::desk::{Desk, late_after, missed_after, slack, span};
use super::rules::Id;
use crate::history::Side;

/// A moment that a clock fixes: counted from something between `from` and `to`, of which one may not be known.
#[derive(Debug, Clone, Copy)]
struct Window {
    rule: Id,
    from: Option<Duration>,
    to: Option<Duration>,
    limit: Duration,
}

impl Window {
    /// Whether a moment lies before it.
    fn is_after(&self, at: Duration) -> bool {
        self.from.is_some_and(|from| {
            at.saturating_add(slack(self.limit)) < from.saturating_add(self.limit)
        })
    }

    /// When it is, in words.
    fn words(&self) -> String {
        let end = |from: Duration| span(from.saturating_add(self.limit));
        match (self.from, self.to) {
            (Some(from), Some(to)) if from < to => {
                format!("between {} and {}", end(from), end(to))
            }
            (Some(at), Some(_)) => format!("at {}", end(at)),
            (Some(from), None) => format!("not before {}", end(from)),
            (None, Some(to)) => format!("by {}", end(to)),
            (None, None) => "at some time".to_owned(),
        }
    }
}

impl Case {
    /// A failure at the caller.
    pub(super) fn check_local_failure(
        &mut self,
        desk: &mut Desk,
        heard: Heard<'_>,
        step: LocalStep,
    ) {
        let Some(sent) = &self.local.sent else {
            return;
        };
        let (from, offline) = (sent.stamp.at, sent.offline);
        let to = sent.returned.unwrap_or(from);
        if offline && step != LocalStep::NotLoggedIn {
            desk.check(self, heard.at(), Id::Fail5, false, || {
                format!(
                    "expected `localInvitationFailure` with code `4` after a send without log-in; got `{}`",
                    step.name()
                )
            });
            return;
        }
        match step {
            LocalStep::RemoteOffline | LocalStep::RemoteNoResponse => {
                self.check_absence(desk, heard, (from, to), step == LocalStep::RemoteOffline);
            }
            LocalStep::Expired => self.check_local_expiry(desk, heard, from),
            LocalStep::NotLoggedIn => {
                let known = desk.person(Some(heard.user)).and_then(|it| it.latest());
                let wrong = !offline && known.is_some() && desk.unbroken(self, Side::Local, from);
                if wrong {
                    desk.check(self, heard.at(), Id::Fail5, false, || {
                        "expected no code `4`, the caller was logged in; got it".to_owned()
                    });
                }
            }
            LocalStep::Create
            | LocalStep::Send
            | LocalStep::Cancel
            | LocalStep::ReceivedByPeer
            | LocalStep::Accepted
            | LocalStep::Refused
            | LocalStep::Canceled
            | LocalStep::FailureUnknown => {}
        }
    }

    /// The callee did not answer: offline or silent, as the code says, and for its whole limit (FAIL-1, FAIL-3).
    fn check_absence(
        &self,
        desk: &mut Desk,
        heard: Heard<'_>,
        (from, to): (Duration, Duration),
        offline: bool,
    ) {
        let clocks = desk.clocks;
        let grace = clocks.presence_grace;
        let callee = desk.person(self.callee.as_ref());
        // Of two rules, the one whose code came, and the one whose code was due if it is the wrong one.
        let ((rule, other), limit, wrong, texts) = if offline {
            let wrong = callee.is_some_and(|it| it.online_throughout(from, heard.stamp.at, grace));
            (
                (Id::Fail1, Id::Fail3),
                clocks.offline_window,
                wrong,
                ("2", "online", "1"),
            )
        } else {
            let wrong = callee.is_some_and(|it| it.offline_since(from, grace));
            (
                (Id::Fail3, Id::Fail1),
                clocks.no_ack,
                wrong,
                ("1", "offline", "2"),
            )
        };
        if desk.causal() && wrong {
            let (wanted, how, got) = texts;
            desk.check(self, heard.at(), other, false, || {
                format!("expected code `{wanted}`, the callee was {how} throughout; got `{got}`")
            });
            return;
        }
        self.check_moment(
            desk,
            heard,
            Window {
                rule,
                from: Some(from),
                to: Some(to),
                limit,
            },
        );
    }

    /// Expired at the caller: between send + expiry and ack + expiry, or when an accept came to nothing.
    fn check_local_expiry(&mut self, desk: &mut Desk, heard: Heard<'_>, sent: Duration) {
        let clocks = desk.clocks;
        if let Some(accept) = &self.remote.accept {
            let from = accept.stamp.at;
            let early = heard.stamp.at.saturating_add(slack(clocks.accept_ack))
                < from.saturating_add(clocks.accept_ack)
                && heard.stamp.at.saturating_add(slack(clocks.expiry))
                    < sent.saturating_add(clocks.expiry);
            if desk.causal() && early {
                desk.check(self, heard.at(), Id::Fail4, false, || {
                    format!(
                        "expected code `3` not before {}; got it at {}",
                        span(from.saturating_add(clocks.accept_ack)),
                        span(heard.stamp.at)
                    )
                });
            }
            return;
        }
        let ack = match (self.local.acked, self.remote.received) {
            (Some(acked), _) => Some(acked.at),
            (None, Some(received)) if desk.causal() => Some(received.at),
            (None, Some(_) | None) => None,
        };
        if let Some(ack) = ack {
            self.read_anchor(desk, heard.stamp.at, sent, ack);
        }
        let window = Window {
            rule: Id::Fail4,
            from: Some(sent),
            // Without any sign of the ack only earliness can be judged.
            to: ack,
            limit: clocks.expiry,
        };
        if !desk.causal() && window.is_after(heard.stamp.at) {
            // An accept may explain it: judged when all has been read.
            self.local.early = Some(heard.stamp);
            return;
        }
        self.check_moment(desk, heard, window);
    }

    /// Which anchor of the expiry fits what came.
    fn read_anchor(&self, desk: &mut Desk, at: Duration, sent: Duration, ack: Duration) {
        let expiry = desk.clocks.expiry;
        let fits = |anchor: Duration| {
            let moment = anchor.saturating_add(expiry);
            at.saturating_add(slack(expiry)) >= moment && at <= late_after(anchor, expiry)
        };
        let readings = &mut desk.book.expiry;
        match (fits(sent), fits(ack)) {
            (true, true) => readings.either += 1,
            (true, false) => readings.send += 1,
            (false, true) => readings.ack += 1,
            (false, false) => readings.between += 1,
        }
    }

    /// A failure at the callee.
    pub(super) fn check_remote_failure(
        &mut self,
        desk: &mut Desk,
        heard: Heard<'_>,
        step: RemoteStep,
    ) {
        let grace = desk.clocks.presence_grace;
        let limit = desk.clocks.accept_ack;
        let accepted = self.remote.accept.as_ref().map(|accept| accept.stamp.at);
        let from = accepted.unwrap_or(heard.stamp.at);
        let caller = desk.person(self.caller.as_ref());
        // Of two rules, the one whose code came, and the one whose code was due if it is the wrong one.
        let ((rule, other), wrong, codes) = match step {
            RemoteStep::LocalOffline => {
                let online = caller
                    .is_some_and(|caller| caller.online_throughout(from, heard.stamp.at, grace));
                ((Id::Acc4, Id::Acc3), online, ("2", "online", "1"))
            }
            RemoteStep::AcceptFailure => {
                let offline = caller.is_some_and(|caller| caller.offline_since(from, grace));
                ((Id::Acc3, Id::Acc4), offline, ("1", "offline", "2"))
            }
            RemoteStep::Expired => return self.check_remote_expiry(desk, heard),
            RemoteStep::Received
            | RemoteStep::Accept
            | RemoteStep::Refuse
            | RemoteStep::Accepted
            | RemoteStep::Refused
            | RemoteStep::Canceled
            | RemoteStep::FailureUnknown => return,
        };
        if desk.causal() && wrong {
            let (wanted, how, got) = codes;
            desk.check(self, heard.at(), other, false, || {
                format!("expected code `{wanted}`, the caller was {how} throughout; got `{got}`")
            });
            return;
        }
        let to = from;
        self.check_moment(
            desk,
            heard,
            Window {
                rule,
                from: Some(from),
                to: Some(to),
                limit,
            },
        );
    }

    /// Expired at the callee: like at the caller, or at once if it failed for the caller (FAIL-6).
    fn check_remote_expiry(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        let ended = self.local.end.as_ref().filter(|_| desk.causal());
        if ended.is_some_and(|end| end.code != 3 || self.remote.accept.is_some()) {
            return;
        }
        let told = ended.is_some();
        let Some(received) = self.remote.received else {
            return;
        };
        let clocks = desk.clocks;
        let sent = self.local.sent.as_ref().filter(|_| desk.causal());
        let mut window = Window {
            rule: Id::Fail4,
            // The send, or what is known of it on the callee's own clock: it rang at most so much later.
            from: sent.map(|sent| sent.stamp.at).or_else(|| {
                let window = clocks.offline_window.max(clocks.no_ack);
                received.at.checked_sub(window)
            }),
            to: Some(self.latest_ack(desk)),
            limit: clocks.expiry,
        };
        if window.is_after(heard.stamp.at) {
            // Right only if it failed for the caller at the same time: its end will tell, or has told.
            self.remote.early = (!told).then_some(heard.stamp);
            return;
        }
        if !desk.causal() {
            window.from = None;
        }
        self.check_moment(desk, heard, window);
    }

    /// The moment of a failure against its clock.
    fn check_moment(&self, desk: &mut Desk, heard: Heard<'_>, window: Window) {
        let Window {
            rule,
            from,
            to,
            limit,
        } = window;
        let at = heard.stamp.at;
        let message = || {
            format!(
                "expected `{}` {}; got it at {}",
                heard.callback,
                window.words(),
                span(at)
            )
        };
        // Being away excuses nothing before the clock began to run.
        let start = from.or(to).unwrap_or(at);
        let moved =
            |desk: &Desk, moment| desk.moved(self, (heard.callback.side(), rule), start, moment);
        if window.is_after(at) {
            desk.check(self, heard.at(), rule, false, message);
        } else if to.is_none_or(|to| at <= moved(desk, late_after(to, limit))) {
            desk.book.met(rule);
        } else if to.is_none_or(|to| at <= moved(desk, missed_after(to, limit))) {
            desk.book.arm(rule);
            desk.warn(self, heard.at(), rule, message());
        } else {
            desk.check(self, heard.at(), rule, false, message);
        }
    }
}
