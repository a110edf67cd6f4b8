//! `ringcheck soak`: calls for a long time over connections that are killed, and a look whether anything is left of them.

mod server;
mod view;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use self::server::Server;
use self::view::View;
use super::flood::keep;
use super::output::Output;
use super::reach::AccessArgs;
use super::reports::{json, write_json};
use super::serve::{Time, timer_scale};
use super::top::operators;
use super::{Failure, leave, runtime, seed_from_clock};
use crate::explore::Fault;
use crate::operators::Operators;
use crate::soak::{Ended, Report, Sample, Soak, soak as soaked, summary};
use crate::target::Reach;

/// Whom to soak, and for how long.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck soak --duration 10m                     a server of its own, with clocks twenty times as fast
  ringcheck soak --duration 1h --users 1000 --rate 500 --kills-per-second 20 --report json=soak.json
  ringcheck serve --timer-scale 0.05 --admin-listen 127.0.0.1:7001
  ringcheck soak --target ws://127.0.0.1:7000 --operators http://127.0.0.1:7001

In each round users log in, call each other while connections are closed, reset or left standing, and go, half of them
without a goodbye. Then sessions, connections, invitations and open files have to be no more than before the first round,
and memory at most 10% and 4 MiB more than after the first. What the server does not say is not seen, which is no pass.")]
pub(super) struct Args {
    /// The server to soak, with nobody else on it [default: one of its own, as a process beside this one]
    #[arg(long, value_name = "ws://…")]
    target: Option<String>,

    /// Where that server tells operators its metrics
    #[arg(long, value_name = "http://…", requires = "target")]
    operators: Option<String>,

    /// How long calls are begun, in all rounds together
    #[arg(long, value_name = "TIME", default_value = "1m")]
    duration: Time,

    /// In how many rounds, each with users of its own; memory is compared from two on
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,

    /// Users of each round, half of them callers
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    users: u32,

    /// Calls per second
    #[arg(long, value_name = "CALLS", default_value = "50", value_parser = super::flood::rate)]
    rate: f64,

    /// Connections that are killed in a second
    #[arg(long, value_name = "N", default_value = "5", value_parser = super::flood::rate)]
    kills_per_second: f64,

    /// What chooses calls and kills; taken from the clock when left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Multiply every clock of its own server
    #[arg(long, value_name = "FACTOR", default_value = "0.05", value_parser = timer_scale, conflicts_with = "target")]
    timer_scale: f64,

    /// Write calls that broke the lifecycle into this folder, as `ringcheck flood` does
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,

    #[command(flatten)]
    access: AccessArgs,

    /// Write a report: `json=FILE`, where `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", value_parser = json)]
    report: Vec<PathBuf>,

    /// Have its own server deviate from the lifecycle: for checking checkers
    #[arg(long, hide = true, value_name = "NAME", value_parser = super::serve::fault, conflicts_with = "target")]
    fault: Option<Fault>,
}

/// Soaks; what was found decides the exit code.
pub(super) fn soak(args: &Args, output: &Output) -> Result<(), Failure> {
    let runtime = runtime()?;
    let interrupts = leave::counted(&runtime);
    let (_server, target, operators) = target(args)?;
    let plan = plan(args, target)?;
    let before = before(operators.as_ref())?;
    let probe = format!("f{:06x}.probe", plan.seed & 0xff_ffff);
    let reach = runtime.block_on(Reach::probe(&plan.target, &probe, &plan.access))?;
    output.tell(&format!(
        "{} users, {} calls/s, {} kills/s on {}; {} rounds of {:.1} s; seed {}",
        plan.users,
        plan.rate,
        plan.kills_per_s,
        plan.target,
        plan.rounds,
        plan.duration.as_secs_f64() / plan.rounds as f64,
        plan.seed
    ));
    let mut view = View::new(&plan, *output);
    let told = soaked(
        &plan,
        reach.clocks(),
        (operators.as_ref(), before),
        &interrupts,
        &mut |progress| view.show(progress),
    );
    view.finish();
    let report = told?;
    if let Some(folder) = &args.keep {
        let about = (&*plan.target, plan.seed);
        keep::write(folder, about, reach.clocks(), &report.kept, output)?;
    }
    output.tell(&summary(&report));
    for path in &args.report {
        write_json(path, &report, output)?;
    }
    result(&report, output)
}

/// The server to soak, and where it answers operators: the one that was named, or one of our own.
fn target(args: &Args) -> Result<(Option<Server>, String, Option<Operators>), Failure> {
    let Some(target) = &args.target else {
        let server = Server::start(args.timer_scale, args.fault)?;
        let (url, admin) = (server.url.clone(), server.operators.clone());
        return Ok((Some(server), url, Operators::at(&admin)));
    };
    let named = args.operators.as_deref();
    let operators = named.map(|url| operators("--operators", url)).transpose()?;
    Ok((None, target.clone(), operators))
}

fn plan(args: &Args, target: String) -> Result<Soak, Failure> {
    let threads = std::thread::available_parallelism();
    Ok(Soak {
        access: args.access.access(&target)?,
        target,
        users: args.users as usize,
        rate: args.rate,
        kills_per_s: args.kills_per_second,
        duration: args.duration.0,
        rounds: args.rounds as usize,
        seed: args.seed.unwrap_or_else(seed_from_clock),
        threads: threads.map_or(1, usize::from),
    })
}

/// What the server says before anybody has touched it.
fn before(operators: Option<&Operators>) -> Result<Sample, Failure> {
    let Some(operators) = operators else {
        return Ok(Sample::default());
    };
    let page = operators.page().map_err(|reason| Failure::NoMetrics {
        url: operators.url().to_owned(),
        reason,
    })?;
    Ok(Sample::of(&page, Duration::ZERO))
}

fn result(report: &Report, output: &Output) -> Result<(), Failure> {
    if report.ended == Ended::Died {
        Err(Failure::TargetDied)
    } else if report.is_bad() {
        Err(Failure::Findings)
    } else if let Some(doubt) = report.doubt() {
        output.tell(&format!("error: the run is invalid: {doubt}"));
        Err(Failure::Invalid)
    } else if report.is_whole() {
        Ok(())
    } else {
        Err(Failure::Incomplete)
    }
}
