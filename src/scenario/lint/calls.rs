//! Calls that cannot return what is demanded of them (API).

use super::Lint;
use crate::history::{Call, CallCode, Side};
use crate::scenario::plan::{Callee, Step};
use crate::scenario::problem;

/// Why a call can return only some codes, and these.
struct Returns {
    why: String,
    codes: &'static [CallCode],
}

impl Lint<'_> {
    /// Notes a call of which no result is right that it can have.
    pub(super) fn check_call(
        &mut self,
        step: &Step,
        user: usize,
        (call, invitation): (Call, usize),
        results: &[CallCode],
    ) {
        if self.says_raw || call == Call::Create {
            return;
        }
        let returns = match call {
            Call::Create => return,
            Call::Send => self.send_returns(invitation),
            Call::Cancel => self.cancel_returns(invitation),
            Call::Accept | Call::Refuse => self.answer_returns(user, invitation),
        };
        let right = if results.is_empty() {
            &[CallCode::OK]
        } else {
            results
        };
        let Some(Returns { why, codes }) =
            returns.filter(|returns| !right.iter().any(|code| returns.codes.contains(code)))
        else {
            return;
        };
        let name = |code: &CallCode| CallCode::NAMES.get(usize::from(code.0)).copied();
        let wanted: Vec<String> = right
            .iter()
            .filter_map(|code| Some(format!("`{}`", name(code)?)))
            .collect();
        let wanted = wanted.join(" or ");
        let label = self.label(invitation);
        let can = codes.first().and_then(name).unwrap_or("Ok");
        self.places
            .add(
                problem::NEVER_MET,
                step,
                format!("`{call}` of `{label}` cannot return {wanted} here: {why}"),
                "can never return that",
            )
            .help(format!("write `result: {can}`, or leave the step out"));
    }

    fn send_returns(&self, invitation: usize) -> Option<Returns> {
        let life = self.lives.get(invitation)?;
        let returns = |why: String, codes| Some(Returns { why, codes });
        if let Some(line) = life.ended(Side::Local) {
            return returns(ended(line), &[CallCode::ALREADY_END]);
        }
        if life.is_sent() {
            let why = "it was sent before".to_owned();
            return returns(why, &[CallCode::ALREADY_SENT, CallCode::ALREADY_END]);
        }
        if life.made(Call::Send).is_none() {
            let why = "it was not sent before".to_owned();
            return returns(
                why,
                &[
                    CallCode::OK,
                    CallCode::INVALID_ARGUMENT,
                    CallCode::NOT_STARTED,
                ],
            );
        }
        None
    }

    fn cancel_returns(&self, invitation: usize) -> Option<Returns> {
        let life = self.lives.get(invitation)?;
        let returns = |why: String, codes| Some(Returns { why, codes });
        if life.made(Call::Send).is_none() {
            let why = "it was not sent before".to_owned();
            return returns(why, &[CallCode::NOT_STARTED]);
        }
        if life.caller_left {
            return None;
        }
        if let Some(line) = life.ended(Side::Local) {
            return returns(ended(line), &[CallCode::ALREADY_END]);
        }
        if life.is_sent() {
            let why = "it was sent before".to_owned();
            return returns(why, &[CallCode::OK, CallCode::ALREADY_END]);
        }
        None
    }

    /// What an accept or a refuse can return.
    fn answer_returns(&self, user: usize, invitation: usize) -> Option<Returns> {
        const NOT_HIS: &[CallCode] = &[CallCode::NOT_STARTED, CallCode::INVALID_ARGUMENT];
        let life = self.lives.get(invitation)?;
        let name = self.user_name(user);
        let callee = match self.scenario.invitations.get(invitation)?.callee {
            Callee::User(callee) => Some(self.owner(callee)),
            Callee::Id(_) => None,
        };
        let why = if callee.is_some_and(|callee| callee != self.owner(user)) {
            format!("`{name}` is not its callee")
        } else if life.made(Call::Send).is_none() {
            "it was not sent before".to_owned()
        } else if !life.can_hear(user) {
            format!("`{name}` was never logged in since the send")
        } else {
            let line = life.ended(Side::Remote)?;
            return Some(Returns {
                why: ended(line),
                codes: &[
                    CallCode::ALREADY_END,
                    CallCode::ALREADY_ACCEPT,
                    CallCode::NOT_STARTED,
                    CallCode::INVALID_ARGUMENT,
                ],
            });
        };
        Some(Returns {
            why,
            codes: NOT_HIS,
        })
    }
}

fn ended(line: usize) -> String {
    format!("its side has ended by line {line}")
}
