//! The client core by itself: its limits, what it forgets, and what it says again.

use std::time::Duration;

use ringcheck_reference::client::{
    CallResult, ConnectionState, Core, Device, Event, LocalCallback, LocalFailure, LocalState,
    RemoteState,
};
use ringcheck_reference::limits::{Clocks, TEXT_BYTES_MAX};
use ringcheck_reference::wire::{ClientFrame, ServerFrame};

use crate::world::{ms, s};

/// What the core did: the frames it said, as text, and the events it told.
#[derive(Default)]
struct Hand {
    said: Vec<String>,
    told: Vec<Event>,
}

impl Device for Hand {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        self.said.push(frame.encode());
    }

    fn event(&mut self, event: Event) {
        self.told.push(event);
    }

    fn connect(&mut self) {}

    fn disconnect(&mut self) {}
}

struct Phone {
    core: Core,
    hand: Hand,
}

impl Phone {
    fn logged_in() -> Self {
        let (mut core, mut hand) = (Core::new("p"), Hand::default());
        core.login(s(0), "alice", None, &mut hand);
        let mut phone = Self { core, hand };
        phone.connect(s(0));
        phone
    }

    fn connect(&mut self, now: Duration) {
        self.welcome(now, Duration::ZERO);
    }

    /// Connects to a server that may not have heard of everything for so long.
    fn welcome(&mut self, now: Duration, starting: Duration) {
        self.core.connected(now, &mut self.hand);
        let welcome = ServerFrame::Welcome {
            session: "s".into(),
            resumed: true,
            heartbeat: s(10),
            clocks: Clocks::default(),
            starting,
        };
        self.hear(now, &welcome);
    }

    fn hear(&mut self, now: Duration, frame: &ServerFrame<'_>) {
        self.core.frame(now, frame, &mut self.hand);
    }

    fn rung(&mut self, id: &str) {
        let ring = ServerFrame::RemoteReceived {
            id: id.into(),
            caller: "bob".into(),
            content: "".into(),
            channel: "".into(),
            remaining: s(60),
        };
        self.hear(s(0), &ring);
    }

    /// What was said since the last time.
    fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.hand.said)
    }
}

#[test]
fn what_is_written_before_the_send_is_what_is_sent() {
    let mut phone = Phone::logged_in();
    let id = phone.core.create_local_invitation("bob", "first", "room-1");
    phone.core.set_content(&id, "second");
    phone.core.set_channel(&id, "room-2");
    phone.said();
    let result = phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
    assert_eq!(result, CallResult::Ok);
    let said = phone.said().concat();
    assert!(said.contains("second") && said.contains("room-2"), "{said}");
}

#[test]
fn a_response_at_its_limit_is_taken_and_one_byte_more_changes_nothing() {
    let mut phone = Phone::logged_in();
    phone.rung("b-1");
    phone.said();
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    for _ in 0..2 {
        let result = phone
            .core
            .accept_remote_invitation("b-1", &long, &mut phone.hand);
        assert_eq!(result, CallResult::InvalidArgument);
        let state = phone.core.remote("b-1").map(|remote| remote.state);
        assert_eq!(state, Some(RemoteState::InvitationReceived));
    }
    assert_eq!(phone.said(), Vec::<String>::new());
    let longest = &long[1..];
    let result = phone
        .core
        .accept_remote_invitation("b-1", longest, &mut phone.hand);
    assert_eq!(result, CallResult::Ok);
    assert!(phone.said().concat().contains(longest));
}

#[test]
fn a_refuse_stands_while_it_is_undecided() {
    let mut phone = Phone::logged_in();
    phone.rung("b-1");
    let (core, hand) = (&mut phone.core, &mut phone.hand);
    assert_eq!(
        core.refuse_remote_invitation("b-1", "no", hand),
        CallResult::Ok
    );
    assert_eq!(
        core.accept_remote_invitation("b-1", "yes", hand),
        CallResult::AlreadyEnd
    );
    assert_eq!(
        core.refuse_remote_invitation("b-1", "no", hand),
        CallResult::AlreadyEnd
    );
}

