//! The forms a report can have.

use super::events::RunEvent;
use crate::flood::report::{Report, summary};

use super::{Summary, github, html, junit, markdown, tap, terminal};

/// One form of report, for one kind of reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Every event as a line of JSON, as it happens.
    Jsonl,
    /// The summary as JSON.
    Json,
    /// What CI servers read.
    Junit,
    /// For a step summary or a comment.
    Markdown,
    /// Annotations at the lines of the scenario files, as GitHub Actions reads them.
    Github,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// One page for people, with pictures.
    Html,
    /// What the terminal shows.
    Text,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 8] = [
        Self::Jsonl,
        Self::Json,
        Self::Junit,
        Self::Markdown,
        Self::Github,
        Self::Tap,
        Self::Html,
        Self::Text,
    ];

    /// Its name in `--report NAME=PATH`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Tap => "tap",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// The form of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// A run in this form, with a newline at its end.
    ///
    /// # Errors
    /// Where the form has no way to write what a summary holds; none of them is known to.
    pub fn render(self, summary: &Summary) -> std::io::Result<String> {
        Ok(match self {
            Self::Jsonl => {
                let lines: Result<Vec<String>, _> = summary.events().iter().map(line).collect();
                lines?.concat()
            }
            Self::Json => serde_json::to_string_pretty(summary)? + "\n",
            Self::Junit => junit::junit(summary).map_err(std::io::Error::other)?,
            Self::Markdown => markdown::markdown(summary),
            Self::Github => github::github(summary),
            Self::Tap => tap::tap(summary),
            Self::Html => html::page(summary),
            Self::Text => {
                let bad = summary.scenarios.iter().filter(|case| !case.is_fine());
                let bad: Vec<String> = bad
                    .map(|case| terminal::failure(case, false) + "\n")
                    .collect();
                bad.concat() + &terminal::closing(summary)
            }
        })
    }
}

/// A flood in this form, with a newline at its end; `None` where floods have no such form.
///
/// # Errors
/// None is known.
pub fn flood(format: Format, report: &Report) -> Option<serde_json::Result<String>> {
    match format {
        Format::Json => Some(serde_json::to_string_pretty(report).map(|text| text + "\n")),
        Format::Html => Some(Ok(html::flood_page(report))),
        Format::Text => Some(Ok(summary(report) + "\n")),
        Format::Jsonl | Format::Junit | Format::Markdown | Format::Github | Format::Tap => None,
    }
}

/// An event as a line of the form `jsonl`.
///
/// # Errors
/// None is known.
pub fn line(event: &RunEvent) -> serde_json::Result<String> {
    Ok(serde_json::to_string(event)? + "\n")
}
