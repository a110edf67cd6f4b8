//! The values that steps save, by their names: saved by one step, before they are used, and used.

use std::ops::Range;

use super::Reader;
use super::fields::Fields;
use super::operators::Place;
use crate::history::Callback;
use crate::scenario::names;
use crate::scenario::plan::{Part, Save, Text};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The values that the steps read so far save.
#[derive(Debug, Default)]
pub(super) struct Saves {
    all: Vec<Saved>,
    /// Which outcome of a race is being read.
    outcome: usize,
}

/// A saved value and what is known of it.
#[derive(Debug)]
struct Saved {
    name: String,
    /// Where it gets its name; several places if several outcomes of a race save it.
    at: Vec<Range<usize>>,
    part: Part,
    /// Whose id it is, if it is one of a user.
    user: Option<usize>,
    stage: Stage,
}

/// Whether a value is there, as far as the reading is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// It is, whatever happened.
    There,
    /// It is saved by the `any_order` that is being read.
    Meanwhile,
    /// It is saved by these outcomes of the race that is being read.
    Outcomes(Vec<usize>),
    /// It is there if the race that saves it ended in some of its ways.
    Perhaps,
}

impl Saves {
    /// What an `any_order` saves can be used after it.
    pub(super) fn any_order_ends(&mut self) {
        for saved in &mut self.all {
            if saved.stage == Stage::Meanwhile {
                saved.stage = Stage::There;
            }
        }
    }

    /// The outcome of that number is read next.
    pub(super) fn outcome_begins(&mut self, outcome: usize) {
        self.outcome = outcome;
    }

