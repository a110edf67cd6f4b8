//! The results of calls and the codes of failures, with their names.

use std::fmt;

use super::Side;

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
