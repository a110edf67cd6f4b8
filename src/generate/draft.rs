//! A scenario on its way: every move becomes a step, and what must follow from it becomes expectations.

use std::path::PathBuf;

use super::world::{CALLEE, CALLER, Heard, Move, World, open};
use crate::coverage::{Follow, Reached};
use crate::history::{Call, CallCode, Callback, ConnectionState, FailureCode, Side};
use crate::scenario::plan::{
    Act, Callee, CodeDemand, Expect, Invitation, Moment, Pause, Scenario, SessionChange, Span,
    Step, Text, Texts, Timer, User, WITHIN, Way, Window,
};

/// The names of the users.
const NAMES: [&str; 3] = ["alice", "bob", "carol"];
/// The labels of the invitations.
const LABELS: [&str; 2] = ["call", "other"];
/// One byte more than a content or response may have (LIM-1).
const TOO_LONG: usize = 8_193;

/// The texts that an invitation carries in one scenario; they vary from case to case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) content: Option<&'static str>,
    pub(super) channel: Option<&'static str>,
    pub(super) response: Option<&'static str>,
    /// How often each of them is repeated.
    pub(super) times: usize,
}

impl Shape {
    fn text(self, text: Option<&'static str>) -> Option<Text> {
        text.map(|text| text.repeat(self.times.max(1)).into())
    }
}

/// How a side has ended.
type End = Option<(Callback, Option<FailureCode>)>;

/// A scenario on its way.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) world: World,
    shape: Shape,
    pub(super) online: Vec<bool>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) steps: Vec<Step>,
    covers: Vec<&'static str>,
    /// What has ended on either side of the first invitation, for the agreement of both.
    ends: (End, End),
    words: Vec<String>,
    slug: Vec<String>,
    follows: Vec<Follow>,
    pub(super) reached: Reached,
    /// Whether anything but the absence of callbacks was demanded.
    pub(super) demands: bool,
    /// Whether the order in which things arrive is not known any more.
    pub(super) doubtful: bool,
}

impl Draft {
    /// Users who are online or not, and one invitation between the first two, or of the first to itself.
    pub(super) fn new(online: &[bool], to_self: bool, shape: Shape) -> Self {
        let mut draft = Self {
            world: World::new(online),
            shape,
            online: online.to_vec(),
            invitations: Vec::new(),
            steps: Vec::new(),
            covers: Vec::new(),
            ends: (None, None),
            words: Vec::new(),
            slug: Vec::new(),
            follows: Vec::new(),
            reached: Reached::default(),
            demands: false,
            doubtful: false,
        };
        draft.ring(if to_self { CALLER } else { CALLEE });
        draft
    }

    /// Makes room for one more invitation of the caller.
    pub(super) fn ring(&mut self, callee: usize) -> usize {
        let ring = self.world.ring(CALLER, callee);
        self.invitations.push(Invitation {
            label: LABELS.get(ring).copied().unwrap_or("more").to_owned(),
            caller: CALLER,
            callee: Callee::User(callee),
        });
        self.follows.push(Follow::default());
        ring
    }

    /// Says in words and in the file's name what comes next.
    pub(super) fn say(&mut self, slug: &str, words: &str) {
        self.slug.push(slug.to_owned());
        self.words.push(words.to_owned());
    }

    /// Names a requirement that the case is about.
    pub(super) fn covers(&mut self, requirement: &'static str) {
        if !self.covers.contains(&requirement) {
            self.covers.push(requirement);
        }
    }

    pub(super) fn step(&mut self, act: Act) {
        self.steps.push(Step {
            line: 0,
            column: 0,
            origin: None,
            act,
        });
    }

