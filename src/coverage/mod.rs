//! What there is to reach in the lifecycle, and what of it a history or a plan reaches.
//!
//! Everything is counted from the checker's tables: the states of both automata, their arrows, two arrows in a row, the
//! calls that a state turns down, and the pairs of events by which two users cross. What no history of a conforming
//! target shows is excluded by name, with the reason.

mod follow;
mod goals;
mod trace;

pub use follow::{Follow, Reached};
pub(crate) use follow::{next, step};
pub use goals::{Goal, Kind, goals};
pub use trace::reached;
