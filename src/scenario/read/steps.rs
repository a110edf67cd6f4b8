//! The steps of one user: which verb it is, and the steps by which the user does something.

use std::ops::Range;

use super::Reader;
use super::fields::{Field, Fields};
use super::operators::{OPERATORS, Place};
use super::values::text_of;
use super::verbs::{OPTIONS, VERBS, Verb, belongs_to};
use crate::history::{Call, CallCode};
use crate::scenario::names;
use crate::scenario::plan::{Act, Callee, SessionChange, Texts, Way};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The words that stand for a step of their own.
pub(super) const SESSION_WORDS: [(&str, SessionChange); 5] = [
    ("login", SessionChange::Login),
    ("logout", SessionChange::Logout),
    ("drop", SessionChange::Drop),
    ("reconnect", SessionChange::Reconnect),
    ("interrupt", SessionChange::Interrupt),
];

/// A step of a user while it is read.
pub(super) struct UserStep<'s, 'n> {
    /// Who, if that is known.
    pub(super) user: Option<usize>,
    /// Where the user is named.
    user_at: &'n Range<usize>,
    pub(super) fields: &'s Fields<'n>,
    /// The verb with what it is done to.
    pub(super) verb: Field<'n>,
    pub(super) place: Place,
}

impl Reader<'_> {
    /// A step whose key is a user.
    pub(super) fn user_step(&mut self, field: Field<'_>, place: Place) -> Option<Act> {
        let user = self.users.iter().position(|user| user.name == field.key);
        if user.is_none() {
            self.unknown_user(field.key, field.key_at, &OPERATORS);
        }
        let entries = match &field.value.kind {
            Kind::Text(word) => return self.session_step(user, word, field.value, place),
            Kind::Map(entries) => entries,
            Kind::Nothing | Kind::Template(_) | Kind::List(_) => {
                self.wrong_shape(field.value, "what the user does, as `{ send: LABEL }`");
                return None;
            }
        };
        let mut fields = Fields::of(&mut self.log, entries);
        let (verb, verb_field) = self.verb(&mut fields, field)?;
        self.options(verb, &mut fields);
        let step = UserStep {
            user,
            user_at: field.key_at,
            fields: &fields,
            verb: verb_field,
            place,
        };
        let taken = match (place, verb) {
            (Place::Top, _)
            | (Place::AnyOrder | Place::Outcome, Verb::Expect)
            | (Place::Together | Place::Race, Verb::Call(_)) => true,
            (
                Place::AnyOrder | Place::Outcome,
                Verb::Call(_)
                | Verb::Write
                | Verb::Never
                | Verb::Allow
                | Verb::Connection
                | Verb::Hold
                | Verb::Release
                | Verb::Meddle(_)
                | Verb::Mend
                | Verb::Raw,
            )
            | (
                Place::Together | Place::Race,
                Verb::Write
                | Verb::Expect
                | Verb::Never
                | Verb::Allow
                | Verb::Connection
                | Verb::Hold
                | Verb::Release
                | Verb::Meddle(_)
                | Verb::Mend
                | Verb::Raw,
            ) => {
                self.not_taken(&format!("`{}`", verb.name()), verb_field.key_at, place);
                false
            }
        };
        let act = match verb {
            Verb::Call(Call::Create) => self.create(&step),
            Verb::Call(call) => self.call(call, &step),
            Verb::Write => self.write(&step),
            Verb::Expect => self.expect(&step),
            Verb::Never => self.never(&step),
            Verb::Allow => self.allow(&step),
            Verb::Connection => self.connection(&step),
            Verb::Hold => self.way(&step, SessionChange::Hold),
            Verb::Release => self.way(&step, SessionChange::Release),
            Verb::Meddle(how) => self.meddle(how, &step),
            Verb::Mend => self.mend(&step),
            Verb::Raw => self.raw(&step),
        };
        act.filter(|_| taken)
    }

    fn session_step(
        &mut self,
        user: Option<usize>,
        word: &str,
        node: &Node,
        place: Place,
    ) -> Option<Act> {
        let change = SESSION_WORDS.iter().find(|(known, _)| *known == word);
        let Some((_, change)) = change else {
            let words = SESSION_WORDS.map(|(word, _)| word);
            let help = if VERBS.contains(&word) {
                format!("name what it is done to, as in `{{ {word}: … }}`")
            } else {
                names::help(word, &words).unwrap_or_default()
            };
            self.log
                .add(
                    problem::NOT_A_STEP,
                    &node.span,
                    format!("{} is not a step", names::quoted(word)),
                    "expected a session word or `{ VERB: LABEL }`",
                )
                .help(help);
            return None;
        };
        if matches!(place, Place::AnyOrder | Place::Outcome) {
            self.not_taken(&format!("`{word}`"), &node.span, place);
            return None;
        }
        Some(Act::Session {
            user: user?,
            change: *change,
        })
    }

    /// The one verb of a step.
    fn verb<'n>(&mut self, fields: &mut Fields<'n>, step: Field<'n>) -> Option<(Verb, Field<'n>)> {
        let mut verbs = verbs_of(fields);
        match (verbs.next(), verbs.next()) {
            (Some(verb), None) => return Some(verb),
            (Some((first, first_field)), Some((second, field))) => {
                self.log
                    .add_related(
                        problem::NOT_A_STEP,
                        field.key_at,
                        format!(
                            "a step has one verb, this one has `{}` and `{}`",
                            first.name(),
                            second.name()
                        ),
                        "one verb too many",
                        (first_field.key_at, "the other verb".to_owned()),
                    )
                    .help("make two steps of it");
            }
            (None, _) => {
                drop(verbs);
                let meant = self.no_verb(fields, step);
                if meant.is_some() {
                    return meant;
                }
            }
        }
        // Nothing more can be read of the step; what it may have meant is not missed elsewhere.
        self.demands = true;
        for field in &fields.all {
            self.labels.touch(text_of(field.value));
        }
        None
    }

    /// Notes that a step has no verb, and takes the key that is nearly one for it.
    fn no_verb<'n>(
        &mut self,
        fields: &mut Fields<'n>,
        step: Field<'n>,
    ) -> Option<(Verb, Field<'n>)> {
        let strange = |field: &Field<'_>| !OPTIONS.contains(&field.key);
        let at = fields.all.iter().position(strange).unwrap_or_default();
        let Some(field) = fields.all.get(at).copied() else {
            self.log.add(
                problem::NOT_A_STEP,
                &step.value.span,
                format!("{} does nothing", names::quoted(step.key)),
                "expected a verb",
            );
            return None;
        };
        if SESSION_WORDS.iter().any(|(word, _)| *word == field.key) {
            self.log
                .add(
                    problem::NOT_A_STEP,
                    field.key_at,
                    format!("`{}` stands alone, without options", field.key),
                    "expected a verb",
                )
                .help(format!("write `- {}: {}`", step.key, field.key));
            return None;
        }
        let help = if strange(&field) {
            names::help(field.key, &VERBS)
        } else {
            Some(belongs_to(field.key))
        };
        self.log
            .add(
                problem::NOT_A_STEP,
                field.key_at,
                format!("no verb is named {}", names::quoted(field.key)),
                "expected a verb",
            )
            .maybe_help(help);
        fields.mend(at, &VERBS);
        verbs_of(fields).next()
    }

    /// Notes the options that the verb does not have.
    fn options(&mut self, verb: Verb, fields: &mut Fields<'_>) {
        let name = verb.name();
        for at in 0..fields.all.len() {
            let Some(field) = fields.all.get(at).copied() else {
                continue;
            };
            if field.key == name || verb.options().contains(&field.key) {
                continue;
            }
            if OPTIONS.contains(&field.key) {
                self.log
                    .add(
                        problem::NOT_ITS_OPTION,
                        field.key_at,
                        format!("`{}` is not an option of `{name}`", field.key),
                        "does not belong here",
                    )
                    .help(match verb.options() {
                        [] => format!("`{name}` takes none"),
                        options => format!("`{name}` takes {}", names::listed(options, "and")),
                    });
            } else {
                self.log
                    .add(
                        problem::UNKNOWN_KEY,
                        field.key_at,
                        format!("`{name}` has no option {}", names::quoted(field.key)),
                        "unknown option",
                    )
                    .maybe_help(names::help(field.key, verb.options()));
                fields.mend(at, verb.options());
            }
        }
    }

    fn create(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let texts = self.texts(step.fields);
        let callee = match (step.fields.get("callee"), step.fields.get("callee_id")) {
            (Some(callee), None) => self
                .word(callee.value, "the name of a user")
                .and_then(|name| self.user(name, &callee.value.span))
                .map(Callee::User),
            (None, Some(id)) => self.text(id.value).map(Callee::Id),
            (Some(callee), Some(id)) => {
                self.log.add_related(
                    problem::AT_ODDS,
                    id.key_at,
                    "`callee` and `callee_id` exclude each other",
                    "one callee too many",
                    (callee.key_at, "the other callee".to_owned()),
                );
                None
            }
            (None, None) => {
                self.log
                    .add(
                        problem::MISSING,
                        step.verb.key_at,
                        "`create` needs a callee",
                        "`callee` is missing",
                    )
                    .help("name a user with `callee`, or write an id out with `callee_id`");
                None
            }
        };
        let together = matches!(step.place, Place::Together | Place::Race);
        let label = self.create_label(step.verb.value, step.user, callee, together);
        Some(Act::Call {
            user: step.user?,
            call: Call::Create,
            invitation: label?,
            texts,
            results: Vec::new(),
        })
    }

    fn call(&mut self, call: Call, step: &UserStep<'_, '_>) -> Option<Act> {
        let invitation = self.label(step.verb.value);
        let response = step
            .fields
            .get("response")
            .and_then(|field| self.text(field.value));
        let results = step.fields.get("result").map(|field| {
            self.demands = true;
            self.some_of(
                field,
                "result",
                problem::UNKNOWN_RESULT,
                &CallCode::NAMES,
                CallCode::from_name,
            )
        });
        match call {
            Call::Create | Call::Send | Call::Cancel => {
                self.only_caller(call.name(), step, invitation);
            }
            // By anybody: a stranger's accept or refuse must be turned down (API-15).
            Call::Accept | Call::Refuse => {}
        }
        Some(Act::Call {
            user: step.user?,
            call,
            invitation: invitation?,
            texts: Texts {
                content: response,
                channel: None,
            },
            results: results.unwrap_or_else(|| Some(Vec::new()))?,
        })
    }

    fn write(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let invitation = self.label(step.verb.value);
        self.only_caller("write", step, invitation);
        if step.fields.get("content").is_none() && step.fields.get("channel").is_none() {
            self.log.add(
                problem::MISSING,
                step.verb.key_at,
                "`write` needs `content` or `channel`",
                "writes nothing",
            );
        }
        let texts = self.texts(step.fields);
        Some(Act::Write {
            user: step.user?,
            invitation: invitation?,
            texts,
        })
    }

    /// A change of one direction of the user's connection.
    fn way(&mut self, step: &UserStep<'_, '_>, change: fn(Way) -> SessionChange) -> Option<Act> {
        let way = self.direction(step.verb.value);
        Some(Act::Session {
            user: step.user?,
            change: change(way?),
        })
    }

    /// A direction of a connection.
    pub(super) fn direction(&mut self, node: &Node) -> Option<Way> {
        let named = self.word(node, "`sent` or `heard`")?;
        let way = Way::ALL.into_iter().find(|(known, _)| *known == named);
        if way.is_none() {
            self.log
                .add(
                    problem::UNKNOWN_WAY,
                    &node.span,
                    format!("frames go no way that is named {}", names::quoted(named)),
                    "expected a direction",
                )
                .maybe_help(names::help(named, &Way::ALL.map(|(known, _)| known)));
        }
        way.map(|(_, way)| way)
    }

    pub(super) fn texts(&mut self, fields: &Fields<'_>) -> Texts {
        let mut text = |key| fields.get(key).and_then(|field| self.text(field.value));
        Texts {
            content: text("content"),
            channel: text("channel"),
        }
    }

    /// Notes a caller's step by somebody else.
    fn only_caller(&mut self, verb: &str, step: &UserStep<'_, '_>, invitation: Option<usize>) {
        let label = invitation.and_then(|at| self.labels.all.get(at));
        let (Some(label), Some(user)) = (label, step.user) else {
            return;
        };
        let Some(caller) = label.caller else {
            return;
        };
        if self.owner(user) == self.owner(caller) {
            return;
        }
        let (label_name, created) = (label.name.clone(), label.at.clone());
        let caller = self.user_name(caller).to_owned();
        let user = self.user_name(user).to_owned();
        self.log
            .add_related(
                problem::WRONG_USER,
                step.user_at,
                format!("only the caller can {verb} `{label_name}`, and that is not `{user}`"),
                "not the caller",
                (&created, "created here".to_owned()),
            )
            .help(format!("let `{caller}` {verb} it"));
    }
}

/// The keys of a step that are verbs.
fn verbs_of<'f, 'n>(
    fields: &'f Fields<'n>,
) -> impl Iterator<Item = (Verb, Field<'n>)> + use<'f, 'n> {
    fields
        .all
        .iter()
        .filter_map(|field| Some((Verb::from_name(field.key)?, *field)))
}
