//! The kinds of trouble of which each seed switches on some.

use std::fmt;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// Frames take long.
    Delay,
    /// Frames overtake each other between connections.
    Reorder,
    /// Frames come twice just after a client has come back.
    Duplicate,
    /// The clocks of participants differ.
    Skew,
    /// A client takes its time between two frames, and the server waits with little for it.
    SlowReader,
    /// Many invitations ring at one callee at once.
    Burst,
    /// A connection is lost with what is under way, and comes back at once.
    Loss,
    /// A connection is lost and stays so for a while.
    Away,
    /// One end of a connection is gone, and the other does not know.
    HalfOpen,
    /// Frames of one direction do not arrive for a while.
    BlackHole,
    /// A client dies, and another takes its place.
    Crash,
    /// A user logs in on a second device.
    SecondLogin,
    /// A user logs out, and in again later.
    Logout,
    /// The server dies with all that it knew, and another takes its place.
    ServerRestart,
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Delay,
        Self::Reorder,
        Self::Duplicate,
        Self::Skew,
        Self::SlowReader,
        Self::Burst,
        Self::Loss,
        Self::Away,
        Self::HalfOpen,
        Self::BlackHole,
        Self::Crash,
        Self::SecondLogin,
        Self::Logout,
        Self::ServerRestart,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Reorder => "reorder",
            Self::Duplicate => "duplicate",
            Self::Skew => "skew",
            Self::SlowReader => "slow-reader",
            Self::Burst => "burst",
            Self::Loss => "loss",
            Self::Away => "away",
            Self::HalfOpen => "half-open",
            Self::BlackHole => "black-hole",
            Self::Crash => "crash",
            Self::SecondLogin => "second-login",
            Self::Logout => "logout",
            Self::ServerRestart => "server-restart",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