#[test]
fn without_a_session_nothing_is_cancelled_or_answered() {
    let mut phone = Phone::logged_in();
    phone.rung("b-1");
    let id = phone.core.create_local_invitation("bob", "", "");
    phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
    let kicked = ServerFrame::Bye {
        reason: ringcheck_reference::wire::ByeReason::RemoteLogin,
    };
    phone.hear(s(1), &kicked);
    phone.said();
    let (core, hand) = (&mut phone.core, &mut phone.hand);
    assert_eq!(
        core.cancel_local_invitation(s(1), &id, hand),
        CallResult::NotStarted
    );
    assert_eq!(
        core.accept_remote_invitation("b-1", "", hand),
        CallResult::NotStarted
    );
    assert_eq!(
        core.refuse_remote_invitation("b-1", "", hand),
        CallResult::NotStarted
    );
    assert_eq!(phone.said(), Vec::<String>::new());
}

#[test]
fn only_what_was_never_sent_can_be_discarded() {
    let mut phone = Phone::logged_in();
    let idle = phone.core.create_local_invitation("bob", "", "");
    let sent = phone.core.create_local_invitation("bob", "", "");
    phone
        .core
        .send_local_invitation(s(0), &sent, &mut phone.hand);
    phone.core.discard(&idle);
    phone.core.discard(&sent);
    assert!(phone.core.local(&idle).is_none());
    assert!(phone.core.local(&sent).is_some());
}

#[test]
fn the_latest_thousand_ended_invitations_are_remembered_and_no_more() {
    let mut phone = Phone::logged_in();
    let ids: Vec<_> = (0..1025)
        .map(|_| {
            let id = phone.core.create_local_invitation("bob", "", "");
            phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
            let refused = ServerFrame::LocalRefused {
                id: (&*id).into(),
                response: "".into(),
            };
            phone.hear(s(0), &refused);
            id
        })
        .collect();
    assert!(phone.core.local(&ids[0]).is_none());
    let state = phone.core.local(&ids[1]).map(|local| local.state);
    assert_eq!(state, Some(LocalState::RefusedByRemote));
    for number in 0..1025 {
        let id = format!("b-{number}");
        phone.rung(&id);
        phone.hear(
            s(0),
            &ServerFrame::RemoteCanceled {
                id: id.as_str().into(),
            },
        );
    }
    assert!(phone.core.remote("b-0").is_none());
    let state = phone.core.remote("b-1").map(|remote| remote.state);
    assert_eq!(state, Some(RemoteState::Canceled));
}

#[test]
fn an_ack_of_an_accept_is_said_again_for_as_long_as_somebody_waits_for_it() {
    for (back, again) in [(ms(4_999), 2), (ms(5_000), 0)] {
        let mut phone = Phone::logged_in();
        for _ in 0..2 {
            let id = phone.core.create_local_invitation("bob", "", "");
            phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
            let accepted = ServerFrame::LocalAccepted {
                id: (&*id).into(),
                response: "".into(),
            };
            phone.hear(s(0), &accepted);
            assert!(phone.said().concat().contains("accept_ack"));
        }
        phone.core.disconnected(ms(10), &mut phone.hand);
        phone.connect(back);
        let acks = phone.said().concat().matches("accept_ack").count();
        assert_eq!(acks, again, "{back:?}");
    }
}

#[test]
fn a_ring_that_is_repeated_is_acknowledged_only_while_it_rings() {
    let mut phone = Phone::logged_in();
    phone.rung("b-1");
    phone.said();
    phone.rung("b-1");
    assert!(phone.said().concat().contains("invite_ack"));
    phone.hear(s(0), &ServerFrame::RemoteCanceled { id: "b-1".into() });
    phone.said();
    phone.rung("b-1");
    assert_eq!(phone.said(), Vec::<String>::new());
}

#[test]
fn every_failure_of_the_caller_is_told_by_its_code() {
    for (code, failure) in [
        (1, LocalFailure::RemoteOffline),
        (2, LocalFailure::RemoteNoResponse),
        (3, LocalFailure::Expire),
        (4, LocalFailure::NotLoggedIn),
        (9, LocalFailure::Expire),
    ] {
        let mut phone = Phone::logged_in();
        let id = phone.core.create_local_invitation("bob", "", "");
        phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
        phone.hear(
            s(0),
            &ServerFrame::LocalFailed {
                id: (&*id).into(),
                code,
            },
        );
        let told = phone.hand.told.last();
        let Some(Event::Local { callback, .. }) = told else {
            panic!("expected a failure, got {told:?}");
        };
        assert_eq!(*callback, LocalCallback::Failure(failure));
    }
}

