//! Servers that do next to nothing: a library in which a scenario passes on one of them proves nothing.

mod score;
mod serve;

pub use score::{NullScore, score};

/// A server that does next to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Takes the connection and never says a word.
    Silent,
    /// Closes every connection that it takes.
    Closing,
    /// Says back what it is told.
    Echo,
    /// Lets everybody in, takes every frame, and does nothing.
    Idle,
    /// Lets everybody in, and tells every caller that it was refused.
    Refusing,
    /// Lets everybody in, and answers every frame with an error.
    Complaining,
    /// Lets everybody in, and tells every caller what once happened to another invitation.
    Replaying,
    /// The same, under the name of this invitation.
    Aping,
    /// Right in everything, and ten times too slow.
    Slow,
}

impl Null {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::Silent,
        Self::Closing,
        Self::Echo,
        Self::Idle,
        Self::Refusing,
        Self::Complaining,
        Self::Replaying,
        Self::Aping,
        Self::Slow,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Closing => "closes-at-accept",
            Self::Echo => "echoes",
            Self::Idle => "takes-everything-does-nothing",
            Self::Refusing => "refuses-everything",
            Self::Complaining => "answers-errors-only",
            Self::Replaying => "replays-another-call",
            Self::Aping => "replays-another-call-with-this-id",
            Self::Slow => "ten-times-too-slow",
        }
    }
}
