//! Reports: one stream of events, one summary of it, one file per reader.

pub mod checked;
mod coverage;
pub mod diagram;
pub mod events;
mod excerpt;
pub mod explain;
pub mod flow;
mod format;
mod github;
mod junit;
mod markdown;
pub mod picture;
pub mod shell;
mod summary;
mod tap;
pub mod terminal;

pub use coverage::{coverage, unexercised};
pub use format::{Format, line};
pub use summary::{Counts, Coverage, SCHEMA, Summary};
