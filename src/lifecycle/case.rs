//! One invitation as far as it has been seen: both sides, the calls under way, what is owed and until when.

use std::time::Duration;

use super::automaton::{LocalState, RemoteState};
use super::callbacks::Heard;
use super::desk::Desk;
use super::presence::{Place, Seat};
use super::rules::Id;
use super::states::Possible;
use crate::history::{Call, CallCode, Callback, InvitationId, Passed, Payload, Side, UserId, What};

/// Where and when an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) index: u64,
    pub(super) at: Duration,
    pub(super) session: u32,
}

/// One invitation.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) seq: u64,
    /// Where it is kept while it is open.
    pub(super) place: Place,
    pub(super) id: InvitationId,
    /// Who created it; `None` while nobody has.
    pub(super) caller: Option<UserId>,
    /// Whom it names.
    pub(super) callee: Option<UserId>,
    /// Who heard of it before it was known whom it names.
    pub(super) heard_by: Option<(UserId, Stamp)>,
    pub(super) created: Passed,
    pub(super) local: Local,
    pub(super) remote: Remote,
    /// Calls that have not come back, oldest first.
    pub(super) calls: Vec<Pending>,
    /// Results that are right only if the other side had decided; judged when all has been read.
    pub(super) doubts: Vec<Doubt>,
    /// Other invitations of the caller were open at the send (SEND-6).
    pub(super) among_others: bool,
    /// The callee's own invitation to the caller was open at the send (SEND-7).
    pub(super) glare: bool,
    /// A send to the caller itself came back, so SEND-8 is armed.
    pub(super) to_oneself: bool,
    /// A side came back with this invitation open, so SES-3 is armed.
    pub(super) returned: bool,
    /// The pair of endings was judged.
    pub(super) agreed: bool,
    /// Nothing that could explain the pair of endings can follow.
    pub(super) settled: bool,
    /// Counts among those of its caller that ring.
    pub(super) counted: bool,
    /// When it is looked at again; earlier than or at the first moment at which something can be missed.
    pub(super) alarm: Option<Duration>,
    /// Waits in the queue of the quiet.
    pub(super) filed: bool,
}

/// The caller's side.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) states: Possible<LocalState>,
    /// Something impossible happened: consequences are not reported.
    pub(super) broken: bool,
    pub(super) sent: Option<Sent>,
    /// A send came back refused, with that code.
    pub(super) refused: Option<CallCode>,
    pub(super) acked: Option<Stamp>,
    pub(super) cancel: Option<Answer>,
    /// Canceled came although a callee that was there had not been told yet (ORD-3).
    pub(super) hasty: Option<Stamp>,
    pub(super) end: Option<End>,
    /// It expired before its time, which is right only if an accept came to nothing (AGR-6).
    pub(super) early: Option<Stamp>,
    pub(super) dues: Vec<Due>,
}

/// The send in force.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) stamp: Stamp,
    /// When it came back.
    pub(super) returned: Option<Duration>,
    pub(super) content: Payload,
    pub(super) channel: Payload,
    /// Texts of a later send of the same invitation (OBJ-6).
    pub(super) rewritten: Option<(Payload, Payload)>,
    /// The caller was not logged in.
    pub(super) offline: bool,
}

/// The callee's side.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) states: Possible<RemoteState>,
    /// Something impossible happened: consequences are not reported.
    pub(super) broken: bool,
    pub(super) received: Option<Stamp>,
    /// The other log-ins at which it rang.
    pub(super) rang_at: Vec<u32>,
    /// What came with it.
    pub(super) heard: Passed,
    pub(super) accept: Option<Answer>,
    pub(super) refuse: Option<Answer>,
    /// An answer was refused for its response (API-16).
    pub(super) overlong: bool,
    pub(super) end: Option<End>,
    /// It expired before its time, which is right only if it failed for the caller (FAIL-6).
    pub(super) early: Option<Stamp>,
    pub(super) dues: Vec<Due>,
}

/// An accept, refuse or cancel in force.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) stamp: Stamp,
    pub(super) response: Payload,
    pub(super) admitted: bool,
}

impl Sent {
    /// The send that was admitted, of those under way, is the one whose texts count.
    pub(super) fn admit(&mut self, returned: Duration, pending: &Pending) {
        self.returned = Some(returned);
        if self.stamp != pending.stamp {
            self.content.clone_from(&pending.with.content);
            self.channel.clone_from(&pending.with.channel);
            self.rewritten = None;
        }
    }
}

impl Answer {
    /// The call that was admitted, of those under way, is the one whose response counts.
    pub(super) fn admit(&mut self, pending: &Pending) {
        self.admitted = true;
        self.response.clone_from(&pending.with.response);
    }
}

/// How a side ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    pub(super) callback: Callback,
    /// The failure code, 0 for others.
    pub(super) code: u8,
    pub(super) response: Payload,
    pub(super) stamp: Stamp,
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) user: UserId,
    pub(super) call: Call,
    pub(super) stamp: Stamp,
    pub(super) good: bool,
    pub(super) with: Passed,
    /// The states in which it may have arrived.
    pub(super) seen: Seen,
    /// The user was not logged in.
    pub(super) offline: bool,
    /// A callback it causes came before its result (API-17).
    pub(super) overtaken: bool,
}

/// The states in which a call may have arrived.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen {
    /// On the caller's side.
    Local(Possible<LocalState>),
    /// On the callee's side.
    Remote(Possible<RemoteState>),
}

/// A result that is right only if the other side had decided.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) side: Side,
    pub(super) rule: Id,
    pub(super) stamp: Stamp,
    pub(super) message: String,
}

