//! The arrows of an invitation as its arbiter sees it, in one place.

use std::time::Duration;

/// Where an invitation stands. The first act that an arrow exists for wins (AGR).
///
/// ```text
///             invite_ack          accept             accept_ack
///   Waiting ─────────────> Ringing ──────> Accepting ──────────> Ended(Accepted)
///      │                      │                └ 5 s ──────────> Ended(Failed 3, 1 or 2)
///      │ refuse               ├ refuse ────────────────────────> Ended(Refused)
///      │ offline 30 s         ├ expiry ────────────────────────> Ended(Failed 3, 3)
///      │ no ack 30 s          └ cancel ──> Canceling ──────────> Ended(Canceled)
///      └──────> Ended(…)                      cancel_ack, 10 s, or the callee is gone
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Sent; the callee's device has not acknowledged it.
    Waiting {
        /// Whether it went out to a device that may have it.
        rung: bool,
        /// Whether the callee had a session at any time since the send.
        present: bool,
    },
    /// The callee's device has it.
    Ringing {
        /// When it expires.
        until: Duration,
    },
    /// The callee's accept has won; the caller's device has not acknowledged it (ACC-2).
    Accepting,
    /// The caller's cancel has won; the callee's device has not acknowledged it (ORD-3).
    Canceling,
    /// Over. It is remembered until both sides are known to know.
    Ended(End),
}

/// How an invitation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Both sides are told Accepted (AGR-1).
    Accepted,
    /// Both sides are told Refused (AGR-2).
    Refused,
    /// Both sides are told Canceled (AGR-3).
    Canceled,
    /// Both sides are told Failure (AGR-4 to AGR-6).
    Failed {
        /// The caller's code.
        local: u8,
        /// The code of a callee that had it.
        remote: u8,
    },
}

/// What can happen to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The callee's device acknowledges it.
    InviteAck {
        /// When it will expire.
        until: Duration,
    },
    /// The callee accepts.
    Accept,
    /// The caller's device acknowledges the accept.
    AcceptAck,
    /// The callee refuses.
    Refuse,
    /// The caller cancels.
    Cancel {
        /// Whether the callee has a session that could acknowledge.
        callee_present: bool,
    },
    /// The callee's device acknowledges the cancel.
    CancelAck,
    /// The callee's session is over, so that a device that was rung is gone.
    CalleeGone,
    /// A client tells a server that has just begun how it ended on its side.
    Recalled {
        /// How.
        end: End,
    },
    /// `offline_window` is over.
    OfflineWindowOver {
        /// Whether `no_ack` is over as well.
        no_ack_over: bool,
    },
    /// `no_ack` is over.
    NoAckOver,
    /// `expiry` is over.
    ExpiryOver,
    /// `accept_ack` is over.
    AcceptAckOver {
        /// Whether the caller has a session (ACC-3) or has none (ACC-4).
        caller_present: bool,
    },
    /// `cancel_bound` is over.
    CancelBoundOver,
}

/// The failure codes of both sides (FAIL).
const REMOTE_OFFLINE: u8 = 1;
pub(super) const REMOTE_NO_RESPONSE: u8 = 2;
const LOCAL_OFFLINE: u8 = 1;
const ACCEPT_FAILURE: u8 = 2;
pub(super) const EXPIRE: u8 = 3;

impl State {
    /// The next state, or `None` where the act comes too late, too early or again and changes nothing.
    pub(super) fn after(self, act: Act) -> Option<Self> {
        Some(match (self, act) {
            (Self::Waiting { .. }, Act::InviteAck { until }) => Self::Ringing { until },
            (Self::Waiting { .. } | Self::Ringing { .. }, Act::Accept) => Self::Accepting,
            (Self::Waiting { .. } | Self::Ringing { .. }, Act::Refuse) => Self::Ended(End::Refused),
            (
                Self::Waiting { rung: true, .. } | Self::Ringing { .. },
                Act::Cancel {
                    callee_present: true,
                },
            ) => Self::Canceling,
            // Nobody is there who would have to stop ringing (CAN-2).
            (Self::Waiting { .. } | Self::Ringing { .. }, Act::Cancel { .. }) => {
                Self::Ended(End::Canceled)
            }
            // Never there in all that time (FAIL-1); there at some time but silent (FAIL-3).
            (Self::Waiting { present: false, .. }, Act::OfflineWindowOver { .. }) => {
                Self::Ended(End::Failed {
                    local: REMOTE_OFFLINE,
                    remote: EXPIRE,
                })
            }
            (
                Self::Waiting { present: true, .. },
                Act::OfflineWindowOver { no_ack_over: true } | Act::NoAckOver,
            ) => Self::Ended(End::Failed {
                local: REMOTE_NO_RESPONSE,
                remote: EXPIRE,
            }),
            (Self::Ringing { .. }, Act::ExpiryOver) => Self::Ended(End::Failed {
                local: EXPIRE,
                remote: EXPIRE,
            }),
            (Self::Accepting, Act::AcceptAck) => Self::Ended(End::Accepted),
            // The caller that did not take the accept fails as expired (ACC-5, AGR-6).
            (
                Self::Accepting,
                Act::AcceptAckOver {
                    caller_present: true,
                },
            ) => Self::Ended(End::Failed {
                local: EXPIRE,
                remote: ACCEPT_FAILURE,
            }),
            (
                Self::Accepting,
                Act::AcceptAckOver {
                    caller_present: false,
                },
            ) => Self::Ended(End::Failed {
                local: EXPIRE,
                remote: LOCAL_OFFLINE,
            }),
            (Self::Canceling, Act::CancelAck | Act::CancelBoundOver | Act::CalleeGone) => {
                Self::Ended(End::Canceled)
            }
            (
                Self::Waiting { .. } | Self::Ringing { .. } | Self::Accepting | Self::Canceling,
                Act::Recalled { end },
            ) => Self::Ended(end),

            (
                Self::Waiting { .. },
                Act::AcceptAck
                | Act::CancelAck
                | Act::CalleeGone
                | Act::OfflineWindowOver { .. }
                | Act::NoAckOver
                | Act::ExpiryOver
                | Act::AcceptAckOver { .. }
                | Act::CancelBoundOver,
            )
            | (
                Self::Ringing { .. },
                Act::InviteAck { .. }
                | Act::AcceptAck
                | Act::CancelAck
                | Act::CalleeGone
                | Act::OfflineWindowOver { .. }
                | Act::NoAckOver
                | Act::AcceptAckOver { .. }
                | Act::CancelBoundOver,
            )
            | (
                Self::Accepting,
                Act::InviteAck { .. }
                | Act::Accept
                | Act::Refuse
                | Act::Cancel { .. }
                | Act::CancelAck
                | Act::CalleeGone
                | Act::OfflineWindowOver { .. }
                | Act::NoAckOver
                | Act::ExpiryOver
                | Act::CancelBoundOver,
            )
            | (
                Self::Canceling,
                Act::InviteAck { .. }
                | Act::Accept
                | Act::AcceptAck
                | Act::Refuse
                | Act::Cancel { .. }
                | Act::OfflineWindowOver { .. }
                | Act::NoAckOver
                | Act::ExpiryOver
                | Act::AcceptAckOver { .. },
            )
            | (Self::Ended(_), _) => return None,
        })
    }
}
