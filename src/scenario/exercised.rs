//! Which calls a requirement is about: without one of them no steps can exercise it.

use super::plan::{Act, Scenario, Step};
use super::problem::{self, Log, Problem};
use crate::history::Call;

/// The requirements of a call, by the start of their ids. Those that are not here can be met in ways that steps do not tell.
const OF_CALLS: &[(&[&str], &[Call])] = &[
    (
        &[
            "SEND-1", "SEND-2", "SEND-3", "SEND-4", "SEND-5", "SEND-6", "SEND-7", "API-1", "API-2",
            "API-3", "API-4",
        ],
        &[Call::Send],
    ),
    (
        &["CAN-", "AGR-3", "API-5", "API-6", "API-7"],
        &[Call::Cancel],
    ),
    (
        &[
            "ACC-", "AGR-1", "AGR-6", "AGR-7", "API-8", "API-9", "API-10", "API-11",
        ],
        &[Call::Accept],
    ),
    (
        &["REF-", "AGR-2", "API-12", "API-13", "API-14"],
        &[Call::Refuse],
    ),
    (&["API-15", "API-16"], &[Call::Accept, Call::Refuse]),
];

/// The requirements that the cases of a file cover by their head and that no step of any can exercise, at their places.
///
/// `text` must be the text the cases were loaded from.
pub fn lint_covers(cases: &[Scenario], text: &str) -> Vec<Problem> {
    let Some(first) = cases.first() else {
        return Vec::new();
    };
    let mut log = Log::new(&first.file, text);
    // Of raw steps nothing is claimed.
    let is_exercised = |calls: &[Call]| {
        let mut cases = cases.iter();
        cases.any(|case| case.is_raw() || makes_one(&case.steps, calls))
    };
    for id in &first.covers {
        let of_call = OF_CALLS
            .iter()
            .find(|(ids, _)| ids.iter().any(|it| is_of(id, it)));
        let Some((_, needed)) = of_call.filter(|(_, needed)| !is_exercised(needed)) else {
            continue;
        };
        let calls: Vec<String> = needed.iter().map(|call| format!("`{call}`")).collect();
        let message = format!(
            "`{id}` is about {}, which no step calls",
            calls.join(" or ")
        );
        let head = text.find("covers:").unwrap_or_default();
        // An id that a row fills in stands elsewhere.
        let at = text.get(head..).and_then(|rest| rest.find(id.as_str()));
        let span = at.map_or(head..head + "covers".len(), |at| {
            head + at..head + at + id.len()
        });
        log.add(
            problem::NOT_EXERCISED,
            &span,
            message,
            "cannot be exercised",
        )
        .help("leave it out, or make the call");
    }
    log.into_problems()
}

fn is_of(id: &str, pattern: &str) -> bool {
    id == pattern || (pattern.ends_with('-') && id.starts_with(pattern))
}

fn makes_one(steps: &[Step], needed: &[Call]) -> bool {
    steps.iter().any(|step| match &step.act {
        Act::Call { call, .. } => needed.contains(call),
        Act::AnyOrder(inner) | Act::Together(inner) => makes_one(inner, needed),
        Act::Race(race) => makes_one(&race.steps, needed),
        Act::Write { .. }
        | Act::Session { .. }
        | Act::Expect(_)
        | Act::Never { .. }
        | Act::Allow { .. }
        | Act::Connection { .. }
        | Act::Wait(_)
        | Act::Raw { .. } => false,
    })
}
