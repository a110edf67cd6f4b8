//! Kills: connections that are lost one by one, at any moment, in each of the ways in which connections are.

use std::time::Duration;

use super::pace::{Arrivals, Pace, Spacing};
use super::plan::{Plan, chance};
use super::wire::Wire;
use super::worker::Worker;

/// How often users lose their connections, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kills {
    /// How many a second, of all users together.
    pub per_s: f64,
    /// Some come back as soon as a client does; the others stay away for up to that long.
    pub away_max: Duration,
}

/// How a connection is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// It is closed in the middle of what was being said.
    Close,
    /// It is reset.
    Reset,
    /// Nothing goes through it any more, and nobody tells the target. The user comes back at once over another: how long a
    /// target takes to find out by itself is no clock that a judge knows.
    Stall,
}

/// Uses of the seed, beside those of calls and storms.
const TIMES: u64 = 1 << 32;
const WHOM: u64 = TIMES + 1;
const HOW: u64 = TIMES + 2;
const VANISH: u64 = TIMES + 3;

/// How long somebody who has come back is left alone, so that what was missed is heard before a target forgets it.
const TOLD: Duration = Duration::from_secs(1);

/// Connections that stand still and are kept open, on each thread. The oldest is closed when there is one more.
const STALLED_MAX: usize = 64;

/// When connections of a thread are to be killed.
pub(super) fn arrivals(plan: &Plan, (thread, threads): (usize, usize)) -> Option<Arrivals> {
    let kills = plan.kills?;
    let pace = Pace::constant(kills.per_s / threads as f64, plan.warm_up + plan.duration);
    let seed = chance(plan.seed, thread as u64, TIMES);
    Some(Arrivals::new(pace, Spacing::Poisson, seed))
}

/// How, and for how long the user stays away.
fn pick(chance: u64, away_max: Duration) -> (Kill, Duration) {
    let kill = match chance % 3 {
        0 => Kill::Close,
        1 => Kill::Reset,
        _ => Kill::Stall,
    };
    let part = (chance >> 32) as u32;
    let away = if kill == Kill::Stall || part & 1 == 0 {
        Duration::ZERO
    } else {
        away_max.mul_f64(f64::from(part) / f64::from(u32::MAX))
    };
    (kill, away)
}

impl Worker<'_> {
    /// Kills the connections whose time has come, while calls are begun.
    pub(super) fn kill_due(&mut self) {
        let Some(opens) = self.opens.filter(|_| self.is_open()) else {
            return;
        };
        while let Some(at) = self.kill
            && opens + at <= self.now
        {
            self.kill = self.kills.as_mut().and_then(Iterator::next);
            self.kill_one();
        }
    }

    fn kill_one(&mut self) {
        let (plan, now) = (self.common.plan, self.now);
        let (Some(kills), (thread, threads)) = (plan.kills, self.share) else {
            return;
        };
        let people = self.people.len().max(1);
        let number = (self.killed * threads + thread) as u64;
        let first = chance(plan.seed, number, WHOM) as usize % people;
        let is_up = |place: &usize| self.people.get(*place).is_some_and(|one| one.is_up);
        // Half of them are left alone, so that there is somebody to call and a target is not taken for dead.
        if 2 * (0..people).filter(is_up).count() <= people {
            return;
        }
        let is_told = |place: &usize| {
            self.people.get(*place).is_some_and(|one| {
                one.is_up && one.back_at.is_none_or(|back_at| back_at + TOLD <= now)
            })
        };
        let Some(place) = (first..people).chain(0..first).find(is_told) else {
            return;
        };
        self.killed += 1;
        self.measures.kills += 1;
        let (kill, away) = pick(chance(plan.seed, number, HOW), kills.away_max);
        let Some((person, mut ground)) = self.person(place) else {
            return;
        };
        person.back_at = Some(now + away);
        if let Some(wire) = person.cut(now, place, &mut ground) {
            match kill {
                Kill::Close => drop(wire),
                Kill::Reset => wire.reset(),
                Kill::Stall => {
                    let stalled = wire.stall(ground.registry);
                    if self.stalled.len() == STALLED_MAX {
                        self.stalled.pop_front();
                    }
                    self.stalled.push_back(stalled);
                }
            }
        }
        if !away.is_zero() {
            self.away.push((now + away, place));
        }
        self.hear(place);
        self.arm(place);
    }

    /// Lets those come back who have been away for long enough.
    pub(super) fn come_back(&mut self) {
        let now = self.now;
        let is_due = |(until, _): &mut (Duration, usize)| *until <= now;
        for (_, place) in self.away.extract_if(.., is_due).collect::<Vec<_>>() {
            if let Some((person, mut ground)) = self.person(place) {
                person.come_back(now, place, &mut ground);
                self.hear(place);
                self.arm(place);
            }
        }
    }

    /// Whether somebody is gone at the end without a goodbye, where connections are killed.
    pub(super) fn vanishes(&self, place: usize) -> bool {
        let plan = self.common.plan;
        let number = (place * self.share.1 + self.share.0) as u64;
        plan.kills.is_some() && chance(plan.seed, number, VANISH) & 1 == 0
    }
}

/// What a kill leaves of a connection.
impl Wire {
    /// Ends it so that the peer is told of a reset, where the system can.
    fn reset(mut self) {
        if let Some(line) = self.line() {
            // Whoever cannot be reset is closed.
            let _ = socket2::SockRef::from(line.tcp()).set_linger(Some(Duration::ZERO));
        }
    }

    /// Leaves it open, deaf and mute.
    fn stall(mut self, registry: &mio::Registry) -> Self {
        if let Some(line) = self.line() {
            // One that the system has forgotten already stirs nobody either.
            let _ = registry.deregister(line.tcp_mut());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_taken_and_some_stay_away() {
        let most = Duration::from_secs(8);
        let all: Vec<_> = (0..3000u64)
            .map(|number| pick(chance(7, number, HOW), most))
            .collect();
        for kill in [Kill::Close, Kill::Reset, Kill::Stall] {
            let count = all.iter().filter(|(one, _)| *one == kill).count();
            assert!((900..1100).contains(&count), "{kill:?}: {count}");
        }
        let away: Vec<_> = all.iter().filter(|(_, away)| !away.is_zero()).collect();
        assert!((900..1100).contains(&away.len()), "{}", away.len());
        assert!(away.iter().all(|(_, away)| *away <= most));
        assert!(away.iter().any(|(_, away)| *away > most / 2));
    }
}
