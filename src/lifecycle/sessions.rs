//! Log-ins and connections: what their events mean for the user and for the invitations it holds (SES).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::case::{Case, Owed, Stamp};
use super::desk::{Desk, PROMPT, missed_after, span};
use super::judge::{Judge, about};
use super::presence::{Link, Parting, Place};
use super::rules::Id;
use super::verdict::FindingKind;
use crate::history::{Call, ConnectionReason, ConnectionState, Side, UserId};

/// Second log-ins and the Aborted that they cause (SES-1).
#[derive(Debug, Default)]
pub(super) struct Kicks {
    /// Log-ins that must be told they were ended, by when.
    due: VecDeque<(Duration, UserId, Stamp)>,
    /// Log-ins that were told so, for which no later log-in was seen yet.
    unexplained: BTreeMap<UserId, Vec<Stamp>>,
    /// Log-outs after which nothing has come yet (SES-4).
    left: u64,
}

impl Judge {
    /// A user's connection changed.
    pub(super) fn connection(
        &mut self,
        user: &UserId,
        stamp: Stamp,
        state: ConnectionState,
        reason: ConnectionReason,
    ) {
        self.check_pair(user, stamp, state, reason);
        let at = stamp.at;
        let grace = self.desk.clocks.presence_grace;
        let person = self.desk.people.entry(user.clone()).or_default();
        let before = person.exactly(stamp.session);
        let from = match before {
            Some(Link::Up { unbroken, .. }) => unbroken,
            Some(Link::Lost { from, .. } | Link::Out { from, .. }) => from,
            None => at,
        };
        let out = |how| Link::Out {
            since: at,
            // Whoever was away until it was out was not there to be told anything.
            from: if matches!(before, Some(Link::Lost { .. })) {
                at
            } else {
                from
            },
            how,
        };
        match state {
            ConnectionState::Connected => {
                let online = match before {
                    Some(Link::Up { online, .. }) => online,
                    Some(Link::Lost { online, since, .. }) if at <= since.saturating_add(grace) => {
                        online
                    }
                    Some(Link::Lost { .. } | Link::Out { .. }) | None => at,
                };
                let (unbroken, asked) = match before {
                    Some(Link::Up {
                        unbroken, asked, ..
                    }) => (unbroken, asked),
                    Some(Link::Lost { since, .. } | Link::Out { since, .. }) => (at, since),
                    None => (at, at),
                };
                let doubles = person.up_before(stamp.session);
                let up = Link::Up {
                    online,
                    unbroken,
                    asked,
                };
                person.connect(stamp.session, up);
                let displaced = person.is_displaced(stamp.session);
                for session in doubles {
                    self.kick(user, Stamp { session, ..stamp });
                }
                let back = matches!(before, Some(Link::Lost { .. }));
                let new = matches!(before, Some(Link::Out { .. }) | None);
                if back && displaced {
                    // It was away when the later log-in ended it.
                    self.kick(user, stamp);
                }
                if back || new {
                    self.came(user, stamp, back);
                }
            }
            ConnectionState::Reconnecting => {
                let online = match before {
                    Some(Link::Up { online, .. } | Link::Lost { online, .. }) => online,
                    Some(Link::Out { .. }) | None => at,
                };
                let since = match before {
                    Some(Link::Lost { since, .. }) => since,
                    Some(Link::Up { .. } | Link::Out { .. }) | None => at,
                };
                person.connect(
                    stamp.session,
                    Link::Lost {
                        online,
                        since,
                        from,
                    },
                );
            }
            ConnectionState::Connecting => {
                if before.is_none() {
                    person.connect(stamp.session, out(Parting::NotYet));
                }
            }
            ConnectionState::Disconnected => {
                let how = if reason == ConnectionReason::Logout {
                    self.desk.book.arm(Id::Ses4);
                    self.kicks.left += 1;
                    Parting::Left
                } else {
                    Parting::NotYet
                };
                person.connect(stamp.session, out(how));
                self.went(user);
            }
            ConnectionState::Aborted => {
                person.connect(stamp.session, out(Parting::Shut));
                self.aborted(user, stamp, reason);
                self.went(user);
            }
        }
    }

    /// A user left: what it was owed is void, so some of its invitations may be over.
    fn went(&mut self, user: &UserId) {
        for place in self.open_of(user) {
            self.with_case(place, |_, _| {});
        }
    }

    /// The open invitations of a user, on either side, by age.
    pub(super) fn open_of(&self, user: &UserId) -> Vec<Place> {
        let person = self.desk.people.get(user);
        person.map_or_else(Vec::new, |it| it.cases.places().collect())
    }

    /// The state and its reason must fit each other (SES-1, SES-2).
    fn check_pair(
        &mut self,
        user: &UserId,
        stamp: Stamp,
        state: ConnectionState,
        reason: ConnectionReason,
    ) {
        let lost = state == ConnectionState::Reconnecting;
        let cut = reason == ConnectionReason::Interrupted;
        let kicked = reason == ConnectionReason::RemoteLogin;
        let (rule, right, wanted) = if lost || cut {
            (Id::Ses2, lost && cut, "`Reconnecting` with `Interrupted`")
        } else if kicked {
            let aborted = state == ConnectionState::Aborted;
            (Id::Ses1, aborted, "`Aborted` with `RemoteLogin`")
        } else {
            return;
        };
        self.desk.book.arm(rule);
        if right {
            self.desk.book.discharge(rule);
        } else {
            let message = format!("expected {wanted}; got `{state}` with `{reason}`");
            self.desk.book.broken(rule, about(user, stamp, message));
        }
    }

