//! From the tree of a file to the plan: every name is looked up, every problem is noted, and nothing stops the reading.

mod expand;
mod fields;
mod head;
mod labels;
pub(super) mod operators;
mod race;
pub(super) mod raw;
mod saves;
pub(super) mod schema;
mod steps;
mod time;
mod values;
mod verbs;
mod waits;

pub(super) use expand::literal;

use std::path::{Path, PathBuf};

use super::plan::{Act, Scenario, Step, User};
use super::problem::{self, Log, Problem};
use super::tree::{self, Refusal, Tree};
use expand::{Case, Expansion};
use labels::Labels;
use saves::Saves;

/// How many bytes a file may have, far more than a thousand steps need. The parser's work grows with the square of the
/// brackets left open, so that a megabyte of them would keep it busy for many minutes.
pub(super) const FILE_BYTES_MAX: usize = 64 * 1024;

/// Reads the cases of a scenario, or says everything that is wrong with it.
pub(super) fn scenarios(file: &Path, text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    let (log, tree) = tree_of(file, text)?;
    let mut reader = Reader {
        log,
        file: file.to_path_buf(),
        expansion: Expansion::default(),
        users: Vec::new(),
        users_at: 0..0,
        labels: Labels::default(),
        saves: Saves::default(),
        demands: false,
        text_bytes: 0,
    };
    let mut scenarios = Vec::new();
    let cases = reader.cases(&tree.root);
    // What could not be written out may have been what was demanded.
    let in_doubt = !reader.log.is_empty();
    for case in cases {
        reader.demands = in_doubt;
        scenarios.extend(reader.case(file, &case));
    }
    reader.unused_saves();
    if reader.log.is_empty() {
        Ok(scenarios)
    } else {
        Err(reader.log.into_problems())
    }
}

/// The tree of a file with a log in which its tags are noted, or why there is none.
pub(super) fn tree_of<'t>(file: &'t Path, text: &'t str) -> Result<(Log<'t>, Tree), Vec<Problem>> {
    if text.len() > FILE_BYTES_MAX {
        let mut log = Log::new(file, "");
        log.add(
            problem::TOO_BIG,
            &(0..0),
            "the file is too big",
            format!("a scenario has at most {FILE_BYTES_MAX} bytes"),
        )
        .help("write a long text as `{ repeat: \"x\", times: 8192 }`");
        return Err(log.into_problems());
    }
    let mut log = Log::new(file, text);
    if let Some(at) = directive(text) {
        log.add(
            problem::NOT_YAML,
            &(at..at + 1),
            "a directive of YAML is not part of the language",
            "directive",
        );
        return Err(log.into_problems());
    }
    let tree = match tree::parse(&log.source) {
        Ok(tree) => tree,
        Err(refusal) => {
            refuse(&mut log, refusal, 0);
            return Err(log.into_problems());
        }
    };
    for (tag, span) in &tree.tags {
        log.add(
            problem::NOT_YAML,
            span,
            format!("the tag `!{tag}` is not part of the language"),
            "tagged value",
        );
    }
    Ok((log, tree))
}

/// Notes why there is no tree of the file that begins at `base`, which is the one that was opened last.
fn refuse(log: &mut Log<'_>, refusal: Refusal, base: usize) {
    match refusal {
        Refusal::NotYaml(reason, at) => {
            let control = log
                .last_included()
                .text
                .char_indices()
                .find(|(_, c)| match c {
                    '\t' | '\n' | '\r' | '\u{85}' => false,
                    '\u{fffe}' | '\u{ffff}' => true,
                    other => other.is_control(),
                });
            // The parser tells no place for characters that YAML forbids.
            let at = match control {
                Some((control, _)) if at == 0 => base + control,
                _ => base + at,
            };
            log.add(
                problem::NOT_YAML,
                &(at..at),
                format!("the file cannot be read as YAML: {reason}"),
                "here",
            );
        }
        Refusal::SecondDocument(at) => {
            log.add(
                problem::NOT_YAML,
                &(base + at..base + at),
                "a file holds one scenario",
                "a second document begins here",
            );
        }
        Refusal::TooBig(reason, at) => {
            let at = base + at;
            log.add(problem::TOO_BIG, &(at..at), reason, "too much from here on");
        }
    }
}

/// Where a line begins with `%`. The parser's work grows with the square of such lines, so it does not get to see them.
fn directive(text: &str) -> Option<usize> {
    if text.starts_with('%') {
        return Some(0);
    }
    text.find("\n%").map(|at| at + 1)
}

/// What is known while a file is read.
struct Reader<'t> {
    log: Log<'t>,
    file: PathBuf,
    expansion: Expansion,
    /// The users declared so far. One that has problems is declared all the same, so that its steps have none.
    users: Vec<User>,
    /// Where users are declared.
    users_at: std::ops::Range<usize>,
    labels: Labels,
    saves: Saves,
    /// Whether anything is demanded of the target.
    demands: bool,
    /// How many bytes the texts have by now, repeats unfolded.
    text_bytes: usize,
}

impl Reader<'_> {
    /// Reads one case of the file.
    fn case(&mut self, file: &Path, case: &Case) -> Option<Scenario> {
        self.users.clear();
        self.labels = Labels::default();
        self.saves = Saves::default();
        self.text_bytes = 0;
        let mut scenario = self.scenario(file, &case.root)?;
        if let Some(case) = &case.name {
            scenario.name = format!("{} ({case})", scenario.name);
        }
        Some(scenario)
    }

    /// The user of that name.
    fn user(&mut self, name: &str, span: &std::ops::Range<usize>) -> Option<usize> {
        let found = self.users.iter().position(|user| user.name == name);
        if found.is_none() {
            self.unknown_user(name, span, &[]);
        }
        found
    }

    /// Notes that nobody has that name. `others` are names that are right at that place beside the users'.
    fn unknown_user(&mut self, name: &str, span: &std::ops::Range<usize>, others: &[&str]) {
        if self.users.is_empty() {
            // Whatever is wrong with `users` is noted by now, and says more than a problem for every step.
            return;
        }
        let users: Vec<&str> = self.users.iter().map(|user| user.name.as_str()).collect();
        let known = users.iter().chain(others).copied();
        let help = match super::names::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if users.len() > super::names::LISTED_MAX => "declare it under `users`".to_owned(),
            None => format!(
                "declare it under `users`, or use {}",
                super::names::listed(&users, "or")
            ),
        };
        let message = format!("no user is named {}", super::names::quoted(name));
        let related = (&self.users_at, "users are declared here".to_owned());
        self.log
            .add_related(problem::UNKNOWN_USER, span, message, "used here", related)
            .help(help);
    }

    /// The user whose id that user logs in with: a second device counts as its owner.
    fn owner(&self, user: usize) -> usize {
        self.users
            .get(user)
            .and_then(|user| user.same_as)
            .unwrap_or(user)
    }

    fn user_name(&self, user: usize) -> &str {
        self.users.get(user).map_or("?", |user| user.name.as_str())
    }

    /// A step at a place.
    fn step(&self, span: &std::ops::Range<usize>, act: Act) -> Step {
        let (line, column) = self.log.line_column(span.start);
        Step {
            line,
            column,
            origin: self.log.origin(span.start),
            act,
        }
    }
}
