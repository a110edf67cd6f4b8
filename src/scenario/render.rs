//! Problems drawn like the compiler draws them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::problem::Problem;

/// How many problems of a file are drawn; the rest is counted.
const DRAWN_MAX: usize = 100;

/// The problems of one file under its `text`, one after the other; with colours for a terminal if `color`. After the
/// first hundred the rest is only counted.
///
/// `text` must be the text the problems were found in.
pub fn render(text: &str, problems: &[Problem], color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut rendered = String::new();
    for problem in problems.iter().take(DRAWN_MAX) {
        rendered.push_str(&one(
            problem.text.as_deref().unwrap_or(text),
            problem,
            &renderer,
        ));
        rendered.push_str("\n\n");
    }
    if problems.len() > DRAWN_MAX {
        let rest = problems.len() - DRAWN_MAX;
        let count = Level::ERROR.primary_title(format!("{rest} more problems are not shown"));
        rendered.push_str(&renderer.render(&[Group::with_title(count)]));
    }
    rendered.truncate(rendered.trim_end().len());
    if !rendered.is_empty() {
        rendered.push('\n');
    }
    rendered
}

fn one(text: &str, problem: &Problem, renderer: &Renderer) -> String {
    // Only the lines between the places are handed over, so that a long file with many problems stays cheap.
    let related = problem.related.as_ref().map(|(span, _)| span);
    let (window, first_line) = window(text, &problem.span, related);
    let shown = text.get(window.clone()).unwrap_or_default();
    let within = |span: &Range<usize>| {
        let start = span.start.saturating_sub(window.start).min(shown.len());
        let end = span.end.saturating_sub(window.start).min(shown.len());
        start..end.max(start)
    };
    let mut snippet = Snippet::source(shown)
        .line_start(first_line)
        .path(problem.file.to_string_lossy())
        .annotation(
            AnnotationKind::Primary
                .span(within(&problem.span))
                .label(problem.label.as_str()),
        );
    if let Some((span, label)) = &problem.related {
        snippet = snippet.annotation(
            AnnotationKind::Context
                .span(within(span))
                .label(label.as_str()),
        );
    }
    let mut group = Level::ERROR
        .primary_title(problem.message.as_str())
        .id(problem.code)
        .element(snippet);
    if let Some(line) = problem.included_at {
        let note = format!("this file is included at line {line} of the scenario");
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// The lines around the places, and the number of the first.
fn window(
    text: &str,
    span: &Range<usize>,
    related: Option<&Range<usize>>,
) -> (Range<usize>, usize) {
    let first = related.map_or(span.start, |related| related.start.min(span.start));
    let last = related.map_or(span.end, |related| related.end.max(span.end));
    let before = text.get(..first).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = text
        .get(last..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |at| last + at);
    (start..end, before.matches('\n').count() + 1)
}
