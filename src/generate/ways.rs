//! Ways into a state: of the caller's side, of the callee's, and of what is still under way between them.

use super::world::{CALLEE, CALLER, Move};
use crate::history::Call;
use crate::scenario::plan::{Timer, Way as Direction};

/// A way into a state.
pub(super) struct Way {
    /// Its part of a file's name.
    pub(super) slug: &'static str,
    /// Its part of a scenario's name.
    pub(super) words: &'static str,
    /// Who is logged in at the start: caller and callee.
    pub(super) online: [bool; 2],
    /// Whether the callee may be the caller: nothing on the way is done to one connection alone.
    pub(super) alone: bool,
    /// What happens on the way, after the creation.
    pub(super) moves: &'static [Move],
}

const fn call(user: usize, call: Call) -> Move {
    Move::Call {
        user,
        call,
        ring: 0,
        good: true,
    }
}

pub(super) const SEND: Move = call(CALLER, Call::Send);
pub(super) const CANCEL: Move = call(CALLER, Call::Cancel);
pub(super) const ACCEPT: Move = call(CALLEE, Call::Accept);
pub(super) const REFUSE: Move = call(CALLEE, Call::Refuse);

/// Time for what was said to arrive, where nobody hears of it.
pub(super) const PAUSE: Move = Move::Wait(0.1, Timer::NoAck);

const CALLER_MUTE: Move = Move::Hold(CALLER, Direction::Sent);
const CALLER_DEAF: Move = Move::Hold(CALLER, Direction::Heard);
const CALLEE_MUTE: Move = Move::Hold(CALLEE, Direction::Sent);
const CALLEE_AGAIN: Move = Move::Release(CALLEE, Direction::Sent);
const CALLEE_DEAF: Move = Move::Hold(CALLEE, Direction::Heard);

const fn way(slug: &'static str, words: &'static str, moves: &'static [Move]) -> Way {
    Way {
        slug,
        words,
        online: [true, true],
        alone: false,
        moves,
    }
}

/// A way that an invitation to oneself can go as well.
const fn either(slug: &'static str, words: &'static str, moves: &'static [Move]) -> Way {
    Way {
        alone: true,
        ..way(slug, words, moves)
    }
}

const fn to_nobody(slug: &'static str, words: &'static str, moves: &'static [Move]) -> Way {
    Way {
        online: [true, false],
        ..way(slug, words, moves)
    }
}

