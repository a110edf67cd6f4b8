//! Flags as a plan.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::Args;
use super::profile::Profile;
use crate::cli::{Failure, seed_from_clock};
use crate::flood::{Model, Pace, Plan, Spacing, Spread};

/// How many pairs, how long and how much, where neither flags nor a profile say.
const PAIRS: u32 = 100;
const DURATION: Duration = Duration::from_secs(10);
const CONTENT_BYTES: u32 = 32;

/// What says when calls are begun.
#[derive(Debug, Default)]
struct When {
    rate: Option<f64>,
    stages: Option<Pace>,
    in_flight: Option<NonZeroUsize>,
}

/// The plan that the flags describe, and the profile where they are silent.
pub(super) fn plan(args: &Args) -> Result<Plan, Failure> {
    let file = match &args.profile {
        Some(path) => Profile::read(path)?,
        None => Profile::default(),
    };
    let flows = match &args.profile {
        Some(path) => file.flows(path)?,
        None => Vec::new(),
    };
    let target = args.target.clone().or_else(|| file.target.clone());
    if target.is_none() && !args.calibrate {
        let message =
            "a target is required\nhint: `--target ws://127.0.0.1:7000`, or `target:` in a profile";
        return Err(Failure::Usage(message.to_owned()));
    }
    let target = target.unwrap_or_default();
    let seed = args.seed.or(file.seed).unwrap_or_else(seed_from_clock);
    let when = when(args, &file)?;
    let (warm_up, duration) = match &when.stages {
        Some(stages) => (Duration::ZERO, stages.lasts()),
        None => (
            args.warm_up.or(file.warm_up).unwrap_or_default(),
            args.duration.or(file.duration).unwrap_or(DURATION),
        ),
    };
    let mut storms = args.storm.clone();
    storms.sort_by_key(|storm| storm.at);
    let users = args.users.map(|users| users / 2);
    let pairs = args.pairs.or(users).or(file.pairs).unwrap_or(PAIRS);
    let bytes = args.content_bytes.or(file.content_bytes);
    let threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok());
    let nothing = Spread::Fixed(Duration::ZERO);
    Ok(Plan {
        access: args.access.access(&target)?,
        target,
        pairs: pairs as usize,
        model: model(args, when, warm_up + duration),
        mix: args.mix.or(file.mix).unwrap_or_default(),
        // Whoever asks for a mix by a flag wants that one.
        flows: if args.mix.is_some() {
            Vec::new()
        } else {
            flows
        },
        content_bytes: bytes.unwrap_or(CONTENT_BYTES) as usize,
        ring: args.ring.or(file.ring).unwrap_or(nothing),
        patience: args.patience.or(file.patience).unwrap_or(nothing),
        warm_up,
        duration,
        drain: args.drain.or(file.drain),
        seed,
        threads: threads.map_or(1, NonZeroUsize::get),
        logins_at_once: args.logins_at_once.get(),
        logins_per_s: args.logins_per_second.or(file.logins_per_second),
        sources: args.source.concat(),
        storms,
        kills: None,
        tells_times: args.times.is_some(),
        start_lag_max: args.start_lag_max,
        thresholds: args
            .threshold
            .iter()
            .cloned()
            .chain(file.thresholds())
            .collect(),
        is_judging: !args.no_judge,
    })
}

/// When calls are begun, by the flags if one of them says it, and else by the profile.
fn when(args: &Args, file: &Profile) -> Result<When, Failure> {
    let flags = When {
        rate: args.rate,
        stages: args.stages.clone(),
        in_flight: args.in_flight,
    };
    let is_said = |when: &When| {
        usize::from(when.rate.is_some())
            + usize::from(when.stages.is_some())
            + usize::from(when.in_flight.is_some())
    };
    if is_said(&flags) == 1 || args.search.is_some() || args.calibrate {
        return Ok(flags);
    }
    let file = When {
        rate: file.rate,
        stages: file.stages.clone(),
        in_flight: file.in_flight,
    };
    match is_said(&file) {
        1 => Ok(file),
        0 => Err(Failure::Usage(
            "one of `--rate`, `--stages`, `--in-flight`, `--search` and `--calibrate` is required\nhint: `--rate 500`, or `rate: 500` in a profile".to_owned(),
        )),
        _ => Err(Failure::Usage(
            "a profile says one of `rate`, `stages` and `in-flight`, and not several".to_owned(),
        )),
    }
}

