//! The calls and kills of one round, as a flood that is in no hurry.

use std::time::Duration;

use super::Soak;
use crate::flood::{Kills, Mix, Model, Pace, Plan, Spacing, Spread};
use crate::history::Clocks;

/// What becomes of the calls: everything that can, and mostly what people do.
const MIX: Mix = Mix::of([5, 2, 2, 1]);

/// Longer contents than most, so that what is not given back shows.
const CONTENT_BYTES: usize = 512;

/// Log-ins under way at once on each thread.
const LOGINS_AT_ONCE: usize = 64;

/// Calls at once; beyond that nothing ends any more, and that is known by then.
const IN_FLIGHT_MAX: usize = 100_000;

/// How long people take to come back after a client tries again, and calls to end after their clocks, at the end.
const BEYOND: Duration = Duration::from_secs(10);

/// The plan of a round, each with users, calls and kills of its own.
pub(super) fn plan(soak: &Soak, round: usize, clocks: &Clocks) -> Plan {
    let duration = soak.duration / u32::try_from(soak.rounds).unwrap_or(u32::MAX);
    // Some take longer than it rings.
    let people = Spread::Exponential(clocks.expiry / 6);
    // Two in three come back to their session, and the others find that it is over. None is away for as long as a target
    // remembers how calls have ended.
    let away_max = clocks.presence_grace * 3 / 2;
    Plan {
        target: soak.target.clone(),
        access: soak.access.clone(),
        pairs: (soak.users / 2).max(1),
        model: Model::Open {
            pace: Pace::constant(soak.rate, duration),
            spacing: Spacing::Poisson,
            in_flight_max: IN_FLIGHT_MAX,
        },
        mix: MIX,
        flows: Vec::new(),
        content_bytes: CONTENT_BYTES,
        ring: people,
        patience: people,
        warm_up: Duration::ZERO,
        duration,
        drain: Some(away_max + clocks.longest_life() + clocks.cancel_bound + BEYOND),
        seed: soak.seed.wrapping_add(round as u64),
        threads: soak.threads,
        logins_at_once: LOGINS_AT_ONCE,
        logins_per_s: None,
        sources: Vec::new(),
        storms: Vec::new(),
        kills: Some(Kills {
            per_s: soak.kills_per_s,
            away_max,
        }),
        tells_times: false,
        // Late calls are calls as well: nobody measures how long they take.
        start_lag_max: Duration::MAX,
        thresholds: Vec::new(),
        is_judging: true,
    }
}
