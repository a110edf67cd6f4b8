//! The checker: what the lifecycle says about a history. It imports [`crate::history`] and nothing else of ours.
//!
//! Each invitation has two automata, one per side ([`transitions`], [`results`]). While calls and callbacks cross, the
//! set of states still possible is kept. What a state owes has a time by which it must come; time passes with the
//! events of everybody. Everything found cites a rule of [`RULES`], and a rule that had nothing to look at is *not
//! exercised*, never passed.
//!
//! Most invitations take one of three usual courses. Each order of its steps, a way, is judged in full once; what goes that
//! way later is followed in a fraction of the room, as long as nothing but the order of its events can make a difference to
//! any rule, and counts for every rule like the first. What leaves its course is judged in full from its first event.
//!
//! The guide says that the caller gets `remoteInvitationAccepted` and `remoteInvitationRefused`; every API reference
//! says the callee, and so does the checker: any other recipient is reported.
//!
//! Choices where the lifecycle is silent:
//!
//! - A user without any connection event counts as logged in from the start, and rules about sessions are not armed.
//! - Logging out, or being shut out, ends that side's watching: nothing is owed to it, and nothing may reach it (SES-4).
//! - A side that is interrupted is owed what it missed within 1 s of its return, and what its own cancel, accept or
//!   refuse waits for within that call's limit, since the call may have arrived only then. If it never returns, what it
//!   was owed is inconclusive.
//! - Where no clock is named, an answer is prompt if it comes within 1 s; the refuse has the accept's limit.
//! - Received that crosses the caller's Canceled or Failure is right for 1 s if the callee was connected throughout,
//!   and must then end within 1 s.

pub mod requirements;
pub mod tales;

mod agreement;
mod automaton;
mod beside;
mod callbacks;
mod calls;
mod case;
mod desk;
mod dues;
mod failures;
mod judge;
mod limits;
mod over;
mod presence;
mod returns;
mod rules;
mod sessions;
mod settle;
mod states;
mod steps;
mod usual;
mod verdict;
mod watched;
mod ways;

pub use automaton::{LocalState, LocalStep, RemoteState, RemoteStep, state_number};
pub use judge::Judge;
pub use rules::{RULES, Rule, UNSEEN, Unseen, rule};
pub use states::{Cell, ResultCell, results, transitions};
pub use verdict::{Exercise, ExpiryReadings, FINDINGS_MAX, Finding, FindingKind, Found, Verdict};

use crate::history::History;

#[cfg(test)]
mod tests;

/// Judges a whole history: the judge over all its events.
pub fn judge(history: &History) -> Verdict {
    let mut judge = Judge::new(history.header.clocks, history.header.order);
    for event in &history.events {
        judge.observe(event);
    }
    judge.finish(history.header.end)
}
