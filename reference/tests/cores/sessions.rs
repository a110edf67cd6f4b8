//! Sessions that are lost, resumed, ended and begun anew while invitations are open: section 10 of the lifecycle.

use std::borrow::Cow;

use ringcheck_reference::client::{CallResult, ConnectionState};
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::ConnectionId;
use ringcheck_reference::wire::{ByeReason, ClientFrame, ServerFrame};

use crate::agreement::{finish, judge, story};
use crate::world::{World, ms, s};

const ALICE: usize = 0;
const BOB: usize = 1;
const SECOND: usize = 2;

fn agreed(mut world: World) {
    finish(&mut world);
    assert_eq!(judge(&world), Ok(()), "{}", story(&world));
}

#[test]
fn a_second_login_ends_the_first_session() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "alice"]);
    world.login(ALICE);
    world.login(SECOND);
    assert_eq!(
        world.told(ALICE),
        ["connection 2 1", "connection 3 2", "connection 5 8"]
    );
    assert_eq!(world.told(SECOND), ["connection 2 1", "connection 3 2"]);
    assert_eq!(world.server.counts().sessions, 1);
    world.advance(s(60));
    assert_eq!(world.told(ALICE), [""; 0]);
    world.login(ALICE);
    assert_eq!(world.told(ALICE), ["connection 2 1", "connection 3 2"]);
    assert_eq!(world.told(SECOND), ["connection 5 8"]);
}

#[test]
fn a_lost_connection_is_made_again_and_the_session_goes_on() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    world.advance(s(29));
    assert_eq!(world.server.counts().sessions, 2);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
    world.advance(s(60));
    assert_eq!(world.server.counts().sessions, 2);
}

#[test]
fn a_session_ends_with_its_grace() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    world.advance(ms(29_999));
    assert_eq!(world.server.counts().sessions, 2);
    world.advance(ms(1));
    assert_eq!(world.server.counts().sessions, 1);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
}

#[test]
fn a_connection_lost_twice_has_a_grace_of_its_own_each_time() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    world.advance(s(20));
    world.reconnect(ALICE);
    world.drop(ALICE);
    world.advance(s(29));
    assert_eq!(world.server.counts().sessions, 2);
    world.advance(s(1));
    assert_eq!(world.server.counts().sessions, 1);
}

#[test]
fn a_resumed_callee_hears_once_what_it_missed() {
    let mut world = World::of(&["alice", "bob"]);
    let first = world.send(ALICE, "bob");
    world.drop(BOB);
    let second = world.send(ALICE, "bob");
    world.send(ALICE, "bob");
    world.cancel(ALICE, &second);
    world.told(BOB);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB), ["connection 3 2", "remote Received"]);
    assert_eq!(world.accept(BOB, &first), CallResult::Ok);
    agreed(world);
}

#[test]
fn what_has_ended_meanwhile_does_not_ring_on_resume() {
    let mut world = World::of(&["alice", "bob"]);
    world.send(ALICE, "bob");
    world.advance(s(50));
    world.drop(BOB);
    world.advance(s(15));
    world.told(BOB);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB), ["connection 3 2", "remote Failure 3"]);
    agreed(world);
}

#[test]
fn an_answer_given_without_a_connection_is_said_after_the_resume() {
    for answer in ["accept", "refuse"] {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.send(ALICE, "bob");
        world.drop(BOB);
        let (result, told) = match answer {
            "accept" => (world.accept(BOB, &id), "remote Accepted"),
            _ => (world.refuse(BOB, &id), "remote Refused"),
        };
        assert_eq!(result, CallResult::Ok);
        world.told(BOB);
        world.reconnect(BOB);
        assert_eq!(world.told(BOB), ["connection 3 2", told]);
        agreed(world);
    }
}

#[test]
fn an_ending_lost_with_the_connection_is_told_after_the_resume() {
    for held in [ALICE, BOB] {
        for answer in ["refuse", "cancel"] {
            let mut world = World::of(&["alice", "bob"]);
            let id = world.send(ALICE, "bob");
            world.phones[held].hold_down = true;
            match answer {
                "refuse" => world.refuse(BOB, &id),
                _ => world.cancel(ALICE, &id),
            };
            world.drop(held);
            world.phones[held].hold_down = false;
            world.reconnect(held);
            let other = if held == ALICE { BOB } else { ALICE };
            let ending = |told: Vec<String>| told.last().cloned().unwrap_or_default();
            let (one, two) = (ending(world.told(held)), ending(world.told(other)));
            assert!(
                one.contains(if answer == "refuse" {
                    "Refused"
                } else {
                    "Canceled"
                }),
                "{one}, {two}: {}",
                story(&world)
            );
            agreed(world);
        }
    }
}

#[test]
fn a_logout_is_offline_at_once_and_hears_nothing_more() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.logout(ALICE);
    world.told(ALICE);
    assert_eq!(world.server.counts().sessions, 1);
    world.refuse(BOB, &id);
    assert_eq!(world.told(BOB), ["remote Received", "remote Refused"]);
    world.login(ALICE);
    assert_eq!(world.told(ALICE), ["connection 2 1", "connection 3 2"]);
    agreed(world);
}

