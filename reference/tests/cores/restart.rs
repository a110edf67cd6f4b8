//! A server that dies and knows nothing when it is there again: its clients tell it, and every invitation ends as it should.

use ringcheck_reference::limits::Limits;
use ringcheck_reference::wire::{ClientFrame, Peer, Stands};

use crate::agreement::{finish, judge, story};
use crate::world::{World, ms, s};

const ALICE: usize = 0;
const BOB: usize = 1;
/// Another device of Bob's.
const SECOND: usize = 2;

/// Alice rings Bob, and his device has it.
fn ringing() -> (World, String) {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob").to_string();
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.told(ALICE);
    (world, id)
}

/// The server dies, and everybody comes back to another.
fn restarted(world: &mut World) {
    world.restart();
    world.advance(s(1));
}

const BACK: [&str; 2] = ["connection 4 5", "connection 3 2"];

/// A phone recalls what its client does not.
fn forge(world: &mut World, phone: usize, id: &str, (peer, stands): (Peer<'_>, Stands<'_>)) {
    let id = id.into();
    world.forge(phone, &ClientFrame::Recall { id, peer, stands });
}

fn agreed(mut world: World) {
    finish(&mut world);
    assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    assert_eq!(world.tables(), (0, 0));
}

#[test]
fn what_rings_goes_on_ringing_and_is_answered_once() {
    let (mut world, id) = ringing();
    world.advance(s(40));
    restarted(&mut world);
    assert_eq!(world.told(BOB), BACK);
    world.accept(BOB, &id);
    assert_eq!(world.told(BOB), ["remote Accepted"]);
    assert_eq!(world.told(ALICE)[2..], ["local Accepted On my way"]);
    agreed(world);
}

#[test]
fn what_rings_expires_when_it_would_have() {
    let (mut world, _) = ringing();
    world.advance(s(40));
    restarted(&mut world);
    world.advance(ms(18_999));
    assert_eq!(world.told(BOB), BACK);
    world.advance(ms(1));
    assert_eq!(world.told(BOB), ["remote Failure 3"]);
    agreed(world);
}

#[test]
fn a_callee_that_is_back_first_keeps_what_rings_for_its_caller() {
    let (mut world, id) = ringing();
    world.drop(ALICE);
    restarted(&mut world);
    world.advance(s(35));
    assert_eq!(world.told(BOB), BACK);
    world.reconnect(ALICE);
    world.cancel(ALICE, &id);
    assert_eq!(world.told(BOB), ["remote Canceled"]);
    agreed(world);
}

#[test]
fn a_cancel_that_was_said_while_the_server_was_down_holds() {
    let (mut world, id) = ringing();
    world.restart();
    world.cancel(ALICE, &id);
    world.advance(s(1));
    assert_eq!(world.told(BOB)[2..], ["remote Canceled"]);
    assert_eq!(world.told(ALICE)[2..], ["local Canceled"]);
    agreed(world);
}

#[test]
fn a_cancel_that_the_callee_missed_is_told_by_the_caller_again() {
    let (mut world, id) = ringing();
    world.drop(BOB);
    world.cancel(ALICE, &id);
    world.advance(s(10));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    restarted(&mut world);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB)[2..], ["remote Canceled"]);
    agreed(world);
}

#[test]
fn an_accept_that_the_caller_took_is_confirmed_by_the_next_server() {
    let (mut world, id) = ringing();
    world.phones[BOB].hold_down = true;
    world.accept(BOB, &id);
    assert_eq!(world.told(ALICE), ["local Accepted On my way"]);
    world.phones[BOB].hold_down = false;
    restarted(&mut world);
    assert_eq!(world.told(BOB)[2..], ["remote Accepted"]);
    agreed(world);
}

#[test]
fn a_refuse_that_the_caller_missed_is_told_by_the_callee_again() {
    let (mut world, id) = ringing();
    world.phones[ALICE].hold_down = true;
    world.refuse(BOB, &id);
    assert_eq!(world.told(BOB), ["remote Refused"]);
    world.phones[ALICE].hold_down = false;
    restarted(&mut world);
    assert_eq!(world.told(ALICE)[2..], ["local Refused Not today"]);
    agreed(world);
}

