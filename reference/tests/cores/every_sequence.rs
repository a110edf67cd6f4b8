//! Every sequence of acts of two users up to a length, and long random ones whose frames travel in any order.

use proptest::prelude::*;
use ringcheck_reference::client::{CallResult, ConnectionState, InvitationId};
use ringcheck_reference::limits::Limits;

use crate::agreement::{finish, judge, story};
use crate::world::{World, ms, s};

const CALLER: usize = 0;
const CALLEE: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Send,
    Cancel,
    Accept,
    Refuse,
    Drop(usize),
    Reconnect(usize),
    Logout(usize),
    Login(usize),
    NextLimit,
}

const ACTS: [Act; 13] = [
    Act::Send,
    Act::Cancel,
    Act::Accept,
    Act::Refuse,
    Act::Drop(CALLER),
    Act::Drop(CALLEE),
    Act::Reconnect(CALLER),
    Act::Reconnect(CALLEE),
    Act::Logout(CALLER),
    Act::Logout(CALLEE),
    Act::Login(CALLER),
    Act::Login(CALLEE),
    Act::NextLimit,
];

/// How frames travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Travel {
    /// At once.
    Prompt,
    /// Only when time passes, the caller's first.
    Late,
    /// Only when time passes, the callee's first.
    LateBackwards,
}

/// Heartbeats far apart, since they only cost time here.
fn quiet_limits() -> Limits {
    Limits {
        heartbeat: s(90),
        ..Limits::default()
    }
}

fn begin(travel: Travel) -> World {
    let mut world = World::with(quiet_limits(), &["alice", "bob"]);
    world.prompt = travel == Travel::Prompt;
    world.backwards = travel == Travel::LateBackwards;
    world
}

/// Does the act. Whether it was one that changes something.
fn does(world: &mut World, call: &mut Option<InvitationId>, act: Act) -> bool {
    match (act, call.clone()) {
        (Act::Send, None) => *call = Some(world.send(CALLER, "bob")),
        (Act::Send, Some(_)) | (Act::Cancel | Act::Accept | Act::Refuse, None) => return false,
        (Act::Cancel, Some(id)) => return world.cancel(CALLER, &id) == CallResult::Ok,
        (Act::Accept, Some(id)) => return world.accept(CALLEE, &id) == CallResult::Ok,
        (Act::Refuse, Some(id)) => return world.refuse(CALLEE, &id) == CallResult::Ok,
        (Act::Drop(phone), _) => {
            let was = world.phones[phone].network;
            world.drop(phone);
            return was;
        }
        (Act::Reconnect(phone), _) => {
            let was = world.phones[phone].network;
            world.reconnect(phone);
            return !was;
        }
        (Act::Logout(phone), _) => {
            let state = world.phones[phone].core.connection_state();
            if state == ConnectionState::Disconnected {
                return false;
            }
            world.logout(phone);
        }
        (Act::Login(phone), _) => {
            let state = world.phones[phone].core.connection_state();
            if state != ConnectionState::Disconnected {
                return false;
            }
            world.login(phone);
        }
        (Act::NextLimit, _) => {
            world.deliver_all();
            world.advance_to_next_limit();
        }
    }
    true
}

/// Plays the acts, then every longer sequence. How many were judged.
fn play(travel: Travel, acts: &mut Vec<Act>, length: usize) -> usize {
    let mut world = begin(travel);
    let mut call = None;
    for (place, act) in acts.iter().enumerate() {
        let counts = does(&mut world, &mut call, *act);
        // An act that changes nothing makes the same history as the sequence without it.
        if !counts && place + 1 == acts.len() {
            return 0;
        }
    }
    finish(&mut world);
    assert_eq!(
        judge(&world),
        Ok(()),
        "{travel:?} {acts:?}\n{}",
        story(&world)
    );
    let mut judged = 1;
    if acts.len() < length {
        for act in ACTS {
            acts.push(act);
            judged += play(travel, acts, length);
            acts.pop();
        }
    }
    judged
}

#[test]
fn every_short_sequence_agrees_when_frames_travel_at_once() {
    let judged = play(Travel::Prompt, &mut Vec::new(), 5);
    assert!(judged > 1_000, "{judged}");
}

#[test]
fn every_short_sequence_agrees_when_frames_of_the_caller_come_first() {
    let judged = play(Travel::Late, &mut vec![Act::Send], 6);
    assert!(judged > 1_000, "{judged}");
}

#[test]
fn every_short_sequence_agrees_when_frames_of_the_callee_come_first() {
    let judged = play(Travel::LateBackwards, &mut vec![Act::Send], 6);
    assert!(judged > 1_000, "{judged}");
}