#[test]
fn a_vanished_caller_leaves_the_callee_ringing_no_longer_than_the_expiry() {
    let mut world = World::of(&["alice", "bob"]);
    world.send(ALICE, "bob");
    world.vanish(ALICE);
    world.advance(ms(59_999));
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.advance(ms(1));
    assert_eq!(world.told(BOB), ["remote Failure 3"]);
}

#[test]
fn a_silent_connection_is_closed_and_the_session_may_be_resumed() {
    let mut world = World::of(&["alice", "bob"]);
    world.vanish(ALICE);
    world.advance(s(25));
    assert_eq!(world.server.counts().sessions, 2);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
    world.vanish(ALICE);
    world.advance(s(55));
    assert_eq!(world.server.counts().sessions, 1);
}

#[test]
fn calls_need_a_login_and_creating_does_not() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.logout(BOB);
    assert_eq!(world.accept(BOB, &id), CallResult::NotStarted);
    assert_eq!(world.refuse(BOB, &id), CallResult::NotStarted);
    world.logout(ALICE);
    assert_eq!(world.cancel(ALICE, &id), CallResult::NotStarted);
    let mine = world.phones[ALICE]
        .core
        .create_local_invitation("bob", "", "");
    assert!(world.phones[ALICE].core.local(&mine).is_some());
}

/// The first device of the user at `place` loses its session to a second, and takes it back.
fn displace_and_return(world: &mut World, place: usize) {
    world.login(SECOND);
    assert_eq!(
        world.phones[place].core.connection_state(),
        ConnectionState::Aborted
    );
    world.login(place);
}

#[test]
fn a_cancel_repeated_by_a_new_session_is_answered() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_up = true;
    world.cancel(ALICE, &id);
    world.drop(ALICE);
    world.phones[ALICE].hold_up = false;
    // Longer than the grace, so that the session is another.
    world.advance(s(31));
    world.reconnect(ALICE);
    assert_eq!(world.told(BOB), ["remote Received", "remote Canceled"]);
    assert_eq!(
        world.told(ALICE).last().map(String::as_str),
        Some("local Canceled")
    );
    agreed(world);
}

#[test]
fn an_answered_cancel_whose_answer_was_lost_is_told_to_a_new_session() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_down = true;
    world.cancel(ALICE, &id);
    assert_eq!(world.told(BOB), ["remote Received", "remote Canceled"]);
    world.drop(ALICE);
    world.phones[ALICE].hold_down = false;
    world.advance(s(31));
    world.reconnect(ALICE);
    assert_eq!(
        world.told(ALICE).last().map(String::as_str),
        Some("local Canceled")
    );
    agreed(world);
}

#[test]
fn a_refuse_during_another_session_of_the_caller_is_remembered_for_the_first() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "alice"]);
    world.login(ALICE);
    world.login(BOB);
    let id = world.send(ALICE, "bob");
    world.login(SECOND);
    world.refuse(BOB, &id);
    // Bob's client reports what it has seen.
    world.advance(s(11));
    world.told(ALICE);
    world.told(BOB);
    world.login(ALICE);
    assert_eq!(
        world.told(ALICE),
        [
            "connection 2 1",
            "connection 3 2",
            "local Refused Not today"
        ]
    );
    assert_eq!(world.told(BOB), [""; 0]);
    agreed(world);
}

#[test]
fn a_caller_that_takes_its_session_back_goes_on() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "alice"]);
    world.login(ALICE);
    world.login(BOB);
    let id = world.send(ALICE, "bob");
    displace_and_return(&mut world, ALICE);
    world.accept(BOB, &id);
    assert_eq!(world.told(BOB).last().unwrap(), "remote Accepted");
    assert_eq!(
        world.told(ALICE).last().unwrap(),
        "local Accepted On my way"
    );
    agreed(world);
}

#[test]
fn a_device_whose_user_ended_the_invitation_elsewhere_stops_ringing_on_its_return() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "bob"]);
    world.login(ALICE);
    world.login(BOB);
    let id = world.send(ALICE, "bob");
    // So that the server goes on remembering.
    world.drop(ALICE);
    world.login(SECOND);
    assert_eq!(world.refuse(SECOND, &id), CallResult::Ok);
    world.advance(s(11));
    world.login(BOB);
    let state = world.phones[BOB].core.remote(&id).map(|r| r.state);
    assert!(state.is_some_and(|state| state.is_ended()), "{state:?}");
}

#[test]
fn a_connection_that_was_closed_cannot_log_in_again() {
    let mut world = World::of(&["alice", "bob"]);
    let closed = ConnectionId(1);
    world.logout(ALICE);
    assert_eq!(world.server.counts().sessions, 1);
    let login = ClientFrame::Login {
        user: Cow::Borrowed("alice"),
        token: None,
        session: None,
    };
    world.say_over(closed, &login);
    world.advance(s(600));
    assert_eq!(world.server.counts().sessions, 1);
}