/// It had come back to the server that knows nothing, so that one knows that it has gone (ACC-4).
#[test]
fn a_caller_that_came_back_and_left_again_is_offline() {
    let (mut world, id) = ringing();
    restarted(&mut world);
    world.drop(ALICE);
    world.advance(s(40));
    assert_eq!(world.told(BOB), BACK);
    world.accept(BOB, &id);
    world.advance(s(5));
    assert_eq!(world.told(BOB), ["remote Failure 1"]);
    world.reconnect(ALICE);
    agreed(world);
}

#[test]
fn an_accept_that_came_to_nothing_is_told_to_a_caller_that_did_not_know_it_rang() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[ALICE].hold_down = true;
    let id = world.send(ALICE, "bob");
    world.accept(BOB, &id);
    world.advance(s(6));
    assert!(world.told(BOB).contains(&"remote Failure 2".to_owned()));
    world.phones[ALICE].hold_down = false;
    world.advance(s(30));
    world.restart();
    agreed(world);
}

/// It rang before the restart, and what came of it was decided when neither side was there.
#[test]
fn a_refuse_that_comes_to_the_next_server_after_the_failure_is_too_late() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[ALICE].hold_down = true;
    let id = world.send(ALICE, "bob");
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.drop(ALICE);
    world.drop(BOB);
    world.refuse(BOB, &id);
    world.restart();
    world.phones[ALICE].hold_down = false;
    world.reconnect(ALICE);
    world.advance(s(35));
    assert!(world.told(ALICE).contains(&"local Failure 1".to_owned()));
    world.reconnect(BOB);
    assert_eq!(world.told(BOB).last().unwrap(), "remote Failure 3");
    agreed(world);
}

#[test]
fn a_server_that_has_run_for_long_knows_better_than_its_clients() {
    let mut world = World::of(&["alice", "bob"]);
    world.advance(s(96));
    let id = world.send(ALICE, "bob").to_string();
    world.told(BOB);
    forge(
        &mut world,
        ALICE,
        &id,
        (Peer::Callee("bob".into()), Stands::Accepted),
    );
    assert_eq!(world.told(BOB), [""; 0]);
    agreed(world);
}

#[test]
fn what_began_at_this_server_is_its_own_to_judge() {
    let (mut world, id) = ringing();
    forge(
        &mut world,
        ALICE,
        &id,
        (Peer::Callee("bob".into()), Stands::Accepted),
    );
    assert_eq!(world.told(BOB), [""; 0]);
    agreed(world);
}

#[test]
fn nobody_recalls_what_another_has() {
    let mut world = World::of(&["alice", "bob", "carol"]);
    let id = world.send(ALICE, "bob");
    world.told(BOB);
    for peer in [Peer::Callee("bob".into()), Peer::Caller("alice".into())] {
        forge(&mut world, 2, &id, (peer, Stands::Canceled));
    }
    assert_eq!(world.told(BOB), [""; 0]);
    agreed(world);
}

/// Alice rings Bob so many times, and Bob's device goes away.
fn left(times: usize) -> World {
    let mut world = World::new(Limits::default(), &["alice", "bob", "bob"]);
    world.login(ALICE);
    world.login(BOB);
    for _ in 0..times {
        world.send(ALICE, "bob");
    }
    world.drop(BOB);
    world.advance(s(1));
    world
}

#[test]
fn all_that_rings_rings_on_a_device_that_logs_in_at_the_next_server() {
    let mut world = left(2);
    restarted(&mut world);
    world.login(SECOND);
    assert_eq!(world.told(SECOND)[2..], ["remote Received"; 2]);
    agreed(world);
}

#[test]
fn what_rings_rings_on_a_device_that_was_at_the_next_server_first() {
    let mut world = left(1);
    world.restart();
    world.login(SECOND);
    world.advance(s(1));
    assert_eq!(world.told(SECOND)[2..], ["remote Received"]);
    agreed(world);
}

