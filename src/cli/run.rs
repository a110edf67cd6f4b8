//! `ringcheck run`: play call flows against a target and judge them.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::output::Output;
use super::reach::AccessArgs;
use super::record::Record;
use super::select::Selection;
use super::{Failure, runtime};
use crate::coverage::{self, Reached};
use crate::generate;
use crate::report::{Counts, Summary, coverage, terminal, unexercised};
use crate::runner::{Outcome, Run, Verdict, play_all, simulate};
use crate::scenario::plan::Scenario;
use crate::selftest::faults::Fault;
use crate::target::sim::Simulation;
use crate::target::{Cast, Embedded, Reach};

/// How much shorter than the lifecycle's the embedded server's clocks are: an expiry of 60 s takes 3 s.
pub(super) const EMBEDDED_TIMER_SCALE: f64 = 0.05;

/// The target that is no server but the reference's cores, in time that jumps.
const SIMULATION: &str = "sim";

/// What to run, against what, and what to write.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run                                     the library, on an embedded reference server
  ringcheck run --target ws://127.0.0.1:7000        the library, on a server of yours
  ringcheck run --target wss://127.0.0.1:7000 --tls-ca ca.pem --token-key keys.json
  ringcheck run --target sim                        the library, in simulated time with the full limits
  ringcheck run scenarios/03-cancel --only CAN-2    some of it
  ringcheck run --shard 1/4 --skip SES              a quarter of it, without what names SES
  ringcheck run --report json=run.json              and a report for machines
  ringcheck run --history run.jsonl                 and a record that can be judged again")]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Play the generated scenarios as well; `ringcheck generate` tells what they are
    #[arg(long)]
    generated: bool,

    /// Tell how much of the lifecycle's tables the run has reached, and name the rest
    #[arg(long)]
    coverage: bool,

    /// What to test: `embedded`, `sim` for the reference in simulated time, or the URL of a server
    #[arg(
        long,
        default_value = "embedded",
        value_name = "embedded|sim|ws://…|wss://…"
    )]
    target: String,

    /// Multiply the embedded server's clocks; 1 is the lifecycle's 60 s and 30 s [default: 0.05]
    #[arg(long, value_name = "FACTOR", value_parser = super::serve::timer_scale)]
    timer_scale: Option<f64>,

    #[command(flatten)]
    access: AccessArgs,

    /// Write a report: `json=FILE`, where `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report)]
    report: Vec<PathBuf>,

    /// Record what was done and heard; `ringcheck verify` reads it, and `-` is standard output
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// How many scenarios to play at once
    #[arg(long, default_value = "48", value_name = "N")]
    jobs: NonZeroUsize,

    /// What makes the run's user ids; taken from the clock when left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Switch on a deviation of the simulated reference; `ringcheck selftest` names them
    #[arg(long, value_name = "NAME", value_parser = super::selftest::fault, hide = true)]
    fault: Option<Fault>,
}

