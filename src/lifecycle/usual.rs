//! An invitation on a usual course, which nearly all take from end to end, followed in a fraction of the room.
//!
//! A course is usual as long as nothing but the order of its steps can make a difference to any rule: both users keep their
//! log-ins and connections, everything comes at most once, after its cause and within every limit, carries what was
//! sent, and no call is refused. As soon as that ends, what came so far is judged again from its first event.

use std::time::Duration;

use super::automaton::state_number;
use super::case::{Case, Stamp};
use super::limits::broken_limits;
use super::presence::{Place, Seat};
use super::steps::{DECISIONS, Deed, LOCAL_ENDS, Load, STEP_BITS, STEPS, Step};
use crate::history::{
    Call, CallCode, Callback, Event, InvitationId, Passed, Payload, Side, UserId, What,
};

/// An invitation that has taken a usual course so far.
#[derive(Debug)]
pub(super) struct Usual {
    pub(super) seq: u64,
    pub(super) place: Place,
    pub(super) id: InvitationId,
    pub(super) caller: UserId,
    pub(super) callee: UserId,
    content: Payload,
    channel: Payload,
    response: Payload,
    /// Where and when it began.
    began: Stamp,
    /// The callee's log-in, once it has done something.
    session: Option<u32>,
    /// The steps that came, as a set, and in their order.
    seen: u32,
    came: [Mark; STEPS],
    count: u8,
    /// Another invitation of the caller was open at the send (SEND-6).
    pub(super) among_others: bool,
    /// Whether callbacks tell states.
    tells_states: Option<bool>,
}

/// A step, and where and when it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) step: Step,
    /// So many events after the first.
    index: u32,
    /// So many nanoseconds after the first.
    at: u64,
}

/// How much of a key is not its steps.
const MARKS: u32 = 4;

const _: () = assert!(MARKS + STEPS as u32 * STEP_BITS <= u64::BITS);

impl Usual {
    /// An invitation whose first event is that one, if it may become a usual one.
    pub(super) fn begin(
        (seq, place): (u64, Place),
        event: &Event,
        (stamp, seat): (Stamp, Seat),
    ) -> Option<Box<Self>> {
        let What::Called {
            call: Call::Create,
            invitation,
            with,
        } = &event.what
        else {
            return None;
        };
        let callee = with.peer.clone()?;
        let is_plain = seat.is_settled
            && callee != event.user
            && with.response.is_empty()
            && broken_limits(Call::Send, with).is_empty();
        let first = Mark {
            step: Step::Create,
            index: 0,
            at: 0,
        };
        is_plain.then(|| {
            Box::new(Self {
                seq,
                place,
                id: invitation.clone(),
                caller: event.user.clone(),
                callee,
                content: with.content.clone(),
                channel: with.channel.clone(),
                response: Payload::default(),
                began: stamp,
                session: None,
                seen: Step::Create.bit(),
                came: [first; STEPS],
                count: 1,
                among_others: false,
                tells_states: None,
            })
        })
    }

    /// What came so far.
    fn came(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.came.iter().take(usize::from(self.count))
    }

    /// Where and when a step stands.
    fn stamp_of(&self, mark: Mark) -> Stamp {
        Stamp {
            index: self.began.index + u64::from(mark.index),
            at: self.began.at + Duration::from_nanos(mark.at),
            session: match mark.step.side() {
                Side::Local => self.began.session,
                Side::Remote => self.session.unwrap_or_default(),
            },
        }
    }

    /// A step that comes then, if it is no earlier than the last one.
    fn mark(&self, step: Step, stamp: Stamp) -> Option<Mark> {
        let last = self.came().next_back()?;
        let after = stamp.at.checked_sub(self.began.at)?;
        let mark = Mark {
            step,
            index: u32::try_from(stamp.index - self.began.index).ok()?,
            at: u64::try_from(after.as_nanos()).ok()?,
        };
        (mark.at >= last.at).then_some(mark)
    }

    /// The next step, if the event is one and the course stays usual with it.
    pub(super) fn next(&self, event: &Event, (stamp, seat): (Stamp, Seat)) -> Option<Mark> {
        let step = Step::of(&event.what)?;
        let is_home = match step.side() {
            Side::Local => event.user == self.caller && stamp.session == self.began.session,
            Side::Remote => {
                event.user == self.callee
                    && self.session.is_none_or(|session| session == stamp.session)
            }
        };
        let mark = self.mark(step, stamp)?;
        (step.follows(self.seen) && is_home && seat.is_settled && self.carries(step, &event.what))
            .then_some(mark)
    }

    /// Whether an event carries what it should, and tells its state like those before.
    fn carries(&self, step: Step, what: &What) -> bool {
        match what {
            What::Called { with, .. } => match step.load() {
                // A send may leave to the create what it carries.
                Load::Invitation => is_bare(with) || self.is_invitation(with, &self.callee),
                Load::Response => {
                    has_response_alone(with) && broken_limits(Call::Accept, with).is_empty()
                }
                Load::Nothing => is_bare(with),
            },
            What::CalledBack {
                callback,
                with,
                state,
                ..
            } => {
                let tells = state.is_some();
                let is_right = state.is_none_or(|state| state == state_number(*callback));
                let is_whole = match step.load() {
                    Load::Invitation => self.is_invitation(with, &self.caller),
                    Load::Response => has_response_alone(with) && with.response == self.response,
                    Load::Nothing => is_bare(with),
                };
                is_right && is_whole && self.tells_states.is_none_or(|told| told == tells)
            }
            What::Returned { .. } => true,
            What::Connection { .. } | What::Wire { .. } => false,
        }
    }

