//! A thread's shard of the judge: sees everything that its users do and hear, as it happens.

use std::sync::Arc;
use std::time::Duration;

use ringcheck_reference::client::{InvitationId, LocalCallback, RemoteCallback};

use super::log::{Deed, Note};
use super::texts::Texts;
use crate::history::{
    Call as Verb, CallCode, Callback, Clocks, Event, FailureCode, Order, Passed, Payload, UserId,
    What,
};
use crate::lifecycle::{Finding, FindingKind, Judge, Verdict};

/// Who does or hears something, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) at: Duration,
    /// The place among the people of the thread.
    pub(super) place: usize,
    pub(super) name: &'a UserId,
    pub(super) session: u32,
}

/// What arrived, and what was meant to.
pub(super) struct Arrived<'a> {
    pub(super) texts: &'a Texts<'a>,
    /// Which texts were sent, and by whom; `None` for a call that is not on its way.
    pub(super) sent: Option<(u32, &'a UserId)>,
}

/// A thread's shard of the judge. Both ends of every call are on one thread, so it sees all of them.
#[derive(Debug)]
pub(super) struct Witness {
    judge: Option<Judge>,
    /// How many findings were looked at.
    seen: usize,
    /// How many violations there were.
    pub(super) violations: u64,
    /// The first of them.
    pub(super) findings: Vec<Finding>,
}

/// How many violations are kept to be told; the others are counted.
const FINDINGS_MAX: usize = 1000;

impl Witness {
    /// A judge of a target that promised those clocks; or nobody, for measuring what judging costs.
    pub(super) fn new(clocks: Clocks, is_judging: bool) -> Self {
        Self {
            judge: is_judging.then(|| Judge::new(clocks, Order::Causal)),
            seen: 0,
            violations: 0,
            findings: Vec::new(),
        }
    }

    /// Shows the judge something, and notes it in the log of its call.
    fn see(
        &mut self,
        who: Who<'_>,
        log: Option<(&mut Vec<Note>, Deed)>,
        what: impl FnOnce() -> What,
    ) {
        let Some(judge) = &mut self.judge else {
            return;
        };
        judge.observe(&Event {
            at: who.at,
            user: who.name.clone(),
            session: who.session,
            what: what(),
        });
        if let Some((log, deed)) = log {
            log.push(Note {
                at: who.at,
                place: who.place as u32,
                session: who.session,
                deed,
            });
        }
    }

    /// A connection changed, or something else that has no texts.
    pub(super) fn saw(&mut self, who: Who<'_>, what: What) {
        self.see(who, None, || what);
    }

    /// Somebody makes a call.
    pub(super) fn calls(
        &mut self,
        who: Who<'_>,
        call: Verb,
        id: &InvitationId,
        with: impl FnOnce() -> Passed,
        log: &mut Vec<Note>,
    ) {
        let log = Some((log, Deed::Called(call)));
        self.see(who, log, || What::Called {
            call,
            invitation: id.clone(),
            with: with(),
        });
    }

    /// The call came back.
    pub(super) fn returns(
        &mut self,
        who: Who<'_>,
        (call, id): (Verb, &InvitationId),
        code: u8,
        log: &mut Vec<Note>,
    ) {
        let log = Some((log, Deed::Returned(call, code)));
        self.see(who, log, || What::Returned {
            call,
            invitation: id.clone(),
            code: CallCode(code),
        });
    }

    /// The caller was called back. Whether what arrived was what was sent.
    pub(super) fn told_caller(
        &mut self,
        who: Who<'_>,
        (id, state): (&InvitationId, u8),
        callback: &LocalCallback,
        arrived: &Arrived<'_>,
        log: Option<&mut Vec<Note>>,
    ) -> bool {
        let mut with = Passed::default();
        let (mut code, mut is_same) = (None, true);
        let callback = match callback {
            LocalCallback::ReceivedByPeer => Callback::LocalReceivedByPeer,
            LocalCallback::Accepted { response } => {
                (with.response, is_same) = arrived.response(response);
                Callback::LocalAccepted
            }
            LocalCallback::Refused { response } => {
                (with.response, is_same) = arrived.response(response);
                Callback::LocalRefused
            }
            LocalCallback::Canceled => Callback::LocalCanceled,
            LocalCallback::Failure(failure) => {
                code = Some(*failure as u8);
                Callback::LocalFailure
            }
        };
        self.heard(who, id, (callback, code, state), (with, is_same), log);
        is_same
    }

