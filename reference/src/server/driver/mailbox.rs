//! What waits for one connection: a bounded queue of frames that any thread may fill and the connection's task empties.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tracing::{Span, debug_span};

use crate::server::ConnectionId;
use crate::wire::ByeReason;

/// What waits for one connection.
#[derive(Debug)]
pub(super) struct Mailbox {
    pub(super) connection: ConnectionId,
    /// Who is at the other end.
    pub(super) remote: SocketAddr,
    /// Whether the handshake is over, so that a goodbye can be said.
    is_open: AtomicBool,
    bytes_max: usize,
    queue: Mutex<Queue>,
    task: AtomicWaker,
    /// The log's name for the session over it.
    span: OnceLock<Box<Span>>,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<String>,
    /// Bytes in `frames` and in what the task took last, which it has not sent yet.
    bytes: usize,
    taken: usize,
    end: Option<ByeReason>,
    /// Whether somebody has undertaken to wake the task.
    waking: bool,
}

/// How putting something in came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is in, and the task must be woken.
    Wake,
    /// It is in, and somebody wakes the task already.
    Quiet,
    /// It does not fit: the connection ends, and what waited is dropped (LIM-4).
    Full,
}

impl Mailbox {
    pub(super) fn new(connection: ConnectionId, remote: SocketAddr, bytes_max: usize) -> Self {
        Self {
            connection,
            remote,
            is_open: AtomicBool::new(false),
            bytes_max,
            queue: Mutex::default(),
            task: AtomicWaker::new(),
            span: OnceLock::new(),
        }
    }

    /// The handshake is over.
    pub(super) fn opened(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Whether a goodbye can be said.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Names the session in the log; the first name stays.
    pub(super) fn name(&self, user: &str) {
        if tracing::enabled!(tracing::Level::DEBUG) {
            let connection = self.connection.0;
            self.span
                .get_or_init(|| Box::new(debug_span!("session", user, connection)));
        }
    }

    pub(super) fn span(&self) -> Span {
        self.span
            .get()
            .map_or_else(Span::none, |span| (**span).clone())
    }

    /// Frames and bytes that wait.
    pub(super) fn depth(&self) -> (usize, usize) {
        let queue = self.queue();
        (queue.frames.len(), queue.bytes)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame; after the end it is dropped.
    pub(super) fn put(&self, frame: String) -> Put {
        let mut queue = self.queue();
        if queue.end.is_some() {
            return Put::Quiet;
        }
        if queue.bytes + frame.len() > self.bytes_max {
            queue.frames.clear();
            queue.end = Some(ByeReason::SlowConsumer);
            queue.waking = true;
            return Put::Full;
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        if std::mem::replace(&mut queue.waking, true) {
            Put::Quiet
        } else {
            Put::Wake
        }
    }

    /// Ends the connection after what is in; the first reason stays.
    pub(super) fn end(&self, reason: ByeReason) {
        let mut queue = self.queue();
        queue.end.get_or_insert(reason);
        queue.waking = true;
    }

    /// Hands everything over, once `frames` is empty because all of it was sent. The reason to end, if there is one.
    pub(super) fn take(&self, frames: &mut VecDeque<String>) -> Option<ByeReason> {
        let mut queue = self.queue();
        queue.waking = false;
        if frames.is_empty() {
            queue.bytes -= queue.taken;
            queue.taken = queue.bytes;
            std::mem::swap(&mut queue.frames, frames);
        }
        queue.end
    }

    /// Notes whom to wake when something is put in.
    pub(super) fn register(&self, task: &Waker) {
        self.task.register(task);
    }

    /// Wakes the connection's task.
    pub(super) fn wake(&self) {
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox() -> Mailbox {
        Mailbox::new(ConnectionId(1), ([127, 0, 0, 1], 1).into(), 10)
    }

    #[test]
    fn what_was_taken_and_not_sent_still_counts() {
        let mailbox = mailbox();
        let mut taken = VecDeque::new();
        assert_eq!(mailbox.put("12345".to_owned()), Put::Wake);
        assert_eq!(mailbox.take(&mut taken), None);
        assert_eq!(mailbox.put("67890".to_owned()), Put::Wake);
        assert_eq!(mailbox.take(&mut taken), None);
        assert_eq!(taken, ["12345"]);
        assert_eq!(mailbox.put("x".to_owned()), Put::Full);
        assert_eq!(mailbox.take(&mut taken), Some(ByeReason::SlowConsumer));
    }

    #[test]
    fn what_was_sent_makes_room() {
        let mailbox = mailbox();
        let mut taken = VecDeque::new();
        for _ in 0..100 {
            assert_eq!(mailbox.put("1234567890".to_owned()), Put::Wake);
            assert_eq!(mailbox.take(&mut taken), None);
            taken.clear();
            assert_eq!(mailbox.take(&mut taken), None);
        }
    }

    #[test]
    fn the_first_reason_stays_and_nothing_follows_it() {
        let mailbox = mailbox();
        mailbox.end(ByeReason::Logout);
        mailbox.end(ByeReason::Shutdown);
        assert_eq!(mailbox.put("1".to_owned()), Put::Quiet);
        let mut taken = VecDeque::new();
        assert_eq!(mailbox.take(&mut taken), Some(ByeReason::Logout));
        assert_eq!(taken, VecDeque::<String>::new());
    }
}
