//! Which scenarios a command is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::output::Output;
use super::{Failure, tell_problems};
use crate::scenario::lint::lint;
use crate::scenario::plan::Scenario;
use crate::scenario::{Problem, find, load, read_file};

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
}

impl Selection {
    /// Everything in a folder.
    pub(super) fn all_in(folder: &Path) -> Self {
        Self {
            paths: vec![folder.to_owned()],
            only: Vec::new(),
        }
    }

    /// The scenarios, in the order of their files.
    ///
    /// Every problem of every file is told before this fails.
    pub(super) fn scenarios(&self, output: &Output) -> Result<Vec<Arc<Scenario>>, Failure> {
        let mut scenarios = Vec::new();
        let mut wrong = 0;
        for file in find(&self.paths)? {
            let text = read_file(&file)?;
            let problems = match load(&file, &text) {
                Ok(cases) => {
                    let mut problems: Vec<Problem> = Vec::new();
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
        wrong += tell_name_shared(&scenarios, output);
        if wrong > 0 {
            let noun = if wrong == 1 { "file is" } else { "files are" };
            output.tell(&format!(
                "error: {wrong} scenario {noun} wrong; nothing was played"
            ));
            return Err(Failure::Scenarios);
        }
        scenarios.retain(|scenario| self.takes(scenario));
        if scenarios.is_empty() {
            let hint = if self.only.is_empty() {
                format!(" in {}", shown(&self.paths))
            } else {
                format!(" by `--only {}`", self.only.join("` `--only "))
            };
            return Err(Failure::NothingSelected { hint });
        }
        Ok(scenarios)
    }

    fn takes(&self, scenario: &Scenario) -> bool {
        let file = scenario.file.to_string_lossy();
        self.only.is_empty()
            || self.only.iter().any(|pattern| {
                file.contains(pattern)
                    || scenario.name.contains(pattern)
                    || scenario.tags.iter().any(|tag| tag == pattern)
                    || scenario.covers.iter().any(|id| id == pattern)
            })
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