#[test]
fn what_the_callee_had_can_only_have_expired() {
    let mut phone = Phone::logged_in();
    let id = phone.core.create_local_invitation("bob", "", "");
    phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
    phone.hear(s(0), &ServerFrame::LocalReceived { id: (&*id).into() });
    let failed = ServerFrame::LocalFailed {
        id: (&*id).into(),
        code: 2,
    };
    phone.hear(s(200), &failed);
    let told = phone.hand.told.last();
    let expire = LocalCallback::Failure(LocalFailure::Expire);
    assert!(
        matches!(told, Some(Event::Local { callback, .. }) if *callback == expire),
        "{told:?}"
    );
}

#[test]
fn the_clocks_are_those_that_the_server_told() {
    let mut core = Core::new("p");
    assert_eq!(core.clocks(), None);
    let mut hand = Hand::default();
    core.login(s(0), "alice", None, &mut hand);
    let mut phone = Phone { core, hand };
    phone.core.connected(s(0), &mut phone.hand);
    let clocks = Clocks::default().scaled(0.5);
    let welcome = ServerFrame::Welcome {
        session: "s".into(),
        resumed: false,
        heartbeat: s(10),
        clocks,
        starting: Duration::ZERO,
    };
    phone.hear(s(0), &welcome);
    assert_eq!(phone.core.clocks(), Some(clocks));
}

#[test]
fn how_a_users_invitations_ended_is_recalled_for_that_user_alone() {
    for (user, recalled) in [("alice", true), ("carol", false)] {
        let mut phone = Phone::logged_in();
        phone.rung("b-1");
        phone.hear(s(1), &ServerFrame::RemoteCanceled { id: "b-1".into() });
        phone.core.logout(&mut phone.hand);
        phone.core.login(s(2), user, None, &mut phone.hand);
        phone.welcome(s(3), Clocks::default().longest_life());
        let said = phone.said().concat();
        assert_eq!(said.contains("recall"), recalled, "{user}: {said}");
    }
}

#[test]
fn only_a_log_in_fails_at_once_where_no_connection_can_be_made() {
    let (mut core, mut hand) = (Core::new("p"), Hand::default());
    core.login(s(0), "alice", None, &mut hand);
    core.shut_out(s(1), &mut hand);
    assert_eq!(core.connection_state(), ConnectionState::Disconnected);

    let mut phone = Phone::logged_in();
    phone.core.disconnected(s(1), &mut phone.hand);
    phone.core.shut_out(s(2), &mut phone.hand);
    let state = phone.core.connection_state();
    assert_eq!(state, ConnectionState::Reconnecting);
    assert!(phone.core.next_wake().is_some());
}

#[test]
fn a_new_token_is_said_at_once_and_at_the_next_log_in() {
    let mut phone = Phone::logged_in();
    phone.said();
    phone.core.renew_token("new", &mut phone.hand);
    assert!(phone.said().concat().contains("renew"));
    phone.core.disconnected(s(1), &mut phone.hand);
    phone.core.renew_token("newer", &mut phone.hand);
    assert_eq!(phone.said(), Vec::<String>::new());
    phone.connect(s(2));
    assert!(phone.said().concat().contains("newer"));
}

#[test]
fn an_answer_that_was_one_too_many_is_said_again_once() {
    let mut phone = Phone::logged_in();
    phone.rung("b-1");
    let (core, hand) = (&mut phone.core, &mut phone.hand);
    core.accept_remote_invitation("b-1", "yes", hand);
    let refusal = ServerFrame::decode(
        r#"{"type":"error","code":"rate_limited","frame":"accept","id":"b-1","retry_after_ms":2000}"#,
    )
    .expect("it is a frame");
    phone.hear(s(1), &refusal);
    phone.hear(s(2), &refusal);
    phone.said();
    phone.core.tick(s(3), &mut phone.hand);
    phone.core.tick(s(4), &mut phone.hand);
    assert_eq!(phone.said().concat().matches("yes").count(), 1);
}

/// An error of the server, as a phone hears it.
fn refused(code: &str, frame: &str, id: &str) -> ServerFrame<'static> {
    let text = format!(r#"{{"type":"error","code":"{code}","frame":"{frame}","id":"{id}"}}"#);
    let frame = ServerFrame::decode(&text).expect("it is a frame");
    crate::owned::server_frame(&frame)
}

