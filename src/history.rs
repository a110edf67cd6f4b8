//! What was seen: the events of a run in the order they were recorded, the one bridge between doing and judging.
//!
//! A participant writes an event *before* any consequence of it can leave the participant. Under one recorder the order
//! of a history therefore respects cause and effect; [`Order`] says whether that holds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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

/// The limits of the lifecycle, FAIL section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// How long the callee may stay offline, from the send.
    pub offline_window: Duration,
    /// How long the callee's device ack may take, from the send.
    pub no_ack: Duration,
    /// How long an invitation rings, from [`Clocks::expiry_anchor`].
    pub expiry: Duration,
    /// How long the caller's device ack of an accept may take, from the accept.
    pub accept_ack: Duration,
    /// How long the callee's device ack of a cancel may hold back the caller's Canceled, from the cancel.
    pub cancel_bound: Duration,
    /// How long a user counts as online after the loss of the connection.
    pub presence_grace: Duration,
    /// What `expiry` is counted from.
    pub expiry_anchor: Anchor,
}

impl Clocks {
    /// The longest of the limits.
    pub fn longest(&self) -> Duration {
        self.offline_window
            .max(self.no_ack)
            .max(self.expiry)
            .max(self.accept_ack)
            .max(self.cancel_bound)
            .max(self.presence_grace)
    }
}

/// What `expiry` is counted from (FAIL-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The callee's device ack.
    Ack,
    /// The send.
    Send,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            offline_window: Duration::from_secs(30),
            no_ack: Duration::from_secs(30),
            expiry: Duration::from_secs(60),
            accept_ack: Duration::from_secs(5),
            cancel_bound: Duration::from_secs(10),
            presence_grace: Duration::from_secs(30),
            expiry_anchor: Anchor::Ack,
        }
    }
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

/// A text by its digest and length, with enough of it to show; missing and empty are the same (OBJ-7).
#[derive(Clone, Default)]
pub struct Payload {
    digest: u64,
    bytes: usize,
    excerpt: Box<str>,
}

/// How much of a text is kept for people to read.
const EXCERPT_CHARS: usize = 48;

impl Payload {
    /// The digest (XXH3, 64 bits), length and beginning of `text`.
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self {
            digest: xxhash_rust::xxh3::xxh3_64(text.as_bytes()),
            bytes: text.len(),
            excerpt: text.chars().take(EXCERPT_CHARS).collect(),
        }
    }

    /// The length in bytes of UTF-8.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there is no text, or an empty one.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        (self.digest, self.bytes) == (other.digest, other.bytes)
    }
}

impl Eq for Payload {}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.excerpt.len() == self.bytes {
            write!(f, "{:?}", self.excerpt)
        } else {
            write!(
                f,
                "{:?}… ({} bytes, digest {:016x})",
                self.excerpt, self.bytes, self.digest
            )
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An enum whose values have the names and numbers of the lifecycle document.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every value, in the order of the lifecycle document.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in scenarios, histories and reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// A call of the guide's API, by the short verb that scenarios use.
    Call {
        /// `createLocalInvitation`, by the caller.
        Create = "create",
        /// `sendLocalInvitation`, by the caller.
        Send = "send",
        /// `cancelLocalInvitation`, by the caller.
        Cancel = "cancel",
        /// `acceptRemoteInvitation`, by the callee.
        Accept = "accept",
        /// `refuseRemoteInvitation`, by the callee.
        Refuse = "refuse",
    }
}

named! {
    /// A callback of the lifecycle (OBJ).
    Callback {
        /// To the caller: the callee's device has it.
        LocalReceivedByPeer = "localInvitationReceivedByPeer",
        /// To the caller: accepted. Ends the local invitation.
        LocalAccepted = "localInvitationAccepted",
        /// To the caller: refused. Ends the local invitation.
        LocalRefused = "localInvitationRefused",
        /// To the caller: cancelled. Ends the local invitation.
        LocalCanceled = "localInvitationCanceled",
        /// To the caller: failed. Ends the local invitation.
        LocalFailure = "localInvitationFailure",
        /// To the callee: it rings.
        RemoteReceived = "remoteInvitationReceived",
        /// To the callee: the accept holds. Ends the remote invitation.
        RemoteAccepted = "remoteInvitationAccepted",
        /// To the callee: the refuse holds. Ends the remote invitation.
        RemoteRefused = "remoteInvitationRefused",
        /// To the callee: the caller cancelled. Ends the remote invitation.
        RemoteCanceled = "remoteInvitationCanceled",
        /// To the callee: failed. Ends the remote invitation.
        RemoteFailure = "remoteInvitationFailure",
    }
}

impl Callback {
    /// Which side of an invitation is told.
    pub fn side(self) -> Side {
        match self {
            Self::LocalReceivedByPeer
            | Self::LocalAccepted
            | Self::LocalRefused
            | Self::LocalCanceled
            | Self::LocalFailure => Side::Local,
            Self::RemoteReceived
            | Self::RemoteAccepted
            | Self::RemoteRefused
            | Self::RemoteCanceled
            | Self::RemoteFailure => Side::Remote,
        }
    }

