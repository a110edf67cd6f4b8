//! What must have happened in some seed, so that a run that explored nothing is not taken for a good one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::play::Played;
use super::trouble::Trouble;
use crate::coverage::{Kind, goals, reached};
use crate::history::{Call, CallCode, History, InvitationId, Side, What};

/// Something that must have happened, and in how many seeds it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goal {
    /// What.
    pub name: String,
    /// In how many seeds.
    pub reached: u64,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goals(BTreeMap<String, u64>);

/// Endings of both sides that the lifecycle names (AGR).
const ENDINGS: [&str; 10] = [
    "Accepted / Accepted",
    "Refused / Refused",
    "Canceled / Canceled",
    "Canceled / never received",
    "Failure 1 / never received",
    "Failure 2 / never received",
    "Failure 2 / Failure 3",
    "Failure 3 / Failure 3",
    "Failure 3 / Failure 1",
    "Failure 3 / Failure 2",
];

/// What must have happened to connections.
const CONNECTIONS: [&str; 5] = [
    "a session resumed",
    "frames lost with a connection",
    "frames overtaken between connections",
    "a silent connection given up",
    "a slow reader cut off",
];

impl Default for Goals {
    fn default() -> Self {
        let mut names: Vec<String> = Vec::new();
        for (place, one) in Trouble::ALL.iter().enumerate() {
            names.push(trouble(*one));
            let others = Trouble::ALL.iter().skip(place + 1);
            names.extend(others.map(|other| both(*one, *other)));
        }
        names.extend(ENDINGS.iter().map(|pair| ended(pair)));
        names.extend(CONNECTIONS.iter().map(|name| (*name).to_owned()));
        names.extend(arrows().map(|name| arrow(&name)));
        Self(names.into_iter().map(|name| (name, 0)).collect())
    }
}

/// The arrows of both automata that a conforming target shows.
fn arrows() -> impl Iterator<Item = String> {
    let wanted =
        |goal: &crate::coverage::Goal| goal.kind == Kind::Transition && goal.excluded.is_none();
    goals().into_iter().filter(wanted).map(|goal| goal.name)
}

fn trouble(one: Trouble) -> String {
    format!("trouble: {one}")
}

fn both(one: Trouble, other: Trouble) -> String {
    format!("troubles together: {one} and {other}")
}

fn ended(pair: &str) -> String {
    format!("ended: {pair}")
}

fn arrow(name: &str) -> String {
    format!("transition: {name}")
}

impl Goals {
    /// Notes what a seed has come to.
    pub fn note(&mut self, played: &Played) {
        let struck: Vec<Trouble> = played.struck.keys().copied().collect();
        for (place, one) in struck.iter().enumerate() {
            self.reach(&trouble(*one));
            for other in struck.iter().skip(place + 1) {
                self.reach(&both(*one, *other));
            }
        }
        let tally = &played.tally;
        let happened = [
            tally.resumed,
            tally.lost,
            tally.overtaken,
            tally.silent,
            tally.slow,
        ];
        for (name, times) in CONNECTIONS.iter().zip(happened) {
            if times > 0 {
                self.reach(name);
            }
        }
        let mut pairs = endings(&played.history);
        pairs.sort_unstable();
        pairs.dedup();
        for pair in pairs {
            self.reach(&ended(&pair));
        }
        let reached = reached(&played.history);
        for name in arrows() {
            if reached.has(Kind::Transition, &name) {
                self.reach(&arrow(&name));
            }
        }
    }

    fn reach(&mut self, name: &str) {
        if let Some(times) = self.0.get_mut(name) {
            *times += 1;
        }
    }

    /// Adds what other seeds have come to.
    pub fn add(&mut self, other: &Self) {
        for (name, times) in &other.0 {
            if let Some(own) = self.0.get_mut(name) {
                *own += times;
            }
        }
    }

    /// All of them, by name.
    pub fn list(&self) -> Vec<Goal> {
        let goal = |(name, reached): (&String, &u64)| Goal {
            name: name.clone(),
            reached: *reached,
        };
        self.0.iter().map(goal).collect()
    }

    /// Those that were not reached.
    pub fn missed(&self) -> Vec<&str> {
        let missed = self.0.iter().filter(|(_, times)| **times == 0);
        missed.map(|(name, _)| name.as_str()).collect()
    }
}

/// How both sides of each invitation that was sent have ended.
fn endings(history: &History) -> Vec<String> {
    #[derive(Default)]
    struct Sides {
        sent: bool,
        local: Option<String>,
        received: bool,
        remote: Option<String>,
    }
    let mut sides: BTreeMap<InvitationId, Sides> = BTreeMap::new();
    for event in &history.events {
        let Some(id) = event.what.invitation() else {
            continue;
        };
        let of = sides.entry(id.clone()).or_default();
        match &event.what {
            What::Returned { call, code, .. } => {
                of.sent |= (*call, *code) == (Call::Send, CallCode::OK);
            }
            What::CalledBack { callback, code, .. } => {
                let word = code.map_or_else(
                    || {
                        let name = callback.name();
                        name.rsplit("Invitation").next().unwrap_or(name).to_owned()
                    },
                    |code| format!("Failure {}", code.0),
                );
                match (callback.side(), callback.ends()) {
                    (Side::Remote, false) => of.received = true,
                    (Side::Local, false) => {}
                    (Side::Local, true) => of.local = Some(word),
                    (Side::Remote, true) => of.remote = Some(word),
                }
            }
            What::Called { .. } | What::Connection { .. } | What::Wire { .. } => {}
        }
    }
    let pair = |of: Sides| {
        let remote = match (of.received, of.remote) {
            (true, remote) => remote?,
            (false, _) => "never received".to_owned(),
        };
        Some(format!("{} / {remote}", of.local.filter(|_| of.sent)?))
    };
    sides.into_values().filter_map(pair).collect()
}
