//! What is known of an invitation: whether it was sent, who can have heard of it, what was called, and which side has ended.

use super::Lint;
use super::clocks::Stretch;
use super::sessions::Session;
use crate::history::{Call, CallCode, Callback, Side};
use crate::scenario::plan::{Invitation, Scenario, Step};

/// An invitation as far as the steps tell of it.
#[derive(Debug, Clone)]
pub(super) struct Life<'s> {
    pub(super) caller: usize,
    /// The step that sends it, if nothing but its success is right there.
    sent_by: Option<&'s Step>,
    /// The calls that may have been admitted, and how long ago each was made.
    made: Vec<(Call, Stretch)>,
    /// Which users were logged in at some time since it was sent.
    heard: Vec<bool>,
    /// Whether its caller was logged out at some time since then.
    pub(super) caller_left: bool,
    /// How long ago the callee's device had it.
    pub(super) received: Option<Stretch>,
    /// The lines of the steps by which the caller's side and the callee's have surely ended.
    ended: [Option<usize>; 2],
    /// Which of the sides may have ended.
    may_have_ended: [bool; 2],
}

fn place(side: Side) -> usize {
    match side {
        Side::Local => 0,
        Side::Remote => 1,
    }
}

impl<'s> Life<'s> {
    pub(super) fn new(invitation: &Invitation, scenario: &Scenario) -> Self {
        Self {
            caller: invitation.caller,
            sent_by: None,
            made: Vec::new(),
            heard: vec![false; scenario.users.len()],
            caller_left: false,
            received: None,
            ended: [None; 2],
            may_have_ended: [false; 2],
        }
    }

    /// How long ago that call was made, if it may have been admitted.
    pub(super) fn made(&self, call: Call) -> Option<Stretch> {
        let made = self.made.iter().find(|(made, _)| *made == call);
        made.map(|(_, ago)| *ago)
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, time: Stretch) {
        let made = self.made.iter_mut().map(|(_, ago)| ago);
        for ago in made.chain(&mut self.received) {
            *ago = ago.and(time);
        }
    }

    /// Whether it was sent, for sure.
    pub(super) fn is_sent(&self) -> bool {
        self.sent_by.is_some()
    }

    /// Whether a user can have heard of it.
    pub(super) fn can_hear(&self, user: usize) -> bool {
        self.heard.get(user).copied().unwrap_or(false)
    }

    /// The line of the step by which a side has ended.
    pub(super) fn ended(&self, side: Side) -> Option<usize> {
        self.ended.get(place(side)).copied().flatten()
    }

    /// Follows an expectation of one of those callbacks, by the step in that line.
    pub(super) fn end(&mut self, callbacks: &[Callback], line: usize) {
        self.may_end(callbacks);
        let side = callbacks.first().map(|callback| callback.side());
        let mut all = callbacks.iter();
        let ends = all.all(|callback| callback.ends() && Some(callback.side()) == side);
        let ended = side.and_then(|side| self.ended.get_mut(place(side)));
        if let (Some(ended @ None), true) = (ended, ends) {
            *ended = Some(line);
        }
    }

    /// Follows that these callbacks may come.
    pub(super) fn may_end(&mut self, callbacks: &[Callback]) {
        for callback in callbacks.iter().filter(|callback| callback.ends()) {
            if let Some(may) = self.may_have_ended.get_mut(place(callback.side())) {
                *may = true;
            }
        }
    }

    /// What is known of it where things went the one way or the other.
    pub(super) fn either(mut self, other: &Self) -> Self {
        for side in [Side::Local, Side::Remote].map(place) {
            let (Some(own), Some(theirs)) = (self.ended.get_mut(side), other.ended.get(side))
            else {
                continue;
            };
            *own = own.filter(|_| theirs.is_some());
            let theirs = other.may_have_ended.get(side).copied().unwrap_or(true);
            if let Some(may) = self.may_have_ended.get_mut(side) {
                *may |= theirs;
            }
        }
        self.received = self.received.filter(|_| other.received.is_some());
        self
    }

    /// The step that sent it, if nothing has told of the end of its caller's side.
    pub(super) fn open_at_the_end(&self) -> Option<&'s Step> {
        let [local, _] = self.may_have_ended;
        self.sent_by.filter(|_| !local)
    }

    /// How long ago it was sent, if its caller is still to be told of an end and can be told by nothing but one of these callbacks;
    /// none means any.
    pub(super) fn due(&self, callbacks: &[Callback]) -> Option<Stretch> {
        let answered = [Call::Cancel, Call::Accept, Call::Refuse];
        let answered = answered.into_iter().any(|call| self.made(call).is_some());
        let failure_alone = !answered && callbacks.contains(&Callback::LocalFailure);
        let all = callbacks.is_empty() || failure_alone;
        let open = self.open_at_the_end().filter(|_| !self.caller_left);
        open.filter(|_| all).and_then(|_| self.made(Call::Send))
    }
}

impl<'s> Lint<'s> {
    /// Follows a call.
    pub(super) fn call(
        &mut self,
        step: &'s Step,
        (call, invitation): (Call, usize),
        results: &[CallCode],
    ) {
        if call == Call::Create || !(results.is_empty() || results.contains(&CallCode::OK)) {
            return;
        }
        let Some(life) = self.lives.get_mut(invitation) else {
            return;
        };
        if call == Call::Send && results.iter().all(|code| *code == CallCode::OK) {
            life.sent_by.get_or_insert(step);
        }
        match life.made.iter_mut().find(|(made, _)| *made == call) {
            // Whatever counts from one of several calls counts from some time between them.
            Some((_, ago)) => *ago = ago.either(Stretch::default()),
            None => life.made.push((call, Stretch::default())),
        }
        self.who_hears();
    }

    /// Notes who is logged in by now: such a user can hear of what was sent.
    pub(super) fn who_hears(&mut self) {
        for life in &mut self.lives {
            if life.made(Call::Send).is_none() {
                continue;
            }
            for (heard, session) in life.heard.iter_mut().zip(&self.sessions) {
                *heard |= *session == Session::In;
            }
            life.caller_left |= self.sessions.get(life.caller) == Some(&Session::Out);
        }
    }
}
