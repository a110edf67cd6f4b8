//! Where a finding stands: at its step, in the file that the step is written in.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::scenario::plan::{Origin, Scenario, Step};
use crate::scenario::problem::{Log, Problem};

/// The findings of a scenario at their places.
pub(super) struct Places<'s> {
    log: Log<'s>,
    /// The file of steps that was met last, the place that includes it, and where its text begins for the log.
    included: Option<(Arc<Path>, usize, usize)>,
}

impl<'s> Places<'s> {
    /// No findings, of a scenario that was loaded from that text.
    pub(super) fn new(scenario: &'s Scenario, text: &'s str) -> Self {
        Self {
            log: Log::new(&scenario.file, text),
            included: None,
        }
    }

    /// Notes something about a step.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        step: &Step,
        message: String,
        label: impl Into<String>,
    ) -> &mut Problem {
        let span = self.place(step);
        self.log.add(code, &span, message, label)
    }

    /// Everything noted.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.log.into_problems()
    }

    /// Where a step stands: its key.
    fn place(&mut self, step: &Step) -> Range<usize> {
        let site = self.log.source.editor_byte(step.line, step.column);
        let Some(origin) = &step.origin else {
            return key(self.log.source.from(site), site);
        };
        let base = self.base(origin, site);
        let source = self.log.last_included();
        let start = source.editor_byte(origin.line, origin.column);
        let place = key(source.from(start), start);
        base + place.start..base + place.end
    }

    /// Where the text of an included file begins. It is the file that was included last then.
    fn base(&mut self, origin: &Origin, site: usize) -> usize {
        let last = self.included.as_ref();
        let known = last.filter(|(file, at, _)| (file, *at) == (&origin.file, site));
        if let Some((_, _, base)) = known {
            return *base;
        }
        let base = self
            .log
            .include(origin.file.clone(), &origin.text, site..site);
        self.included = Some((origin.file.clone(), site, base));
        base
    }
}

/// The key that a text begins with.
fn key(text: &str, start: usize) -> Range<usize> {
    let length = text.find(|c: char| c == ':' || c.is_whitespace());
    start..start + length.unwrap_or(text.len())
}
