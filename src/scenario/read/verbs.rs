//! The verbs of a user's steps and the options of each.

use crate::history::{Call, Callback, Side};

/// What a user's step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Call(Call),
    Write,
    Expect,
    Never,
    Allow,
    Connection,
    Hold,
    Release,
}

/// Every verb, in the order of the language's page.
pub(super) const VERBS: [&str; 12] = [
    "create",
    "write",
    "send",
    "cancel",
    "accept",
    "refuse",
    "expect",
    "never",
    "allow",
    "connection",
    "hold",
    "release",
];

/// Every option of every verb.
pub(super) const OPTIONS: [&str; 14] = [
    "callee",
    "callee_id",
    "content",
    "channel",
    "result",
    "response",
    "of",
    "code",
    "within",
    "at",
    "early",
    "late",
    "for",
    "reason",
];

/// The options that speak of what a callback carries.
pub(super) const CARRIED: [&str; 4] = ["content", "channel", "response", "code"];

impl Verb {
    /// The verb of that name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "write" => Some(Self::Write),
            "expect" => Some(Self::Expect),
            "never" => Some(Self::Never),
            "allow" => Some(Self::Allow),
            "connection" => Some(Self::Connection),
            "hold" => Some(Self::Hold),
            "release" => Some(Self::Release),
            _ => Call::from_name(name).map(Self::Call),
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Call(call) => call.name(),
            Self::Write => "write",
            Self::Expect => "expect",
            Self::Never => "never",
            Self::Allow => "allow",
            Self::Connection => "connection",
            Self::Hold => "hold",
            Self::Release => "release",
        }
    }

    /// The options it may have.
    pub(super) fn options(self) -> &'static [&'static str] {
        match self {
            Self::Call(Call::Create) => &["callee", "callee_id", "content", "channel"],
            Self::Call(Call::Send | Call::Cancel) => &["result"],
            Self::Call(Call::Accept | Call::Refuse) => &["response", "result"],
            Self::Write => &["content", "channel"],
            Self::Expect => &[
                "of", "content", "channel", "response", "code", "within", "at", "early", "late",
            ],
            Self::Never => &["of", "for"],
            Self::Allow => &["of"],
            Self::Connection => &["reason", "within"],
            Self::Hold | Self::Release => &[],
        }
    }
}

/// Whether a callback carries what that option speaks of (OBJ).
pub(super) fn carries(callback: Callback, option: &str) -> bool {
    match callback {
        Callback::RemoteReceived => matches!(option, "content" | "channel"),
        Callback::LocalAccepted | Callback::LocalRefused => option == "response",
        Callback::LocalFailure | Callback::RemoteFailure => option == "code",
        Callback::LocalReceivedByPeer
        | Callback::LocalCanceled
        | Callback::RemoteAccepted
        | Callback::RemoteRefused
        | Callback::RemoteCanceled => false,
    }
}

/// Who is told by callbacks of that side.
pub(super) fn who(side: Side) -> &'static str {
    match side {
        Side::Local => "caller",
        Side::Remote => "callee",
    }
}
