//! Frames that are repeated, late, foreign, unknown, lost or crossing: sections 2 to 9 of the lifecycle.

use std::borrow::Cow;

use proptest::prelude::*;
use ringcheck_reference::client::CallResult;
use ringcheck_reference::wire::{ClientFrame, ServerFrame};

use crate::agreement::{finish, judge, story};
use crate::world::{World, ms, s};

const ALICE: usize = 0;
const BOB: usize = 1;
const CAROL: usize = 2;

/// The frames about that invitation that a client may say.
fn frames(id: &str) -> Vec<ClientFrame<'_>> {
    let id = Cow::Borrowed(id);
    vec![
        ClientFrame::Invite {
            id: id.clone(),
            callee: Cow::Borrowed("bob"),
            content: Cow::Borrowed("other"),
            channel: Cow::Borrowed(""),
            age: ms(0),
        },
        ClientFrame::InviteAck { id: id.clone() },
        ClientFrame::Cancel { id: id.clone() },
        ClientFrame::CancelAck { id: id.clone() },
        ClientFrame::Accept {
            id: id.clone(),
            response: Cow::Borrowed("other"),
        },
        ClientFrame::AcceptAck { id: id.clone() },
        ClientFrame::Refuse {
            id,
            response: Cow::Borrowed("other"),
        },
    ]
}

/// A world in which an invitation of Alice to Bob has come to that point.
fn at(point: &str) -> (World, String) {
    let mut world = World::of(&["alice", "bob", "carol"]);
    let id = world.send(ALICE, "bob");
    match point {
        "ringing" => {}
        "accepting" => {
            world.phones[ALICE].hold_up = true;
            world.accept(BOB, &id);
        }
        "canceling" => {
            world.phones[BOB].hold_up = true;
            world.cancel(ALICE, &id);
        }
        "accepted" => {
            world.accept(BOB, &id);
        }
        "refused" => {
            world.refuse(BOB, &id);
        }
        "canceled" => {
            world.cancel(ALICE, &id);
        }
        "expired" => world.advance(s(60)),
        other => panic!("no point `{other}`"),
    }
    for phone in 0..3 {
        world.told(phone);
    }
    (world, id.to_string())
}

const POINTS: [&str; 7] = [
    "ringing",
    "accepting",
    "canceling",
    "accepted",
    "refused",
    "canceled",
    "expired",
];

#[test]
fn a_strangers_frames_change_nothing_and_tell_nothing() {
    for point in POINTS {
        let (mut world, id) = at(point);
        let before = world.tables();
        for frame in frames(&id) {
            world.forge(CAROL, &frame);
            let told = world.told(CAROL);
            if matches!(
                frame,
                ClientFrame::CancelAck { .. } | ClientFrame::AcceptAck { .. }
            ) {
                // The refusal of an ack is absorbed by the client.
                assert_eq!(told, [""; 0]);
                continue;
            }
            let expected = if matches!(frame, ClientFrame::Invite { .. }) {
                "refused id_taken"
            } else {
                "refused unknown_invitation"
            };
            assert_eq!(told, [expected], "{point}: {frame:?}");
        }
        assert_eq!(world.tables(), before);
        assert_eq!(world.told(ALICE), [""; 0], "{point}");
        assert_eq!(world.told(BOB), [""; 0], "{point}");
    }
}

#[test]
fn frames_of_the_wrong_side_are_unknown() {
    let (mut world, id) = at("ringing");
    for frame in frames(&id) {
        let callers = matches!(
            frame,
            ClientFrame::Invite { .. } | ClientFrame::Cancel { .. } | ClientFrame::AcceptAck { .. }
        );
        world.forge(if callers { BOB } else { ALICE }, &frame);
    }
    assert!(world.told(ALICE).iter().all(|t| t.starts_with("refused")));
    assert!(world.told(BOB).iter().all(|t| t.starts_with("refused")));
    assert_eq!(world.tables(), (1, 1));
    finish(&mut world);
    assert_eq!(judge(&world), Ok(()), "{}", story(&world));
}

