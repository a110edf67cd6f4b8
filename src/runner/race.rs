//! The end of a race: the one outcome that everybody's callbacks agree on.

use std::time::Duration;

use super::expect::{difference, in_time, wanted, window};
use super::play::{QUIET, Stop};
use super::save::save;
use super::stage::Stage;
use crate::history::{Callback, Clocks, FailureCode, Passed, What};
use crate::scenario::plan::{Expect, JointOutcome, Race, Step};

/// How far the callbacks that came are with an outcome.
enum Standing {
    /// It can still come true, and these entries are of it.
    Open(Vec<usize>),
    /// It has come true, by these entries of the record, in the order of its expectations.
    True(Vec<usize>),
    /// It cannot come true any more, because of this.
    Out(String),
}

/// Waits until the callbacks since the race began make one of its outcomes true.
pub(super) async fn settle(
    stage: &mut Stage<'_>,
    clocks: &Clocks,
    place: (usize, usize),
    race: &Race,
    began: Duration,
) -> Result<(), Stop> {
    let mut until = began;
    for (step, expect) in race.outcomes.iter().flat_map(expects) {
        until = until.max(window(stage, clocks, step, expect, began)?.1);
    }
    let outcome = decided(stage, race, until).await;
    for entry in outcome.iter().flat_map(|(_, entries)| entries) {
        if let Some(accounted) = stage.accounted.get_mut(*entry) {
            *accounted = true;
        }
    }
    let Some((outcome, entries)) = outcome else {
        let message = nothing_fits(stage, clocks, race);
        return Err(Stop::Demand { place, message });
    };
    for ((step, expect), entry) in expects(outcome).zip(entries) {
        let limits = window(stage, clocks, step, expect, began)?;
        let at = stage
            .entries
            .get(entry)
            .map_or(began, |entry| entry.event.at);
        in_time(stage, clocks, step, expect, limits, (began, at))?;
        save(stage, step, expect, entry)?;
    }
    Ok(())
}

fn expects(outcome: &JointOutcome) -> impl Iterator<Item = (&Step, &Expect)> {
    outcome.expects.iter().filter_map(Step::expect)
}

/// An outcome that has come true, with its entries.
type Came<'r> = (&'r JointOutcome, Vec<usize>);

/// The outcome that has come true, once none that says more can; `None` if none has.
async fn decided<'r>(stage: &mut Stage<'_>, race: &'r Race, until: Duration) -> Option<Came<'r>> {
    let decided_or_settled = |stage: &mut Stage<'_>| match compare(stage, race) {
        (Some(_), true) => stage.is_settled().then_some(()),
        (best, is_open) => (best.is_some() || !is_open).then_some(()),
    };
    stage.wait_for(until, decided_or_settled).await;
    if let (Some(_), true) = compare(stage, race) {
        // Every side has ended; one that never heard it begin may still be told, as after the last step.
        let quiet = until.min(stage.recorder.now() + QUIET);
        let decided = |stage: &mut Stage<'_>| (!compare(stage, race).1).then_some(());
        stage.wait_for(quiet, decided).await;
    }
    compare(stage, race).0
}

/// The outcome that has come true, and whether another can that says more. Of two that have, the one that says more: where
/// the callee heard of the invitation, the outcome in which it did not is not what happened.
fn compare<'r>(stage: &Stage<'_>, race: &'r Race) -> (Option<Came<'r>>, bool) {
    let mut open: Vec<Vec<usize>> = Vec::new();
    let mut best: Option<Came<'r>> = None;
    for outcome in &race.outcomes {
        match standing(stage, outcome) {
            Standing::Open(entries) => open.push(entries),
            Standing::True(entries) => {
                let is_less = |(_, best): &Came<'_>| best.len() < entries.len();
                if best.as_ref().is_none_or(is_less) {
                    best = Some((outcome, entries));
                }
            }
            Standing::Out(_) => {}
        }
    }
    let known: &[usize] = best.as_ref().map_or(&[], |(_, entries)| entries);
    let is_open = open
        .iter()
        .any(|entries| known.iter().all(|entry| entries.contains(entry)));
    (best, is_open)
}

