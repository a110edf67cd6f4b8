//! Reports: one stream of events, one summary of it, one file per reader.

pub mod checked;
mod coverage;
pub mod diagram;
pub mod diff;
pub mod events;
mod excerpt;
pub mod explain;
pub mod flow;
mod format;
mod github;
mod html;
mod junit;
mod markdown;
mod merge;
pub mod picture;
mod read;
pub mod shell;
mod summary;
mod tap;
pub mod terminal;

pub use coverage::{coverage, unexercised};
pub use format::{Format, flood, line};
pub use merge::merge;
pub use read::{Recorded, Unreadable, read, read_any};
pub use summary::{Counts, Coverage, SCHEMA, Summary};
