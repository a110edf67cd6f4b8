//! The invitations of a file by their labels: created once, before they are used, and used.

use std::ops::Range;

use super::Reader;
use super::values::text_of;
use super::verbs::{VERBS, Verb};
use crate::history::Call;
use crate::scenario::names;
use crate::scenario::plan::{Callee, Invitation};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// Every label that some step of the file creates, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub(super) all: Vec<Label>,
}

/// An invitation's label and what is known of the invitation.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) name: String,
    /// Where it is created.
    pub(super) at: Range<usize>,
    pub(super) caller: Option<usize>,
    pub(super) callee: Option<Callee>,
    stage: Stage,
    used: bool,
}

/// How far the reading is with a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its `create` comes later.
    Ahead,
    /// Its `create` is in the `together` or `race` that is being read.
    Meanwhile,
    /// It was created.
    Created,
}

impl Labels {
    /// Collects the labels of all `create` steps, so that a label used too early is told from one that never comes.
    pub(super) fn collect(&mut self, steps: &[Node]) {
        for step in steps {
            let Kind::Map(entries) = &step.kind else {
                continue;
            };
            for (_, value) in entries {
                match &value.kind {
                    Kind::List(inner) => self.collect(inner),
                    Kind::Map(options) => {
                        self.collect_create(options);
                        for (_, value) in options {
                            if let Kind::List(inner) = &value.kind {
                                self.collect(inner);
                            }
                        }
                    }
                    Kind::Nothing | Kind::Template(_) | Kind::Text(_) => {}
                }
            }
        }
    }

    fn collect_create(&mut self, options: &[(Node, Node)]) {
        for (key, value) in options {
            let name = text_of(value);
            if !creates(text_of(key)) || name.is_empty() || self.position(name).is_some() {
                continue;
            }
            self.all.push(Label {
                name: name.to_owned(),
                at: value.span.clone(),
                caller: None,
                callee: None,
                stage: Stage::Ahead,
                used: false,
            });
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|label| label.name == name)
    }

    /// Counts a label as used that stands in a step which cannot be read.
    pub(super) fn touch(&mut self, name: &str) {
        for label in self.all.iter_mut().filter(|label| label.name == name) {
            label.used = true;
        }
    }

    /// What is created by a `together` can be used after it.
    pub(super) fn together_ends(&mut self) {
        for label in &mut self.all {
            if label.stage == Stage::Meanwhile {
                label.stage = Stage::Created;
            }
        }
    }

    /// The invitations, if all of them are known.
    pub(super) fn invitations(&self) -> Option<Vec<Invitation>> {
        self.all
            .iter()
            .map(|label| {
                Some(Invitation {
                    label: label.name.clone(),
                    caller: label.caller?,
                    callee: label.callee.clone()?,
                })
            })
            .collect()
    }
}

/// Whether a key is `create`, or was meant to be.
fn creates(key: &str) -> bool {
    match Verb::from_name(key) {
        Some(verb) => verb == Verb::Call(Call::Create),
        None => names::nearest(key, VERBS) == Some("create"),
    }
}

impl Reader<'_> {
    /// The invitation that a `create` step makes.
    pub(super) fn create_label(
        &mut self,
        node: &Node,
        caller: Option<usize>,
        callee: Option<Callee>,
        together: bool,
    ) -> Option<usize> {
        let name = self.word(node, "a label")?;
        let at = self.labels.position(name)?;
        let label = self.labels.all.get_mut(at)?;
        if label.stage != Stage::Ahead {
            let first = label.at.clone();
            self.log
                .add_related(
                    problem::LABEL_TWICE,
                    &node.span,
                    format!("an invitation is labelled {} already", names::quoted(name)),
                    "created again here",
                    (&first, "first created here".to_owned()),
                )
                .help("give every invitation a label of its own");
            return None;
        }
        label.stage = if together {
            Stage::Meanwhile
        } else {
            Stage::Created
        };
        label.caller = caller;
        label.callee = callee;
        Some(at)
    }

    /// The invitation that a step names.
    pub(super) fn label(&mut self, node: &Node) -> Option<usize> {
        let name = self.word(node, "the label of an invitation")?;
        let Some(at) = self.labels.position(name) else {
            self.unknown_label(name, node);
            return None;
        };
        let label = self.labels.all.get_mut(at)?;
        label.used = true;
        let (message, related) = match label.stage {
            Stage::Created => return Some(at),
            Stage::Ahead => ("is used before it is created", "created only here"),
            Stage::Meanwhile => (
                "is created by the same `together`, at no certain moment",
                "created at the same time",
            ),
        };
        let place = label.at.clone();
        self.log
            .add_related(
                problem::UNKNOWN_LABEL,
                &node.span,
                format!("{} {message}", names::quoted(name)),
                "used here",
                (&place, related.to_owned()),
            )
            .help("create it in an earlier step");
        None
    }

    fn unknown_label(&mut self, name: &str, node: &Node) {
        let known: Vec<&str> = self.labels.all.iter().map(|l| l.name.as_str()).collect();
        let help = names::help(name, &known)
            .unwrap_or_else(|| "create one with `create: LABEL` first".to_owned());
        self.log
            .add(
                problem::UNKNOWN_LABEL,
                &node.span,
                format!("no invitation is labelled {}", names::quoted(name)),
                "used here",
            )
            .help(help);
    }

    /// Notes every invitation that is only created.
    pub(super) fn unused_labels(&mut self) {
        for label in &self.labels.all {
            if !label.used {
                self.log
                    .add(
                        problem::LABEL_UNUSED,
                        &label.at,
                        format!(
                            "the invitation {} is never used",
                            names::quoted(&label.name)
                        ),
                        "only created",
                    )
                    .help("send it, or leave it out");
            }
        }
    }
}
