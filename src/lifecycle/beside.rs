//! The other invitations of a user: what is open beside one, and what explains it (SEND-6, SEND-7, SES-3).

use super::case::{Case, Stamp};
use super::desk::{Desk, Kept};
use super::presence::{Link, Place};
use super::rules::Id;
use super::steps::Step;
use crate::history::{Call, Side, UserId};

/// How many invitations of a user are looked through for one that explains a finding.
const BESIDE_MAX: usize = 64;

/// What is seen of an invitation from another one of its users.
struct Neighbour<'a> {
    caller: Option<&'a UserId>,
    callee: Option<&'a UserId>,
    rings: bool,
    sent: Option<Stamp>,
    received: Option<Stamp>,
    kept: &'a Kept,
}

impl Neighbour<'_> {
    fn of(kept: &Kept) -> Option<Neighbour<'_>> {
        match kept {
            Kept::Away => None,
            Kept::Usual(usual) => Some(Neighbour {
                caller: Some(&usual.caller),
                callee: Some(&usual.callee),
                rings: usual.rings(),
                sent: usual.stamp(Step::Send),
                received: usual.stamp(Step::Received),
                kept,
            }),
            Kept::Whole(case) => Some(Neighbour {
                caller: case.caller.as_ref(),
                callee: case.callee.as_ref(),
                rings: case.rings(),
                sent: case.local.sent.as_ref().map(|sent| sent.stamp),
                received: case.remote.received,
                kept,
            }),
        }
    }

    /// Whether that call was made and not refused.
    fn has_called(&self, call: Call) -> bool {
        match (self.kept, call) {
            (Kept::Away, _) | (_, Call::Create | Call::Send) => false,
            (Kept::Usual(usual), _) => usual.has_called(call),
            (Kept::Whole(case), Call::Cancel) => case.local.cancel.is_some(),
            (Kept::Whole(case), Call::Accept) => case.remote.accept.is_some(),
            (Kept::Whole(case), Call::Refuse) => case.remote.refuse.is_some(),
        }
    }
}

impl Desk {
    /// The other invitations of a user that are kept, newest first.
    fn beside(&self, user: Option<&UserId>, own: Place) -> impl Iterator<Item = Neighbour<'_>> {
        self.person(user)
            .into_iter()
            .flat_map(|person| person.cases.places().rev())
            .filter(move |place| *place != own)
            .take(BESIDE_MAX)
            .filter_map(|place| Neighbour::of(self.cases.get(place)?))
    }

    /// Whether another invitation of the caller is open, or one in the other direction.
    pub(super) fn open_beside(
        &self,
        own: Place,
        [caller, callee]: [Option<&UserId>; 2],
        reversed: bool,
    ) -> bool {
        let sender = if reversed { callee } else { caller };
        // Asked at every send, and mostly nothing rings: then nothing need be looked through.
        let person = self.person(sender);
        if person.is_none_or(|person| person.ringing == 0) {
            return false;
        }
        self.beside(caller, own).any(|other| {
            other.rings
                && if reversed {
                    other.caller == callee && other.callee == caller
                } else {
                    other.caller == caller
                }
        })
    }

    /// Whether a later invitation of the caller to the same callee rang before this one at the callee's return, although
    /// both had been sent while it was away (SES-3).
    pub(super) fn overtaken(&self, case: &Case, rings: Stamp) -> bool {
        let (Some(sent), Some(Link::Up { unbroken, .. })) =
            (&case.local.sent, self.link(case, Side::Remote))
        else {
            return false;
        };
        let missed = |stamp: &Stamp| stamp.at < unbroken;
        missed(&sent.stamp)
            && self.unbroken(case, Side::Local, sent.stamp.at)
            && self.beside(case.caller.as_ref(), case.place).any(|other| {
                let later = other.sent.filter(missed).is_some_and(|it| {
                    it.index > sent.stamp.index && sent.returned.is_some_and(|at| at <= it.at)
                });
                let before = other.received.is_some_and(|it| {
                    it.session == rings.session && it.at >= unbroken && it.index < rings.index
                });
                later
                    && before
                    && other.caller == case.caller.as_ref()
                    && other.callee == case.callee.as_ref()
            })
    }

    /// The rule that names best why an effect has no cause: the call was made on another invitation.
    pub(super) fn twin(&self, case: &Case, call: Call) -> Option<Id> {
        let (caller, callee) = (case.caller.as_ref(), case.callee.as_ref());
        let mut others = self
            .beside(caller, case.place)
            .filter(|other| other.has_called(call));
        others.find_map(|other| {
            if other.caller == caller {
                Some(Id::Send6)
            } else if other.caller == callee && other.callee == caller {
                Some(Id::Send7)
            } else {
                None
            }
        })
    }
}
