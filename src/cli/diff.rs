//! `ringcheck diff`: what changed between two recorded runs or floods.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use super::reports::{json, write_json};
use crate::flood::report::Report as Flood;
use crate::report::diff::{Diff, floods, runs};
use crate::report::{Recorded, Summary, read_any};

/// What to compare.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --report jsonl=before.jsonl
  ringcheck run --report jsonl=after.jsonl
  ringcheck diff before.jsonl after.jsonl           verdicts, rules and times
  ringcheck diff b1.jsonl a1.jsonl --before b2.jsonl --after a2.jsonl
                                                    with several runs a side, so that less is noise
  ringcheck diff before.json after.json             two floods, recorded by `flood --report json=FILE`

What is noise: of two runs, the times of each scenario that passed in both are compared as a ratio. The median of all
ratios is the machine, and is taken out; the spread of the ratios (their median absolute deviation, as a standard
deviation) is the noise. A scenario is slower or faster beyond four times the noise, 10 % and 20 ms, and with several
runs a side only where all of one side are above all of the other. Of two floods, the median over the seconds of each
percentile is compared, beyond four times its standard error and 10 %; shares of calls beyond four times what chance
brings.

It ends with 1 where a verdict, a rule, a count or a percentile is worse, and with 0 otherwise. A slower scenario is a
hint and no finding: scenarios share the machine, and now and then one waits for the others.")]
pub(super) struct Args {
    /// A recorded run (`jsonl` or `json`) or flood (`json`)
    before: PathBuf,

    /// One of the same kind, to compare with it
    after: PathBuf,

    /// One more of the side before; may be repeated
    #[arg(long = "before", value_name = "FILE")]
    more_before: Vec<PathBuf>,

    /// One more of the side after; may be repeated
    #[arg(long = "after", value_name = "FILE")]
    more_after: Vec<PathBuf>,

    /// Write the changes: `json=FILE`, where `-` is standard output, instead of the text
    #[arg(long, value_name = "FORMAT=PATH", value_parser = json)]
    report: Vec<PathBuf>,
}

/// Either kind of recording.
enum Side {
    Runs(Vec<Summary>),
    Floods(Vec<Flood>),
}

/// Compares, and tells; whether something is worse decides the exit code.
pub(super) fn diff(args: &Args, output: &Output) -> Result<(), Failure> {
    let before = side(&args.before, &args.more_before)?;
    let after = side(&args.after, &args.more_after)?;
    let found: Diff = match (&before, &after) {
        (Side::Runs(before), Side::Runs(after)) => runs(before, after),
        (Side::Floods(before), Side::Floods(after)) => floods(before, after),
        (Side::Runs(_), Side::Floods(_)) | (Side::Floods(_), Side::Runs(_)) => return Err(mixed()),
    };
    for path in &args.report {
        write_json(path, &found, output)?;
    }
    if args.report.is_empty() {
        output.result(&found.text(output.data_color()))?;
    }
    if found.is_worse() {
        Err(Failure::Findings)
    } else {
        Ok(())
    }
}

fn side(first: &PathBuf, more: &[PathBuf]) -> Result<Side, Failure> {
    let (mut runs, mut floods) = (Vec::new(), Vec::new());
    for path in std::iter::once(first).chain(more) {
        let recorded = read_any(path).map_err(|error| Failure::Usage(error.to_string()))?;
        match recorded {
            Recorded::Run(run) => runs.push(*run),
            Recorded::Flood(flood) => floods.push(*flood),
        }
    }
    match (runs.is_empty(), floods.is_empty()) {
        (false, true) => Ok(Side::Runs(runs)),
        (true, false) => Ok(Side::Floods(floods)),
        (true | false, _) => Err(mixed()),
    }
}

fn mixed() -> Failure {
    Failure::Usage(
        "a run and a flood have nothing in common to compare\nhint: give two recorded runs, or two recorded floods"
            .to_owned(),
    )
}
