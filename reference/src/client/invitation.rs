//! Invitations as a client holds them: the caller's local view and the callee's remote view.

use std::sync::Arc;
use std::time::Duration;

/// The id of an invitation, made by the caller's client, unique for ever.
pub type InvitationId = Arc<str>;

/// The result of a call (API). `Ok` means that it was admitted, not that the peer got anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CallResult {
    /// Admitted.
    Ok = 0,
    /// An argument is over its limit or malformed.
    InvalidArgument = 1,
    /// Never sent, never received, or somebody else's.
    NotStarted = 2,
    /// The invitation has ended.
    AlreadyEnd = 3,
    /// Accepted already; the handshake is under way.
    AlreadyAccept = 4,
    /// Sent already.
    AlreadySent = 5,
}

/// The state of a local invitation, with the numbers of the lifecycle (OBJ).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LocalState {
    /// Created, not sent.
    Idle = 0,
    /// Sent; the callee's device has not acknowledged it.
    SentToRemote = 1,
    /// The callee's device has it.
    ReceivedByRemote = 2,
    /// Ended: accepted.
    AcceptedByRemote = 3,
    /// Ended: refused.
    RefusedByRemote = 4,
    /// Ended: cancelled.
    Canceled = 5,
    /// Ended: failed.
    Failure = 6,
}

/// The state of a remote invitation, with the numbers of the lifecycle (OBJ). 3 and 4 are the other way round than on the
/// caller's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum RemoteState {
    /// It rings.
    InvitationReceived = 1,
    /// Accepted; the caller's device has not acknowledged it.
    AcceptSentToLocal = 2,
    /// Ended: refused.
    Refused = 3,
    /// Ended: accepted.
    Accepted = 4,
    /// Ended: cancelled.
    Canceled = 5,
    /// Ended: failed.
    Failure = 6,
}

impl LocalState {
    /// Whether the local life is over (OBJ-3).
    pub fn is_ended(self) -> bool {
        match self {
            Self::Idle | Self::SentToRemote | Self::ReceivedByRemote => false,
            Self::AcceptedByRemote | Self::RefusedByRemote | Self::Canceled | Self::Failure => true,
        }
    }
}

impl RemoteState {
    /// Whether the remote life is over (OBJ-3).
    pub fn is_ended(self) -> bool {
        match self {
            Self::InvitationReceived | Self::AcceptSentToLocal => false,
            Self::Refused | Self::Accepted | Self::Canceled | Self::Failure => true,
        }
    }
}

/// Why a local invitation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LocalFailure {
    /// The callee stayed offline (FAIL-1).
    RemoteOffline = 1,
    /// No device ack of the callee (FAIL-3).
    RemoteNoResponse = 2,
    /// Nobody answered or cancelled in time (FAIL-4).
    Expire = 3,
    /// Sent while not logged in (FAIL-5).
    NotLoggedIn = 4,
}

/// Why a remote invitation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum RemoteFailure {
    /// The caller was gone at the accept (ACC-4).
    LocalOffline = 1,
    /// The caller's device did not acknowledge the accept (ACC-3).
    AcceptFailure = 2,
    /// Nobody answered or cancelled in time, or it had failed for the caller (FAIL-4, FAIL-6).
    Expire = 3,
}

/// A local invitation, as its caller sees it (OBJ-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it names; fixed at creation.
    pub callee: String,
    /// What to show. Writing it after the send changes nothing on the wire (OBJ-6).
    pub content: String,
    /// Which channel to meet in. Writing it after the send changes nothing on the wire (OBJ-6).
    pub channel: String,
    /// The callee's words.
    pub response: String,
    /// Where it stands.
    pub state: LocalState,
}

/// A remote invitation, as its callee sees it (OBJ-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Who calls.
    pub caller: String,
    /// What to show.
    pub content: String,
    /// Which channel to meet in.
    pub channel: String,
    /// The callee's words, from the accept or refuse on.
    pub response: String,
    /// Where it stands.
    pub state: RemoteState,
}

/// A local invitation with what the client must know of it beyond what the caller sees.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) serial: u64,
    pub(super) seen: LocalInvitation,
    /// What was sent, which later writing does not change.
    pub(super) wire: Option<Sent>,
    pub(super) canceling: bool,
}

/// What went over the wire, to be repeated as it was.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) at: Duration,
    pub(super) content: String,
    pub(super) channel: String,
    /// When the callee's device was known to have it.
    pub(super) acked: Option<Duration>,
}

/// A remote invitation with what the client must know of it beyond what the callee sees.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) serial: u64,
    pub(super) seen: RemoteInvitation,
    /// When it began to ring.
    pub(super) received: Duration,
    /// Refused, and not decided yet; the state shows it only when the arbiter has decided (REF-2).
    pub(super) refusing: bool,
}
