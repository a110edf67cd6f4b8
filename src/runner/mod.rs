//! Plays plans against a target, many at once, and tells of each as it ends.

mod command;
mod expect;
mod outcome;
mod play;
mod punctual;
mod race;
mod raw;
mod save;
mod simulate;
mod stage;
mod timeline;
mod verdict;

pub use outcome::{Outcome, Trouble, Verdict};
pub use play::play;
pub use simulate::simulate;

use play::play_watched;
use punctual::Punctuality;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::history::Clocks;
use crate::scenario::plan::Scenario;
use crate::target::Cast;

/// Lets [`play_all`] play them all.
pub async fn to_the_end(_: &Outcome) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// How scenarios are played.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// What the user ids of the run begin with.
    pub name: &'r str,
    /// What decides all that scenarios leave to chance.
    pub seed: u64,
    /// How many are played at once.
    pub jobs: usize,
    /// Whether the runner watches how late it is itself: what depends on time is left open then, and played once more.
    pub watched: bool,
}

/// How many scenarios are played at once that are played again: few, so that the runner has time for them.
const AGAIN_AT_ONCE: usize = 4;

/// Plays all scenarios, each in a space of user ids of its own.
///
/// `finished` hears of each as it ends, and may end it all, as when the target has died: that one and what is under way then
/// are given up. The outcomes come back in the order of the scenarios.
pub async fn play_all(
    scenarios: &[Arc<Scenario>],
    cast: &Arc<dyn Cast>,
    clocks: Clocks,
    run: &Run<'_>,
    mut finished: impl AsyncFnMut(&Outcome) -> ControlFlow<()>,
) -> Vec<Outcome> {
    let watch = run.watched.then(|| Arc::new(Punctuality::watch()));
    let round = Round {
        scenarios,
        cast,
        clocks,
        run,
        watch,
    };
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(scenarios.len());
    let mut late: Vec<(usize, Duration)> = Vec::new();
    let mut playing = round.begin(0..scenarios.len(), run.jobs, "");
    while let Some((index, outcome)) = next(&mut playing).await {
        if let Some(by) = outcome.late {
            late.push((index, by));
            continue;
        }
        if finished(&outcome).await.is_break() {
            return in_order(outcomes);
        }
        outcomes.push((index, outcome));
    }
    let again = late.iter().map(|(index, _)| *index);
    let mut playing = round.begin(again, run.jobs.min(AGAIN_AT_ONCE), "again.");
    while let Some((index, mut outcome)) = next(&mut playing).await {
        let first = late.iter().find(|(late, _)| *late == index);
        outcome.again_after = first.map(|(_, by)| *by);
        if finished(&outcome).await.is_break() {
            break;
        }
        outcomes.push((index, outcome));
    }
    in_order(outcomes)
}

/// The next scenario that ends. What panicked is left out, as what was given up.
async fn next(playing: &mut JoinSet<(usize, Outcome)>) -> Option<(usize, Outcome)> {
    loop {
        if let Ok(ended) = playing.join_next().await? {
            return Some(ended);
        }
    }
}

fn in_order(mut outcomes: Vec<(usize, Outcome)>) -> Vec<Outcome> {
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Scenarios that are played together.
struct Round<'r> {
    scenarios: &'r [Arc<Scenario>],
    cast: &'r Arc<dyn Cast>,
    clocks: Clocks,
    run: &'r Run<'r>,
    watch: Option<Arc<Punctuality>>,
}

impl Round<'_> {
    /// Begins to play the scenarios at those places, at most `jobs` at once, under user ids with `mark` in them.
    fn begin(
        &self,
        places: impl Iterator<Item = usize>,
        jobs: usize,
        mark: &str,
    ) -> JoinSet<(usize, Outcome)> {
        let room = Arc::new(Semaphore::new(jobs.max(1)));
        let mut playing = JoinSet::new();
        for index in places {
            let Some(scenario) = self.scenarios.get(index).cloned() else {
                continue;
            };
            let (cast, room, watch) = (self.cast.clone(), room.clone(), self.watch.clone());
            let (clocks, seed) = (self.clocks, self.run.seed);
            let prefix = format!("{}.{mark}{index}.", self.run.name);
            playing.spawn(async move {
                // The semaphore is never closed, so a permit always comes.
                let _permit = room.acquire().await;
                let names = (&*prefix, seed);
                let played = play_watched(&scenario, &*cast, &clocks, names, watch.as_deref());
                (index, played.await)
            });
        }
        playing
    }
}
