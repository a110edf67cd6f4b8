//! The list of steps: steps of one user, and the operators over steps of several.

use std::ops::Range;

use super::Reader;
use super::fields::Field;
use crate::scenario::names;
use crate::scenario::plan::{Act, Step};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The keys of a step that are no users.
pub(in crate::scenario) const OPERATORS: [&str; 6] =
    ["any_order", "together", "race", "wait", "include", "repeat"];

/// What a step stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The scenario's own list.
    Top,
    /// `any_order`, which takes expectations.
    AnyOrder,
    /// `together`, which takes calls and changes of sessions.
    Together,
    /// The steps of a `race`, which are those of `together`.
    Race,
    /// An outcome of a `race`, which takes expectations.
    Outcome,
}

impl Place {
    /// Its key.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Top => "steps",
            Self::AnyOrder => "any_order",
            Self::Together => "together",
            Self::Race => "race",
            Self::Outcome => "outcomes",
        }
    }

    fn takes(self) -> &'static str {
        match self {
            Self::Top => "every step",
            Self::AnyOrder | Self::Outcome => "`expect` steps of users",
            Self::Together | Self::Race => {
                "calls, `login`, `logout`, `drop`, `reconnect` and `interrupt`"
            }
        }
    }
}

impl Reader<'_> {
    /// The steps of a list; those with problems are left out.
    pub(super) fn steps(&mut self, nodes: &[Node], place: Place) -> Vec<Step> {
        nodes
            .iter()
            .filter_map(|node| self.one_step(node, place))
            .collect()
    }

    fn one_step(&mut self, node: &Node, place: Place) -> Option<Step> {
        let Kind::Map(entries) = &node.kind else {
            self.log
                .add(
                    problem::NOT_A_STEP,
                    &node.span,
                    format!("expected a step, found {}", node.kind.words()),
                    "expected a step",
                )
                .help("write `- USER: { VERB: LABEL }`, or `- USER: login`");
            return None;
        };
        let [(key, value)] = entries.as_slice() else {
            self.many_keys(node, entries);
            return None;
        };
        let Kind::Text(name) = &key.kind else {
            self.wrong_shape(key, "a user or an operator");
            return None;
        };
        let field = Field {
            key: name,
            key_at: &key.span,
            value,
        };
        let act = match name.as_str() {
            "wait" => self.operator(field, place, |reader| reader.pause(value).map(Act::Wait)),
            "race" => self.operator(field, place, |reader| reader.race(field).map(Act::Race)),
            "any_order" => self.operator(field, place, |reader| {
                let steps = reader.inner(field, Place::AnyOrder);
                reader.saves.any_order_ends();
                steps.map(Act::AnyOrder)
            }),
            "together" => self.operator(field, place, |reader| {
                let steps = reader.inner(field, Place::Together);
                reader.labels.together_ends();
                steps.map(Act::Together)
            }),
            _ => self.user_step(field, place),
        };
        act.map(|act| self.step(&key.span, act))
    }

    /// Reads an operator, and notes if it stands in another one.
    fn operator(
        &mut self,
        field: Field<'_>,
        place: Place,
        read: impl FnOnce(&mut Self) -> Option<Act>,
    ) -> Option<Act> {
        match place {
            Place::Top => read(self),
            Place::AnyOrder | Place::Together | Place::Race | Place::Outcome => {
                self.not_taken(&format!("`{}`", field.key), field.key_at, place);
                None
            }
        }
    }

    pub(super) fn inner(&mut self, field: Field<'_>, place: Place) -> Option<Vec<Step>> {
        let Kind::List(nodes) = &field.value.kind else {
            self.wrong_shape(field.value, "a list of steps");
            return None;
        };
        if nodes.is_empty() {
            self.empty_list(field);
            return None;
        }
        Some(self.steps(nodes, place))
    }

    /// Notes a step that an operator does not take.
    pub(super) fn not_taken(&mut self, what: &str, at: &Range<usize>, place: Place) {
        self.log
            .add(
                problem::BAD_NESTING,
                at,
                format!("`{}` does not take {what}", place.name()),
                "not here",
            )
            .help(format!("it takes {}", place.takes()));
    }

    fn many_keys(&mut self, node: &Node, entries: &[(Node, Node)]) {
        let (Some((first, value)), Some((second, _))) = (entries.first(), entries.get(1)) else {
            self.wrong_shape(node, "a step");
            return;
        };
        let (first_name, second_name) = (
            super::values::text_of(first),
            super::values::text_of(second),
        );
        // `- alice:` with its verb on the next line, not indented below it.
        let help = match value.kind {
            Kind::Nothing => format!("write `- {first_name}: {{ {second_name}: … }}`"),
            Kind::Text(_) | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => {
                "begin every step with `- `".to_owned()
            }
        };
        self.log
            .add_related(
                problem::NOT_A_STEP,
                &second.span,
                format!("a step has one key, this one has {}", entries.len()),
                format!("{} is one too many", names::quoted(second_name)),
                (&first.span, "the step begins here".to_owned()),
            )
            .help(help);
    }
}