/// What a side is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owed {
    /// `remoteInvitationReceived`.
    Ring,
    /// `localInvitationReceivedByPeer` or an ending.
    Ack,
    /// An ending.
    End,
}

/// Something that must come by a certain time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) rule: Id,
    pub(super) owed: Owed,
    pub(super) start: Stamp,
    /// Later than this is late.
    pub(super) soft: Duration,
    /// Later than this is missed.
    pub(super) hard: Duration,
    /// Runs between two recorders, so only its coming counts, not when.
    pub(super) untimed: bool,
}

impl Case {
    pub(super) fn new(seq: u64, id: InvitationId) -> Self {
        Self {
            seq,
            place: Place::MAX,
            id,
            caller: None,
            callee: None,
            heard_by: None,
            created: Passed::default(),
            local: Local {
                states: Possible::only(LocalState::Absent),
                broken: false,
                sent: None,
                refused: None,
                acked: None,
                cancel: None,
                hasty: None,
                end: None,
                early: None,
                dues: Vec::new(),
            },
            remote: Remote {
                states: Possible::only(RemoteState::Absent),
                broken: false,
                received: None,
                rang_at: Vec::new(),
                heard: Passed::default(),
                accept: None,
                refuse: None,
                overlong: false,
                end: None,
                early: None,
                dues: Vec::new(),
            },
            calls: Vec::new(),
            doubts: Vec::new(),
            among_others: false,
            glare: false,
            to_oneself: false,
            returned: false,
            agreed: false,
            settled: false,
            counted: false,
            alarm: None,
            filed: false,
        }
    }

    /// Takes in an event that is about it.
    pub(super) fn observe(
        &mut self,
        desk: &mut Desk,
        (user, stamp, seat): (&UserId, Stamp, Seat),
        what: &What,
    ) {
        match what {
            What::Wire { .. } | What::Connection { .. } => {}
            What::Called { call, with, .. } => self.called(desk, (user, stamp, seat), *call, with),
            What::Returned { call, code, .. } => self.returned(desk, user, stamp, *call, *code),
            What::CalledBack {
                callback,
                with,
                code,
                state,
                ..
            } => {
                let heard = Heard {
                    user,
                    stamp,
                    seat,
                    callback: *callback,
                    with,
                    code: *code,
                    state: *state,
                };
                self.called_back(desk, heard);
            }
        }
    }

    /// The caller and the callee, as far as they are known.
    pub(super) fn users(&self) -> [Option<&UserId>; 2] {
        [self.caller.as_ref(), self.callee.as_ref()]
    }

    /// Whether it was sent and has not ended for its caller.
    pub(super) fn rings(&self) -> bool {
        self.local.sent.is_some() && self.local.end.is_none()
    }

    /// The user of a side, if known.
    pub(super) fn user(&self, side: Side) -> Option<&UserId> {
        match side {
            Side::Local => self.caller.as_ref(),
            Side::Remote => self
                .callee
                .as_ref()
                .or_else(|| self.heard_by.as_ref().map(|(user, _)| user)),
        }
    }

    /// Whether a side's consequences are still reported.
    pub(super) fn broken(&self, side: Side) -> bool {
        match side {
            Side::Local => self.local.broken,
            Side::Remote => self.remote.broken,
        }
    }

    /// What a side may still do or be told.
    pub(super) fn allowed(&self, side: Side) -> Vec<String> {
        match side {
            Side::Local => self.local.states.allowed(),
            Side::Remote => self.remote.states.allowed(),
        }
    }

    /// The log-in that a side belongs to.
    pub(super) fn session(&self, side: Side) -> Option<u32> {
        match side {
            Side::Local => self.local.sent.as_ref().map(|sent| sent.stamp.session),
            Side::Remote => self.remote.received.map(|received| received.session),
        }
    }

    pub(super) fn dues(&mut self, side: Side) -> &mut Vec<Due> {
        match side {
            Side::Local => &mut self.local.dues,
            Side::Remote => &mut self.remote.dues,
        }
    }

    /// Reports nothing more of either side.
    pub(super) fn silence(&mut self) {
        self.local.broken = true;
        self.remote.broken = true;
        self.local.dues.clear();
        self.remote.dues.clear();
    }

    /// The place of the user's oldest call of that kind under way: of that log-in, if it has one.
    pub(super) fn under_way(&self, user: &UserId, session: u32, call: Call) -> Option<usize> {
        let place = |fits: &dyn Fn(&Pending) -> bool| {
            let same = |one: &Pending| one.user == *user && one.call == call;
            self.calls.iter().position(|one| same(one) && fits(one))
        };
        place(&|one| one.stamp.session == session).or_else(|| place(&|_| true))
    }

    /// Whether the send has not come back, so that nobody can say what it set going.
    pub(super) fn send_under_way(&self) -> bool {
        let sends =
            |one: &Pending| one.call == Call::Send && self.caller.as_ref() == Some(&one.user);
        self.local
            .sent
            .as_ref()
            .is_some_and(|sent| sent.returned.is_none())
            && self.calls.iter().any(sends)
    }

    /// Whether both sides are through, or have left for good, so that only stragglers can follow.
    pub(super) fn is_over(&self, desk: &Desk) -> bool {
        let answered = self.remote.end.is_some() || self.remote.broken;
        let local = self.local.end.is_some()
            || self.local.broken
            || self.caller.is_none()
            // A caller that left is owed nothing more, but its invitation rings on until all its limits have passed.
            || (self.local.sent.is_some()
                && (answered || self.local.dues.is_empty())
                && self.has_left(desk, Side::Local));
        local
            && self.calls.is_empty()
            && (answered || self.remote.received.is_none() || self.has_left(desk, Side::Remote))
    }
}
