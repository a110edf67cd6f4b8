//! A connection in memory: one pipe each way, in order, with a time of arrival for everything in it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::scenario::plan::Way;

/// A connection between a phone and the server.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) phone: usize,
    /// Whether the server has it. What a client says over one that the server has closed counts for nothing.
    pub(super) served: bool,
    /// What the client says.
    pub(super) sent: Pipe,
    /// What the client is told.
    pub(super) heard: Pipe,
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    queue: VecDeque<(Duration, Parcel)>,
    /// The latest arrival so far: nothing overtakes within a connection.
    last: Duration,
    bytes: usize,
    /// While set, nothing arrives.
    held: bool,
    /// How many frames went in.
    pub(super) count: u32,
}

/// What is in a pipe.
#[derive(Debug)]
pub(super) enum Parcel {
    Frame(String),
    /// The other end has closed the connection.
    Close,
}

impl Link {
    pub(super) fn new(phone: usize) -> Self {
        Self {
            phone,
            served: true,
            sent: Pipe::default(),
            heard: Pipe::default(),
        }
    }

    pub(super) fn pipe(&mut self, way: Way) -> &mut Pipe {
        match way {
            Way::Sent => &mut self.sent,
            Way::Heard => &mut self.heard,
        }
    }
}

impl Pipe {
    /// Puts something in that would arrive at `at`, had nothing gone before it. When it does arrive.
    pub(super) fn push(&mut self, at: Duration, parcel: Parcel) -> Duration {
        self.last = self.last.max(at);
        if let Parcel::Frame(text) = &parcel {
            self.bytes += text.len();
            self.count += 1;
        }
        self.queue.push_back((self.last, parcel));
        self.last
    }

    /// The same for a reader that takes at least `pace` from one frame to the next.
    pub(super) fn push_paced(&mut self, at: Duration, pace: Duration, parcel: Parcel) -> Duration {
        let after = if self.queue.is_empty() {
            Duration::ZERO
        } else {
            self.last + pace
        };
        self.push(at.max(after), parcel)
    }

    /// Takes out what has arrived, one thing at a time.
    pub(super) fn pop(&mut self, now: Duration) -> Option<Parcel> {
        if self.held {
            return None;
        }
        let (_, parcel) = self.queue.pop_front_if(|(due, _)| *due <= now)?;
        if let Parcel::Frame(text) = &parcel {
            self.bytes -= text.len();
        }
        Some(parcel)
    }

    /// Drops everything on the way. How much it was.
    pub(super) fn clear(&mut self) -> usize {
        self.bytes = 0;
        let lost = self.queue.len();
        self.queue.clear();
        lost
    }

    /// Bytes on the way.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what is held, and holds no more. How much it was.
    pub(super) fn drop_held(&mut self) -> usize {
        if std::mem::take(&mut self.held) {
            self.clear()
        } else {
            0
        }
    }

    /// Holds everything, or lets it go on: how many things may arrive from now on.
    pub(super) fn hold(&mut self, held: bool) -> usize {
        self.held = held;
        if held { 0 } else { self.queue.len() }
    }
}
