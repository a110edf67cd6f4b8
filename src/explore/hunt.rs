//! Many seeds, on as many threads as are wanted, and always the same result.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use ringcheck_reference::fault::Fault;

use super::goals::Goals;
use super::plan::Plan;
use super::play::play;
use super::trouble::Trouble;
use super::weigh::{Violation, weigh};

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
    let next = AtomicU64::new(0);
    let stop = AtomicU64::new(u64::MAX);
    std::thread::scope(|scope| {
        // A few more than the threads, so that one slow seed does not let the others heap up.
        let (sender, seeds) = mpsc::sync_channel::<(u64, Seed)>(hunt.jobs.get() * 64);
        for _ in 0..hunt.jobs.get() {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= hunt.seeds || place > stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let seed = Seed::play(hunt.first.wrapping_add(place), hunt.fault);
                    if !seed.violations.is_empty() && !hunt.keep_going {
                        stop.fetch_min(place, Ordering::Relaxed);
                    }
                    if sender.send((place, seed)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let mut over = false;
        for (place, seed) in seeds {
            waiting.insert(place, seed);
            while let Some(seed) = waiting.remove(&due) {
                due += 1;
                if !over {
                    over = !seed.violations.is_empty() && !hunt.keep_going;
                    finished(seed);
                }
            }
        }
    });
}