    /// A later log-in came while an earlier one was connected: the earlier must be told.
    fn kick(&mut self, user: &UserId, stamp: Stamp) {
        let known = |(_, who, kick): &(Duration, UserId, Stamp)| {
            who == user && kick.session == stamp.session
        };
        if self.kicks.due.iter().any(known) {
            return;
        }
        self.desk.book.arm(Id::Ses1);
        let moment = missed_after(stamp.at, PROMPT);
        self.kicks.due.push_back((moment, user.clone(), stamp));
    }

    /// A log-in was ended by the server.
    fn aborted(&mut self, user: &UserId, stamp: Stamp, reason: ConnectionReason) {
        let waiting = self.kicks.due.len();
        self.kicks
            .due
            .retain(|(_, who, kick)| who != user || kick.session != stamp.session);
        for _ in self.kicks.due.len()..waiting {
            self.desk.book.discharge(Id::Ses1);
        }
        let later = self
            .desk
            .person(Some(user))
            .is_some_and(|person| person.later_than(stamp.session));
        if reason == ConnectionReason::RemoteLogin && !later {
            self.kicks
                .unexplained
                .entry(user.clone())
                .or_default()
                .push(stamp);
        }
    }

    /// Reports earlier log-ins that are connected and were not told by now.
    pub(super) fn check_kicks(&mut self, now: Duration) {
        while let Some((moment, _, _)) = self.kicks.due.front()
            && *moment < now
        {
            let Some((moment, user, stamp)) = self.kicks.due.pop_front() else {
                return;
            };
            let person = self.desk.person(Some(&user));
            let Some(Link::Up { unbroken, .. }) = person.and_then(|it| it.exactly(stamp.session))
            else {
                // One that is away is told when it comes back, and one that left need not be.
                continue;
            };
            let back = missed_after(unbroken, PROMPT);
            if back > moment {
                self.kicks.due.push_back((back, user, stamp));
                continue;
            }
            let message = format!(
                "expected `Aborted` with `RemoteLogin` at session `{}` by {}; got nothing",
                stamp.session,
                span(moment)
            );
            self.desk
                .book
                .broken(Id::Ses1, about(&user, stamp, message));
        }
    }

    /// What the end of the history says about log-ins.
    pub(super) fn close_sessions(&mut self) {
        for (_, user, stamp) in std::mem::take(&mut self.kicks.due) {
            let person = self.desk.person(Some(&user));
            let up = person.and_then(|it| it.exactly(stamp.session));
            if !matches!(up, Some(Link::Up { .. })) {
                continue;
            }
            let message = "expected `Aborted` with `RemoteLogin`; got no answer yet".to_owned();
            let draft = about(&user, stamp, message);
            self.desk
                .book
                .note(Id::Ses1, FindingKind::Inconclusive, draft);
        }
        for (user, stamps) in std::mem::take(&mut self.kicks.unexplained) {
            for stamp in stamps {
                let later = self
                    .desk
                    .person(Some(&user))
                    .is_some_and(|person| person.later_than(stamp.session));
                if !later {
                    let message =
                        "expected a second log-in before `RemoteLogin`; got none".to_owned();
                    self.desk
                        .book
                        .broken(Id::Ses1, about(&user, stamp, message));
                }
            }
        }
        for _ in self.desk.book.violations(Id::Ses4)..self.kicks.left {
            self.desk.book.discharge(Id::Ses4);
        }
    }

    /// A user is there, again or anew: what waited falls due, and what it was sent meanwhile must ring (FAIL-2).
    fn came(&mut self, user: &UserId, stamp: Stamp, back: bool) {
        for place in self.open_of(user) {
            self.with_case(place, |case, desk| case.user_came(desk, user, stamp, back));
        }
    }
}

impl Case {
    fn user_came(&mut self, desk: &mut Desk, user: &UserId, stamp: Stamp, back: bool) {
        if back {
            desk.alarm(self, missed_after(stamp.at, PROMPT));
            let open = self.local.end.is_none() || self.remote.end.is_none();
            if open && self.local.sent.is_some() && !self.returned {
                self.returned = true;
                desk.book.arm(Id::Ses3);
            }
        }
        let waits = desk.causal()
            && self.callee.as_ref() == Some(user)
            && self.remote.received.is_none()
            && self.local.end.is_none()
            && self.local.cancel.is_none()
            && !self.local.broken
            && !self.remote.broken;
        let Some(sent) = &self.local.sent else {
            return;
        };
        let window = sent.stamp.at.saturating_add(desk.clocks.offline_window);
        let within = stamp.at < window;
        let pending = self.calls.iter().any(|one| one.call == Call::Send);
        if waits && within && !sent.offline && !pending {
            self.remote.dues.retain(|due| due.owed != Owed::Ring);
            desk.owe(self, Side::Remote, (Id::Fail2, Owed::Ring), stamp, PROMPT);
        }
    }
}
