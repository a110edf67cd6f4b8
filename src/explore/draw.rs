//! Drawing a plan from a seed.

use std::collections::BTreeSet;
use std::time::Duration;

use oorandom::Rand64;

use super::plan::{Answer, Device, Mishap, Plan, Ring, What};
use super::trouble::Trouble;
use crate::scenario::plan::Way;
use crate::target::sim::Weather;

/// Until when invitations are sent and mishaps happen.
const BUSY_MS: u64 = 45_000;

/// Bytes that wait for a slow reader: a dozen frames.
const LITTLE_OUTBOX_BYTES: usize = 1_500;

/// The numbers of one seed.
struct Dice(Rand64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.rand_range(0..bound.max(1))
    }

    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn between(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        Duration::from_millis(least_ms + self.below(most_ms - least_ms + 1))
    }
}

impl Plan {
    /// The plan of a seed; always the same.
    pub fn draw(seed: u64) -> Self {
        // Other numbers than those that decide how long frames take.
        let mut dice = Dice(Rand64::new(u128::from(seed) | (0x9e37_79b9 << 64)));
        let mut troubles: BTreeSet<Trouble> = Trouble::ALL
            .into_iter()
            .filter(|trouble| *trouble != Trouble::ServerRestart && dice.once_in(3))
            .collect();
        let users = 2 + dice.place(4);
        let mut devices: Vec<Device> = (0..users)
            .map(|user| Device {
                user,
                login: login(&mut dice),
            })
            .collect();
        if troubles.contains(&Trouble::SecondLogin) {
            let second = 1 + dice.place(users);
            devices.extend((0..second).map(|user| Device { user, login: None }));
        }
        let weather = weather(&mut dice, &troubles, devices.len());
        let rings = rings(&mut dice, &troubles, users);
        let mut mishaps = mishaps(&mut dice, &troubles, &devices, &rings);
        // From numbers of its own, since nobody's clock has to be kept while the server is down: the seeds in which it
        // stays up are those that judge the clocks.
        let mut dice = Dice(Rand64::new(u128::from(seed) | (0x5bd1_e995 << 64)));
        if dice.once_in(4) {
            troubles.insert(Trouble::ServerRestart);
            mishaps.extend(restarts(&mut dice, &rings));
            mishaps.sort_by_key(|mishap| mishap.at);
        }
        let slow = troubles.contains(&Trouble::SlowReader);
        Self {
            seed,
            troubles,
            weather,
            outbox_bytes_max: slow.then_some(LITTLE_OUTBOX_BYTES),
            devices,
            rings,
            mishaps,
        }
    }
}

/// Most are there from the beginning, some come while it rings for them, a few never come.
fn login(dice: &mut Dice) -> Option<Duration> {
    match dice.below(12) {
        0 => None,
        1 | 2 => Some(dice.between(2_000, 50_000)),
        _ => Some(dice.between(0, 200)),
    }
}

fn weather(dice: &mut Dice, troubles: &BTreeSet<Trouble>, devices: usize) -> Weather {
    let on = |trouble| troubles.contains(&trouble);
    let ms = Duration::from_millis;
    let latency = match (on(Trouble::Delay), on(Trouble::Reorder)) {
        (false, false) => (ms(1), ms(1)),
        (true, false) => (ms(30), ms(40)),
        (false, true) => (ms(0), ms(40)),
        (true, true) => (ms(10), ms(60)),
    };
    let mut each = |trouble, least, most| {
        if on(trouble) {
            (0..devices).map(|_| dice.between(least, most)).collect()
        } else {
            Vec::new()
        }
    };
    Weather {
        latency,
        pace: each(Trouble::SlowReader, 5, 25),
        ahead: each(Trouble::Skew, 0, 20_000),
        duplicates: on(Trouble::Duplicate),
    }
}

fn rings(dice: &mut Dice, troubles: &BTreeSet<Trouble>, users: usize) -> Vec<Ring> {
    let mut rings: Vec<Ring> = (0..1 + dice.below(8))
        .map(|_| {
            let at = dice.between(500, BUSY_MS);
            let callee = dice.place(users);
            ring(dice, users, callee, at)
        })
        .collect();
    if troubles.contains(&Trouble::Burst) {
        let (at, callee) = (dice.between(500, BUSY_MS), dice.place(users));
        for _ in 0..8 + dice.below(10) {
            let at = at + dice.between(0, 100);
            rings.push(ring(dice, users, callee, at));
        }
    }
    rings.sort_by_key(|ring| ring.at);
    rings
}

