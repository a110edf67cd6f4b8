//! Every way in, with everything that can happen there, and every way out.

use std::collections::BTreeSet;

use super::draft::{Draft, Shape};
use super::ways::{ACCEPT, AWAY, CANCEL, ENDS, OPEN, PAUSE, REFUSE, SEND, Way};
use super::world::{CALLEE, CALLER, Move, STRANGER, open};
use crate::coverage::Reached;
use crate::history::{Call, CallCode, Side};
use crate::scenario::plan::{Scenario, Timer, Way as Direction};
use crate::scenario::write;

/// A generated scenario, and what it is to reach.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The scenario, with the file that it would be written to.
    pub scenario: Scenario,
    /// The goals that it reaches on a target that keeps the lifecycle.
    pub reached: Reached,
}

/// The texts by turns: none, usual ones, empty ones, wide ones, the longest, and those that look like something else.
const SHAPES: [Shape; 8] = [
    shape(None, None, None, 1),
    shape(Some("Shall we?"), Some("room-7"), Some("On my way"), 1),
    shape(Some(""), Some(""), Some(""), 1),
    shape(
        Some("今は無理 🙏🏽"),
        Some("комната-7"),
        Some("e\u{301} é"),
        1,
    ),
    shape(Some("x"), None, Some("y"), 8_192),
    shape(Some("null"), Some("null"), Some("null"), 1),
    shape(
        Some("{\"a\": [1, null]}\r\n\t\0"),
        Some("a/b\\c\"d'e"),
        Some("\n"),
        1,
    ),
    shape(Some("  two before, two after  "), Some(" "), Some(" "), 1),
];

const fn shape(
    content: Option<&'static str>,
    channel: Option<&'static str>,
    response: Option<&'static str>,
    times: usize,
) -> Shape {
    Shape {
        content,
        channel,
        response,
        times,
    }
}

/// Beside what a case is about: nothing, another invitation that rings meanwhile, or that the caller calls itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Another,
    Itself,
}

const BESIDE: [Beside; 3] = [Beside::Nothing, Beside::Another, Beside::Itself];

/// Every generated scenario, in an order that never changes.
pub fn scenarios() -> Vec<Generated> {
    let mut cases = Cases::default();
    cases.arrows();
    cases.forbidden();
    cases.clocks();
    cases.races();
    cases.all
}

#[derive(Default)]
struct Cases {
    all: Vec<Generated>,
    /// What was played already, so that two ways to the same steps give one case.
    played: BTreeSet<String>,
}

impl Cases {
    /// A way in, under a variation; `None` where the two do not fit.
    fn begin(&self, way: &Way, beside: Beside, users: usize) -> Option<Draft> {
        let to_self = beside == Beside::Itself;
        let waits = |what: &Move| matches!(what, Move::Clock(timer, _) if is_long(*timer));
        // While a long clock runs out, the other invitation's does as well.
        if (to_self && !way.alone) || (beside == Beside::Another && way.moves.iter().any(waits)) {
            return None;
        }
        let mut online = way.online.to_vec();
        online.resize(users.max(2), true);
        let shape = SHAPES
            .iter()
            .copied()
            .cycle()
            .nth(self.all.len() % SHAPES.len());
        let shape = shape.unwrap_or_default();
        let mut draft = Draft::new(&online, to_self, shape);
        draft.say(way.slug, way.words);
        let create = |ring| Move::Call {
            user: CALLER,
            call: Call::Create,
            ring,
            good: true,
        };
        draft.go(create(0));
        if beside == Beside::Another {
            let ring = draft.ring(CALLEE);
            draft.say("beside", "beside another");
            draft.covers("SEND-6");
            draft.go(create(ring));
            if way.online == [true, true] {
                draft.go(Move::Call {
                    user: CALLER,
                    call: Call::Send,
                    ring,
                    good: true,
                });
            }
        }
        if to_self {
            draft.say("self", "to oneself");
            draft.covers("SEND-8");
        }
        for what in way.moves {
            draft.go(mine(*what, to_self));
        }
        Some(draft)
    }

    /// Keeps a case, unless its steps were played already or demand nothing.
    fn keep(&mut self, draft: Draft, family: &str) {
        let Some((scenario, reached)) = draft.scenario(family) else {
            return;
        };
        let mut bare = scenario.clone();
        bare.name.clear();
        bare.tags.clear();
        bare.covers.clear();
        bare.file.as_mut_os_string().clear();
        if self.played.insert(write(&bare)) {
            self.all.push(Generated { scenario, reached });
        }
    }