    /// A move, and the expectation of what must follow from it.
    pub(super) fn go(&mut self, what: Move) {
        let mut at = None;
        if let Move::Clock(timer, _) = what {
            at = Some(timer);
        }
        if let Move::Reconnect(user) | Move::Interrupt(user) = what {
            self.allow_receipt(user);
        }
        self.doubtful |= self.world.is_doubtful(what);
        let codes = self.predict(what);
        if let Some(act) = self.act(what, &codes) {
            self.step(act);
        }
        if let Move::Interrupt(user) = what {
            self.connected(user);
        }
        let mut lossy = None;
        if let Move::Reconnect(user) | Move::Interrupt(user) = what {
            lossy = Some(user);
        }
        let heard = self.world.take_heard();
        if let (Some(timer), true) = (at, heard.is_empty()) {
            // Nobody is there to be told, so its end must be waited for.
            self.step(Act::Wait(pause(1.15, timer)));
        }
        self.expect(&heard, at, lossy);
    }

    /// Lets the world go on, and follows what that reaches.
    pub(super) fn predict(&mut self, what: Move) -> Vec<CallCode> {
        match what {
            Move::Call {
                user,
                call,
                ring,
                good,
            } => {
                let row = self.world.row(user, call, ring, good);
                if let Some(row) = row {
                    self.covers(row.rule.requirement);
                }
                let codes = self.world.go(what);
                // A cancel again is admitted as long as the first is undecided; AlreadyEnd is right as well.
                let admitted = codes == [CallCode::OK]
                    || (call == Call::Cancel && codes.first() == Some(&CallCode::OK));
                self.demands |= !admitted && !codes.is_empty();
                if let Some(follow) = self.follows.get_mut(ring) {
                    let named = match call {
                        Call::Create | Call::Send | Call::Cancel => true,
                        Call::Accept | Call::Refuse => self
                            .invitations
                            .get(ring)
                            .is_some_and(|it| it.callee == Callee::User(user)),
                    };
                    follow.call(&mut self.reached, call, (named, good), admitted);
                }
                codes
            }
            Move::Login(user) | Move::Logout(user) | Move::Drop(user) | Move::Interrupt(user) => {
                let event = if matches!(what, Move::Login(_)) {
                    "login"
                } else if matches!(what, Move::Logout(_)) {
                    "logout"
                } else {
                    "cut"
                };
                for (follow, invitation) in self.follows.iter_mut().zip(&self.invitations) {
                    if invitation.caller == user {
                        follow.session(&mut self.reached, Side::Local, event);
                    }
                    if invitation.callee == Callee::User(user) {
                        follow.session(&mut self.reached, Side::Remote, event);
                    }
                }
                self.world.go(what)
            }
            Move::Hold(..)
            | Move::Release(..)
            | Move::Reconnect(_)
            | Move::Clock(..)
            | Move::Wait(..) => self.world.go(what),
        }
    }

    /// The step that a move is.
    pub(super) fn act(&self, what: Move, codes: &[CallCode]) -> Option<Act> {
        let session = |user, change| Some(Act::Session { user, change });
        match what {
            Move::Call {
                user,
                call,
                ring,
                good,
            } => {
                let shape = self.shape;
                let texts = match call {
                    Call::Create => Texts {
                        content: shape.text(shape.content),
                        channel: shape.channel.map(Text::from),
                    },
                    Call::Send | Call::Cancel => Texts::default(),
                    Call::Accept | Call::Refuse => Texts {
                        content: if good {
                            shape.text(shape.response)
                        } else {
                            Some("x".repeat(TOO_LONG).into())
                        },
                        channel: None,
                    },
                };
                let results = if codes == [CallCode::OK] {
                    Vec::new()
                } else {
                    codes.to_vec()
                };
                Some(Act::Call {
                    user,
                    call,
                    invitation: ring,
                    texts,
                    results,
                })
            }
            Move::Hold(user, way) => session(user, SessionChange::Hold(way)),
            Move::Release(user, way) => session(user, SessionChange::Release(way)),
            Move::Login(user) => session(user, SessionChange::Login),
            Move::Logout(user) => session(user, SessionChange::Logout),
            Move::Drop(user) => session(user, SessionChange::Drop),
            Move::Reconnect(user) => session(user, SessionChange::Reconnect),
            Move::Interrupt(user) => session(user, SessionChange::Interrupt),
            Move::Wait(factor, timer) => Some(Act::Wait(pause(factor, timer))),
            Move::Clock(..) => None,
        }
    }

