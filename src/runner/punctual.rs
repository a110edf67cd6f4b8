//! How late this process itself is: what depends on time proves nothing while the runner could not keep it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

/// How late the runner may be: as much as a clock of the lifecycle may be early (FAIL).
pub(crate) const LATE_MAX: Duration = Duration::from_millis(50);

/// How often it is measured.
const TICK: Duration = Duration::from_millis(5);

/// How many lapses are remembered; each takes longer than [`LATE_MAX`], so that is minutes of nothing else.
const LAPSES_MAX: usize = 10_000;

/// Measures how late a task of the runtime and a thread of the process wake up, until it is dropped.
///
/// The task sees a runtime that has too much to do, the thread a machine that has; a scenario needs both to be on time.
#[derive(Debug)]
pub(crate) struct Punctuality {
    watched: Arc<Watched>,
    task: AbortHandle,
}

#[derive(Debug, Default)]
struct Watched {
    lapses: Mutex<VecDeque<Lapse>>,
    /// When each of the two measures next.
    due: Mutex<[Option<Instant>; 2]>,
    is_over: AtomicBool,
}

/// A time in which the runner should have been awake and was not.
#[derive(Debug, Clone, Copy)]
struct Lapse {
    from: Instant,
    late: Duration,
}

impl Punctuality {
    /// Begins to measure.
    pub(crate) fn watch() -> Self {
        let watched = Arc::new(Watched::default());
        let (by_task, by_thread) = (watched.clone(), watched.clone());
        let task = tokio::spawn(async move {
            loop {
                let due = by_task.await_tick(0);
                tokio::time::sleep_until(due.into()).await;
                by_task.woke(due);
            }
        });
        // Without the thread only the runtime is watched, which is the greater part.
        let _ = std::thread::Builder::new()
            .name("punctuality".to_owned())
            .spawn(move || {
                while !by_thread.is_over.load(Ordering::Relaxed) {
                    let due = by_thread.await_tick(1);
                    std::thread::sleep(TICK);
                    by_thread.woke(due);
                }
            });
        Self {
            watched,
            task: task.abort_handle(),
        }
    }

    /// By how much the runner was late at worst since that time.
    pub(crate) fn worst_since(&self, since: Instant) -> Duration {
        let now = Instant::now();
        let due = *guard(&self.watched.due);
        // Whoever has not come back yet is late already.
        let pending = due.into_iter().flatten();
        let pending = pending.map(|due| now.saturating_duration_since(due));
        let lapses = guard(&self.watched.lapses);
        let past = lapses
            .iter()
            .rev()
            .take_while(|lapse| lapse.from + lapse.late >= since)
            .map(|lapse| lapse.late);
        past.chain(pending).max().unwrap_or_default()
    }
}

impl Drop for Punctuality {
    fn drop(&mut self) {
        self.watched.is_over.store(true, Ordering::Relaxed);
        self.task.abort();
    }
}

impl Watched {
    fn await_tick(&self, place: usize) -> Instant {
        let due = Instant::now() + TICK;
        if let Some(own) = guard(&self.due).get_mut(place) {
            *own = Some(due);
        }
        due
    }

    fn woke(&self, due: Instant) {
        let late = due.elapsed();
        if late <= LATE_MAX {
            return;
        }
        let mut lapses = guard(&self.lapses);
        if lapses.len() == LAPSES_MAX {
            lapses.pop_front();
        }
        lapses.push_back(Lapse { from: due, late });
    }
}

/// A panic elsewhere cannot leave a measurement half written.
fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LATE_MAX, Punctuality};

    #[tokio::test]
    async fn a_runtime_that_is_kept_busy_is_late_and_was_on_time_after() {
        let punctuality = Punctuality::watch();
        tokio::task::yield_now().await;
        let began = Instant::now();
        // The only thread of this runtime does nothing else meanwhile.
        std::thread::sleep(LATE_MAX * 3);
        assert!(punctuality.worst_since(began) > LATE_MAX);
        while punctuality.worst_since(Instant::now()) > LATE_MAX {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(punctuality.worst_since(began) > LATE_MAX);
    }
}
