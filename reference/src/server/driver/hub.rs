//! What the threads of a server share: the core behind the one lock, the mailboxes, and the clock.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::Settings;
use super::mailbox::{Mailbox, Put};
use crate::limits::Limits;
use crate::server::{Auth, ConnectionId, Core, Counts, Outbox};
use crate::wire::{ByeReason, ClientFrame, ErrorCode, Refusal, ServerFrame};

/// What the threads of a server share.
pub(super) struct Hub {
    pub(super) limits: Limits,
    auth: Auth,
    began: Instant,
    exchange: Mutex<Exchange>,
    connections: AtomicUsize,
    /// Tells the ticker of an earlier deadline.
    earlier: Notify,
    stop: watch::Sender<bool>,
    inboxes: Box<[Inbox]>,
}

/// What one lock guards.
struct Exchange {
    core: Core,
    mailboxes: HashMap<ConnectionId, Arc<Mailbox>>,
    serial: u64,
    /// When the ticker will wake.
    armed: Option<Duration>,
    stopping: bool,
}

/// The mailboxes that other threads have filled for the connections of one thread. It holds each at most once.
#[derive(Default)]
pub(super) struct Inbox {
    filled: Mutex<Vec<Arc<Mailbox>>>,
    pub(super) task: AtomicWaker,
}

/// One hold of the lock.
pub(super) struct Turn<'a> {
    pub(super) now: Duration,
    pub(super) core: &'a mut Core,
    pub(super) post: Post<'a>,
    /// Whether it is the ticker's own, which needs not be told.
    ticking: bool,
}

/// The core's way out: frames go to mailboxes, and whose task must be woken is noted for after the lock.
pub(super) struct Post<'a> {
    mailboxes: &'a mut HashMap<ConnectionId, Arc<Mailbox>>,
    filled: Vec<Arc<Mailbox>>,
    ended: Vec<ConnectionId>,
}

impl Outbox for Post<'_> {
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>) {
        let Some(mailbox) = self.mailboxes.get(&connection) else {
            return;
        };
        match mailbox.put(frame.encode()) {
            Put::Wake => self.filled.push(mailbox.clone()),
            Put::Quiet => {}
            Put::Full => self.close(connection, ByeReason::SlowConsumer),
        }
    }

    fn close(&mut self, connection: ConnectionId, reason: ByeReason) {
        if let Some(mailbox) = self.mailboxes.remove(&connection) {
            mailbox.end(reason);
            self.filled.push(mailbox);
            self.ended.push(connection);
        }
    }
}

