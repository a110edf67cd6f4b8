//! The client's connection: logging in, staying heard, coming back (SES).

use std::borrow::Cow;
use std::time::Duration;

use super::Device;
use super::event::{ConnectionReason, ConnectionState, Event};
use crate::limits::{Clocks, SEEN_EVERY_FRAMES};
use crate::wire::{ByeReason, ClientFrame};

/// How long a log-in may take, attempts to connect included.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The first pause before connecting again; it doubles up to the last.
const BACK_OFF_MIN: Duration = Duration::from_millis(50);
const BACK_OFF_MAX: Duration = Duration::from_secs(5);

/// The session and the connection under it.
#[derive(Debug)]
pub(super) struct Link {
    state: ConnectionState,
    user: String,
    token: Option<String>,
    /// The session's secret name, once there is one.
    session: Option<String>,
    heartbeat: Duration,
    clocks: Option<Clocks>,
    /// Whether a connection is open and `login` has been said over it.
    open: bool,
    /// Frames of the server over this connection, `welcome` not counted.
    seen: u64,
    /// How many of them the server has been told.
    reported: u64,
    heard: Duration,
    said: Duration,
    /// When to give up logging in.
    login_until: Option<Duration>,
    /// When to connect again.
    retry_at: Option<Duration>,
    attempts: u32,
    /// Spreads the pauses of many clients: from 0.75 to 1.25, fixed per client, since a core has no randomness.
    spread: f64,
}

