//! Who is there: the connection of each log-in of each user, as its own events tell it (SES).

use std::collections::VecDeque;
use std::time::Duration;

use super::desk::{CROSSING, slack};

/// How many log-ins of a user are remembered; older ones can only be over.
const LOGINS_MAX: usize = 4;

/// One user.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// The log-ins, the latest last.
    logins: Vec<Login>,
    /// The open invitations of this user, on either side.
    pub(super) cases: Ages,
    /// How many invitations that this user has sent have not ended for it.
    pub(super) ringing: usize,
}

/// One log-in of a user.
#[derive(Debug)]
struct Login {
    session: u32,
    /// When it was last heard of (ORD-1).
    heard: Duration,
    /// Its connection; `None` while no connection event was seen.
    link: Option<Link>,
}

/// What is known of the log-in of an event when the event comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    /// Whether the connection that counts for it is none.
    pub(super) offline: bool,
    /// How exactly that log-in came to be out, if it is.
    pub(super) parted: Option<Parting>,
    /// Whether it is the latest, and connected as far as is known.
    pub(super) is_settled: bool,
}

impl Seat {
    /// That of somebody who is there and was all along.
    pub(super) const SETTLED: Self = Self {
        offline: false,
        parted: None,
        is_settled: true,
    };
}

/// Where an open invitation is kept.
pub(super) type Place = usize;

/// Open invitations by age, each with its place. Mostly the newest comes, and the oldest goes.
#[derive(Debug, Default)]
pub(super) struct Ages(VecDeque<(u64, Place)>);

impl Ages {
    /// Adds one.
    pub(super) fn enter(&mut self, seq: u64, place: Place) {
        let at = self.0.partition_point(|(known, _)| *known < seq);
        if self.0.get(at).is_none_or(|(known, _)| *known != seq) {
            self.0.insert(at, (seq, place));
        }
    }

    /// Takes one out.
    pub(super) fn strike(&mut self, seq: u64) {
        if let Ok(at) = self.0.binary_search_by_key(&seq, |(known, _)| *known) {
            self.0.remove(at);
        }
    }

    /// Their places, the oldest first.
    pub(super) fn places(&self) -> impl DoubleEndedIterator<Item = Place> {
        self.0.iter().map(|(_, place)| *place)
    }
}

/// The connection of one log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Logged in and connected.
    Up {
        /// Online without a gap longer than the grace since then.
        online: Duration,
        /// Connected without any gap since then.
        unbroken: Duration,
        /// When that connection was first asked for, as far as is known.
        asked: Duration,
    },
    /// Lost and being made again; counts as online for the grace (SES-2).
    Lost {
        /// Online without a gap longer than the grace since then.
        online: Duration,
        /// When it was lost.
        since: Duration,
        /// Since when it had been connected without any gap.
        from: Duration,
    },
    /// Not logged in.
    Out {
        /// Since when.
        since: Duration,
        /// Since when it had been connected without any gap.
        from: Duration,
        /// How it came to that.
        how: Parting,
    },
}

/// How a log-in came to be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// It has not succeeded yet, or failed.
    NotYet,
    /// The user logged out, or the session just ended (SES-4).
    Left,
    /// The server ended it (SES-1).
    Shut,
}

impl Person {
    /// When the user was last heard of; `None` if never.
    pub(super) fn last_heard(&self) -> Option<Duration> {
        self.logins.iter().map(|login| login.heard).max()
    }

    /// Whether that log-in was heard of.
    pub(super) fn has_heard_of(&self, session: u32) -> bool {
        self.logins.iter().any(|it| it.session == session)
    }

    /// Notes that a log-in was heard of; when it was heard of before, if it was.
    pub(super) fn heard(&mut self, session: u32, at: Duration) -> Option<Duration> {
        if let Some(login) = self.login_mut(session) {
            return Some(std::mem::replace(&mut login.heard, at));
        }
        let place = self.logins.partition_point(|it| it.session < session);
        let new = Login {
            session,
            heard: at,
            link: None,
        };
        self.logins.insert(place, new);
        if self.logins.len() > LOGINS_MAX {
            self.logins.remove(0);
        }
        None
    }

    /// Sets the connection of a log-in that was heard of.
    pub(super) fn connect(&mut self, session: u32, link: Link) {
        if let Some(login) = self.login_mut(session) {
            login.link = Some(link);
        }
    }

    fn login_mut(&mut self, session: u32) -> Option<&mut Login> {
        self.logins.iter_mut().find(|it| it.session == session)
    }

    /// What is known of a log-in.
    pub(super) fn seat(&self, session: u32) -> Seat {
        let own = self.exactly(session);
        let is_latest = self
            .logins
            .last()
            .is_some_and(|last| last.session == session);
        Seat {
            offline: matches!(self.link(session), Some(Link::Out { .. })),
            parted: match own {
                Some(Link::Out { how, .. }) => Some(how),
                Some(Link::Up { .. } | Link::Lost { .. }) | None => None,
            },
            is_settled: is_latest
                && match own {
                    Some(Link::Up { .. }) => true,
                    Some(Link::Lost { .. } | Link::Out { .. }) => false,
                    None => self.logins.len() == 1,
                },
        }
    }

