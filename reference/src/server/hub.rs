//! The core with the mailboxes of its connections: one exchange, one lock, whatever thread a connection lives on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::auth::Auth;
use super::{ConnectionId, Core, Counts, Outbox};
use crate::limits::Limits;
use crate::socket::Bell;
use crate::wire::{ByeReason, ClientFrame, ServerFrame};

/// What all threads of a server share.
#[derive(Debug)]
pub(super) struct Hub {
    began: Instant,
    pub(super) limits: Limits,
    auth: Auth,
    state: Mutex<State>,
    /// Rung when something falls due earlier than the ticker waits for.
    earlier: Notify,
}

#[derive(Debug)]
struct State {
    core: Core,
    mail: Mail,
    connections: u64,
    /// What the ticker waits for.
    armed: Option<Duration>,
}

#[derive(Debug)]
struct Mail {
    boxes: HashMap<ConnectionId, Arc<Mailbox>>,
    bytes_max: usize,
}

/// Frames on their way to one connection, bounded in bytes.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    pub(super) bell: Bell,
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    frames: Vec<Utf8Bytes>,
    bytes: usize,
    closing: Option<ByeReason>,
}

impl Mailbox {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what is to be sent, if the connection is free to send it, and whether it is to be closed then.
    pub(super) fn take(&self, free: bool, frames: &mut Vec<Utf8Bytes>) -> Option<ByeReason> {
        let mut content = self.content();
        if free {
            content.bytes = 0;
            std::mem::swap(&mut content.frames, frames);
        }
        content.closing
    }

    fn put(&self, frame: String, bytes_max: usize) {
        {
            let mut content = self.content();
            if content.closing.is_some() {
                return;
            }
            content.bytes += frame.len();
            if content.bytes > bytes_max {
                // Whoever reads so slowly gets what was missed when it comes back (LIM-4).
                content.frames = Vec::new();
                content.closing = Some(ByeReason::SlowConsumer);
            } else {
                content.frames.push(frame.into());
            }
        }
        self.bell.ring();
    }

    fn close(&self, reason: ByeReason) {
        self.content().closing.get_or_insert(reason);
        self.bell.ring();
    }
}

impl Outbox for Mail {
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>) {
        if let Some(mailbox) = self.boxes.get(&connection) {
            mailbox.put(frame.encode(), self.bytes_max);
        }
    }

    fn close(&mut self, connection: ConnectionId, reason: ByeReason) {
        if let Some(mailbox) = self.boxes.get(&connection) {
            mailbox.close(reason);
        }
    }
}

impl Hub {
    pub(super) fn new(limits: Limits, auth: Auth) -> Self {
        let mail = Mail {
            boxes: HashMap::new(),
            bytes_max: limits.outbox_bytes_max,
        };
        let state = State {
            core: Core::new(limits),
            mail,
            connections: 0,
            armed: None,
        };
        Self {
            began: Instant::now(),
            limits,
            auth,
            state: Mutex::new(state),
            earlier: Notify::new(),
        }
    }

    fn now(&self) -> Duration {
        Core::CLOCK_BEGIN + self.began.elapsed()
    }

    /// No code that holds the lock panics by design; if one did, the others' invitations still have to end.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> Counts {
        self.state().core.counts()
    }

    /// Takes a connection in, unless there are too many (LIM-4).
    pub(super) fn open(&self) -> Option<(ConnectionId, Arc<Mailbox>)> {
        let mut state = self.state();
        // Twice the sessions: every one may be on its way to a new connection.
        if state.mail.boxes.len() >= self.limits.sessions_max.saturating_mul(2) {
            return None;
        }
        state.connections += 1;
        let connection = ConnectionId(state.connections);
        let mailbox = Arc::new(Mailbox::default());
        state.mail.boxes.insert(connection, mailbox.clone());
        state.core.opened(self.now(), connection);
        self.arm(&mut state);
        Some((connection, mailbox))
    }

    pub(super) fn closed(&self, connection: ConnectionId) {
        let mut state = self.state();
        state.mail.boxes.remove(&connection);
        state.core.closed(self.now(), connection);
        self.arm(&mut state);
    }

    /// Handles the frames of one connection, all under one lock.
    pub(super) fn handle(&self, connection: ConnectionId, frames: &[Utf8Bytes]) {
        let mut guard = self.state();
        let state = &mut *guard;
        let now = self.now();
        for frame in frames {
            match ClientFrame::decode(frame) {
                Ok(ClientFrame::Login {
                    user,
                    token,
                    session,
                }) => match self.auth.check(&user, token.as_deref(), wall_clock()) {
                    Ok(()) => {
                        let (who, mail) = ((&*user, session.as_deref()), &mut state.mail);
                        state.core.login(now, connection, who, secret(), mail);
                    }
                    Err(refusal) => state
                        .core
                        .refuse_login(connection, &refusal, &mut state.mail),
                },
                Ok(frame) => state.core.frame(now, connection, &frame, &mut state.mail),
                Err(refusal) => state.core.bad_frame(connection, &refusal, &mut state.mail),
            }
        }
        self.arm(state);
    }

    /// Tells the ticker if it would come too late.
    fn arm(&self, state: &mut State) {
        let wake = state.core.next_wake();
        if let Some(wake) = wake
            && state.armed.is_none_or(|armed| wake < armed)
        {
            state.armed = Some(wake);
            self.earlier.notify_one();
        }
    }

    /// Does what falls due, for ever.
    pub(super) async fn tick(&self) {
        loop {
            let wake = {
                let mut guard = self.state();
                let state = &mut *guard;
                state.core.tick(self.now(), &mut state.mail);
                state.armed = state.core.next_wake();
                state.armed
            };
            match wake {
                Some(wake) => {
                    let wait = wake.saturating_sub(self.now());
                    let _ = tokio::time::timeout(wait, self.earlier.notified()).await;
                }
                None => self.earlier.notified().await,
            }
        }
    }

    /// Says goodbye to everybody.
    pub(super) fn close_all(&self) {
        for mailbox in self.state().mail.boxes.values() {
            mailbox.close(ByeReason::Shutdown);
        }
    }
}

/// A session's name, impossible to guess.
fn secret() -> Arc<str> {
    Arc::from(crate::random_hex::<16>())
}

fn wall_clock() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
