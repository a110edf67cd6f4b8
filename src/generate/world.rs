//! What must follow from every move: the checker's own tables for both sides, and between them an arbiter and two
//! connections that can be held, cut and left.
//!
//! It predicts, so that a generated scenario can demand. A target that does otherwise is judged by the checker as ever.

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::coverage::{next, step};
use crate::history::{Call, CallCode, Callback, FailureCode, Side};
use crate::lifecycle::{ResultCell, results};
use crate::scenario::plan::{Timer, Way};

/// The caller of every generated scenario.
pub(super) const CALLER: usize = 0;
/// The callee, where it is not the caller itself.
pub(super) const CALLEE: usize = 1;
/// Somebody whom the invitations do not concern.
pub(super) const STRANGER: usize = 2;

/// The results of calls as a table.
static RESULTS: LazyLock<Vec<ResultCell>> = LazyLock::new(results);

/// One thing that happens in a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// A user makes a call; `good` says whether its arguments keep their limits.
    Call {
        user: usize,
        call: Call,
        ring: usize,
        good: bool,
    },
    Hold(usize, Way),
    Release(usize, Way),
    Login(usize),
    Logout(usize),
    Drop(usize),
    Reconnect(usize),
    Interrupt(usize),
    /// A clock of an invitation runs out.
    Clock(Timer, usize),
    /// So large a part of a clock passes.
    Wait(f64, Timer),
}

/// A callback that a user gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) user: usize,
    pub(super) ring: usize,
    pub(super) callback: Callback,
    pub(super) code: Option<FailureCode>,
}

impl Heard {
    /// The step of the automaton that it is.
    pub(super) fn step(&self) -> String {
        step(self.callback, self.code)
    }
}

/// What a client says to the arbiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Up {
    Send,
    ReceivedAck,
    Cancel,
    CancelAck,
    Accept,
    AcceptAck,
    Refuse,
}

/// How an invitation has ended for the arbiter: what the caller is told, and what a callee is that has it.
pub(super) type End = (Told, Told);
pub(super) type Told = (Callback, Option<FailureCode>);

pub(super) const CANCELED: End = (
    (Callback::LocalCanceled, None),
    (Callback::RemoteCanceled, None),
);

/// Where an invitation stands with the arbiter (AGR).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Unsent,
    /// No device ack; whether the callee was there at any time since the send.
    Waiting {
        present: bool,
    },
    Ringing,
    Accepting,
    Canceling,
    Over(End),
}

/// An invitation with both its sides.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    pub(super) caller: usize,
    pub(super) callee: usize,
    pub(super) stage: Stage,
    pub(super) local: &'static str,
    pub(super) remote: &'static str,
    /// Sides whose user has logged out: they hear no more (SES-4).
    gone: [bool; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    In,
    Cut,
    Out,
}

#[derive(Debug, Clone)]
struct Person {
    link: Link,
    holds_sent: bool,
    holds_heard: bool,
    up: VecDeque<(Up, usize)>,
    down: VecDeque<(Told, usize)>,
}

/// Everybody, and every invitation.
#[derive(Debug, Clone)]
pub(super) struct World {
    people: Vec<Person>,
    pub(super) rings: Vec<Ring>,
    /// What was heard since it was last taken.
    heard: Vec<Heard>,
    /// Who said something last, if nobody has heard anything of it: when it arrives is anybody's guess.
    unseen: Option<usize>,
}

impl World {
    /// Users who are logged in or not, and no invitation.
    pub(super) fn new(online: &[bool]) -> Self {
        let person = |online: &bool| Person {
            link: if *online { Link::In } else { Link::Out },
            holds_sent: false,
            holds_heard: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
        };
        Self {
            people: online.iter().map(person).collect(),
            rings: Vec::new(),
            heard: Vec::new(),
            unseen: None,
        }
    }

    /// Makes room for an invitation.
    pub(super) fn ring(&mut self, caller: usize, callee: usize) -> usize {
        self.rings.push(Ring {
            caller,
            callee,
            stage: Stage::Unsent,
            local: "Absent",
            remote: "Absent",
            gone: [false; 2],
        });
        self.rings.len() - 1
    }

