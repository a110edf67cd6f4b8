//! One call on its way: what it is meant to come to, and what both sides have been told so far.

use std::time::Duration;

use ringcheck_reference::client::{
    InvitationId, LocalCallback, LocalFailure, RemoteCallback, RemoteFailure,
};

use super::log::Note;
use super::measure::{Leg, Measures};
use super::mix::Course;
use super::times::{Came, Times};
use crate::history::{Anchor, Clocks};

/// One call on its way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: InvitationId,
    /// The pair that makes it, of those of the thread.
    pub(super) pair: usize,
    pub(super) course: Course,
    /// Which texts it carries.
    pub(super) number: u32,
    /// Whether it counts, or belongs to the warm-up.
    pub(super) counts: bool,
    /// When it was due, and when it was begun.
    pub(super) due: Duration,
    pub(super) started: Duration,
    /// When the caller heard that it rings.
    acked: Option<Duration>,
    received: bool,
    /// When the accept, refuse or cancel was due.
    pub(super) acted: Option<Duration>,
    local: Ending,
    remote: Ending,
    /// Something arrived that was not sent.
    pub(super) is_garbled: bool,
    /// Whether the pair has begun another call in its place (closed).
    pub(super) is_followed: bool,
    /// What both ends did and heard of it, for the judge's sake.
    pub(super) log: Vec<Note>,
}

/// How a side has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Not yet.
    Open,
    /// As the course of the call has it.
    Planned,
    /// Otherwise.
    Other,
}

/// What somebody does next about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, for now.
    Wait,
    /// The callee answers, or the caller cancels, after a while.
    Act,
    /// Both sides are through.
    Over,
}

impl Call {
    pub(super) fn new(
        (id, pair): (InvitationId, usize),
        (course, number): (Course, u32),
        counts: bool,
        (due, started): (Duration, Duration),
        log: Vec<Note>,
    ) -> Self {
        Self {
            id,
            pair,
            course,
            number,
            counts,
            due,
            started,
            acked: None,
            received: false,
            acted: None,
            local: Ending::Open,
            remote: Ending::Open,
            is_garbled: false,
            is_followed: false,
            log,
        }
    }

    /// Whether it came to what it was meant to.
    pub(super) fn is_good(&self) -> bool {
        let remote = if self.received {
            self.remote == Ending::Planned
        } else {
            // A cancel may come before the callee has heard of anything (AGR-3).
            self.course == Course::Cancel
        };
        self.local == Ending::Planned && remote && !self.is_garbled
    }

    /// When it was due, begun and over.
    pub(super) fn times(&self, came: Came, ended: Option<Duration>) -> Times {
        Times {
            number: self.number,
            course: self.course,
            came,
            intended: self.due,
            started: self.started,
            ended,
        }
    }

    /// Whether it is over for the caller, who may begin another.
    pub(super) fn has_ended_for_caller(&self) -> bool {
        self.local != Ending::Open
    }

    /// The caller was called back.
    pub(super) fn told_caller(
        &mut self,
        now: Duration,
        callback: &LocalCallback,
        clocks: &Clocks,
        measures: &mut Measures,
    ) -> Next {
        let acted = self.acted.unwrap_or(self.due);
        // `None` is what no course is meant to come to.
        let (came, leg) = match callback {
            LocalCallback::ReceivedByPeer => {
                self.acked = Some(now);
                if self.counts {
                    measures.took(Leg::Ringback, self.due, now);
                }
                return if self.course == Course::Cancel {
                    Next::Act
                } else {
                    Next::Wait
                };
            }
            LocalCallback::Accepted { .. } => {
                (Some(Course::Accept), Some((Leg::Answer, acted, now)))
            }
            LocalCallback::Refused { .. } => {
                (Some(Course::Refuse), Some((Leg::Refuse, acted, now)))
            }
            LocalCallback::Canceled => (Some(Course::Cancel), None),
            LocalCallback::Failure(LocalFailure::Expire) => {
                let from = match clocks.expiry_anchor {
                    Anchor::Ack => self.acked.unwrap_or(self.started),
                    Anchor::Send => self.started,
                };
                let due = from + clocks.expiry;
                (
                    Some(Course::Expire),
                    Some((Leg::Expiry, due.min(now), due.max(now))),
                )
            }
            LocalCallback::Failure(
                LocalFailure::RemoteOffline
                | LocalFailure::RemoteNoResponse
                | LocalFailure::NotLoggedIn,
            ) => (None, None),
        };
        self.local = self.ending(came);
        if let Some((leg, from, to)) = leg
            && self.counts
            && self.local == Ending::Planned
        {
            measures.took(leg, from, to);
        }
        self.next()
    }

    /// The callee was called back.
    pub(super) fn told_callee(
        &mut self,
        now: Duration,
        callback: &RemoteCallback,
        measures: &mut Measures,
    ) -> Next {
        let came = match callback {
            RemoteCallback::Received { .. } => {
                self.received = true;
                if self.counts {
                    measures.took(Leg::Ring, self.due, now);
                }
                return match self.course {
                    Course::Accept | Course::Refuse => Next::Act,
                    Course::Cancel | Course::Expire => Next::Wait,
                };
            }
            RemoteCallback::Accepted => Some(Course::Accept),
            RemoteCallback::Refused => Some(Course::Refuse),
            RemoteCallback::Canceled => Some(Course::Cancel),
            RemoteCallback::Failure(RemoteFailure::Expire) => Some(Course::Expire),
            RemoteCallback::Failure(RemoteFailure::LocalOffline | RemoteFailure::AcceptFailure) => {
                None
            }
        };
        self.remote = self.ending(came);
        if came == Some(Course::Cancel) && self.counts && self.remote == Ending::Planned {
            measures.took(Leg::Cancel, self.acted.unwrap_or(self.due), now);
        }
        self.next()
    }

    fn next(&self) -> Next {
        let is_remote_over = !self.received || self.remote != Ending::Open;
        if self.local != Ending::Open && is_remote_over {
            Next::Over
        } else {
            Next::Wait
        }
    }

    fn ending(&self, came: Option<Course>) -> Ending {
        if came == Some(self.course) {
            Ending::Planned
        } else {
            Ending::Other
        }
    }
}
