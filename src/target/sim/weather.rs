//! How the network of a simulation behaves, and what has come of it.

use std::time::Duration;

/// How the network behaves throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weather {
    /// The shortest and the longest time a frame takes. Each draws its own, so frames overtake between connections.
    pub latency: (Duration, Duration),
    /// Whether a frame about an invitation may come twice just after a client has come back.
    pub duplicates: bool,
    /// How long each client takes at least between two frames that it reads: a slow reader.
    pub pace: Vec<Duration>,
    /// How far each participant's clock is ahead.
    pub ahead: Vec<Duration>,
}

impl Weather {
    /// A steady network that takes a millisecond.
    pub fn fair() -> Self {
        let latency = Duration::from_millis(1);
        Self {
            latency: (latency, latency),
            duplicates: false,
            pace: Vec::new(),
            ahead: Vec::new(),
        }
    }
}

/// What a simulation has come to, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames that arrived.
    pub frames: u64,
    /// Frames that a lost connection took along.
    pub lost: u64,
    /// Frames that arrived before one that had left earlier over another connection.
    pub overtaken: u64,
    /// Frames that came twice.
    pub repeated: u64,
    /// Connections that an end gave up because nothing was heard.
    pub silent: u64,
    /// Connections that the server closed because they read too slowly.
    pub slow: u64,
    /// Sessions that went on over another connection.
    pub resumed: u64,
}