    /// Whether exactly the invitation is carried, with that user at its other end.
    fn is_invitation(&self, with: &Passed, peer: &UserId) -> bool {
        with.peer.as_ref() == Some(peer)
            && with.content == self.content
            && with.channel == self.channel
            && with.response.is_empty()
    }

    /// Takes that step.
    pub(super) fn take(&mut self, mark: Mark, event: &Event, session: u32) {
        if let What::Called { with, .. } = &event.what
            && mark.step != Step::Send
        {
            self.response.clone_from(&with.response);
        }
        if let What::CalledBack { state, .. } = &event.what {
            self.tells_states = Some(state.is_some());
        }
        if mark.step.side() == Side::Remote {
            self.session = Some(session);
        }
        if let Some(room) = self.came.get_mut(usize::from(self.count)) {
            *room = mark;
            self.count += 1;
            self.seen |= mark.step.bit();
        }
    }

    /// The caller and the callee.
    pub(super) fn users(&self) -> [Option<&UserId>; 2] {
        [Some(&self.caller), Some(&self.callee)]
    }

    /// Whether it was sent and has not ended for its caller.
    pub(super) fn rings(&self) -> bool {
        self.seen & Step::Send.bit() != 0 && self.seen & LOCAL_ENDS == 0
    }

    /// Whether the caller knows that it rings.
    pub(super) fn is_acked(&self) -> bool {
        self.seen & Step::Acked.bit() != 0
    }

    /// Whether somebody accepted, refused or cancelled it.
    pub(super) fn is_decided(&self) -> bool {
        self.seen & DECISIONS != 0
    }

    /// Whether both sides are through.
    pub(super) fn is_through(&self) -> bool {
        usize::from(self.count) == STEPS
    }

    /// Whether that call was made.
    pub(super) fn has_called(&self, call: Call) -> bool {
        self.seen & Step::call(call).bit() != 0
    }

    /// How a side ended, and where and when.
    pub(super) fn end(&self, side: Side) -> Option<(Callback, Stamp)> {
        self.came().find_map(|mark| match mark.step.deed() {
            Deed::CalledBack(callback) if callback.ends() && callback.side() == side => {
                Some((callback, self.stamp_of(*mark)))
            }
            Deed::Called(_) | Deed::Returned(_) | Deed::CalledBack(_) => None,
        })
    }

    /// Where and when that step came, if it did.
    pub(super) fn stamp(&self, of: Step) -> Option<Stamp> {
        let found = self.came().find(|mark| mark.step == of)?;
        Some(self.stamp_of(*found))
    }

    /// Everything that the full judge could take into account: invitations with the same key have the same verdict.
    pub(super) fn key(&self) -> u64 {
        let marks: [bool; MARKS as usize] = [
            self.among_others,
            self.tells_states.unwrap_or_default(),
            self.content.is_empty(),
            self.channel.is_empty(),
        ];
        let marks = marks
            .iter()
            .fold(0, |key, mark| key << 1 | u64::from(*mark));
        self.came()
            .fold(marks, |key, mark| key << STEP_BITS | mark.step as u64)
    }

    /// What happened so far, to be judged in full.
    pub(super) fn events(&self) -> impl Iterator<Item = (&UserId, Stamp, What)> {
        self.came().map(|mark| {
            let user = match mark.step.side() {
                Side::Local => &self.caller,
                Side::Remote => &self.callee,
            };
            (user, self.stamp_of(*mark), self.what(mark.step))
        })
    }

    fn what(&self, step: Step) -> What {
        let invitation = self.id.clone();
        match step.deed() {
            Deed::Called(call) => What::Called {
                call,
                invitation,
                with: self.passed(step),
            },
            Deed::Returned(call) => What::Returned {
                call,
                invitation,
                code: CallCode::OK,
            },
            Deed::CalledBack(callback) => What::CalledBack {
                callback,
                invitation,
                with: self.passed(step),
                code: None,
                state: (self.tells_states == Some(true)).then(|| state_number(callback)),
            },
        }
    }

    /// What was carried at a step.
    fn passed(&self, step: Step) -> Passed {
        let peer = match step.side() {
            Side::Local => &self.callee,
            Side::Remote => &self.caller,
        };
        match step.load() {
            Load::Invitation => Passed {
                peer: Some(peer.clone()),
                content: self.content.clone(),
                channel: self.channel.clone(),
                response: Payload::default(),
            },
            Load::Response => Passed {
                response: self.response.clone(),
                ..Passed::default()
            },
            Load::Nothing => Passed::default(),
        }
    }

    /// A case of it before its first event; its users know of it already.
    pub(super) fn blank(&self) -> Box<Case> {
        let mut case = Box::new(Case::new(self.seq, self.id.clone()));
        case.place = self.place;
        case.counted = self.rings();
        case.among_others = self.among_others;
        case
    }
}

/// Whether nothing is carried.
fn is_bare(with: &Passed) -> bool {
    has_response_alone(with) && with.response.is_empty()
}

/// Whether nothing is carried but perhaps a response.
fn has_response_alone(with: &Passed) -> bool {
    with.peer.is_none() && with.content.is_empty() && with.channel.is_empty()
}
