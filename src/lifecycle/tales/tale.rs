//! A history as a recipe, and which tales show a rule.

use super::recipe;
use super::{agreement, away, calls, cancels, clocks, crossing, failures, good, objects, sessions};
use crate::history::{History, Order};
use crate::lifecycle::{Rule, judge};

/// A history as a recipe, and what the checker must find in it.
#[derive(Debug)]
pub struct Tale {
    /// What happens, in a few words.
    pub name: &'static str,
    /// The recipe, in parts that several tales share.
    pub(super) recipe: &'static [&'static str],
    /// The findings, in order: `ACC-1@8` names the requirement and the event's index (`-` without one), `~` before it a warning, `?` what
    /// is inconclusive. Empty for a good history.
    pub finds: &'static str,
}

impl Tale {
    /// The history. `None` if the recipe is none, which no tale of the list is.
    pub fn history(&self) -> Option<History> {
        recipe::history(&self.recipe.concat())
    }
}

/// Every tale.
pub fn tales() -> impl Iterator<Item = &'static Tale> {
    [
        good::TALES,
        away::TALES,
        objects::TALES,
        cancels::TALES,
        calls::TALES,
        failures::TALES,
        agreement::TALES,
        sessions::TALES,
        clocks::TALES,
        crossing::TALES,
    ]
    .into_iter()
    .flatten()
}

/// The shortest tale in which that rule is broken, and no other before it.
pub fn bad(rule: &Rule) -> Option<&'static Tale> {
    let breaks = |tale: &&Tale| {
        let first = tale.finds.split(' ').next().unwrap_or("");
        let (requirement, _) = first.split_once('@').unwrap_or((first, ""));
        requirement.trim_start_matches('~') == rule.requirement
    };
    shortest(tales().filter(breaks))
}

/// The shortest good tale that gives that rule something to look at, and satisfies it.
pub fn good_for(rule: &Rule) -> Option<&'static Tale> {
    let satisfies = |tale: &&Tale| {
        tale.finds.is_empty()
            && tale.history().is_some_and(|history| {
                // One clock for everybody is easier to read, and every rule has such a tale.
                judge(&history).exercised.iter().any(|exercise| {
                    exercise.rule == rule
                        && exercise.armed > 0
                        && exercise.discharged == exercise.armed
                })
            })
    };
    shortest(tales().filter(satisfies))
}

/// The shortest of them, and rather one with one clock for everybody: it is easier to read.
fn shortest(tales: impl Iterator<Item = &'static Tale>) -> Option<&'static Tale> {
    tales.min_by_key(|tale| {
        tale.history().map_or((true, usize::MAX), |history| {
            (history.header.order == Order::PerUser, history.events.len())
        })
    })
}
