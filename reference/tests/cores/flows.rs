//! The ordinary flows and every clock: sections 2 to 6 of the lifecycle.

use ringcheck_reference::client::CallResult;
use ringcheck_reference::limits::{Anchor, Clocks, Limits};

use crate::agreement::{finish, judge, story};
use crate::world::{World, ms, s};

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;

/// Lets every clock run out; nothing more may be told, and everything must agree.
fn ends_there(mut world: World) {
    for phone in 0..world.phones.len() {
        world.told(phone);
    }
    finish(&mut world);
    for phone in 0..world.phones.len() {
        assert_eq!(world.told(phone), [""; 0], "{}", story(&world));
    }
    assert_eq!(judge(&world), Ok(()), "{}", story(&world));
}

#[test]
fn a_sent_invitation_rings_unchanged_and_the_caller_hears_that_it_does() {
    let mut world = World::of(&["alice", "bob", "carol"]);
    let id = world.send(ALICE, "bob");
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    assert_eq!(world.told(BOB), ["remote Received"]);
    // SEND-5.
    assert_eq!(world.told(CAROL), [""; 0]);
    let received = world.phones[BOB].core.remote(&id).cloned();
    let received = received.map(|it| [it.caller, it.content, it.channel]);
    assert_eq!(
        received,
        Some(["alice".into(), "Shall we?".into(), "room-7".into()])
    );
    assert_eq!(world.send_again(ALICE, &id), CallResult::AlreadySent);
}

#[test]
fn an_unacknowledged_invitation_is_not_said_to_ring() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[BOB].hold_up = true;
    world.send(ALICE, "bob");
    assert_eq!(world.told(BOB), ["remote Received"]);
    assert_eq!(world.told(ALICE), [""; 0]);
    world.phones[BOB].hold_up = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
}

#[test]
fn an_accept_ends_both_sides_with_the_callees_words() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    assert_eq!(world.accept(BOB, &id), CallResult::Ok);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Accepted On my way"]
    );
    assert_eq!(world.told(BOB), ["remote Received", "remote Accepted"]);
    assert_eq!(world.accept(BOB, &id), CallResult::AlreadyEnd);
    assert_eq!(world.refuse(BOB, &id), CallResult::AlreadyEnd);
    assert_eq!(world.cancel(ALICE, &id), CallResult::AlreadyEnd);
    assert_eq!(world.send_again(ALICE, &id), CallResult::AlreadyEnd);
    ends_there(world);
}

#[test]
fn a_refuse_ends_both_sides_without_an_ack_of_the_caller() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_up = true;
    world.phones[ALICE].hold_down = true;
    assert_eq!(world.refuse(BOB, &id), CallResult::Ok);
    assert_eq!(world.told(BOB), ["remote Received", "remote Refused"]);
    world.phones[ALICE].hold_down = false;
    world.advance(ms(1));
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Refused Not today"]
    );
    world.phones[ALICE].hold_up = false;
    ends_there(world);
}

#[test]
fn a_cancel_stops_the_ringing_before_the_caller_is_told() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[BOB].hold_up = true;
    assert_eq!(world.cancel(ALICE, &id), CallResult::Ok);
    assert_eq!(world.told(BOB), ["remote Received", "remote Canceled"]);
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    world.phones[BOB].hold_up = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    assert_eq!(world.cancel(ALICE, &id), CallResult::AlreadyEnd);
    assert_eq!(world.accept(BOB, &id), CallResult::AlreadyEnd);
    ends_there(world);
}

#[test]
fn a_cancel_before_the_device_ack_succeeds_once_the_device_has_stopped() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[BOB].hold_down = true;
    let id = world.send(ALICE, "bob");
    world.cancel(ALICE, &id);
    assert_eq!(world.told(ALICE), [""; 0]);
    world.phones[BOB].hold_down = false;
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    assert_eq!(world.told(BOB), ["remote Received", "remote Canceled"]);
    ends_there(world);
}

