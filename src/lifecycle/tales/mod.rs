//! Hand-written histories, good and bad, with what the checker must find in each and nothing else.
//!
//! The tests judge every one of them, and people are shown them as examples of the rules.

mod agreement;
mod away;
mod calls;
mod cancels;
mod clocks;
mod crossing;
mod failures;
mod good;
mod objects;
mod recipe;
mod sessions;
mod tale;

#[cfg(test)]
pub(super) use recipe::history as history_of;
pub use tale::{Tale, bad, good_for, tales};
