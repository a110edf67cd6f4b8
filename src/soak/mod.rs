//! The soak: random calls over real sockets whose connections are killed, for a long time, and then a look whether the
//! server is where it was.
//!
//! It goes in rounds. In each, users log in, call each other while their connections are killed, and leave, half of them
//! without a goodbye; then the server is given as long as its clocks may take to forget them. Every call is judged as in a
//! flood. What the server says of itself before the first round is compared with what it says after the last. Memory is
//! compared with that after the first round, since whatever is allocated once and kept is there by then.

mod report;
mod sample;
mod traffic;
mod verdict;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::flood::{Ended as FloodEnded, FloodError, Outcome, flood};
use crate::history::Clocks;
use crate::operators::Operators;
use crate::target::Access;

pub use report::{Ended, Report, Round, line, summary};
pub use sample::Sample;
pub use verdict::{Check, Stands};

/// What to do to whom.
#[derive(Debug, Clone)]
pub struct Soak {
    /// The URL of the target.
    pub target: String,
    /// How it is entered.
    pub access: Access,
    /// How many users there are in each round, half of them callers.
    pub users: usize,
    /// Calls a second.
    pub rate: f64,
    /// Connections that are killed in a second.
    pub kills_per_s: f64,
    /// How long calls are begun, in all rounds together.
    pub duration: Duration,
    /// In how many rounds; memory is compared from two on.
    pub rounds: usize,
    /// Chooses calls and kills.
    pub seed: u64,
    /// Threads that call.
    pub threads: usize,
}

/// How far a soak is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The round, from 1.
    pub round: usize,
    /// How long calls have been begun, in all rounds.
    pub soaked: Duration,
    /// Calls that were begun, connections that were killed and violations that were found, in all rounds.
    pub counts: Totals,
    /// What the server said last.
    pub sample: &'a Sample,
}

/// Counts over all rounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Calls that were begun.
    pub invitations: u64,
    /// Connections that were killed.
    pub kills: u64,
    /// Violations that were found.
    pub violations: u64,
}

/// How often a server is looked at: so many times in a soak, and neither all the time nor hardly ever.
const LOOKS: u32 = 120;
const LOOK_EVERY_MIN: Duration = Duration::from_millis(200);
const LOOK_EVERY_MAX: Duration = Duration::from_secs(5);

/// How often is looked whether a server has forgotten a round.
const SETTLE_GLANCE: Duration = Duration::from_millis(50);

/// How much longer than its clocks a server may take to forget a round.
const SETTLE_BEYOND: Duration = Duration::from_secs(1);

/// Soaks a target whose clocks are known. `before` is what it said when nobody had touched it. `interrupts` counts how
/// often the soak was told to end: at the first no more calls are begun, and at the second nothing is waited for.
///
/// # Errors
/// [`FloodError`] when not a single round could be made.
pub fn soak(
    soak: &Soak,
    clocks: Clocks,
    (operators, before): (Option<&Operators>, Sample),
    interrupts: &AtomicUsize,
    watch: &mut dyn FnMut(&Progress<'_>),
) -> Result<Report, FloodError> {
    let running = Running {
        soak,
        clocks,
        interrupts,
        began: Instant::now(),
        operators,
        samples: Mutex::new(vec![before]),
        before,
    };
    std::thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        let every = (soak.duration / LOOKS).clamp(LOOK_EVERY_MIN, LOOK_EVERY_MAX);
        if operators.is_some() {
            let running = &running;
            scope.spawn(move || {
                while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    running.look();
                }
            });
        }
        running.rounds(stop, watch)
    })
}

/// A soak while it lasts.
struct Running<'a> {
    soak: &'a Soak,
    clocks: Clocks,
    interrupts: &'a AtomicUsize,
    began: Instant,
    operators: Option<&'a Operators>,
    before: Sample,
    samples: Mutex<Vec<Sample>>,
}

impl Running<'_> {
    /// Makes round after round, until it is enough or makes no sense any more. The sampling ends with them.
    fn rounds(
        &self,
        stop: Sender<()>,
        watch: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Report, FloodError> {
        let mut report = Report::new(self.soak, self.before);
        let mut totals = Totals::default();
        for round in 0..self.soak.rounds {
            let outcome = match self.round(round, &mut totals, watch) {
                Ok(outcome) => outcome,
                Err(FloodError::KeptOut { .. }) if self.is_told() > 0 => {
                    report.ended = Ended::Interrupted;
                    break;
                }
                Err(error @ FloodError::KeptOut { .. }) if round > 0 => {
                    report.ended = Ended::Died;
                    report.findings.push(error.to_string());
                    break;
                }
                Err(error) => return Err(error),
            };
            if outcome.ended == FloodEnded::Died {
                report.ended = Ended::Died;
                report.add(round, outcome, self.last(), Duration::ZERO);
                break;
            }
            let (after, settled) = self.settle();
            let is_interrupted = outcome.ended == FloodEnded::Interrupted;
            report.add(round, outcome, after, settled);
            if is_interrupted {
                report.ended = Ended::Interrupted;
                break;
            }
            if !after.is_back(&self.before) {
                report.ended = Ended::NotReturned;
                break;
            }
        }
        drop(stop);
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        report.close(std::mem::take(&mut *samples), self.began.elapsed());
        Ok(report)
    }

    /// Calls and kills for one round's time.
    fn round(
        &self,
        round: usize,
        totals: &mut Totals,
        watch: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Outcome, FloodError> {
        let plan = traffic::plan(self.soak, round, &self.clocks);
        let before = plan.duration * u32::try_from(round).unwrap_or(u32::MAX);
        flood(&plan, self.clocks, self.interrupts, &mut |told| {
            totals.invitations += told.measures.counts.started;
            totals.kills += told.measures.kills;
            totals.violations += told.measures.violations;
            let seconds = told.second.map(|second| second.second as u64 + 1);
            let within = seconds.map_or(plan.duration, Duration::from_secs);
            watch(&Progress {
                round: round + 1,
                soaked: before + within.min(plan.duration),
                counts: *totals,
                sample: &self.last(),
            });
        })
    }

    /// Waits until the server has forgotten everything, for as long as it may take. What it said then, and how long that was.
    fn settle(&self) -> (Sample, Duration) {
        let began = Instant::now();
        let most = self.clocks.presence_grace + self.clocks.longest_life() + SETTLE_BEYOND;
        loop {
            let sample = self.look();
            let waited = began.elapsed();
            if self.operators.is_none()
                || sample.is_back(&self.before)
                || waited >= most
                || self.is_told() > 1
            {
                return (sample, waited);
            }
            std::thread::sleep(SETTLE_GLANCE);
        }
    }

    /// Looks at the server once more, and keeps what it said.
    fn look(&self) -> Sample {
        // One question at a time: a second one would count among the open files.
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let page = self.operators.and_then(|operators| operators.page().ok());
        let sample = Sample::of(&page.unwrap_or_default(), self.began.elapsed());
        samples.push(sample);
        sample
    }

    /// What the server said last.
    fn last(&self) -> Sample {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.last().copied().unwrap_or(self.before)
    }

    /// How often the soak was told to end.
    fn is_told(&self) -> usize {
        self.interrupts.load(Ordering::Relaxed)
    }
}
