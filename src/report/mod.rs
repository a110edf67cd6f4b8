//! Reports: one summary, one file per reader.

pub mod checked;
mod coverage;
pub mod diagram;
pub mod explain;
pub mod flow;
mod summary;
pub mod terminal;

pub use coverage::{coverage, unexercised};
pub use summary::{Counts, Coverage, SCHEMA, ScenarioResult, Summary, Violation};
