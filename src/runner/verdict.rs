//! From what was recorded to a verdict: the judge's findings beside the scenario's own demands.

use std::time::Duration;

use super::outcome::{Outcome, Trouble, Verdict};
use super::play::Stop;
use super::stage::Stage;
use super::timeline::timeline;
use crate::history::{Clocks, Header, History, Order};
use crate::lifecycle::{self, Finding, FindingKind};
use crate::report::diagram::Drawing;

/// How the steps ended.
pub(super) enum Ending {
    /// All were taken, and nothing came that nobody asked for.
    Whole,
    /// One was not.
    Stopped(Stop),
}

/// Judges what was recorded until `end`.
pub(super) fn judge(
    stage: &Stage<'_>,
    clocks: &Clocks,
    end: Duration,
    (ending, late): (Ending, Option<Duration>),
    duration: Duration,
) -> Outcome {
    let scenario = stage.scenario;
    let events = stage
        .entries
        .iter()
        .filter(|entry| entry.event.at <= end)
        .map(|entry| entry.event.clone())
        .collect();
    let history = History {
        header: Header {
            clocks: *clocks,
            order: Order::Causal,
            end,
        },
        events,
    };
    let judged = lifecycle::judge(&history);

    let violation = |finding: &&Finding| finding.kind == FindingKind::Violation;
    let first = judged.findings.iter().find(violation);
    let marked = first
        .and_then(|finding| finding.event)
        .and_then(|event| usize::try_from(event).ok())
        .or(stage.blamed);
    let could_be_late = depends_on_time(&ending, &judged);
    let (verdict, troubles) = weigh(stage, &judged, ending);
    let (verdict, troubles, late) = excuse(verdict, troubles, late.filter(|_| could_be_late));
    Outcome {
        file: scenario.file.clone(),
        name: scenario.name.clone(),
        covers: scenario.covers.clone(),
        verdict,
        duration,
        late,
        again_after: None,
        troubles,
        warnings: of_kind(stage, &judged, FindingKind::Warning),
        history,
        timeline: match verdict {
            Verdict::Passed => Drawing::default(),
            Verdict::Known | Verdict::Failed | Verdict::Inconclusive | Verdict::Error => {
                timeline(stage, end, marked)
            }
        },
    }
}

/// The requirements whose violations a runner could see that was itself late: those about clocks and sessions.
const ON_TIME: [&str; 14] = [
    "CAN-2", "CAN-3", "CAN-4", "ACC-3", "ACC-4", "ACC-5", "FAIL-1", "FAIL-2", "FAIL-3", "FAIL-4",
    "FAIL-5", "FAIL-6", "AGR-7", "AGR-8",
];

/// Whether all that is wrong could come of a runner that was late.
fn depends_on_time(ending: &Ending, judged: &lifecycle::Verdict) -> bool {
    let by_steps = match ending {
        Ending::Whole => true,
        Ending::Stopped(Stop::Demand { .. } | Stop::Blind { .. } | Stop::Target(_)) => true,
        Ending::Stopped(Stop::Wrong { .. }) => false,
    };
    let violations = judged
        .findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::Violation);
    by_steps
        && violations
            .map(|finding| finding.rule.requirement)
            .all(|id| ON_TIME.contains(&id) || id.starts_with("SES-"))
}

/// Leaves a verdict open that a runner brought about which was late by that much.
fn excuse(
    verdict: Verdict,
    mut troubles: Vec<Trouble>,
    late: Option<Duration>,
) -> (Verdict, Vec<Trouble>, Option<Duration>) {
    let Some(late) = late else {
        return (verdict, troubles, None);
    };
    match verdict {
        Verdict::Passed | Verdict::Known => (verdict, troubles, None),
        Verdict::Failed | Verdict::Inconclusive | Verdict::Error => {
            let message = format!(
                "the runner itself was {late:.0?} late meanwhile, so what depends on time proves nothing here"
            );
            let trouble = Trouble {
                rule: "runner".to_owned(),
                requirement: String::new(),
                message,
                place: None,
                allowed: Vec::new(),
            };
            troubles.insert(0, trouble);
            (Verdict::Inconclusive, troubles, Some(late))
        }
    }
}

/// The worst of what the steps and the judge found, and all of it.
fn weigh(
    stage: &Stage<'_>,
    judged: &lifecycle::Verdict,
    ending: Ending,
) -> (Verdict, Vec<Trouble>) {
    let mut troubles = of_kind(stage, judged, FindingKind::Violation);
    let found = if troubles.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed
    };
    match ending {
        Ending::Stopped(stop) => {
            let covered = stage.scenario.covers.first().map_or("", String::as_str);
            let (worse, trouble) = stop.told(covered);
            troubles.insert(0, trouble);
            (found.max(worse), troubles)
        }
        // What was still open when all steps were taken could not be judged.
        Ending::Whole => {
            let open = of_kind(stage, judged, FindingKind::Inconclusive);
            let blind = if open.is_empty() {
                Verdict::Passed
            } else {
                Verdict::Inconclusive
            };
            troubles.extend(open);
            (found.max(blind), troubles)
        }
    }
}

fn of_kind(stage: &Stage<'_>, judged: &lifecycle::Verdict, kind: FindingKind) -> Vec<Trouble> {
    let findings = judged
        .findings
        .iter()
        .filter(|finding| finding.kind == kind);
    findings.map(|finding| told(stage, finding)).collect()
}

/// A finding with the names of the file instead of ids on the wire.
fn told(stage: &Stage<'_>, finding: &Finding) -> Trouble {
    let mut message = finding.message.clone();
    for (id, user) in stage.ids.iter().zip(&stage.scenario.users) {
        message = message.replace(id.as_str(), &user.name);
    }
    for (id, invitation) in stage.invitations.iter().zip(&stage.scenario.invitations) {
        if let Some(id) = id {
            message = message.replace(&**id, &invitation.label);
        }
    }
    Trouble {
        rule: finding.rule.id.to_owned(),
        requirement: finding.rule.requirement.to_owned(),
        message: format!("{message} (after {:.1?})", finding.at),
        place: None,
        allowed: finding.allowed.clone(),
    }
}
