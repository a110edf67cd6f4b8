//! What the threads of a server share: the core behind the one lock, the mailboxes, and the clock.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use foldhash::HashMap;
use futures_util::task::AtomicWaker;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::Settings;
use super::gate::Gate;
use super::mailbox::Mailbox;
use super::metrics::{Page, Queues};
use super::post::Post;
use super::refused::{Claimant, Refused};
use super::tally::Tally;
use crate::limits::{Limits, THREADS_MAX};
use crate::server::auth::{Pass, refusal, user_of_token};
use crate::server::{Auth, ConnectionId, Core, Counts, Outbox, Standing};
use crate::tls::Identity;
use crate::wire::{ByeReason, ClientFrame, ErrorCode, Refusal, ServerFrame};

/// What the threads of a server share.
pub(super) struct Hub {
    pub(super) limits: Limits,
    auth: RwLock<Auth>,
    /// What is shown of the server by TLS, if that is spoken.
    identity: RwLock<Option<Identity>>,
    pub(super) gate: Arc<Gate>,
    refused: Refused,
    began: Instant,
    exchange: Mutex<Exchange>,
    is_draining: AtomicBool,
    /// Tells the ticker of an earlier deadline.
    earlier: Notify,
    stop: watch::Sender<bool>,
    inboxes: Box<[Inbox]>,
}