#[test]
fn a_cancel_while_the_callee_is_offline_succeeds_at_once_and_never_rings() {
    let mut world = World::of(&["alice", "bob"]);
    world.logout(BOB);
    world.told(BOB);
    let id = world.send(ALICE, "bob");
    world.cancel(ALICE, &id);
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    world.login(BOB);
    assert_eq!(world.told(BOB), ["connection 2 1", "connection 3 2"]);
    ends_there(world);
}

#[test]
fn a_cancel_is_not_held_hostage_by_an_unreachable_callee() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.drop(BOB);
    world.cancel(ALICE, &id);
    world.advance(ms(9_999));
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Canceled"]);
    // CAN-4.
    world.told(BOB);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB), ["connection 3 2", "remote Canceled"]);
    ends_there(world);
}

#[test]
fn a_callee_that_logs_out_during_a_cancel_ends_it_at_once() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[BOB].hold_down = true;
    world.cancel(ALICE, &id);
    world.logout(BOB);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Canceled"]
    );
    ends_there(world);
}

#[test]
fn a_callee_back_within_the_cancel_bound_hears_of_the_cancel_and_ends_it() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.drop(BOB);
    world.cancel(ALICE, &id);
    world.advance(s(3));
    world.told(BOB);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB), ["connection 3 2", "remote Canceled"]);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Canceled"]
    );
    ends_there(world);
}

#[test]
fn the_callee_is_confirmed_only_after_the_callers_device_ack() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_up = true;
    world.accept(BOB, &id);
    assert_eq!(world.accept(BOB, &id), CallResult::AlreadyAccept);
    assert_eq!(world.refuse(BOB, &id), CallResult::AlreadyAccept);
    world.advance(ms(4_999));
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.phones[ALICE].hold_up = false;
    world.advance(ms(0));
    assert_eq!(world.told(BOB), ["remote Accepted"]);
    ends_there(world);
}

#[test]
fn an_accept_without_the_callers_ack_fails_after_five_seconds_and_severs_the_caller() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.told(ALICE);
    world.phones[ALICE].hold_up = true;
    world.accept(BOB, &id);
    world.advance(ms(4_999));
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.advance(ms(1));
    assert_eq!(world.told(BOB), ["remote Failure 2"]);
    // AGR-7: the caller took it, so its connection must not look whole.
    assert_eq!(
        world.told(ALICE),
        ["local Accepted On my way", "connection 4 5"]
    );
    world.phones[ALICE].hold_up = false;
    world.advance(s(1));
    assert_eq!(world.told(ALICE), ["connection 3 2"]);
    ends_there(world);
}

#[test]
fn an_accept_whose_caller_has_no_session_fails_as_local_offline() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.logout(ALICE);
    world.accept(BOB, &id);
    world.advance(ms(4_999));
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.advance(ms(1));
    assert_eq!(world.told(BOB), ["remote Failure 1"]);
    ends_there(world);
}

#[test]
fn a_caller_that_had_not_taken_the_accept_ends_with_failure() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.drop(ALICE);
    world.accept(BOB, &id);
    world.advance(s(5));
    assert_eq!(world.told(BOB), ["remote Received", "remote Failure 2"]);
    world.told(ALICE);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 3 2", "local Failure 3"]);
    ends_there(world);
}

#[test]
fn a_caller_back_within_five_seconds_completes_the_accept() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.drop(ALICE);
    world.accept(BOB, &id);
    world.advance(s(4));
    world.told(ALICE);
    world.reconnect(ALICE);
    assert_eq!(
        world.told(ALICE),
        ["connection 3 2", "local Accepted On my way"]
    );
    assert_eq!(world.told(BOB), ["remote Received", "remote Accepted"]);
    ends_there(world);
}

#[test]
fn an_accept_ack_that_was_lost_with_the_connection_is_said_again() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_up = true;
    world.accept(BOB, &id);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Accepted On my way"]
    );
    world.drop(ALICE);
    world.phones[ALICE].hold_up = false;
    world.reconnect(ALICE);
    assert_eq!(world.told(BOB), ["remote Received", "remote Accepted"]);
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
    ends_there(world);
}

