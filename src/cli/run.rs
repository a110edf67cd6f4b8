//! `ringcheck run`: play call flows against a target and judge them.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::output::Output;
use super::reach::AccessArgs;
use super::select::Selection;
use super::telling::{About, Files, TellArgs, Telling};
use super::{Failure, runtime, seed_from_clock};
use crate::coverage::{self, Reached};
use crate::generate;
use crate::report::shell::quoted;
use crate::report::{Summary, coverage, unexercised};
use crate::runner::{Outcome, Progress, Run, Verdict, play_all, simulate, to_the_end};
use crate::scenario::plan::Scenario;
use crate::selftest::faults::Fault;
use crate::target::sim::Simulation;
use crate::target::{Cast, Embedded, Reach};

/// How much shorter than the lifecycle's the embedded server's clocks are: an expiry of 60 s takes 3 s.
pub(super) const EMBEDDED_TIMER_SCALE: f64 = 0.05;

/// How many reruns of a flaky scenario are played at once: few, so that none fails for want of time.
const RERUNS_AT_ONCE: usize = 4;

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
  ringcheck run --report jsonl=run.jsonl --report junit=junit.xml
                                                    and reports, for people, machines and CI servers
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

    /// How many scenarios to play at once
    #[arg(long, default_value = "48", value_name = "N")]
    jobs: NonZeroUsize,

    /// What makes the run's user ids; taken from the clock when left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Switch on a deviation of the simulated reference; `ringcheck selftest` names them
    #[arg(long, value_name = "NAME", value_parser = super::selftest::simulated_fault, hide = true)]
    fault: Option<Fault>,

    #[command(flatten)]
    tell: TellArgs,
}

/// Plays and judges; what was found decides the exit code.
pub(super) fn run(args: &Args, output: &Output) -> Result<(), Failure> {
    let generated = if args.generated {
        let all = generate::scenarios().into_iter();
        all.map(|one| Arc::new(one.scenario)).collect()
    } else {
        Vec::new()
    };
    let all = args.selection.loaded(generated, output)?;
    let seed = args.seed.unwrap_or_else(seed_from_clock);
    let run = format!("r{:06x}", seed & 0xff_ffff);
    let files = args.tell.open(&args.target, seed, &all)?;
    let scenarios = args.selection.taken(all)?;
    if args.target == SIMULATION {
        return simulated(args, files, &scenarios, (&run, seed), output);
    }
    let embedded = embedded(args)?;
    let access = args.access.access(&args.target)?;
    let url = embedded
        .as_ref()
        .map_or_else(|| args.target.clone(), Embedded::url);
    let runtime = runtime()?;

    let reach = runtime.block_on(Reach::probe(&url, &format!("{run}.probe"), &access))?;
    let clocks = reach.clocks();
    let sentence = format!(
        "playing {} on {} ({url}), expiry {:?}",
        counted(scenarios.len()),
        if embedded.is_some() {
            "the embedded reference"
        } else {
            "the target"
        },
        clocks.expiry
    );
    let about = args.about(seed, clocks.expiry, scenarios.len());
    let mut telling = Telling::begin(&args.tell, files, &about, &sentence, output);
    let cast: Arc<dyn Cast> = Arc::new(reach);
    let mut died = None;
    let mut flaky = Vec::new();
    let told = async |progress: Progress<'_>| {
        match progress {
            Progress::Started(at) => scenarios.get(at).map(|it| telling.started(it)),
            Progress::SetAside(at, late) => scenarios.get(at).map(|it| telling.set_aside(it, late)),
            Progress::Finished(at, outcome) => {
                // What did not pass on a target that lets nobody in any more says nothing about the lifecycle.
                if outcome.verdict != Verdict::Passed
                    && let Err(error) = Reach::probe(&url, &format!("{run}.probe"), &access).await
                {
                    died = Some(error);
                    return ControlFlow::Break(());
                }
                if let Some(reruns) = telling.reruns(outcome) {
                    flaky.push((at, outcome.clone(), reruns));
                    return ControlFlow::Continue(());
                }
                let again = again(args, seed, outcome);
                (scenarios.get(at)).map(|it| telling.finished(it, outcome, &[], &again))
            }
        };
        ControlFlow::Continue(())
    };
    let how = Run {
        name: &run,
        seed,
        jobs: args.jobs.get(),
        watched: true,
    };
    let played = play_all(&scenarios, &cast, clocks, &how, told);
    let outcomes = runtime.block_on(played);
    for (at, outcome, times) in flaky {
        let Some(scenario) = scenarios.get(at) else {
            continue;
        };
        let how = Run {
            name: &format!("{run}.flaky{at}"),
            seed: seed.wrapping_add(1),
            jobs: RERUNS_AT_ONCE,
            watched: true,
        };
        // Playing on a dead target would come to nothing.
        let turns = vec![scenario.clone(); if died.is_some() { 0 } else { times }];
        let reruns = runtime.block_on(play_all(&turns, &cast, clocks, &how, to_the_end));
        telling.finished(scenario, &outcome, &reruns, &again(args, seed, &outcome));
    }
    let stopped = died.as_ref().map(|_| "the target died".to_owned());
    let summary = telling.close(stopped)?;
    tell_coverage(args, &summary, &outcomes, output);
    match died {
        Some(error) => Err(error.into()),
        None => result(&summary),
    }
}

