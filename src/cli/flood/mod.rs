//! `ringcheck flood`: calls by the thousand, every one judged and accounted for.

mod baseline;
pub(super) mod keep;
mod plan;
mod preflight;
mod profile;
mod search;
mod told;
mod view;

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::{ArgGroup, Args as ClapArgs};

use self::baseline::Baseline;
use self::search::{Range, Search, Step};
use self::told::Files;
use self::view::View;
use super::output::Output;
use super::reach::AccessArgs;
use super::reports::{Reports, Wanted};
use super::{Failure, runtime};
use crate::flood::report::{self, Report};
use crate::flood::{Ended, FloodError, Mix, Outcome, Pace, Plan, Spread, Storm, Threshold};
use crate::history::Clocks;
use crate::target::{Embedded, Reach};

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
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --baseline flood.json --max-regression 10%
  ringcheck flood --target ws://127.0.0.1:7000 --search 100..50000 --threshold 'p99(answer)<20ms' --duration 5s
  ringcheck flood --target ws://127.0.0.1:7000 --rate 500 --storm 5s=50% --logins-per-second 200
  ringcheck flood --calibrate

A rate is kept whatever the target does, and times are counted from when a call was due. With --in-flight each pair
waits for its calls instead, which hides how long others would have waited.")]
#[command(group = ArgGroup::new("model").args(["rate", "stages", "in_flight", "search", "calibrate"]))]
pub(super) struct Args {
    /// A YAML file that says the same as flags, which go before it, and names scenarios as flows:
    /// `flows: [{scenario: accept.yaml, weight: 70}]`
    #[arg(value_name = "PROFILE.yaml")]
    profile: Option<PathBuf>,

    /// The server to flood
    #[arg(long, value_name = "ws://…")]
    target: Option<String>,

    /// Calls per second, at random moments as those of many people
    #[arg(long, value_name = "CALLS", value_parser = rate)]
    rate: Option<f64>,

    /// Rates over time: `10s@0..500,30s@500,5s@5000` rises, stays, and leaps; they say how long calls are begun
    #[arg(long, value_name = "TIME@RATE,…", conflicts_with_all = ["duration", "warm_up"])]
    stages: Option<Pace>,

    /// Calls of each pair at once, each begun when another has ended
    #[arg(long, value_name = "CALLS")]
    in_flight: Option<NonZeroUsize>,

    /// Search the highest rate between two that meets the thresholds, each tried for the duration: `100..50000`
    #[arg(long, value_name = "FROM..TO", requires = "threshold", conflicts_with_all = ["keep", "hdr", "times", "baseline"])]
    search: Option<Range>,

    /// Print what this machine itself takes for a call, with a server in this process and nobody else in the way
    #[arg(long, conflicts_with_all = ["target", "threshold", "keep", "baseline"])]
    calibrate: bool,

    /// Space the calls of a rate evenly
    #[arg(long, conflicts_with = "in_flight")]
    even: bool,

    /// Calls at once, at a rate; what is due beyond that is skipped, and counted
    #[arg(long, value_name = "CALLS", default_value = "100000")]
    in_flight_max: NonZeroUsize,

    /// Pairs of a caller and a callee [default: 100]
    #[arg(long, value_name = "PAIRS", value_parser = clap::value_parser!(u32).range(1..=PAIRS_MAX))]
    pairs: Option<u32>,

    /// Users, half of them callers, instead of pairs
    #[arg(long, value_name = "USERS", conflicts_with = "pairs", value_parser = clap::value_parser!(u32).range(2..=2 * PAIRS_MAX))]
    users: Option<u32>,

    /// How long calls are begun [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = time)]
    duration: Option<Duration>,

    /// How long calls are made before they count [default: 0s]
    #[arg(long, value_name = "TIME", value_parser = time_or_none)]
    warm_up: Option<Duration>,

    /// How long to wait at the end for calls on their way [default: 5s, and as long as the plan lets them take]
    #[arg(long, value_name = "TIME", value_parser = time_or_none)]
    drain: Option<Duration>,

    /// What becomes of calls, by weight: accept, refuse, cancel, expire [default: accept=1]
    #[arg(long, value_name = "COURSE=WEIGHT,…")]
    mix: Option<Mix>,