#[test]
fn a_callee_offline_all_the_window_fails_the_invitation_as_remote_offline() {
    let mut world = World::of(&["alice", "bob"]);
    world.logout(BOB);
    world.send(ALICE, "bob");
    world.advance(ms(29_999));
    assert_eq!(world.told(ALICE), [""; 0]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 1"]);
    world.told(BOB);
    world.login(BOB);
    assert_eq!(world.told(BOB), ["connection 2 1", "connection 3 2"]);
    ends_there(world);
}

#[test]
fn a_callee_that_logs_in_within_the_window_hears_it_ring() {
    let mut world = World::of(&["alice", "bob"]);
    world.logout(BOB);
    let id = world.send(ALICE, "bob");
    world.advance(s(29));
    world.told(BOB);
    world.login(BOB);
    assert_eq!(
        world.told(BOB),
        ["connection 2 1", "connection 3 2", "remote Received"]
    );
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    world.advance(s(59));
    world.accept(BOB, &id);
    assert_eq!(world.told(ALICE), ["local Accepted On my way"]);
    ends_there(world);
}

#[test]
fn a_callee_that_never_acknowledges_fails_the_invitation_as_no_response() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[BOB].hold_up = true;
    world.send(ALICE, "bob");
    // So that only the ack is missing, and not every sign of life.
    world.advance(ms(20_000));
    world.advance(ms(9_999));
    assert_eq!(world.told(ALICE), [""; 0]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 2"]);
    world.phones[BOB].hold_up = false;
    world.advance(s(1));
    // FAIL-6: within a second of being reachable.
    let told = world.told(BOB);
    assert!(told.contains(&"remote Failure 3".to_owned()), "{told:?}");
    ends_there(world);
}

#[test]
fn a_callee_in_its_grace_counts_as_online_and_fails_as_no_response() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(BOB);
    world.send(ALICE, "bob");
    world.advance(s(30));
    assert_eq!(world.told(ALICE), ["local Failure 2"]);
    world.told(BOB);
    world.reconnect(BOB);
    assert_eq!(world.told(BOB), ["connection 3 2"]);
    ends_there(world);
}

#[test]
fn an_unanswered_invitation_expires_on_both_sides_sixty_seconds_after_the_ack() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[BOB].hold_up = true;
    world.send(ALICE, "bob");
    world.advance(s(10));
    world.phones[BOB].hold_up = false;
    world.advance(ms(59_999));
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    assert_eq!(world.told(BOB), ["remote Received"]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 3"]);
    assert_eq!(world.told(BOB), ["remote Failure 3"]);
    ends_there(world);
}

#[test]
fn expiry_counted_from_the_send_ends_sixty_seconds_after_the_send() {
    let mut limits = Limits::default();
    limits.clocks.expiry_anchor = Anchor::Send;
    let mut world = World::with(limits, &["alice", "bob"]);
    world.phones[BOB].hold_up = true;
    world.send(ALICE, "bob");
    world.advance(s(10));
    world.phones[BOB].hold_up = false;
    world.advance(ms(49_999));
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 3"]);
}

#[test]
fn the_time_that_is_told_to_remain_is_the_time_that_remains() {
    let mut limits = Limits::default();
    limits.clocks.expiry_anchor = Anchor::Send;
    let mut world = World::with(limits, &["alice", "bob"]);
    world.logout(BOB);
    world.send(ALICE, "bob");
    world.advance(s(20));
    world.prompt = false;
    world.login(BOB);
    // Dial and log in, no further.
    world.step(0);
    world.step(0);
    assert_eq!(world.remaining(BOB), Some(s(40)));
}

#[test]
fn a_fresh_login_during_ringing_rings_again_with_the_remaining_time() {
    let mut world = World::of(&["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    world.advance(s(20));
    world.logout(BOB);
    world.told(BOB);
    world.prompt = false;
    world.login(BOB);
    world.step(0);
    world.step(0);
    assert_eq!(world.remaining(BOB), Some(s(40)));
    world.prompt = true;
    world.advance(ms(39_999));
    assert_eq!(
        world.told(BOB),
        ["connection 2 1", "connection 3 2", "remote Received"]
    );
    world.advance(ms(1));
    assert_eq!(world.told(BOB), ["remote Failure 3"]);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Failure 3"]
    );
    assert_eq!(world.accept(BOB, &id), CallResult::AlreadyEnd);
    ends_there(world);
}

#[test]
fn an_invitation_that_comes_after_its_window_does_not_ring() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    world.send(ALICE, "bob");
    world.advance(s(31));
    world.told(ALICE);
    world.reconnect(ALICE);
    world.advance(s(0));
    assert_eq!(world.told(ALICE), ["connection 3 2", "local Failure 2"]);
    assert_eq!(world.told(BOB), [""; 0]);
    ends_there(world);
}

