//! The line of a scenario file that a failure is about, drawn as the compiler draws one.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::events::{Case, Violation};

/// The verdict and the name of a scenario over the step that failed, if the text of its file is at hand.
pub(super) fn excerpt(case: &Case, color: bool) -> Option<String> {
    let text = case.source.as_deref()?;
    let violation = case.violations.iter().find(|it| it.place().is_some())?;
    let (line, span) = underlined(text, violation)?;
    let step = text.lines().nth(line - 1)?;
    let snippet = Snippet::source(step)
        .line_start(line)
        .path(case.file.as_str())
        .annotation(
            AnnotationKind::Primary
                .span(span)
                .label(violation.message.as_str()),
        );
    let title = Level::ERROR
        .with_name(case.verdict.word())
        .primary_title(case.name.as_str());
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    Some(renderer.render(&[title.element(snippet)]))
}

/// The line of a violation, and the bytes of that line that its step takes.
pub(super) fn underlined(text: &str, violation: &Violation) -> Option<(usize, Range<usize>)> {
    let (line, column) = violation.place()?;
    let step = text.lines().nth(line.checked_sub(1)?)?;
    let mut characters = step.char_indices();
    let start = characters.nth(column.saturating_sub(1))?.0;
    Some((line, start..step.trim_end().len().max(start)))
}
