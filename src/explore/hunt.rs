//! Many seeds, on as many threads as are wanted, and always the same result.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use ringcheck_reference::fault::Fault;

use super::goals::Goals;
use super::plan::Plan;
use super::play::play;
use super::trouble::Trouble;
use super::weigh::{Violation, weigh};
use crate::sharing::in_order;

/// Which seeds to play, and how.
#[derive(Debug, Clone, Copy)]
pub struct Hunt {
    /// The first seed.
    pub first: u64,
    /// How many.
    pub seeds: u64,
    /// Whether to go on after a violation.
    pub keep_going: bool,
    /// On how many threads.
    pub jobs: NonZeroUsize,
    /// A deviation of the reference to switch on.
    pub fault: Option<Fault>,
}

/// What one seed came to.
#[derive(Debug)]
pub struct Seed {
    /// Which.
    pub seed: u64,
    /// How many users took part.
    pub users: u64,
    /// How many invitations were sent.
    pub invitations: u64,
    /// How many calls and callbacks were judged.
    pub events: u64,
    /// How often something went wrong on purpose.
    pub faults: u64,
    /// What went wrong on purpose.
    pub troubles: Vec<Trouble>,
    /// What was reached.
    pub goals: Goals,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

impl Seed {
    /// Plays one seed.
    pub fn play(seed: u64, fault: Option<Fault>) -> Self {
        let plan = Plan::draw(seed);
        let played = play(&plan, fault);
        let mut goals = Goals::default();
        goals.note(&played);
        let weather = [
            Trouble::Delay,
            Trouble::SlowReader,
            Trouble::Skew,
            Trouble::Burst,
        ];
        let faults = played.struck.iter().map(
            |(trouble, times)| {
                if weather.contains(trouble) { 1 } else { *times }
            },
        );
        Self {
            seed,
            users: plan.users() as u64,
            invitations: played.ids.iter().flatten().count() as u64,
            events: played.history.events.len() as u64,
            faults: faults.sum(),
            troubles: played.struck.keys().copied().collect(),
            goals,
            violations: weigh(&played),
        }
    }
}

/// Plays the seeds. Each is handed to `finished` in the order of seeds, whatever threads there are; after the first with
/// a violation none is, unless it is to keep going.
pub fn hunt(hunt: &Hunt, mut finished: impl FnMut(Seed)) {
    let play = |place| Seed::play(hunt.first.wrapping_add(place), hunt.fault);
    in_order(hunt.jobs, 0..hunt.seeds, play, |seed| {
        let is_over = !seed.violations.is_empty() && !hunt.keep_going;
        finished(seed);
        if is_over {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
}
