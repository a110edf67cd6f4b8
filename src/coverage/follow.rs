//! One invitation followed step by step, and the goals that are reached on the way.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::goals::{Kind, forbidden, pair, race, state, transition};
use crate::history::{Call, Callback, FailureCode, Side};
use crate::lifecycle::{Cell, transitions};

/// The cells of the checker's automata.
static CELLS: LazyLock<Vec<Cell>> = LazyLock::new(transitions);

/// The step of the automaton that a callback with that code is.
pub(crate) fn step(callback: Callback, code: Option<FailureCode>) -> String {
    match code {
        Some(code) if code.name(callback.side()).is_some() && code.0 > 0 => {
            format!("{callback} ({})", code.0)
        }
        Some(_) => format!("{callback} (unknown)"),
        None => callback.to_string(),
    }
}

/// The state after a step, if the step is allowed there.
pub(crate) fn next(side: Side, state: &str, step: &str) -> Option<&'static str> {
    arrow(side, state, step).map(|(_, next)| next)
}

fn arrow(side: Side, state: &str, step: &str) -> Option<(&'static str, &'static str)> {
    CELLS
        .iter()
        .find(|cell| (cell.side, cell.state, cell.step) == (side, state, step))
        .and_then(|cell| Some((cell.step, cell.next.ok()?)))
}

/// The goals reached so far, by kind and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    goals: BTreeSet<(Kind, String)>,
}

impl Reached {
    /// Whether a goal was reached.
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        self.goals.contains(&(kind, name.to_owned()))
    }

    /// Adds what somebody else reached.
    pub fn add(&mut self, other: &Self) {
        self.goals.extend(other.goals.iter().cloned());
    }

    /// How many there are that the other has not.
    pub fn beyond(&self, other: &Self) -> usize {
        self.goals.difference(&other.goals).count()
    }

    fn note(&mut self, kind: Kind, name: String) {
        self.goals.insert((kind, name));
    }
}

/// A side on its way.
#[derive(Debug, Clone, Copy)]
struct Way {
    state: &'static str,
    /// The arrow that led there: from where, by which step.
    by: Option<(&'static str, &'static str)>,
}

/// An invitation on its way, as its caller and its callee see it.
#[derive(Debug, Clone)]
pub struct Follow {
    local: Way,
    remote: Way,
    /// The last event of a user, and the states of both sides when it came.
    last: Option<(Side, &'static str, (&'static str, &'static str))>,
}

impl Default for Follow {
    fn default() -> Self {
        let absent = Way {
            state: "Absent",
            by: None,
        };
        Self {
            local: absent,
            remote: absent,
            last: None,
        }
    }
}

impl Follow {
    /// A call has come back. `who` says whether the user has that side of the invitation, and whether the arguments keep
    /// their limits.
    pub fn call(&mut self, reached: &mut Reached, call: Call, who: (bool, bool), admitted: bool) {
        let side = match call {
            Call::Create | Call::Send | Call::Cancel => Side::Local,
            Call::Accept | Call::Refuse => Side::Remote,
        };
        let (named, good) = who;
        if admitted {
            self.event(reached, side, call.name());
            self.step(reached, side, call.name());
        } else {
            let at = if named {
                self.way(side).state
            } else {
                "Absent"
            };
            reached.note(Kind::Forbidden, forbidden(side, at, call, good));
        }
    }

    /// A callback has come, by the name of its step.
    pub fn called_back(&mut self, reached: &mut Reached, callback: Callback, step: &str) {
        self.step(reached, callback.side(), step);
    }

    /// The user of a side has logged in or out, or has lost its connection.
    pub fn session(&mut self, reached: &mut Reached, side: Side, event: &'static str) {
        self.event(reached, side, event);
        if event == "logout" && side == Side::Remote {
            // A session later the invitation rings again, or not at all.
            self.remote = Self::default().remote;
        }
    }

    fn way(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Local => &mut self.local,
            Side::Remote => &mut self.remote,
        }
    }

    /// Follows an arrow; what is none is the judge's to report.
    fn step(&mut self, reached: &mut Reached, side: Side, step: &str) {
        reached.note(Kind::State, state(Side::Local, self.local.state));
        reached.note(Kind::State, state(Side::Remote, self.remote.state));
        let way = *self.way(side);
        let Some((step, next)) = arrow(side, way.state, step) else {
            return;
        };
        reached.note(Kind::Transition, transition(side, way.state, step, next));
        reached.note(Kind::State, state(side, next));
        if let Some(by) = way.by {
            reached.note(Kind::Pair, pair(side, by, (way.state, step), next));
        }
        *self.way(side) = Way {
            state: next,
            by: Some((way.state, step)),
        };
    }

    /// Notes that two users crossed: the second has heard nothing since the first did something.
    fn event(&mut self, reached: &mut Reached, side: Side, event: &'static str) {
        let now = (self.local.state, self.remote.state);
        if let Some((first, earlier, then)) = self.last
            && first != side
        {
            let (unaware, events) = match side {
                Side::Local => (then.0 == now.0, (event, earlier)),
                Side::Remote => (then.1 == now.1, (earlier, event)),
            };
            if unaware {
                reached.note(Kind::Race, race(then, events, first));
            }
        }
        self.last = Some((side, event, now));
    }
}
