//! Who is there: connections, the sessions over them, and the grace of those that lost theirs (SES).

use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;

use super::book::UserId;
use super::exchange::Mail;
use super::passage::Passage;
use super::queue::Queue;
use super::{ConnectionId, Outbox};
use crate::fault::server::Bend;
use crate::limits::{Limits, Rate};
use crate::wire::{ByeReason, ServerFrame};

/// Connections and sessions.
#[derive(Debug)]
pub(super) struct Lobby {
    limits: Limits,
    connections: HashMap<ConnectionId, Connection>,
    sessions: HashMap<UserId, Session>,
    serial: u64,
    /// Connections that must log in, or be heard, by a time.
    waiting: Queue<ConnectionId>,
    /// Sessions that have lost their connection, by serial.
    grace: Queue<u64>,
    graced: HashMap<u64, UserId>,
}

#[derive(Debug)]
struct Connection {
    user: Option<UserId>,
    heard: Duration,
    bad_frames: u32,
}

#[derive(Debug)]
struct Session {
    serial: u64,
    /// The name by which its client resumes it, known to nobody else.
    secret: Arc<str>,
    connection: Option<ConnectionId>,
    /// Frames sent over the present connection, `welcome` not counted.
    sent: u64,
    /// When the connection was lost, if it is.
    lost: Option<Duration>,
    /// When the present window of the rate limit began, and how many messages came in it (LIM-5).
    window: (Duration, u32),
}

/// How a log-in came out.
pub(super) struct Entered {
    /// The session's number.
    pub(super) serial: u64,
    /// The session's secret name.
    pub(super) secret: Arc<str>,
    /// Whether it is the session that was asked for.
    pub(super) resumed: bool,
    /// The connection that had the session, or the session that had the user, until now.
    pub(super) displaced: Option<(ConnectionId, ByeReason)>,
}

/// What waiting for somebody came to.
pub(super) enum Overdue {
    /// The connection has not logged in, or is silent.
    Connection(ConnectionId, ByeReason),
    /// The session's grace is over.
    Session(UserId),
}

