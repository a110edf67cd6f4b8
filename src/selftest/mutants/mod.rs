//! Every good history, changed in one place after the other: what the judge must say of each change.
//!
//! What is expected is written here from the lifecycle document and from what the change does to the history, never asked
//! of the judge. A change that leaves a history right is equivalent, and says why.

mod appended;
mod cut;
mod doubled;
mod dropped;
mod misrouted;
mod moved;
mod recoded;
mod renamed;
mod reworded;
mod score;
mod story;
mod swapped;

pub use score::{Counts, Equivalents, Mistake, MutantScore, Survivor, score};

use crate::history::{Call, Event, History, What};
use crate::lifecycle::FindingKind;
use story::Story;

/// A history in which nothing is wrong, and where it comes from.
#[derive(Debug, Clone)]
pub struct Good {
    /// The scenario's file, or the name of the hand-written history.
    pub name: String,
    /// What was seen.
    pub history: History,
}

/// One way to change a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// An event is missing.
    Drop,
    /// An event is there twice.
    Duplicate,
    /// Two events that stand side by side have changed places.
    Swap,
    /// An event is another user's.
    Misroute,
    /// An event is about another invitation.
    ChangeId,
    /// A result, a failure or a connection has another code.
    ChangeCode,
    /// A text, a peer or a state number is another.
    ChangePayload,
    /// A callback comes too early, late, or too late for its clock.
    MoveAcrossLimit,
    /// Something follows the end of a side.
    AppendAfterEnd,
    /// The history stops before its end.
    CutEnd,
}

impl Operator {
    /// Every one of them.
    pub const ALL: [Self; 10] = [
        Self::Drop,
        Self::Duplicate,
        Self::Swap,
        Self::Misroute,
        Self::ChangeId,
        Self::ChangeCode,
        Self::ChangePayload,
        Self::MoveAcrossLimit,
        Self::AppendAfterEnd,
        Self::CutEnd,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Duplicate => "duplicate",
            Self::Swap => "swap-neighbours",
            Self::Misroute => "misroute",
            Self::ChangeId => "change-id",
            Self::ChangeCode => "change-code",
            Self::ChangePayload => "change-payload",
            Self::MoveAcrossLimit => "move-across-limit",
            Self::AppendAfterEnd => "append-after-end",
            Self::CutEnd => "cut-end",
        }
    }

    fn mutants(self, story: &Story<'_>, found: &mut Vec<Mutant>) {
        match self {
            Self::Drop => dropped::mutants(story, found),
            Self::Duplicate => doubled::mutants(story, found),
            Self::Swap => swapped::mutants(story, found),
            Self::Misroute => misrouted::mutants(story, found),
            Self::ChangeId => renamed::mutants(story, found),
            Self::ChangeCode => recoded::mutants(story, found),
            Self::ChangePayload => reworded::mutants(story, found),
            Self::MoveAcrossLimit => moved::mutants(story, found),
            Self::AppendAfterEnd => appended::mutants(story, found),
            Self::CutEnd => cut::mutants(story, found),
        }
    }
}

/// A history that was changed, and what the judge must say of it.
#[derive(Debug, Clone)]
struct Mutant {
    /// The place of the changed event.
    event: usize,
    /// What was done to it, in words.
    change: String,
    history: History,
    expects: Expects,
}

/// What the judge must say.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expects {
    /// First of that kind, a finding of one of these requirements; none named means any.
    Finding(FindingKind, Vec<&'static str>),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// A violation of one of these requirements.
fn violation(requirements: &[&'static str]) -> Expects {
    Expects::Finding(FindingKind::Violation, requirements.to_vec())
}

impl Mutant {
    /// The history of `story` with other events.
    fn new(
        story: &Story<'_>,
        (event, change): (usize, String),
        events: Vec<Event>,
        expects: Expects,
    ) -> Self {
        let header = story.history.header.clone();
        Self {
            event,
            change,
            history: History { header, events },
            expects,
        }
    }

    /// The history of `story` with one event changed.
    fn changed(
        story: &Story<'_>,
        (event, change): (usize, String),
        to: Event,
        expects: Expects,
    ) -> Self {
        let mut events = story.history.events.clone();
        if let Some(place) = events.get_mut(event) {
            *place = to;
        }
        Self::new(story, (event, change), events, expects)
    }
}

/// A call that never came back: too little was seen to say.
fn unreturned(story: &Story<'_>, event: &Event, call: Call) -> Option<Expects> {
    if story.leaves(event) {
        // With a second log-in, or a second such call, it depends on which is which.
        let once = story.tale(event)?.made(call) == 1 && !story.doubles();
        return once.then_some(Expects::Nothing(
            "SES-4: of a user that has left nothing more is demanded",
        ));
    }
    let rule = match call {
        Call::Create => "OBJ-1",
        Call::Send => "API-1",
        Call::Cancel => "API-6",
        Call::Accept => "API-8",
        Call::Refuse => "API-12",
    };
    Some(Expects::Finding(FindingKind::Inconclusive, vec![rule]))
}

/// An event in a few words.
fn word(event: &Event) -> String {
    match &event.what {
        What::Called { call, .. } => format!("the call of `{call}`"),
        What::Returned { call, code, .. } => format!("the result {code} of `{call}`"),
        What::CalledBack { callback, .. } => format!("`{callback}`"),
        What::Connection { state, reason } => format!("`{state}`, `{reason}`"),
        What::Wire { note } => format!("`{note}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Good, score};
    use crate::lifecycle::tales::tales;

    #[test]
    fn every_mutant_of_a_good_tale_is_found_by_the_right_rule() {
        let good = tales().filter(|tale| tale.finds.is_empty());
        let goods: Vec<Good> = good
            .map(|tale| Good {
                name: tale.name.to_owned(),
                history: tale.history().expect("a recipe"),
            })
            .collect();
        let score = score(&goods, || {});
        assert_eq!(score.survivors, []);
        assert!(score.histories > 40, "{} histories", score.histories);
        let counts = score.counts();
        assert!(counts.total > 4_000, "{counts:?}");
        assert_eq!(counts.right, counts.total - counts.equivalent);
    }
}