/// Every sequence that goes on with one of these acts once it rings.
fn play_ringing(second: &[Act]) -> usize {
    second
        .iter()
        .map(|act| play(Travel::Prompt, &mut vec![Act::Send, *act], 6))
        .sum()
}

#[test]
fn every_short_sequence_agrees_when_an_answer_or_a_cancel_comes_first() {
    let judged = play_ringing(&ACTS[..4]);
    assert!(judged > 1_000, "{judged}");
}

#[test]
fn every_short_sequence_agrees_when_something_else_comes_before_the_answer() {
    let judged = play_ringing(&ACTS[4..]);
    assert!(judged > 1_000, "{judged}");
}

#[test]
fn every_short_sequence_agrees_when_the_callee_is_offline_at_the_send() {
    let mut begin = vec![Act::Logout(CALLEE), Act::Send];
    let judged = play(Travel::Prompt, &mut begin, 6);
    assert!(judged > 1_000, "{judged}");
}

/// One step of a random history with several phones.
#[derive(Debug, Clone)]
enum Step {
    Send(usize, usize),
    Cancel(usize, usize),
    Accept(usize, usize),
    Refuse(usize, usize),
    Drop(usize),
    Vanish(usize),
    Reconnect(usize),
    Logout(usize),
    Login(usize),
    Hold(usize, bool, bool),
    Travel(usize, usize),
    Pass(u64),
}

const USERS: [&str; 3] = ["alice", "bob", "carol"];

fn step() -> impl Strategy<Value = Step> {
    let phone = 0..USERS.len();
    let which = 0..8_usize;
    prop_oneof![
        3 => (phone.clone(), phone.clone()).prop_map(|(a, b)| Step::Send(a, b)),
        2 => (phone.clone(), which.clone()).prop_map(|(a, b)| Step::Cancel(a, b)),
        3 => (phone.clone(), which.clone()).prop_map(|(a, b)| Step::Accept(a, b)),
        2 => (phone.clone(), which).prop_map(|(a, b)| Step::Refuse(a, b)),
        1 => phone.clone().prop_map(Step::Drop),
        1 => phone.clone().prop_map(Step::Vanish),
        3 => phone.clone().prop_map(Step::Reconnect),
        1 => phone.clone().prop_map(Step::Logout),
        1 => phone.clone().prop_map(Step::Login),
        1 => (phone, any::<bool>(), any::<bool>()).prop_map(|(a, b, c)| Step::Hold(a, b, c)),
        12 => (1..6_usize, any::<usize>()).prop_map(|(a, b)| Step::Travel(a, b)),
        2 => prop_oneof![Just(10), Just(1_000), Just(5_000), Just(10_000)].prop_map(Step::Pass),
    ]
}

fn pick(calls: &[InvitationId], which: usize) -> Option<InvitationId> {
    calls.get(which % calls.len().max(1)).cloned()
}

fn take(world: &mut World, calls: &mut Vec<InvitationId>, step: &Step) {
    match step {
        Step::Send(caller, callee) => calls.push(world.send(*caller, USERS[*callee])),
        Step::Cancel(phone, which) => {
            if let Some(id) = pick(calls, *which) {
                world.cancel(*phone, &id);
            }
        }
        Step::Accept(phone, which) => {
            if let Some(id) = pick(calls, *which) {
                world.accept(*phone, &id);
            }
        }
        Step::Refuse(phone, which) => {
            if let Some(id) = pick(calls, *which) {
                world.refuse(*phone, &id);
            }
        }
        Step::Drop(phone) => world.drop(*phone),
        Step::Vanish(phone) => {
            world.vanish(*phone);
        }
        Step::Reconnect(phone) => world.reconnect(*phone),
        Step::Logout(phone) => world.logout(*phone),
        Step::Login(phone) => world.login(*phone),
        Step::Hold(phone, up, down) => {
            world.phones[*phone].hold_up = *up;
            world.phones[*phone].hold_down = *down;
        }
        Step::Travel(many, choice) => {
            for turn in 0..*many {
                world.step(choice.wrapping_add(turn * 7));
            }
        }
        Step::Pass(milliseconds) => world.advance(ms(*milliseconds)),
    }
}

/// What comes of the steps, once all clocks have run out.
fn history(users: &[&str], steps: &[Step]) -> World {
    let mut world = World::with(Limits::default(), users);
    world.prompt = false;
    let mut calls = Vec::new();
    for step in steps {
        take(&mut world, &mut calls, step);
    }
    finish(&mut world);
    world
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 700,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn long_random_histories_agree(steps in prop::collection::vec(step(), 1..60)) {
        let world = history(&USERS, &steps);
        prop_assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    }

    #[test]
    fn long_random_histories_agree_when_a_user_has_two_devices(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let world = history(&["alice", "bob", "bob"], &steps);
        prop_assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    }
}
