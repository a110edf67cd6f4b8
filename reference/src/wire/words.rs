//! The fixed words of the protocol: kinds of fault and reasons to end a session.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An enum with one fixed snake_case text per value.
macro_rules! worded {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $type { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)* }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

worded! {
    /// The kinds of fault in a frame.
    ErrorCode {
        /// Not a JSON object, or not of the frame's shape.
        Malformed = "malformed",
        /// No frame has this type.
        UnknownType = "unknown_type",
        /// A field has a value that is not allowed.
        InvalidField = "invalid_field",
        /// Only `login` is allowed before the log-in.
        NotLoggedIn = "not_logged_in",
        /// The connection is logged in already.
        AlreadyLoggedIn = "already_logged_in",
        /// The user id is not allowed (LIM-3).
        InvalidUser = "invalid_user",
        /// The token is missing, bad, expired or somebody else's (SES-7).
        InvalidToken = "invalid_token",
        /// No live invitation of that id has this user on that side.
        UnknownInvitation = "unknown_invitation",
        /// The id belongs to another user's invitation.
        IdTaken = "id_taken",
        /// A table is full (LIM-4).
        LimitReached = "limit_reached",
        /// Too many messages (LIM-5).
        RateLimited = "rate_limited",
        /// The server takes no new invitations because it is to stop.
        Draining = "draining",
    }
}

worded! {
    /// Why a session is over.
    ByeReason {
        /// The user logged out.
        Logout = "logout",
        /// The user logged in elsewhere (SES-1).
        RemoteLogin = "remote_login",
        /// The log-in was refused; an `error` went before.
        LoginRefused = "login_refused",
        /// No log-in came in time.
        LoginTimeout = "login_timeout",
        /// Nothing was heard for too long; the session may be resumed.
        Silence = "silence",
        /// An accept was not acknowledged in time; the session may be resumed (ACC-3).
        AckMissing = "ack_missing",
        /// The client reads too slowly; the session may be resumed (LIM-4).
        SlowConsumer = "slow_consumer",
        /// Too many bad frames.
        TooManyErrors = "too_many_errors",
        /// The same session went on over another connection.
        Replaced = "replaced",
        /// The server stops; the session may be tried again later.
        Shutdown = "shutdown",
        /// The token has run out.
        TokenExpired = "token_expired",
        /// Too many log-ins at once; try again later (LIM-4).
        Busy = "busy",
    }
}

impl ByeReason {
    /// The WebSocket close code that goes with it.
    pub fn close_code(self) -> u16 {
        match self {
            Self::Logout => 1000,
            Self::Shutdown => 1001,
            Self::RemoteLogin => 4001,
            Self::LoginRefused => 4002,
            Self::LoginTimeout => 4003,
            Self::Silence => 4004,
            Self::AckMissing => 4005,
            Self::SlowConsumer => 4006,
            Self::TooManyErrors => 4007,
            Self::Replaced => 4008,
            Self::TokenExpired => 4009,
            Self::Busy => 4010,
        }
    }
}
