//! Which scenarios a command is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use xxhash_rust::xxh3::xxh3_64;

use super::output::Output;
use super::{Failure, tell_problems};
use crate::report::events::Part;
use crate::scenario::lint::lint;
use crate::scenario::plan::Scenario;
use crate::scenario::{find, lint_covers, load, read_file};

/// Where scenarios are, unless paths are given.
pub(super) const LIBRARY: &str = "scenarios";

/// Which scenarios to take.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// Scenario files, or folders of them
    #[arg(default_value = LIBRARY)]
    paths: Vec<PathBuf>,

    /// Take only scenarios whose file, name, tag or requirement contains PATTERN; may be given several times
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,

    /// Leave out scenarios whose file, name, tag or requirement contains PATTERN; may be given several times
    #[arg(long, value_name = "PATTERN")]
    skip: Vec<String>,

    /// Take the I-th of N parts, as `1/4`. Which part a scenario is in depends on nothing but its name
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

/// One of several parts of the scenarios, for machines that share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shard {
    /// Which, from 0.
    part: u64,
    of: u64,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected `I/N`, got `{text}`; write `1/4` for the first of four");
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let (part, of) = (number(part)?, number(of)?);
        if part == 0 || part > of {
            return Err(format!(
                "there is no part {part} of {of}; the first is `1/{of}`"
            ));
        }
        Ok(Self { part: part - 1, of })
    }
}

impl Shard {
    /// Whether a scenario is in this part. Its name is hashed with XXH3, which is the same everywhere and for ever.
    fn takes(self, scenario: &Scenario) -> bool {
        xxh3_64(scenario.name.as_bytes()) % self.of == self.part
    }
}

impl Selection {
    /// Everything in a folder.
    pub(super) fn all_in(folder: &Path) -> Self {
        Self {
            paths: vec![folder.to_owned()],
            only: Vec::new(),
            skip: Vec::new(),
            shard: None,
        }
    }

    /// The scenarios, in the order of their files.
    ///
    /// Every problem of every file is told before this fails.
    pub(super) fn scenarios(&self, output: &Output) -> Result<Vec<Arc<Scenario>>, Failure> {
        self.scenarios_and(Vec::new(), output)
    }

    /// The same with more scenarios that come from no file, behind the others.
    pub(super) fn scenarios_and(
        &self,
        more: Vec<Arc<Scenario>>,
        output: &Output,
    ) -> Result<Vec<Arc<Scenario>>, Failure> {
        self.taken(self.loaded(more, output)?)
    }

    /// All scenarios of the files given, before any is chosen.
    pub(super) fn loaded(
        &self,
        more: Vec<Arc<Scenario>>,
        output: &Output,
    ) -> Result<Vec<Arc<Scenario>>, Failure> {
        let mut scenarios = Vec::new();
        let mut wrong = 0;
        for file in find(&self.paths)? {
            let text = read_file(&file)?;
            let problems = match load(&file, &text) {
                Ok(cases) => {
                    let mut problems = lint_covers(&cases, &text);
                    for case in cases {
                        let found = lint(&case, &text).into_iter();
                        // What is wrong in every row is told once.
                        let news = found
                            .filter(|it| !problems.contains(it))
                            .collect::<Vec<_>>();
                        problems.extend(news);
                        scenarios.push(Arc::new(case));
                    }
                    problems
                }
                Err(problems) => problems,
            };
            if !problems.is_empty() {
                wrong += 1;
                tell_problems(output, &text, &problems);
            }
        }
        scenarios.extend(more);
        wrong += tell_name_shared(&scenarios, output);
        if wrong > 0 {
            let noun = if wrong == 1 { "file is" } else { "files are" };
            output.tell(&format!(
                "error: {wrong} scenario {noun} wrong; nothing was played"
            ));
            return Err(Failure::Scenarios);
        }
        Ok(scenarios)
    }

    /// Those of them that are chosen.
    pub(super) fn taken(
        &self,
        mut scenarios: Vec<Arc<Scenario>>,
    ) -> Result<Vec<Arc<Scenario>>, Failure> {
        scenarios.retain(|scenario| self.takes(scenario));
        if scenarios.is_empty() {
            let hint = match (&*self.only, &*self.skip, self.shard) {
                ([], [], None) => format!(" in {}", shown(&self.paths)),
                (only, [], None) => format!(" by `--only {}`", only.join("` `--only ")),
                (_, _, _) => " once `--only`, `--skip` and `--shard` were heeded".to_owned(),
            };
            return Err(Failure::NothingSelected { hint });
        }
        Ok(scenarios)
    }

    /// Which part of the scenarios it takes, if one of several.
    pub(super) fn part(&self) -> Option<Part> {
        self.shard.map(|shard| Part {
            part: shard.part + 1,
            of: shard.of,
        })
    }

    fn takes(&self, scenario: &Scenario) -> bool {
        let file = scenario.file.to_string_lossy();
        let fits = |pattern: &String| {
            file.contains(pattern)
                || scenario.name.contains(pattern)
                || scenario.tags.iter().any(|tag| tag == pattern)
                || scenario.covers.iter().any(|id| id == pattern)
        };
        (self.only.is_empty() || self.only.iter().any(fits))
            && !self.skip.iter().any(fits)
            && self.shard.is_none_or(|shard| shard.takes(scenario))
    }
}

/// Tells which scenarios have the name of an earlier one, and counts them: a report must tell them apart.
fn tell_name_shared(scenarios: &[Arc<Scenario>], output: &Output) -> usize {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut shared = 0;
    for scenario in scenarios {
        if let Some(other) = first.insert(&scenario.name, &scenario.file) {
            shared += 1;
            let (file, other) = (scenario.file.display(), other.display());
            output.tell(&format!(
                "error: `{file}` and `{other}` have the same name, `{}`\nhint: a scenario's name is its promise; say what is different",
                scenario.name
            ));
        }
    }
    shared
}

fn shown(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect::<Vec<_>>()
        .join(", ")
}
