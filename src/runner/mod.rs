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

pub(crate) use punctual::{LATE_MAX, Punctuality};

use play::play_watched;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::history::Clocks;
use crate::scenario::plan::Scenario;
use crate::target::Cast;

/// What [`play_all`] tells of a scenario, by its place among them all.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'o> {
    /// It begins.
    Started(usize),
    /// The runner was late by so much, which leaves it open; it is played once more.
    SetAside(usize, Duration),
    /// It is judged.
    Finished(usize, &'o Outcome),
}

/// Lets [`play_all`] play them all.
pub async fn to_the_end(_: Progress<'_>) -> ControlFlow<()> {
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
/// `told` hears of each as it begins and ends, and may end it all, as when the target has died: that one and what is under way
/// then are given up. The outcomes come back in the order of the scenarios.
pub async fn play_all(
    scenarios: &[Arc<Scenario>],
    cast: &Arc<dyn Cast>,
    clocks: Clocks,
    run: &Run<'_>,
    mut told: impl AsyncFnMut(Progress<'_>) -> ControlFlow<()>,
) -> Vec<Outcome> {
    let (begins, begun) = unbounded_channel();
    let mut round = Round {
        scenarios,
        cast,
        clocks,
        run,
        watch: run.watched.then(|| Arc::new(Punctuality::watch())),
        begins,
        begun,
        outcomes: Vec::with_capacity(scenarios.len()),
    };
    let all = (0..scenarios.len()).map(|index| (index, None)).collect();
    let late = round.play(all, (run.jobs, ""), &mut told).await;
    if let ControlFlow::Continue(late) = late {
        let jobs = run.jobs.min(AGAIN_AT_ONCE);
        // What is late once more stays open.
        let _ = round.play(late, (jobs, "again."), &mut told).await;
    }
    round.outcomes.sort_by_key(|(index, _)| *index);
    let outcomes = round.outcomes.into_iter();
    outcomes.map(|(_, outcome)| outcome).collect()
}

/// The next scenario that ends. What panicked is left out, as what was given up.
async fn next(playing: &mut JoinSet<(usize, Outcome)>) -> Option<(usize, Outcome)> {
    loop {
        if let Ok(ended) = playing.join_next().await? {
            return Some(ended);
        }
    }
}

/// A scenario by its place among all, and by how much the runner was late when it was played before.
type Turn = (usize, Option<Duration>);

/// Scenarios that are played together.
struct Round<'r> {
    scenarios: &'r [Arc<Scenario>],
    cast: &'r Arc<dyn Cast>,
    clocks: Clocks,
    run: &'r Run<'r>,
    watch: Option<Arc<Punctuality>>,
    begins: UnboundedSender<usize>,
    begun: UnboundedReceiver<usize>,
    outcomes: Vec<(usize, Outcome)>,
}

impl Round<'_> {
    /// Plays scenarios, at most so many at once, under user ids with a mark in them. Comes back with those that the runner was
    /// too late for, unless it all was ended.
    async fn play(
        &mut self,
        turns: Vec<Turn>,
        (jobs, mark): (usize, &str),
        told: &mut impl AsyncFnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<(), Vec<Turn>> {
        let mut late = Vec::new();
        let mut playing = self.begin(turns.iter().map(|(index, _)| *index), jobs, mark);
        loop {
            let ended = tokio::select! {
                // What begins is told before it ends.
                biased;
                Some(index) = self.begun.recv() => {
                    told(Progress::Started(index)).await?;
                    continue;
                }
                ended = next(&mut playing) => ended,
            };
            let Some((index, mut outcome)) = ended else {
                return ControlFlow::Continue(late);
            };
            let before = turns.iter().find(|(turn, _)| *turn == index);
            outcome.again_after = before.and_then(|(_, by)| *by);
            if let (Some(by), None) = (outcome.late, outcome.again_after) {
                told(Progress::SetAside(index, by)).await?;
                late.push((index, Some(by)));
            } else {
                told(Progress::Finished(index, &outcome)).await?;
                self.outcomes.push((index, outcome));
            }
        }
    }

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
            let (clocks, seed, begins) = (self.clocks, self.run.seed, self.begins.clone());
            let prefix = format!("{}.{mark}{index}.", self.run.name);
            playing.spawn(async move {
                // The semaphore is never closed, so a permit always comes.
                let _permit = room.acquire().await;
                // Nobody listens any more once it is all given up.
                let _ = begins.send(index);
                let names = (&*prefix, seed);
                let played = play_watched(&scenario, &*cast, &clocks, names, watch.as_deref());
                (index, played.await)
            });
        }
        playing
    }
}
