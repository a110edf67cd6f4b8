//! What the people of a thread do: begin calls, answer and cancel them, and note how they end.

use std::cmp::Reverse;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ringcheck_reference::client::{ConnectionReason, ConnectionState, Event, InvitationId};

use super::call::{Call, Next};
use super::mix::Course;
use super::plan::Model;
use super::times::Came;
use super::witness::Arrived;
use super::worker::Worker;
use crate::history::{Call as Verb, Passed, Payload};
use crate::target::seen_event;

impl Worker<'_> {
    /// Begins a call of a pair that was due at that time, or skips it.
    pub(super) fn begin(&mut self, pair: usize, due: Duration) {
        let (thread, threads) = self.share;
        let sequence = self.planned * threads as u64 + thread as u64;
        self.planned += 1;
        let counts = self.counts(due);
        let measures = &mut *self.measures;
        let account = if counts {
            &mut measures.counts
        } else {
            &mut measures.warm_up
        };
        account.planned += 1;
        if let Model::Open { in_flight_max, .. } = self.common.plan.model
            && (self.calls.len() * threads >= in_flight_max || self.common.stage.is_dead())
        {
            account.skipped += 1;
            return;
        }
        account.started += 1;
        if counts {
            self.measures.lagged(self.now.saturating_sub(due));
        }
        let number = sequence as u32;
        let course = self.common.plan.course(number);
        self.send(pair, (course, number), counts, due);
    }

    fn send(&mut self, pair: usize, (course, number): (Course, u32), counts: bool, due: Duration) {
        let (place, now) = (2 * pair, self.now);
        let texts = self.texts;
        let (content, channel) = (texts.content(number), texts.channel(number));
        let Some(callee) = self.people.get(place + 1).map(|person| person.name.clone()) else {
            return;
        };
        let Some((person, mut ground)) = self.person(place) else {
            return;
        };
        let core = &mut person.core;
        let id = core.create_local_invitation(&callee, &content.text, &channel.text);
        let result = {
            let id = &*id;
            person.act(now, place, &mut ground, |core, hand| {
                core.send_local_invitation(now, id, hand)
            })
        };
        let mut log = self.memory.room();
        if let Some(person) = self.people.get(place) {
            let (who, log) = (Self::who((place, person), now), &mut log);
            let with = || Passed {
                peer: Some(callee.clone()),
                content: content.payload.clone(),
                channel: channel.payload.clone(),
                response: Payload::default(),
            };
            // Nothing of it has left: what is said waits for the flush.
            self.witness.calls(who, Verb::Create, &id, with, log);
            self.witness.returns(who, (Verb::Create, &id), 0, log);
            self.witness.calls(who, Verb::Send, &id, with, log);
            let code = result as u8;
            self.witness.returns(who, (Verb::Send, &id), code, log);
        }
        let made = (id.clone(), pair);
        let call = Call::new(made, (course, number), counts, (due, now), log);
        let key = self.calls.insert(call);
        self.places.insert(id, key);
        self.hear(place);
        self.arm(place);
    }

    /// Answers or cancels a call, as was due at that time.
    pub(super) fn act(&mut self, key: usize, due: Duration) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(key) else {
            return;
        };
        call.acted = Some(due);
        let mut log = std::mem::take(&mut call.log);
        let (id, course, number) = (call.id.clone(), call.course, call.number);
        let (place, verb) = match course {
            Course::Accept => (2 * call.pair + 1, Verb::Accept),
            Course::Refuse => (2 * call.pair + 1, Verb::Refuse),
            Course::Cancel => (2 * call.pair, Verb::Cancel),
            Course::Expire => return,
        };
        let response = self.texts.response(number);
        if let Some(person) = self.people.get(place) {
            let with = || Passed {
                response: if verb == Verb::Cancel {
                    Payload::default()
                } else {
                    response.payload.clone()
                },
                ..Passed::default()
            };
            let who = Self::who((place, person), now);
            self.witness.calls(who, verb, &id, with, &mut log);
        }
        let Some((person, mut ground)) = self.person(place) else {
            return;
        };
        let result = person.act(now, place, &mut ground, |core, hand| match course {
            Course::Accept => core.accept_remote_invitation(&id, &response.text, hand),
            Course::Refuse => core.refuse_remote_invitation(&id, &response.text, hand),
            Course::Cancel | Course::Expire => core.cancel_local_invitation(now, &id, hand),
        });
        if let Some(person) = self.people.get(place) {
            let who = Self::who((place, person), now);
            let code = result as u8;
            self.witness.returns(who, (verb, &id), code, &mut log);
        }
        if let Some(call) = self.calls.get_mut(key) {
            call.log = log;
        }
        self.hear(place);
    }

    /// Notes what somebody has been told, and does what comes of it.
    pub(super) fn heard(&mut self, place: usize, event: &Event) {
        match event {
            Event::Local { id, .. } | Event::Remote { id, .. } => {
                let key = self.places.get(id).copied();
                let next = self.called_back(place, (id, key), event);
                if let Some(key) = key {
                    self.follow(key);
                    self.go_on(key, next);
                }
            }
            Event::Connection { state, reason } => self.connection(place, (*state, *reason), event),
            Event::Refused { message, .. } => {
                if let Some(person) = self.people.get_mut(place) {
                    person.trouble = Some(message.clone());
                }
            }
            Event::TokenExpiring { .. } | Event::TokenRenewed { .. } | Event::Wire { .. } => {}
        }
    }

    fn called_back(
        &mut self,
        place: usize,
        (id, key): (&InvitationId, Option<usize>),
        event: &Event,
    ) -> Next {
        let now = self.now;
        let mut call = key.and_then(|key| self.calls.get_mut(key));
        let caller = call
            .as_ref()
            .and_then(|call| self.people.get(2 * call.pair));
        let Some(person) = self.people.get(place) else {
            return Next::Wait;
        };
        let arrived = Arrived {
            texts: self.texts,
            sent: call
                .as_ref()
                .zip(caller)
                .map(|(call, caller)| (call.number, &caller.name)),
        };
        let who = Self::who((place, person), now);
        let (clocks, measures) = (&self.common.clocks, &mut *self.measures);
        let (witness, memory) = (&mut self.witness, &mut self.memory);
        // The call's own copy of the id, so that comparing it looks at the pointer and not at the text.
        let (id, log) = match call.as_mut() {
            Some(call) => (&call.id, Some(&mut call.log)),
            None => (id, memory.late(id)),
        };
        let next = match event {
            Event::Local {
                callback, state, ..
            } => {
                let told = (id, *state as u8);
                let is_same = witness.told_caller(who, told, callback, &arrived, log);
                call.map(|call| {
                    call.is_garbled |= !is_same;
                    call.told_caller(now, callback, clocks, measures)
                })
            }
            Event::Remote {
                callback, state, ..
            } => {
                let told = (id, *state as u8);
                let is_same = witness.told_callee(who, told, callback, &arrived, log);
                call.map(|call| {
                    call.is_garbled |= !is_same;
                    call.told_callee(now, callback, measures)
                })
            }
            Event::Connection { .. }
            | Event::Refused { .. }
            | Event::TokenExpiring { .. }
            | Event::TokenRenewed { .. }
            | Event::Wire { .. } => None,
        };
        next.unwrap_or(Next::Wait)
    }

    /// Has a closed flood's caller begin another call once this one is over for it, so that its next invitation leaves with
    /// the ack of the accept, as that of a person who waits for nobody else. The callee may still wait for its last word.
    fn follow(&mut self, key: usize) {
        let Model::Closed { in_flight } = self.common.plan.model else {
            return;
        };
        // A target that forgets the callees must not make calls without end.
        let room = self.people.len() * in_flight;
        if self.calls.len() < room
            && let Some(call) = self.calls.get_mut(key)
            && call.has_ended_for_caller()
            && !std::mem::replace(&mut call.is_followed, true)
        {
            self.again.push(call.pair);
        }
    }

    fn go_on(&mut self, key: usize, next: Next) {
        match next {
            Next::Wait => {}
            Next::Act => {
                let Some(call) = self.calls.get(key) else {
                    return;
                };
                let number = call.number;
                let pause = self.common.plan.pause(number, call.course);
                if pause.is_zero() {
                    self.act(key, self.now);
                } else {
                    self.acts.push(Reverse((self.now + pause, key, number)));
                }
            }
            Next::Over => self.finish(key),
        }
    }

    /// Notes how a call has ended.
    fn finish(&mut self, key: usize) {
        let Some(call) = self.calls.try_remove(key) else {
            return;
        };
        self.places.remove(&call.id);
        let is_good = call.is_good();
        let is_open = self.is_open();
        let measures = &mut *self.measures;
        if call.counts {
            if is_good {
                measures.counts.succeeded += 1;
                measures.in_time += u64::from(is_open);
                measures.took(super::measure::Leg::Whole, call.due, self.now);
            } else {
                measures.counts.failed += 1;
            }
        } else if is_good {
            measures.warm_up.succeeded += 1;
        } else {
            measures.warm_up.failed += 1;
        }
        if matches!(self.common.plan.model, Model::Closed { .. }) && !call.is_followed {
            self.again.push(call.pair);
        }
        if self.common.plan.tells_times {
            let came = if is_good {
                Came::Succeeded
            } else {
                Came::Failed
            };
            self.times.push(call.times(came, Some(self.now)));
        }
        let carried = (&*self.people, self.texts);
        self.memory.remember(call, carried);
        self.keep();
    }

    fn connection(
        &mut self,
        place: usize,
        (state, reason): (ConnectionState, ConnectionReason),
        event: &Event,
    ) {
        let (now, stage) = (self.now, self.common.stage);
        let Some(person) = self.people.get_mut(place) else {
            return;
        };
        if reason == ConnectionReason::Login {
            person.session += 1;
        }
        let is_up = state == ConnectionState::Connected;
        match (std::mem::replace(&mut person.is_up, is_up), is_up) {
            (false, true) => {
                stage.connected.fetch_add(1, Ordering::Relaxed);
            }
            (true, false) => {
                stage.connected.fetch_sub(1, Ordering::Relaxed);
            }
            (true, true) | (false, false) => {}
        }
        let is_out = matches!(
            state,
            ConnectionState::Disconnected | ConnectionState::Aborted
        );
        if !person.has_entered && (is_up || is_out) {
            self.entering -= 1;
            person.has_entered = true;
            if is_up {
                stage.entered.fetch_add(1, Ordering::Relaxed);
            } else {
                let why = person.trouble.clone();
                let why = why.unwrap_or_else(|| "no log-in was answered in time".to_owned());
                stage.refuse(format!("`{}` was kept out: {why}", person.name));
            }
        }
        if let (Some(what), Some(person)) = (seen_event(event), self.people.get_mut(place)) {
            person.linked(now, what.clone());
            self.witness.saw(Self::who((place, person), now), what);
        }
    }
}
