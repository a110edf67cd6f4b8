//! Plays plans against a target, many at once, and tells of each as it ends.

mod expect;
mod outcome;
mod play;
mod race;
mod stage;
mod timeline;
mod verdict;

pub use outcome::{Outcome, Trouble, Verdict};
pub use play::play;

use std::ops::ControlFlow;
use std::sync::Arc;

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
}

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
    let room = Arc::new(Semaphore::new(run.jobs.max(1)));
    let mut playing = JoinSet::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        let (scenario, cast, room) = (scenario.clone(), cast.clone(), room.clone());
        let (prefix, seed) = (format!("{}.{index}.", run.name), run.seed);
        playing.spawn(async move {
            // The semaphore is never closed, so a permit always comes.
            let _permit = room.acquire().await;
            (
                index,
                play(&scenario, &*cast, &clocks, (&prefix, seed)).await,
            )
        });
    }
    let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(scenarios.len());
    while let Some(joined) = playing.join_next().await {
        if let Ok((index, outcome)) = joined {
            if finished(&outcome).await.is_break() {
                break;
            }
            outcomes.push((index, outcome));
        }
    }
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