    /// How long callees take to answer: a time, or `uniform:1s..3s`, `exponential:2s`, `lognormal:2s:0.5` [default: 0s]
    #[arg(long, value_name = "TIMES")]
    ring: Option<Spread>,

    /// How long callers take to cancel once it rings, written likewise [default: 0s]
    #[arg(long, value_name = "TIMES")]
    patience: Option<Spread>,

    /// The length of what calls carry [default: 32]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(0..=8192))]
    content_bytes: Option<u32>,

    /// What chooses moments, courses and texts; taken from the clock when left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Threads, each with pairs of its own [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Log-ins under way at once on each thread
    #[arg(long, value_name = "N", default_value = "64")]
    logins_at_once: NonZeroUsize,

    /// How many log-ins are begun in a second at most; the calls begin when everybody is there
    #[arg(long, value_name = "N", value_parser = rate)]
    logins_per_second: Option<f64>,

    /// Cut the connections of a share of the users so long after the first call, as `5s=50%`; may be repeated
    #[arg(long, value_name = "TIME=SHARE")]
    storm: Vec<Storm>,

    /// Connect from this address, or from each of `FIRST..LAST` in turn, where one has too few ports; may be repeated
    #[arg(long, value_name = "ADDRESS", value_parser = plan::sources)]
    source: Vec<Vec<IpAddr>>,

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

    /// Compare with the report of an earlier flood; what has become worse is a finding
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// How much worse than the baseline is allowed
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = baseline::share, requires = "baseline")]
    max_regression: f64,

    /// Write the histograms of every second and leg as an HDR log, whose lines add up without loss
    #[arg(long, value_name = "FILE")]
    hdr: Option<PathBuf>,

    /// Write when every call was intended, started and ended, as CSV
    #[arg(long, value_name = "FILE")]
    times: Option<PathBuf>,

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

