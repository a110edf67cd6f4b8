//! The bounds of the server and of the client: section 11 of the lifecycle.

use std::borrow::Cow;

use ringcheck_reference::client::CallResult;
use ringcheck_reference::limits::{
    BAD_FRAMES_MAX, CHANNEL_BYTES_MAX, Limits, RINGING_MAX, Rate, TEXT_BYTES_MAX,
};
use ringcheck_reference::server::Core;
use ringcheck_reference::wire::{ClientFrame, ServerFrame};

use crate::world::{World, ms, s};

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;

#[test]
fn a_full_table_refuses_the_next_invitation_and_keeps_the_others() {
    let limits = Limits {
        invitations_max: 2,
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob", "carol"]);
    let kept = world.send(ALICE, "bob");
    world.send(ALICE, "carol");
    world.told(ALICE);
    world.send(ALICE, "bob");
    assert_eq!(
        world.told(ALICE),
        ["local Failure 2", "refused limit_reached"]
    );
    assert_eq!(world.tables(), (2, 2));
    assert_eq!(world.accept(BOB, &kept), CallResult::Ok);
    assert_eq!(world.told(BOB), ["remote Received", "remote Accepted"]);
}

#[test]
fn a_user_may_have_so_many_open_invitations_and_no_more() {
    let limits = Limits {
        outgoing_per_user_max: 1,
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob", "carol"]);
    let first = world.send(ALICE, "bob");
    world.send(ALICE, "carol");
    assert_eq!(
        world.told(ALICE),
        [
            "local ReceivedByPeer",
            "local Failure 2",
            "refused limit_reached"
        ]
    );
    assert_eq!(world.told(CAROL), [""; 0]);
    world.refuse(BOB, &first);
    world.told(ALICE);
    world.send(ALICE, "carol");
    assert_eq!(world.told(ALICE), ["local ReceivedByPeer"]);
}

#[test]
fn a_user_may_be_rung_so_many_times_at_once_and_no_more() {
    let limits = Limits {
        incoming_per_user_max: 1,
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob", "carol"]);
    world.send(ALICE, "bob");
    world.send(CAROL, "bob");
    assert_eq!(
        world.told(CAROL),
        ["local Failure 2", "refused limit_reached"]
    );
    // Somebody who never was there leaves no trace.
    assert_eq!(world.told(BOB), ["remote Received"]);
}

#[test]
fn a_full_house_refuses_the_next_login_and_lets_its_own_back_in() {
    let limits = Limits {
        sessions_max: 1,
        ..Limits::default()
    };
    let mut world = World::new(limits, &["alice", "bob"]);
    world.login(ALICE);
    world.told(ALICE);
    world.login(BOB);
    assert_eq!(
        world.told(BOB),
        ["connection 2 1", "refused limit_reached", "connection 1 3"]
    );
    world.drop(ALICE);
    world.reconnect(ALICE);
    assert_eq!(world.told(ALICE), ["connection 4 5", "connection 3 2"]);
}

#[test]
fn too_many_bad_frames_end_the_connection() {
    let mut world = World::of(&["alice", "bob"]);
    let again = ClientFrame::Login {
        user: Cow::Borrowed("alice"),
        token: None,
        session: None,
    };
    world.forge(ALICE, &again);
    assert_eq!(world.told(ALICE), ["refused already_logged_in"]);
    let connection = world.connection(ALICE).unwrap();
    for _ in 0..BAD_FRAMES_MAX {
        world.bad_frame(connection, "no frame");
    }
    assert_eq!(world.told(ALICE).len(), BAD_FRAMES_MAX as usize);
    world.bad_frame(connection, "no frame");
    assert_eq!(world.told(ALICE), ["refused malformed", "connection 5 7"]);
}

#[test]
fn a_login_that_cannot_be_read_is_refused_like_one_that_cannot_be_granted() {
    let mut world = World::new(Limits::default(), &["alice"]);
    world.phones[ALICE].hold_up = true;
    world.login(ALICE);
    let connection = world.connection(ALICE).unwrap();
    world.bad_frame(connection, r#"{"type":"login","user":"null"}"#);
    assert_eq!(
        world.told(ALICE),
        ["connection 2 1", "refused invalid_user", "connection 1 3"]
    );
}

#[test]
fn a_login_that_cannot_be_read_does_not_end_the_session_there_is() {
    let mut world = World::of(&["alice"]);
    let connection = world.connection(ALICE).unwrap();
    world.bad_frame(connection, r#"{"type":"login","user":"null"}"#);
    assert_eq!(world.told(ALICE), ["refused invalid_user"]);
}

#[test]
fn nothing_but_a_login_is_heard_before_the_login() {
    let mut world = World::new(Limits::default(), &["alice"]);
    world.prompt = false;
    world.login(ALICE);
    world.step(0);
    world.prompt = true;
    let ping = ClientFrame::Ping { seen: 0 };
    let connection = world.connection(ALICE).unwrap();
    world.say_over(ringcheck_reference::server::ConnectionId(connection), &ping);
    world.advance(ms(1));
    assert_eq!(
        world.told(ALICE),
        ["connection 2 1", "refused not_logged_in", "connection 3 2"]
    );
}

#[test]
fn a_connection_without_a_login_is_closed_in_time() {
    let mut world = World::new(Limits::default(), &["alice"]);
    world.phones[ALICE].hold_up = true;
    world.login(ALICE);
    world.advance(s(10));
    assert_eq!(world.told(ALICE), ["connection 2 1", "connection 1 4"]);
    assert_eq!(world.server.counts().sessions, 0);
}

#[test]
fn the_carriers_rate_lets_so_many_messages_through_and_the_rest_later() {
    let limits = Limits {
        rate: Some(Rate::CARRIER),
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob"]);
    for _ in 0..200 {
        world.send(ALICE, "bob");
    }
    let received = |told: Vec<String>| told.iter().filter(|t| *t == "remote Received").count();
    assert_eq!(received(world.told(BOB)), 180);
    world.advance(ms(2_999));
    assert_eq!(received(world.told(BOB)), 0);
    world.advance(ms(1));
    assert_eq!(received(world.told(BOB)), 20);
    assert_eq!(world.tables().0, 200);
    let told = world.told(ALICE);
    assert!(told.iter().all(|t| t == "local ReceivedByPeer"), "{told:?}");
}

#[test]
fn a_refused_message_says_when_to_try_again() {
    let limits = Limits {
        rate: Some(Rate {
            messages: 1,
            window: s(3),
        }),
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob"]);
    world.send(ALICE, "bob");
    world.advance(s(1));
    world.phones[ALICE].hold_down = true;
    world.send(ALICE, "bob");
    let errors: Vec<_> = world
        .waiting_for(ALICE)
        .into_iter()
        .filter_map(|frame| {
            if let ServerFrame::Error(refusal) = frame {
                Some((refusal.code.word(), refusal.retry_after))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(errors, [("rate_limited", Some(s(2)))]);
}

#[test]
fn no_rate_limit_is_in_force_unless_set() {
    let mut world = World::of(&["alice", "bob"]);
    for _ in 0..200 {
        world.send(ALICE, "bob");
    }
    assert_eq!(world.told(BOB).len(), 200);
}

#[test]
fn texts_at_their_limit_pass_and_longer_ones_are_invalid() {
    for (content, channel, expected) in [
        (TEXT_BYTES_MAX, 0, CallResult::Ok),
        (TEXT_BYTES_MAX + 1, 0, CallResult::InvalidArgument),
        (0, CHANNEL_BYTES_MAX, CallResult::Ok),
        (0, CHANNEL_BYTES_MAX + 1, CallResult::InvalidArgument),
    ] {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.phones[ALICE].core.create_local_invitation(
            "bob",
            &"x".repeat(content),
            &"y".repeat(channel),
        );
        assert_eq!(world.send_again(ALICE, &id), expected);
        let rings = usize::from(expected == CallResult::Ok);
        assert_eq!(world.told(BOB).len(), rings);
    }
}

#[test]
fn a_user_id_that_is_not_allowed_is_invalid() {
    let mut world = World::of(&["alice", "bob"]);
    for bad in ["", "null", "b\u{f6}b", "a/b", &"x".repeat(65)] {
        let id = world.phones[ALICE]
            .core
            .create_local_invitation(bad, "", "");
        assert_eq!(world.send_again(ALICE, &id), CallResult::InvalidArgument);
    }
    assert_eq!(world.tables(), (0, 0));
}

#[test]
fn a_client_holds_so_many_ringing_invitations_and_no_more() {
    let mut world = World::of(&["alice", "bob"]);
    world.prompt = false;
    for number in 0..=RINGING_MAX {
        let frame = ServerFrame::RemoteReceived {
            id: Cow::Owned(format!("x-{number}")),
            caller: Cow::Borrowed("alice"),
            content: Cow::Borrowed(""),
            channel: Cow::Borrowed(""),
            remaining: s(60),
        };
        world.forge_down(BOB, &frame);
    }
    assert_eq!(world.told(BOB).len(), RINGING_MAX);
    let last = format!("x-{RINGING_MAX}");
    assert!(world.phones[BOB].core.remote("x-0").is_some());
    assert!(world.phones[BOB].core.remote(&last).is_none());
}

#[test]
fn a_confirmed_end_is_forgotten_and_an_unconfirmed_one_when_its_time_has_passed() {
    let mut world = World::of(&["alice", "bob"]);
    let ids = [world.send(ALICE, "bob"), world.send(ALICE, "bob")];
    for id in &ids {
        world.accept(BOB, id);
    }
    assert_eq!(world.tables(), (0, 2));
    world.advance(s(10));
    assert_eq!(world.tables(), (0, 0));

    let id = world.send(ALICE, "bob");
    world.phones[ALICE].hold_up = true;
    world.refuse(BOB, &id);
    world.drop(ALICE);
    let longest = Limits::default().clocks.longest_life();
    world.advance(longest - ms(1));
    assert_eq!(world.tables(), (0, 1));
    world.advance(ms(1));
    assert_eq!(world.tables(), (0, 0));
}

#[test]
fn sixty_four_frames_are_reported_without_waiting_for_the_heartbeat() {
    let mut world = World::of(&["alice", "bob"]);
    for _ in 0..40 {
        let id = world.send(ALICE, "bob");
        world.refuse(BOB, &id);
    }
    let (open, remembered) = world.tables();
    assert_eq!(open, 0);
    assert!(remembered < 40, "{remembered}");
}

#[test]
fn an_invitation_older_than_every_limit_has_failed() {
    let mut world = World::of(&["alice", "bob"]);
    let frame = ClientFrame::Invite {
        id: Cow::Borrowed("old-1"),
        callee: Cow::Borrowed("bob"),
        content: Cow::Borrowed(""),
        channel: Cow::Borrowed(""),
        age: Limits::default().clocks.longest_life(),
    };
    world.phones[ALICE].hold_down = true;
    world.forge(ALICE, &frame);
    assert_eq!(
        world.waiting_for(ALICE),
        [ServerFrame::LocalFailed {
            id: Cow::Borrowed("old-1"),
            code: 2
        }]
    );
    assert_eq!(world.tables(), (0, 0));
    assert!(Core::CLOCK_BEGIN >= s(3_600));
}

#[test]
fn an_invitation_that_comes_as_its_window_ends_does_not_ring() {
    let mut world = World::of(&["alice", "bob"]);
    let frame = ClientFrame::Invite {
        id: Cow::Borrowed("old-1"),
        callee: Cow::Borrowed("bob"),
        content: Cow::Borrowed(""),
        channel: Cow::Borrowed(""),
        age: Limits::default().clocks.no_ack,
    };
    world.forge(ALICE, &frame);
    assert_eq!(world.told(BOB), [""; 0]);
}

#[test]
fn a_callee_that_came_within_a_short_window_has_time_to_acknowledge() {
    let mut limits = Limits::default();
    limits.clocks.offline_window = s(10);
    let mut world = World::with(limits, &["alice", "bob"]);
    world.logout(BOB);
    world.send(ALICE, "bob");
    world.advance(s(5));
    world.phones[BOB].hold_down = true;
    world.login(BOB);
    world.advance(ms(24_999));
    assert_eq!(world.told(ALICE), [""; 0]);
    world.advance(ms(1));
    assert_eq!(world.told(ALICE), ["local Failure 2"]);
}

#[test]
fn a_callee_whose_ack_is_lost_is_told_of_the_failure_at_once() {
    let limits = Limits {
        heartbeat: s(60),
        ..Limits::default()
    };
    let mut world = World::with(limits, &["alice", "bob"]);
    world.phones[BOB].hold_up = true;
    world.send(ALICE, "bob");
    world.advance(s(30));
    assert_eq!(world.told(ALICE), ["local Failure 2"]);
    assert_eq!(world.told(BOB), ["remote Received", "remote Failure 3"]);
}

#[test]
fn what_waits_keeps_its_clock_among_thousands_that_have_ended() {
    let mut world = World::of(&["alice", "bob", "carol"]);
    world.phones[CAROL].hold_up = true;
    world.send(ALICE, "carol");
    for _ in 0..1_200 {
        let id = world.send(ALICE, "bob");
        world.refuse(BOB, &id);
    }
    world.told(ALICE);
    world.advance(s(30));
    assert_eq!(world.told(ALICE), ["local Failure 2"]);
}

#[test]
fn a_lost_session_keeps_its_grace_among_thousands_that_came_back() {
    let mut world = World::of(&["alice", "bob", "carol", "dave", "erin"]);
    world.drop(ALICE);
    for _ in 0..300 {
        for phone in BOB..=4 {
            world.drop(phone);
        }
        for phone in BOB..=4 {
            world.reconnect(phone);
        }
    }
    assert_eq!(world.server.counts().sessions, 5);
    world.advance(s(30));
    assert_eq!(world.server.counts().sessions, 4);
}

#[test]
fn whoever_has_gone_leaves_no_name_behind() {
    let mut world = World::of(&["alice", "bob"]);
    world.send(ALICE, "bob");
    world.send(ALICE, "carol");
    world.logout(ALICE);
    world.logout(BOB);
    world.advance(s(200));
    let tables = format!("{:?}", world.server);
    for name in ["alice", "bob", "carol"] {
        assert!(!tables.contains(name), "{tables}");
    }
}
