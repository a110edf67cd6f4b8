//! The server as a plain value: `(now, input) -> outputs`, the same under sockets, in a simulation and in a test.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::book::UserId;
use super::exchange::{Exchange, Mail};
use super::lobby::{Entered, Lobby, Overdue, Post};
use super::passage::Standing;
use super::{ConnectionId, Outbox};
use crate::fault::Fault;
use crate::fault::server::Bend;
use crate::limits::Limits;
use crate::wire::{ByeReason, ClientFrame, ErrorCode, Refusal, ServerFrame};

/// The invitation server without clock, socket or randomness.
///
/// Every method takes `now`, the time since some moment of the driver's choosing. It must not run backwards, and should
/// begin at [`Core::CLOCK_BEGIN`] so that invitations sent before the server began have a time too.
///
/// After every call the driver asks [`Core::next_wake`] and calls [`Core::tick`] at that time.
#[derive(Debug)]
pub struct Core {
    limits: Limits,
    lobby: Lobby,
    exchange: Exchange,
    /// The deviation that is switched on.
    bend: Option<Box<Bend>>,
}

/// What is in the server's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sessions, those in their grace among them.
    pub sessions: usize,
    /// Invitations that have not ended.
    pub open_invitations: usize,
    /// Invitations in the table, with those that have ended but are remembered for a side that may not know.
    pub invitations: usize,
}

impl Core {
    /// Where a driver's clock should begin.
    pub const CLOCK_BEGIN: Duration = Duration::from_secs(24 * 3600);

