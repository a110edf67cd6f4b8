//! What the arbiter has written down: users, invitations, and why a frame about one is refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::state::State;
use crate::wire::{ClientFrame, ErrorCode, Refusal};

/// A user id.
pub(super) type UserId = Arc<str>;

/// A user as far as invitations are concerned. It lives as long as it has a session or an invitation.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) user: UserId,
    /// The number of its session, if it has one.
    pub(super) session: Option<u64>,
    /// Open invitations to it, by serial, so that a new session hears of them in order.
    pub(super) incoming: BTreeMap<u64, usize>,
    /// Remembered invitations of which it is the caller or callee.
    pub(super) involved: usize,
    /// Open invitations from it.
    pub(super) outgoing: usize,
    /// Endings that were sent over the present connection, by the number of their frame.
    pub(super) unconfirmed: VecDeque<(u64, Handle, Side)>,
}

#[derive(Debug)]
pub(super) struct Invitation {
    pub(super) serial: u64,
    pub(super) id: Arc<str>,
    pub(super) caller: usize,
    pub(super) callee: usize,
    /// The caller's session that knows of it; 0 while it was only recalled by the callee.
    pub(super) caller_session: u64,
    pub(super) content: Box<str>,
    pub(super) channel: Box<str>,
    pub(super) response: Box<str>,
    pub(super) sent: Duration,
    /// Whether the callee's device has acknowledged it.
    pub(super) acked: bool,
    pub(super) state: State,
    /// Whether it comes from before this server began.
    pub(super) is_foreign: bool,
    /// Since when it stands there.
    pub(super) since: Duration,
    /// Whether nobody has to be told on the caller's side any more.
    pub(super) local_settled: bool,
    /// Whether nobody has to be told on the callee's side any more.
    pub(super) remote_settled: bool,
}

/// An invitation's place and serial: a place is used again, a serial never.
pub(super) type Handle = (usize, u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Local,
    Remote,
}

/// Why a frame about an invitation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No invitation of that id has the user on that side.
    UnknownInvitation,
    /// The id is another user's.
    IdTaken,
    /// A table is full.
    LimitReached,
    /// The server is to stop and takes nothing new.
    Draining,
}

impl Fault {
    /// The answer to the frame.
    pub(super) fn refusal<'a>(self, frame: &'a ClientFrame<'_>) -> Refusal<'a> {
        let (code, message) = match self {
            Self::UnknownInvitation => (
                ErrorCode::UnknownInvitation,
                "no invitation of this id has you on that side; it may have ended",
            ),
            Self::IdTaken => (
                ErrorCode::IdTaken,
                "the id belongs to another user's invitation; make a new one",
            ),
            Self::LimitReached => (
                ErrorCode::LimitReached,
                "too many open invitations; end some and send it again",
            ),
            Self::Draining => (
                ErrorCode::Draining,
                "the server is to stop; say it again over the next connection",
            ),
        };
        Refusal {
            code,
            message: Cow::Borrowed(message),
            frame: Some(Cow::Borrowed(frame.kind())),
            id: frame.id().map(Cow::Borrowed),
            retry_after: None,
        }
    }
}
