//! Scenarios derived from the checker's tables: every two arrows in a row, every call that a state turns down, the moments
//! around every clock, and every pair of events by which two users cross.
//!
//! A case is a way into a state, something that happens there, and a way out. What must follow is read off the checker's
//! automata and results; who is told what, and when, off a small arbiter between them.

mod arbiter;
mod cases;
mod cross;
mod draft;
mod ways;
mod world;

pub use cases::{Generated, scenarios};
