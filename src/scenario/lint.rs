//! Findings about a scenario that reads well and still can never be met.

use crate::history::{Call, Side};

use super::plan::{Act, Expect, JointOutcome, Scenario, SessionChange, Step, Timer, Window};
use super::problem::{self, Log, Problem};

/// The steps that cannot run and the expectations that cannot be met, in the order of the file.
///
/// `text` must be the text the scenario was loaded from.
pub fn lint(scenario: &Scenario, text: &str) -> Vec<Problem> {
    let mut lint = Lint {
        scenario,
        log: Log::new(&scenario.file, text),
        sessions: scenario
            .users
            .iter()
            .map(|user| {
                if user.online {
                    Session::In
                } else {
                    Session::Out
                }
            })
            .collect(),
        calls: Vec::new(),
        cut: false,
        ended: Vec::new(),
    };
    for step in &scenario.steps {
        lint.step(step);
    }
    lint.log.into_problems()
}

/// Where a user's session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    Out,
    In,
    Down,
}

struct Lint<'s> {
    scenario: &'s Scenario,
    log: Log<'s>,
    sessions: Vec<Session>,
    /// The calls made so far on each invitation.
    calls: Vec<(Call, usize)>,
    /// Whether any connection was lost by now.
    cut: bool,
    /// The lives that an expected callback has ended: invitation, side, line of the step.
    ended: Vec<(usize, Side, usize)>,
}

impl Lint<'_> {
    fn step(&mut self, step: &Step) {
        match &step.act {
            Act::Call {
                call, invitation, ..
            } => self.calls.push((*call, *invitation)),
            Act::Session { user, change } => self.session(step, *user, *change),
            Act::Expect(expect) => {
                self.expect(step, expect);
                self.end(step, expect);
            }
            Act::AnyOrder(inner) => {
                let expects: Vec<(&Step, &Expect)> =
                    inner.iter().filter_map(Step::expect).collect();
                for (step, expect) in &expects {
                    self.expect(step, expect);
                }
                for (step, expect) in &expects {
                    self.end(step, expect);
                }
            }
            Act::Together(inner) => {
                for step in inner {
                    self.step(step);
                }
            }
            Act::Race(race) => {
                for step in &race.steps {
                    self.step(step);
                }
                self.outcomes(&race.outcomes);
            }
            Act::Write { .. }
            | Act::Never { .. }
            | Act::Allow { .. }
            | Act::Connection { .. }
            | Act::Wait(_)
            | Act::Raw { .. } => {}
        }
    }

    /// Every outcome of a race begins where its steps end; what ends in all of them has ended.
    fn outcomes(&mut self, outcomes: &[JointOutcome]) {
        let before = self.ended.clone();
        let mut in_all: Option<Vec<(usize, Side, usize)>> = None;
        for outcome in outcomes {
            for step in &outcome.expects {
                self.step(step);
            }
            let ended = std::mem::replace(&mut self.ended, before.clone());
            in_all = Some(match in_all {
                None => ended,
                Some(all) => {
                    let too = |(invitation, side, _): &(usize, Side, usize)| {
                        ended.iter().any(|(i, s, _)| (i, s) == (invitation, side))
                    };
                    all.into_iter().filter(too).collect()
                }
            });
        }
        self.ended = in_all.unwrap_or(before);
    }

    /// Follows a change of a session, or says why it cannot happen.
    fn session(&mut self, step: &Step, user: usize, change: SessionChange) {
        let name = self.user_name(user);
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
                self.cut = true;
                ("lose a connection", Session::Down, session == Session::In)
            }
            SessionChange::Reconnect => ("come back", Session::In, session == Session::Down),
            SessionChange::Interrupt => {
                self.cut = true;
                ("lose a connection", Session::In, session == Session::In)
            }
            SessionChange::Hold(_) | SessionChange::Release(_) => return,
        };
        if let Some(session) = self.sessions.get_mut(user) {
            *session = next;
        }
        if possible {
            return;
        }
        let why = match session {
            Session::Out => "is not logged in here",
            Session::In => "has not lost its connection here",
            Session::Down => "has lost its connection already",
        };
        let span = self.place(step);
        self.log.add(
            problem::NEVER_RUN,
            &span,
            format!("`{name}` cannot {word}"),
            format!("`{name}` {why}"),
        );
    }

    /// A log-in ends the session of every other device of the same user (SES-1).
    fn displace(&mut self, user: usize) {
        let owner = |at: usize| {
            let same_as = self.scenario.users.get(at).and_then(|user| user.same_as);
            same_as.unwrap_or(at)
        };
        let mine = owner(user);
        for (at, session) in self.sessions.iter_mut().enumerate() {
            if owner(at) == mine && at != user {
                *session = Session::Out;
            }
        }
    }

    fn expect(&mut self, step: &Step, expect: &Expect) {
        let label = self
            .scenario
            .invitations
            .get(expect.invitation)
            .map_or("?", |invitation| invitation.label.as_str());
        if let Window::At { moment, .. } = expect.window {
            let (started, start) = self.clock(moment.timer, expect.invitation);
            if !started {
                let clock = moment.timer.name();
                let span = self.place(step);
                self.log.add(
                    problem::NEVER_MET,
                    &span,
                    format!("`at: {clock}` counts from {start}, and no step before is one"),
                    "its clock is never started",
                );
            }
        }
        let side = expect.callbacks.first().map(|callback| callback.side());
        let one_side = expect
            .callbacks
            .iter()
            .all(|callback| Some(callback.side()) == side);
        let ended = self.ended.iter().find(|(invitation, ended, _)| {
            one_side && *invitation == expect.invitation && Some(*ended) == side
        });
        if let Some((_, _, line)) = ended {
            let message = format!(
                "nothing follows the ending callback of `{label}` that line {line} expects"
            );
            let span = self.place(step);
            self.log
                .add(problem::NEVER_MET, &span, message, "can never come (OBJ-3)");
        }
    }

    /// Remembers that an expected callback ends a life, if it surely does.
    fn end(&mut self, step: &Step, expect: &Expect) {
        let side = expect.callbacks.first().map(|callback| callback.side());
        let ends = expect
            .callbacks
            .iter()
            .all(|callback| callback.ends() && Some(callback.side()) == side);
        if let (true, Some(side)) = (ends, side) {
            self.ended.push((expect.invitation, side, step.line));
        }
    }

    /// Whether a clock can run by now, and what starts it (FAIL).
    fn clock(&self, timer: Timer, invitation: usize) -> (bool, &'static str) {
        let made = |call: Call| self.calls.contains(&(call, invitation));
        match timer {
            Timer::OfflineWindow | Timer::NoAck => (made(Call::Send), "the send"),
            Timer::Expiry => (made(Call::Send), "the device ack of a sent invitation"),
            Timer::AcceptAck => (made(Call::Accept), "the accept"),
            Timer::CancelBound => (made(Call::Cancel), "the cancel"),
            Timer::PresenceGrace => (self.cut, "the loss of a connection"),
        }
    }

    fn user_name(&self, user: usize) -> String {
        self.scenario
            .users
            .get(user)
            .map_or_else(String::new, |user| user.name.clone())
    }

    /// Where a step stands: its key.
    fn place(&self, step: &Step) -> std::ops::Range<usize> {
        let start = self.log.source.editor_byte(step.line, step.column);
        let rest = self.log.source.from(start);
        let length = rest.find(|c: char| c == ':' || c.is_whitespace());
        start..start + length.unwrap_or(rest.len())
    }
}