/// What one lock guards.
struct Exchange {
    core: Core,
    mailboxes: HashMap<ConnectionId, Arc<Mailbox>>,
    tally: Tally,
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

/// A frame as far as it can be understood outside the lock.
enum Said<'a> {
    Frame(ClientFrame<'a>),
    Login {
        user: Cow<'a, str>,
        session: Option<Cow<'a, str>>,
        secret: Arc<str>,
        /// How long the token of it lasts.
        lasts: Option<Duration>,
    },
    BadLogin(Refusal<'static>, Claimant),
    TooManyLogins(Refusal<'static>, Claimant),
    /// A good token, whose user must still be the connection's.
    Renewal(Pass),
    Bad(Box<Refusal<'static>>),
}

impl Hub {
    pub(super) fn new(settings: &Settings, threads: usize) -> Self {
        let limits = settings.limits;
        Self {
            limits,
            auth: RwLock::new(settings.auth.clone()),
            identity: RwLock::new(settings.identity.clone()),
            gate: Arc::new(Gate::new(&limits)),
            refused: Refused::new(),
            began: Instant::now(),
            exchange: Mutex::new(Exchange {
                core: settings
                    .fault
                    .map_or_else(|| Core::new(limits), |fault| Core::deviant(limits, fault)),
                mailboxes: HashMap::default(),
                tally: Tally::default(),
                serial: 0,
                armed: None,
                stopping: false,
            }),
            is_draining: AtomicBool::new(false),
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
            post: Post::new(&mut exchange.mailboxes, &mut exchange.tally),
            ticking: false,
        };
        let result = work(&mut turn);
        while let Some(connection) = turn.post.ended.pop() {
            turn.core.closed(turn.now, connection);
        }
        let ticking = turn.ticking;
        let (filled, notes) = turn.post.finish();
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
        for note in notes {
            note.log(&self.refused);
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

    pub(super) fn counts(&self) -> Counts {
        self.with(|exchange| exchange.core.counts())
    }

    fn with<R>(&self, work: impl FnOnce(&mut Exchange) -> R) -> R {
        work(&mut self.exchange.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A connection of that thread begins; `None` if the server is stopping.
    pub(super) fn open(&self, thread: usize, remote: SocketAddr) -> Option<Arc<Mailbox>> {
        let mailbox = self.with(|exchange| {
            if exchange.stopping {
                return None;
            }
            exchange.serial += 1;
            let id = ConnectionId(exchange.serial << THREAD_BITS | thread as u64);
            let mailbox = Arc::new(Mailbox::new(id, remote, self.limits.outbox_bytes_max));
            exchange.mailboxes.insert(id, mailbox.clone());
            Some(mailbox)
        })?;
        self.turn(thread, |turn| {
            turn.core.opened(turn.now, mailbox.connection);
        });
        Some(mailbox)
    }

    /// A connection is gone; nothing is changed if the server has ended it.
    pub(super) fn closed(&self, connection: ConnectionId) {
        self.turn(thread_of(connection), |turn| {
            if turn.post.mailboxes.remove(&connection).is_some() {
                turn.core.closed(turn.now, connection);
            }
        });
    }

    /// The token of a session has run out: the session is over (SES-7).
    pub(super) fn token_over(&self, connection: ConnectionId) {
        self.turn(thread_of(connection), |turn| {
            let (core, post) = (&mut *turn.core, &mut turn.post);
            core.expel(turn.now, connection, ByeReason::TokenExpired, post);
        });
    }

    /// The token of a session lasts only so long.
    pub(super) fn token_expiring(&self, connection: ConnectionId, lasts: Duration) {
        self.turn(thread_of(connection), |turn| {
            let frame = ServerFrame::TokenExpiring { lasts };
            turn.core.tell(connection, &frame, &mut turn.post);
        });
    }

    /// Says goodbye to everybody and lets nobody in any more.
    pub(super) fn stop(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
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

    /// Handles what a connection has said, as one batch. How long its token lasts, if it was let in with one.
    pub(super) fn handle(&self, mailbox: &Mailbox, batch: &[Utf8Bytes]) -> Option<Duration> {
        let connection = mailbox.connection;
        let mut lasts = None;
        let said: Vec<Said<'_>> = batch.iter().map(|text| self.understand(text)).collect();
        self.turn(thread_of(connection), |turn| {
            for said in said {
                // What comes after the end counts for nothing.
                if !turn.post.mailboxes.contains_key(&connection) {
                    break;
                }
                turn.post.tally.frames_in += 1;
                let (now, core, post) = (turn.now, &mut *turn.core, &mut turn.post);
                match said {
                    Said::Frame(frame) => core.frame(now, connection, &frame, post),
                    Said::Login {
                        user,
                        session,
                        secret,
                        lasts: until,
                    } => {
                        post.claimant = Claimant::new(&user);
                        let is_new = core.user_of(connection).is_none();
                        let names = (&*user, session.as_deref());
                        core.login(now, connection, names, secret, post);
                        // A second log-in is refused, and its token gives the first one no time.
                        if is_new && core.user_of(connection).is_some() {
                            mailbox.name(&user);
                            lasts = until;
                        }
                    }
                    Said::BadLogin(refusal, claimant) => {
                        post.claimant = claimant;
                        core.refuse_login(connection, &refusal, post);
                    }
                    Said::TooManyLogins(refusal, claimant) => {
                        post.claimant = claimant;
                        post.send(connection, &ServerFrame::Error(refusal));
                        post.close(connection, ByeReason::Busy);
                    }
                    Said::Renewal(pass) => {
                        let is_theirs = core
                            .user_of(connection)
                            .is_some_and(|user| *user == *pass.user);
                        let frame = if is_theirs {
                            lasts = Some(pass.lasts);
                            ServerFrame::Renewed { lasts: pass.lasts }
                        } else {
                            let message = "the token is another user's";
                            ServerFrame::Error(refusal("renew", message))
                        };
                        core.tell(connection, &frame, post);
                    }
                    Said::Bad(refusal) => core.bad_frame(connection, &refusal, post),
                }
            }
        });
        lasts
    }

    fn understand<'a>(&self, text: &'a Utf8Bytes) -> Said<'a> {
        match ClientFrame::decode(text) {
            Ok(ClientFrame::Login {
                user,
                token,
                session,
            }) => {
                let lasts = match self.auth().check(&user, token.as_deref()) {
                    Ok(lasts) => lasts,
                    Err(refusal) => {
                        let claimant = Claimant {
                            token_user: token.as_deref().and_then(user_of_token),
                            ..Claimant::new(&user)
                        };
                        return Said::BadLogin(refusal, claimant);
                    }
                };
                // Only who may come in counts, so that nobody is kept out by those who may not.
                if let Some(wait) = self.gate.too_many_logins() {
                    let message = "too many log-ins at once; try again later";
                    let refusal = Refusal {
                        retry_after: Some(wait),
                        ..login_refusal(ErrorCode::RateLimited, message)
                    };
                    return Said::TooManyLogins(refusal, Claimant::new(&user));
                }
                let Some(secret) = secret() else {
                    let message = "the system has no random numbers for a new session";
                    let refusal = login_refusal(ErrorCode::LimitReached, message);
                    return Said::BadLogin(refusal, Claimant::new(&user));
                };
                Said::Login {
                    user,
                    session,
                    secret,
                    lasts,
                }
            }
            Ok(ClientFrame::Renew { token }) => match self.auth().pass(Some(&token), "renew") {
                Ok(Some(pass)) => Said::Renewal(pass),
                Ok(None) => {
                    let message = "this server wants no tokens";
                    Said::Bad(Box::new(refusal("renew", message)))
                }
                Err(refusal) => Said::Bad(Box::new(refusal)),
            },
            Ok(frame) => Said::Frame(frame),
            Err(refusal) => Said::Bad(refusal),
        }
    }

    fn auth(&self) -> RwLockReadGuard<'_, Auth> {
        self.auth.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether log-ins need a token.
    pub(super) fn wants_tokens(&self) -> bool {
        matches!(*self.auth(), Auth::Tokens(_))
    }

    /// From now on log-ins are proved so. Sessions that there are stay.
    pub(super) fn set_auth(&self, auth: Auth) {
        *self.auth.write().unwrap_or_else(PoisonError::into_inner) = auth;
    }

    /// Lets an operator ask, or says why not.
    pub(super) fn admit_operator(&self, token: Option<&str>) -> Result<(), Refusal<'static>> {
        self.auth().check_operator(token)
    }

    /// What new connections are shown by TLS, if that is spoken.
    pub(super) fn identity(&self) -> Option<Identity> {
        let identity = self.identity.read();
        identity.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on new connections are shown that. Whether TLS is spoken does not change.
    pub(super) fn set_identity(&self, identity: Identity) {
        let guard = self.identity.write();
        if let Some(shown) = &mut *guard.unwrap_or_else(PoisonError::into_inner) {
            *shown = identity;
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Lets nobody new in and sends away whoever holds no open invitation. How many invitations are still open.
    pub(super) fn drain(&self) -> usize {
        self.is_draining.store(true, Ordering::Relaxed);
        // No thread of ours: each task is woken where it lives.
        self.turn(THREADS_MAX, |turn| {
            turn.core.drain(turn.now, &mut turn.post)
        })
    }

    /// An invitation as it stands.
    pub(super) fn standing(&self, id: &str) -> Option<Standing> {
        let now = Core::CLOCK_BEGIN + self.began.elapsed();
        self.with(|exchange| exchange.core.standing(now, id))
    }

    /// What the metrics page says.
    pub(super) fn page(&self) -> Page {
        let (tally, counts, mailboxes) = self.with(|exchange| {
            let mailboxes: Vec<Arc<Mailbox>> = exchange.mailboxes.values().cloned().collect();
            (exchange.tally.clone(), exchange.core.counts(), mailboxes)
        });
        let mut queues = Queues::default();
        for (frames, bytes) in mailboxes.iter().map(|mailbox| mailbox.depth()) {
            queues.frames += frames;
            queues.bytes += bytes;
            queues.bytes_max = queues.bytes_max.max(bytes);
        }
        Page {
            tally,
            counts,
            connections: self.gate.connections(),
            turned_away: self.gate.turned_away(),
            queues,
            is_draining: self.is_draining(),
            uptime_seconds: self.began.elapsed().as_secs_f64(),
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
const THREAD_BITS: u32 = THREADS_MAX.ilog2();

pub(super) fn thread_of(connection: ConnectionId) -> usize {
    (connection.0 % THREADS_MAX as u64) as usize
}

/// A name that nobody can guess: 128 random bits. `None` if the system has none to give.
fn secret() -> Option<Arc<str>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)).into())
}

fn login_refusal(code: ErrorCode, message: &'static str) -> Refusal<'static> {
    Refusal {
        code,
        ..refusal("login", message)
    }
}
