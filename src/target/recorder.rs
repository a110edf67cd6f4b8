//! Where participants write down what they do and hear, as it happens.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::history::{ConnectionReason, Event, UserId, What};

/// The record of one scenario: one order and one monotonic clock for all of its participants. The clock is the runtime's,
/// so that a simulation may let it jump.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    state: Mutex<State>,
    length: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    /// How many log-ins each user id has begun: two devices of one user share the count.
    sessions: HashMap<UserId, u32>,
    /// The session of each participant.
    session_of: HashMap<usize, u32>,
}

/// An event with the participant that recorded it. Two devices of one user are two participants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The place of the participant among those of the scenario.
    pub participant: usize,
    /// What it recorded.
    pub event: Event,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            state: Mutex::default(),
            length: watch::Sender::new(0),
        }
    }
}

impl Recorder {
    /// Writes down what a participant did or heard just now.
    pub fn record(&self, participant: usize, user: &UserId, what: What) {
        let length = {
            let mut state = self.state();
            if let What::Connection {
                reason: ConnectionReason::Login,
                ..
            } = what
            {
                let sessions = state.sessions.entry(user.clone()).or_insert(0);
                *sessions += 1;
                let session = *sessions;
                state.session_of.insert(participant, session);
            }
            let session = state.session_of.get(&participant).copied().unwrap_or(0);
            // The time is taken under the lock, so that time never runs backwards along the record.
            let event = Event {
                at: self.now(),
                user: user.clone(),
                session,
                what,
            };
            state.entries.push(Entry { participant, event });
            state.entries.len()
        };
        self.length.send_replace(length);
    }

    /// The time on the record's clock.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The entries from a place on.
    pub fn since(&self, place: usize) -> Vec<Entry> {
        self.state()
            .entries
            .get(place..)
            .unwrap_or_default()
            .to_vec()
    }

    /// Follows the length of the record.
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.length.subscribe()
    }

    /// A panic elsewhere cannot leave the record half written, so it is read on.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
