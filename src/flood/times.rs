//! When every call was due, begun and over: a line each, for whoever wants to count for themselves.

use std::time::Duration;

use super::mix::Course;

/// What a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// What it was meant to.
    Succeeded,
    /// Something else.
    Failed,
    /// Nothing before the end.
    Indeterminate,
}

/// The times of a call, all on the flood's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Which call of the plan, from 0.
    pub number: u32,
    /// What it was meant to come to.
    pub course: Course,
    /// What it came to.
    pub came: Came,
    /// When it was due.
    pub intended: Duration,
    /// When it was begun.
    pub started: Duration,
    /// When both sides were through.
    pub ended: Option<Duration>,
}

impl Times {
    /// The names of the columns.
    pub const HEADER: &str = "number,course,came,intended_us,started_us,ended_us";

    /// The call as a line of a CSV file; what has not ended has nothing in its last column.
    pub fn line(&self) -> String {
        let came = match self.came {
            Came::Succeeded => "succeeded",
            Came::Failed => "failed",
            Came::Indeterminate => "indeterminate",
        };
        let ended = self
            .ended
            .map_or(String::new(), |at| at.as_micros().to_string());
        format!(
            "{},{},{came},{},{},{ended}",
            self.number,
            self.course.name(),
            self.intended.as_micros(),
            self.started.as_micros()
        )
    }
}
