//! Findings about a scenario that reads well and still can never be met.

mod calls;
mod clocks;
mod covers;
mod expects;
mod lives;
mod places;
mod sessions;
mod signs;

pub use covers::lint_covers;

use super::plan::{Act, JointOutcome, Raw, RawFrame, Scenario, Step};
use super::problem::{self, Problem};
use clocks::Stretch;
use lives::Life;
use places::Places;
use sessions::{Held, Session};

/// The steps that cannot run, the demands that cannot be met and the invitations that are left open, in the order of the
/// file; what stands in a file of steps is told at its place there.
///
/// Where the lifecycle leaves it open whether something can be, nothing is said. Times are those of a target with the
/// lifecycle's own limits (FAIL).
///
/// `text` must be the text the scenario was loaded from.
pub fn lint(scenario: &Scenario, text: &str) -> Vec<Problem> {
    let sessions = scenario.users.iter().map(|user| match user.online {
        true => Session::In,
        false => Session::Out,
    });
    let lives = scenario.invitations.iter();
    let mut lint = Lint {
        scenario,
        places: Places::new(scenario, text),
        sessions: sessions.collect(),
        held: Held::default(),
        lives: lives.map(|it| Life::new(it, scenario)).collect(),
        says_raw: scenario.steps.iter().any(says_raw),
        lost: None,
    };
    for step in &scenario.steps {
        lint.step(step);
    }
    lint.left_open();
    lint.places.into_problems()
}

/// Whether a step says frames of its own making: nobody knows then what was called.
fn says_raw(step: &Step) -> bool {
    matches!(
        &step.act,
        Act::Raw {
            raw: Raw::Say(RawFrame::Text(_)),
            ..
        }
    )
}

/// What is known of a scenario up to a step.
struct Lint<'s> {
    scenario: &'s Scenario,
    places: Places<'s>,
    sessions: Vec<Session>,
    held: Held,
    lives: Vec<Life<'s>>,
    says_raw: bool,
    /// How long ago a connection was lost last.
    lost: Option<Stretch>,
}

impl<'s> Lint<'s> {
    fn step(&mut self, step: &'s Step) {
        match &step.act {
            Act::Call {
                user,
                call,
                invitation,
                results,
                ..
            } => {
                self.check_call(step, *user, (*call, *invitation), results);
                self.call(step, (*call, *invitation), results);
            }
            Act::Session { user, change } => self.session(step, *user, *change),
            Act::Expect(_) => self.expects(std::slice::from_ref(step)),
            Act::AnyOrder(inner) => self.expects(inner),
            Act::Together(inner) => self.cross(inner),
            Act::Race(race) => {
                self.cross(&race.steps);
                if let Some(apart) = race.apart {
                    self.pass(Stretch::pauses(apart, race.steps.len().saturating_sub(1)));
                }
                self.outcomes(&race.outcomes);
            }
            Act::Never {
                user,
                callbacks,
                invitation,
                span,
            } => {
                self.check_never(step, *user, callbacks, (*invitation, *span));
                self.pass(Stretch::exactly(*span));
            }
            Act::Allow {
                callbacks,
                invitation,
                ..
            } => {
                if let Some(life) = self.lives.get_mut(*invitation) {
                    life.may_end(callbacks);
                }
            }
            Act::Connection {
                user,
                state,
                within,
                ..
            } => {
                self.check_connection(step, *user, *state);
                self.pass(Stretch::up_to(*within));
            }
            Act::Wait(pause) => self.pass(Stretch::pauses(*pause, 1)),
            Act::Raw {
                user,
                raw,
                answer,
                within,
            } => {
                self.meddle(step, *user, raw);
                if answer.is_some() {
                    self.pass(Stretch::up_to(*within));
                }
            }
            Act::Write { .. } => {}
        }
    }

    /// Steps that cross: a call may come before or after a change of a session.
    fn cross(&mut self, steps: &'s [Step]) {
        for step in steps {
            if let Act::Call {
                call,
                invitation,
                results,
                ..
            } = &step.act
            {
                self.call(step, (*call, *invitation), results);
            }
        }
        for step in steps {
            if let Act::Session { user, change } = &step.act {
                self.session(step, *user, *change);
            }
        }
    }

    /// Every outcome of a race begins where its steps end; what ends in all of them has ended.
    fn outcomes(&mut self, outcomes: &'s [JointOutcome]) {
        let before = self.lives.clone();
        let mut ends: Option<(Vec<Life<'s>>, Stretch)> = None;
        for outcome in outcomes {
            let mut took = Stretch::default();
            for (step, expect) in outcome.expects.iter().filter_map(Step::expect) {
                self.expect(step, expect);
                took = took.both(self.takes(expect));
                self.follow(step, expect);
            }
            let lives = std::mem::replace(&mut self.lives, before.clone());
            ends = Some(match ends {
                None => (lives, took),
                Some((others, other)) => {
                    let both = others.into_iter().zip(&lives);
                    let both = both.map(|(one, other)| one.either(other));
                    (both.collect(), took.either(other))
                }
            });
        }
        if let Some((lives, took)) = ends {
            self.lives = lives;
            self.pass(took);
        }
    }

    /// Notes every invitation that is sent and of which no step says how it ends for its caller (AGR-8).
    fn left_open(&mut self) {
        for (life, invitation) in self.lives.iter().zip(&self.scenario.invitations) {
            let Some(step) = life.open_at_the_end().filter(|_| !self.says_raw) else {
                continue;
            };
            let stays = self.sessions.get(invitation.caller) == Some(&Session::In);
            if !stays || life.caller_left {
                continue;
            }
            let label = &invitation.label;
            let caller = self.user_name(invitation.caller);
            self.places
                .add(
                    problem::LEFT_OPEN,
                    step,
                    format!("`{label}` is sent, and no step says how it ends for `{caller}`"),
                    "left open, which is never a pass",
                )
                .help("expect its end, as after `cancel`, or with `at: expiry`");
        }
    }

    fn user_name(&self, user: usize) -> &'s str {
        let user = self.scenario.users.get(user);
        user.map_or("?", |user| user.name.as_str())
    }

    fn label(&self, invitation: usize) -> &'s str {
        let invitation = self.scenario.invitations.get(invitation);
        invitation.map_or("?", |invitation| invitation.label.as_str())
    }

    /// The user whose id that user logs in with.
    fn owner(&self, user: usize) -> usize {
        let found = self.scenario.users.get(user);
        found.and_then(|user| user.same_as).unwrap_or(user)
    }
}
