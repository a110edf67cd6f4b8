//! How much of the lifecycle was reached, for a person at a terminal.

use std::fmt::Write as _;

use super::summary::Coverage;
use crate::coverage::{Goal, Kind, Reached, goals};
use crate::lifecycle::UNSEEN;

/// A line a kind with what was reached out of how much, then the rest by name, and what nothing can reach by reason.
pub fn coverage(reached: &Reached) -> String {
    let goals = goals();
    let mut text = String::new();
    // Writing to a String cannot fail.
    for kind in Kind::ALL {
        let all: Vec<&Goal> = goals.iter().filter(|goal| goal.kind == kind).collect();
        let excluded = all.iter().filter(|goal| goal.excluded.is_some()).count();
        let wanted = all.iter().filter(|goal| goal.excluded.is_none());
        let (done, open): (Vec<&Goal>, Vec<&Goal>) =
            wanted.partition(|goal| reached.has(kind, &goal.name));
        let _ = write!(
            text,
            "{:<16} {:>4} of {:>4}",
            kind.many(),
            done.len(),
            done.len() + open.len()
        );
        if excluded > 0 {
            let _ = write!(text, ", {excluded} excluded");
        }
        text.push('\n');
        for goal in open {
            let _ = writeln!(text, "  not reached: {}", goal.name);
        }
    }
    text.push_str(&exclusions(&goals));
    text
}

/// A line with the requirements that were exercised out of all, then the others, with the reason where no history shows
/// one.
pub fn unexercised(requirements: &Coverage) -> String {
    let (done, open) = (&requirements.covered, &requirements.not_exercised);
    let all = done.len() + open.len();
    let mut text = format!("{:<16} {:>4} of {all:>4}\n", "requirements", done.len());
    for id in open {
        let unseen = UNSEEN.iter().find(|unseen| unseen.requirement == *id);
        let reason = unseen.map_or(String::new(), |unseen| format!(", since {}", unseen.reason));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  not exercised: {id}{reason}");
    }
    text
}

/// What nothing can reach, under the reason.
fn exclusions(goals: &[Goal]) -> String {
    let mut reasons: Vec<&str> = goals.iter().filter_map(|goal| goal.excluded).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let mut text = String::new();
    for reason in reasons {
        let _ = writeln!(text, "excluded, since {reason}:");
        for goal in goals.iter().filter(|goal| goal.excluded == Some(reason)) {
            let _ = writeln!(text, "  {}: {}", goal.kind.one(), goal.name);
        }
    }
    text
}