fn model(args: &Args, when: When, lasts: Duration) -> Model {
    let pace = when.rate.map(|rate| Pace::constant(rate, lasts));
    match when.stages.or(pace) {
        Some(pace) => Model::Open {
            pace,
            spacing: if args.even {
                Spacing::Even
            } else {
                Spacing::Poisson
            },
            in_flight_max: args.in_flight_max.get(),
        },
        None => Model::Closed {
            in_flight: when.in_flight.map_or(1, NonZeroUsize::get),
        },
    }
}

/// The same at another rate.
pub(super) fn at(plan: &Plan, rate: f64) -> Plan {
    Plan {
        model: Model::Open {
            pace: Pace::constant(rate, plan.warm_up + plan.duration),
            spacing: Spacing::Poisson,
            in_flight_max: IN_FLIGHT_MAX,
        },
        ..plan.clone()
    }
}

/// Calls at once of a search: more than any rate of it can have on their way unless the target is lost.
const IN_FLIGHT_MAX: usize = 100_000;

/// How long and how fast the floor is measured: long enough for a 99.9th percentile, and so slowly that no call meets another.
const FLOOR_LASTS: Duration = Duration::from_secs(5);
const FLOOR_RATE: f64 = 200.0;

/// The plan that shows the floor of this machine.
pub(super) fn floor(plan: Plan, target: String) -> Plan {
    let duration = plan.duration.min(FLOOR_LASTS);
    let plan = Plan {
        target,
        pairs: 10,
        threads: 1,
        warm_up: Duration::ZERO,
        duration,
        ..plan
    };
    Plan {
        model: Model::Open {
            pace: Pace::constant(FLOOR_RATE, duration),
            spacing: Spacing::Even,
            in_flight_max: IN_FLIGHT_MAX,
        },
        ..plan
    }
}

/// The most addresses that one flag names.
const SOURCES_MAX: u32 = 65_536;

/// An address, or each from the first to the last.
pub(super) fn sources(text: &str) -> Result<Vec<IpAddr>, String> {
    let address = |text: &str| {
        text.parse::<IpAddr>()
            .map_err(|_| format!("`{text}` is no address, as `127.0.0.2`"))
    };
    let Some((first, last)) = text.split_once("..") else {
        return Ok(vec![address(text)?]);
    };
    let (IpAddr::V4(first), IpAddr::V4(last)) = (address(first)?, address(last)?) else {
        return Err("only addresses of four numbers have a first and a last".to_owned());
    };
    let (first, last) = (u32::from(first), u32::from(last));
    if first > last || last - first >= SOURCES_MAX {
        return Err(format!(
            "expected 1 to {SOURCES_MAX} addresses from the first to the last"
        ));
    }
    Ok((first..=last)
        .map(|number| IpAddr::V4(Ipv4Addr::from(number)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_named_one_by_one_or_from_first_to_last() {
        assert_eq!(sources("127.0.0.2").unwrap().len(), 1);
        let some = sources("127.0.0.254..127.0.1.1").unwrap();
        assert_eq!(some.len(), 4);
        assert_eq!(some.last().unwrap().to_string(), "127.0.1.1");
        for wrong in [
            "localhost",
            "127.0.0.3..127.0.0.2",
            "10.0.0.0..10.9.0.0",
            "::1..::2",
        ] {
            assert!(sources(wrong).is_err(), "{wrong}");
        }
    }
}