impl Lobby {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            connections: HashMap::default(),
            sessions: HashMap::default(),
            serial: 0,
            waiting: Queue::new(),
            grace: Queue::new(),
            graced: HashMap::default(),
        }
    }

    pub(super) fn sessions(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn opened(&mut self, now: Duration, connection: ConnectionId) {
        self.connections.insert(
            connection,
            Connection {
                user: None,
                heard: now,
                bad_frames: 0,
            },
        );
        self.await_by(now + self.limits.login_timeout, connection);
    }

    fn await_by(&mut self, due: Duration, connection: ConnectionId) {
        self.waiting.push(due, connection);
        let connections = &self.connections;
        self.waiting.trim(connections.len(), |_, connection| {
            connections.contains_key(&connection)
        });
    }

    /// Whether the connection is open. What is said over one that the core has closed counts for nothing.
    pub(super) fn is_open(&self, connection: ConnectionId) -> bool {
        self.connections.contains_key(&connection)
    }

    /// Notes that the connection was heard. Its user, if it has logged in.
    pub(super) fn heard(&mut self, now: Duration, connection: ConnectionId) -> Option<UserId> {
        let found = self.connections.get_mut(&connection)?;
        found.heard = now;
        found.user.clone()
    }

    /// The user who has logged in over the connection.
    pub(super) fn user_of(&self, connection: ConnectionId) -> Option<UserId> {
        self.connections.get(&connection)?.user.clone()
    }

    /// Counts a bad frame. Whether there were too many.
    pub(super) fn bad_frame(&mut self, connection: ConnectionId) -> bool {
        self.connections.get_mut(&connection).is_some_and(|found| {
            found.bad_frames += 1;
            found.bad_frames > crate::limits::BAD_FRAMES_MAX
        })
    }

    /// Whether the user has a live session of that name.
    pub(super) fn may_resume(&self, user: &str, wanted: Option<&str>) -> bool {
        self.sessions
            .get(user)
            .is_some_and(|session| wanted == Some(&*session.secret))
    }

    /// Whether the session of that name has given way to another that the user has now.
    pub(super) fn is_superseded(&self, user: &str, wanted: Option<&str>) -> bool {
        let live = self.sessions.get(user);
        live.is_some_and(|session| wanted.is_some_and(|wanted| wanted != &*session.secret))
    }

    /// Every session that has a connection, by user id, so that the order does not depend on chance.
    pub(super) fn connected(&self) -> Vec<(UserId, ConnectionId)> {
        let connected = |(user, session): (&UserId, &Session)| {
            session
                .connection
                .map(|connection| (user.clone(), connection))
        };
        let mut found: Vec<_> = self.sessions.iter().filter_map(connected).collect();
        found.sort();
        found
    }

    /// Whether one more session may begin (LIM-4).
    pub(super) fn has_room(&self, user: &str) -> bool {
        self.sessions.len() < self.limits.sessions_max || self.sessions.contains_key(user)
    }

    /// Gives the connection the user's session: the old one if it names its secret, else a new one (SES-1, SES-2).
    pub(super) fn enter(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        user: &UserId,
        wanted: Option<&str>,
        secret: Arc<str>,
    ) -> Entered {
        if let Some(found) = self.connections.get_mut(&connection) {
            found.user = Some(user.clone());
            found.heard = now;
        }
        self.await_by(now + self.silence(), connection);
        if let Some(session) = self.sessions.get_mut(user)
            && wanted == Some(&*session.secret)
        {
            let old = session.connection.replace(connection);
            // What a displaced connection still says counts for nothing.
            old.and_then(|old| self.connections.remove(&old));
            session.sent = 0;
            session.lost = None;
            return Entered {
                serial: session.serial,
                secret: session.secret.clone(),
                resumed: true,
                displaced: old.map(|old| (old, ByeReason::Replaced)),
            };
        }
        self.serial += 1;
        let (serial, window) = (self.serial, (now, 0));
        let session = Session {
            serial,
            secret: secret.clone(),
            connection: Some(connection),
            sent: 0,
            lost: None,
            window,
        };
        let old = self
            .sessions
            .insert(user.clone(), session)
            .and_then(|old| old.connection);
        old.and_then(|old| self.connections.remove(&old));
        Entered {
            serial,
            secret,
            resumed: false,
            displaced: old.map(|old| (old, ByeReason::RemoteLogin)),
        }
    }

    /// Sends a frame over the user's connection. Its number there, or `None` if there is no connection.
    pub(super) fn send(
        &mut self,
        user: &UserId,
        frame: &ServerFrame<'_>,
        out: &mut impl Outbox,
    ) -> Option<u64> {
        let session = self.sessions.get_mut(user)?;
        let connection = session.connection?;
        session.sent += 1;
        out.send(connection, frame);
        Some(session.sent)
    }

    /// Ends the user's session (SES-4).
    pub(super) fn leave(&mut self, user: &UserId) {
        if let Some(connection) = self
            .sessions
            .remove(user)
            .and_then(|session| session.connection)
        {
            self.connections.remove(&connection);
        }
    }

    /// Forgets a connection. If a session was over it, its grace begins.
    pub(super) fn closed(&mut self, now: Duration, connection: ConnectionId) {
        let Some(user) = self
            .connections
            .remove(&connection)
            .and_then(|found| found.user)
        else {
            return;
        };
        let Some(session) = self
            .sessions
            .get_mut(&user)
            .filter(|s| s.connection == Some(connection))
        else {
            return;
        };
        session.connection = None;
        session.lost = Some(now);
        self.graced.insert(session.serial, user);
        let grace = self.limits.clocks.presence_grace;
        self.grace.push(now + grace, session.serial);
        let (graced, sessions) = (&self.graced, &self.sessions);
        self.grace.trim(graced.len(), |due, serial| {
            graced
                .get(&serial)
                .and_then(|user| sessions.get(user))
                .is_some_and(|session| {
                    session.serial == serial && session.lost.is_some_and(|lost| lost + grace == due)
                })
        });
    }

    /// Counts a message against the rate limit. How long to wait, if there were too many (LIM-5).
    pub(super) fn over_rate(&mut self, now: Duration, user: &UserId) -> Option<Duration> {
        let Rate { messages, window } = self.limits.rate?;
        let session = self.sessions.get_mut(user)?;
        let (began, count) = &mut session.window;
        if now >= *began + window {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        (*count > messages).then(|| (*began + window).saturating_sub(now))
    }

    /// Nothing may be heard from a client for so long: two heartbeats and a half, so that one may be lost.
    fn silence(&self) -> Duration {
        self.limits.heartbeat.mul_f64(2.5)
    }

    pub(super) fn next_wake(&self) -> Option<Duration> {
        self.waiting
            .next()
            .into_iter()
            .chain(self.grace.next())
            .min()
    }

    /// Whoever has kept us waiting too long, one at a time.
    pub(super) fn overdue(&mut self, now: Duration) -> Option<Overdue> {
        while let Some((_, connection)) = self.waiting.pop_due(now) {
            let Some(found) = self.connections.get(&connection) else {
                continue;
            };
            let due = found.heard + self.silence();
            match found.user {
                None => return Some(Overdue::Connection(connection, ByeReason::LoginTimeout)),
                Some(_) if due <= now => {
                    return Some(Overdue::Connection(connection, ByeReason::Silence));
                }
                Some(_) => self.waiting.push(due, connection),
            }
        }
        while let Some((due, serial)) = self.grace.pop_due(now) {
            let Some(user) = self.graced.get(&serial) else {
                continue;
            };
            let session = self
                .sessions
                .get(user)
                .filter(|session| session.serial == serial);
            match session.map(|session| session.lost) {
                // Back again; or lost anew, with a later deadline of its own.
                Some(None) => {}
                Some(Some(lost)) if lost + self.limits.clocks.presence_grace > due => continue,
                Some(Some(_)) => return self.graced.remove(&serial).map(Overdue::Session),
                None => {}
            }
            self.graced.remove(&serial);
        }
        None
    }
}

/// The exchange's way to users: over the lobby's sessions to the driver's connections.
pub(super) struct Post<'a, O> {
    pub(super) lobby: &'a mut Lobby,
    out: &'a mut O,
    bend: Option<&'a mut Bend>,
}