#[test]
fn a_frame_that_comes_after_the_logout_calls_nobody_back() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.logout(BOB);
    world.told(BOB);
    let received = ServerFrame::RemoteReceived {
        id: Cow::Borrowed(&id),
        caller: Cow::Borrowed("alice"),
        content: Cow::Borrowed(""),
        channel: Cow::Borrowed(""),
        remaining: s(60),
    };
    world.forge_down(BOB, &received);
    let bye = ServerFrame::Bye {
        reason: ByeReason::RemoteLogin,
    };
    world.forge_down(BOB, &bye);
    assert_eq!(world.told(BOB), [""; 0]);
}

#[test]
fn a_login_that_nobody_answers_while_reconnecting_is_given_up_and_tried_again() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    world.phones[ALICE].hold_up = true;
    world.phones[ALICE].hold_down = true;
    world.reconnect(ALICE);
    let first = world.connection(ALICE);
    world.advance(ms(9_999));
    assert_eq!(world.connection(ALICE), first);
    world.advance(s(2));
    assert_ne!(world.connection(ALICE), first);
    world.phones[ALICE].hold_up = false;
    world.phones[ALICE].hold_down = false;
    world.advance(s(0));
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
}

#[test]
fn a_repeat_refused_for_want_of_a_login_does_not_end_the_invitation() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.told(ALICE);
    let refusal = ServerFrame::decode(
        r#"{"type":"error","code":"not_logged_in","frame":"invite","id":"p0-1"}"#,
    )
    .unwrap();
    world.forge_down(ALICE, &refusal);
    assert_eq!(world.told(ALICE), ["refused not_logged_in"]);
    assert_eq!(world.accept(BOB, &id), CallResult::Ok);
    agreed(world);
}

#[test]
fn a_device_that_was_away_during_a_second_login_does_not_take_the_user_back() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "alice"]);
    world.login(ALICE);
    world.drop(ALICE);
    world.login(SECOND);
    world.advance(s(5));
    world.told(ALICE);
    world.told(SECOND);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 5 8"]);
    assert_eq!(world.told(SECOND), [""; 0]);
    assert_eq!(world.server.counts().sessions, 1);
}

#[test]
fn what_was_acknowledged_does_not_ring_again_on_resume() {
    let mut world = World::of(&["alice", "bob"]);
    world.send(ALICE, "bob");
    world.drop(BOB);
    world.phones[BOB].hold_down = true;
    world.reconnect(BOB);
    let waiting = world.waiting_for(BOB);
    assert!(
        matches!(waiting[..], [ServerFrame::Welcome { .. }]),
        "{waiting:?}"
    );
}

#[test]
fn a_cancel_waits_for_the_ack_of_a_callee_that_resumes() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.drop(BOB);
    world.cancel(ALICE, &id);
    world.told(ALICE);
    world.phones[BOB].hold_down = true;
    world.reconnect(BOB);
    assert_eq!(world.told(ALICE), [""; 0]);
    world.phones[BOB].hold_down = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    agreed(world);
}

#[test]
fn a_cancel_waits_for_the_ack_of_a_callee_that_has_just_logged_in() {
    let mut world = World::of(&["alice", "bob"]);
    world.logout(BOB);
    let id = world.send(ALICE, "bob");
    world.phones[BOB].hold_down = true;
    world.login(BOB);
    world.cancel(ALICE, &id);
    assert_eq!(world.told(ALICE), [""; 0]);
    world.phones[BOB].hold_down = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    assert_eq!(world.told(BOB)[3..], ["remote Received", "remote Canceled"]);
    agreed(world);
}

#[test]
fn a_cancel_does_not_wait_for_a_device_that_another_has_displaced() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "bob"]);
    world.login(ALICE);
    world.login(BOB);
    let id = world.send(ALICE, "bob");
    world.drop(BOB);
    world.cancel(ALICE, &id);
    world.told(ALICE);
    world.phones[SECOND].hold_down = true;
    world.login(SECOND);
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    agreed(world);
}

#[test]
fn a_server_that_drains_lets_go_of_whoever_holds_nothing() {
    let mut world = World::of(&["alice", "bob", "carol"]);
    let id = world.send(ALICE, "bob");
    world.told(ALICE);
    assert_eq!(world.drain(), 1);
    let gone = ["connection 4 5"];
    assert_eq!(world.told(2), gone);
    assert_eq!(world.told(ALICE), [""; 0]);
    assert_eq!(world.accept(BOB, &id), CallResult::Ok);
    assert_eq!(world.told(BOB), ["remote Received", "remote Accepted"]);
    assert_eq!(world.drain(), 0);
    assert_eq!(world.told(BOB), gone);
}

#[test]
fn a_server_that_drains_takes_back_its_own_and_nobody_new() {
    let mut world = World::new(Limits::default(), &["alice", "bob", "carol"]);
    world.login(ALICE);
    world.login(BOB);
    world.send(ALICE, "bob");
    world.drain();
    world.told(ALICE);
    world.drop(ALICE);
    world.phones[ALICE].network = true;
    world.advance(s(1));
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
    world.login(2);
    assert_eq!(world.told(2), ["connection 2 1"]);
    assert_eq!(world.server.counts().sessions, 2);
}