/// Compares an outcome with what came: first in, first out per user and invitation.
fn standing(stage: &Stage<'_>, outcome: &JointOutcome) -> Standing {
    let mut taken: Vec<usize> = Vec::new();
    let mut is_open = false;
    for (_, expect) in expects(outcome) {
        let next = heard(stage, expect.user, expect.invitation)
            .find(|heard| !taken.contains(&heard.entry) && !may_pass(stage, expect, heard));
        let Some(next) = next else {
            is_open = true;
            continue;
        };
        if !expect.callbacks.contains(&next.callback) {
            let user = stage.name(expect.user);
            return Standing::Out(format!("`{user}` got `{}`", next.callback));
        }
        if let Some(message) = difference(stage, expect, next.callback, next.with, next.code) {
            return Standing::Out(message);
        }
        taken.push(next.entry);
    }
    if is_open {
        Standing::Open(taken)
    } else {
        Standing::True(taken)
    }
}

/// A callback that came and that no step has asked for so far.
struct Heard<'s> {
    entry: usize,
    callback: Callback,
    with: &'s Passed,
    code: Option<FailureCode>,
}

/// Whether a callback that is allowed stands before the expected one.
fn may_pass(stage: &Stage<'_>, expect: &Expect, heard: &Heard<'_>) -> bool {
    let allowed = (expect.user, heard.callback, expect.invitation);
    !expect.callbacks.contains(&heard.callback) && stage.allowed.contains(&allowed)
}

/// What a user heard about an invitation, as far as it is not accounted for.
fn heard<'s>(
    stage: &'s Stage<'_>,
    user: usize,
    invitation: usize,
) -> impl Iterator<Item = Heard<'s>> {
    let id = stage.id(invitation);
    let entries = stage.entries.iter().zip(&stage.accounted).enumerate();
    entries
        .filter(move |(_, (entry, accounted))| entry.participant == user && !**accounted)
        .filter_map(move |(place, (entry, _))| match &entry.event.what {
            What::CalledBack {
                callback,
                invitation,
                with,
                code,
                ..
            } if *invitation == id => Some(Heard {
                entry: place,
                callback: *callback,
                with,
                code: *code,
            }),
            What::Called { .. }
            | What::Returned { .. }
            | What::CalledBack { .. }
            | What::Connection { .. }
            | What::Wire { .. } => None,
        })
}

/// Why no outcome came true, in words: what everybody heard, and what each outcome lacks.
fn nothing_fits(stage: &Stage<'_>, clocks: &Clocks, race: &Race) -> String {
    let mut sides: Vec<(usize, usize)> = Vec::new();
    for (_, expect) in race.outcomes.iter().flat_map(expects) {
        let side = (expect.user, expect.invitation);
        if !sides.contains(&side) {
            sides.push(side);
        }
    }
    let came: Vec<String> = sides
        .iter()
        .map(|(user, invitation)| {
            let callbacks: Vec<String> = heard(stage, *user, *invitation)
                .map(|heard| format!("`{}`", heard.callback))
                .collect();
            let callbacks = if callbacks.is_empty() {
                "nothing".to_owned()
            } else {
                callbacks.join(", ")
            };
            let (name, label) = (stage.name(*user), stage.label(*invitation));
            format!("{callbacks} at `{name}` of `{label}`")
        })
        .collect();
    let whys: Vec<String> = race
        .outcomes
        .iter()
        .map(|outcome| {
            let why = match standing(stage, outcome) {
                Standing::Out(why) => why,
                Standing::True(_) => "it came too late".to_owned(),
                Standing::Open(_) => missing(stage, clocks, outcome),
            };
            format!("    not `{}`: {why}", outcome.name)
        })
        .collect();
    format!(
        "expected one outcome that everybody agrees on; got {}\n{}",
        came.join(", "),
        whys.join("\n")
    )
}

/// The first callback of an outcome that did not come, in words.
fn missing(stage: &Stage<'_>, clocks: &Clocks, outcome: &JointOutcome) -> String {
    let open = expects(outcome).find(|(_, expect)| {
        let hit = |heard: Heard<'_>| expect.callbacks.contains(&heard.callback);
        !heard(stage, expect.user, expect.invitation).any(hit)
    });
    open.map_or_else(
        || "not all of it came".to_owned(),
        |(_, expect)| format!("{}; got nothing", wanted(stage, clocks, expect)),
    )
}
