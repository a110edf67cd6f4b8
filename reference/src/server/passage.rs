//! What the core tells of an invitation's life, for those who count and log.

use std::time::Duration;

use super::exchange::{Exchange, Mail};
use super::state::{End, State};

/// Where an invitation stands, as an onlooker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Sent, and no device of the callee can have it.
    Waiting,
    /// Sent to a device that has not acknowledged it.
    Rung,
    /// The callee's device has it.
    Ringing,
    /// The callee has accepted; the caller's device has not acknowledged it.
    Accepting,
    /// The caller has cancelled; the callee's device has not acknowledged it.
    Canceling,
    /// Over: accepted (AGR-1).
    Accepted,
    /// Over: refused (AGR-2).
    Refused,
    /// Over: cancelled (AGR-3).
    Canceled,
    /// Over: the callee was offline (FAIL-1).
    RemoteOffline,
    /// Over: the callee's device did not answer (FAIL-3).
    RemoteNoResponse,
    /// Over: nobody answered in time (FAIL-4).
    Expired,
    /// Over: the caller's device did not take the accept (ACC-3, ACC-4).
    AcceptFailed,
}

impl Phase {
    /// Every phase, the open ones first, in the order of a life.
    pub const ALL: [Self; 12] = [
        Self::Waiting,
        Self::Rung,
        Self::Ringing,
        Self::Accepting,
        Self::Canceling,
        Self::Accepted,
        Self::Refused,
        Self::Canceled,
        Self::RemoteOffline,
        Self::RemoteNoResponse,
        Self::Expired,
        Self::AcceptFailed,
    ];

    /// The word for logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Rung => "rung",
            Self::Ringing => "ringing",
            Self::Accepting => "accepting",
            Self::Canceling => "canceling",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Canceled => "canceled",
            Self::RemoteOffline => "remote_offline",
            Self::RemoteNoResponse => "remote_no_response",
            Self::Expired => "expired",
            Self::AcceptFailed => "accept_failed",
        }
    }

    /// Whether it can still move.
    pub fn is_open(self) -> bool {
        self <= Self::Canceling
    }

    pub(super) fn of(state: State) -> Self {
        match state {
            State::Waiting { rung: false, .. } => Self::Waiting,
            State::Waiting { rung: true, .. } => Self::Rung,
            State::Ringing { .. } => Self::Ringing,
            State::Accepting => Self::Accepting,
            State::Canceling => Self::Canceling,
            State::Ended(End::Accepted) => Self::Accepted,
            State::Ended(End::Refused) => Self::Refused,
            State::Ended(End::Canceled) => Self::Canceled,
            State::Ended(End::Failed { local: 1, .. }) => Self::RemoteOffline,
            State::Ended(End::Failed { local: 2, .. }) => Self::RemoteNoResponse,
            State::Ended(End::Failed { remote: 3, .. }) => Self::Expired,
            State::Ended(End::Failed { .. }) => Self::AcceptFailed,
        }
    }
}

/// One step of an invitation's life.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The invitation.
    pub id: &'a str,
    /// Who called.
    pub caller: &'a str,
    /// Who was called.
    pub callee: &'a str,
    /// Where it stood; `None` when it was admitted just now.
    pub from: Option<Phase>,
    /// Where it stands.
    pub into: Phase,
    /// How long it stood there.
    pub stood: Duration,
    /// How long ago it was sent.
    pub age: Duration,
}

/// An invitation as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who called.
    pub caller: String,
    /// Who was called.
    pub callee: String,
    /// Where it stands.
    pub phase: Phase,
    /// How long it has stood there.
    pub stood: Duration,
    /// How long ago it was sent.
    pub age: Duration,
    /// Whether the callee's device has acknowledged it.
    pub acked: bool,
}

impl Exchange {
    /// Tells onlookers that the invitation has moved.
    pub(super) fn pass(
        &mut self,
        now: Duration,
        key: usize,
        from: Option<Phase>,
        mail: &mut impl Mail,
    ) {
        let Some(found) = self.invitations.get_mut(key) else {
            return;
        };
        let stood = now.saturating_sub(std::mem::replace(&mut found.since, now));
        let name = |party: usize| self.parties.get(party).map_or("", |party| &*party.user);
        mail.passed(&Passage {
            id: &found.id,
            caller: name(found.caller),
            callee: name(found.callee),
            from,
            into: Phase::of(found.state),
            stood,
            age: now.saturating_sub(found.sent),
        });
    }

    /// An invitation as it stands, if it is remembered.
    pub(super) fn standing(&self, now: Duration, id: &str) -> Option<Standing> {
        let found = self.invitations.get(*self.invitation_of.get(id)?)?;
        let name = |party: usize| Some(self.parties.get(party)?.user.to_string());
        Some(Standing {
            caller: name(found.caller)?,
            callee: name(found.callee)?,
            phase: Phase::of(found.state),
            stood: now.saturating_sub(found.since),
            age: now.saturating_sub(found.sent),
            acked: found.acked,
        })
    }
}
