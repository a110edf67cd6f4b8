//! Thinning out a plan: what is not needed for the same thing to go wrong is left out, until nothing more can be.

use std::time::Duration;

use ringcheck_reference::fault::Fault;

use super::plan::{Plan, Ring, What};
use super::play::play;
use super::weigh::weigh;
use crate::target::sim::Weather;

/// The smallest plan found in which the same kind of thing goes wrong.
///
/// Whole parts of the plan are left out, never random numbers: what remains happens as it was drawn.
pub fn shrink(plan: &Plan, fault: Option<Fault>, kind: &str) -> Plan {
    let fails = |plan: &Plan| {
        let found = weigh(&play(plan, fault));
        found.iter().any(|violation| violation.kind() == kind)
    };
    let mut best = plan.clone();
    loop {
        let before = best.clone();
        calm(&mut best, &fails);
        thin(
            &mut best,
            &fails,
            |plan| plan.rings.len(),
            |plan, from, to| {
                plan.rings.drain(from..to);
            },
        );
        thin(
            &mut best,
            &fails,
            |plan| plan.mishaps.len(),
            |plan, from, to| {
                plan.mishaps.drain(from..to);
            },
        );
        for place in 0..best.rings.len() {
            simplify(&mut best, &fails, place);
        }
        for place in 0..best.mishaps.len() {
            soften(&mut best, &fails, place);
        }
        for place in (0..best.devices.len()).rev() {
            without(&mut best, &fails, place);
        }
        if best == before {
            return best;
        }
    }
}

/// Takes a change if the same still goes wrong.
fn attempt(best: &mut Plan, fails: &impl Fn(&Plan) -> bool, change: impl FnOnce(&mut Plan)) {
    let mut tried = best.clone();
    change(&mut tried);
    if tried != *best && fails(&tried) {
        *best = tried;
    }
}

fn calm(best: &mut Plan, fails: &impl Fn(&Plan) -> bool) {
    attempt(best, fails, |plan| {
        plan.weather = Weather::fair();
        plan.outbox_bytes_max = None;
    });
    attempt(best, fails, |plan| plan.outbox_bytes_max = None);
    attempt(best, fails, |plan| plan.weather.pace.clear());
    attempt(best, fails, |plan| plan.weather.ahead.clear());
    attempt(best, fails, |plan| plan.weather.duplicates = false);
    attempt(best, fails, |plan| {
        plan.weather.latency = Weather::fair().latency;
    });
}

/// Leaves out ever smaller parts of a list.
fn thin(
    best: &mut Plan,
    fails: &impl Fn(&Plan) -> bool,
    length: impl Fn(&Plan) -> usize,
    cut: impl Fn(&mut Plan, usize, usize),
) {
    let mut part = length(best);
    while part > 0 {
        let mut from = 0;
        while from < length(best) {
            let (now, to) = (length(best), (from + part).min(length(best)));
            attempt(best, fails, |plan| cut(plan, from, to));
            if length(best) == now {
                from = to;
            }
        }
        part /= 2;
    }
}

/// Leaves out what is done about an invitation.
fn simplify(best: &mut Plan, fails: &impl Fn(&Plan) -> bool, place: usize) {
    let changes: [fn(&mut Ring); 4] = [
        |ring| ring.answers.clear(),
        |ring| ring.answers.truncate(1),
        |ring| ring.cancel_again = false,
        |ring| (ring.cancel, ring.cancel_again) = (None, false),
    ];
    for change in changes {
        attempt(best, fails, |plan| {
            if let Some(ring) = plan.rings.get_mut(place) {
                change(ring);
            }
        });
    }
}

/// Puts something milder, for which a scenario has a step, in the place of a death.
fn soften(best: &mut Plan, fails: &impl Fn(&Plan) -> bool, place: usize) {
    let died = best.mishaps.get(place).map(|mishap| mishap.what);
    let Some(What::Vanish | What::Forsake | What::Crash(_) | What::Restart(_)) = died else {
        return;
    };
    let after = died.map_or(Duration::ZERO, What::lasts);
    for milder in [What::Interrupt, What::Away(after), What::Logout(after)] {
        attempt(best, fails, |plan| {
            if let Some(mishap) = plan.mishaps.get_mut(place)
                && Some(mishap.what) == died
            {
                mishap.what = milder;
            }
        });
    }
}

/// Leaves out a device, or at least its log-in.
fn without(best: &mut Plan, fails: &impl Fn(&Plan) -> bool, place: usize) {
    attempt(best, fails, |plan| {
        if let Some(device) = plan.devices.get_mut(place) {
            device.login = None;
        }
    });
    attempt(best, fails, |plan| {
        if let Some(login) = plan.devices.get_mut(place).and_then(|it| it.login.as_mut()) {
            *login = Duration::ZERO;
        }
    });
    let needed = best.rings.iter().any(|ring| ring.caller == place)
        || best.mishaps.iter().any(|mishap| mishap.device == place);
    if needed {
        return;
    }
    attempt(best, fails, |plan| {
        plan.devices.remove(place);
        for list in [&mut plan.weather.pace, &mut plan.weather.ahead] {
            if place < list.len() {
                list.remove(place);
            }
        }
        let callers = plan.rings.iter_mut().map(|ring| &mut ring.caller);
        let devices = plan.mishaps.iter_mut().map(|mishap| &mut mishap.device);
        for device in callers.chain(devices).filter(|device| **device > place) {
            *device -= 1;
        }
    });
}