    /// Writes too long a content into an invitation, so that its send must be refused.
    pub(super) fn write_too_long(&mut self, ring: usize) {
        self.step(Act::Write {
            user: CALLER,
            invitation: ring,
            texts: Texts {
                content: Some("x".repeat(TOO_LONG).into()),
                channel: None,
            },
        });
    }

    pub(super) fn connected(&mut self, user: usize) {
        self.step(Act::Connection {
            user,
            state: ConnectionState::Connected,
            reason: None,
            within: WITHIN,
        });
    }

    /// What a caller that is cut may miss (ORD-6).
    pub(super) fn allow_receipt(&mut self, user: usize) {
        for ring in 0..self.invitations.len() {
            let waits = self.world.rings.get(ring).is_some_and(|it| {
                it.caller == user && matches!(it.local, "SentToRemote" | "CancelSent")
            });
            if waits {
                self.allow(user, Callback::LocalReceivedByPeer, ring);
            }
        }
    }

    pub(super) fn allow(&mut self, user: usize, callback: Callback, ring: usize) {
        let act = Act::Allow {
            user,
            callbacks: vec![callback],
            invitation: ring,
        };
        if !self.steps.iter().any(|step| step.act == act) {
            self.step(act);
        }
    }

    fn expect(&mut self, heard: &[Heard], at: Option<Timer>, lossy: Option<usize>) {
        let mut steps = Vec::new();
        for one in heard {
            self.note(one);
            if lossy == Some(one.user) && one.callback == Callback::LocalReceivedByPeer {
                continue;
            }
            let window = match at {
                Some(timer) => Window::At {
                    moment: Moment { timer, factor: 1.0 },
                    early: None,
                    late: None,
                },
                None => Window::Within(WITHIN),
            };
            let expect = self.expectation(one.user, vec![one.callback], one.ring, one.code, window);
            steps.push(Step {
                line: 0,
                column: 0,
                origin: None,
                act: Act::Expect(expect),
            });
        }
        self.demands |= !steps.is_empty();
        // One user's callbacks of both sides, as of an invitation to oneself, have no order between the sides.
        let both = heard.iter().any(|one| {
            heard.iter().any(|other| {
                (one.user, one.ring) == (other.user, other.ring)
                    && one.callback.side() != other.callback.side()
            })
        });
        if both {
            self.step(Act::AnyOrder(steps));
        } else {
            self.steps.extend(steps);
        }
    }

    pub(super) fn expectation(
        &self,
        user: usize,
        callbacks: Vec<Callback>,
        ring: usize,
        code: Option<FailureCode>,
        window: Window,
    ) -> Expect {
        let received = callbacks == [Callback::RemoteReceived];
        let answered =
            callbacks == [Callback::LocalAccepted] || callbacks == [Callback::LocalRefused];
        let shape = self.shape;
        Expect {
            user,
            callbacks,
            invitation: ring,
            content: shape.text(shape.content).filter(|_| received),
            channel: shape.channel.map(Text::from).filter(|_| received),
            response: shape.text(shape.response).filter(|_| answered),
            code: code.map(CodeDemand::Is),
            saves: Vec::new(),
            window,
        }
    }

    /// Follows a callback: what it reaches, and which requirements it exercises.
    fn note(&mut self, one: &Heard) {
        if let Some(follow) = self.follows.get_mut(one.ring) {
            follow.called_back(&mut self.reached, one.callback, &one.step());
        }
        for requirement in exercised(one) {
            self.covers(requirement);
        }
        if one.callback.ends() && one.ring == 0 {
            let end = Some((one.callback, one.code));
            match one.callback.side() {
                Side::Local => self.ends.0 = end,
                Side::Remote => self.ends.1 = end,
            }
        }
    }

