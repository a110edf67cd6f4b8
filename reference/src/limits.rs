//! Every bound of the reference, with its unit in its name and the reason for its size.

use std::time::Duration;

/// The subprotocol that both ends of the WebSocket must agree on, with its version.
pub const SUBPROTOCOL: &str = "ringcheck.invitation.v1";

/// The largest content or response, in bytes of UTF-8 (LIM-1).
pub const TEXT_BYTES_MAX: usize = 8_192;

/// The largest channel id, in bytes of UTF-8 (LIM-2).
pub const CHANNEL_BYTES_MAX: usize = 64;

/// The largest user id, in bytes (LIM-3).
pub const USER_BYTES_MAX: usize = 64;

/// The largest invitation id, in bytes: room for a UUID and a prefix.
pub const INVITATION_ID_BYTES_MAX: usize = 64;

/// The largest token, in bytes: a signed token with a few claims is well below.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// The largest frame on the wire. JSON may write each byte of a text as six (`\u0001`), and 6 × 8,192 leaves room for
/// the other fields.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// After how many frames of the server a client reports what it has seen, so that the server may forget what has ended.
pub const SEEN_EVERY_FRAMES: u64 = 64;

/// Endings sent to one user whose arrival is waited for: more than an outbox of the usual size holds.
pub const UNCONFIRMED_MAX: usize = 16 * 1024;

/// Invitations that ring at one client at once, ten times what a server lets through by default. One more is not
/// acknowledged, so that its caller is told of no response (LIM-4).
pub const RINGING_MAX: usize = 100_000;

/// Bad frames on one connection before it is closed: enough for a person trying things, too few for a flood.
pub const BAD_FRAMES_MAX: u32 = 100;

/// Threads of a server: more than any machine has cores, and few enough for a connection's number to name its thread.
pub const THREADS_MAX: usize = 1 << 10;

/// The limits of the lifecycle (FAIL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// How long the callee may stay offline, from the send.
    pub offline_window: Duration,
    /// How long the callee's device ack may take, from the send.
    pub no_ack: Duration,
    /// How long an invitation rings, from [`Clocks::expiry_anchor`].
    pub expiry: Duration,
    /// How long the caller's device ack of an accept may take, from the accept.
    pub accept_ack: Duration,
    /// How long a cancel waits for the callee's device ack, from the cancel.
    pub cancel_bound: Duration,
    /// How long a user counts as online after the loss of the connection.
    pub presence_grace: Duration,
    /// What `expiry` is counted from.
    pub expiry_anchor: Anchor,
}

/// What `expiry` is counted from (FAIL-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The callee's device ack.
    Ack,
    /// The send.
    Send,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            offline_window: Duration::from_secs(30),
            no_ack: Duration::from_secs(30),
            expiry: Duration::from_secs(60),
            accept_ack: Duration::from_secs(5),
            cancel_bound: Duration::from_secs(10),
            presence_grace: Duration::from_secs(30),
            expiry_anchor: Anchor::Ack,
        }
    }
}

impl Clocks {
    /// Every limit multiplied by `factor`, so that proportions stay.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            offline_window: self.offline_window.mul_f64(factor),
            no_ack: self.no_ack.mul_f64(factor),
            expiry: self.expiry.mul_f64(factor),
            accept_ack: self.accept_ack.mul_f64(factor),
            cancel_bound: self.cancel_bound.mul_f64(factor),
            presence_grace: self.presence_grace.mul_f64(factor),
            expiry_anchor: self.expiry_anchor,
        }
    }

    /// The longest an invitation can live, from the send (AGR-8).
    pub fn longest_life(&self) -> Duration {
        self.no_ack.max(self.offline_window) + self.expiry + self.accept_ack
    }
}

/// What a server allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The limits of the lifecycle.
    pub clocks: Clocks,
    /// How often a silent client must be heard; the server gives up after two and a half times as long.
    pub heartbeat: Duration,
    /// How long before its end a token is announced to run out, or half of its life if that is less.
    pub token_notice: Duration,
    /// How long a connection may take from its first byte to a log-in.
    pub login_timeout: Duration,
    /// Connections at once, with those that have not logged in.
    pub connections_max: usize,
    /// Connections from one address at once; of IPv6 the first 64 bits count as one address.
    pub connections_per_address_max: Option<u32>,
    /// Log-ins in a time, of all users together. One with a bad token does not count: it keeps nobody out.
    pub logins: Option<Rate>,
    /// Sessions at once.
    pub sessions_max: usize,
    /// Invitations in the table at once, ended ones that are still remembered among them.
    pub invitations_max: usize,
    /// Open invitations from one user at once.
    pub outgoing_per_user_max: usize,
    /// Open invitations to one user at once.
    pub incoming_per_user_max: usize,
    /// The largest frame that is taken.
    pub frame_bytes_max: usize,
    /// Bytes waiting for one connection before it is closed as a slow consumer.
    pub outbox_bytes_max: usize,
    /// Messages per session and time; `None` is no limit (LIM-5).
    pub rate: Option<Rate>,
}

/// So many messages in so much time (LIM-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many: for a session, of its invites, cancels, accepts and refuses.
    pub messages: u32,
    /// In how long a window.
    pub window: Duration,
}

impl Rate {
    /// The carrier's limit: 180 messages in 3 s (LIM-5).
    pub const CARRIER: Self = Self {
        messages: 180,
        window: Duration::from_secs(3),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clocks: Clocks::default(),
            heartbeat: Duration::from_secs(10),
            token_notice: Duration::from_secs(30),
            login_timeout: Duration::from_secs(10),
            // Beyond the sessions there is room for those who log in anew while their old connection is not known to be dead.
            connections_max: 100_064,
            connections_per_address_max: None,
            logins: None,
            // One process may open 20,000 files on small machines; past that the system refuses first.
            sessions_max: 100_000,
            invitations_max: 1_000_000,
            outgoing_per_user_max: 10_000,
            incoming_per_user_max: 10_000,
            frame_bytes_max: FRAME_BYTES_MAX,
            // Sixteen of the largest frames, or some ten thousand usual ones.
            outbox_bytes_max: 1024 * 1024,
            rate: None,
        }
    }
}
