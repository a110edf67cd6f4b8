//! Proof that the judge and the library cannot be fooled.

pub mod faults;
mod matrix;
pub mod mutants;
pub mod nulls;
pub mod report;

pub use matrix::{closing, matrix};
