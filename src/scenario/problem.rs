//! What is wrong with a scenario file: a problem, its place, and the stable codes of all problems.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::plan::Origin;
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
    /// The text of the file, if that is not the one that was loaded but one that it includes.
    pub text: Option<Arc<str>>,
    /// The line of the file that was loaded at which the problem's file is included, if it is another one.
    pub included_at: Option<usize>,
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

/// The problems found so far in one file and those that it includes.
pub(crate) struct Log<'t> {
    file: &'t Path,
    pub(crate) source: Source,
    included: Vec<Included>,
    problems: Vec<Problem>,
    /// Places of which enough is said.
    hushed: Vec<Range<usize>>,
    /// What was noted of them all the same.
    scrap: Vec<Problem>,
}

/// A file that stands at a place of another, as if its text followed the text that was loaded: a byte tells its file too.
struct Included {
    file: Arc<Path>,
    source: Source,
    /// The byte at which it begins.
    base: usize,
    /// Where it is included.
    site: Range<usize>,
}

impl<'t> Log<'t> {
    /// An empty log of a file with that text.
    pub(crate) fn new(file: &'t Path, text: &'t str) -> Self {
        Self {
            file,
            source: Source::new(text),
            included: Vec::new(),
            problems: Vec::new(),
            hushed: Vec::new(),
            scrap: Vec::new(),
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
        let (file, source, base) = match self.included_at(span.start) {
            None => (self.file, &self.source, 0),
            Some(included) => (&*included.file, &included.source, included.base),
        };
        let is_hushed = self.hushed.contains(span);
        let included_at = (base > 0).then(|| self.line_column(span.start).0);
        let span = span.start - base..span.end.saturating_sub(base);
        let (line, column) = source.line_column(span.start);
        let problem = Problem {
            code,
            file: file.to_path_buf(),
            line,
            column,
            span: source.first_line(&span),
            message: message.into(),
            label: label.into(),
            help: None,
            related: None,
            text: (base > 0).then(|| source.text.clone()),
            included_at,
        };
        let problems = if is_hushed {
            &mut self.scrap
        } else {
            &mut self.problems
        };
        problems.push_mut(problem)
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
        let of = |byte| self.included_at(byte).map_or(0, |included| included.base);
        let (base, same_file) = (of(span.start), of(span.start) == of(related.0.start));
        let place = related.0.start.saturating_sub(base)..related.0.end.saturating_sub(base);
        let source = self
            .included_at(span.start)
            .map_or(&self.source, |it| &it.source);
        let place = source.first_line(&place);
        let problem = self.add(code, span, message, label);
        // One picture shows one file.
        if same_file && place != problem.span {
            problem.related = Some((place, related.1));
        }
        problem
    }

    /// Whether something was noted of a place by now.
    pub(crate) fn is_told(&self, span: &Range<usize>) -> bool {
        let included = self.included_at(span.start);
        let (file, base) = included.map_or((self.file, 0), |it| (&*it.file, it.base));
        let start = span.start - base;
        let mut problems = self.problems.iter();
        problems.any(|it| it.span.start == start && it.file == file)
    }

    /// Has nothing more be said of a place than what is noted by now.
    pub(crate) fn hush(&mut self, span: &Range<usize>) {
        self.hushed.push(span.clone());
    }

    /// Adds a file that is included at `site`, and tells at which byte it begins.
    pub(crate) fn include(
        &mut self,
        file: impl Into<Arc<Path>>,
        text: &str,
        site: Range<usize>,
    ) -> usize {
        let last = self.included.last();
        let base = last.map_or(self.source.text.len(), |last| {
            last.base + last.source.text.len()
        });
        // Between two files lies a byte that is in neither, so that the end of one is not the start of the next.
        let base = base + 1;
        self.included.push(Included {
            file: file.into(),
            source: Source::new(text),
            base,
            site,
        });
        base
    }

    /// The file that was included last.
    pub(crate) fn last_included(&self) -> &Source {
        self.included
            .last()
            .map_or(&self.source, |included| &included.source)
    }

    fn included_at(&self, byte: usize) -> Option<&Included> {
        let later = self
            .included
            .partition_point(|included| included.base <= byte);
        self.included.get(later.checked_sub(1)?)
    }

    /// The place of a byte in the file of steps that it is in, if it is in one.
    pub(crate) fn origin(&self, byte: usize) -> Option<Origin> {
        let included = self.included_at(byte)?;
        let (line, column) = included.source.line_column(byte - included.base);
        Some(Origin {
            file: included.file.clone(),
            text: included.source.text.clone(),
            line,
            column,
        })
    }

    /// The line and column of a byte in the file that was loaded; of what is included, where it is included.
    pub(crate) fn line_column(&self, mut byte: usize) -> (usize, usize) {
        while let Some(included) = self.included_at(byte) {
            byte = included.site.start;
        }
        self.source.line_column(byte)
    }

    /// Whether nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Everything noted, file by file, in the order of the text and at one place in the order of noting. What an alias or a
    /// row repeats is said once.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by(|one, other| {
            // The file that was loaded comes first.
            let key = |it: &Problem| (it.text.is_some(), it.span.start, it.code);
            let file = |it: &Problem| it.text.as_ref().map(|_| it.file.clone());
            (file(one), key(one)).cmp(&(file(other), key(other)))
        });
        let mut said: Vec<Problem> = Vec::with_capacity(self.problems.len());
        for problem in self.problems {
            let here = said.iter().rev().take_while(|it| it.span == problem.span);
            let is_same = |it: &Problem| {
                let included_at = problem.included_at;
                Problem {
                    included_at,
                    ..it.clone()
                } == problem
            };
            if !here.into_iter().any(is_same) {
                said.push(problem);
            }
        }
        said
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
    UNKNOWN_NAME = "S028", "A text asks for a value by a name that nothing at that place has given one to: no row, no repeat, no `save`.";
    UNUSED_NAME = "S029", "A value of the rows, the index of a repeat, or a saved value is never used.";
    NEVER_MET = "S030", "A demand can never be met: its clock is never started, its window ends too early, its side has ended before, its user cannot hear, or nothing leads to it.";
    NEVER_RUN = "S031", "A step can never run: the user's session cannot be where it needs it, or there is nothing that it could let go or mend.";
    UNKNOWN_FRAME = "S033", "A raw step names a type of frame that the reference's wire does not have in that direction.";
    NOT_EXERCISED = "S035", "`covers` names a requirement that no step can exercise: the call, result, callback, session or network that it is about is not there.";
    NO_LAYOUT = "S034", "The file cannot be put into the house style: a text runs over several lines, or an anchor or alias is used.";
    LEFT_OPEN = "S036", "An invitation is sent, and no step says how it ends for its caller: the judge can only leave that open.";
    BAD_INCLUDE = "S032", "A file cannot be included: it is not there, is no file of steps, or includes itself.";
}