    /// Every way in, every event there, every way out: all arrows, and all arrows that can follow them.
    fn arrows(&mut self) {
        for way in OPEN.iter().chain(AWAY).chain(ENDS) {
            for beside in BESIDE {
                for event in EVENTS {
                    for out in OUTS {
                        if is_known_elsewhere(beside, event, out) {
                            continue;
                        }
                        let Some(mut draft) = self.begin(way, beside, 2) else {
                            continue;
                        };
                        let to_self = beside == Beside::Itself;
                        if let Some(event) = event
                            && !play(&mut draft, mine(event, to_self), to_self)
                        {
                            continue;
                        }
                        if !leave(&mut draft, out, to_self) {
                            continue;
                        }
                        self.keep(draft, "arrows");
                    }
                }
            }
        }
    }

    /// Every state with every call that it turns down, for where it comes, for what it carries, or for who makes it.
    fn forbidden(&mut self) {
        for way in OPEN.iter().chain(AWAY).chain(ENDS) {
            for beside in BESIDE {
                if beside == Beside::Another && !ENDS.iter().any(|end| end.slug == way.slug) {
                    continue;
                }
                for (user, call, good) in CALLS {
                    let Some(mut draft) = self.begin(way, beside, 3) else {
                        continue;
                    };
                    let user = match (beside, user) {
                        (Beside::Itself, CALLEE) => CALLER,
                        (Beside::Itself, CALLER)
                            if call == Call::Accept || call == Call::Refuse =>
                        {
                            continue;
                        }
                        _ => user,
                    };
                    let row = draft.world.row(user, call, 0, good);
                    let Some(row) = row.filter(|row| row.codes != [CallCode::OK]) else {
                        continue;
                    };
                    if !draft.world.has_session(user) {
                        continue;
                    }
                    if !good && call == Call::Send {
                        draft.write_too_long(0);
                    }
                    let over = if good { "" } else { "-too-long" };
                    draft.say(
                        &format!("{}-{call}{over}", name(user)),
                        &format!(
                            "the {} {} in vain{}",
                            name(user),
                            verb(call),
                            if good { "" } else { " with too long a text" }
                        ),
                    );
                    draft.covers(row.rule.requirement);
                    draft.go(Move::Call {
                        user,
                        call,
                        ring: 0,
                        good,
                    });
                    draft.settle();
                    draft.finish();
                    self.keep(draft, "forbidden");
                }
            }
        }
    }

    /// What comes just before a clock runs out, and what comes just after from somebody whose connection is down.
    fn clocks(&mut self) {
        const EVENTS: [Move; 6] = [
            CANCEL,
            ACCEPT,
            REFUSE,
            Move::Login(CALLEE),
            Move::Interrupt(CALLEE),
            Move::Interrupt(CALLER),
        ];
        for way in OPEN.iter().chain(AWAY) {
            for event in EVENTS {
                self.before_clock(way, event);
                self.after_clock(way, event);
            }
        }
    }

    fn before_clock(&mut self, way: &Way, event: Move) {
        let Some((mut draft, timer)) = self.at_clock(way) else {
            return;
        };
        draft.go(Move::Wait(0.8, timer));
        draft.say(
            &format!("before-{}", timer.name().replace('_', "-")),
            &format!("just before {}", timer.name()),
        );
        if play(&mut draft, event, false) {
            draft.settle();
            draft.finish();
            self.keep(draft, "clocks");
        }
    }

    fn after_clock(&mut self, way: &Way, event: Move) {
        let Some((mut draft, timer)) = self.at_clock(way) else {
            return;
        };
        let user = super::draft::who(event);
        let down = Move::Drop(user);
        if !matches!(event, Move::Call { .. })
            || (!draft.world.is_cut(user) && !possible(&draft, down))
        {
            return;
        }
        if !draft.world.is_cut(user) {
            draft.go(down);
        }
        draft.go(Move::Clock(timer, 0));
        draft.say(
            &format!("after-{}", timer.name().replace('_', "-")),
            &format!("just after {}", timer.name()),
        );
        if play(&mut draft, event, false) {
            draft.settle();
            draft.finish();
            self.keep(draft, "clocks");
        }
    }

    /// A way in after which a clock runs that is long enough to act in, with nothing kept back that is owed meanwhile.
    fn at_clock(&self, way: &Way) -> Option<(Draft, Timer)> {
        let draft = self.begin(way, Beside::Nothing, 2)?;
        let timer = draft.world.clock(0).filter(|timer| is_long(*timer))?;
        draft.world.may_wait().then_some((draft, timer))
    }

