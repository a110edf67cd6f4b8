//! The states a side can still be in, and the tables of the automata as data.

use std::marker::PhantomData;

use super::automaton::{LocalState, RemoteState, State, local_row, remote_row};
use super::rules::{Id, Rule};
use crate::history::{Call, CallCode, Side};

/// The states that a side can still be in: more than one while calls and callbacks cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Possible<S> {
    bits: u16,
    side: PhantomData<S>,
}

impl<S: State> Possible<S> {
    pub(super) fn only(state: S) -> Self {
        Self {
            bits: state.bit(),
            side: PhantomData,
        }
    }

    pub(super) fn has(self, state: S) -> bool {
        self.bits & state.bit() != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self {
            bits: self.bits | other.bits,
            side: PhantomData,
        }
    }

    /// Without a state, unless it is the only one.
    pub(super) fn without(self, state: S) -> Self {
        let bits = self.bits & !state.bit();
        if bits == 0 {
            self
        } else {
            Self {
                bits,
                side: PhantomData,
            }
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = S> {
        S::STATES
            .iter()
            .copied()
            .filter(move |state| self.has(*state))
    }

    /// The states after a step, or the rule that forbids it in every state.
    pub(super) fn after(self, step: S::Step) -> Result<Self, Id> {
        let mut next: Option<Self> = None;
        let mut forbidden = Id::Obj3;
        for state in self.iter() {
            match state.after(step) {
                Ok(state) => {
                    let state = Self::only(state);
                    next = Some(next.map_or(state, |next| next.with(state)));
                }
                Err(rule) => forbidden = rule,
            }
        }
        next.ok_or(forbidden)
    }

    /// The steps that some state allows, by name.
    pub(super) fn allowed(self) -> Vec<String> {
        S::STEPS
            .iter()
            .filter(|step| self.after(**step).is_ok())
            .map(|step| S::step_name(*step).to_owned())
            // A code that the lifecycle does not have ends the side, but was never allowed.
            .filter(|name| !name.ends_with("(unknown)"))
            .collect()
    }

    /// The names of the states, for messages.
    pub(super) fn names(self) -> String {
        let names: Vec<&str> = self.iter().map(State::state_name).collect();
        names.join("` or `")
    }
}

/// One cell of an automaton: a state, a step, and where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Whose automaton.
    pub side: Side,
    /// From which state.
    pub state: &'static str,
    /// By which step: an admitted call or a callback.
    pub step: &'static str,
    /// To which state, or which rule forbids it.
    pub next: Result<&'static str, &'static Rule>,
}

/// Every cell of both automata, states by steps.
pub fn transitions() -> Vec<Cell> {
    let mut cells = cells_of::<LocalState>(Side::Local);
    cells.extend(cells_of::<RemoteState>(Side::Remote));
    cells
}

fn cells_of<S: State>(side: Side) -> Vec<Cell> {
    let cell = |state: S, step: S::Step| Cell {
        side,
        state: state.state_name(),
        step: S::step_name(step),
        next: state.after(step).map(State::state_name).map_err(Id::rule),
    };
    S::STATES
        .iter()
        .flat_map(|state| S::STEPS.iter().map(move |step| cell(*state, *step)))
        .collect()
}

/// What a call returns in a state, from section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultCell {
    /// Whose state.
    pub side: Side,
    /// In which state.
    pub state: &'static str,
    /// Which call.
    pub call: Call,
    /// Whether the arguments keep their limits.
    pub good: bool,
    /// The row.
    pub rule: &'static Rule,
    /// The right code first, then the tolerated ones.
    pub codes: &'static [CallCode],
}

/// Every result that section 7 fixes.
pub fn results() -> Vec<ResultCell> {
    let mut cells = Vec::new();
    for call in Call::ALL.iter().copied() {
        for good in [true, false] {
            for state in LocalState::ALL.iter().copied() {
                cells.extend(local_row(state, call, good).map(|row| ResultCell {
                    side: Side::Local,
                    state: state.name(),
                    call,
                    good,
                    rule: row.rule.rule(),
                    codes: row.codes,
                }));
            }
            for state in RemoteState::ALL.iter().copied() {
                cells.extend(remote_row(state, call, good).map(|row| ResultCell {
                    side: Side::Remote,
                    state: state.name(),
                    call,
                    good,
                    rule: row.rule.rule(),
                    codes: row.codes,
                }));
            }
        }
    }
    cells
}
