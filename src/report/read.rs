//! Recorded runs, read back: the events of the report `jsonl`, or the summary of the report `json`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::events::{RunEvent, SCHEMA as EVENTS};
use super::summary::{SCHEMA as SUMMARY, Summary};
use crate::flood::report::{Report as Flood, SCHEMA as FLOOD};

/// Why a file is no recorded run.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds something else.
    #[error(
        "`{}`, line {line}: {reason}\nhint: `ringcheck run --report jsonl=FILE` records a run, and `ringcheck flood --report json=FILE` a flood", path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Something that was recorded.
#[derive(Debug, Clone)]
pub enum Recorded {
    /// Scenarios that were played.
    Run(Box<Summary>),
    /// Calls by the thousand.
    Flood(Box<Flood>),
}

/// Reads a recorded run or flood, whichever the file holds.
///
/// # Errors
/// [`Unreadable`] where the file cannot be read, or is of neither form.
pub fn read_any(path: &Path) -> Result<Recorded, Unreadable> {
    let text = text(path)?;
    let value = serde_json::from_str::<Value>(&text).ok();
    let recorded = match value.filter(is_flood) {
        Some(value) => flood(&text, &value).map(|flood| Recorded::Flood(Box::new(flood))),
        None => parse(&text).map(|run| Recorded::Run(Box::new(run))),
    };
    recorded.map_err(|wrong| at_line(path, wrong))
}

/// Whether a value says that it is a flood, of whatever version.
fn is_flood(value: &Value) -> bool {
    let kind = |schema: &str| schema.split('/').next().map(str::to_owned);
    let schema = value.get("schema").and_then(Value::as_str);
    schema.and_then(kind) == kind(FLOOD)
}

/// The flood that a text records, or the line that is wrong and why.
fn flood(text: &str, value: &Value) -> Result<Flood, (usize, String)> {
    known(value, FLOOD).map_err(|reason| (1, reason))?;
    serde_json::from_str(text).map_err(|error| (error.line(), error.to_string()))
}

/// Reads a recorded run. One that breaks off, in the middle of its last line or after it, says so in its summary.
///
/// # Errors
/// [`Unreadable`] where the file cannot be read, or is no recorded run of a version that is known.
pub fn read(path: &Path) -> Result<Summary, Unreadable> {
    parse(&text(path)?).map_err(|wrong| at_line(path, wrong))
}

fn text(path: &Path) -> Result<String, Unreadable> {
    std::fs::read_to_string(path).map_err(|source| Unreadable::File {
        path: path.to_owned(),
        source,
    })
}

fn at_line(path: &Path, (line, reason): (usize, String)) -> Unreadable {
    Unreadable::Line {
        path: path.to_owned(),
        line,
        reason,
    }
}

/// The run that a text records, or the line that is wrong and why.
fn parse(text: &str) -> Result<Summary, (usize, String)> {
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && value.get("event").is_none()
    {
        known(&value, SUMMARY).map_err(|reason| (1, reason))?;
        return serde_json::from_value(value).map_err(|error| (1, error.to_string()));
    }
    let mut summary: Option<Summary> = None;
    for (at, line) in text.lines().enumerate() {
        let is_cut = at + 1 == text.lines().count() && !text.ends_with('\n');
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            // A crash may leave half a line.
            Err(_) if is_cut && summary.is_some() => break,
            Err(error) => return Err((at + 1, error.to_string())),
        };
        if summary.is_none() {
            known(&value, EVENTS).map_err(|reason| (at + 1, reason))?;
        }
        let event = serde_json::from_value(value).map_err(|error| (at + 1, error.to_string()))?;
        match (&mut summary, &event) {
            (None, RunEvent::RunStarted(start)) => summary = Some(Summary::begun(start)),
            (Some(summary), _) => summary.hear(&event),
            (None, _) => return Err((at + 1, "a run begins with `run_started`".to_owned())),
        }
    }
    let mut summary = summary.ok_or_else(|| (1, "the file is empty".to_owned()))?;
    summary.settle();
    Ok(summary)
}

/// Whether a value says that it has that form.
fn known(value: &Value, schema: &str) -> Result<(), String> {
    match value.get("schema").and_then(Value::as_str) {
        Some(found) if found == schema => Ok(()),
        Some(found) => Err(format!("expected the form `{schema}`, got `{found}`")),
        None => Err(format!(
            "expected the form `{schema}`, and no form is named"
        )),
    }
}
