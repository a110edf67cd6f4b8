//! What the checker has to say: findings, and how often each rule had something to look at.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::requirements::Grade;
use super::rules::{Id, RULES, Rule};
use crate::history::{InvitationId, UserId};

/// How many findings of each rule and kind are told one by one; more are counted.
pub const FINDINGS_MAX: u64 = 1_000;

/// What the lifecycle says about a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What was found, in the order in which it was found: of each rule and kind the first [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How often each rule was armed and discharged, in the order of [`RULES`].
    pub exercised: Vec<Exercise>,
    /// How many events were read.
    pub events: u64,
    /// How many invitations were created.
    pub invitations: u64,
    /// Which anchor of the expiry fits what was seen (FAIL-4).
    pub expiry: ExpiryReadings,
}

impl Verdict {
    /// How much of a kind was found, whether or not all of it is in [`Verdict::findings`].
    pub fn count(&self, kind: FindingKind) -> u64 {
        let counts = self.exercised.iter().map(|exercise| exercise.found);
        counts.map(|found| found.of(kind)).sum()
    }
}

/// How often one rule had something to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exercise {
    /// The rule.
    pub rule: &'static Rule,
    /// How often its premise arose.
    pub armed: u64,
    /// How often what it demands was then met.
    pub discharged: u64,
    /// How often it had something to say.
    pub found: Found,
}

/// How much was found, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// The lifecycle was broken.
    pub violations: u64,
    /// Something is later or laxer than it should be.
    pub warnings: u64,
    /// Not enough was seen to say.
    pub inconclusive: u64,
}

impl Found {
    /// How much of one kind.
    pub fn of(self, kind: FindingKind) -> u64 {
        match kind {
            FindingKind::Violation => self.violations,
            FindingKind::Warning => self.warnings,
            FindingKind::Inconclusive => self.inconclusive,
        }
    }

    /// Counts one more; how much there is of that kind now.
    fn add(&mut self, kind: FindingKind) -> u64 {
        let count = match kind {
            FindingKind::Violation => &mut self.violations,
            FindingKind::Warning => &mut self.warnings,
            FindingKind::Inconclusive => &mut self.inconclusive,
        };
        *count += 1;
        *count
    }
}

/// How many expiries fit which reading of the anchor (FAIL-4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExpiryReadings {
    /// Only counted from the send.
    pub send: u64,
    /// Only counted from the callee's device ack.
    pub ack: u64,
    /// From either, because both are too close to tell apart.
    pub either: u64,
    /// From neither: a moment between the two.
    pub between: u64,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which rule found it.
    pub rule: &'static Rule,
    /// How bad it is.
    pub kind: FindingKind,
    /// About which invitation, if about one.
    pub invitation: Option<InvitationId>,
    /// At which user.
    pub user: UserId,
    /// The event that shows it, or from which a missed limit ran: its index in the history, from 0.
    pub event: Option<u64>,
    /// When it was certain, on the history's clock.
    pub at: Duration,
    /// What was expected and what came.
    pub message: String,
    /// What the lifecycle allowed that side at that point.
    pub allowed: Vec<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingKind {
    /// The lifecycle was broken.
    Violation,
    /// Something is later or laxer than it should be.
    Warning,
    /// Not enough was seen to say.
    Inconclusive,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Violation => "violation",
            Self::Warning => "warning",
            Self::Inconclusive => "inconclusive",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, kind, .. } = self;
        write!(f, "{kind}[{}]: {}: ", rule.id, rule.requirement)?;
        f.write_str(&self.message)
    }
}

/// The book that is kept while judging.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) findings: Vec<Finding>,
    pub(super) expiry: ExpiryReadings,
    pub(super) invitations: u64,
    counts: Vec<Exercise>,
}

impl Book {
    pub(super) fn new() -> Self {
        let blank = |rule| Exercise {
            rule,
            armed: 0,
            discharged: 0,
            found: Found::default(),
        };
        Self {
            findings: Vec::new(),
            expiry: ExpiryReadings::default(),
            invitations: 0,
            counts: RULES.iter().map(blank).collect(),
        }
    }

    /// The premise of a rule arose.
    pub(super) fn arm(&mut self, id: Id) {
        if let Some(count) = self.counts.get_mut(id as usize) {
            count.armed += 1;
        }
    }

    /// What a rule demands was met.
    pub(super) fn discharge(&mut self, id: Id) {
        if let Some(count) = self.counts.get_mut(id as usize) {
            count.discharged += 1;
        }
    }

    /// The premise of a rule arose and what it demands was met at once.
    pub(super) fn met(&mut self, id: Id) {
        self.arm(id);
        self.discharge(id);
    }

    /// A rule was broken; its grade says how bad that is.
    pub(super) fn broken(&mut self, id: Id, finding: Draft) {
        let kind = match id.rule().grade {
            Grade::Must => FindingKind::Violation,
            Grade::Should => FindingKind::Warning,
        };
        self.note(id, kind, finding);
    }

    /// How often a rule was broken.
    pub(super) fn violations(&self, id: Id) -> u64 {
        let count = self.counts.get(id as usize);
        count.map_or(0, |count| count.found.violations)
    }

    /// A finding of a given kind.
    pub(super) fn note(&mut self, id: Id, kind: FindingKind, draft: Draft) {
        let count = self.counts.get_mut(id as usize);
        if count.is_some_and(|count| count.found.add(kind) > FINDINGS_MAX) {
            return;
        }
        self.findings.push(Finding {
            rule: id.rule(),
            kind,
            invitation: draft.invitation,
            user: draft.user,
            event: draft.event,
            at: draft.at,
            message: draft.message,
            allowed: draft.allowed,
        });
    }

    /// What was counted so far.
    pub(super) fn tally(&self) -> Tally {
        let count = |exercise: &Exercise| (exercise.armed, exercise.discharged);
        let found = |it: &Exercise| it.found.violations + it.found.warnings + it.found.inconclusive;
        Tally {
            counts: self.counts.iter().map(count).collect(),
            invitations: self.invitations,
            found: self.counts.iter().map(found).sum(),
        }
    }

    /// Counts so often what was counted once and was found nothing of.
    pub(super) fn add(&mut self, tally: &Tally, times: u64) {
        for (exercise, (armed, discharged)) in self.counts.iter_mut().zip(&tally.counts) {
            exercise.armed += armed * times;
            exercise.discharged += discharged * times;
        }
        self.invitations += tally.invitations * times;
    }

    pub(super) fn close(self, events: u64) -> Verdict {
        Verdict {
            findings: self.findings,
            exercised: self.counts,
            events,
            invitations: self.invitations,
            expiry: self.expiry,
        }
    }
}

/// Counts of a book, in its order.
#[derive(Debug)]
pub(super) struct Tally {
    /// Armed and discharged, of each rule.
    counts: Vec<(u64, u64)>,
    invitations: u64,
    /// How much was found, of whatever kind.
    pub(super) found: u64,
}

impl Tally {
    /// What was added since an earlier one.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let counts = self.counts.iter().zip(&earlier.counts);
        Self {
            counts: counts
                .map(|(now, then)| (now.0 - then.0, now.1 - then.1))
                .collect(),
            invitations: self.invitations - earlier.invitations,
            found: self.found - earlier.found,
        }
    }
}

/// A finding before its rule and kind are known.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) invitation: Option<InvitationId>,
    pub(super) user: UserId,
    pub(super) event: Option<u64>,
    pub(super) at: Duration,
    pub(super) message: String,
    pub(super) allowed: Vec<String>,
}