    /// The callee was called back. Whether what arrived was what was sent.
    pub(super) fn told_callee(
        &mut self,
        who: Who<'_>,
        (id, state): (&InvitationId, u8),
        callback: &RemoteCallback,
        arrived: &Arrived<'_>,
        log: Option<&mut Vec<Note>>,
    ) -> bool {
        let mut with = Passed::default();
        let (mut code, mut is_same) = (None, true);
        let callback = match callback {
            RemoteCallback::Received {
                caller,
                content,
                channel,
            } => {
                (with, is_same) = arrived.invitation(caller, content, channel);
                Callback::RemoteReceived
            }
            RemoteCallback::Accepted => Callback::RemoteAccepted,
            RemoteCallback::Refused => Callback::RemoteRefused,
            RemoteCallback::Canceled => Callback::RemoteCanceled,
            RemoteCallback::Failure(failure) => {
                code = Some(*failure as u8);
                Callback::RemoteFailure
            }
        };
        self.heard(who, id, (callback, code, state), (with, is_same), log);
        is_same
    }

    /// Somebody was called back, with what was sent or with something else.
    fn heard(
        &mut self,
        who: Who<'_>,
        id: &InvitationId,
        (callback, code, state): (Callback, Option<u8>, u8),
        (with, is_same): (Passed, bool),
        log: Option<&mut Vec<Note>>,
    ) {
        let log = log.map(|log| {
            let other = (!is_same).then(|| Box::new(with.clone()));
            let deed = Deed::CalledBack {
                callback,
                code,
                state,
                other,
            };
            (log, deed)
        });
        self.see(who, log, || What::CalledBack {
            callback,
            invitation: id.clone(),
            with,
            code: code.map(FailureCode),
            state: Some(state),
        });
    }

    /// Lets time pass, so that what did not come is found.
    pub(super) fn look(&mut self, now: Duration) {
        if let Some(judge) = &mut self.judge {
            judge.advance(now);
        }
    }

    /// Takes what was found since the last time.
    pub(super) fn found(&mut self) -> Vec<Finding> {
        let found = self.judge.as_ref().map(Judge::findings);
        let found = found.and_then(|found| found.get(self.seen..));
        let found: Vec<Finding> = found.unwrap_or_default().to_vec();
        self.note(found)
    }

    /// Ends the judging. The verdict, and what was found since the last time.
    pub(super) fn finish(&mut self, now: Duration) -> Option<(Verdict, Vec<Finding>)> {
        let verdict = self.judge.take()?.finish(now);
        let found = verdict.findings.get(self.seen..).unwrap_or_default();
        let found = self.note(found.to_vec());
        Some((verdict, found))
    }

    fn note(&mut self, found: Vec<Finding>) -> Vec<Finding> {
        self.seen += found.len();
        let is_violation = |one: &&Finding| one.kind == FindingKind::Violation;
        self.violations += found.iter().filter(is_violation).count() as u64;
        // What was merely too short to say is counted with the calls that came to nothing.
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        let kept = found.iter().filter(is_violation).take(room).cloned();
        self.findings.extend(kept);
        found
    }
}

impl Arrived<'_> {
    fn response(&self, response: &str) -> (Payload, bool) {
        match self.sent {
            Some((number, _)) => {
                let sent = self.texts.response(number);
                (sent.arrived(response), response == sent.text)
            }
            None => (Payload::of(response), false),
        }
    }

    fn invitation(&self, caller: &str, content: &str, channel: &str) -> (Passed, bool) {
        let number = self.sent.map_or(0, |(number, _)| number);
        let channel_sent = self.texts.channel(number);
        let (peer, content, is_same) = match self.sent {
            Some((number, sender)) => {
                let sent = self.texts.content(number);
                let peer = if **sender == *caller {
                    sender.clone()
                } else {
                    Arc::from(caller)
                };
                let is_same =
                    **sender == *caller && content == sent.text && channel == channel_sent.text;
                (peer, sent.arrived(content), is_same)
            }
            None => (Arc::from(caller), Payload::of(content), false),
        };
        let with = Passed {
            peer: Some(peer),
            content,
            channel: channel_sent.arrived(channel),
            response: Payload::default(),
        };
        (with, is_same)
    }
}
