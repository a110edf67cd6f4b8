//! The names of the lifecycle: calls, callbacks, and the states and reasons of connections.

use std::fmt;

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
