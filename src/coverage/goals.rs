//! What there is to reach, each with a name, and the reason where nothing can reach it.

use std::collections::HashSet;

use crate::history::{Call, Side};
use crate::lifecycle::{Cell, results, transitions};

/// What kind of thing is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A state of one side.
    State,
    /// An arrow of one side's automaton.
    Transition,
    /// Two arrows in a row.
    Pair,
    /// A call that a state turns down.
    Forbidden,
    /// Two events of different users, neither of whom knew of the other's.
    Race,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::State,
        Self::Transition,
        Self::Pair,
        Self::Forbidden,
        Self::Race,
    ];

    /// Its name, of one.
    pub fn one(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Transition => "transition",
            Self::Pair => "transition pair",
            Self::Forbidden => "forbidden cell",
            Self::Race => "race pair",
        }
    }

    /// Its name, of many.
    pub fn many(self) -> &'static str {
        match self {
            Self::State => "states",
            Self::Transition => "transitions",
            Self::Pair => "transition pairs",
            Self::Forbidden => "forbidden cells",
            Self::Race => "race pairs",
        }
    }
}

/// One thing to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name; unique within its kind.
    pub name: String,
    /// Why no history of a conforming target reaches it, if none does.
    pub excluded: Option<&'static str>,
}

/// Everything there is to reach.
pub fn goals() -> Vec<Goal> {
    let cells = transitions();
    let mut goals = Vec::new();
    let mut seen = HashSet::new();
    for cell in &cells {
        if seen.insert((cell.side, cell.state)) {
            goals.push(Goal {
                kind: Kind::State,
                name: state(cell.side, cell.state),
                excluded: None,
            });
        }
    }
    for cell in &cells {
        if let Ok(next) = cell.next {
            goals.push(Goal {
                kind: Kind::Transition,
                name: transition(cell.side, cell.state, cell.step, next),
                excluded: no_transition(cell),
            });
        }
    }
    for first in &cells {
        let Ok(middle) = first.next else { continue };
        for second in &cells {
            let Ok(last) = second.next else { continue };
            if (second.side, second.state) != (first.side, middle) {
                continue;
            }
            goals.push(Goal {
                kind: Kind::Pair,
                name: pair(
                    first.side,
                    (first.state, first.step),
                    (middle, second.step),
                    last,
                ),
                excluded: no_transition(first)
                    .or_else(|| no_transition(second))
                    .or_else(|| no_pair(first, second)),
            });
        }
    }
    forbidden_cells(&cells, &mut goals);
    races(&mut goals);
    goals
}

pub(super) fn state(side: Side, state: &str) -> String {
    format!("{} {state}", who(side))
}

pub(super) fn transition(side: Side, from: &str, step: &str, to: &str) -> String {
    format!("{} {from} -{step}-> {to}", who(side))
}

pub(super) fn pair(side: Side, first: (&str, &str), second: (&str, &str), last: &str) -> String {
    format!(
        "{} {} -{}-> {} -{}-> {last}",
        who(side),
        first.0,
        first.1,
        second.0,
        second.1
    )
}

pub(super) fn forbidden(side: Side, state: &str, call: Call, good: bool) -> String {
    let over = if good { "" } else { " with bad arguments" };
    format!("{} {state}: {call}{over}", who(side))
}

pub(super) fn race(states: (&str, &str), events: (&str, &str), first: Side) -> String {
    format!(
        "{} / {}: {} and {}, the {} first",
        states.0,
        states.1,
        events.0,
        events.1,
        who(first)
    )
}

fn who(side: Side) -> &'static str {
    match side {
        Side::Local => "caller",
        Side::Remote => "callee",
    }
}

const UNKNOWN: &str =
    "a failure with a code of no domain is a fault that no conforming target shows (FAIL-7)";
const ANSWERED: &str = "a refuse is on its way: another answer may be admitted or be AlreadyEnd, and where it is AlreadyEnd the first one stands";
const BEHIND: &str = "a log-out follows what its user said before on the same connection, so what was said crosses, not the log-out";
const NOT_LOGGED_IN: &str =
    "whoever sends without a log-in cannot cancel before it is told so (FAIL-5, SES-6)";