#[test]
fn what_a_server_does_not_hold_any_more_ends_as_it_must_have() {
    let mut phone = Phone::logged_in();
    let id = phone.core.create_local_invitation("bob", "", "");
    phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
    phone
        .core
        .cancel_local_invitation(s(0), &id, &mut phone.hand);
    phone.hear(s(1), &refused("unknown_invitation", "cancel", &id));
    let state = phone.core.local(&id).map(|local| local.state);
    assert_eq!(state, Some(LocalState::Canceled));
    for frame in ["invite_ack", "accept", "refuse"] {
        phone.rung(frame);
        phone.hear(s(1), &refused("unknown_invitation", frame, frame));
        let state = phone.core.remote(frame).map(|remote| remote.state);
        assert_eq!(state, Some(RemoteState::Failure), "{frame}");
    }
}

#[test]
fn what_a_draining_server_does_not_take_is_said_to_the_next() {
    let mut phone = Phone::logged_in();
    let id = phone.core.create_local_invitation("bob", "", "");
    phone.core.send_local_invitation(s(0), &id, &mut phone.hand);
    phone.hear(s(1), &refused("draining", "invite", &id));
    let state = phone.core.local(&id).map(|local| local.state);
    assert_eq!(state, Some(LocalState::SentToRemote));
    phone.core.disconnected(s(2), &mut phone.hand);
    phone.said();
    phone.connect(s(3));
    assert!(phone.said().concat().contains(r#""type":"invite""#));
}

#[test]
fn what_was_never_sent_does_not_end() {
    let mut phone = Phone::logged_in();
    let id = phone.core.create_local_invitation("bob", "", "");
    let told = phone.hand.told.len();
    phone.hear(s(1), &ServerFrame::LocalCanceled { id: (&*id).into() });
    assert_eq!(phone.hand.told.len(), told);
}

#[test]
fn a_log_in_while_there_is_a_session_does_nothing() {
    let mut phone = Phone::logged_in();
    let told = phone.hand.told.len();
    phone.core.login(s(1), "carol", None, &mut phone.hand);
    assert_eq!(phone.core.user(), "alice");
    assert_eq!(phone.hand.told.len(), told);
}

#[test]
fn the_pauses_between_attempts_double_up_to_their_longest() {
    let mut phone = Phone::logged_in();
    let mut pause = || {
        phone.core.disconnected(s(0), &mut phone.hand);
        let again = phone.core.next_wake().expect("it tries again");
        again.as_micros()
    };
    let first = pause();
    assert_eq!(pause(), first * 2);
    assert_eq!(pause(), first * 4);
    for _ in 0..20 {
        pause();
    }
    assert_eq!(pause(), first * 100);
}

#[test]
fn what_ended_before_the_server_began_is_recalled_and_nothing_else() {
    // One that is starting for 50 s more at 100 s began at 55 s.
    for (ended, starting, recalls) in [(54, 50, 2), (55, 50, 0), (54, 0, 0)] {
        let mut phone = Phone::logged_in();
        for id in ["b-1", "b-2"] {
            phone.rung(id);
            phone.hear(s(ended), &ServerFrame::RemoteCanceled { id: id.into() });
        }
        phone.core.disconnected(s(99), &mut phone.hand);
        phone.said();
        phone.welcome(s(100), s(starting));
        let said = phone.said().concat();
        assert_eq!(said.matches("recall").count(), recalls, "{said}");
    }
}

#[test]
fn nothing_but_the_log_in_is_said_before_the_welcome() {
    let mut phone = Phone::logged_in();
    phone.core.disconnected(s(1), &mut phone.hand);
    phone.core.connected(s(2), &mut phone.hand);
    phone.said();
    let id = phone.core.create_local_invitation("bob", "", "");
    let result = phone.core.send_local_invitation(s(2), &id, &mut phone.hand);
    assert_eq!(result, CallResult::Ok);
    assert_eq!(phone.said(), Vec::<String>::new());
}

#[test]
fn a_quiet_client_is_heard_with_every_heartbeat_and_not_before() {
    let mut phone = Phone::logged_in();
    phone.said();
    phone.core.tick(ms(9_999), &mut phone.hand);
    assert_eq!(phone.said(), Vec::<String>::new());
    phone.core.tick(s(10), &mut phone.hand);
    assert!(phone.said().concat().contains("ping"));
}