#[test]
fn a_repeated_invite_never_rings_twice_nor_changes_what_was_sent() {
    for point in POINTS {
        let (mut world, id) = at(point);
        for _ in 0..3 {
            world.forge(ALICE, &frames(&id)[0]);
        }
        assert_eq!(world.told(BOB), [""; 0], "{point}");
        assert_eq!(world.told(ALICE), [""; 0], "{point}");
    }
}

#[test]
fn repeats_of_what_a_side_said_are_absorbed() {
    for point in POINTS {
        let (mut world, id) = at(point);
        let repeats: Vec<(usize, usize)> = match point {
            "ringing" => vec![(BOB, 1), (ALICE, 0)],
            "accepting" | "accepted" => vec![(BOB, 1), (BOB, 4), (ALICE, 0)],
            "canceling" | "canceled" => vec![(ALICE, 2), (BOB, 1)],
            "refused" => vec![(BOB, 6), (BOB, 1), (ALICE, 0)],
            _ => vec![(BOB, 1), (ALICE, 0)],
        };
        for (phone, frame) in repeats.repeat(2) {
            world.forge(phone, &frames(&id)[frame]);
        }
        assert_eq!(world.told(ALICE), [""; 0], "{point}");
        assert_eq!(world.told(BOB), [""; 0], "{point}");
        finish(&mut world);
        assert_eq!(judge(&world), Ok(()), "{point}\n{}", story(&world));
    }
}

#[test]
fn late_answers_hear_how_it_ended_and_change_nothing() {
    for point in ["refused", "canceled", "accepted", "expired"] {
        let (mut world, id) = at(point);
        for frame in [1, 4, 6, 3] {
            world.forge(BOB, &frames(&id)[frame]);
        }
        for frame in [2, 5] {
            world.forge(ALICE, &frames(&id)[frame]);
        }
        assert_eq!(world.told(ALICE), [""; 0], "{point}");
        assert_eq!(world.told(BOB), [""; 0], "{point}");
        assert_eq!(world.tables().0, 0);
    }
}

#[test]
fn what_fell_due_before_its_callee_came_does_not_ring_first() {
    let mut world = World::of(&["alice", "bob"]);
    world.prompt = false;
    world.send(ALICE, "bob");
    // The invite is lost with the connection, and said again when its time is over.
    world.drop(ALICE);
    world.drop(BOB);
    world.advance(s(45));
    world.reconnect(ALICE);
    world.reconnect(BOB);
    world.told(ALICE);
    world.told(BOB);
    world.deliver_all();
    assert_eq!(world.told(BOB), ["connection 3 2"]);
    assert_eq!(world.told(ALICE), ["connection 3 2", "local Failure 1"]);
    finish(&mut world);
    assert_eq!(judge(&world), Ok(()), "{}", story(&world));
}

#[test]
fn an_accept_before_the_device_ack_counts_as_the_ack() {
    let mut world = World::of(&["alice", "bob"]);
    world.phones[BOB].hold_down = true;
    let id = world.send(ALICE, "bob");
    world.forge(BOB, &frames(&id)[4]);
    assert_eq!(
        world.told(ALICE),
        ["local ReceivedByPeer", "local Accepted other"]
    );
}

#[test]
fn an_ack_of_an_accept_that_nobody_made_changes_nothing() {
    let (mut world, id) = at("ringing");
    world.forge(ALICE, &frames(&id)[5]);
    world.forge(BOB, &frames(&id)[3]);
    assert_eq!(world.told(BOB), [""; 0]);
    assert_eq!(world.told(ALICE), [""; 0]);
    assert_eq!(world.accept(BOB, &id), CallResult::Ok);
    assert_eq!(world.told(BOB), ["remote Accepted"]);
}

#[test]
fn frames_about_invitations_that_a_client_does_not_hold_call_nobody_back() {
    let mut world = World::of(&["alice"]);
    for json in [
        r#"{"type":"remote_accepted","id":"x-1"}"#,
        r#"{"type":"remote_refused","id":"x-1"}"#,
        r#"{"type":"remote_canceled","id":"x-1"}"#,
        r#"{"type":"remote_failed","id":"x-1","code":3}"#,
        r#"{"type":"local_received","id":"x-1"}"#,
        r#"{"type":"local_accepted","id":"x-1"}"#,
        r#"{"type":"local_refused","id":"x-1"}"#,
        r#"{"type":"local_canceled","id":"x-1"}"#,
        r#"{"type":"local_failed","id":"x-1","code":1}"#,
        r#"{"type":"pong"}"#,
    ] {
        let frame = ServerFrame::decode(json).unwrap();
        world.forge_down(ALICE, &frame);
    }
    assert_eq!(world.told(ALICE), [""; 0]);
}

