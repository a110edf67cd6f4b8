//! Expectations that nothing can meet: of a side that has ended, of a user who cannot hear, of what nobody has done.

use super::Lint;
use super::clocks::Stretch;
use crate::history::{Call, Callback, FailureCode};
use crate::scenario::plan::{Callee, CodeDemand, Expect, Step, Timer, Window};
use crate::scenario::problem;

impl<'s> Lint<'s> {
    /// Checks expectations that are awaited together, then follows them.
    pub(super) fn expects(&mut self, steps: &'s [Step]) {
        let expects: Vec<(&Step, &Expect)> = steps.iter().filter_map(Step::expect).collect();
        let mut took = Stretch::default();
        for (step, expect) in &expects {
            self.expect(step, expect);
            took = took.both(self.takes(expect));
        }
        for (step, expect) in &expects {
            self.follow(step, expect);
        }
        self.pass(took);
    }

    /// Follows what a met expectation says of its invitation, from the moment at which it began to wait.
    pub(super) fn follow(&mut self, step: &Step, expect: &Expect) {
        let Some(life) = self.lives.get_mut(expect.invitation) else {
            return;
        };
        if expect.callbacks == [Callback::RemoteReceived] {
            // It came between the send and the end of the wait.
            let sent = life.made(Call::Send).unwrap_or_default();
            life.received
                .get_or_insert_with(|| sent.either(Stretch::default()));
        }
        life.end(&expect.callbacks, step.line);
    }

    pub(super) fn expect(&mut self, step: &Step, expect: &Expect) {
        if let Window::At { moment, .. } = expect.window
            && let Some(why) = self.not_started(moment.timer, expect.invitation)
        {
            let message = format!("`at: {}` counts from {why}", moment.timer.name());
            self.places.add(
                problem::NEVER_MET,
                step,
                message,
                "its clock is never started",
            );
            return;
        }
        let label = self.label(expect.invitation);
        let life = self.lives.get(expect.invitation);
        let side = expect.callbacks.first().map(|callback| callback.side());
        let mut all = expect.callbacks.iter();
        let one_side = all.all(|callback| Some(callback.side()) == side);
        let ended = side.filter(|_| one_side).zip(life);
        if let Some(line) = ended.and_then(|(side, life)| life.ended(side)) {
            let message = format!(
                "nothing follows the ending callback of `{label}` that line {line} expects"
            );
            self.places
                .add(problem::NEVER_MET, step, message, "can never come (OBJ-3)");
            return;
        }
        let mut whys = expect
            .callbacks
            .iter()
            .map(|it| self.out_of_reach(expect, *it));
        let first = whys.next().flatten();
        if let Some(why) = first.filter(|_| whys.all(|why| why.is_some())) {
            let callbacks: Vec<String> = expect
                .callbacks
                .iter()
                .map(|it| format!("`{it}`"))
                .collect();
            let callbacks = callbacks.join(" or ");
            self.places.add(
                problem::NEVER_MET,
                step,
                format!("{callbacks} of `{label}` cannot come here: {why}"),
                "can never come",
            );
            return;
        }
        self.check_window(step, expect);
    }

    /// Why a callback cannot come, if it cannot.
    fn out_of_reach(&self, expect: &Expect, callback: Callback) -> Option<String> {
        let life = self.lives.get(expect.invitation)?;
        if self.says_raw {
            return None;
        }
        if life.made(Call::Send).is_none() {
            return Some("it was not sent before".to_owned());
        }
        let code = match &expect.code {
            Some(CodeDemand::Is(code)) => Some(*code),
            Some(CodeDemand::Saved(_)) | None => None,
        };
        // Whoever sends without a log-in is told so (FAIL-5).
        let told_all_the_same = callback == Callback::LocalFailure
            && code.is_none_or(|code| code == FailureCode::NOT_LOGGED_IN);
        if !life.can_hear(expect.user) && !told_all_the_same {
            let name = self.user_name(expect.user);
            return Some(format!("`{name}` was never logged in since the send"));
        }
        let needed = match callback {
            Callback::LocalAccepted | Callback::RemoteAccepted => Some(Call::Accept),
            Callback::LocalRefused | Callback::RemoteRefused => Some(Call::Refuse),
            Callback::LocalCanceled | Callback::RemoteCanceled => Some(Call::Cancel),
            Callback::RemoteFailure if code.is_some_and(|code| code != FailureCode::EXPIRE) => {
                Some(Call::Accept)
            }
            Callback::LocalReceivedByPeer
            | Callback::LocalFailure
            | Callback::RemoteReceived
            | Callback::RemoteFailure => None,
        };
        if let Some(call) = needed.filter(|call| life.made(*call).is_none()) {
            return Some(format!("no step before makes the call `{call}`"));
        }
        let by_device = matches!(
            callback,
            Callback::LocalReceivedByPeer | Callback::LocalAccepted | Callback::LocalRefused
        );
        let callee = self.callee_away(expect.invitation).filter(|_| by_device)?;
        Some(format!("`{callee}` was never logged in since the send"))
    }

    /// The callee of an invitation, if no device of the callee's can have had it.
    fn callee_away(&self, invitation: usize) -> Option<&'s str> {
        let life = self.lives.get(invitation)?;
        let callee = match self.scenario.invitations.get(invitation)?.callee {
            Callee::User(callee) => self.owner(callee),
            Callee::Id(_) => return None,
        };
        let mut devices = (0..self.scenario.users.len()).filter(|user| self.owner(*user) == callee);
        (!devices.any(|device| life.can_hear(device))).then(|| self.user_name(callee))
    }

    /// Why a clock does not run yet, if it does not (FAIL).
    fn not_started(&self, timer: Timer, invitation: usize) -> Option<String> {
        let life = self.lives.get(invitation)?;
        let none_is = |call: Call, start: &str| {
            let missing = life.made(call).is_none() && !self.says_raw;
            missing.then(|| format!("{start}, and no step before is one"))
        };
        match timer {
            Timer::OfflineWindow | Timer::NoAck => none_is(Call::Send, "the send"),
            Timer::Expiry => {
                none_is(Call::Send, "the device ack of a sent invitation").or_else(|| {
                    let callee = self.callee_away(invitation).filter(|_| !self.says_raw)?;
                    Some(format!(
                        "the callee's device ack, and `{callee}` was never logged in since the send"
                    ))
                })
            }
            Timer::AcceptAck => none_is(Call::Accept, "the accept"),
            Timer::CancelBound => none_is(Call::Cancel, "the cancel"),
            Timer::PresenceGrace => self
                .lost
                .is_none()
                .then(|| "the loss of a connection, and no step before is one".to_owned()),
        }
    }
}