/// Plays on the simulated reference, with the lifecycle's own limits. The same seed comes to the same bytes.
fn simulated(
    args: &Args,
    files: Files,
    scenarios: &[Arc<Scenario>],
    (run, seed): (&str, u64),
    output: &Output,
) -> Result<(), Failure> {
    if args.timer_scale.is_some() {
        let told = "`--timer-scale` is of no use where time jumps: the simulation keeps the lifecycle's own clocks";
        return Err(Failure::Usage(format!("{told}\nhint: leave it out")));
    }
    let (raw, scenarios): (Vec<_>, Vec<_>) =
        scenarios.iter().cloned().partition(|one| one.is_raw());
    if !raw.is_empty() {
        output.tell(&left_out(&raw));
    }
    if scenarios.is_empty() {
        return Err(Failure::Incomplete);
    }
    let expiry = Simulation::clocks().expiry;
    let sentence = format!(
        "playing {} on the simulated reference, expiry {expiry:?}",
        counted(scenarios.len()),
    );
    let about = args.about(seed, expiry, scenarios.len());
    let mut telling = Telling::begin(&args.tell, files, &about, &sentence, output);
    let play = |scenario: &Scenario, seed: u64| {
        simulate(scenario, (run, seed), args.fault)
            .map_err(|error| Failure::Usage(format!("no simulation could be started: {error}")))
    };
    let mut outcomes = Vec::with_capacity(scenarios.len());
    for scenario in &scenarios {
        telling.started(scenario);
        let outcome = play(scenario, seed)?;
        // Each with a seed of its own: the same one would come to the same again.
        let seeds =
            (1..=telling.reruns(&outcome).unwrap_or(0) as u64).map(|it| seed.wrapping_add(it));
        let reruns: Result<Vec<Outcome>, Failure> =
            seeds.map(|seed| play(scenario, seed)).collect();
        telling.finished(scenario, &outcome, &reruns?, &again(args, seed, &outcome));
        outcomes.push(outcome);
    }
    let summary = telling.close(None)?;
    tell_coverage(args, &summary, &outcomes, output);
    result(&summary)
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

/// Tells what of the lifecycle was reached, if that was asked for.
fn tell_coverage(args: &Args, summary: &Summary, outcomes: &[Outcome], output: &Output) {
    if args.coverage {
        let mut reached = Reached::default();
        for outcome in outcomes {
            reached.add(&coverage::reached(&outcome.history));
        }
        let told = unexercised(&summary.requirements) + &coverage(&reached);
        // Data of a report must not have other data behind it.
        if args.tell.takes_standard_output() {
            output.tell(&told);
        } else {
            output.data(&told);
        }
    }
}

impl Args {
    /// What a run is about, as its reports say it.
    fn about(&self, seed: u64, expiry: Duration, planned: usize) -> About<'_> {
        About {
            target: &self.target,
            seed,
            expiry,
            planned,
            shard: self.selection.part(),
        }
    }
}

fn embedded(args: &Args) -> Result<Option<Embedded>, Failure> {
    if let Some(fault) = args.fault {
        let (name, target) = (fault.name(), &args.target);
        return Err(Failure::Usage(format!(
            "`--fault` switches on a deviation of the simulated reference, and the target is `{target}`\n\
             hint: add `--target sim`, or start `ringcheck serve --fault {name}` and play on that"
        )));
    }
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

/// The command that plays a scenario again as it was played.
fn again(args: &Args, seed: u64, outcome: &Outcome) -> String {
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

/// How a run ends that came to this.
pub(super) fn result(summary: &Summary) -> Result<(), Failure> {
    let counts = summary.counts;
    if counts.failed > 0 {
        Err(Failure::Findings)
    } else if counts.error > 0 {
        Err(Failure::TargetDied)
    } else if !summary.stale.is_empty() {
        Err(Failure::Stale)
    } else if counts.inconclusive > 0 || !summary.is_complete() {
        Err(Failure::Incomplete)
    } else {
        Ok(())
    }
}
