//! `ringcheck selftest`: prove that the judge and the scenario library cannot be fooled.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use ringcheck_reference::fault::Place;

use super::output::Output;
use super::reports::{json, write_json};
use super::run::EMBEDDED_TIMER_SCALE;
use super::select::Selection;
use super::telling::progress;
use super::{Failure, runtime};
use crate::lifecycle;
use crate::report::events::Case;
use crate::report::terminal::failure;
use crate::runner::{Outcome, Run, Verdict, play_all, to_the_end};
use crate::scenario::names::help;
use crate::scenario::plan::Scenario;
use crate::selftest::faults::{self, Fault};
use crate::selftest::report::{Faults, HistoryMutants, NullServer, Selftest, armed};
use crate::selftest::{closing, matrix, mutants, nulls};
use crate::target::{Cast, Embedded, Reach};

/// What to prove.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck selftest                                everything
  ringcheck selftest --report json=selftest.json    and a report for machines
  ringcheck selftest --fault ring-dropped           one deviation, with what was found under it")]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Switch on this deviation of the reference only, and show what is found; may be given several times
    #[arg(long, value_name = "NAME", value_parser = fault)]
    fault: Vec<Fault>,

    /// Write a report: `json=FILE`, where `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", value_parser = json, conflicts_with = "fault")]
    report: Vec<PathBuf>,
}

/// A deviation by its name.
pub(super) fn fault(name: &str) -> Result<Fault, String> {
    Fault::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        help(name, &names).unwrap_or_else(|| "no deviation has that name".to_owned())
    })
}

/// A deviation by its name that shows where the server is simulated and the clients are good.
pub(super) fn simulated_fault(name: &str) -> Result<Fault, String> {
    let fault = fault(name)?;
    match fault.place() {
        Place::Server | Place::Clock => Ok(fault),
        Place::Client | Place::Both => Err(format!(
            "it is a deviation of clients, and those of the simulation have none\n\
             hint: play it with `ringcheck selftest --fault {name}`"
        )),
    }
}

/// Proves it, or says what is not proved.
pub(super) fn selftest(args: &Args, output: &Output) -> Result<(), Failure> {
    let scenarios = args.selection.scenarios(output)?;
    let runtime = runtime()?;
    if !args.fault.is_empty() {
        return runtime.block_on(some_faults(&args.fault, &scenarios, output));
    }
    let selftest = runtime.block_on(everything(&scenarios, output))?;
    output.tell(&matrix(&selftest));
    output.tell(&closing(&selftest));
    for path in &args.report {
        write_json(path, &selftest, output)?;
    }
    if selftest.is_proved() {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

async fn everything(scenarios: &[Arc<Scenario>], output: &Output) -> Result<Selftest, Failure> {
    output.tell("playing the library on the reference");
    let good = good_run(scenarios).await?;
    let failed = |outcome: &&Outcome| outcome.verdict != Verdict::Passed;
    for outcome in good.iter().filter(failed) {
        let mut case = Case::of(outcome, 0);
        case.again = Some(format!("ringcheck run {}", case.file));
        output.tell(&failure(&case, output.color()));
    }
    match good.iter().map(|outcome| outcome.verdict).max() {
        None | Some(Verdict::Passed) => {}
        // Most likely the runner was late; it says nothing about the library.
        Some(Verdict::Inconclusive) => return Err(Failure::Incomplete),
        Some(Verdict::Known | Verdict::Failed | Verdict::Error) => return Err(Failure::Findings),
    }
    output.tell(&format!(
        "playing it on {} servers that do next to nothing",
        nulls::Null::ALL.len()
    ));
    let nulls = nulls::score(scenarios).await?;
    output.tell(&format!(
        "playing it on the reference with {} deviations, one at a time",
        Fault::ALL.len()
    ));
    let bar = progress(Fault::ALL.len(), output);
    let scores = faults::score(Fault::ALL, scenarios, |_| bar.inc(1)).await?;
    bar.finish_and_clear();
    let goods: Vec<mutants::Good> = good.iter().map(recorded).chain(tales()).collect();
    output.tell(&format!(
        "changing {} good histories in one place after the other",
        goods.len()
    ));
    let bar = progress(goods.len(), output);
    let mutants = mutants::score(&goods, || bar.inc(1));
    bar.finish_and_clear();
    Ok(Selftest {
        schema: Selftest::SCHEMA,
        faults: Faults::of(&scores),
        history_mutants: HistoryMutants::from(&mutants),
        null_servers: nulls.iter().map(NullServer::from).collect(),
        rules: armed(&good),
    })
}

/// What a scenario's participants did and heard.
fn recorded(outcome: &Outcome) -> mutants::Good {
    mutants::Good {
        name: outcome.file.display().to_string(),
        history: outcome.history.clone(),
    }
}

/// The hand-written histories in which nothing is wrong.
fn tales() -> impl Iterator<Item = mutants::Good> {
    let good = lifecycle::tales::tales().filter(|tale| tale.finds.is_empty());
    good.filter_map(|tale| {
        Some(mutants::Good {
            name: tale.name.to_owned(),
            history: tale.history()?,
        })
    })
}

/// The library on the reference as it is.
async fn good_run(scenarios: &[Arc<Scenario>]) -> Result<Vec<Outcome>, Failure> {
    let server = Embedded::start(EMBEDDED_TIMER_SCALE)?;
    let clocks = server.clocks();
    let cast: Arc<dyn Cast> = Arc::new(Reach::assumed(&server.url(), clocks));
    let run = Run {
        name: "good",
        seed: 1,
        jobs: 48,
        watched: true,
    };
    let outcomes = play_all(scenarios, &cast, clocks, &run, to_the_end).await;
    tokio::task::spawn_blocking(|| drop(server));
    Ok(outcomes)
}

/// Shows what is found under some deviations.
async fn some_faults(
    wanted: &[Fault],
    scenarios: &[Arc<Scenario>],
    output: &Output,
) -> Result<(), Failure> {
    let scores = faults::score(wanted, scenarios, |_| {}).await?;
    for score in &scores {
        let (name, requirement) = (score.fault.name(), score.fault.requirement());
        let right = if score.right { "found" } else { "NOT found" };
        output.tell(&format!("{name}: {}", score.fault.sentence()));
        output.tell(&format!("  breaks {requirement}, which was {right}"));
        for example in &score.examples {
            output.tell(&format!("  {example}"));
        }
    }
    if scores.iter().all(|score| score.right) {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}