#[test]
fn accept_and_cancel_that_cross_agree_whichever_comes_first() {
    for caller_first in [true, false] {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.send(ALICE, "bob");
        world.phones[ALICE].hold_up = true;
        world.phones[BOB].hold_up = true;
        assert_eq!(world.cancel(ALICE, &id), CallResult::Ok);
        assert_eq!(world.accept(BOB, &id), CallResult::Ok);
        world.told(ALICE);
        world.told(BOB);
        let (first, second) = if caller_first {
            (ALICE, BOB)
        } else {
            (BOB, ALICE)
        };
        world.phones[first].hold_up = false;
        world.advance(ms(1));
        world.phones[second].hold_up = false;
        world.advance(ms(1));
        let expected = if caller_first {
            ("local Canceled", "remote Canceled")
        } else {
            ("local Accepted On my way", "remote Accepted")
        };
        assert_eq!(world.told(ALICE), [expected.0]);
        assert_eq!(world.told(BOB), [expected.1]);
        finish(&mut world);
        assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    }
}

#[test]
fn refuse_and_cancel_that_cross_agree_whichever_comes_first() {
    for caller_first in [true, false] {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.send(ALICE, "bob");
        world.phones[ALICE].hold_up = true;
        world.phones[BOB].hold_up = true;
        world.cancel(ALICE, &id);
        world.refuse(BOB, &id);
        world.told(ALICE);
        world.told(BOB);
        let (first, second) = if caller_first {
            (ALICE, BOB)
        } else {
            (BOB, ALICE)
        };
        world.phones[first].hold_up = false;
        world.advance(ms(1));
        world.phones[second].hold_up = false;
        world.advance(ms(1));
        let expected = if caller_first {
            ("local Canceled", "remote Canceled")
        } else {
            ("local Refused Not today", "remote Refused")
        };
        assert_eq!(world.told(ALICE), [expected.0]);
        assert_eq!(world.told(BOB), [expected.1]);
    }
}

#[test]
fn an_accept_that_reaches_the_server_at_the_expiry_agrees_either_way() {
    for held_for in [ms(59_999), ms(60_000), ms(60_001)] {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.send(ALICE, "bob");
        world.phones[BOB].hold_up = true;
        world.accept(BOB, &id);
        // Bob's connection falls silent meanwhile; what it says after the resume counts.
        world.advance(held_for);
        world.phones[BOB].hold_up = false;
        world.advance(s(1));
        finish(&mut world);
        assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn held_frames_released_in_any_order_agree(
        held in prop::collection::vec(any::<bool>(), 4),
        acts in prop::sample::subsequence(vec![0, 1, 2, 3], 1..=4).prop_shuffle(),
        releases in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        pause in prop_oneof![Just(0_u64), Just(4_000), Just(6_000), Just(11_000)],
    ) {
        let mut world = World::of(&["alice", "bob"]);
        let id = world.send(ALICE, "bob");
        for phone in [ALICE, BOB] {
            world.phones[phone].hold_up = held[phone];
            world.phones[phone].hold_down = held[2 + phone];
        }
        for act in acts {
            match act {
                0 => { world.cancel(ALICE, &id); }
                1 => { world.accept(BOB, &id); }
                2 => { world.refuse(BOB, &id); }
                _ => { world.send(BOB, "alice"); }
            }
        }
        for release in releases {
            world.advance(ms(pause));
            let phone = &mut world.phones[release % 2];
            if release < 2 { phone.hold_up = false } else { phone.hold_down = false }
        }
        finish(&mut world);
        prop_assert_eq!(judge(&world), Ok(()), "{}", story(&world));
    }
}