/// A frame as far as it can be understood outside the lock.
enum Said<'a> {
    Frame(ClientFrame<'a>),
    Login {
        user: Cow<'a, str>,
        session: Option<Cow<'a, str>>,
        secret: Arc<str>,
    },
    BadLogin(Refusal<'static>),
    Bad(Box<Refusal<'static>>),
}

impl Hub {
    pub(super) fn new(settings: &Settings, threads: usize) -> Self {
        let limits = settings.limits;
        Self {
            limits,
            auth: settings.auth.clone(),
            began: Instant::now(),
            exchange: Mutex::new(Exchange {
                core: settings
                    .fault
                    .map_or_else(|| Core::new(limits), |fault| Core::deviant(limits, fault)),
                mailboxes: HashMap::new(),
                serial: 0,
                armed: None,
                stopping: false,
            }),
            connections: AtomicUsize::new(0),
            earlier: Notify::new(),
            stop: watch::Sender::new(false),
            inboxes: (0..threads).map(|_| Inbox::default()).collect(),
        }
    }

    /// Holds the lock for `work`; then arms the ticker and wakes whoever has got mail. `thread` is where we run.
    pub(super) fn turn<R>(&self, thread: usize, work: impl FnOnce(&mut Turn<'_>) -> R) -> R {
        let mut guard = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        let exchange = &mut *guard;
        let mut turn = Turn {
            now: Core::CLOCK_BEGIN + self.began.elapsed(),
            core: &mut exchange.core,
            post: Post {
                mailboxes: &mut exchange.mailboxes,
                filled: Vec::new(),
                ended: Vec::new(),
            },
            ticking: false,
        };
        let result = work(&mut turn);
        while let Some(connection) = turn.post.ended.pop() {
            turn.core.closed(turn.now, connection);
        }
        let (filled, ticking) = (turn.post.filled, turn.ticking);
        let next = exchange.core.next_wake();
        let earlier = next.is_some_and(|next| exchange.armed.is_none_or(|armed| next < armed));
        if earlier || ticking {
            exchange.armed = next;
        }
        drop(guard);
        if earlier && !ticking {
            self.earlier.notify_one();
        }
        for mailbox in filled {
            self.wake(thread, mailbox);
        }
        result
    }

    /// Wakes a task of this thread at once, and one of another by way of that thread's inbox: waking across threads is
    /// a system call, and an inbox that is not empty has had it.
    fn wake(&self, thread: usize, mailbox: Arc<Mailbox>) {
        let home = thread_of(mailbox.connection);
        match self.inboxes.get(home) {
            Some(inbox) if home != thread => {
                let mut filled = inbox.filled.lock().unwrap_or_else(PoisonError::into_inner);
                filled.push(mailbox);
                if filled.len() == 1 {
                    drop(filled);
                    inbox.task.wake();
                }
            }
            Some(_) | None => mailbox.wake(),
        }
    }

    /// Where other threads leave word for this one.
    pub(super) fn inbox(&self, thread: usize) -> Option<&Inbox> {
        self.inboxes.get(thread)
    }

    /// How many connections there are, from the accept to the end of the close.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn counts(&self) -> Counts {
        self.with(|exchange| exchange.core.counts())
    }

    fn with<R>(&self, work: impl FnOnce(&mut Exchange) -> R) -> R {
        work(&mut self.exchange.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A connection of that thread begins; `None` if the server is stopping.
    pub(super) fn open(&self, thread: usize) -> Option<Arc<Mailbox>> {
        let mailbox = self.with(|exchange| {
            if exchange.stopping {
                return None;
            }
            exchange.serial += 1;
            let id = ConnectionId(exchange.serial << THREAD_BITS | thread as u64);
            let mailbox = Arc::new(Mailbox::new(id, self.limits.outbox_bytes_max));
            exchange.mailboxes.insert(id, mailbox.clone());
            Some(mailbox)
        })?;
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.turn(thread, |turn| {
            turn.core.opened(turn.now, mailbox.connection);
        });
        Some(mailbox)
    }

    /// A connection that was opened has left nothing behind.
    pub(super) fn left(&self, connection: ConnectionId) {
        self.closed(connection);
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// A connection is gone; nothing is changed if the server has ended it.
    pub(super) fn closed(&self, connection: ConnectionId) {
        self.turn(thread_of(connection), |turn| {
            if turn.post.mailboxes.remove(&connection).is_some() {
                turn.core.closed(turn.now, connection);
            }
        });
    }

    /// Ends a connection for a reason of the driver's own.
    pub(super) fn end(&self, connection: ConnectionId, reason: ByeReason) {
        self.turn(thread_of(connection), |turn| {
            turn.post.close(connection, reason);
        });
    }

    /// Says goodbye to everybody and lets nobody in any more.
    pub(super) fn stop(&self) {
        let mailboxes = self.with(|exchange| {
            exchange.stopping = true;
            std::mem::take(&mut exchange.mailboxes)
        });
        for mailbox in mailboxes.into_values() {
            mailbox.end(ByeReason::Shutdown);
            mailbox.wake();
        }
        self.stop.send_replace(true);
    }

    /// Waits until the server is to stop.
    pub(super) async fn stopped(&self) {
        // It fails only when the sender is gone, which lives as long as we do.
        let _: Result<_, watch::error::RecvError> =
            self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Handles what a connection has said, as one batch. How long its token lasts, if a log-in with one was in it.
    pub(super) fn handle(&self, connection: ConnectionId, batch: &[Utf8Bytes]) -> Option<Duration> {
        let mut lasts = None;
        let said: Vec<Said<'_>> = batch
            .iter()
            .map(|text| self.understand(text, &mut lasts))
            .collect();
        self.turn(thread_of(connection), |turn| {
            for said in said {
                // What comes after the end counts for nothing.
                if !turn.post.mailboxes.contains_key(&connection) {
                    break;
                }
                let (now, core, post) = (turn.now, &mut *turn.core, &mut turn.post);
                match said {
                    Said::Frame(frame) => core.frame(now, connection, &frame, post),
                    Said::Login {
                        user,
                        session,
                        secret,
                    } => {
                        let names = (&*user, session.as_deref());
                        core.login(now, connection, names, secret, post);
                    }
                    Said::BadLogin(refusal) => core.refuse_login(connection, &refusal, post),
                    Said::Bad(refusal) => core.bad_frame(connection, &refusal, post),
                }
            }
        });
        lasts
    }

    fn understand<'a>(&self, text: &'a Utf8Bytes, lasts: &mut Option<Duration>) -> Said<'a> {
        match ClientFrame::decode(text) {
            Ok(ClientFrame::Login {
                user,
                token,
                session,
            }) => match (self.auth.check(&user, token.as_deref()), secret()) {
                (Ok(until), Some(secret)) => {
                    *lasts = until;
                    Said::Login {
                        user,
                        session,
                        secret,
                    }
                }
                (Ok(_), None) => Said::BadLogin(Refusal {
                    code: ErrorCode::LimitReached,
                    message: Cow::Borrowed("the system has no random numbers for a new session"),
                    frame: Some(Cow::Borrowed("login")),
                    id: None,
                    retry_after: None,
                }),
                (Err(refusal), _) => Said::BadLogin(refusal),
            },
            Ok(frame) => Said::Frame(frame),
            Err(refusal) => Said::Bad(refusal),
        }
    }

    /// Calls the core at its deadlines, for ever.
    pub(super) async fn tick(&self, thread: usize) {
        loop {
            let next = self.turn(thread, |turn| {
                turn.ticking = true;
                turn.core.tick(turn.now, &mut turn.post);
                turn.core.next_wake()
            });
            let earlier = self.earlier.notified();
            match next {
                Some(next) => {
                    let at = self.began + next.saturating_sub(Core::CLOCK_BEGIN);
                    tokio::select! {
                        () = tokio::time::sleep_until(at) => {}
                        () = earlier => {}
                    }
                }
                None => earlier.await,
            }
        }
    }
}

impl Inbox {
    /// Takes out what other threads have filled.
    pub(super) fn take(&self, filled: &mut Vec<Arc<Mailbox>>) {
        let mut theirs = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *theirs, filled);
    }
}

/// The low bits of a connection's number say on which thread it lives.
const THREAD_BITS: u32 = 10;

/// More threads than this have no number.
pub(super) const THREADS_MAX: usize = 1 << THREAD_BITS;

pub(super) fn thread_of(connection: ConnectionId) -> usize {
    (connection.0 % THREADS_MAX as u64) as usize
}

/// A name that nobody can guess: 128 random bits. `None` if the system has none to give.
fn secret() -> Option<Arc<str>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)).into())
}
