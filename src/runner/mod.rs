//! Plays plans against a target, many at once, and tells of each as it ends.

mod expect;
mod outcome;
mod play;
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

/// Plays all scenarios, at most `jobs` at once, each in a space of user ids of its own under `run`.
///
/// `finished` hears of each as it ends, and may end it all, as when the target has died: that one and what is under way then
/// are given up. The outcomes come back in the order of the scenarios.
pub async fn play_all(
    scenarios: &[Arc<Scenario>],
    cast: &Arc<dyn Cast>,
    clocks: Clocks,
    (run, jobs): (&str, usize),
    mut finished: impl AsyncFnMut(&Outcome) -> ControlFlow<()>,
) -> Vec<Outcome> {
    let room = Arc::new(Semaphore::new(jobs.max(1)));
    let mut playing = JoinSet::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        let (scenario, cast, room) = (scenario.clone(), cast.clone(), room.clone());
        let prefix = format!("{run}.{index}.");
        playing.spawn(async move {
            // The semaphore is never closed, so a permit always comes.
            let _permit = room.acquire().await;
            (index, play(&scenario, &*cast, &clocks, &prefix).await)
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
