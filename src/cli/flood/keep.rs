//! The files of calls that broke the lifecycle.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::output::Output;
use crate::flood::Kept;
use crate::history::Clocks;
use crate::history::file::{Opening, write as write_history};

/// How many calls are written for one requirement, whichever threads kept them.
const WRITTEN_MAX: usize = 3;

/// Writes a history and a scenario for each call, up to a bound for each requirement.
pub(in crate::cli) fn write(
    folder: &Path,
    (target, seed): (&str, u64),
    clocks: Clocks,
    kept: &[Kept],
    output: &Output,
) -> Result<(), Failure> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in kept {
        let requirement = call.finding.rule.requirement;
        let count = counts.entry(requirement).or_default();
        if *count == WRITTEN_MAX {
            continue;
        }
        *count += 1;
        let name = format!("{requirement}-{count}");
        let scenario = folder.join(format!("{name}.yaml"));
        let history = folder.join(format!("{name}.jsonl"));
        let opening = Opening {
            target: target.to_owned(),
            scenario: scenario.display().to_string(),
            seed: Some(seed),
        };
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::write(&scenario, call.scenario()))
            .and_then(|()| fs::File::create(&history))
            .and_then(|mut file| write_history(&mut file, &opening, &call.history(clocks)));
        written.map_err(|source| Failure::Write {
            path: history.clone(),
            source,
        })?;
        output.tell(&format!(
            "kept: {} and {}",
            history.display(),
            scenario.display()
        ));
    }
    Ok(())
}