#[test]
fn what_has_just_expired_is_taken_up_without_ringing() {
    let mut world = World::of(&["alice", "bob"]);
    let stands = Stands::Ringing {
        content: "".into(),
        channel: "".into(),
        age: s(60),
        acked: s(60),
    };
    forge(
        &mut world,
        ALICE,
        "x-1",
        (Peer::Callee("bob".into()), stands),
    );
    assert_eq!(world.told(BOB), [""; 0]);
    agreed(world);
}

#[test]
fn a_cancel_told_to_the_next_server_waits_for_the_callee() {
    let (mut world, id) = ringing();
    world.drop(BOB);
    world.restart();
    world.cancel(ALICE, &id);
    world.advance(s(5));
    assert_eq!(world.told(ALICE), BACK);
    world.phones[BOB].hold_down = true;
    world.reconnect(BOB);
    assert_eq!(world.told(ALICE), [""; 0]);
    world.phones[BOB].hold_down = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    agreed(world);
}

/// Alice rings Bob and does not learn that it rings; both are away when the server dies.
fn unheard() -> (World, String) {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[ALICE].hold_down = true;
    let id = world.send(ALICE, "bob").to_string();
    world.drop(ALICE);
    world.drop(BOB);
    world.phones[ALICE].hold_down = false;
    world.restart();
    (world, id)
}

#[test]
fn a_cancel_at_the_next_server_is_remembered_for_the_callee() {
    let (mut world, id) = unheard();
    world.reconnect(ALICE);
    world.cancel(ALICE, &id);
    assert_eq!(world.told(ALICE).last().unwrap(), "local Canceled");
    // Alice's client reports what it has seen.
    world.advance(s(15));
    world.reconnect(BOB);
    assert_eq!(world.told(BOB).last().unwrap(), "remote Canceled");
    agreed(world);
}

#[test]
fn what_is_waited_for_longer_does_not_ring_once_its_window_is_over() {
    let mut world = World::of(&["alice", "bob"]);
    world.logout(BOB);
    world.send(ALICE, "bob");
    world.told(BOB);
    world.advance(s(25));
    world.restart();
    world.advance(s(5));
    world.login(BOB);
    assert_eq!(world.told(BOB), ["connection 2 1", "connection 3 2"]);
    agreed(world);
}

#[test]
fn an_answer_is_waited_for_a_little_longer_at_the_next_server() {
    let (mut world, id) = unheard();
    world.refuse(BOB, &id);
    world.advance(s(28));
    world.reconnect(ALICE);
    world.advance(s(7));
    world.reconnect(BOB);
    assert_eq!(world.told(ALICE).last().unwrap(), "local Refused Not today");
    agreed(world);
}

/// What happens after Alice has rung Bob, until the server dies.
fn play(world: &mut World, id: &str, which: usize) {
    match which {
        0 => {}
        1 => drop(world.cancel(ALICE, id)),
        2 => drop(world.accept(BOB, id)),
        3 => drop(world.refuse(BOB, id)),
        4 => {
            world.accept(BOB, id);
            world.cancel(ALICE, id);
        }
        _ => {
            world.cancel(ALICE, id);
            world.refuse(BOB, id);
        }
    }
}

#[test]
fn whenever_the_server_dies_both_sides_agree() {
    for which in 0..6 {
        for (before, after) in (0..12).flat_map(|before| (0..10).map(move |after| (before, after)))
        {
            for late in [None, Some(ALICE), Some(BOB)] {
                let mut world = World::of(&["alice", "bob"]);
                world.prompt = false;
                let id = world.send(ALICE, "bob");
                for step in 0..before {
                    world.step(step);
                }
                play(&mut world, &id, which);
                for step in 0..after {
                    world.step(step / 2);
                }
                if let Some(phone) = late {
                    world.drop(phone);
                }
                world.restart();
                world.prompt = true;
                world.advance(s(9));
                agreed(world);
            }
        }
    }
}
