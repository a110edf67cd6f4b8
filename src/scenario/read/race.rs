//! Races: what crosses, and the joint outcomes that are right.

use super::Reader;
use super::fields::{Field, Fields};
use super::operators::Place;
use crate::history::{Callback, Side};
use crate::scenario::names;
use crate::scenario::plan::{Act, JointOutcome, Race, Step};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

pub(super) const KEYS: [&str; 3] = ["steps", "apart", "outcomes"];

impl Reader<'_> {
    /// `race`, with what crosses and how it may end.
    pub(super) fn race(&mut self, field: Field<'_>) -> Option<Race> {
        self.demands = true;
        let Kind::Map(entries) = &field.value.kind else {
            self.wrong_shape(field.value, "a race, as `{ steps: …, outcomes: … }`");
            return None;
        };
        let mut fields = Fields::of(&mut self.log, entries);
        fields.only(&mut self.log, &KEYS, "a race");
        let steps = self.needed(&fields, "steps", field.key_at, "a race");
        let outcomes = self.needed(&fields, "outcomes", field.key_at, "a race");
        let steps = steps.and_then(|field| {
            let steps = self.inner(field, Place::Race);
            self.labels.together_ends();
            self.several(field);
            steps
        });
        let apart = match fields.get("apart") {
            Some(field) => Some(self.pause(field.value)?),
            None => None,
        };
        let outcomes = outcomes.and_then(|field| self.outcomes(field));
        Some(Race {
            steps: steps?,
            apart,
            outcomes: outcomes?,
        })
    }

    /// Notes a race in which nothing crosses.
    fn several(&mut self, field: Field<'_>) {
        if matches!(&field.value.kind, Kind::List(nodes) if nodes.len() == 1) {
            self.log
                .add(
                    problem::EMPTY,
                    field.key_at,
                    "a race has at least two steps",
                    "nothing crosses here",
                )
                .help("one step alone needs no race");
        }
    }

    fn outcomes(&mut self, field: Field<'_>) -> Option<Vec<JointOutcome>> {
        let Kind::Map(entries) = &field.value.kind else {
            self.wrong_shape(
                field.value,
                "outcomes by their names, as `{ NAME: [STEPS] }`",
            );
            return None;
        };
        let named = Fields::of(&mut self.log, entries);
        if named.all.len() < 2 {
            self.log
                .add(
                    problem::EMPTY,
                    field.key_at,
                    "a race has at least two outcomes",
                    "nothing is left open here",
                )
                .help("where only one end is right, write `together` and expect it");
        }
        let mut outcomes: Vec<(JointOutcome, Field<'_>)> = Vec::new();
        for (place, field) in named.all.iter().enumerate() {
            self.saves.outcome_begins(place);
            let Some(expects) = self.inner(*field, Place::Outcome) else {
                continue;
            };
            let nodes = match &field.value.kind {
                Kind::List(nodes) => nodes.as_slice(),
                Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::Map(_) => &[],
            };
            if nodes.len() == expects.len() {
                self.agrees(&expects, nodes);
            }
            let same = |outcome: &JointOutcome| same_expects(&outcome.expects, &expects);
            if let Some((_, first)) = outcomes.iter().find(|(outcome, _)| same(outcome)) {
                self.log.add_related(
                    problem::NO_OUTCOME,
                    field.key_at,
                    format!(
                        "{} and {} are one outcome",
                        names::quoted(first.key),
                        names::quoted(field.key)
                    ),
                    "cannot be told from the other",
                    (first.key_at, "the other outcome".to_owned()),
                );
            }
            let name = field.key.to_owned();
            outcomes.push((JointOutcome { name, expects }, *field));
        }
        self.saves.race_ends(named.all.len());
        Some(outcomes.into_iter().map(|(outcome, _)| outcome).collect())
    }

    /// Notes two sides of one invitation that no outcome ends in such a way (AGR).
    fn agrees(&mut self, expects: &[Step], nodes: &[Node]) {
        let endings: Vec<(usize, Callback, &Node)> = expects
            .iter()
            .zip(nodes)
            .filter_map(|(step, node)| {
                let Act::Expect(expect) = &step.act else {
                    return None;
                };
                match expect.callbacks.as_slice() {
                    [callback] if callback.ends() => Some((expect.invitation, *callback, node)),
                    [] | [_] | [_, ..] => None,
                }
            })
            .collect();
        for (invitation, remote, node) in &endings {
            let local = endings
                .iter()
                .find(|(of, local, _)| of == invitation && local.side() == Side::Local);
            let Some((_, local, other)) = local else {
                continue;
            };
            if remote.side() == Side::Remote && !can_agree(*local, *remote) {
                self.log
                    .add_related(
                        problem::NO_OUTCOME,
                        &node.span,
                        format!("no invitation ends with `{local}` and `{remote}`"),
                        "disagrees with the caller",
                        (&other.span, "the caller's end".to_owned()),
                    )
                    .help("section AGR of the lifecycle lists the pairs that are right");
            }
        }
    }
}

/// Whether some row of the table of agreement has both endings (AGR-1 to AGR-7).
fn can_agree(local: Callback, remote: Callback) -> bool {
    match local {
        Callback::LocalAccepted => {
            matches!(remote, Callback::RemoteAccepted | Callback::RemoteFailure)
        }
        Callback::LocalRefused => remote == Callback::RemoteRefused,
        Callback::LocalCanceled => remote == Callback::RemoteCanceled,
        Callback::LocalFailure => remote == Callback::RemoteFailure,
        Callback::LocalReceivedByPeer
        | Callback::RemoteReceived
        | Callback::RemoteAccepted
        | Callback::RemoteRefused
        | Callback::RemoteCanceled
        | Callback::RemoteFailure => true,
    }
}

fn same_expects(one: &[Step], other: &[Step]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| one.act == other.act)
}
