//! The steps of the three usual courses of an invitation, and in which order they may come.

use super::calls::side_of;
use crate::history::{Call, CallCode, Callback, Side, What};

/// A step of a usual course: a call, its success, or a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Step {
    Create,
    Created,
    Send,
    Sent,
    Received,
    Acked,
    Accept,
    AcceptReturned,
    LocalAccepted,
    RemoteAccepted,
    Refuse,
    RefuseReturned,
    LocalRefused,
    RemoteRefused,
    Cancel,
    CancelReturned,
    RemoteCanceled,
    LocalCanceled,
}

/// What happens at a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Called(Call),
    Returned(Call),
    CalledBack(Callback),
}

/// What is carried at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// Content and channel id, and who is at the other end.
    Invitation,
    /// The response.
    Response,
    Nothing,
}

/// How many steps each course has.
pub(super) const STEPS: usize = 10;

/// How many bits a step takes.
pub(super) const STEP_BITS: u32 = 5;

const _: () = assert!((Step::LocalCanceled as u32) < 1 << STEP_BITS);

/// What ends the caller's side.
pub(super) const LOCAL_ENDS: u32 =
    Step::LocalAccepted.bit() | Step::LocalRefused.bit() | Step::LocalCanceled.bit();

/// What decides an invitation.
pub(super) const DECISIONS: u32 = Step::Accept.bit() | Step::Refuse.bit() | Step::Cancel.bit();

impl Step {
    /// The step that an event is, if it may be one of a usual course.
    pub(super) fn of(what: &What) -> Option<Self> {
        Some(match what {
            What::Called { call, .. } => Self::call(*call),
            What::Returned { call, code, .. } if *code == CallCode::OK => match call {
                Call::Create => Self::Created,
                Call::Send => Self::Sent,
                Call::Accept => Self::AcceptReturned,
                Call::Refuse => Self::RefuseReturned,
                Call::Cancel => Self::CancelReturned,
            },
            What::CalledBack {
                callback,
                code: None,
                ..
            } => match callback {
                Callback::RemoteReceived => Self::Received,
                Callback::LocalReceivedByPeer => Self::Acked,
                Callback::LocalAccepted => Self::LocalAccepted,
                Callback::RemoteAccepted => Self::RemoteAccepted,
                Callback::LocalRefused => Self::LocalRefused,
                Callback::RemoteRefused => Self::RemoteRefused,
                Callback::RemoteCanceled => Self::RemoteCanceled,
                Callback::LocalCanceled => Self::LocalCanceled,
                Callback::LocalFailure | Callback::RemoteFailure => return None,
            },
            What::Returned { .. }
            | What::CalledBack { .. }
            | What::Connection { .. }
            | What::Wire { .. } => return None,
        })
    }

    /// The step at which that call is made.
    pub(super) const fn call(call: Call) -> Self {
        match call {
            Call::Create => Self::Create,
            Call::Send => Self::Send,
            Call::Accept => Self::Accept,
            Call::Refuse => Self::Refuse,
            Call::Cancel => Self::Cancel,
        }
    }

    /// What happens at it.
    pub(super) const fn deed(self) -> Deed {
        match self {
            Self::Create => Deed::Called(Call::Create),
            Self::Created => Deed::Returned(Call::Create),
            Self::Send => Deed::Called(Call::Send),
            Self::Sent => Deed::Returned(Call::Send),
            Self::Received => Deed::CalledBack(Callback::RemoteReceived),
            Self::Acked => Deed::CalledBack(Callback::LocalReceivedByPeer),
            Self::Accept => Deed::Called(Call::Accept),
            Self::AcceptReturned => Deed::Returned(Call::Accept),
            Self::LocalAccepted => Deed::CalledBack(Callback::LocalAccepted),
            Self::RemoteAccepted => Deed::CalledBack(Callback::RemoteAccepted),
            Self::Refuse => Deed::Called(Call::Refuse),
            Self::RefuseReturned => Deed::Returned(Call::Refuse),
            Self::LocalRefused => Deed::CalledBack(Callback::LocalRefused),
            Self::RemoteRefused => Deed::CalledBack(Callback::RemoteRefused),
            Self::Cancel => Deed::Called(Call::Cancel),
            Self::CancelReturned => Deed::Returned(Call::Cancel),
            Self::RemoteCanceled => Deed::CalledBack(Callback::RemoteCanceled),
            Self::LocalCanceled => Deed::CalledBack(Callback::LocalCanceled),
        }
    }

    /// What is carried at it.
    pub(super) const fn load(self) -> Load {
        match self {
            Self::Create | Self::Send | Self::Received => Load::Invitation,
            Self::Accept | Self::Refuse | Self::LocalAccepted | Self::LocalRefused => {
                Load::Response
            }
            Self::Created
            | Self::Sent
            | Self::Acked
            | Self::AcceptReturned
            | Self::RemoteAccepted
            | Self::RefuseReturned
            | Self::RemoteRefused
            | Self::Cancel
            | Self::CancelReturned
            | Self::RemoteCanceled
            | Self::LocalCanceled => Load::Nothing,
        }
    }

    /// Whose it is.
    pub(super) fn side(self) -> Side {
        match self.deed() {
            Deed::Called(call) | Deed::Returned(call) => side_of(call),
            Deed::CalledBack(callback) => callback.side(),
        }
    }

    /// It alone as a set of steps.
    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The steps that must have come before. More than the lifecycle demands: where it lets things cross, moments count.
    const fn needs(self) -> u32 {
        match self {
            Self::Create => 0,
            Self::Created => Self::Create.bit(),
            Self::Send => Self::Created.bit(),
            Self::Sent => Self::Send.bit(),
            Self::Received => Self::Sent.bit(),
            Self::Acked | Self::Accept | Self::Refuse => Self::Received.bit(),
            Self::AcceptReturned => Self::Accept.bit(),
            Self::LocalAccepted => Self::AcceptReturned.bit() | Self::Acked.bit(),
            Self::RemoteAccepted => Self::LocalAccepted.bit(),
            Self::RefuseReturned => Self::Refuse.bit(),
            Self::LocalRefused => Self::RefuseReturned.bit() | Self::Acked.bit(),
            Self::RemoteRefused => Self::RefuseReturned.bit(),
            Self::Cancel => Self::Acked.bit(),
            Self::CancelReturned => Self::Cancel.bit(),
            Self::RemoteCanceled => Self::CancelReturned.bit(),
            Self::LocalCanceled => Self::RemoteCanceled.bit(),
        }
    }

    /// The steps that must not have come before: itself, and each course has one decision.
    const fn excludes(self) -> u32 {
        if self.bit() & DECISIONS == 0 {
            self.bit()
        } else {
            DECISIONS
        }
    }

    /// Whether it may come after those.
    pub(super) const fn follows(self, seen: u32) -> bool {
        seen & self.needs() == self.needs() && seen & self.excludes() == 0
    }
}