    /// Every two events of different users in the same state: in both orders, each unknown to the other, with each of them
    /// under way, and both at once.
    fn races(&mut self) {
        const ONE: [Move; 4] = [SEND, CANCEL, Move::Logout(CALLER), Move::Interrupt(CALLER)];
        const OTHER: [Move; 5] = [
            ACCEPT,
            REFUSE,
            Move::Login(CALLEE),
            Move::Logout(CALLEE),
            Move::Interrupt(CALLEE),
        ];
        for way in OPEN.iter().chain(AWAY) {
            for one in ONE {
                for other in OTHER {
                    self.race(way, one, other, Order::InTurn);
                    self.race(way, other, one, Order::InTurn);
                    self.race(way, one, other, Order::AtOnce);
                }
            }
        }
    }

    fn race(&mut self, way: &Way, first: Move, second: Move, order: Order) {
        let is_call = |what: Move| matches!(what, Move::Call { .. });
        if !is_call(first) && !is_call(second) {
            return;
        }
        let Some(mut draft) = self.begin(way, Beside::Nothing, 2) else {
            return;
        };
        if !possible(&draft, first) || !possible(&draft, second) {
            return;
        }
        // Whether a callee that leaves at that moment was there, only the target can say; both failures are right.
        if [first, second].contains(&SEND) && [first, second].contains(&Move::Logout(CALLEE)) {
            return;
        }
        let (named, at_once) = match order {
            Order::InTurn => (
                format!("{} and unaware of it {}", words(first), words(second)),
                false,
            ),
            Order::AtOnce => (
                format!("at once {} and {}", words(first), words(second)),
                true,
            ),
        };
        let slug = format!("{}-{}", slug(first), slug(second));
        let slug = if at_once {
            format!("{slug}-at-once")
        } else {
            slug
        };
        draft.say(&slug, &named);
        draft.cross(first, second, at_once);
        self.keep(draft, "races");
    }
}

/// How two events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The second is made by somebody who cannot have heard of the first.
    InTurn,
    /// Both are released by one barrier.
    AtOnce,
}

/// Whether other cases show the same: another invitation beside it does not change every combination, nor does what ends
/// an invitation depend on a connection that is back.
fn is_known_elsewhere(beside: Beside, event: Option<Move>, out: Option<Move>) -> bool {
    let call = |what: Move| matches!(what, Move::Call { .. });
    let session = event.is_some_and(|event| !call(event));
    (beside == Beside::Another && event.is_some() && out.is_some())
        || (session && out.is_some_and(|out| call(out) && out != SEND))
}

/// Clocks that are long enough for a scenario to act within.
fn is_long(timer: Timer) -> bool {
    match timer {
        Timer::OfflineWindow | Timer::NoAck | Timer::Expiry => true,
        Timer::AcceptAck | Timer::CancelBound | Timer::PresenceGrace => false,
    }
}

/// The calls that may be turned down: who makes them, and whether the arguments keep their limits.
const CALLS: [(usize, Call, bool); 11] = [
    (CALLER, Call::Send, true),
    (CALLER, Call::Send, false),
    (CALLER, Call::Cancel, true),
    (CALLEE, Call::Accept, true),
    (CALLEE, Call::Accept, false),
    (CALLEE, Call::Refuse, true),
    (CALLEE, Call::Refuse, false),
    (CALLER, Call::Accept, true),
    (CALLER, Call::Refuse, true),
    (STRANGER, Call::Accept, true),
    (STRANGER, Call::Refuse, true),
];

/// What may happen in the middle.
const EVENTS: [Option<Move>; 10] = [
    None,
    Some(SEND),
    Some(CANCEL),
    Some(ACCEPT),
    Some(REFUSE),
    Some(Move::Interrupt(CALLER)),
    Some(Move::Interrupt(CALLEE)),
    Some(Move::Logout(CALLER)),
    Some(Move::Logout(CALLEE)),
    Some(Move::Login(CALLEE)),
];

/// The ways out.
const OUTS: [Option<Move>; 6] = [
    None,
    Some(SEND),
    Some(CANCEL),
    Some(ACCEPT),
    Some(REFUSE),
    Some(Move::Clock(Timer::Expiry, 0)),
];

