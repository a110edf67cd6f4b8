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
impl Kept {
    /// The caller and the callee, as far as they are known.
    fn users(&self) -> [Option<&UserId>; 2] {
        match self {
            Self::Away => [None, None],
            Self::Usual(usual) => usual.users(),
            Self::Whole(case) => case.users(),
        }
    }

    /// Whether it was sent and has not ended for its caller.
    fn rings(&self) -> bool {
        match self {
            Self::Away => false,
            Self::Usual(usual) => usual.rings(),
            Self::Whole(case) => case.rings(),
        }
    }

    fn sent(&self) -> Option<Stamp> {
        match self {
            Self::Away => None,
            Self::Usual(usual) => usual.stamp(Step::Send),
            Self::Whole(case) => case.local.sent.as_ref().map(|sent| sent.stamp),
        }
    }

    fn received(&self) -> Option<Stamp> {
        match self {
            Self::Away => None,
            Self::Usual(usual) => usual.stamp(Step::Received),
            Self::Whole(case) => case.remote.received,
        }
    }

    /// Whether that call was made and not refused.
    fn has_called(&self, call: Call) -> bool {
        match (self, call) {
            (Self::Away, _) | (_, Call::Create | Call::Send) => false,
            (Self::Usual(usual), _) => usual.has_called(call),
            (Self::Whole(case), Call::Cancel) => case.local.cancel.is_some(),
            (Self::Whole(case), Call::Accept) => case.remote.accept.is_some(),
            (Self::Whole(case), Call::Refuse) => case.remote.refuse.is_some(),
        }
    }
}

impl Desk {
    /// The other invitations of a user that are kept, newest first.
    fn beside(&self, user: Option<&UserId>, own: Place) -> impl Iterator<Item = &Kept> {
        self.person(user)
            .into_iter()
            .flat_map(|person| person.cases.places().rev())
            .filter(move |place| *place != own)
            .take(BESIDE_MAX)
            .filter_map(|place| self.cases.get(place))
    }

    /// Whether a user has invitations that ring. Asked at every send, and mostly there are none to look through.
    fn has_ringing(&self, user: Option<&UserId>) -> bool {
        self.person(user).is_some_and(|person| person.ringing > 0)
    }

    /// Whether another invitation of the caller rings (SEND-6).
    pub(super) fn rings_beside(&self, own: Place, [caller, _]: [Option<&UserId>; 2]) -> bool {
        self.has_ringing(caller)
            && self
                .beside(caller, own)
                .any(|other| other.rings() && other.users()[0] == caller)
    }

    /// Whether an invitation of the callee to the caller rings (SEND-7).
    pub(super) fn rings_towards(&self, own: Place, [caller, callee]: [Option<&UserId>; 2]) -> bool {
        self.has_ringing(callee)
            && self
                .beside(caller, own)
                .any(|other| other.rings() && other.users() == [callee, caller])
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
                let later = other.sent().filter(missed).is_some_and(|it| {
                    it.index > sent.stamp.index && sent.returned.is_some_and(|at| at <= it.at)
                });
                let before = other.received().is_some_and(|it| {
                    it.session == rings.session && it.at >= unbroken && it.index < rings.index
                });
                later && before && other.users() == case.users()
            })
    }

    /// The rule that names best why an effect has no cause: the call was made on another invitation.
    pub(super) fn twin(&self, case: &Case, call: Call) -> Option<Id> {
        let [caller, callee] = case.users();
        let mut others = self
            .beside(caller, case.place)
            .filter(|other| other.has_called(call));
        others.find_map(|other| {
            if other.users()[0] == caller {
                Some(Id::Send6)
            } else if other.users() == [callee, caller] {
                Some(Id::Send7)
            } else {
                None
            }
        })
    }
}

impl Case {
    /// Enters a new invitation with its users, and notes what is open beside it at its send (SEND-6, SEND-7).
    pub(super) fn enrol(&mut self, desk: &mut Desk, call: Call) {
        match call {
            Call::Create => {
                desk.enter((self.seq, self.place), self.users());
            }
            Call::Send => {
                if !self.among_others && desk.rings_beside(self.place, self.users()) {
                    self.among_others = true;
                    desk.book.arm(Id::Send6);
                }
                if !self.glare && desk.rings_towards(self.place, self.users()) {
                    self.glare = true;
                    desk.book.arm(Id::Send7);
                }
            }
            Call::Cancel | Call::Accept | Call::Refuse => {}
        }
    }
}
