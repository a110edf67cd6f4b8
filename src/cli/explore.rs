//! `ringcheck explore`: random users, calls and answers under a swarm of troubles, every history judged.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Instant;

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use super::reports::{json, write_json};
use super::telling::progress;
use crate::explore::{
    Fault, Hunt, Plan, Report, Seed, Violation, hunt, play, script, shrink, weigh,
};
use crate::history::file::{Opening, write as write_history};
use crate::runner::{Verdict, simulate};
use crate::scenario::write;

/// The most goals that are named when they were missed.
const NAMED_MAX: usize = 12;

/// How far to explore.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Each seed draws users, invitations, answers and what goes wrong, plays them in simulated time on the reference's own
cores, and has the history judged. The same seed always comes to the same, whatever `--jobs` says.

Examples:
  ringcheck explore --seeds 10000                   as many different worlds
  ringcheck explore --seed 4711 --seeds 1           one of them again
  ringcheck explore --seeds 100000 --keep-going --report json=explore.json")]
pub(super) struct Args {
    /// How many seeds to play
    #[arg(long, default_value = "1000", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// The first of them
    #[arg(long, default_value = "1", value_name = "N")]
    seed: u64,

    /// Go on after a seed in which something is wrong
    #[arg(long)]
    keep_going: bool,

    /// How many seeds to play at once [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Thin out each seed in which something is wrong to what is needed for it, and write that into this folder: as a
    /// scenario, and its history
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Write a report: `json=FILE`, where `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", value_parser = json)]
    report: Vec<PathBuf>,

    /// Switch on a deviation of the reference; `ringcheck selftest` names them
    #[arg(long, value_name = "NAME", value_parser = super::selftest::simulated_fault, hide = true)]
    fault: Option<Fault>,
}

/// Explores; what was found decides the exit code.
pub(super) fn explore(args: &Args, output: &Output) -> Result<(), Failure> {
    let cores = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let seeds = Hunt {
        first: args.seed,
        seeds: args.seeds,
        keep_going: args.keep_going,
        jobs: args.jobs.unwrap_or_else(cores),
        fault: args.fault,
    };
    let bar = progress(usize::try_from(args.seeds).unwrap_or(usize::MAX), output);
    let mut found = Report::new(args.seed);
    let began = Instant::now();
    let mut kept = Ok(());
    hunt(&seeds, |seed| {
        found.add(&seed);
        bar.inc(1);
        bar.set_message(format!(
            "{} invitations, {} faults, {} violations",
            found.invitations, found.faults_injected, found.violations
        ));
        if !seed.violations.is_empty() {
            bar.suspend(|| tell(&seed, args, output));
            if let (Some(folder), Ok(())) = (&args.out, &kept) {
                kept = bar.suspend(|| keep(folder, &seed, args.fault, output));
            }
        }
    });
    kept?;
    bar.finish_and_clear();
    found.close(began.elapsed());
    let missed = close(&found, output);
    for path in &args.report {
        write_json(path, &found, output)?;
    }
    if found.violations > 0 {
        Err(Failure::Findings)
    } else if missed {
        Err(Failure::Incomplete)
    } else {
        Ok(())
    }
}

/// Tells what is wrong in a seed, and how to see it again.
fn tell(seed: &Seed, args: &Args, output: &Output) {
    let mut told = format!("seed {}:\n", seed.seed);
    for violation in &seed.violations {
        told.push_str(&violation.to_string());
        told.push('\n');
    }
    output.tell(&format!("{told}again: {}\n", again(seed.seed, args.fault)));
}

/// Thins out the plan of a seed, and writes what is left of it into a folder.
fn keep(folder: &Path, seed: &Seed, fault: Option<Fault>, output: &Output) -> Result<(), Failure> {
    let mut found = seed.violations.iter();
    let certain = found.find(|violation| violation.is_certain());
    let Some(first) = certain.or_else(|| seed.violations.first()) else {
        return Ok(());
    };
    let plan = shrink(&Plan::draw(seed.seed), fault, &first.kind());
    let played = play(&plan, fault);
    let found = weigh(&played);
    let same = found.iter().find(|one| one.kind() == first.kind());
    let same = same.unwrap_or(first);
    let path = folder.join(format!("seed-{}.jsonl", seed.seed));
    let opening = Opening {
        target: "explore".to_owned(),
        scenario: String::new(),
        seed: Some(seed.seed),
    };
    let mut text = Vec::new();
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| write_history(&mut text, &opening, &played.history));
    written.map_err(|source| Failure::Write {
        path: path.clone(),
        source,
    })?;
    write_file(&path, &text)?;
    let size = format!(
        "thinned out to {} users, {} invitations and {} mishaps: {}",
        plan.users(),
        plan.rings.len(),
        plan.mishaps.len(),
        path.display()
    );
    output.tell(&format!(
        "{size}\n{}\n",
        scenario(folder, seed.seed, (&plan, same), fault)?
    ));
    Ok(())
}

/// Writes the scenario that a plan is. What to tell about it.
fn scenario(
    folder: &Path,
    seed: u64,
    (plan, found): (&Plan, &Violation),
    fault: Option<Fault>,
) -> Result<String, Failure> {
    let path = folder.join(format!("seed-{seed}.yaml"));
    let Some(scenario) = script(plan, fault, found, path.clone()) else {
        return Ok(
            "the language has no step for what goes wrong in it, so it is no scenario".to_owned(),
        );
    };
    write_file(&path, write(&scenario).as_bytes())?;
    let outcome = simulate(&scenario, ("r", seed), fault);
    let again = outcome.is_ok_and(|outcome| outcome.verdict == Verdict::Failed);
    let fault = fault.map_or_else(String::new, |fault| format!(" --fault {}", fault.name()));
    let (file, steps) = (path.display(), scenario.steps.len());
    Ok(if again {
        format!("as {steps} steps: ringcheck run {file} --target sim{fault} --seed {seed}")
    } else {
        format!("as {steps} steps, which alone do not show it: {file}")
    })
}

fn write_file(path: &Path, text: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|source| Failure::Write {
        path: path.to_owned(),
        source,
    })
}

/// The command that plays a seed again.
fn again(seed: u64, fault: Option<Fault>) -> String {
    let fault = fault.map_or_else(String::new, |fault| format!(" --fault {}", fault.name()));
    format!("ringcheck explore --seed {seed} --seeds 1{fault}")
}

/// Tells what it came to. Whether a goal was missed.
fn close(found: &Report, output: &Output) -> bool {
    let missed = found.missed();
    output.tell(&format!(
        "{} seeds in {:.1} s: {} users, {} invitations, {} faults injected, {} of {} goals reached, {} seeds with violations",
        found.seeds,
        found.seconds,
        found.users,
        found.invitations,
        found.faults_injected,
        found.goals.len() - missed.len(),
        found.goals.len(),
        found.violations
    ));
    for name in missed.iter().take(NAMED_MAX) {
        output.tell(&format!("never reached: {name}"));
    }
    if missed.len() > NAMED_MAX {
        output.tell(&format!("and {} more", missed.len() - NAMED_MAX));
    }
    if !missed.is_empty() {
        output.tell("hint: more seeds reach more; `--seeds 1000` is usually enough for all");
    }
    !missed.is_empty()
}