    /// What was heard since this was last asked.
    pub(super) fn take_heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// Whether an invitation is decided, and nobody waits to be told so.
    pub(super) fn is_over(&self, ring: usize) -> bool {
        let Some(ring) = self.rings.get(ring) else {
            return true;
        };
        matches!(ring.stage, Stage::Over(_) | Stage::Unsent)
            && (ring.gone[0] || !open(ring.local))
            && (ring.gone[1] || !open(ring.remote))
    }

    /// Whether a user is told of a side no more, because it has logged out.
    pub(super) fn is_gone(&self, ring: usize, side: Side) -> bool {
        self.rings.get(ring).is_some_and(|ring| match side {
            Side::Local => ring.gone[0],
            Side::Remote => ring.gone[1],
        })
    }

    /// Whether a move may be overtaken by what somebody else said, of which nobody has heard anything.
    pub(super) fn is_doubtful(&self, what: Move) -> bool {
        let muted = |user: usize| {
            let found = self.people.get(user);
            found.is_some_and(|person| person.link != Link::In || person.holds_sent)
        };
        let sends_late = |user: usize| {
            let found = self.people.get(user);
            found.is_some_and(|person| {
                person.up.len() > 1 && person.up.iter().any(|(up, _)| *up == Up::Send)
            })
        };
        match what {
            // What is only kept back for now arrives when it is let go.
            Move::Call { user, .. } => {
                !muted(user) && self.unseen.is_some_and(|other| other != user)
            }
            Move::Login(user) => self.unseen.is_some_and(|other| other != user),
            Move::Release(user, Way::Sent) | Move::Reconnect(user) => {
                let says = |person: &Person| !person.up.is_empty();
                self.people.get(user).is_some_and(says)
                    && (self.unseen.is_some_and(|other| other != user) || sends_late(user))
            }
            // A frame on its way may be lost with the connection, or held.
            Move::Interrupt(user) => self.unseen.is_some() || sends_late(user),
            Move::Logout(_) | Move::Drop(_) => self.unseen.is_some(),
            Move::Hold(user, Way::Sent) => self.unseen == Some(user),
            // The device ack crosses what was said.
            Move::Release(user, Way::Heard) => {
                let rings = |person: &Person| {
                    let mut told = person.down.iter();
                    told.any(|((callback, _), _)| *callback == Callback::RemoteReceived)
                };
                self.people.get(user).is_some_and(rings)
                    && self.unseen.is_some_and(|other| other != user)
            }
            Move::Hold(_, Way::Heard) | Move::Clock(..) | Move::Wait(..) => false,
        }
    }

    /// Whether it is known what has arrived.
    pub(super) fn is_known(&self) -> bool {
        self.unseen.is_none()
    }

    /// Whether a clock may run out here without anybody being owed what a held frame keeps back.
    pub(super) fn may_wait(&self) -> bool {
        self.people.iter().all(|person| {
            !person.holds_heard
                && (!person.holds_sent || person.up.iter().all(|(up, _)| *up == Up::ReceivedAck))
        })
    }

    /// The clock that runs for an invitation and ends it, if one does.
    pub(super) fn clock(&self, ring: usize) -> Option<Timer> {
        match self.rings.get(ring)?.stage {
            Stage::Unsent | Stage::Over(_) => None,
            Stage::Waiting { present: false } => Some(Timer::OfflineWindow),
            Stage::Waiting { present: true } => Some(Timer::NoAck),
            Stage::Ringing => Some(Timer::Expiry),
            Stage::Accepting => Some(Timer::AcceptAck),
            Stage::Canceling => Some(Timer::CancelBound),
        }
    }

    /// Whether a user holds that direction.
    pub(super) fn holds(&self, user: usize, way: Way) -> bool {
        self.people.get(user).is_some_and(|person| match way {
            Way::Sent => person.holds_sent,
            Way::Heard => person.holds_heard,
        })
    }

    /// Whether the user's connection is cut.
    pub(super) fn is_cut(&self, user: usize) -> bool {
        self.people
            .get(user)
            .is_some_and(|person| person.link == Link::Cut)
    }

