//! The limits that a target promises.

use std::time::Duration;

/// The limits of the lifecycle, FAIL section.
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
    /// How long the callee's device ack of a cancel may hold back the caller's Canceled, from the cancel.
    pub cancel_bound: Duration,
    /// How long a user counts as online after the loss of the connection.
    pub presence_grace: Duration,
    /// What `expiry` is counted from.
    pub expiry_anchor: Anchor,
}

impl Clocks {
    /// The longest that an invitation can last, from the send (AGR-8): a callee may come back, and then ack, as late as the
    /// end of the longer of the two windows.
    pub fn longest_life(&self) -> Duration {
        self.no_ack
            .max(self.offline_window)
            .saturating_add(self.expiry)
            .saturating_add(self.accept_ack)
    }

    /// The longest of the limits.
    pub fn longest(&self) -> Duration {
        self.offline_window
            .max(self.no_ack)
            .max(self.expiry)
            .max(self.accept_ack)
            .max(self.cancel_bound)
            .max(self.presence_grace)
    }
}

/// What `expiry` is counted from (FAIL-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
