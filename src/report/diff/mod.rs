//! What changed between two recorded runs, or two floods: verdicts, rules, counts, and times beyond their noise.

mod flood;
mod noise;
mod run;

use std::fmt::Write as _;

use console::Style;
use serde::Serialize;

pub use flood::floods;
pub use run::runs;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "ringcheck.diff/1";

/// Whether a change is for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something is wrong now that was not.
    Worse,
    /// Scenarios that took longer than noise explains. They share the machine, so that this is a hint and no finding.
    Slower,
    /// Something is another way, and nobody can say that it is better.
    Other,
    /// Scenarios that took less time than noise explains.
    Faster,
    /// Something is right now that was not.
    Better,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Other => "other",
            Self::Better => "better",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Worse => Style::new().red().bold(),
            Self::Slower | Self::Other | Self::Faster => Style::new().yellow(),
            Self::Better => Style::new().green(),
        }
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whether for the better.
    pub kind: Kind,
    /// Of what: a scenario's name, a count, or a percentile.
    pub of: String,
    /// Where that is, for a scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From what to what.
    pub change: String,
}

/// Everything that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The name and version of this form.
    pub schema: &'static str,
    /// What was compared, in sentences: how many there are on both sides, and how noisy the times are.
    pub compared: Vec<String>,
    /// What changed, the worse first.
    pub changes: Vec<Change>,
}

impl Diff {
    fn new(compared: Vec<String>, mut changes: Vec<Change>) -> Self {
        changes.sort_by(|one, other| {
            (one.kind, &one.file, &one.of).cmp(&(other.kind, &other.file, &other.of))
        });
        Self {
            schema: SCHEMA,
            compared,
            changes,
        }
    }

    /// Whether something is worse.
    pub fn is_worse(&self) -> bool {
        self.count(Kind::Worse) > 0
    }

    fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|it| it.kind == kind).count()
    }

    /// For people: a change a line, and then what was compared.
    pub fn text(&self, color: bool) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for change in &self.changes {
            let word = format!("{:<6}", change.kind.word());
            let word = change.kind.style().force_styling(color).apply_to(word);
            let _ = writeln!(text, "{word}  {}: {}", change.of, change.change);
            if let Some(file) = &change.file {
                let _ = writeln!(text, "        {file}");
            }
        }
        for sentence in &self.compared {
            let _ = writeln!(text, "{sentence}");
        }
        let counts = [
            Kind::Worse,
            Kind::Better,
            Kind::Slower,
            Kind::Faster,
            Kind::Other,
        ];
        let counts = counts.map(|kind| format!("{} {}", self.count(kind), kind.word()));
        let _ = writeln!(text, "{}", counts.join(", "));
        text
    }
}