/// The path of a `--report json=PATH`.
pub(super) fn report(text: &str) -> Result<PathBuf, String> {
    match text.split_once('=') {
        Some(("json", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
        Some(("json", _)) => Err(
            "the path is missing; write `json=FILE`, or `json=-` for standard output".to_owned(),
        ),
        Some((format, _)) => Err(format!(
            "no report has the format `{format}`; there is `json`"
        )),
        None => Err(format!(
            "expected `FORMAT=PATH`, got `{text}`; write `json=FILE`"
        )),
    }
}

/// Plays and judges; what was found decides the exit code.
pub(super) fn run(args: &Args, output: &Output) -> Result<(), Failure> {
    let generated = if args.generated {
        let all = generate::scenarios().into_iter();
        all.map(|one| Arc::new(one.scenario)).collect()
    } else {
        Vec::new()
    };
    let scenarios = args.selection.scenarios_and(generated, output)?;
    let seed = args.seed.unwrap_or_else(|| {
        // Any number will do that two runs on one server are unlikely to share.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_nanos()) ^ since.as_secs())
    });
    let run = format!("r{:06x}", seed & 0xff_ffff);
    if args.target == SIMULATION {
        return simulated(args, &scenarios, (&run, seed), output);
    }
    let embedded = embedded(args)?;
    let access = args.access.access(&args.target)?;
    let url = embedded
        .as_ref()
        .map_or_else(|| args.target.clone(), Embedded::url);
    let runtime = runtime()?;

    let mut record = Record::create(args.history.as_deref(), &args.target, seed)?;
    let reach = runtime.block_on(Reach::probe(&url, &format!("{run}.probe"), &access))?;
    let clocks = reach.clocks();
    output.tell(&format!(
        "playing {} on {} ({url}), expiry {:?}",
        counted(scenarios.len()),
        if embedded.is_some() {
            "the embedded reference"
        } else {
            "the target"
        },
        clocks.expiry
    ));
    let began = Instant::now();
    let progress = progress(scenarios.len(), output);
    let cast: Arc<dyn Cast> = Arc::new(reach);
    let mut died = None;
    let finished = async |outcome: &Outcome| {
        // What did not pass on a target that lets nobody in any more says nothing about the lifecycle.
        if outcome.verdict != Verdict::Passed
            && let Err(error) = Reach::probe(&url, &format!("{run}.probe"), &access).await
        {
            died = Some(error);
            return ControlFlow::Break(());
        }
        tell_finished(&progress, outcome, &again(args, seed, outcome));
        record.add(outcome);
        ControlFlow::Continue(())
    };
    let how = Run {
        name: &run,
        seed,
        jobs: args.jobs.get(),
        watched: true,
    };
    let played = play_all(&scenarios, &cast, clocks, &how, finished);
    let outcomes = runtime.block_on(played);
    progress.finish_and_clear();

    let name = if embedded.is_some() {
        "embedded"
    } else {
        &args.target
    };
    let summary = Summary::of(name, seed, began.elapsed(), &outcomes);
    tell(args, &summary, &outcomes, output)?;
    record.close()?;
    if let Some(error) = died {
        let (played, all) = (outcomes.len(), scenarios.len());
        output.tell(&format!(
            "{played} of {all} scenarios were played before the target died"
        ));
        return Err(error.into());
    }
    result(&summary.counts, &scenarios, &outcomes)
}

/// Plays on the simulated reference, with the lifecycle's own limits. The same seed comes to the same bytes.
fn simulated(
    args: &Args,
    scenarios: &[Arc<Scenario>],
    (run, seed): (&str, u64),
    output: &Output,
) -> Result<(), Failure> {
    if args.timer_scale.is_some() {
        let told = "`--timer-scale` is of no use where time jumps: the simulation keeps the lifecycle's own clocks";
        return Err(Failure::Usage(format!("{told}\nhint: leave it out")));
    }
    let mut record = Record::create(args.history.as_deref(), &args.target, seed)?;
    let (raw, scenarios): (Vec<_>, Vec<_>) =
        scenarios.iter().cloned().partition(|one| one.is_raw());
    if !raw.is_empty() {
        output.tell(&left_out(&raw));
    }
    if scenarios.is_empty() {
        return Err(Failure::Incomplete);
    }
    output.tell(&format!(
        "playing {} on the simulated reference, expiry {:?}",
        counted(scenarios.len()),
        Simulation::clocks().expiry
    ));
    let began = Instant::now();
    let progress = progress(scenarios.len(), output);
    let mut outcomes = Vec::with_capacity(scenarios.len());
    for scenario in &scenarios {
        let outcome = simulate(scenario, (run, seed), args.fault)
            .map_err(|error| Failure::Usage(format!("no simulation could be started: {error}")))?;
        tell_finished(&progress, &outcome, &again(args, seed, &outcome));
        record.add(&outcome);
        outcomes.push(outcome);
    }
    progress.finish_and_clear();
    let summary = Summary::of(SIMULATION, seed, began.elapsed(), &outcomes);
    tell(args, &summary, &outcomes, output)?;
    record.close()?;
    result(&summary.counts, &scenarios, &outcomes)
}

/// Names the scenarios that the simulation cannot play.
fn left_out(raw: &[Arc<Scenario>]) -> String {
    let mut files: Vec<String> = raw
        .iter()
        .map(|one| one.file.display().to_string())
        .collect();
    files.dedup();
    format!(
        "left out {}, whose raw steps need a real socket: {}",
        counted(raw.len()),
        files.join(", ")
    )
}

/// Tells what a run came to, and writes the reports. Told first: a report that cannot be written must not hide what was
/// found.
fn tell(
    args: &Args,
    summary: &Summary,
    outcomes: &[Outcome],
    output: &Output,
) -> Result<(), Failure> {
    output.tell(&terminal::closing(summary, outcomes));
    if args.coverage {
        let mut reached = Reached::default();
        for outcome in outcomes {
            reached.add(&coverage::reached(&outcome.history));
        }
        output.data(&unexercised(&summary.requirements));
        output.data(&coverage(&reached));
    }
    for path in &args.report {
        write_json(path, summary, output)?;
    }
    Ok(())
}

fn embedded(args: &Args) -> Result<Option<Embedded>, Failure> {
    if args.target == "embedded" {
        return Ok(Some(Embedded::start(
            args.timer_scale.unwrap_or(EMBEDDED_TIMER_SCALE),
        )?));
    }
    if args.timer_scale.is_some() {
        return Err(Failure::Usage(format!(
            "`--timer-scale` sets the clocks of the embedded server, and `{}` has its own\n\
             hint: start that server with other clocks, as `ringcheck serve --timer-scale 0.05`",
            args.target
        )));
    }
    Ok(None)
}

fn counted(scenarios: usize) -> String {
    format!(
        "{scenarios} {}",
        if scenarios == 1 {
            "scenario"
        } else {
            "scenarios"
        }
    )
}

pub(super) fn progress(scenarios: usize, output: &Output) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(scenarios as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The command that plays a scenario again as it was played.
fn again(args: &Args, seed: u64, outcome: &Outcome) -> String {
    let quoted = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-".contains(c);
        if text.chars().all(plain) {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    let file = quoted(&outcome.file.display().to_string());
    let target = match args.target.as_str() {
        "embedded" => String::new(),
        url => format!(" --target {}", quoted(url)),
    };
    let scale = args.timer_scale;
    let scale = scale.map_or_else(String::new, |scale| format!(" --timer-scale {scale}"));
    let access = args.access.again(&quoted);
    let fault = args.fault;
    let fault = fault.map_or_else(String::new, |fault| format!(" --fault {}", fault.name()));
    format!("ringcheck run {file}{target}{access}{scale}{fault} --seed {seed}")
}

fn tell_finished(progress: &ProgressBar, outcome: &Outcome, again: &str) {
    progress.inc(1);
    if outcome.verdict != Verdict::Passed {
        let output = Output::standard();
        progress.suspend(|| output.tell(&format!("{}\n", terminal::failure(outcome, again))));
    }
}

pub(super) fn write_json(
    path: &Path,
    summary: &impl Serialize,
    output: &Output,
) -> Result<(), Failure> {
    let failed = |source| Failure::Write {
        path: path.to_owned(),
        source,
    };
    let json = serde_json::to_string_pretty(summary).map_err(|error| failed(error.into()))?;
    if path == Path::new("-") {
        return output.data_or_fail(&json).map_err(failed);
    }
    fs::write(path, json + "\n").map_err(failed)
}

fn result(
    counts: &Counts,
    scenarios: &[Arc<Scenario>],
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    if counts.failed > 0 {
        Err(Failure::Findings)
    } else if counts.error > 0 {
        Err(Failure::TargetDied)
    } else if counts.inconclusive > 0 || outcomes.len() < scenarios.len() {
        Err(Failure::Incomplete)
    } else {
        Ok(())
    }
}
