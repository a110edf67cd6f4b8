//! `ringcheck new`: a scenario to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use crate::scenario::starting_point;

/// What to begin.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck new callee-hangs-up                     callee-hangs-up.yaml in this folder
  ringcheck new scenarios/04-accept/late-answer     in a folder of the library
  ringcheck run callee-hangs-up.yaml                it passes as it is; now make it yours")]
pub(super) struct Args {
    /// The file, with or without `.yaml`; its name becomes the scenario's
    #[arg(value_name = "NAME")]
    file: PathBuf,
}

/// Writes it; a file that is there stays as it is.
pub(super) fn new(args: &Args, output: &Output) -> Result<(), Failure> {
    let file = with_ending(&args.file);
    let stem = file.as_deref().and_then(Path::file_stem);
    let stem = stem.unwrap_or_default().to_string_lossy();
    let (Some(file), false) = (&file, stem.ends_with(".steps")) else {
        let message = "a scenario needs a name of its own, one that does not end in `.steps`\nhint: `ringcheck new callee-hangs-up`";
        return Err(Failure::Usage(message.to_owned()));
    };
    let text = starting_point(&stem);
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| {
        if source.kind() == ErrorKind::AlreadyExists {
            let message = "is there already\nhint: choose another name, or remove it first";
            Failure::Usage(format!("`{}` {message}", file.display()))
        } else {
            Failure::Write {
                path: file.clone(),
                source,
            }
        }
    })?;
    output.tell(&format!(
        "`{0}` is written; `ringcheck run {0}` plays it",
        file.display()
    ));
    Ok(())
}

/// The file of that name, with the ending that scenarios have. `None` for what is no name, as `/` and `..`.
fn with_ending(file: &Path) -> Option<PathBuf> {
    let mut name = file.file_name()?.to_owned();
    let ending = file.extension().unwrap_or_default();
    if ending != "yaml" && ending != "yml" {
        name.push(".yaml");
    }
    Some(file.with_file_name(name))
}