    /// Brings everybody back: what is held goes on, who is cut returns, who never came comes.
    pub(super) fn settle(&mut self) {
        if (0..self.online.len()).any(|user| self.world.is_cut(user)) {
            // What was said has arrived before anybody is back.
            self.go(Move::Wait(0.02, Timer::NoAck));
        }
        for user in 0..self.online.len() {
            if self.world.is_cut(user) {
                self.go(Move::Reconnect(user));
            }
            for way in [Way::Heard, Way::Sent] {
                if self.world.holds(user, way) {
                    self.go(Move::Release(user, way));
                }
            }
        }
    }

    /// Ends every invitation that is still open: by an answer, by a cancel, or by its clock.
    pub(super) fn finish(&mut self) {
        // The other one first: its clock runs as well.
        for ring in (0..self.invitations.len()).rev() {
            if self.world.is_over(ring) {
                continue;
            }
            let Some(found) = self.world.rings.get(ring) else {
                continue;
            };
            let call = |user, call| Move::Call {
                user,
                call,
                ring,
                good: true,
            };
            let (callee, remote, local) = (found.callee, found.remote, found.local);
            if remote == "InvitationReceived"
                && self.world.has_session(callee)
                && !self.world.is_gone(ring, Side::Remote)
            {
                self.go(call(callee, Call::Refuse));
            } else if open(local)
                && local != "CancelSent"
                && self.world.clock(ring) != Some(Timer::AcceptAck)
                && self.world.has_session(CALLER)
                && !self.world.is_gone(ring, Side::Local)
            {
                self.go(call(CALLER, Call::Cancel));
            }
            // What nobody can end by now, its clock ends.
            if !self.world.is_over(ring)
                && let Some(timer) = self.world.clock(ring)
            {
                self.go(Move::Clock(timer, ring));
            }
        }
    }

    /// The scenario, if it demands anything.
    pub(super) fn scenario(mut self, family: &str) -> Option<(Scenario, Reached)> {
        let created = self.invitations.len();
        let used = (0..created).all(|ring| self.steps.iter().any(|step| names(step, ring)));
        if !self.demands || self.doubtful || !used {
            return None;
        }
        if let Some(requirement) = agreement(self.ends) {
            self.covers(requirement);
        }
        if self.covers.is_empty() {
            self.covers("API-1");
        }
        let used = |user: usize| {
            self.steps.iter().any(|step| concerns(step, user))
                || self
                    .invitations
                    .iter()
                    .any(|it| it.callee == Callee::User(user))
        };
        let users = NAMES
            .iter()
            .zip(&self.online)
            .enumerate()
            .take_while(|(user, _)| (*user..NAMES.len()).any(used))
            .map(|(_, (name, online))| User {
                name: (*name).to_owned(),
                same_as: None,
                suffix: String::new(),
                bytes: None,
                online: *online,
            })
            .collect();
        let scenario = Scenario {
            file: PathBuf::from(format!("generated/{family}/{}.yaml", self.slug.join("-"))),
            name: self.words.join(", "),
            covers: self.covers.iter().map(|id| (*id).to_owned()).collect(),
            tags: vec!["generated".to_owned(), family.to_owned()],
            users,
            invitations: self.invitations,
            steps: self.steps,
        };
        Some((scenario, self.reached))
    }
}

/// Whose move it is.
pub(super) fn who(what: Move) -> usize {
    match what {
        Move::Call { user, .. }
        | Move::Hold(user, _)
        | Move::Release(user, _)
        | Move::Login(user)
        | Move::Logout(user)
        | Move::Drop(user)
        | Move::Reconnect(user)
        | Move::Interrupt(user) => user,
        Move::Clock(..) | Move::Wait(..) => CALLER,
    }
}

