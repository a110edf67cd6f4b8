//! The steps of one user: calls, session words, and what the user waits for.

use std::ops::Range;

use super::Reader;
use super::fields::{Field, Fields};
use super::operators::{OPERATORS, Place};
use super::time::WITHIN;
use super::values::text_of;
use super::verbs::{CARRIED, OPTIONS, VERBS, Verb, carries, who};
use crate::history::{
    Call, CallCode, Callback, ConnectionReason, ConnectionState, FailureCode, Side,
};
use crate::scenario::names;
use crate::scenario::plan::{Act, Callee, Expect, SessionChange, Texts};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The words that stand for a step of their own.
const SESSION_WORDS: [(&str, SessionChange); 5] = [
    ("login", SessionChange::Login),
    ("logout", SessionChange::Logout),
    ("drop", SessionChange::Drop),
    ("reconnect", SessionChange::Reconnect),
    ("interrupt", SessionChange::Interrupt),
];

/// A step of a user while it is read.
struct UserStep<'s, 'n> {
    /// Who, if that is known.
    user: Option<usize>,
    /// Where the user is named.
    user_at: &'n Range<usize>,
    fields: &'s Fields<'n>,
    /// The verb with what it is done to.
    verb: Field<'n>,
    place: Place,
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
            Kind::Nothing | Kind::List(_) => {
                self.wrong_shape(field.value, "what the user does, as `{ send: LABEL }`");
                return None;
            }
        };
        let fields = Fields::of(&mut self.log, entries);
        let (verb, verb_field) = self.verb(&fields, field)?;
        let step = UserStep {
            user,
            user_at: field.key_at,
            fields: &fields,
            verb: verb_field,
            place,
        };
        let taken = match (place, verb) {
            (Place::Top, _)
            | (Place::AnyOrder, Verb::Expect)
            | (Place::Together, Verb::Call(_)) => true,
            (
                Place::AnyOrder,
                Verb::Call(_) | Verb::Write | Verb::Never | Verb::Allow | Verb::Connection,
            )
            | (
                Place::Together,
                Verb::Write | Verb::Expect | Verb::Never | Verb::Allow | Verb::Connection,
            ) => {
                self.not_taken(&format!("`{}`", verb.name()), verb_field.key_at, place);
                false
            }
        };
        self.options(verb, &fields);
        let act = match verb {
            Verb::Call(Call::Create) => self.create(&step),
            Verb::Call(call) => self.call(call, &step),
            Verb::Write => self.write(&step),
            Verb::Expect => self.expect(&step),
            Verb::Never => self.never(&step),
            Verb::Allow => self.allow(&step),
            Verb::Connection => self.connection(&step),
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
        if place == Place::AnyOrder {
            self.not_taken(&format!("`{word}`"), &node.span, place);
            return None;
        }
        Some(Act::Session {
            user: user?,
            change: *change,
        })
    }

    /// The one verb of a step.
    fn verb<'n>(&mut self, fields: &Fields<'n>, step: Field<'n>) -> Option<(Verb, Field<'n>)> {
        let mut verbs = fields
            .all
            .iter()
            .filter_map(|field| Some((Verb::from_name(field.key)?, *field)));
        let first = verbs.next();
        let second = verbs.next();
        match (first, second) {
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
            (None, _) => self.no_verb(fields, step),
        }
        self.demands = true;
        for field in &fields.all {
            self.labels.touch(text_of(field.value));
        }
        None
    }

    fn no_verb(&mut self, fields: &Fields<'_>, step: Field<'_>) {
        let Some(field) = fields
            .all
            .iter()
            .find(|field| !OPTIONS.contains(&field.key))
            .or(fields.all.first())
        else {
            self.log.add(
                problem::NOT_A_STEP,
                &step.value.span,
                format!("{} does nothing", names::quoted(step.key)),
                "expected a verb",
            );
            return;
        };
        let word = SESSION_WORDS.iter().any(|(word, _)| *word == field.key);
        let help = if word {
            Some(format!("write `- {}: {}`", step.key, field.key))
        } else {
            names::help(field.key, &VERBS)
        };
        self.log
            .add(
                problem::NOT_A_STEP,
                field.key_at,
                if word {
                    format!("`{}` stands alone, without options", field.key)
                } else {
                    format!("no verb is named {}", names::quoted(field.key))
                },
                "expected a verb",
            )
            .maybe_help(help);
    }

    /// Notes the options that the verb does not have.
    fn options(&mut self, verb: Verb, fields: &Fields<'_>) {
        let name = verb.name();
        for field in &fields.all {
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
                    .help(format!(
                        "`{name}` takes {}",
                        names::listed(verb.options(), "and")
                    ));
            } else {
                self.log
                    .add(
                        problem::UNKNOWN_KEY,
                        field.key_at,
                        format!("`{name}` has no option {}", names::quoted(field.key)),
                        "unknown option",
                    )
                    .maybe_help(names::help(field.key, verb.options()));
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
        let together = step.place == Place::Together;
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

    fn expect(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        self.demands = true;
        let callbacks = self.callbacks(step.verb);
        let invitation = self.of(step);
        self.may_hear(step, invitation);
        if let Some(callbacks) = &callbacks {
            self.carried(callbacks, step);
        }
        let code = step.fields.get("code").and_then(|field| {
            let callbacks = callbacks.as_deref().unwrap_or_default();
            self.failure(field, callbacks)
        });
        let texts = self.texts(step.fields);
        let response = step
            .fields
            .get("response")
            .and_then(|field| self.text(field.value));
        let window = self.window(step.fields);
        Some(Act::Expect(Expect {
            user: step.user?,
            callbacks: callbacks?,
            invitation: invitation?,
            content: texts.content,
            channel: texts.channel,
            response,
            code,
            window: window?,
        }))
    }

    fn never(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let any = text_of(step.verb.value) == "any";
        let callbacks = if any {
            Some(Vec::new())
        } else {
            self.callbacks(step.verb)
        };
        let invitation = match step.fields.get("of") {
            Some(field) => Some(self.label(field.value)?),
            None => None,
        };
        let span = self
            .needed(step.fields, "for", step.verb.key_at, "`never`")
            .and_then(|field| self.span(field.value));
        Some(Act::Never {
            user: step.user?,
            callbacks: callbacks?,
            invitation,
            span: span?,
        })
    }

    fn allow(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let callbacks = self.callbacks(step.verb);
        let invitation = self.of(step);
        self.may_hear(step, invitation);
        Some(Act::Allow {
            user: step.user?,
            callbacks: callbacks?,
            invitation: invitation?,
        })
    }

    fn connection(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        self.demands = true;
        let states: Vec<&str> = ConnectionState::ALL.iter().map(|s| s.name()).collect();
        let reasons: Vec<&str> = ConnectionReason::ALL.iter().map(|r| r.name()).collect();
        let state = self.one_of(
            step.verb.value,
            "connection state",
            problem::UNKNOWN_STATE,
            &states,
            ConnectionState::from_name,
        );
        let reason = step.fields.get("reason").and_then(|field| {
            self.one_of(
                field.value,
                "connection reason",
                problem::UNKNOWN_STATE,
                &reasons,
                ConnectionReason::from_name,
            )
        });
        let within = match step.fields.get("within") {
            Some(field) => self.span(field.value),
            None => Some(WITHIN),
        };
        Some(Act::Connection {
            user: step.user?,
            state: state?,
            reason,
            within: within?,
        })
    }

    /// The invitation that `of` names.
    fn of(&mut self, step: &UserStep<'_, '_>) -> Option<usize> {
        let verb = format!("`{}`", step.verb.key);
        let field = self.needed(step.fields, "of", step.verb.key_at, &verb)?;
        self.label(field.value)
    }

    fn texts(&mut self, fields: &Fields<'_>) -> Texts {
        let mut text = |key| fields.get(key).and_then(|field| self.text(field.value));
        Texts {
            content: text("content"),
            channel: text("channel"),
        }
    }

    fn callbacks(&mut self, field: Field<'_>) -> Option<Vec<Callback>> {
        let known: Vec<&str> = Callback::ALL.iter().map(|known| known.name()).collect();
        self.some_of(
            field,
            "callback",
            problem::UNKNOWN_CALLBACK,
            &known,
            Callback::from_name,
        )
    }

    /// The failure code that all of the callbacks may carry.
    fn failure(&mut self, field: Field<'_>, callbacks: &[Callback]) -> Option<FailureCode> {
        let name = self.word(field.value, "a failure code")?;
        let local = FailureCode::LOCAL_NAMES.get(1..).unwrap_or_default();
        let remote = FailureCode::REMOTE_NAMES.get(1..).unwrap_or_default();
        let names_of = |side| match side {
            Side::Local => local,
            Side::Remote => remote,
        };
        let mut sides: Vec<Side> = callbacks
            .iter()
            .filter(|callback| carries(**callback, "code"))
            .map(|callback| callback.side())
            .collect();
        sides.dedup();
        for side in &sides {
            if names_of(*side).contains(&name) {
                continue;
            }
            let other = match side {
                Side::Local => Side::Remote,
                Side::Remote => Side::Local,
            };
            let message = if names_of(other).contains(&name) {
                format!(
                    "`{name}` comes to the {}, never to the {}",
                    who(other),
                    who(*side)
                )
            } else {
                format!("no failure code is named {}", names::quoted(name))
            };
            self.log
                .add(
                    problem::UNKNOWN_CODE,
                    &field.value.span,
                    message,
                    format!("not a code of the {}", who(*side)),
                )
                .maybe_help(names::help(name, names_of(*side)));
            return None;
        }
        let side = sides.first()?;
        FailureCode::from_name(name, *side)
    }

    /// Notes what is demanded of a callback that does not carry it.
    fn carried(&mut self, callbacks: &[Callback], step: &UserStep<'_, '_>) {
        for option in CARRIED {
            let Some(field) = step.fields.get(option) else {
                continue;
            };
            let without = callbacks
                .iter()
                .find(|callback| !carries(**callback, option));
            if let Some(without) = without {
                let with: Vec<&str> = Callback::ALL
                    .iter()
                    .filter(|callback| carries(**callback, option))
                    .map(|callback| callback.name())
                    .collect();
                self.log
                    .add(
                        problem::NOT_ITS_OPTION,
                        field.key_at,
                        format!("`{without}` carries no {option}"),
                        "never there",
                    )
                    .help(format!(
                        "a {option} comes with {}",
                        names::listed(&with, "and")
                    ));
            }
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

    /// Notes every callback that cannot come to the user of a step.
    fn may_hear(&mut self, step: &UserStep<'_, '_>, invitation: Option<usize>) {
        let label = invitation.and_then(|at| self.labels.all.get(at));
        let (Some(label), Some(user)) = (label, step.user) else {
            return;
        };
        let (name, created) = (label.name.clone(), label.at.clone());
        let (caller, callee) = (label.caller, label.callee.clone());
        let nodes = match &step.verb.value.kind {
            Kind::List(nodes) => nodes.as_slice(),
            Kind::Text(_) => std::slice::from_ref(step.verb.value),
            Kind::Nothing | Kind::Map(_) => &[],
        };
        for node in nodes {
            let Some(callback) = Callback::from_name(text_of(node)) else {
                continue;
            };
            let told = match (callback.side(), &callee) {
                (Side::Local, _) => caller,
                (Side::Remote, Some(Callee::User(callee))) => Some(*callee),
                (Side::Remote, Some(Callee::Id(_))) => None,
                // The callee is a problem by now; nothing can be said about it.
                (Side::Remote, None) => continue,
            };
            if told.is_some_and(|told| self.owner(told) == self.owner(user)) {
                continue;
            }
            if callback.side() == Side::Local && told.is_none() {
                continue;
            }
            let side = who(callback.side());
            let user = self.user_name(user).to_owned();
            let help = match told {
                Some(told) => format!("the {side} of `{name}` is `{}`", self.user_name(told)),
                None => format!("`{name}` names an id that is no user's"),
            };
            self.log
                .add_related(
                    problem::WRONG_USER,
                    &node.span,
                    format!(
                        "`{callback}` comes to the {side} of `{name}`, and that is not `{user}`"
                    ),
                    format!("never comes to `{user}`"),
                    (&created, "created here".to_owned()),
                )
                .help(help);
        }
    }
}