/// Goes a way out. Whether there was one.
fn leave(draft: &mut Draft, out: Option<Move>, to_self: bool) -> bool {
    // A clock may run out while something is still under way; everything else waits until all are back.
    if !matches!(out, Some(Move::Clock(..))) {
        draft.settle();
        if out.is_some() {
            draft.say("then", "then");
        }
        if out == Some(SEND) {
            // Whether the callee is there must be known by then.
            draft.go(PAUSE);
        }
    }
    let left = match out {
        None => true,
        Some(out) => {
            (!draft.world.is_over(0) || out == SEND) && play(draft, mine(out, to_self), to_self)
        }
    };
    draft.settle();
    draft.finish();
    left
}

/// A move of the callee, which is the caller itself where it calls itself.
fn mine(what: Move, to_self: bool) -> Move {
    if let Move::Call {
        user: CALLEE,
        call,
        ring,
        good,
    } = what
        && to_self
    {
        return Move::Call {
            user: CALLER,
            call,
            ring,
            good,
        };
    }
    what
}

/// Makes a move and says so, if it is possible there. Whether it was.
fn play(draft: &mut Draft, what: Move, to_self: bool) -> bool {
    let mut what = what;
    if let Move::Clock(..) = what {
        // Whichever clock runs.
        let Some(timer) = draft.world.clock(0) else {
            return false;
        };
        what = Move::Clock(timer, 0);
    }
    if !possible(draft, what) || (to_self && super::draft::who(what) != CALLER) {
        return false;
    }
    draft.say(&slug(what), &words(what));
    draft.go(what);
    true
}

/// Whether a move has an effect here: a call is admitted, a connection is there to be lost.
fn possible(draft: &Draft, what: Move) -> bool {
    let world = &draft.world;
    match what {
        Move::Call {
            user, call, good, ..
        } => {
            let gone = |side| world.is_gone(0, side);
            let own = match call {
                Call::Create | Call::Send | Call::Cancel => Side::Local,
                Call::Accept | Call::Refuse => Side::Remote,
            };
            world.has_session(user)
                && !gone(own)
                && world.row(user, call, 0, good).is_some_and(|row| {
                    let again = call == Call::Cancel && row.state == "CancelSent";
                    row.codes == [CallCode::OK] || again
                })
        }
        Move::Interrupt(user) => world.has_session(user) && !world.is_cut(user),
        Move::Drop(user) | Move::Logout(user) => {
            world.has_session(user) && !world.is_cut(user) && !world.holds(user, Direction::Sent)
        }
        Move::Login(user) => !world.has_session(user),
        Move::Reconnect(user) => world.is_cut(user),
        Move::Clock(timer, ring) => {
            world.clock(ring) == Some(timer)
                && world.may_wait()
                && (world.rings.len() == 1 || !is_long(timer))
                && world.rings.get(ring).is_some_and(|ring| open(ring.local))
        }
        Move::Hold(..) | Move::Release(..) | Move::Wait(..) => true,
    }
}

fn name(user: usize) -> &'static str {
    match user {
        CALLER => "caller",
        CALLEE => "callee",
        _ => "stranger",
    }
}

fn verb(call: Call) -> &'static str {
    match call {
        Call::Create => "creates",
        Call::Send => "sends",
        Call::Cancel => "cancels",
        Call::Accept => "accepts",
        Call::Refuse => "refuses",
    }
}

fn slug(what: Move) -> String {
    match what {
        Move::Call { call, .. } => call.name().to_owned(),
        Move::Login(user) => format!("{}-login", name(user)),
        Move::Logout(user) => format!("{}-logout", name(user)),
        Move::Drop(user) => format!("{}-drop", name(user)),
        Move::Reconnect(user) => format!("{}-reconnect", name(user)),
        Move::Interrupt(user) => format!("{}-cut", name(user)),
        Move::Clock(timer, _) => timer.name().replace('_', "-"),
        Move::Hold(..) | Move::Release(..) | Move::Wait(..) => String::new(),
    }
}

fn words(what: Move) -> String {
    match what {
        Move::Call { user, call, .. } => format!("the {} {}", name(user), verb(call)),
        Move::Login(user) => format!("the {} logs in", name(user)),
        Move::Logout(user) => format!("the {} logs out", name(user)),
        Move::Drop(user) => format!("the {}'s connection is lost", name(user)),
        Move::Reconnect(user) => format!("the {}'s connection is back", name(user)),
        Move::Interrupt(user) => format!("the {}'s connection is interrupted", name(user)),
        Move::Clock(timer, _) => format!("{} runs out", timer.name()),
        Move::Hold(..) | Move::Release(..) | Move::Wait(..) => String::new(),
    }
}