pub(super) fn rate(text: &str) -> Result<f64, String> {
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
    let plan = plan::plan(args)?;
    // Before the reports are opened, one of which may take its place.
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let reports = Reports::open(&args.report, None)?;
    if args.calibrate {
        return calibrate(args, plan, reports, output);
    }
    preflight::check(&plan)?;
    let runtime = runtime()?;
    let probe = format!("f{:06x}.probe", plan.seed & 0xff_ffff);
    let reach = runtime.block_on(Reach::probe(&plan.target, &probe, &plan.access));
    let clocks = match reach {
        Ok(reach) => reach.clocks(),
        Err(error) => {
            kept_out(&plan, reports)?;
            return Err(error.into());
        }
    };
    let interrupts = super::leave::counted(&runtime);
    if let Some(range) = &args.search {
        return search(args, (&plan, range), reports, (clocks, &interrupts), output);
    }
    output.tell(&format!(
        "{} users log in to {}; seed {}",
        2 * plan.pairs,
        plan.target,
        plan.seed
    ));
    let played = play(args, &plan, clocks, &interrupts, output);
    let (outcome, reports) = or_kept_out(played, &plan, reports)?;
    let report = Report::new(&plan, &outcome);
    let written = reports.close_flood(&report);
    if let Some(folder) = &args.keep {
        let about = (&*plan.target, plan.seed);
        keep::write(folder, about, clocks, &outcome.kept, output)?;
    }
    output.tell(&report::summary(&report));
    written?;
    let worse = baseline.map(|baseline| baseline.worse(&outcome, args.max_regression));
    let worse = worse.unwrap_or_default();
    for one in &worse {
        output.tell(one);
    }
    result(&report, output)?;
    if worse.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

/// Makes the calls of a plan, with the files that grow meanwhile. If nobody can be flooded, the report says so.
fn play(
    args: &Args,
    plan: &Plan,
    clocks: Clocks,
    interrupts: &AtomicUsize,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut files = Files::open(plan, args.hdr.as_deref(), args.times.as_deref())?;
    let view = View::new(plan, *output);
    let outcome = crate::flood::flood(plan, clocks, interrupts, &mut |told| {
        files.told(told);
        if let Some(second) = told.second {
            view.second(second);
        }
    });
    view.finish();
    let outcome = outcome?;
    files.close()?;
    Ok(outcome)
}

/// What a flood came to, or its report if not everybody was let in.
fn or_kept_out(
    played: Result<Outcome, Failure>,
    plan: &Plan,
    reports: Reports,
) -> Result<(Outcome, Reports), Failure> {
    match played {
        Ok(outcome) => Ok((outcome, reports)),
        Err(failure) => {
            if matches!(failure, Failure::Flood(FloodError::KeptOut { .. })) {
                kept_out(plan, reports)?;
            }
            Err(failure)
        }
    }
}

/// The report of a flood for which nobody could log in: nothing was planned, and it says why nothing was.
fn kept_out(plan: &Plan, reports: Reports) -> Result<(), Failure> {
    reports.close_flood(&Report::new(plan, &Outcome::kept_out()))
}

/// Searches the highest rate that meets everything, and reports the flood that confirmed it.
fn search(
    args: &Args,
    (plan, range): (&Plan, &Range),
    mut reports: Reports,
    (clocks, interrupts): (Clocks, &AtomicUsize),
    output: &Output,
) -> Result<(), Failure> {
    let mut search = Search::new(range.clone());
    loop {
        let step = search.next();
        let (Step::Try(rate) | Step::Confirm(rate)) = step else {
            output.tell("no rate of the range meets the thresholds");
            return Err(Failure::Findings);
        };
        let plan = plan::at(plan, rate);
        let played = play(args, &plan, clocks, interrupts, output);
        let outcome;
        (outcome, reports) = or_kept_out(played, &plan, reports)?;
        let report = Report::new(&plan, &outcome);
        if outcome.ended == Ended::Died || interrupts.load(Ordering::Relaxed) > 0 {
            output.tell(&report::summary(&report));
            reports.close_flood(&report)?;
            return result(&report, output);
        }
        let is_met = result(&report, output).is_ok();
        let end = search.tried(step, is_met);
        if let Some(trial) = search.trials.last() {
            output.tell(&trial.to_string());
        }
        match end {
            None => {}
            Some(Step::Done(Some(rate))) => {
                output.tell(&report::summary(&report));
                output.tell(&format!(
                    "the highest rate that meets the thresholds: {rate:.0} calls/s"
                ));
                return reports.close_flood(&report);
            }
            Some(Step::Try(_) | Step::Confirm(_) | Step::Done(None)) => {
                output.tell("no rate of the range meets the thresholds whenever it is tried");
                return Err(Failure::Findings);
            }
        }
    }
}

/// What this machine takes for a call that nobody else is in the way of: no flood from here can show less.
fn calibrate(args: &Args, plan: Plan, reports: Reports, output: &Output) -> Result<(), Failure> {
    let server = Embedded::start(1.0)?;
    let plan = plan::floor(plan, server.url());
    let interrupts = AtomicUsize::new(0);
    let outcome = play(args, &plan, server.clocks(), &interrupts, output)?;
    let report = Report::new(&plan, &outcome);
    output.tell(&report::summary(&report));
    output.tell("this is the floor of this machine: no flood from here can show less");
    reports.close_flood(&report)
}

/// What a flood came to, or several as one, as an exit code.
pub(super) fn result(report: &Report, output: &Output) -> Result<(), Failure> {
    match report.ended {
        Ended::Died => return Err(Failure::TargetDied),
        Ended::KeptOut => return Err(Failure::Unfit),
        Ended::AsPlanned | Ended::Interrupted => {}
    }
    if let Some(why) = &report.generator.invalid {
        output.tell(&format!("error: the run is invalid: {why}"));
        return Err(Failure::Invalid);
    }
    let demands = &report.thresholds;
    let is_said = |about: fn(&Threshold) -> bool| demands.iter().any(|met| about(&met.threshold));
    // Whoever says how many may fail or come to nothing takes that many for good.
    let fails = report.counts.failed > 0 && !is_said(Threshold::is_about_failed);
    if report.violations > 0 || fails || demands.iter().any(|met| !met.is_met) {
        return Err(Failure::Findings);
    }
    let is_open = report.counts.indeterminate > 0 && !is_said(Threshold::is_about_indeterminate);
    if is_open || report.ended == Ended::Interrupted {
        return Err(Failure::Incomplete);
    }
    Ok(())
}
