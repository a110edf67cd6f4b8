//! `ringcheck flood`: calls by the thousand, every one judged and accounted for.

mod keep;
mod view;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args as ClapArgs};

use self::view::View;
use super::output::Output;
use super::reach::AccessArgs;
use super::reports::{Reports, Wanted};
use super::{Failure, runtime};
use crate::flood::report::{self, Report};
use crate::flood::{Ended, Mix, Model, Outcome, Pace, Plan, Spacing, Spread, Threshold};
use crate::target::Reach;

/// Whom to flood, with what, and how fast.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --duration 30s
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --mix accept=70,refuse=15,cancel=10,expire=5
  ringcheck flood --target ws://127.0.0.1:7000 --rate 200 --ring lognormal:4s:0.5 --users 4000
  ringcheck flood --target ws://127.0.0.1:7000 --stages 10s@0..500,30s@500,5s@5000,30s@500
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --threshold 'p99(answer)<20ms' --threshold 'rate>=490'
  ringcheck flood --target ws://127.0.0.1:7000 --pairs 100 --in-flight 1   closed: as fast as it goes
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --report json=flood.json --report html=flood.html

A rate is kept whatever the target does, and times are counted from when a call was due. With --in-flight each pair
waits for its calls instead, which hides how long others would have waited.")]
#[command(group = ArgGroup::new("model").required(true).args(["rate", "stages", "in_flight"]))]
pub(super) struct Args {
    /// The server to flood
    #[arg(long, value_name = "ws://…")]
    target: String,

    /// Calls per second, at random moments as those of many people
    #[arg(long, value_name = "CALLS", value_parser = rate)]
    rate: Option<f64>,

    /// Rates over time: `10s@0..500,30s@500,5s@5000` rises, stays, and leaps; they say how long calls are begun
    #[arg(long, value_name = "TIME@RATE,…", conflicts_with_all = ["duration", "warm_up"])]
    stages: Option<Pace>,

    /// Calls of each pair at once, each begun when another has ended
    #[arg(long, value_name = "CALLS")]
    in_flight: Option<NonZeroUsize>,

    /// Space the calls of a rate evenly
    #[arg(long, conflicts_with = "in_flight")]
    even: bool,

    /// Calls at once, at a rate; what is due beyond that is skipped, and counted
    #[arg(long, value_name = "CALLS", default_value = "100000")]
    in_flight_max: NonZeroUsize,

    /// Pairs of a caller and a callee
    #[arg(long, value_name = "PAIRS", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=PAIRS_MAX))]
    pairs: u32,

    /// Users, half of them callers, instead of pairs
    #[arg(long, value_name = "USERS", conflicts_with = "pairs", value_parser = clap::value_parser!(u32).range(2..=2 * PAIRS_MAX))]
    users: Option<u32>,

    /// How long calls are begun
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    duration: Duration,

    /// How long calls are made before they count
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = time_or_none)]
    warm_up: Duration,

    /// How long to wait at the end for calls on their way [default: 5s, and as long as the plan lets them take]
    #[arg(long, value_name = "TIME", value_parser = time_or_none)]
    drain: Option<Duration>,

    /// What becomes of calls, by weight: accept, refuse, cancel, expire
    #[arg(long, value_name = "COURSE=WEIGHT,…", default_value = "accept=1")]
    mix: Mix,

    /// How long callees take to answer: a time, or `uniform:1s..3s`, `exponential:2s`, `lognormal:2s:0.5`
    #[arg(long, value_name = "TIMES", default_value = "0s")]
    ring: Spread,

    /// How long callers take to cancel once it rings, written likewise
    #[arg(long, value_name = "TIMES", default_value = "0s")]
    patience: Spread,

    /// The length of what calls carry
    #[arg(long, value_name = "BYTES", default_value = "32", value_parser = clap::value_parser!(u32).range(0..=8192))]
    content_bytes: u32,

    /// What chooses moments, courses and texts; taken from the clock when left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Threads, each with pairs of its own [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Log-ins under way at once on each thread
    #[arg(long, value_name = "N", default_value = "64")]
    logins_at_once: NonZeroUsize,

    /// What must be reached, as `p99(answer)<20ms`, `violations==0`, `indeterminate<0.1%` or `rate>=500`; may be repeated
    #[arg(long, value_name = "THRESHOLD")]
    threshold: Vec<Threshold>,

    /// How late 99 of 100 calls may be begun; beyond that the generator is saturated and the run invalid
    #[arg(long, value_name = "TIME", default_value = "20ms", value_parser = time)]
    start_lag_max: Duration,

    /// Measure without judging, to see what judging costs
    #[arg(long)]
    no_judge: bool,

    /// Write calls that broke the lifecycle into this folder, three for each requirement: a history of both ends, which
    /// `ringcheck verify` reads, and a scenario that makes the call again, for `ringcheck run`
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_judge")]
    keep: Option<PathBuf>,

    #[command(flatten)]
    access: AccessArgs,

    /// Write a report, `-` for standard output; may be given several times. Formats: json, html, text
    #[arg(long, value_name = "FORMAT=PATH", value_parser = Wanted::of_flood)]
    report: Vec<Wanted>,
}

