//! Where the users' sessions are, and the steps that they leave no room for.

use super::Lint;
use super::clocks::Stretch;
use crate::history::ConnectionState;
use crate::scenario::plan::{Raw, SessionChange, Step, Way};
use crate::scenario::problem;

/// Where a user's session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Out,
    In,
    Down,
}

/// Which ways of whose connections were held, and which meddled with, at some time by now.
#[derive(Debug, Default)]
pub(super) struct Held {
    held: Vec<(usize, Way)>,
    meddled: Vec<(usize, Way)>,
}

impl Lint<'_> {
    /// Follows a change of a session, or says why it cannot happen.
    pub(super) fn session(&mut self, step: &Step, user: usize, change: SessionChange) {
        let Some(session) = self.sessions.get(user).copied() else {
            return;
        };
        let (word, next, possible) = match change {
            SessionChange::Login => {
                self.displace(user);
                ("log in", Session::In, true)
            }
            SessionChange::Logout => ("log out", Session::Out, session != Session::Out),
            SessionChange::Drop => {
                self.lost = Some(Stretch::default());
                ("lose a connection", Session::Down, session == Session::In)
            }
            SessionChange::Reconnect => ("come back", Session::In, session == Session::Down),
            SessionChange::Interrupt => {
                self.lost = Some(Stretch::default());
                ("lose a connection", Session::In, session == Session::In)
            }
            SessionChange::Hold(way) => return self.held.held.push((user, way)),
            SessionChange::Release(way) => {
                if !self.held.held.contains(&(user, way)) {
                    self.nothing_to_mend(step, user, "lets go what it held", "hold", way);
                }
                return;
            }
        };
        if let Some(session) = self.sessions.get_mut(user) {
            *session = next;
        }
        self.who_hears();
        self.pass(Stretch::session());
        if possible {
            return;
        }
        let name = self.user_name(user);
        let why = match session {
            Session::Out => "is not logged in here",
            Session::In => "has not lost its connection here",
            Session::Down => "has lost its connection already",
        };
        self.places.add(
            problem::NEVER_RUN,
            step,
            format!("`{name}` cannot {word}"),
            format!("`{name}` {why}"),
        );
    }

    /// Follows what is done to frames, or says why there is nothing to mend.
    pub(super) fn meddle(&mut self, step: &Step, user: usize, raw: &Raw) {
        match raw {
            Raw::Meddle { way, .. } => self.held.meddled.push((user, *way)),
            Raw::Mend(way) if !self.held.meddled.contains(&(user, *way)) => {
                self.nothing_to_mend(step, user, "is mended", "lose", *way);
            }
            Raw::Mend(_) | Raw::Say(_) => {}
        }
    }

    fn nothing_to_mend(&mut self, step: &Step, user: usize, what: &str, verb: &str, way: Way) {
        let name = self.user_name(user);
        let way = match way {
            Way::Sent => "sent",
            Way::Heard => "heard",
        };
        self.places
            .add(
                problem::NEVER_RUN,
                step,
                format!("`{name}` {what} on the way of what is {way}, and no step before does anything to it"),
                "changes nothing",
            )
            .help(format!("write `{{ {verb}: {way} }}` before it, or leave it out"));
    }

    /// Notes a connection that is to be up where its user is logged out.
    pub(super) fn check_connection(&mut self, step: &Step, user: usize, state: ConnectionState) {
        let is_out = self.sessions.get(user) == Some(&Session::Out);
        if state != ConnectionState::Connected || !is_out {
            return;
        }
        let name = self.user_name(user);
        self.places
            .add(
                problem::NEVER_MET,
                step,
                format!("the connection of `{name}` cannot be `{state}` here"),
                format!("`{name}` is not logged in here"),
            )
            .help(format!("write `- {name}: login` before it"));
    }

    /// A log-in ends the session of every other device of the same user (SES-1).
    fn displace(&mut self, user: usize) {
        let mine = self.owner(user);
        for at in 0..self.sessions.len() {
            if self.owner(at) == mine
                && at != user
                && let Some(session) = self.sessions.get_mut(at)
            {
                *session = Session::Out;
            }
        }
    }
}