/// The ways into states in which both sides are open, or have not begun.
pub(super) const OPEN: &[Way] = &[
    either("idle", "Created and not sent", &[]),
    to_nobody("idle-offline", "Created while the callee is offline", &[]),
    way(
        "send-under-way",
        "Sent, and the send is under way",
        &[CALLER_MUTE, SEND],
    ),
    to_nobody(
        "offline",
        "Sent while the callee is offline",
        &[SEND, PAUSE],
    ),
    way(
        "unheard",
        "Sent, and the callee has not heard of it",
        &[CALLEE_DEAF, SEND, PAUSE],
    ),
    way(
        "callee-away",
        "Sent while the callee's connection is down",
        &[Move::Drop(CALLEE), SEND, PAUSE],
    ),
    way(
        "unacked",
        "Ringing, and the device ack is under way",
        &[CALLEE_MUTE, SEND],
    ),
    way(
        "receipt-unheard",
        "Ringing, and the caller has not heard of it",
        &[CALLER_DEAF, SEND, PAUSE],
    ),
    either("ringing", "Ringing", &[SEND]),
    to_nobody(
        "late-login",
        "Ringing since the callee's late login",
        &[SEND, PAUSE, Move::Login(CALLEE)],
    ),
    way(
        "callee-back",
        "Ringing, and the callee's connection was lost and is back",
        &[SEND, Move::Interrupt(CALLEE)],
    ),
    way(
        "caller-back",
        "Ringing, and the caller's connection was lost and is back",
        &[SEND, Move::Interrupt(CALLER)],
    ),
    way(
        "callee-down",
        "Ringing, and the callee's connection is down",
        &[SEND, Move::Drop(CALLEE)],
    ),
    way(
        "caller-down",
        "Ringing, and the caller's connection is down",
        &[SEND, Move::Drop(CALLER)],
    ),
    way(
        "relogin",
        "Ringing again since the callee logged out and in",
        &[SEND, Move::Logout(CALLEE), Move::Login(CALLEE)],
    ),
    way(
        "caller-gone",
        "Ringing, and the caller has logged out",
        &[SEND, Move::Logout(CALLER)],
    ),
    way(
        "cancel-under-way",
        "Ringing, and a cancel is under way",
        &[SEND, CALLER_MUTE, CANCEL],
    ),
    way(
        "early-cancel-under-way",
        "Ringing unacknowledged, and a cancel is under way",
        &[CALLEE_MUTE, SEND, CALLER_MUTE, CANCEL],
    ),
    to_nobody(
        "cancel-of-offline-under-way",
        "Sent to nobody there, and a cancel is under way",
        &[SEND, PAUSE, CALLER_MUTE, CANCEL],
    ),
    way(
        "cancel-of-unheard-under-way",
        "Not yet heard of, and a cancel is under way",
        &[CALLEE_DEAF, SEND, PAUSE, CALLER_MUTE, CANCEL],
    ),
    way(
        "cancel-unheard",
        "Cancelled, and the callee has not heard of it",
        &[SEND, CALLEE_DEAF, CANCEL],
    ),
    way(
        "cancel-before-receipt",
        "Cancelled before the caller heard that it rings",
        &[CALLER_DEAF, SEND, PAUSE, CANCEL],
    ),
    way(
        "cancel-unacked",
        "Cancelled, and the callee's ack is under way",
        &[SEND, CALLEE_MUTE, CANCEL],
    ),
    way(
        "accept-under-way",
        "Ringing, and an accept is under way",
        &[SEND, CALLEE_MUTE, ACCEPT],
    ),
    way(
        "early-accept-under-way",
        "Ringing unacknowledged, and an accept is under way",
        &[CALLEE_MUTE, SEND, ACCEPT],
    ),
    way(
        "accept-unheard",
        "Accepted, and the caller has not heard of it",
        &[SEND, CALLER_DEAF, ACCEPT],
    ),
    way(
        "accept-before-receipt",
        "Accepted before the caller heard that it rings",
        &[CALLER_DEAF, SEND, PAUSE, ACCEPT],
    ),
    way(
        "accept-unacked",
        "Accepted, and the caller's ack is under way",
        &[SEND, CALLER_MUTE, ACCEPT],
    ),
    way(
        "accept-unconfirmed",
        "Accepted, and the callee has not heard that it holds",
        &[SEND, CALLEE_DEAF, ACCEPT],
    ),
    way(
        "refuse-under-way",
        "Ringing, and a refuse is under way",
        &[SEND, CALLEE_MUTE, REFUSE],
    ),
    way(
        "early-refuse-under-way",
        "Ringing unacknowledged, and a refuse is under way",
        &[CALLEE_MUTE, SEND, REFUSE],
    ),
    way(
        "refuse-unheard",
        "Refused, and the caller has not heard of it",
        &[SEND, CALLER_DEAF, REFUSE],
    ),
    way(
        "refuse-unconfirmed",
        "Refused, and the callee has not heard that it holds",
        &[SEND, CALLEE_DEAF, REFUSE],
    ),
    way(
        "cancel-and-accept-under-way",
        "A cancel and an accept are both under way",
        &[SEND, CALLER_MUTE, CALLEE_MUTE, CANCEL, ACCEPT],
    ),
    way(
        "cancel-and-refuse-under-way",
        "A cancel and a refuse are both under way",
        &[SEND, CALLER_MUTE, CALLEE_MUTE, CANCEL, REFUSE],
    ),
];