/// More users than files can be opened for anywhere.
const PAIRS_MAX: i64 = 1_000_000;

/// The highest rate that can be asked for.
const RATE_MAX: f64 = 10_000_000.0;

/// The longest time that can be asked for.
const TIME_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| *rate > 0.0);
    rate.filter(|rate| *rate <= RATE_MAX)
        .ok_or_else(|| format!("expected calls per second above 0 and up to {RATE_MAX}"))
}

fn time(text: &str) -> Result<Duration, String> {
    let time = time_or_none(text)?;
    if time.is_zero() {
        return Err("expected more than no time at all".to_owned());
    }
    Ok(time)
}

fn time_or_none(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as `200ms`, `10s` or `5m`"))?;
    if time > TIME_MAX {
        return Err("expected a week at most".to_owned());
    }
    Ok(time)
}

/// Floods and judges; what was found decides the exit code.
pub(super) fn flood(args: &Args, output: &Output) -> Result<(), Failure> {
    let plan = plan(args)?;
    let reports = Reports::open(&args.report, None)?;
    let runtime = runtime()?;
    let probe = format!("f{:06x}.probe", plan.seed & 0xff_ffff);
    let reach = runtime.block_on(Reach::probe(&plan.target, &probe, &plan.access))?;
    let interrupts = Arc::new(AtomicUsize::new(0));
    let heard = interrupts.clone();
    runtime.spawn(async move {
        loop {
            super::leave::told().await;
            heard.fetch_add(1, Ordering::Relaxed);
        }
    });
    output.tell(&format!(
        "{} users log in to {}; seed {}",
        2 * plan.pairs,
        plan.target,
        plan.seed
    ));
    let view = View::new(&plan, *output);
    let outcome = crate::flood::flood(&plan, reach.clocks(), &interrupts, &mut |second| {
        view.second(second);
    })?;
    view.finish();
    let report = Report::new(&plan, &outcome);
    let written = reports.close_flood(&report);
    if let Some(folder) = &args.keep {
        keep::write(folder, &plan, reach.clocks(), &outcome.kept, output)?;
    }
    output.tell(&report::summary(&report));
    written?;
    result(&plan, &outcome, output)
}

fn plan(args: &Args) -> Result<Plan, Failure> {
    let seed = args.seed.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64 % 1_000_000_007)
    });
    let (warm_up, duration) = match &args.stages {
        Some(stages) => (Duration::ZERO, stages.lasts()),
        None => (args.warm_up, args.duration),
    };
    let pace = args
        .rate
        .map(|rate| Pace::constant(rate, warm_up + duration));
    let model = match (args.stages.clone().or(pace), args.in_flight) {
        (Some(pace), _) => Model::Open {
            pace,
            spacing: if args.even {
                Spacing::Even
            } else {
                Spacing::Poisson
            },
            in_flight_max: args.in_flight_max.get(),
        },
        (None, in_flight) => Model::Closed {
            in_flight: in_flight.map_or(1, NonZeroUsize::get),
        },
    };
    let pairs = args.users.map_or(args.pairs, |users| users / 2);
    let threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok());
    Ok(Plan {
        target: args.target.clone(),
        access: args.access.access(&args.target)?,
        pairs: pairs as usize,
        model,
        mix: args.mix,
        content_bytes: args.content_bytes as usize,
        ring: args.ring,
        patience: args.patience,
        warm_up,
        duration,
        drain: args.drain,
        seed,
        threads: threads.map_or(1, NonZeroUsize::get),
        logins_at_once: args.logins_at_once.get(),
        start_lag_max: args.start_lag_max,
        thresholds: args.threshold.clone(),
        is_judging: !args.no_judge,
    })
}

fn result(plan: &Plan, outcome: &Outcome, output: &Output) -> Result<(), Failure> {
    let measures = &outcome.measures;
    if outcome.ended == Ended::Died {
        return Err(Failure::TargetDied);
    }
    if let Some(why) = outcome.invalid(plan) {
        output.tell(&format!("error: the run is invalid: {why}"));
        return Err(Failure::Invalid);
    }
    let thresholds = &plan.thresholds;
    let is_missed = thresholds.iter().any(|one| !one.check(outcome).is_met);
    // Whoever says how many may fail or come to nothing takes that many for good.
    let fails = measures.counts.failed > 0 && !thresholds.iter().any(Threshold::is_about_failed);
    if measures.violations > 0 || fails || is_missed {
        return Err(Failure::Findings);
    }
    let is_open = measures.counts.indeterminate > 0
        && !thresholds.iter().any(Threshold::is_about_indeterminate);
    if is_open || outcome.ended == Ended::Interrupted {
        return Err(Failure::Incomplete);
    }
    Ok(())
}
