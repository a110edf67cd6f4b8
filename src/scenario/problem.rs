//! What is wrong with a scenario file: a problem, its place, and the stable codes of all problems.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::source::Source;

/// One thing that is wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of problem, one of [`CODES`].
    pub code: &'static str,
    /// The file it is in.
    pub file: PathBuf,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The column where it begins, in characters from 1.
    pub column: usize,
    /// The bytes of the text that it is about; always within one line.
    pub span: Range<usize>,
    /// What is wrong, with the value in backticks.
    pub message: String,
    /// What to write beside the caret; may be empty.
    pub label: String,
    /// What to type instead, if that can be said.
    pub help: Option<String>,
    /// Another place that explains this one, and what it is.
    pub related: Option<(Range<usize>, String)>,
}

impl Problem {
    /// Says what to type instead.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to type instead, if anything can be said.
    pub(crate) fn maybe_help(&mut self, help: Option<String>) -> &mut Self {
        self.help = help;
        self
    }
}

/// The problems found so far in one file.
pub(crate) struct Log<'t> {
    file: &'t Path,
    pub(crate) source: Source<'t>,
    problems: Vec<Problem>,
}

impl<'t> Log<'t> {
    /// An empty log of a file with that text.
    pub(crate) fn new(file: &'t Path, text: &'t str) -> Self {
        Self {
            file,
            source: Source::new(text),
            problems: Vec::new(),
        }
    }

    /// Notes a problem.
    pub(crate) fn add(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Problem {
        let (line, column) = self.source.line_column(span.start);
        let span = self.source.first_line(span);
        self.problems.push_mut(Problem {
            code,
            file: self.file.to_path_buf(),
            line,
            column,
            span,
            message: message.into(),
            label: label.into(),
            help: None,
            related: None,
        })
    }

    /// Notes a problem that another place explains.
    pub(crate) fn add_related(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        related: (&Range<usize>, String),
    ) -> &mut Problem {
        let place = self.source.first_line(related.0);
        let problem = self.add(code, span, message, label);
        if place != problem.span {
            problem.related = Some((place, related.1));
        }
        problem
    }

    /// Whether nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Everything noted, in the order of the text and at one place in the order of noting. What an alias repeats is said
    /// once.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.span.start, problem.code));
        self.problems.dedup();
        self.problems
    }
}

/// The codes as constants, and [`CODES`] to explain them.
macro_rules! codes {
    ($($name:ident = $code:literal, $sentence:literal;)*) => {
        $(#[doc = $sentence] pub(crate) const $name: &str = $code;)*

        /// Every problem code with a sentence about it. A code never changes its meaning.
        pub const CODES: &[(&str, &str)] = &[$(($code, $sentence),)*];
    };
}

codes! {
    NOT_YAML = "S001", "The file is not YAML, or uses what scenarios leave out: tags, directives, several documents.";
    TOO_BIG = "S002", "The file is over a bound: its size, its depth, its number of values, or the length of a text.";
    UNKNOWN_USER = "S003", "A step or an option names a user that `users` does not declare.";
    UNKNOWN_KEY = "S004", "A key is not part of the language at that place.";
    TWICE = "S005", "A key or a name stands twice where it may stand once.";
    MISSING = "S006", "A key that is needed at that place is missing.";
    WRONG_SHAPE = "S007", "A value has the wrong shape: a list where a text is wanted, a text where a number is wanted.";
    UNKNOWN_REQUIREMENT = "S008", "`covers` names a requirement that the lifecycle document does not have.";
    NOT_A_STEP = "S009", "A step is not one of the language: its verb is unknown, missing, or one too many.";
    UNKNOWN_CALLBACK = "S010", "A callback name is not one of the lifecycle's ten.";
    UNKNOWN_RESULT = "S011", "A result is not one of the lifecycle's call results.";
    UNKNOWN_CODE = "S012", "A failure code does not exist, or comes to the other side of the invitation.";
    UNKNOWN_STATE = "S013", "A connection state or reason is not one of the lifecycle's.";
    BAD_TIME = "S014", "A span of time has no unit, an unknown unit or clock, or a factor that makes no sense.";
    UNKNOWN_LABEL = "S015", "A step names an invitation that no step before it has created.";
    LABEL_TWICE = "S016", "Two steps create an invitation with the same label.";
    LABEL_UNUSED = "S017", "An invitation is created and no other step names it.";
    WRONG_USER = "S018", "A user does or hears what only the other side of that invitation can do or hear.";
    NOT_ITS_OPTION = "S019", "An option exists, but does not belong to this verb or callback.";
    AT_ODDS = "S020", "Two options exclude each other, or one needs another that is not there.";
    NO_DEMAND = "S021", "The scenario demands nothing: no `expect`, no `connection` and no `result`.";
    EMPTY = "S022", "Something that must hold at least one thing is empty.";
    BAD_NESTING = "S023", "A step stands in an operator that does not take it.";
    BAD_NAME = "S024", "A name has characters that names do not have, or is a word of the language.";
    BAD_DEVICE = "S025", "`same_as` does not lead to a user with an id of its own.";
    UNKNOWN_WAY = "S026", "A direction of a connection is neither `sent` nor `heard`.";
    NO_OUTCOME = "S027", "An outcome of a race cannot be: its sides disagree, or it is another outcome of that race.";
    NEVER_MET = "S030", "An expectation can never be met: its clock is never started, or its side has ended before.";
    NEVER_RUN = "S031", "A step can never run, because the user's session cannot be where the step needs it.";
}
