//! `ringcheck generate`: scenarios derived from the checker's tables, and how much of the tables they reach.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use crate::coverage::Reached;
use crate::generate::{Generated, scenarios};
use crate::report::coverage;
use crate::scenario::write;

/// Where to write them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck generate                       count what they reach, and name what nothing can reach
  ringcheck generate --out target/cases    write them as files
  ringcheck run --generated                play them with the library, from memory")]
pub(super) struct Args {
    /// Write a file a scenario into this folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Counts them, and writes them if a folder is given.
pub(super) fn generate(args: &Args, output: &Output) -> Result<(), Failure> {
    let generated = scenarios();
    if let Some(folder) = &args.out {
        for one in &generated {
            write_file(folder, one)?;
        }
    }
    let mut reached = Reached::default();
    for one in &generated {
        reached.add(&one.reached);
    }
    output.data(&format!(
        "{} scenarios\n{}",
        generated.len(),
        coverage(&reached)
    ));
    Ok(())
}

fn write_file(folder: &Path, one: &Generated) -> Result<(), Failure> {
    let within = one.scenario.file.strip_prefix("generated");
    let path = folder.join(within.unwrap_or(&one.scenario.file));
    let failed = |source| Failure::Write {
        path: path.clone(),
        source,
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&path, write(&one.scenario)).map_err(failed)
}
