//! What is wrong with what a plan came to: the judge's findings, and what is left over.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use ringcheck_reference::server::Counts;

use super::play::Played;
use super::trouble::Trouble;
use crate::history::{InvitationId, Order, UserId};
use crate::lifecycle::{self, Finding, FindingKind};

/// Something wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// The judge found the lifecycle broken, or too little to say although everybody had time and a connection.
    Judged(Box<Finding>),
    /// An invitation is open at a client that is connected and could know how it ended.
    Unended {
        /// Which.
        invitation: InvitationId,
        /// Whose client.
        user: UserId,
    },
    /// The server's tables are not empty although everything is over.
    Left {
        /// When that was: after the quiet period, or after everybody had logged out.
        when: &'static str,
        /// What is in them.
        counts: Counts,
    },
}

impl Violation {
    /// What stays the same when the same thing goes wrong in a smaller plan.
    pub fn kind(&self) -> String {
        match self {
            Self::Judged(finding) => format!("{} {}", finding.kind, finding.rule.id),
            Self::Unended { .. } => "unended".to_owned(),
            Self::Left { .. } => "left over".to_owned(),
        }
    }

    /// Whether something is wrong for certain, and not just too little seen to say.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Judged(finding) => finding.kind == FindingKind::Violation,
            Self::Unended { .. } | Self::Left { .. } => true,
        }
    }

    /// The requirement that is broken.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::Judged(finding) => finding.rule.requirement,
            Self::Unended { .. } => "AGR-8",
            Self::Left { .. } => "LIM-4",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged(finding) => write!(
                f,
                "{finding} (`{}`, after {:.1?})",
                finding.user, finding.at
            ),
            Self::Unended { invitation, user } => {
                write!(
                    f,
                    "AGR-8: expected `{invitation}` to have ended at `{user}`, who is connected; it is still open"
                )
            }
            Self::Left { when, counts } => write!(
                f,
                "LIM-4: expected the server's tables to be empty {when}; they hold {} sessions, {} open invitations, {} remembered ones",
                counts.sessions, counts.open_invitations, counts.invitations
            ),
        }
    }
}

/// Everything wrong with what a plan came to, the first first.
pub fn weigh(played: &Played) -> Vec<Violation> {
    let judged = lifecycle::judge(&played.history);
    // What is found of an invitation after something that proves nothing proves nothing either.
    let doubtful: BTreeSet<InvitationId> = judged
        .findings
        .iter()
        .filter(|finding| excused(played, finding))
        .filter_map(|finding| finding.invitation.clone())
        .collect();
    let follows = |finding: &Finding| {
        finding
            .invitation
            .as_ref()
            .is_some_and(|id| doubtful.contains(id))
    };
    let mut violations: Vec<Violation> = judged
        .findings
        .into_iter()
        .filter(|finding| match finding.kind {
            FindingKind::Violation => !excused(played, finding) && !follows(finding),
            // Nothing is on record of who never did anything, and not all of whose client died.
            FindingKind::Inconclusive => {
                !played.crashed.contains(&finding.user) && is_on_record(played, &finding.user)
            }
            FindingKind::Warning => false,
        })
        .map(|finding| Violation::Judged(Box::new(finding)))
        .collect();
    for (invitation, user) in &played.open {
        violations.push(Violation::Unended {
            invitation: invitation.clone(),
            user: user.clone(),
        });
    }
    violations.extend(left("after the quiet period", played.after_quiet, false));
    violations.extend(left("after everybody had left", played.after_all, true));
    violations
}

/// Whether anything was recorded of a user.
fn is_on_record(played: &Played, user: &UserId) -> bool {
    played
        .history
        .events
        .iter()
        .any(|event| event.user == *user)
}

/// Requirements that say by when somebody must have heard something.
const IN_TIME: [&str; 22] = [
    "SEND-1", "CAN-1", "CAN-2", "CAN-3", "CAN-4", "ACC-1", "ACC-2", "ACC-3", "ACC-4", "REF-1",
    "REF-2", "FAIL-2", "FAIL-4", "FAIL-3", "FAIL-6", "SES-1", "SES-3", "SES-5", "SEND-4", "FAIL-1",
    "AGR-7", "ACC-5",
];

/// How long something may be waited for, from the event that it was owed for: the expiry, and what is still on time.
const WAITED_FOR: Duration = Duration::from_secs(68);

/// How long after that somebody may be told what it missed: the grace of a session that left unheard, and a little.
const CATCHING_UP: Duration = Duration::from_secs(33);

/// Whether something came late because one of the two was cut off and nobody could know: the history does not show that
/// a connection is dead before one of its ends has noticed. How it ended is judged all the same.
fn excused(played: &Played, finding: &Finding) -> bool {
    let requirement = finding.rule.requirement;
    let in_time = IN_TIME.contains(&requirement);
    // A device that comes back when another of its user has had its place goes on with what it held, as the other did.
    if played.returned.contains(&finding.user) && (in_time || requirement == "OBJ-3") {
        return true;
    }
    // Who reads slowly may take an accept just before it hears that its connection is given up, and later than others tell
    // a crossing.
    if requirement == "ACC-5" && played.struck.contains_key(&Trouble::SlowReader) {
        return true;
    }
    if !in_time {
        return false;
    }
    // A client that has died is told nothing.
    if finding.invitation.is_none() && played.crashed.contains(&finding.user) {
        return true;
    }
    // Where clocks differ, what one side owes the other has no time on either.
    if played.history.header.order == Order::PerUser {
        return true;
    }
    let parties = finding
        .invitation
        .as_ref()
        .and_then(|id| played.parties.get(id));
    let concerns = |user: &UserId| {
        *user == finding.user
            || parties.is_some_and(|(caller, callee)| user == caller || user == callee)
    };
    let events = &played.history.events;
    let event = finding
        .event
        .and_then(|at| events.get(usize::try_from(at).ok()?));
    let from = event.map_or(finding.at, |event| event.at.min(finding.at));
    played.deaf.iter().any(|(user, since, until)| {
        concerns(user) && *since <= finding.at + WAITED_FOR && from <= *until + CATCHING_UP
    })
}

fn left(when: &'static str, counts: Option<Counts>, everybody: bool) -> Option<Violation> {
    let counts = counts?;
    let empty = counts.open_invitations == 0
        && counts.invitations == 0
        && !(everybody && counts.sessions > 0);
    (!empty).then_some(Violation::Left { when, counts })
}
