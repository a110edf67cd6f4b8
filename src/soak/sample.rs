//! What a server said of itself at one moment.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operators::Page;

/// What a server said of itself at one moment; `null` is what it did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// When, in seconds since the soak began.
    pub at_s: f64,
    /// Sessions, those in their grace among them.
    pub sessions: Option<u64>,
    /// Open connections of users.
    pub connections: Option<u64>,
    /// Invitations that have not ended.
    pub live_invitations: Option<u64>,
    /// Invitations in the table, with those that are over but remembered.
    pub remembered_invitations: Option<u64>,
    /// Frames that wait for connections.
    pub waiting_frames: Option<u64>,
    /// Open files, that of the question among them.
    pub open_files: Option<u64>,
    /// Memory in use, in bytes.
    pub memory_bytes: Option<u64>,
    /// Invitations that were taken from callers since the start.
    pub admitted: Option<u64>,
    /// Invitations that have ended since the start.
    pub ended: Option<u64>,
}

/// One figure of a sample.
pub(super) type Figure = fn(&Sample) -> Option<u64>;

/// The figures that have to be again what they were, by name.
pub(super) const TABLES: [(&str, Figure); 6] = [
    ("sessions", |sample| sample.sessions),
    ("connections", |sample| sample.connections),
    ("live invitations", |sample| sample.live_invitations),
    ("remembered invitations", |sample| {
        sample.remembered_invitations
    }),
    ("waiting frames", |sample| sample.waiting_frames),
    ("open files", |sample| sample.open_files),
];

/// What the memory is called where figures have names.
pub(super) const MEMORY: &str = "memory since round 1, bytes";

/// The figure of that name.
pub(super) fn figure(name: &str) -> Option<Figure> {
    let memory: (&str, Figure) = (MEMORY, |sample| sample.memory_bytes);
    let all = TABLES.into_iter().chain([memory]);
    all.into_iter()
        .find_map(|(its, figure)| (its == name).then_some(figure))
}

impl Sample {
    /// What a page says.
    pub fn of(page: &Page, at: Duration) -> Self {
        let value = |name| page.value(name).map(whole);
        let sum = |name, label| {
            let all = page.by(name, label);
            (!all.is_empty()).then(|| all.iter().map(|(_, count)| whole(*count)).sum())
        };
        Self {
            at_s: at.as_secs_f64(),
            sessions: value("ringcheck_sessions"),
            connections: value("ringcheck_connections"),
            live_invitations: sum("ringcheck_invitations", "state"),
            remembered_invitations: value("ringcheck_invitations_remembered"),
            waiting_frames: value("ringcheck_outbox_frames"),
            open_files: value("process_open_fds"),
            memory_bytes: value("process_resident_memory_bytes"),
            admitted: value("ringcheck_invitations_admitted_total"),
            ended: sum("ringcheck_invitations_ended_total", "outcome"),
        }
    }

    /// Whether nothing is left of what came after an earlier sample, as far as both say.
    pub fn is_back(&self, before: &Self) -> bool {
        TABLES.iter().all(|(_, figure)| {
            let (now, then) = (figure(self), figure(before));
            now.zip(then).is_none_or(|(now, then)| now <= then)
        })
    }
}

/// A count, which pages write as any number.
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}