#[test]
fn a_send_without_a_login_is_admitted_and_fails_by_callback() {
    let mut world = World::new(Limits::default(), &["alice", "bob"]);
    let id = world.send(ALICE, "bob");
    assert_eq!(world.told(ALICE), [""; 0]);
    world.advance(s(1));
    assert_eq!(world.told(ALICE), ["local Failure 4"]);
    assert_eq!(world.send_again(ALICE, &id), CallResult::AlreadyEnd);
    ends_there(world);
}

#[test]
fn inviting_oneself_is_an_ordinary_invitation() {
    for answer in ["accept", "refuse", "cancel"] {
        let mut world = World::of(&["alice"]);
        let id = world.send(ALICE, "alice");
        assert_eq!(
            world.told(ALICE),
            ["remote Received", "local ReceivedByPeer"]
        );
        let result = match answer {
            "accept" => world.accept(ALICE, &id),
            "refuse" => world.refuse(ALICE, &id),
            _ => world.cancel(ALICE, &id),
        };
        assert_eq!(result, CallResult::Ok);
        let expected = match answer {
            "accept" => ["local Accepted On my way", "remote Accepted"],
            "refuse" => ["remote Refused", "local Refused Not today"],
            _ => ["remote Canceled", "local Canceled"],
        };
        assert_eq!(world.told(ALICE), expected);
        ends_there(world);
    }
}

#[test]
fn two_users_inviting_each_other_are_two_invitations() {
    let mut world = World::of(&["alice", "bob"]);
    world.prompt = false;
    let first = world.send(ALICE, "bob");
    let second = world.send(BOB, "alice");
    world.prompt = true;
    world.advance(s(1));
    assert_eq!(world.told(ALICE).len(), 2);
    world.accept(BOB, &first);
    world.refuse(ALICE, &second);
    assert!(world.told(ALICE).contains(&"remote Refused".to_owned()));
    assert!(world.told(BOB).contains(&"remote Accepted".to_owned()));
    ends_there(world);
}

#[test]
fn many_invitations_to_one_callee_are_found_by_their_own_ids() {
    let mut world = World::of(&["alice", "bob"]);
    let ids: Vec<_> = (0..5).map(|_| world.send(ALICE, "bob")).collect();
    world.told(ALICE);
    world.accept(BOB, &ids[3]);
    world.refuse(BOB, &ids[1]);
    world.cancel(ALICE, &ids[4]);
    assert_eq!(
        world.told(ALICE),
        [
            "local Accepted On my way",
            "local Refused Not today",
            "local Canceled"
        ]
    );
    assert_eq!(world.tables().0, 2);
    world.advance(s(60));
    assert_eq!(world.told(ALICE), ["local Failure 3", "local Failure 3"]);
    ends_there(world);
}

#[test]
fn writing_content_after_the_send_changes_nothing_on_the_wire() {
    let mut world = World::of(&["alice", "bob"]);
    world.drop(ALICE);
    let id = world.send(ALICE, "bob");
    world.phones[ALICE].core.set_content(&id, "Never mind");
    world.phones[ALICE].core.set_channel(&id, "room-8");
    world.reconnect(ALICE);
    let remote = world.phones[BOB].core.remote(&id).cloned();
    let remote = remote.map(|remote| (remote.content, remote.channel));
    assert_eq!(remote, Some(("Shall we?".into(), "room-7".into())));
}

#[test]
fn shorter_limits_keep_their_proportions() {
    let limits = Limits {
        clocks: Clocks::default().scaled(0.01),
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob"]);
    world.send(ALICE, "bob");
    world.advance(ms(599));
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 3"]);
    assert_eq!(world.told(BOB), ["remote Received", "remote Failure 3"]);
}