/// Why no history shows an arrow.
fn no_transition(cell: &Cell) -> Option<&'static str> {
    match (cell.side, cell.state, cell.step) {
        (_, _, step) if step.ends_with("(unknown)") => Some(UNKNOWN),
        (Side::Local, "CancelSent", "localInvitationFailure (4)") => Some(NOT_LOGGED_IN),
        (Side::Remote, "RefuseSent", "accept" | "refuse") => Some(ANSWERED),
        _ => None,
    }
}

/// Why no history shows two arrows in a row, although it shows each.
fn no_pair(first: &Cell, second: &Cell) -> Option<&'static str> {
    const RECEIPT: &str = "localInvitationReceivedByPeer";
    if first.side == Side::Remote || second.state != "CancelSent" {
        return None;
    }
    let acked = first.step == RECEIPT || first.state == "ReceivedByRemote";
    match second.step {
        RECEIPT if acked => Some("the receipt comes once (SEND-4)"),
        "localInvitationFailure (1)" | "localInvitationFailure (2)" if acked => {
            Some("after the device ack an invitation can only expire (FAIL-4)")
        }
        _ => None,
    }
}

/// The calls that a state turns down, for where they come or for what they carry.
fn forbidden_cells(cells: &[Cell], goals: &mut Vec<Goal>) {
    for cell in cells.iter().filter(|cell| cell.next.is_err()) {
        let Some(call) = Call::from_name(cell.step) else {
            continue;
        };
        let excluded = match (call, cell.state) {
            (Call::Create, _) => {
                Some("every create makes another invitation, so that none is created twice")
            }
            (Call::Send | Call::Cancel, "Absent") => {
                Some("no call can name an invitation that was never created")
            }
            _ => None,
        };
        goals.push(Goal {
            kind: Kind::Forbidden,
            name: forbidden(cell.side, cell.state, call, true),
            excluded,
        });
    }
    for row in results().iter().filter(|row| {
        !row.good && row.codes.first() == Some(&crate::history::CallCode::INVALID_ARGUMENT)
    }) {
        goals.push(Goal {
            kind: Kind::Forbidden,
            name: forbidden(row.side, row.state, row.call, false),
            excluded: (row.codes.len() > 1).then_some(ANSWERED),
        });
    }
}

/// The states in which both sides can still do something, and what each can do there.
fn races(goals: &mut Vec<Goal>) {
    const LOCAL: [(&str, &str); 4] = [
        ("Idle", "send"),
        ("SentToRemote", "cancel"),
        ("ReceivedByRemote", "cancel"),
        ("CancelSent", "cancel"),
    ];
    const REMOTE: [(&str, &[&str]); 4] = [
        ("Absent", &["login"]),
        ("InvitationReceived", &["accept", "refuse"]),
        ("AcceptSentToLocal", &[]),
        ("RefuseSent", &["accept", "refuse"]),
    ];
    const SESSION: [&str; 2] = ["logout", "cut"];
    for (local, call) in LOCAL {
        for (remote, answers) in REMOTE {
            let impossible = match (local, remote) {
                ("Idle", "Absent") => None,
                ("Idle", _) => Some("nothing reaches a callee before the send (ORD-2)"),
                ("ReceivedByRemote", "Absent") => {
                    Some("the receipt follows the callee's device ack (SEND-2)")
                }
                _ => None,
            };
            for one in [call].iter().chain(&SESSION) {
                for other in answers.iter().chain(&SESSION) {
                    let calls = |event: &str| Call::from_name(event).is_some();
                    if !calls(one) && !calls(other) {
                        // Two changes of sessions decide nothing about an invitation.
                        continue;
                    }
                    // A log-out follows what its user said before, on the same connection.
                    let behind = (local == "CancelSent" && *one == "logout")
                        || (matches!(remote, "AcceptSentToLocal" | "RefuseSent")
                            && *other == "logout");
                    let behind = behind.then_some(BEHIND);
                    let answered = (remote == "RefuseSent" && calls(other)).then_some(ANSWERED);
                    for first in [Side::Local, Side::Remote] {
                        goals.push(Goal {
                            kind: Kind::Race,
                            name: race((local, remote), (one, other), first),
                            excluded: impossible.or(answered).or(behind),
                        });
                    }
                }
            }
        }
    }
}
