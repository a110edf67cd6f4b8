//! Texts near the examples of `PROTOCOL.md` to the decoders and the cores: a defined answer, tables within their bounds,
//! and nothing left over.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use ringcheck_reference::client::{self, Device, Event};
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::{self, ConnectionId, Outbox};
use ringcheck_reference::wire::{ByeReason, ClientFrame, ServerFrame};

use crate::fuzzing::{Input, fuzz, near};
use crate::protocol::frames_of;

/// What means something in a frame.
const WORDS: [&str; 40] = [
    "\"type\":\"login\"",
    "\"type\":\"logout\"",
    "\"type\":\"invite\"",
    "\"type\":\"invite_ack\"",
    "\"type\":\"cancel\"",
    "\"type\":\"cancel_ack\"",
    "\"type\":\"accept\"",
    "\"type\":\"accept_ack\"",
    "\"type\":\"refuse\"",
    "\"type\":\"recall\"",
    "\"type\":\"welcome\"",
    "\"type\":\"bye\"",
    "\"type\":\"remote_received\"",
    "\"type\":\"local_accepted\"",
    "\"type\":\"error\"",
    "\"id\":\"a1-1\"",
    "\"id\":\"a1-2\"",
    "\"user\":\"alice\"",
    "\"callee\":\"bob\"",
    "\"caller\":\"alice\"",
    "\"alice\"",
    "\"bob\"",
    "\"carol\"",
    "\"age_ms\":",
    "\"seen\":",
    "\"retry_after_ms\":",
    "\"code\":",
    "null",
    "true",
    "-1",
    "0",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "\\u0000",
    "\\ud800",
    "\u{ffff}",
    ",",
    "{",
    "}",
];

#[test]
fn a_text_near_a_frame_is_a_frame_or_refused() {
    let corpus = [frames_of("client"), frames_of("server")].concat();
    fuzz(
        "frame decoder",
        512,
        &near(corpus, &WORDS),
        |Input(bytes)| {
            let text = String::from_utf8_lossy(&bytes);
            match ClientFrame::decode(&text) {
                Ok(frame) => {
                    let again = frame.encode();
                    prop_assert_eq!(ClientFrame::decode(&again), Ok(frame));
                }
                Err(refusal) => {
                    let answer = ServerFrame::Error(*refusal).encode();
                    prop_assert!(ServerFrame::decode(&answer).is_ok(), "{}", answer);
                    prop_assert!(answer.len() < 2048, "{}", answer);
                }
            }
            if let Ok(frame) = ServerFrame::decode(&text) {
                let again = frame.encode();
                prop_assert_eq!(ServerFrame::decode(&again), Ok(frame));
            }
            Ok(())
        },
    );
}

/// Frames to the server that are counted and read.
#[derive(Default)]
struct Heard {
    frames: usize,
}

impl Outbox for Heard {
    fn send(&mut self, _: ConnectionId, frame: &ServerFrame<'_>) {
        self.frames += 1;
        let text = frame.encode();
        assert!(ServerFrame::decode(&text).is_ok(), "{text}");
    }

    fn close(&mut self, _: ConnectionId, reason: ByeReason) {
        assert!(reason.close_code() >= 1000);
    }
}

/// Who is logged in, each over the connection of its place.
const USERS: [&str; 3] = ["alice", "bob", "carol"];