    /// A server with nobody there.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            lobby: Lobby::new(limits),
            exchange: Exchange::new(limits),
            bend: None,
        }
    }

    /// A server with a deviation switched on: for checking checkers.
    pub fn deviant(limits: Limits, fault: Fault) -> Self {
        let kept = Limits {
            clocks: fault.kept(limits.clocks),
            ..limits
        };
        Self {
            limits,
            lobby: Lobby::new(kept),
            exchange: Exchange::new(kept),
            bend: Some(Box::new(Bend::new(fault))),
        }
    }

    /// What is in the tables.
    pub fn counts(&self) -> Counts {
        let (open_invitations, invitations) = self.exchange.counts();
        Counts {
            sessions: self.lobby.sessions(),
            open_invitations,
            invitations,
        }
    }

    /// An invitation as it stands, open or remembered.
    pub fn standing(&self, now: Duration, id: &str) -> Option<Standing> {
        self.exchange.standing(now, id)
    }

    /// A connection is there and must log in within [`Limits::login_timeout`].
    pub fn opened(&mut self, now: Duration, connection: ConnectionId) {
        self.exchange.begin(now);
        self.lobby.opened(now, connection);
    }

    /// A connection is gone. Its session, if it had one, lives on for the presence grace (SES-2).
    pub fn closed(&mut self, now: Duration, connection: ConnectionId) {
        if let Some(bend) = &mut self.bend
            && let Some(user) = self.lobby.user_of(connection)
        {
            bend.lost(&user);
        }
        self.lobby.closed(now, connection);
    }

    /// A client logs in with a token that the driver has found good. `wanted` is the session to resume; `secret` names
    /// the session if a new one begins, and must be impossible to guess.
    pub fn login(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        (user, wanted): (&str, Option<&str>),
        secret: Arc<str>,
        out: &mut impl Outbox,
    ) {
        if !self.lobby.is_open(connection) {
            return;
        }
        if self.lobby.heard(now, connection).is_some() {
            let message = "this connection is logged in; log out first, or use another connection";
            return self.refuse(
                connection,
                &login_refusal(ErrorCode::AlreadyLoggedIn, message),
                out,
            );
        }
        if self.exchange.is_draining && !self.lobby.may_resume(user, wanted) {
            return out.close(connection, ByeReason::Shutdown);
        }
        let spares = self
            .bend
            .as_ref()
            .is_some_and(|bend| bend.spares_the_first());
        // A device that was away while the user logged in on another must not take the user back (SES-1).
        if self.lobby.is_superseded(user, wanted) && !spares {
            return out.close(connection, ByeReason::RemoteLogin);
        }
        if !self.lobby.has_room(user) {
            let message = "the server has as many sessions as it may";
            return self.refuse_login(
                connection,
                &login_refusal(ErrorCode::LimitReached, message),
                out,
            );
        }
        let user: UserId = Arc::from(user);
        let Entered {
            serial,
            secret,
            resumed,
            displaced,
        } = self.lobby.enter(now, connection, &user, wanted, secret);
        if let Some((connection, reason)) = displaced
            && !spares
        {
            out.close(connection, reason);
        }
        let welcome = ServerFrame::Welcome {
            session: Cow::Borrowed(&secret),
            resumed,
            heartbeat: self.limits.heartbeat,
            clocks: self.limits.clocks,
            starting: self.exchange.starting(now),
        };
        out.send(connection, &welcome);
        self.exchange.present(
            now,
            &user,
            serial,
            !resumed,
            &mut Post::over(&mut self.lobby, out, &mut self.bend),
        );
        if let Some(bend) = &mut self.bend {
            for (user, frame) in bend.entered(&user) {
                self.lobby.send(&user, &frame, out);
            }
        }
    }

    /// Refuses a log-in and ends the connection (SES-7).
    pub fn refuse_login(
        &mut self,
        connection: ConnectionId,
        refusal: &Refusal<'_>,
        out: &mut impl Outbox,
    ) {
        out.send(connection, &ServerFrame::Error(refusal.clone()));
        out.close(connection, ByeReason::LoginRefused);
    }

    /// A client says something other than `login`.
    pub fn frame(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        frame: &ClientFrame<'_>,
        out: &mut impl Outbox,
    ) {
        if !self.lobby.is_open(connection) {
            return;
        }
        let Some(user) = self.lobby.heard(now, connection) else {
            let message = "log in before anything else";
            return self.bad_frame(
                connection,
                &about(frame, ErrorCode::NotLoggedIn, message),
                out,
            );
        };
        let Some(bend) = &mut self.bend else {
            return self.take(now, (connection, user), frame, out);
        };
        let heard = bend.heard(&user, frame);
        for (user, frame) in &heard.told {
            self.lobby.send(user, frame, out);
        }
        if !heard.swallowed {
            let frame = heard.instead.as_ref().unwrap_or(frame);
            self.take(now, (connection, user), frame, out);
        }
    }

    /// Takes a frame of a user.
    fn take(
        &mut self,
        now: Duration,
        (connection, user): (ConnectionId, UserId),
        frame: &ClientFrame<'_>,
        out: &mut impl Outbox,
    ) {
        let mail = &mut Post::over(&mut self.lobby, out, &mut self.bend);
        match frame {
            ClientFrame::Login { .. } => {
                let message =
                    "this connection is logged in; log out first, or use another connection";
                self.refuse(
                    connection,
                    &login_refusal(ErrorCode::AlreadyLoggedIn, message),
                    out,
                );
            }
            ClientFrame::Logout => self.dismiss(now, (connection, &user), ByeReason::Logout, out),
            // The driver, who can read tokens, answers it.
            ClientFrame::Renew { .. } => {}
            ClientFrame::Ping { seen } => {
                self.exchange.confirm(&user, *seen);
                mail.deliver(&user, &ServerFrame::Pong);
            }
            ClientFrame::Invite { .. }
            | ClientFrame::Cancel { .. }
            | ClientFrame::Accept { .. }
            | ClientFrame::Refuse { .. }
                if let Some(wait) = mail.lobby.over_rate(now, &user) =>
            {
                let refusal = about(
                    frame,
                    ErrorCode::RateLimited,
                    "too many messages; try again later",
                );
                mail.deliver(
                    &user,
                    &ServerFrame::Error(Refusal {
                        retry_after: Some(wait),
                        ..refusal
                    }),
                );
            }
            ClientFrame::Invite { .. }
            | ClientFrame::InviteAck { .. }
            | ClientFrame::Cancel { .. }
            | ClientFrame::CancelAck { .. }
            | ClientFrame::Accept { .. }
            | ClientFrame::AcceptAck { .. }
            | ClientFrame::Refuse { .. }
            | ClientFrame::Recall { .. } => {
                if let Err(fault) = self.exchange.frame(now, &user, frame, mail) {
                    mail.deliver(&user, &ServerFrame::Error(fault.refusal(frame)));
                }
            }
        }
    }

    /// Ends the session over a connection, for a reason that only the driver can know (SES-7).
    pub fn expel(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        reason: ByeReason,
        out: &mut impl Outbox,
    ) {
        match self.lobby.user_of(connection) {
            Some(user) => self.dismiss(now, (connection, &user), reason, out),
            None => out.close(connection, reason),
        }
    }

    fn dismiss(
        &mut self,
        now: Duration,
        (connection, user): (ConnectionId, &UserId),
        reason: ByeReason,
        out: &mut impl Outbox,
    ) {
        self.leave(user);
        out.close(connection, reason);
        self.exchange.absent(
            now,
            user,
            &mut Post::over(&mut self.lobby, out, &mut self.bend),
        );
    }

    /// The user who has logged in over the connection.
    pub fn user_of(&self, connection: ConnectionId) -> Option<Arc<str>> {
        self.lobby.user_of(connection)
    }

    /// Tells whoever has logged in over the connection something that only the driver can know.
    pub fn tell(
        &mut self,
        connection: ConnectionId,
        frame: &ServerFrame<'_>,
        out: &mut impl Outbox,
    ) {
        if let Some(user) = self.lobby.user_of(connection) {
            Post::over(&mut self.lobby, out, &mut self.bend).deliver(&user, frame);
        }
    }

    /// From now on no session begins and no invitation is taken; and every connected session that holds no open invitation
    /// ends, so that its client goes elsewhere. How many invitations are still open. To be called again until there are none.
    pub fn drain(&mut self, now: Duration, out: &mut impl Outbox) -> usize {
        self.exchange.is_draining = true;
        for (user, connection) in self.lobby.connected() {
            if !self.exchange.holds_open(&user) {
                self.dismiss(now, (connection, &user), ByeReason::Shutdown, out);
            }
        }
        self.exchange.counts().0
    }

    /// A client says something that is not a frame. It is told why; too many end the connection, and a log-in that cannot
    /// be read is refused like one that cannot be granted.
    pub fn bad_frame(
        &mut self,
        connection: ConnectionId,
        refusal: &Refusal<'_>,
        out: &mut impl Outbox,
    ) {
        if !self.lobby.is_open(connection) {
            return;
        }
        if refusal.frame.as_deref() == Some("login") && self.lobby.user_of(connection).is_none() {
            return self.refuse_login(connection, refusal, out);
        }
        self.refuse(connection, refusal, out);
        if self.lobby.bad_frame(connection) {
            out.close(connection, ByeReason::TooManyErrors);
        }
    }

    fn leave(&mut self, user: &UserId) {
        self.lobby.leave(user);
        if let Some(bend) = &mut self.bend {
            bend.left(user);
        }
    }

    fn refuse(&mut self, connection: ConnectionId, refusal: &Refusal<'_>, out: &mut impl Outbox) {
        let frame = ServerFrame::Error(refusal.clone());
        match self.lobby.user_of(connection) {
            // Through the session, so that the client's count of frames stays right.
            Some(user) => {
                Post::over(&mut self.lobby, out, &mut self.bend).deliver(&user, &frame);
            }
            None => out.send(connection, &frame),
        }
    }

    /// The earliest time at which something may fall due.
    pub fn next_wake(&self) -> Option<Duration> {
        self.lobby
            .next_wake()
            .into_iter()
            .chain(self.exchange.next_wake())
            .min()
    }

    /// Does what has fallen due.
    pub fn tick(&mut self, now: Duration, out: &mut impl Outbox) {
        while let Some(overdue) = self.lobby.overdue(now) {
            match overdue {
                Overdue::Connection(connection, reason) => out.close(connection, reason),
                Overdue::Session(user) => {
                    self.leave(&user);
                    self.exchange.absent(
                        now,
                        &user,
                        &mut Post::over(&mut self.lobby, out, &mut self.bend),
                    );
                }
            }
        }
        self.exchange
            .tick(now, &mut Post::over(&mut self.lobby, out, &mut self.bend));
    }
}

fn login_refusal(code: ErrorCode, message: &'static str) -> Refusal<'static> {
    Refusal {
        code,
        message: Cow::Borrowed(message),
        frame: Some(Cow::Borrowed("login")),
        id: None,
        retry_after: None,
    }
}

fn about<'a>(frame: &'a ClientFrame<'_>, code: ErrorCode, message: &'static str) -> Refusal<'a> {
    Refusal {
        code,
        message: Cow::Borrowed(message),
        frame: Some(Cow::Borrowed(frame.kind())),
        id: frame.id().map(Cow::Borrowed),
        retry_after: None,
    }
}