pub(super) fn part(factor: f64, timer: Timer) -> Span {
    Span::Of(Moment { timer, factor })
}

fn pause(factor: f64, timer: Timer) -> Pause {
    Pause {
        least: part(factor, timer),
        most: part(factor, timer),
    }
}

/// Whether a step is one of that user.
fn concerns(step: &Step, of: usize) -> bool {
    match &step.act {
        Act::Call { user, .. }
        | Act::Write { user, .. }
        | Act::Session { user, .. }
        | Act::Never { user, .. }
        | Act::Allow { user, .. }
        | Act::Raw { user, .. }
        | Act::Connection { user, .. } => *user == of,
        Act::Expect(expect) => expect.user == of,
        Act::AnyOrder(steps) | Act::Together(steps) => steps.iter().any(|step| concerns(step, of)),
        Act::Race(race) => race.steps.iter().any(|step| concerns(step, of)),
        Act::Wait(_) => false,
    }
}

/// Whether a step does more with an invitation than to create it.
fn names(step: &Step, ring: usize) -> bool {
    match &step.act {
        Act::Call {
            call, invitation, ..
        } => *call != Call::Create && *invitation == ring,
        Act::Write { invitation, .. } | Act::Allow { invitation, .. } => *invitation == ring,
        Act::Expect(expect) => expect.invitation == ring,
        Act::AnyOrder(steps) | Act::Together(steps) => steps.iter().any(|step| names(step, ring)),
        Act::Race(race) => race.steps.iter().any(|step| names(step, ring)),
        Act::Never { invitation, .. } => *invitation == Some(ring),
        Act::Session { .. } | Act::Connection { .. } | Act::Wait(_) | Act::Raw { .. } => false,
    }
}

/// The requirements that a callback exercises.
pub(super) fn exercised(heard: &Heard) -> &'static [&'static str] {
    match (heard.callback, heard.code.map(|code| code.0)) {
        (Callback::RemoteReceived, _) => &["SEND-1"],
        (Callback::LocalReceivedByPeer, _) => &["SEND-2"],
        (Callback::LocalAccepted, _) => &["ACC-1"],
        (Callback::RemoteAccepted, _) => &["ACC-2"],
        (Callback::LocalRefused | Callback::RemoteRefused, _) => &["REF-1"],
        (Callback::LocalCanceled, _) => &["CAN-3"],
        (Callback::RemoteCanceled, _) => &["CAN-1"],
        (Callback::LocalFailure, Some(1)) => &["FAIL-1"],
        (Callback::LocalFailure, Some(2)) => &["FAIL-3"],
        (Callback::LocalFailure, Some(4)) => &["FAIL-5"],
        (Callback::RemoteFailure, Some(1)) => &["ACC-4"],
        (Callback::RemoteFailure, Some(2)) => &["ACC-3"],
        (Callback::LocalFailure | Callback::RemoteFailure, _) => &["FAIL-7"],
    }
}

/// The row of section 9 that two ends are.
fn agreement((local, remote): (End, End)) -> Option<&'static str> {
    let code = |end: End| end.and_then(|(_, code)| code).map_or(0, |code| code.0);
    Some(match (local?.0, code(local), code(remote)) {
        (Callback::LocalAccepted, _, 1 | 2) => "AGR-7",
        (Callback::LocalAccepted, _, _) if remote.is_some() => "AGR-1",
        (Callback::LocalRefused, _, _) if remote.is_some() => "AGR-2",
        (Callback::LocalCanceled, _, _) => "AGR-3",
        (Callback::LocalFailure, 1 | 2, _) => "AGR-4",
        (Callback::LocalFailure, 3, 1 | 2) => "AGR-6",
        (Callback::LocalFailure, 3, 3) => "AGR-5",
        _ => return None,
    })
}