/// The ways into states in which somebody has done something while its connection was down.
pub(super) const AWAY: &[Way] = &[
    way(
        "cancel-while-down",
        "Ringing, and cancelled by a caller whose connection is down",
        &[SEND, Move::Drop(CALLER), CANCEL],
    ),
    way(
        "cancel-of-unacked-while-down",
        "Ringing unacknowledged, and cancelled by a caller whose connection is down",
        &[CALLEE_MUTE, SEND, Move::Drop(CALLER), CANCEL],
    ),
    to_nobody(
        "cancel-of-offline-while-down",
        "Sent to nobody there, and cancelled by a caller whose connection is down",
        &[SEND, PAUSE, Move::Drop(CALLER), CANCEL],
    ),
    way(
        "receipt-after-cancel",
        "A cancel is under way since before the caller heard that it rings",
        &[CALLEE_MUTE, SEND, CALLER_MUTE, CANCEL, CALLEE_AGAIN],
    ),
    way(
        "receipt-after-cancels",
        "Two cancels are under way since before the caller heard that it rings",
        &[CALLEE_MUTE, SEND, CALLER_MUTE, CANCEL, CANCEL, CALLEE_AGAIN],
    ),
    way(
        "receipt-after-cancel-then-down",
        "A cancel is lost that was made before the caller heard that it rings",
        &[
            CALLEE_MUTE,
            SEND,
            CALLER_MUTE,
            CANCEL,
            CALLEE_AGAIN,
            Move::Drop(CALLER),
        ],
    ),
    way(
        "cancels-under-way",
        "Ringing, and two cancels are under way",
        &[SEND, CALLER_MUTE, CANCEL, CANCEL],
    ),
    way(
        "cancels-while-down",
        "Ringing, and cancelled twice by a caller whose connection is down",
        &[SEND, Move::Drop(CALLER), CANCEL, CANCEL],
    ),
    way(
        "cancels-of-unacked-while-down",
        "Ringing unacknowledged, and cancelled twice by a caller whose connection is down",
        &[CALLEE_MUTE, SEND, Move::Drop(CALLER), CANCEL, CANCEL],
    ),
    to_nobody(
        "cancels-of-offline-while-down",
        "Sent to nobody there, and cancelled twice by a caller whose connection is down",
        &[SEND, PAUSE, Move::Drop(CALLER), CANCEL, CANCEL],
    ),
    way(
        "receipt-missed",
        "Ringing, and the caller was down before it could hear so",
        &[CALLEE_MUTE, SEND, Move::Drop(CALLER), CALLEE_AGAIN, PAUSE],
    ),
    way(
        "receipt-missed-and-cancelled",
        "Ringing, and cancelled by a caller that was down before it could hear so",
        &[
            CALLEE_MUTE,
            SEND,
            Move::Drop(CALLER),
            CANCEL,
            CALLEE_AGAIN,
            PAUSE,
        ],
    ),
    way(
        "accept-crossed-unheard",
        "Accepted, and cancelled by a caller that was down before it could hear that it rings",
        &[
            CALLEE_MUTE,
            SEND,
            Move::Drop(CALLER),
            CANCEL,
            CALLEE_AGAIN,
            ACCEPT,
            Move::Wait(0.3, Timer::AcceptAck),
        ],
    ),
    way(
        "accept-while-down",
        "Ringing, and accepted by a callee whose connection is down",
        &[SEND, Move::Drop(CALLEE), ACCEPT],
    ),
    way(
        "refuse-while-down",
        "Ringing, and refused by a callee whose connection is down",
        &[SEND, Move::Drop(CALLEE), REFUSE],
    ),
    way(
        "callee-and-cancel-down",
        "Cancelled while the callee's connection is down",
        &[SEND, Move::Drop(CALLEE), CANCEL],
    ),
    way(
        "caller-and-accept-down",
        "Accepted while the caller's connection is down",
        &[SEND, Move::Drop(CALLER), ACCEPT],
    ),
    way(
        "caller-and-refuse-down",
        "Refused while the caller's connection is down",
        &[SEND, Move::Drop(CALLER), REFUSE],
    ),
];

/// The ways into ends.
pub(super) const ENDS: &[Way] = &[
    either("accepted", "After an accept", &[SEND, ACCEPT]),
    either("refused", "After a refuse", &[SEND, REFUSE]),
    either("canceled", "After a cancel", &[SEND, CANCEL]),
    to_nobody(
        "canceled-unheard",
        "After a cancel that nobody heard of",
        &[SEND, CANCEL],
    ),
    way(
        "canceled-alone",
        "After a cancel that the callee did not acknowledge in time",
        &[
            SEND,
            Move::Drop(CALLEE),
            CANCEL,
            Move::Clock(Timer::CancelBound, 0),
            Move::Reconnect(CALLEE),
        ],
    ),
    to_nobody(
        "remote-offline",
        "After the failure RemoteOffline",
        &[SEND, Move::Clock(Timer::OfflineWindow, 0)],
    ),
    way(
        "no-response",
        "After the failure RemoteNoResponse",
        &[
            CALLEE_MUTE,
            SEND,
            Move::Clock(Timer::NoAck, 0),
            Move::Release(CALLEE, Direction::Sent),
        ],
    ),
    either(
        "expired",
        "After the failure Expire",
        &[SEND, Move::Clock(Timer::Expiry, 0)],
    ),
    Way {
        online: [false, true],
        ..way(
            "not-logged-in",
            "After the failure NotLoggedIn",
            &[SEND, Move::Login(CALLER)],
        )
    },
    way(
        "accept-failed",
        "After the failure AcceptFailure",
        &[
            SEND,
            Move::Drop(CALLER),
            ACCEPT,
            Move::Clock(Timer::AcceptAck, 0),
            Move::Reconnect(CALLER),
        ],
    ),
    way(
        "local-offline",
        "After the failure LocalOffline",
        &[
            SEND,
            Move::Logout(CALLER),
            ACCEPT,
            Move::Clock(Timer::AcceptAck, 0),
        ],
    ),
];