impl Link {
    pub(super) fn new(instance: &str) -> Self {
        let sum: u32 = instance.bytes().map(u32::from).sum();
        Self {
            state: ConnectionState::Disconnected,
            user: String::new(),
            token: None,
            session: None,
            heartbeat: Duration::from_secs(10),
            clocks: None,
            open: false,
            seen: 0,
            reported: 0,
            heard: Duration::ZERO,
            said: Duration::ZERO,
            login_until: None,
            retry_at: None,
            attempts: 0,
            spread: 0.75 + f64::from(sum % 51) / 100.0,
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.state
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn clocks(&self) -> Option<Clocks> {
        self.clocks
    }

    /// Whether the user has a session, as far as the client knows (SES-6).
    pub(super) fn has_session(&self) -> bool {
        match self.state {
            ConnectionState::Connected | ConnectionState::Reconnecting => true,
            ConnectionState::Disconnected
            | ConnectionState::Connecting
            | ConnectionState::Aborted => false,
        }
    }

    fn enter(
        &mut self,
        state: ConnectionState,
        reason: ConnectionReason,
        device: &mut impl Device,
    ) {
        self.state = state;
        device.event(Event::Connection { state, reason });
    }

    pub(super) fn login(
        &mut self,
        now: Duration,
        user: &str,
        token: Option<&str>,
        device: &mut impl Device,
    ) {
        if matches!(self.state, ConnectionState::Connecting) || self.has_session() {
            return;
        }
        user.clone_into(&mut self.user);
        self.token = token.map(str::to_owned);
        self.session = None;
        self.attempts = 0;
        self.login_until = Some(now + LOGIN_TIMEOUT);
        self.enter(ConnectionState::Connecting, ConnectionReason::Login, device);
        device.connect();
    }

    /// Takes a new token, and says so where there is a session to keep.
    pub(super) fn renew(&mut self, token: &str, device: &mut impl Device) {
        self.token = Some(token.to_owned());
        if self.is_beating() {
            device.send(&ClientFrame::Renew {
                token: Cow::Borrowed(token),
            });
        }
    }

    pub(super) fn logout(&mut self, device: &mut impl Device) {
        if !matches!(self.state, ConnectionState::Disconnected) {
            device.send(&ClientFrame::Logout);
            self.end(
                ConnectionState::Disconnected,
                ConnectionReason::Logout,
                device,
            );
        }
    }

    /// Leaves the session for good.
    fn end(&mut self, state: ConnectionState, reason: ConnectionReason, device: &mut impl Device) {
        self.session = None;
        self.login_until = None;
        self.retry_at = None;
        self.open = false;
        device.disconnect();
        self.enter(state, reason, device);
    }

    pub(super) fn connected(&mut self, now: Duration, device: &mut impl Device) {
        match self.state {
            ConnectionState::Connecting | ConnectionState::Reconnecting => {
                self.open = true;
                // A log-in that nobody answers is given up here too, where no user waits for it.
                if matches!(self.state, ConnectionState::Reconnecting) {
                    self.login_until = Some(now + LOGIN_TIMEOUT);
                }
                (self.heard, self.said) = (now, now);
                self.retry_at = None;
                device.send(&ClientFrame::Login {
                    user: Cow::Borrowed(&self.user),
                    token: self.token.as_deref().map(Cow::Borrowed),
                    session: self.session.as_deref().map(Cow::Borrowed),
                });
            }
            // Logged out meanwhile.
            ConnectionState::Disconnected
            | ConnectionState::Connected
            | ConnectionState::Aborted => device.disconnect(),
        }
    }

    /// The connection is gone, or could not be made.
    pub(super) fn disconnected(&mut self, now: Duration, device: &mut impl Device) {
        self.open = false;
        match self.state {
            ConnectionState::Connected => {
                self.attempts = 0;
                self.enter(
                    ConnectionState::Reconnecting,
                    ConnectionReason::Interrupted,
                    device,
                );
            }
            ConnectionState::Reconnecting => self.login_until = None,
            ConnectionState::Connecting => {}
            ConnectionState::Disconnected | ConnectionState::Aborted => return,
        }
        let pause = BACK_OFF_MIN
            .saturating_mul(1 << self.attempts.min(16))
            .min(BACK_OFF_MAX);
        self.attempts += 1;
        self.retry_at = Some(now + pause.mul_f64(self.spread));
    }

    /// The connection could not be made, and trying again would come to the same. A session that there is goes on trying:
    /// whoever runs the server may be mending it.
    pub(super) fn shut_out(&mut self, now: Duration, device: &mut impl Device) {
        if matches!(self.state, ConnectionState::Connecting) {
            self.end(
                ConnectionState::Disconnected,
                ConnectionReason::LoginFailure,
                device,
            );
        } else {
            self.disconnected(now, device);
        }
    }

    pub(super) fn welcomed(
        &mut self,
        session: &str,
        heartbeat: Duration,
        clocks: Clocks,
        device: &mut impl Device,
    ) {
        self.session = Some(session.to_owned());
        self.heartbeat = heartbeat;
        self.clocks = Some(clocks);
        (self.seen, self.reported, self.attempts) = (0, 0, 0);
        self.login_until = None;
        self.enter(
            ConnectionState::Connected,
            ConnectionReason::LoginSuccess,
            device,
        );
    }

    /// The server ends the session, or just the connection.
    pub(super) fn bye(&mut self, now: Duration, reason: ByeReason, device: &mut impl Device) {
        let (state, reason) = match reason {
            ByeReason::RemoteLogin | ByeReason::Replaced => {
                (ConnectionState::Aborted, ConnectionReason::RemoteLogin)
            }
            ByeReason::TokenExpired => (ConnectionState::Aborted, ConnectionReason::TokenExpired),
            ByeReason::TooManyErrors => {
                (ConnectionState::Aborted, ConnectionReason::BannedByServer)
            }
            ByeReason::LoginRefused => (
                ConnectionState::Disconnected,
                ConnectionReason::LoginFailure,
            ),
            ByeReason::Logout => (ConnectionState::Disconnected, ConnectionReason::Logout),
            ByeReason::LoginTimeout
            | ByeReason::Silence
            | ByeReason::AckMissing
            | ByeReason::SlowConsumer
            | ByeReason::Busy
            | ByeReason::Shutdown => {
                device.disconnect();
                return self.disconnected(now, device);
            }
        };
        self.end(state, reason, device);
    }

    /// Notes a frame of the server, and reports what was seen when there is much of it.
    pub(super) fn heard(&mut self, now: Duration) {
        self.heard = now;
        self.seen += 1;
    }

    /// When the server was heard last.
    pub(super) fn heard_last(&self) -> Duration {
        self.heard
    }

    pub(super) fn report_if_much(&mut self, now: Duration, device: &mut impl Device) {
        if self.open && self.seen - self.reported >= SEEN_EVERY_FRAMES {
            self.ping(now, device);
        }
    }

    fn ping(&mut self, now: Duration, device: &mut impl Device) {
        (self.reported, self.said) = (self.seen, now);
        device.send(&ClientFrame::Ping { seen: self.seen });
    }

    fn silent_at(&self) -> Duration {
        self.heard + self.heartbeat.mul_f64(2.5)
    }

    /// Whether there is a connection that may speak for the server.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether frames have a session to go to: before the `welcome` they would overtake what is to be said first.
    pub(super) fn is_beating(&self) -> bool {
        self.open && matches!(self.state, ConnectionState::Connected)
    }

    pub(super) fn next_wake(&self) -> Option<Duration> {
        let beat = self
            .is_beating()
            .then(|| (self.said + self.heartbeat).min(self.silent_at()));
        [self.login_until, self.retry_at, beat]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn tick(&mut self, now: Duration, device: &mut impl Device) {
        if self.login_until.is_some_and(|until| until <= now) {
            if matches!(self.state, ConnectionState::Reconnecting) {
                device.disconnect();
                return self.disconnected(now, device);
            }
            return self.end(
                ConnectionState::Disconnected,
                ConnectionReason::LoginTimeout,
                device,
            );
        }
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            device.connect();
        }
        if self.is_beating() {
            if self.silent_at() <= now {
                device.disconnect();
                self.disconnected(now, device);
            } else if self.said + self.heartbeat <= now {
                self.ping(now, device);
            }
        }
    }
}
