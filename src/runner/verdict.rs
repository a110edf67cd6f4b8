//! From what was recorded to a verdict: the judge's findings beside the scenario's own demands.

use std::time::Duration;

use super::outcome::{Outcome, Trouble, Verdict};
use super::play::Stop;
use super::stage::Stage;
use super::timeline;
use crate::history::{Clocks, Header, History, Order};
use crate::lifecycle::{self, Finding, FindingKind};

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
    ending: Ending,
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

    let of_kind = |kind: FindingKind| {
        judged
            .findings
            .iter()
            .filter(move |finding| finding.kind == kind)
    };
    let trouble = |finding: &Finding| told(stage, finding);
    let mut verdict = Verdict::Passed;
    let mut troubles: Vec<Trouble> = of_kind(FindingKind::Violation).map(trouble).collect();
    if !troubles.is_empty() {
        verdict = Verdict::Failed;
    }
    match ending {
        Ending::Stopped(stop) => {
            let covered = scenario.covers.first().map_or("", String::as_str);
            let (worse, trouble) = stop.told(covered);
            verdict = verdict.max(worse);
            troubles.insert(0, trouble);
        }
        // What was still open when all steps were taken could not be judged.
        Ending::Whole => {
            let open: Vec<Trouble> = of_kind(FindingKind::Inconclusive).map(trouble).collect();
            if !open.is_empty() {
                verdict = verdict.max(Verdict::Inconclusive);
                troubles.extend(open);
            }
        }
    }
    Outcome {
        file: scenario.file.clone(),
        name: scenario.name.clone(),
        covers: scenario.covers.clone(),
        verdict,
        duration,
        troubles,
        warnings: of_kind(FindingKind::Warning).map(trouble).collect(),
        timeline: if verdict == Verdict::Passed {
            Vec::new()
        } else {
            timeline::draw(stage, end)
        },
        armed: judged
            .exercised
            .iter()
            .filter(|count| count.armed > 0)
            .map(|count| count.rule.id)
            .collect(),
    }
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
