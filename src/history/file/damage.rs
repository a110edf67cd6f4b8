//! What can be wrong with a history file.

use std::io;

use thiserror::Error;

/// Something that is wrong with a history file, and where.
#[derive(Debug, Error)]
#[error("line {line}: {fault}")]
pub struct Damage {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a line of a history file.
#[derive(Debug, Error)]
pub enum Fault {
    /// The system does not let it be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Longer than any event.
    #[error(
        "the line is longer than {} bytes; write one event a line",
        super::LINE_BYTES_MAX
    )]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8")]
    NotText,
    /// Nothing but spaces, inside a section.
    #[error("the line is blank; take it out")]
    Blank,
    /// JSON of another kind, or none.
    #[error("expected a JSON object; write one a line, as FORMAT.md shows")]
    NotObject,
    /// Not JSON, or a field of the wrong type.
    #[error("{0}; write one JSON object a line, as FORMAT.md shows")]
    Json(#[from] serde_json::Error),
    /// The first line is not a header.
    #[error(
        "expected a header; begin with {{\"ringcheck\":\"{}\"}}",
        super::FORMAT
    )]
    NoHeader,
    /// A header of another format.
    #[error("the format is `{found}`; this version reads `{}`", super::FORMAT)]
    OtherFormat {
        /// The format that the header names.
        found: String,
    },
    /// A header where the section before it has no trailer.
    #[error("a header stands before the trailer of the section that began on line {began}")]
    HeaderInside {
        /// The line of the open section's header.
        began: u64,
    },
    /// A field that is needed is missing.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A name that is none of those known.
    #[error("`{found}` is no {field}{}", hint(.near))]
    Unknown {
        /// The field.
        field: &'static str,
        /// What it says.
        found: String,
        /// The nearest name that is known.
        near: Option<&'static str>,
    },
    /// A line that is an event of two kinds, or of none.
    #[error("expected one of `call`, `result`, `callback` and `connection`")]
    NoKind,
    /// A sequence number that does not follow.
    #[error("expected `seq` {wanted}; got {found}: a line is missing, or stands elsewhere")]
    Sequence {
        /// The next number.
        wanted: u64,
        /// The one on the line.
        found: u64,
    },
    /// A cause that comes later.
    #[error("`cause` {found} is not an earlier event")]
    Cause {
        /// The number on the line.
        found: u64,
    },
    /// The trailer counts otherwise.
    #[error("the trailer counts {wanted} {what}; there are {found}: lines are missing or too many")]
    Count {
        /// What is counted.
        what: &'static str,
        /// How many the trailer says.
        wanted: u64,
        /// How many there are.
        found: u64,
    },
    /// The trailer's hash is another.
    #[error(
        "the hash of the section is {found}, and the trailer says {wanted}: something was altered"
    )]
    Hash {
        /// What the trailer says.
        wanted: String,
        /// What the lines give.
        found: String,
    },
    /// The file ends in the middle of a section.
    #[error("the trailer of the section that began on line {began} is missing: the file was cut")]
    Cut {
        /// The line of the section's header.
        began: u64,
    },
}

fn hint(near: &Option<&'static str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