fn ring(dice: &mut Dice, users: usize, callee: usize, at: Duration) -> Ring {
    let caller = dice.place(users);
    let cancel = match dice.below(8) {
        0 => Some(dice.between(0, 30)),
        1 => Some(dice.between(0, 6_000)),
        2 => Some(dice.between(0, 65_000)),
        // Around the end of the offline window.
        3 => Some(dice.between(29_990, 30_001)),
        _ => None,
    };
    let mut answers = Vec::new();
    if !dice.once_in(5) {
        answers.push(answer(dice));
        if dice.once_in(8) {
            answers.push(answer(dice));
        }
    }
    Ring {
        caller,
        callee,
        at,
        cancel,
        cancel_again: cancel.is_some() && dice.once_in(4),
        answers,
    }
}

fn answer(dice: &mut Dice) -> Answer {
    let after = match dice.below(6) {
        0 => dice.between(0, 30),
        // Around the expiry.
        1 => dice.between(59_900, 60_050),
        2 => dice.between(0, 58_000),
        _ => dice.between(0, 6_000),
    };
    Answer {
        after,
        accept: dice.below(3) > 0,
    }
}

fn mishaps(
    dice: &mut Dice,
    troubles: &BTreeSet<Trouble>,
    devices: &[Device],
    rings: &[Ring],
) -> Vec<Mishap> {
    let mut mishaps = Vec::new();
    for trouble in troubles {
        let times = 1 + dice.below(4);
        for _ in 0..times {
            let Some(what) = mishap(dice, *trouble) else {
                break;
            };
            let device = if what == What::Login {
                dice.place(devices.len())
            } else {
                party(dice, devices.len(), rings)
            };
            let at = moment(dice, rings);
            mishaps.push(Mishap { at, device, what });
        }
    }
    mishaps.sort_by_key(|mishap| mishap.at);
    mishaps
}

/// The server dies once or twice.
fn restarts(dice: &mut Dice, rings: &[Ring]) -> Vec<Mishap> {
    let restart = |dice: &mut Dice| Mishap {
        at: moment(dice, rings),
        device: 0,
        what: What::Restart(match dice.below(4) {
            0 => dice.between(4_000, 12_000),
            _ => dice.between(1, 2_000),
        }),
    };
    (0..1 + dice.below(2)).map(|_| restart(dice)).collect()
}

/// A device, mostly one that has a part in an invitation.
fn party(dice: &mut Dice, devices: usize, rings: &[Ring]) -> usize {
    if rings.is_empty() || dice.once_in(4) {
        return dice.place(devices);
    }
    let place = dice.place(rings.len());
    let ring = rings.get(place);
    let caller = dice.once_in(2);
    ring.map_or(0, |ring| if caller { ring.caller } else { ring.callee })
}

/// A moment, mostly one near to something that is done.
fn moment(dice: &mut Dice, rings: &[Ring]) -> Duration {
    if rings.is_empty() || dice.once_in(3) {
        return dice.between(0, BUSY_MS);
    }
    let place = dice.place(rings.len());
    let Some(ring) = rings.get(place) else {
        return Duration::ZERO;
    };
    let answer = ring.answers.first().map(|answer| answer.after);
    let from = match dice.below(3) {
        0 => ring.at,
        1 => ring.at + ring.cancel.or(answer).unwrap_or_default(),
        _ => ring.at + answer.or(ring.cancel).unwrap_or_default(),
    };
    match dice.below(3) {
        0 => from.saturating_sub(dice.between(0, 1_000)),
        1 => from + dice.between(0, 10),
        _ => from + dice.between(0, 250),
    }
}

fn mishap(dice: &mut Dice, trouble: Trouble) -> Option<What> {
    let while_away = |dice: &mut Dice| match dice.below(4) {
        0 => dice.between(25_000, 65_000),
        1 => dice.between(4_000, 12_000),
        _ => dice.between(50, 4_000),
    };
    Some(match trouble {
        Trouble::Loss => What::Interrupt,
        Trouble::Away => What::Away(while_away(dice)),
        Trouble::HalfOpen if dice.once_in(2) => What::Vanish,
        Trouble::HalfOpen => What::Forsake,
        Trouble::BlackHole => {
            let way = if dice.once_in(2) {
                Way::Sent
            } else {
                Way::Heard
            };
            What::Hold(way, while_away(dice))
        }
        Trouble::Crash => What::Crash(while_away(dice)),
        Trouble::SecondLogin => What::Login,
        Trouble::Logout => What::Logout(while_away(dice)),
        Trouble::Delay
        | Trouble::Reorder
        | Trouble::Duplicate
        | Trouble::Skew
        | Trouble::SlowReader
        | Trouble::Burst
        | Trouble::ServerRestart => return None,
    })
}
