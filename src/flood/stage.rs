//! What the threads of a flood know of each other.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the threads of a flood know of each other. Nothing here is touched for a call.
#[derive(Debug)]
pub(super) struct Stage {
    /// The beginning of the clock that all threads share.
    began: Instant,
    /// How many have a session and a connection.
    pub(super) connected: AtomicUsize,
    /// How many were let in, whatever happened since.
    pub(super) entered: AtomicUsize,
    /// When the first call is due, in microseconds; 0 while it is not known.
    opens_us: AtomicU64,
    is_over: AtomicBool,
    is_dead: AtomicBool,
    /// The first thing that kept somebody out.
    refused: Mutex<Option<String>>,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            connected: AtomicUsize::new(0),
            entered: AtomicUsize::new(0),
            opens_us: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
            refused: Mutex::new(None),
        }
    }

    /// The time on the clock that all threads share.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Lets the calls begin at that time.
    pub(super) fn open(&self, at: Duration) {
        let us = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        self.opens_us.store(us.max(1), Ordering::Release);
    }

    /// When the first call is due, if that is known.
    pub(super) fn opens(&self) -> Option<Duration> {
        match self.opens_us.load(Ordering::Acquire) {
            0 => None,
            us => Some(Duration::from_micros(us)),
        }
    }

    /// No more calls are begun.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// The target is gone, so nothing is worth waiting for.
    pub(super) fn die(&self) {
        self.is_dead.store(true, Ordering::Release);
        self.end();
    }

    pub(super) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Acquire)
    }

    /// Somebody is kept out.
    pub(super) fn refuse(&self, why: String) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get_or_insert(why);
    }

    /// Why somebody was kept out, if anybody was.
    pub(super) fn refused(&self) -> Option<String> {
        let refused = self.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