    /// Whether that side's life ends with it (OBJ-3).
    pub fn ends(self) -> bool {
        !matches!(self, Self::LocalReceivedByPeer | Self::RemoteReceived)
    }
}

/// One of the two views of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The caller's.
    Local,
    /// The callee's.
    Remote,
}

named! {
    /// The states of a connection (SES), numbered from 1 in this order.
    ConnectionState {
        /// 1: no session.
        Disconnected = "Disconnected",
        /// 2: logging in.
        Connecting = "Connecting",
        /// 3: logged in.
        Connected = "Connected",
        /// 4: the connection was lost and is being made again.
        Reconnecting = "Reconnecting",
        /// 5: ended by the server; a new log-in is needed.
        Aborted = "Aborted",
    }
}

named! {
    /// Why a connection changed (SES), numbered from 1 in this order.
    ConnectionReason {
        /// 1: a log-in began.
        Login = "Login",
        /// 2: the log-in succeeded.
        LoginSuccess = "LoginSuccess",
        /// 3: the log-in was refused.
        LoginFailure = "LoginFailure",
        /// 4: the log-in took too long.
        LoginTimeout = "LoginTimeout",
        /// 5: the connection was lost.
        Interrupted = "Interrupted",
        /// 6: the user logged out.
        Logout = "Logout",
        /// 7: the server shut the user out.
        BannedByServer = "BannedByServer",
        /// 8: the user logged in elsewhere (SES-1).
        RemoteLogin = "RemoteLogin",
        /// 9: the token ran out.
        TokenExpired = "TokenExpired",
    }
}

/// The result of a call (API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallCode(pub u8);

impl CallCode {
    /// Admitted; says nothing about the peer.
    pub const OK: Self = Self(0);
    /// An argument is over its limit or malformed.
    pub const INVALID_ARGUMENT: Self = Self(1);
    /// The invitation was never sent, never received, or is somebody else's.
    pub const NOT_STARTED: Self = Self(2);
    /// The invitation has ended.
    pub const ALREADY_END: Self = Self(3);
    /// The invitation was accepted and the handshake is under way.
    pub const ALREADY_ACCEPT: Self = Self(4);
    /// The invitation was sent before.
    pub const ALREADY_SENT: Self = Self(5);

    /// The names of the codes from 0 on, as scenarios write them.
    pub const NAMES: [&'static str; 6] = [
        "Ok",
        "InvalidArgument",
        "NotStarted",
        "AlreadyEnd",
        "AlreadyAccept",
        "AlreadySent",
    ];

    /// The code of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        (0u8..)
            .zip(Self::NAMES)
            .find(|(_, known)| *known == name)
            .map(|(code, _)| Self(code))
    }
}

impl fmt::Display for CallCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.get(usize::from(self.0)) {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "unknown call result ({})", self.0),
        }
    }
}

/// The error code of a failure callback. Its meaning depends on the side that was told (FAIL-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailureCode(pub u8);

impl FailureCode {
    /// Local 1: the callee stayed offline (FAIL-1).
    pub const REMOTE_OFFLINE: Self = Self(1);
    /// Local 2: no device ack of the callee (FAIL-3).
    pub const REMOTE_NO_RESPONSE: Self = Self(2);
    /// Local 4: sent while not logged in (FAIL-5).
    pub const NOT_LOGGED_IN: Self = Self(4);
    /// Remote 1: the caller was gone at the accept (ACC-4).
    pub const LOCAL_OFFLINE: Self = Self(1);
    /// Remote 2: no device ack of the accept (ACC-3).
    pub const ACCEPT_FAILURE: Self = Self(2);
    /// Local and remote 3: nobody answered or cancelled in time (FAIL-4).
    pub const EXPIRE: Self = Self(3);

    /// The names of a caller's codes from 0 on.
    pub const LOCAL_NAMES: [&'static str; 5] = [
        "Ok",
        "RemoteOffline",
        "RemoteNoResponse",
        "Expire",
        "NotLoggedIn",
    ];
    /// The names of a callee's codes from 0 on.
    pub const REMOTE_NAMES: [&'static str; 4] = ["Ok", "LocalOffline", "AcceptFailure", "Expire"];

    /// The name on that side, if it has one.
    pub fn name(self, side: Side) -> Option<&'static str> {
        let names: &[&'static str] = match side {
            Side::Local => &Self::LOCAL_NAMES,
            Side::Remote => &Self::REMOTE_NAMES,
        };
        names.get(usize::from(self.0)).copied()
    }

    /// The code of that name on that side.
    pub fn from_name(name: &str, side: Side) -> Option<Self> {
        (0u8..=4)
            .map(Self)
            .find(|code| code.name(side) == Some(name))
    }
}