/// Something that happens to the server.
#[derive(Debug, Clone)]
enum Deed {
    /// A text over the connection of that place.
    Says(usize, Input),
    /// The connection is lost, and another takes its place over which the user logs in.
    Returns(usize),
    /// Time goes by.
    Passes(u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    let place = || 0..USERS.len();
    prop_oneof![
        12 => (place(), near(frames_of("client"), &WORDS)).prop_map(|(at, text)| Deed::Says(at, text)),
        1 => place().prop_map(Deed::Returns),
        2 => (0..20_000_u64).prop_map(Deed::Passes),
    ]
}

/// A server core as its driver drives it.
struct Stage {
    core: server::Core,
    now: Duration,
    opened: u64,
    current: [u64; USERS.len()],
}

impl Stage {
    fn new() -> Self {
        let limits = Limits {
            sessions_max: 4,
            invitations_max: 8,
            outgoing_per_user_max: 4,
            incoming_per_user_max: 4,
            ..Limits::default()
        };
        let mut stage = Self {
            core: server::Core::new(limits),
            now: server::Core::CLOCK_BEGIN,
            opened: 0,
            current: [0; USERS.len()],
        };
        for place in 0..USERS.len() {
            stage.returns(place, &mut Heard::default());
        }
        stage
    }

    fn returns(&mut self, place: usize, out: &mut Heard) {
        self.core
            .closed(self.now, ConnectionId(self.current[place]));
        self.opened += 1;
        self.current[place] = self.opened;
        let connection = ConnectionId(self.opened);
        self.core.opened(self.now, connection);
        let secret = format!("secret-{}", self.opened);
        let names = (USERS[place], None);
        self.core
            .login(self.now, connection, names, secret.into(), out);
    }

    fn says(&mut self, place: usize, text: &[u8], out: &mut Heard) {
        let connection = ConnectionId(self.current[place]);
        let text = String::from_utf8_lossy(text);
        match ClientFrame::decode(&text) {
            Ok(ClientFrame::Login { user, session, .. }) => {
                let names = (&*user, session.as_deref());
                self.core
                    .login(self.now, connection, names, Arc::from("another"), out);
            }
            Ok(frame) => self.core.frame(self.now, connection, &frame, out),
            Err(refusal) => self.core.bad_frame(connection, &refusal, out),
        }
    }

    fn does(&mut self, deed: &Deed) -> TestCaseResult {
        let mut out = Heard::default();
        match deed {
            Deed::Says(place, text) => self.says(*place, &text.0, &mut out),
            Deed::Returns(place) => self.returns(*place, &mut out),
            Deed::Passes(ms) => self.now += Duration::from_millis(*ms),
        }
        // All that the tables hold, told to both sides, and a few words more.
        prop_assert!(out.frames <= 32, "{} frames at once", out.frames);
        let mut turns = 0;
        while self.core.next_wake().is_some_and(|at| at <= self.now) {
            self.core.tick(self.now, &mut out);
            turns += 1;
            prop_assert!(turns < 100, "it never sleeps");
        }
        let counts = self.core.counts();
        prop_assert!(counts.sessions <= 4, "{:?}", counts);
        prop_assert!(counts.invitations <= 8, "{:?}", counts);
        Ok(())
    }

    /// Everybody leaves, and the longest limit passes.
    fn ends(mut self) -> TestCaseResult {
        for connection in 0..=self.opened {
            self.core.closed(self.now, ConnectionId(connection));
        }
        for _ in 0..1_000 {
            let Some(at) = self.core.next_wake() else {
                break;
            };
            self.now = self.now.max(at);
            self.core.tick(self.now, &mut Heard::default());
        }
        prop_assert_eq!(self.core.next_wake(), None);
        let counts = self.core.counts();
        prop_assert_eq!((counts.sessions, counts.invitations), (0, 0));
        // Whatever a table holds is drawn, so that one that keeps something is longer.
        let (fresh, left) = (Self::emptied(), format!("{:?}", self.core));
        prop_assert!(left.len() <= fresh.len() + 400, "left over: {}", left);
        Ok(())
    }

    /// A server from which everybody has gone, drawn.
    fn emptied() -> String {
        format!("{:?}", server::Core::new(Limits::default()))
    }
}

#[test]
fn texts_near_frames_leave_nothing_in_the_servers_tables() {
    let deeds = prop::collection::vec(deed(), 1..60);
    fuzz("server core", 100, &deeds, |deeds| {
        let mut stage = Stage::new();
        for deed in &deeds {
            stage.does(deed)?;
        }
        stage.ends()
    });
}

/// A client's device that reads what is said with it.
struct Said;

impl Device for Said {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        let text = frame.encode();
        // What a hostile server names may be no id, which is not the client's to judge.
        assert!(text.starts_with('{'), "{text}");
    }

