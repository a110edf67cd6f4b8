//! Scenarios: YAML in, a plan out in which nothing can be misspelt, or every problem of the file at its line.

mod find;
mod format;
mod layout;
pub mod lint;
pub(crate) mod names;
mod needs;
pub mod plan;
mod problem;
mod read;
mod render;
mod source;
mod start;
mod text;
mod tree;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use find::{NotFound, find, find_with_steps, read as read_file, read_from};
pub use format::format;
pub use lint::lint_covers;
pub use needs::{Need, needs};
pub use plan::Scenario;
pub use problem::{CODES, Problem};
pub use render::render;
pub use start::starting_point;
pub(crate) use write::{pause_words, session_words, written as span_words};
pub use write::{without_places, write};

/// The JSON Schema of scenario files and files of steps, for editors.
pub fn schema() -> serde_json::Value {
    read::schema::schema()
}

/// Reads the cases of a scenario from the `text` of a `file`, one for each of its rows or one alone, or says everything that
/// is wrong with it, in the order of the text.
///
/// The file itself is not opened; its path is only named in the plan and in the problems, and files of steps that it
/// includes are looked for from its folder.
pub fn load(file: &Path, text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    read::scenarios(file, text)
}
