//! `ringcheck fmt`: scenario files in one style.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::output::{Output, write_whole};
use super::{Failure, tell_problems};
use crate::scenario::{find_with_steps, format, read_file, read_from};

/// What to format.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck fmt scenarios/03-cancel       write a folder's files anew where they need it
  ringcheck fmt --check                   name the files that need it, and write nothing
  ringcheck fmt - < draft.yaml            from standard input to standard output

Comments and single empty lines stay. A file that cannot be laid out is told and left as it is.")]
pub(super) struct Args {
    /// Files of scenarios or of steps, or folders of them; `-` for standard input
    #[arg(value_name = "FILE", default_value = super::select::LIBRARY)]
    paths: Vec<PathBuf>,

    /// Write nothing; name the files that are not in the format, and end with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// Formats them; every file that can be, before a problem of another one ends it.
pub(super) fn fmt(args: &Args, output: &Output) -> Result<(), Failure> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(args, output);
    }
    let files = find_with_steps(&args.paths)?;
    if files.is_empty() {
        let hint = " to be formatted".to_owned();
        return Err(Failure::NothingSelected { hint });
    }
    let (mut wrong, mut other) = (0, 0);
    for file in &files {
        let text = read_file(file)?;
        let formatted = match format(file, &text) {
            Ok(formatted) => formatted,
            Err(problems) => {
                wrong += 1;
                tell_problems(output, &text, &problems);
                continue;
            }
        };
        if formatted == text {
            continue;
        }
        other += 1;
        if args.check {
            output.data(&file.display().to_string());
        } else {
            replace(file, &formatted)?;
        }
    }
    let count = files.len();
    let noun = if count == 1 { "file" } else { "files" };
    if wrong > 0 {
        output.tell(&format!(
            "error: {count} {noun}, {wrong} of them not to be formatted"
        ));
        return Err(Failure::Scenarios);
    }
    if args.check && other > 0 {
        let hint = "`ringcheck fmt` with the same paths writes them anew";
        output.tell(&format!(
            "{count} {noun}, {other} not in the format\nhint: {hint}"
        ));
        return Err(Failure::Findings);
    }
    let done = if args.check {
        "not in the format"
    } else {
        "written anew"
    };
    output.tell(&format!("{count} {noun}, {other} {done}"));
    Ok(())
}

/// Formats what comes in to standard output.
fn standard_input(args: &Args, output: &Output) -> Result<(), Failure> {
    if args.paths.len() > 1 {
        let message =
            "`-` stands for standard input, and files are named beside it\nhint: name either";
        return Err(Failure::Usage(message.to_owned()));
    }
    let name = Path::new("<standard input>");
    let text = read_from(name, std::io::stdin().lock())?;
    let formatted = format(name, &text).map_err(|problems| {
        tell_problems(output, &text, &problems);
        Failure::Scenarios
    })?;
    if !args.check {
        return output.result(&formatted);
    }
    if formatted == text {
        return Ok(());
    }
    output.data(&name.display().to_string());
    Err(Failure::Findings)
}

/// Writes a file anew: the one that a link leads to, with the rights that it has.
fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |source| Failure::Write {
        path: file.to_owned(),
        source,
    };
    let file = fs::canonicalize(file).map_err(failed)?;
    let known = fs::metadata(&file).map_err(failed)?;
    if !known.is_file() {
        let message = format!(
            "`{}` is no file that could be written anew\nhint: name it `-` and give it to standard input",
            file.display()
        );
        return Err(Failure::Usage(message));
    }
    write_whole(&file, text, false)?;
    fs::set_permissions(&file, known.permissions()).map_err(failed)
}
