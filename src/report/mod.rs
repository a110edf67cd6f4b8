//! Reports: one summary, one file per reader.

mod summary;
pub mod terminal;

pub use summary::{Counts, Coverage, SCHEMA, ScenarioResult, Summary, Violation};