    /// What all of so many outcomes save can be used after the race.
    pub(super) fn race_ends(&mut self, outcomes: usize) {
        for saved in &mut self.all {
            if let Stage::Outcomes(by) = &saved.stage {
                saved.stage = if by.len() == outcomes {
                    Stage::There
                } else {
                    Stage::Perhaps
                };
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Saved> {
        self.all.iter().find(|saved| saved.name == name)
    }
}

impl Reader<'_> {
    /// What an expectation saves, as `{ content: NAME }`. `caller` is who rings.
    pub(super) fn saves(
        &mut self,
        fields: &Fields<'_>,
        callbacks: &[Callback],
        caller: Option<usize>,
        place: Place,
    ) -> Option<Vec<Save>> {
        let Some(field) = fields.get("save") else {
            return Some(Vec::new());
        };
        let Kind::Map(entries) = &field.value.kind else {
            self.wrong_shape(field.value, "what to save, as `{ content: NAME }`");
            return None;
        };
        if entries.is_empty() {
            self.empty_list(field);
            return None;
        }
        let mut parts = Fields::of(&mut self.log, entries);
        parts.only(&mut self.log, &Part::ALL.map(|(part, _)| part), "`save`");
        let mut saves = Vec::new();
        for field in &parts.all {
            let Some((_, part)) = Part::ALL.into_iter().find(|(name, _)| *name == field.key) else {
                continue;
            };
            if !self.log.is_told(field.key_at) {
                self.carried_part(part, callbacks, field.key_at);
            }
            let Some(name) = self.word(field.value, "a name") else {
                continue;
            };
            if self.is_good_name(name, &field.value.span) {
                let user = caller.filter(|_| part == Part::Caller);
                self.save(name, &field.value.span, (part, user), place);
                let name = name.to_owned();
                saves.push(Save { part, name });
            }
        }
        Some(saves)
    }

    /// Notes a part that not all of the callbacks carry.
    pub(super) fn carried_part(&mut self, part: Part, callbacks: &[Callback], at: &Range<usize>) {
        let Some(without) = callbacks.iter().find(|callback| !part.is_of(**callback)) else {
            return;
        };
        let with: Vec<&str> = Callback::ALL
            .iter()
            .filter(|callback| part.is_of(**callback))
            .map(|callback| callback.name())
            .collect();
        let part = part.name();
        self.log
            .add(
                problem::NOT_ITS_OPTION,
                at,
                format!("`{without}` carries no {part}"),
                "never there",
            )
            .help(format!(
                "a {part} comes with {}",
                names::listed(&with, "and")
            ));
    }

    fn is_good_name(&mut self, name: &str, at: &Range<usize>) -> bool {
        let is_good = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_good && self.expansion.saved_at(name).is_none() {
            let message = "the name of a saved value is written out where it is saved";
            self.log.add(problem::BAD_NAME, at, message, "filled in");
            return false;
        }
        if !is_good {
            self.log.add(
                problem::BAD_NAME,
                at,
                format!("{} is not a name", names::quoted(name)),
                "letters, digits and `_` only",
            );
        }
        is_good
    }

    /// Remembers that a value is saved, or notes what else has its name.
    fn save(
        &mut self,
        name: &str,
        at: &Range<usize>,
        (part, user): (Part, Option<usize>),
        place: Place,
    ) {
        if let Some(given) = self.expansion.place_of(name) {
            self.named_twice(name, at, &given);
            return;
        }
        let outcome = self.saves.outcome;
        let stage = match place {
            Place::Outcome => Stage::Outcomes(vec![outcome]),
            Place::AnyOrder => Stage::Meanwhile,
            Place::Top | Place::Together | Place::Race => Stage::There,
        };
        let Some(saved) = self.saves.all.iter_mut().find(|it| it.name == name) else {
            self.saves.all.push(Saved {
                name: name.to_owned(),
                at: vec![at.clone()],
                part,
                user,
                stage,
            });
            return;
        };
        let in_another = matches!(&saved.stage, Stage::Outcomes(by) if !by.contains(&outcome))
            && place == Place::Outcome
            && saved.part == part;
        if in_another {
            if let Stage::Outcomes(by) = &mut saved.stage {
                by.push(outcome);
            }
            saved.at.push(at.clone());
            saved.user = saved.user.filter(|known| user == Some(*known));
        } else if saved.at.contains(at) {
            // A repeat comes round again, and saves what is new.
            saved.stage = stage;
        } else {
            let first = saved.at.first().cloned().unwrap_or_default();
            self.named_twice(name, at, &first);
        }
    }

    fn named_twice(&mut self, name: &str, at: &Range<usize>, first: &Range<usize>) {
        self.log
            .add_related(
                problem::TWICE,
                at,
                format!("the name {} is given already", names::quoted(name)),
                "given again here",
                (first, "first given here".to_owned()),
            )
            .help("give every value a name of its own");
    }

    /// Notes every name in a text whose value need not be there yet.
    pub(super) fn are_there(&mut self, text: &Text, at: &Range<usize>) -> bool {
        let mut all = true;
        for name in text.names() {
            let saved = self.saves.find(name);
            let (message, first) = match saved.map(|saved| &saved.stage) {
                Some(Stage::There) => continue,
                None => (
                    "is used before it is saved",
                    self.expansion.saved_at(name).unwrap_or_default(),
                ),
                Some(stage) => (
                    match stage {
                        Stage::Meanwhile => {
                            "is saved by the same `any_order`, at no certain moment"
                        }
                        Stage::Outcomes(_) => "is saved by the same race, at no certain moment",
                        Stage::There | Stage::Perhaps => {
                            "is saved by some outcomes of a race and not by all of them"
                        }
                    },
                    saved
                        .and_then(|saved| saved.at.first().cloned())
                        .unwrap_or_default(),
                ),
            };
            all = false;
            self.log
                .add_related(
                    problem::UNKNOWN_NAME,
                    at,
                    format!("{} {message}", names::quoted(name)),
                    "need not be there",
                    (&first, "saved here".to_owned()),
                )
                .help("save it in an earlier step that is always met");
        }
        all
    }

    /// The name of the saved failure code that a text is.
    pub(super) fn saved_code(&mut self, text: &Text, at: &Range<usize>) -> Option<String> {
        if !self.are_there(text, at) {
            return None;
        }
        let name = text.saved();
        let part = name
            .and_then(|name| self.saves.find(name))
            .map(|it| it.part);
        if part == Some(Part::Code) {
            return name.map(str::to_owned);
        }
        self.log
            .add(
                problem::UNKNOWN_CODE,
                at,
                format!("`{text}` is not the name of a saved failure code"),
                "not a code",
            )
            .help("save one with `save: { code: NAME }`");
        None
    }

    /// The user whose saved id a text is.
    pub(super) fn saved_user(&self, text: &Text) -> Option<usize> {
        self.saves.find(text.saved()?)?.user
    }
}

impl Reader<'_> {
    /// A text in which saved values may stand.
    pub(super) fn text(&mut self, node: &Node) -> Option<Text> {
        match &node.kind {
            Kind::Template(text) => self.are_there(text, &node.span).then(|| text.clone()),
            Kind::Nothing | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
                self.plain_text(node).map(Text::from)
            }
        }
    }
}
