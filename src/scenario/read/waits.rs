//! The steps by which a user waits for something: callbacks that must, must not or may come, and connections.

use super::Reader;
use super::fields::Field;
use super::steps::UserStep;
use super::values::text_of;
use super::verbs::{CARRIED, who};
use crate::history::{Callback, ConnectionReason, ConnectionState, FailureCode, Side};
use crate::scenario::names;
use crate::scenario::plan::{Act, Callee, CodeDemand, Expect, Part, WITHIN};
use crate::scenario::problem;
use crate::scenario::tree::Kind;

impl Reader<'_> {
    pub(super) fn expect(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        self.demands = true;
        let callbacks = self.callbacks(step.verb);
        let invitation = self.of(step);
        self.may_hear(step, invitation);
        if let Some(callbacks) = &callbacks {
            self.carried(callbacks, step);
        }
        let code = step.fields.get("code").and_then(|field| {
            let callbacks = callbacks.as_deref().unwrap_or_default();
            match &field.value.kind {
                Kind::Template(text) => self
                    .saved_code(text, &field.value.span)
                    .map(CodeDemand::Saved),
                Kind::Nothing | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
                    self.failure(field, callbacks).map(CodeDemand::Is)
                }
            }
        });
        let texts = self.texts(step.fields);
        let response = step
            .fields
            .get("response")
            .and_then(|field| self.text(field.value));
        let window = self.window(step.fields);
        let caller = invitation.and_then(|at| self.labels.all.get(at)?.caller);
        let heard = callbacks.as_deref().unwrap_or_default();
        let saves = self.saves(step.fields, heard, caller, step.place);
        Some(Act::Expect(Expect {
            user: step.user?,
            callbacks: callbacks?,
            invitation: invitation?,
            content: texts.content,
            channel: texts.channel,
            response,
            code,
            saves: saves?,
            window: window?,
        }))
    }

    pub(super) fn never(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
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

    pub(super) fn allow(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let callbacks = self.callbacks(step.verb);
        let invitation = self.of(step);
        self.may_hear(step, invitation);
        Some(Act::Allow {
            user: step.user?,
            callbacks: callbacks?,
            invitation: invitation?,
        })
    }

    pub(super) fn connection(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
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
            .filter(|callback| Part::Code.is_of(**callback))
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
        for part in CARRIED {
            if let Some(field) = step.fields.get(part.name()) {
                self.carried_part(part, callbacks, field.key_at);
            }
        }
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
            Kind::Nothing | Kind::Template(_) | Kind::Map(_) => &[],
        };
        for node in nodes {
            let Some(callback) = Callback::from_name(text_of(node)) else {
                continue;
            };
            let told = match (callback.side(), &callee) {
                (Side::Local, _) => caller,
                (Side::Remote, Some(Callee::User(callee))) => Some(*callee),
                (Side::Remote, Some(Callee::Id(id))) => self.saved_user(id),
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