    /// The connection of exactly that log-in.
    pub(super) fn exactly(&self, session: u32) -> Option<Link> {
        self.logins.iter().find(|it| it.session == session)?.link
    }

    /// The connection that counts for a side of that log-in; `None` if nothing is known of any.
    pub(super) fn link(&self, session: u32) -> Option<Link> {
        // One so old that it is remembered no more is over, whoever has logged in since.
        let forgotten = self.logins.len() >= LOGINS_MAX
            && session > 0
            && self.logins.first().is_some_and(|it| session < it.session);
        if forgotten {
            return Some(Link::Out {
                since: Duration::ZERO,
                from: Duration::ZERO,
                how: Parting::Left,
            });
        }
        self.exactly(session).or_else(|| self.latest())
    }

    /// The connection of the latest log-in.
    pub(super) fn latest(&self) -> Option<Link> {
        self.logins.iter().rev().find_map(|it| it.link)
    }

    /// The connections that are known.
    fn links(&self) -> impl Iterator<Item = Link> {
        self.logins.iter().filter_map(|it| it.link)
    }

    /// The earlier log-ins that are still connected.
    pub(super) fn up_before(&self, session: u32) -> Vec<u32> {
        self.logins
            .iter()
            .filter(|it| it.session < session && matches!(it.link, Some(Link::Up { .. })))
            .map(|it| it.session)
            .collect()
    }

    /// Whether a later log-in than that one was let in, which ended it (SES-1).
    pub(super) fn is_displaced(&self, session: u32) -> bool {
        let mut later = self.logins.iter().filter(|it| it.session > session);
        later.any(|it| match it.link {
            Some(Link::Up { .. } | Link::Lost { .. }) => true,
            Some(Link::Out { how, .. }) => how != Parting::NotYet,
            None => false,
        })
    }

    /// Whether there was a later log-in than that one.
    pub(super) fn later_than(&self, session: u32) -> bool {
        self.logins.iter().any(|it| it.session > session)
    }

    /// Whether the user was online from `from` to `now`, as far as is known.
    pub(super) fn online_throughout(&self, from: Duration, now: Duration, grace: Duration) -> bool {
        // A log-in that is lost was ended by a later one, which has left.
        let left = matches!(self.latest(), Some(Link::Out { how, .. }) if how != Parting::NotYet);
        self.links().any(|link| match link {
            Link::Up { online, .. } => online <= from,
            Link::Lost { .. } if left => false,
            // Near the end of the grace either may be right: the server saw the loss at its own moment.
            Link::Lost { online, since, .. } => {
                online <= from && now.saturating_add(slack(grace)) < since.saturating_add(grace)
            }
            Link::Out { .. } => false,
        })
    }

    /// Whether the user was offline ever since `from`, as far as is known.
    pub(super) fn offline_since(&self, from: Duration, grace: Duration) -> bool {
        self.latest().is_some()
            && self.links().all(|link| match link {
                Link::Up { .. } => false,
                Link::Lost { since, .. } => {
                    since.saturating_add(grace).saturating_add(slack(grace)) <= from
                }
                // What was said while the connection was lost reached nobody: it counts as online for the grace all the same.
                Link::Out {
                    since,
                    from: linked,
                    how: Parting::Left,
                } if linked >= since => {
                    since.saturating_add(grace).saturating_add(slack(grace)) <= from
                }
                // A log-out may cross with what it is compared to.
                Link::Out {
                    since,
                    how: Parting::Left,
                    ..
                } => since.saturating_add(CROSSING) <= from,
                Link::Out { since, .. } => since <= from,
            })
    }

    /// Whether that log-in was connected without any gap ever since `from`; a user of whom nothing is known was.
    pub(super) fn unbroken_since(&self, session: u32, from: Duration) -> bool {
        match self.link(session) {
            None => true,
            Some(Link::Up { unbroken, .. }) => unbroken <= from,
            Some(Link::Lost { .. } | Link::Out { .. }) => false,
        }
    }

    /// Whether that log-in may have been let in before `end`, and been told of it while it heard of `end`.
    pub(super) fn may_cross(&self, session: u32, end: Duration) -> bool {
        match self.link(session) {
            None => true,
            Some(Link::Up {
                unbroken, asked, ..
            }) => asked <= end && unbroken <= end.saturating_add(CROSSING),
            Some(Link::Lost { .. } | Link::Out { .. }) => false,
        }
    }

    /// Whether it is known that the user is not logged in.
    pub(super) fn is_out(&self) -> bool {
        self.latest().is_some() && self.links().all(|link| matches!(link, Link::Out { .. }))
    }
}
