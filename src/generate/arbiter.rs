//! The one who decides every invitation: the first that arrives wins, and both sides are told how it ended.

use super::world::{CALLER, CANCELED, End, Stage, Up, World};
use crate::history::{Callback, FailureCode};
use crate::scenario::plan::Timer;

const ACCEPTED: End = (
    (Callback::LocalAccepted, None),
    (Callback::RemoteAccepted, None),
);
const REFUSED: End = (
    (Callback::LocalRefused, None),
    (Callback::RemoteRefused, None),
);
fn failed(local: FailureCode, remote: FailureCode) -> End {
    (
        (Callback::LocalFailure, Some(local)),
        (Callback::RemoteFailure, Some(remote)),
    )
}

impl World {
    /// What the arbiter makes of something said: the first that decides wins.
    pub(super) fn arbitrate(&mut self, up: Up, ring: usize) {
        let Some(found) = self.rings.get(ring) else {
            return;
        };
        let (caller, callee) = (found.caller, found.callee);
        let there = self.has_session(callee);
        match (found.stage, up) {
            (Stage::Unsent, Up::Send) => {
                self.stage(ring, Stage::Waiting { present: there });
                self.tell(callee, (Callback::RemoteReceived, None), ring);
            }
            (Stage::Waiting { .. }, Up::ReceivedAck) => {
                self.stage(ring, Stage::Ringing);
                self.tell(caller, (Callback::LocalReceivedByPeer, None), ring);
            }
            (Stage::Waiting { .. } | Stage::Ringing, Up::Cancel) if there => {
                self.stage(ring, Stage::Canceling);
                self.tell(callee, CANCELED.1, ring);
            }
            (Stage::Waiting { .. } | Stage::Ringing, Up::Cancel) => self.end(ring, CANCELED),
            (Stage::Canceling, Up::CancelAck) => self.end(ring, CANCELED),
            (Stage::Waiting { .. } | Stage::Ringing, Up::Accept) => {
                self.stage(ring, Stage::Accepting);
                self.tell(caller, ACCEPTED.0, ring);
            }
            (Stage::Accepting, Up::AcceptAck) => self.end(ring, ACCEPTED),
            (Stage::Waiting { .. } | Stage::Ringing, Up::Refuse) => self.end(ring, REFUSED),
            // Who comes too late is told how it ended.
            (Stage::Over((_, remote)), Up::ReceivedAck | Up::Accept | Up::Refuse) => {
                self.tell(callee, remote, ring);
            }
            (Stage::Over((local, _)), Up::Send | Up::Cancel) => self.tell(caller, local, ring),
            (
                Stage::Unsent
                | Stage::Waiting { .. }
                | Stage::Ringing
                | Stage::Accepting
                | Stage::Canceling
                | Stage::Over(_),
                Up::Send
                | Up::ReceivedAck
                | Up::Cancel
                | Up::CancelAck
                | Up::Accept
                | Up::AcceptAck
                | Up::Refuse,
            ) => {}
        }
    }

    fn stage(&mut self, ring: usize, stage: Stage) {
        if let Some(found) = self.rings.get_mut(ring) {
            found.stage = stage;
        }
    }

    pub(super) fn end(&mut self, ring: usize, end: End) {
        self.stage(ring, Stage::Over(end));
        if let Some(found) = self.rings.get(ring) {
            let (caller, callee) = (found.caller, found.callee);
            self.tell(callee, end.1, ring);
            self.tell(caller, end.0, ring);
        }
    }

    /// A clock runs out; it is the one that [`World::clock`] names.
    pub(super) fn run_out(&mut self, timer: Timer, ring: usize) {
        let caller = self.rings.get(ring).map_or(CALLER, |ring| ring.caller);
        let end = match timer {
            Timer::OfflineWindow => failed(FailureCode::REMOTE_OFFLINE, FailureCode::EXPIRE),
            Timer::NoAck => failed(FailureCode::REMOTE_NO_RESPONSE, FailureCode::EXPIRE),
            Timer::Expiry => failed(FailureCode::EXPIRE, FailureCode::EXPIRE),
            Timer::AcceptAck if self.has_session(caller) => {
                failed(FailureCode::EXPIRE, FailureCode::ACCEPT_FAILURE)
            }
            Timer::AcceptAck => failed(FailureCode::EXPIRE, FailureCode::LOCAL_OFFLINE),
            Timer::CancelBound => CANCELED,
            Timer::PresenceGrace => return,
        };
        self.end(ring, end);
    }
}
