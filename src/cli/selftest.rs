//! `ringcheck selftest`: prove that the judge and the scenario library cannot be fooled.

use clap::Args as ClapArgs;

use super::output::Output;
use super::select::Selection;
use super::{Failure, runtime};
use crate::selftest::faults::{Fault, score};

/// What to prove.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck selftest                                everything
  ringcheck selftest --fault ring-dropped           one deviation, with what was found under it")]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Switch on this deviation only, and show what was found; may be given several times
    #[arg(long, value_name = "NAME", value_parser = fault)]
    fault: Vec<Fault>,
}

fn fault(name: &str) -> Result<Fault, String> {
    Fault::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        crate::scenario::names::help(name, &names)
            .unwrap_or_else(|| "no deviation has that name".to_owned())
    })
}

/// Proves it, or says what is not proved.
pub(super) fn selftest(args: &Args, output: &Output) -> Result<(), Failure> {
    let scenarios = args.selection.scenarios(output)?;
    let faults = if args.fault.is_empty() {
        Fault::ALL
    } else {
        &args.fault
    };
    let scores = runtime()?.block_on(score(faults, &scenarios, |_| {}))?;
    for score in scores {
        output.tell(&format!(
            "{} {} {:?} {:#?}",
            score.fault.name(),
            score.right,
            score.rules,
            score.examples
        ));
    }
    Ok(())
}