    /// Whether the user has a session.
    pub(super) fn has_session(&self, user: usize) -> bool {
        self.people
            .get(user)
            .is_some_and(|person| person.link != Link::Out)
    }

    /// The row of section 7 for a call by a user, if the document has one.
    pub(super) fn row(
        &self,
        user: usize,
        call: Call,
        ring: usize,
        good: bool,
    ) -> Option<&'static ResultCell> {
        let found = self.rings.get(ring)?;
        let (side, state) = match call {
            Call::Create => return None,
            Call::Send | Call::Cancel => (Side::Local, found.local),
            Call::Accept | Call::Refuse if user == found.callee => (Side::Remote, found.remote),
            Call::Accept | Call::Refuse => (Side::Remote, "Absent"),
        };
        RESULTS
            .iter()
            .find(|row| (row.side, row.state, row.call, row.good) == (side, state, call, good))
            .or_else(|| {
                // Arguments count only where the call could be admitted.
                let good = |row: &&ResultCell| {
                    (row.side, row.state, row.call, row.good) == (side, state, call, true)
                };
                RESULTS.iter().find(good)
            })
    }

    /// Lets it happen. The right results of a call; none for everything else.
    pub(super) fn go(&mut self, what: Move) -> Vec<CallCode> {
        match what {
            Move::Call {
                user,
                call,
                ring,
                good,
            } => return self.call(user, call, ring, good),
            Move::Hold(user, way) => self.hold(user, way, true),
            Move::Release(user, way) => {
                self.hold(user, way, false);
                self.flush(user);
            }
            Move::Login(user) => self.login(user),
            Move::Logout(user) => self.logout(user),
            Move::Drop(user) => self.cut(user, Link::Cut),
            Move::Reconnect(user) | Move::Interrupt(user) => {
                self.cut(user, Link::In);
                self.flush(user);
            }
            Move::Clock(timer, ring) => self.run_out(timer, ring),
            Move::Wait(..) => self.unseen = None,
        }
        Vec::new()
    }

    fn call(&mut self, user: usize, call: Call, ring: usize, good: bool) -> Vec<CallCode> {
        let row = self.row(user, call, ring, good);
        let session = self.has_session(user);
        let Some(found) = self.rings.get_mut(ring) else {
            return Vec::new();
        };
        if call == Call::Create {
            found.local = "Idle";
            return vec![CallCode::OK];
        }
        let Some(row) = row else {
            return Vec::new();
        };
        let codes = row.codes.to_vec();
        if codes != [CallCode::OK] {
            // Where more than one result is right, the first answer stands.
            return codes;
        }
        let state = match row.side {
            Side::Local => &mut found.local,
            Side::Remote => &mut found.remote,
        };
        let Some(next) = next(row.side, state, call.name()) else {
            return codes;
        };
        *state = next;
        if !session && call == Call::Send {
            let told = (Callback::LocalFailure, Some(FailureCode::NOT_LOGGED_IN));
            found.stage = Stage::Over((told, told));
            self.hear(user, told, ring);
            return codes;
        }
        let up = match call {
            Call::Create | Call::Send => Up::Send,
            Call::Cancel => Up::Cancel,
            Call::Accept => Up::Accept,
            Call::Refuse => Up::Refuse,
        };
        self.say(user, up, ring);
        codes
    }

    fn hold(&mut self, user: usize, way: Way, held: bool) {
        if let Some(person) = self.people.get_mut(user) {
            match way {
                Way::Sent => person.holds_sent = held,
                Way::Heard => person.holds_heard = held,
            }
        }
    }

    /// A connection that is lost takes along what it held. On return what was said is said again, and of what was missed
    /// the last is told: an ending overtakes what came before it (ORD-6).
    fn cut(&mut self, user: usize, link: Link) {
        if let Some(person) = self.people.get_mut(user) {
            person.link = link;
            person.holds_sent = false;
            person.holds_heard = false;
            // The last of each side says it all.
            let mut last: VecDeque<(Told, usize)> = VecDeque::new();
            for (told, ring) in person.down.drain(..).rev() {
                let side = told.0.side();
                if !last
                    .iter()
                    .any(|(other, of)| (other.0.side(), *of) == (side, ring))
                {
                    last.push_front((told, ring));
                }
            }
            person.down = last;
        }
    }

    fn login(&mut self, user: usize) {
        if let Some(person) = self.people.get_mut(user) {
            person.link = Link::In;
        }
        for ring in 0..self.rings.len() {
            let Some(found) = self.rings.get_mut(ring).filter(|it| it.callee == user) else {
                continue;
            };
            let rings = match found.stage {
                Stage::Waiting { .. } => {
                    found.stage = Stage::Waiting { present: true };
                    true
                }
                Stage::Ringing => true,
                Stage::Unsent | Stage::Accepting | Stage::Canceling | Stage::Over(_) => false,
            };
            if rings {
                found.gone[1] = false;
                self.tell(user, (Callback::RemoteReceived, None), ring);
            }
        }
    }

    fn logout(&mut self, user: usize) {
        self.unseen = Some(user);
        if let Some(person) = self.people.get_mut(user) {
            person.link = Link::Out;
            person.holds_sent = false;
            person.holds_heard = false;
            person.up.clear();
            person.down.clear();
        }
        for ring in 0..self.rings.len() {
            let Some(found) = self.rings.get_mut(ring) else {
                continue;
            };
            if found.caller == user && open(found.local) {
                found.gone[0] = true;
            }
            if found.callee == user {
                found.gone[1] |= open(found.remote);
                if open(found.remote) {
                    found.remote = "Absent";
                }
                if found.stage == Stage::Canceling {
                    self.end(ring, CANCELED);
                }
            }
        }
    }

    fn flush(&mut self, user: usize) {
        while let Some(person) = self.people.get_mut(user)
            && person.link == Link::In
            && !person.holds_heard
            && let Some((told, ring)) = person.down.pop_front()
        {
            self.hear(user, told, ring);
        }
        while let Some(person) = self.people.get_mut(user)
            && person.link == Link::In
            && !person.holds_sent
            && let Some((up, ring)) = person.up.pop_front()
        {
            let over = |ring: &Ring| matches!(ring.stage, Stage::Over(_));
            if !self.rings.get(ring).is_some_and(over) {
                self.unseen = Some(user);
            }
            self.arbitrate(up, ring);
        }
    }

    fn say(&mut self, user: usize, up: Up, ring: usize) {
        if let Some(person) = self.people.get_mut(user)
            && person.link != Link::Out
        {
            person.up.push_back((up, ring));
            self.flush(user);
        }
    }

    pub(super) fn tell(&mut self, user: usize, told: Told, ring: usize) {
        if let Some(person) = self.people.get_mut(user)
            && person.link != Link::Out
        {
            person.down.push_back((told, ring));
            self.flush(user);
        }
    }

    /// A client takes what it is told, if its side can still be told so, and acknowledges it.
    fn hear(&mut self, user: usize, (callback, code): Told, ring: usize) {
        let Some(found) = self.rings.get_mut(ring) else {
            return;
        };
        let (state, gone) = match callback.side() {
            Side::Local => (&mut found.local, found.gone[0]),
            Side::Remote => (&mut found.remote, found.gone[1]),
        };
        let Some(next) = next(callback.side(), state, &step(callback, code)).filter(|_| !gone)
        else {
            // Nothing rings here, and the caller need not wait for it.
            if callback == Callback::RemoteCanceled {
                self.say(user, Up::CancelAck, ring);
            }
            return;
        };
        *state = next;
        self.unseen = None;
        self.heard.push(Heard {
            user,
            ring,
            callback,
            code,
        });
        match callback {
            Callback::RemoteReceived => self.say(user, Up::ReceivedAck, ring),
            Callback::LocalAccepted => self.say(user, Up::AcceptAck, ring),
            Callback::RemoteCanceled => self.say(user, Up::CancelAck, ring),
            Callback::LocalReceivedByPeer
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteFailure => {}
        }
    }
}

/// Whether a side in that state has begun and not ended.
pub(super) fn open(state: &str) -> bool {
    matches!(
        state,
        "SentToRemote"
            | "ReceivedByRemote"
            | "CancelSent"
            | "InvitationReceived"
            | "AcceptSentToLocal"
            | "RefuseSent"
    )
}
