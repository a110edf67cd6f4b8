//! Two events of different users that cross: every order in which they can arrive, and what may come of it.

use super::draft::{Draft, exercised, part, who};
use super::world::{Heard, Move};
use crate::history::{CallCode, Callback, Side};
use crate::scenario::plan::{Act, SessionChange, Step, Timer, Way, Window};

impl Draft {
    /// Two moves, in whatever order they arrive, and the demand that both sides come to one of the ends that are possible.
    /// They are made at once, or one after the other by somebody who cannot have heard of the first.
    pub(super) fn cross(&mut self, one: Move, other: Move, at_once: bool) {
        if !at_once
            && !self.world.holds(who(other), Way::Heard)
            && !self.world.is_cut(who(other))
            && self.world.has_session(who(other))
            && matches!(other, Move::Call { .. })
        {
            self.go(Move::Hold(who(other), Way::Heard));
        }
        self.doubtful |= !self.world.is_known();
        for what in [one, other] {
            if let Move::Interrupt(user) = what {
                self.allow_receipt(user);
            }
        }
        let mut runs: Vec<Run> = Vec::new();
        for (first, second) in [(one, other), (other, one)] {
            for kept in [None, Some(Way::Heard), Some(Way::Sent)] {
                for turned in [false, true] {
                    runs.push(Run::of(self, (first, second), kept, turned));
                    // A connection that is lost may come back after all else.
                    let late = |what| {
                        if let Move::Interrupt(user) = what {
                            Move::Drop(user)
                        } else {
                            what
                        }
                    };
                    runs.push(Run::of(self, (late(first), late(second)), kept, turned));
                }
            }
        }
        let mut steps = Vec::new();
        for what in [one, other] {
            let mut codes: Vec<CallCode> = Vec::new();
            for code in runs.iter().flat_map(|run| run.codes(what)) {
                if !codes.contains(code) {
                    codes.push(*code);
                }
            }
            codes.sort_unstable();
            if let Some(act) = self.act(what, &codes) {
                steps.push(Step {
                    line: 0,
                    column: 0,
                    origin: None,
                    act,
                });
            }
        }
        // Whichever comes first, the file is about both.
        let _ = self.predict(one);
        let _ = self.predict(other);
        let _ = self.world.take_heard();
        let mut asked: Vec<(usize, Side)> = Vec::new();
        for one in runs.iter().flat_map(|run| &run.heard) {
            if !asked.contains(&(one.user, one.callback.side())) {
                asked.push((one.user, one.callback.side()));
            }
        }
        // What may come and need not, is allowed before it can.
        for (user, side) in &asked {
            for callback in [Callback::RemoteReceived, Callback::LocalReceivedByPeer] {
                let came = |run: &Run| run.heard.iter().any(|it| it.callback == callback);
                if callback.side() == *side && runs.iter().any(came) {
                    self.allow(*user, callback, 0);
                }
            }
        }
        if at_once {
            self.step(Act::Together(steps));
        } else {
            self.steps.extend(steps);
        }
        for what in [one, other] {
            if let Move::Interrupt(user) | Move::Login(user) = what {
                self.connected(user);
            }
        }
        for user in 0..self.online.len() {
            if self.world.is_cut(user) {
                self.allow_receipt(user);
                self.step(Act::Session {
                    user,
                    change: SessionChange::Reconnect,
                });
            }
            for way in [Way::Heard, Way::Sent] {
                if self.world.holds(user, way) {
                    self.step(Act::Session {
                        user,
                        change: SessionChange::Release(way),
                    });
                }
            }
        }
        let late = Window::Within(part(1.5, Timer::Expiry));
        for (user, side) in asked {
            let mut ends: Vec<Callback> = Vec::new();
            let mut always = true;
            for run in &runs {
                let end = run
                    .heard
                    .iter()
                    .find(|it| it.user == user && it.callback.side() == side && it.callback.ends());
                match end {
                    Some(end) if ends.contains(&end.callback) => {}
                    Some(end) => ends.push(end.callback),
                    None => always = false,
                }
            }
            if ends.is_empty() {
                continue;
            }
            if always {
                let expect = self.expectation(user, ends, 0, None, late);
                self.demands = true;
                self.step(Act::Expect(expect));
            } else {
                for callback in ends {
                    self.allow(user, callback, 0);
                }
            }
        }
        for one in runs.iter().flat_map(|run| &run.heard) {
            for requirement in exercised(one) {
                self.covers(requirement);
            }
        }
    }
}

/// One way in which two moves at once can turn out.
struct Run {
    codes: Vec<(Move, Vec<CallCode>)>,
    heard: Vec<Heard>,
}

impl Run {
    /// The one comes first. Whoever makes the second may not have heard of it, or the first may still be under way by
    /// then; and whoever is kept back may come back in either order.
    fn of(draft: &Draft, moves: (Move, Move), kept: Option<Way>, turned: bool) -> Self {
        let (first, second) = moves;
        let mut world = draft.world.clone();
        let _ = world.take_heard();
        match kept {
            Some(Way::Heard) => drop(world.go(Move::Hold(who(second), Way::Heard))),
            Some(Way::Sent) => drop(world.go(Move::Hold(who(first), Way::Sent))),
            None => {}
        }
        let codes = vec![(first, world.go(first)), (second, world.go(second))];
        let mut users: Vec<usize> = (0..draft.online.len()).collect();
        if turned {
            users.reverse();
        }
        for user in users {
            if world.is_cut(user) {
                world.go(Move::Reconnect(user));
            }
            for way in [Way::Heard, Way::Sent] {
                world.go(Move::Release(user, way));
            }
        }
        while !world.is_over(0)
            && let Some(timer) = world.clock(0)
        {
            world.go(Move::Clock(timer, 0));
        }
        let heard = world.take_heard();
        Self { codes, heard }
    }

    fn codes(&self, of: Move) -> &[CallCode] {
        self.codes
            .iter()
            .find(|(what, _)| *what == of)
            .map_or(&[], |(_, codes)| codes)
    }
}
