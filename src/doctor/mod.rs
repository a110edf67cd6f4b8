//! A target looked over before it is tested: stage by stage, with what to mend where one of them fails.

mod clocks;
mod examine;
mod limits;
mod line;
mod tokens;

use std::fmt::Write as _;

use console::Style;

pub use examine::examine;

/// What a look at one thing came to, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Could not be looked at, and need not be.
    Skipped,
    /// A finding: the target can be tested and is not as it should be.
    Bad,
    /// The target cannot be tested.
    Shut,
}

impl Grade {
    /// The word for people.
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Skipped => "skipped",
            Self::Bad => "bad",
            Self::Shut => "shut",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Good => Style::new().green(),
            Self::Note | Self::Skipped => Style::new().yellow(),
            Self::Bad | Self::Shut => Style::new().red().bold(),
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub grade: Grade,
    /// What was seen.
    pub told: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    fn new(name: &'static str, grade: Grade, told: impl Into<String>) -> Self {
        Self {
            name,
            grade,
            told: told.into(),
            hint: None,
        }
    }

    fn good(name: &'static str, told: impl Into<String>) -> Self {
        Self::new(name, Grade::Good, told)
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Everything that was looked at, in that order. What comes after something that is [`Grade::Shut`] is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// One after the other.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// The worst of it.
    pub fn worst(&self) -> Grade {
        let grades = self.checks.iter().map(|check| check.grade);
        grades.max().unwrap_or(Grade::Good)
    }

    /// A line for each thing, with what to do about it below.
    pub fn text(&self, color: bool) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let word = format!("{:<8}", check.grade.word());
            let word = check.grade.style().force_styling(color).apply_to(word);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{word} {:<13} {}", check.name, check.told);
            if let Some(hint) = &check.hint {
                let _ = writeln!(text, "{:22} hint: {hint}", "");
            }
        }
        text
    }
}