impl<'a, O> Post<'a, O> {
    pub(super) fn over(
        lobby: &'a mut Lobby,
        out: &'a mut O,
        bend: &'a mut Option<Box<Bend>>,
    ) -> Self {
        let bend = bend.as_deref_mut();
        Self { lobby, out, bend }
    }
}

impl<O: Outbox> Mail for Post<'_, O> {
    fn deliver(&mut self, user: &UserId, frame: &ServerFrame<'_>) -> Option<u64> {
        let Self { lobby, out, bend } = self;
        let Some(bend) = bend else {
            return lobby.send(user, frame, *out);
        };
        let mut number = None;
        bend.tell(user, frame, &mut |to, frame| {
            let sent = lobby.send(to, frame, *out);
            if to == user {
                number = sent;
            }
        });
        number
    }

    fn passed(&mut self, passage: &Passage<'_>) {
        self.out.passed(passage);
    }

    fn sever(&mut self, user: &UserId, reason: ByeReason) {
        if self
            .bend
            .as_ref()
            .is_some_and(|bend| bend.spares_the_silent())
        {
            return;
        }
        if let Some(connection) = self
            .lobby
            .sessions
            .get(user)
            .and_then(|session| session.connection)
        {
            self.out.close(connection, reason);
        }
    }
}
