//! What a client tells its user: the ten callbacks of the lifecycle and the changes of the connection, as one stream.

use std::time::Duration;

use super::invitation::{InvitationId, LocalFailure, LocalState, RemoteFailure, RemoteState};
use crate::wire::ErrorCode;

/// One callback or change of the connection. Events of a client are serial (ORD-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A callback of a local invitation.
    Local {
        /// Which invitation.
        id: InvitationId,
        /// Which callback.
        callback: LocalCallback,
        /// The invitation's state, the new value already (OBJ-4).
        state: LocalState,
    },
    /// A callback of a remote invitation.
    Remote {
        /// Which invitation.
        id: InvitationId,
        /// Which callback.
        callback: RemoteCallback,
        /// The invitation's state, the new value already (OBJ-4).
        state: RemoteState,
    },
    /// The connection changed (SES).
    Connection {
        /// The state it is in now.
        state: ConnectionState,
        /// Why.
        reason: ConnectionReason,
    },
    /// The token runs out soon; [`super::Client::renew_token`] keeps the session (SES-7).
    TokenExpiring {
        /// How long it still lasts.
        lasts: Duration,
    },
    /// The server has taken the new token.
    TokenRenewed {
        /// How long it lasts.
        lasts: Duration,
    },
    /// Something happened to the connection's frames that no invitation tells of: a harness meddled, or the server closed
    /// with a code other than 1000.
    Wire {
        /// What, for people, as ``lost `accept_ack` `` or `closed 1009`.
        note: String,
    },
    /// The server refused a frame. What that means for an invitation comes as its own callback.
    Refused {
        /// The kind of fault.
        code: ErrorCode,
        /// What was wrong, for people.
        message: String,
    },
}

/// The callbacks of a local invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalCallback {
    /// `localInvitationReceivedByPeer`.
    ReceivedByPeer,
    /// `localInvitationAccepted`.
    Accepted {
        /// The callee's words.
        response: String,
    },
    /// `localInvitationRefused`.
    Refused {
        /// The callee's words.
        response: String,
    },
    /// `localInvitationCanceled`.
    Canceled,
    /// `localInvitationFailure`.
    Failure(LocalFailure),
}

/// The callbacks of a remote invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteCallback {
    /// `remoteInvitationReceived`.
    Received {
        /// Who calls.
        caller: String,
        /// What to show.
        content: String,
        /// Which channel to meet in.
        channel: String,
    },
    /// `remoteInvitationAccepted`.
    Accepted,
    /// `remoteInvitationRefused`.
    Refused,
    /// `remoteInvitationCanceled`.
    Canceled,
    /// `remoteInvitationFailure`.
    Failure(RemoteFailure),
}

/// The states of a connection, with their numbers (SES).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ConnectionState {
    /// No session.
    Disconnected = 1,
    /// Logging in.
    Connecting = 2,
    /// Logged in.
    Connected = 3,
    /// The connection was lost and is being made again; the session may still live.
    Reconnecting = 4,
    /// Ended by the server; a new log-in is needed.
    Aborted = 5,
}

/// Why a connection changed, with the numbers of the lifecycle (SES).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ConnectionReason {
    /// A log-in began.
    Login = 1,
    /// The log-in succeeded.
    LoginSuccess = 2,
    /// The log-in was refused.
    LoginFailure = 3,
    /// The log-in took too long.
    LoginTimeout = 4,
    /// The connection was lost.
    Interrupted = 5,
    /// The user logged out.
    Logout = 6,
    /// The server shut the user out.
    BannedByServer = 7,
    /// The user logged in elsewhere (SES-1).
    RemoteLogin = 8,
    /// The token ran out.
    TokenExpired = 9,
}
