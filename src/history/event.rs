//! Events, and the history that they make.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, FailureCode, Payload,
};

/// A user id, as the target knows it.
pub type UserId = Arc<str>;

/// The id of an invitation, unique for ever, the same on both sides.
pub type InvitationId = Arc<str>;

/// Everything recorded of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// What the events mean: the clocks in force and what their order is worth.
    pub header: Header,
    /// The events in the order they were recorded.
    pub events: Vec<Event>,
}

/// What a reader must know before the first event.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The limits that the target promised (FAIL).
    pub clocks: Clocks,
    /// What the order of events of different users is worth.
    pub order: Order,
    /// When recording ended, on the recorder's clock: limits that lie after it are inconclusive.
    pub end: Duration,
}

/// What the order of events of different users is worth. The order of one user's events always counts (ORD-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Every event was written before its consequences left: an effect never stands before its cause.
    Causal,
    /// Each user had a recorder of its own: only the order within one user's events means anything.
    PerUser,
}

/// One thing that one user did or was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, on the recorder's monotonic clock, since recording began.
    pub at: Duration,
    /// Whose event it is: who called, or who was called back.
    pub user: UserId,
    /// Which log-in of that user, counted from 1; 0 before the first.
    pub session: u32,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The user made a call; its result follows as [`What::Returned`] of the same user.
    Called {
        /// Which call.
        call: Call,
        /// Of which invitation.
        invitation: InvitationId,
        /// What was passed with it.
        with: Passed,
    },
    /// A call came back.
    Returned {
        /// Which call.
        call: Call,
        /// Of which invitation.
        invitation: InvitationId,
        /// With which result.
        code: CallCode,
    },
    /// The user was called back.
    CalledBack {
        /// Which callback.
        callback: Callback,
        /// Of which invitation.
        invitation: InvitationId,
        /// What came with it.
        with: Passed,
        /// The error code, for the two failures (FAIL-7).
        code: Option<FailureCode>,
        /// The number of the invitation's state as the user could read it while the callback ran (OBJ-4).
        state: Option<u8>,
    },
    /// The user's connection changed (SES).
    Connection {
        /// The state it is in now.
        state: ConnectionState,
        /// Why.
        reason: ConnectionReason,
    },
    /// Something happened beneath the lifecycle, at the user's connection. It is for readers, and is never judged.
    Wire {
        /// What: `error` with the code of a refused frame, `closed` with the code of a close, or what a harness did.
        note: Arc<str>,
    },
}

impl What {
    /// Which invitation it is about.
    pub fn invitation(&self) -> Option<&InvitationId> {
        match self {
            Self::Called { invitation, .. }
            | Self::Returned { invitation, .. }
            | Self::CalledBack { invitation, .. } => Some(invitation),
            Self::Connection { .. } | Self::Wire { .. } => None,
        }
    }
}

/// What travels with a call or a callback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed {
    /// The other user: the callee of a create or send, the caller of a Received.
    pub peer: Option<UserId>,
    /// The content, of a create, a send or a Received.
    pub content: Payload,
    /// The channel id, of a create, a send or a Received.
    pub channel: Payload,
    /// The response, of an accept, a refuse, an Accepted or a Refused.
    pub response: Payload,
}