    fn event(&mut self, _: Event) {}

    fn connect(&mut self) {}

    fn disconnect(&mut self) {}
}

/// Something that happens to a client.
#[derive(Debug, Clone)]
enum Turn {
    Hears(Input),
    Returns,
    Passes(u64),
    Sends,
    Cancels(Index),
    Answers(Index, bool),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        12 => near(frames_of("server"), &WORDS).prop_map(Turn::Hears),
        1 => Just(Turn::Returns),
        2 => (0..20_000_u64).prop_map(Turn::Passes),
        1 => Just(Turn::Sends),
        1 => any::<Index>().prop_map(Turn::Cancels),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(at, accepts)| Turn::Answers(at, accepts)),
    ]
}

/// A client core as its driver drives it.
struct Phone {
    core: client::Core,
    now: Duration,
}

impl Phone {
    /// Its ids are those of the examples, so that they hit.
    fn new() -> Self {
        let mut phone = Self {
            core: client::Core::new("a1").remembering(4),
            now: Duration::ZERO,
        };
        phone.core.login(phone.now, "alice", None, &mut Said);
        phone.core.connected(phone.now, &mut Said);
        phone
    }

    fn takes(&mut self, turn: &Turn) -> TestCaseResult {
        let id = |at: Index| ["a1-1", "a1-2", "a1-3"][at.index(3)];
        match turn {
            Turn::Hears(text) => {
                let text = String::from_utf8_lossy(&text.0);
                if let Ok(frame) = ServerFrame::decode(&text) {
                    self.core.frame(self.now, &frame, &mut Said);
                }
            }
            Turn::Returns => {
                self.core.disconnected(self.now, &mut Said);
                self.core.login(self.now, "alice", None, &mut Said);
                self.core.connected(self.now, &mut Said);
            }
            Turn::Passes(ms) => self.now += Duration::from_millis(*ms),
            Turn::Sends => {
                let id = self.core.create_local_invitation("bob", "", "");
                self.core.send_local_invitation(self.now, &id, &mut Said);
            }
            Turn::Cancels(at) => {
                self.core
                    .cancel_local_invitation(self.now, id(*at), &mut Said);
            }
            Turn::Answers(at, true) => {
                self.core.accept_remote_invitation(id(*at), "", &mut Said);
            }
            Turn::Answers(at, false) => {
                self.core.refuse_remote_invitation(id(*at), "", &mut Said);
            }
        }
        let mut turns = 0;
        while self.core.next_wake().is_some_and(|at| at <= self.now) {
            self.core.tick(self.now, &mut Said);
            turns += 1;
            prop_assert!(turns < 100, "it never sleeps");
        }
        Ok(())
    }

    /// How much it holds: whatever a table has is drawn.
    fn size(&self) -> usize {
        format!("{:?}", self.core).len()
    }
}

#[test]
fn texts_near_frames_do_not_let_a_client_grow() {
    let turns = prop::collection::vec(turn(), 1..60);
    fuzz("client core", 100, &turns, |turns| {
        let mut phone = Phone::new();
        let mut settled = 0;
        for round in 0..6 {
            // What its own user begins may stay open; what a server says again may not.
            let again = |turn: &&Turn| round == 0 || !matches!(turn, Turn::Sends);
            for turn in turns.iter().filter(again) {
                phone.takes(turn)?;
            }
            if round == 2 {
                settled = phone.size();
            }
        }
        let size = phone.size();
        prop_assert!(
            size <= settled + settled / 4 + 400,
            "{} bytes, and {} later",
            settled,
            size
        );
        Ok(())
    });
}
