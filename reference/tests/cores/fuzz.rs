//! Arbitrary texts to the decoders and arbitrary frames to the cores: no panic, and tables within their bounds.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ringcheck_reference::client::{self, Device, Event};
use ringcheck_reference::limits::{Limits, Rate};
use ringcheck_reference::server::{self, ConnectionId, Outbox};
use ringcheck_reference::wire::{
    ByeReason, ClientFrame, ErrorCode, Peer, Refusal, ServerFrame, Stands,
};

struct Nobody;

impl Outbox for Nobody {
    fn send(&mut self, _: ConnectionId, frame: &ServerFrame<'_>) {
        assert!(!frame.encode().is_empty());
    }

    fn close(&mut self, _: ConnectionId, reason: ByeReason) {
        assert!(reason.close_code() >= 1000);
    }
}

impl Device for Nobody {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        assert!(!frame.encode().is_empty());
    }

    fn event(&mut self, _: Event) {}

    fn connect(&mut self) {}

    fn disconnect(&mut self) {}
}

fn id() -> impl Strategy<Value = Cow<'static, str>> {
    (0..6_u32).prop_map(|number| Cow::Owned(format!("i-{number}")))
}

fn user() -> impl Strategy<Value = Cow<'static, str>> {
    prop::sample::select(vec!["alice", "bob", "carol"]).prop_map(Cow::Borrowed)
}

fn text() -> impl Strategy<Value = Cow<'static, str>> {
    ".{0,20}".prop_map(Cow::Owned)
}

/// Any time at all, mostly a short one.
fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        8 => (0..100_000_u64).prop_map(Duration::from_millis),
        1 => any::<u64>().prop_map(Duration::from_millis),
    ]
}

fn stands() -> impl Strategy<Value = Stands<'static>> {
    prop_oneof![
        (text(), text(), time(), time()).prop_map(|(content, channel, age, acked)| {
            Stands::Ringing {
                content,
                channel,
                age,
                acked,
            }
        }),
        Just(Stands::Canceling),
        Just(Stands::Accepted),
        text().prop_map(|response| Stands::Refused { response }),
        Just(Stands::Canceled),
        (1..=3_u8).prop_map(Stands::Failed),
    ]
}

fn client_frame() -> impl Strategy<Value = ClientFrame<'static>> {
    let session = prop::option::of((0..4_u32).prop_map(|n| Cow::Owned(format!("secret-{n}"))));
    prop_oneof![
        (user(), prop::option::of(text()), session).prop_map(|(user, token, session)| {
            ClientFrame::Login {
                user,
                token,
                session,
            }
        }),
        Just(ClientFrame::Logout),
        (0..99_u64).prop_map(|seen| ClientFrame::Ping { seen }),
        any::<u64>().prop_map(|seen| ClientFrame::Ping { seen }),
        (id(), user(), text(), text(), time()).prop_map(|(id, callee, content, channel, age)| {
            ClientFrame::Invite {
                id,
                callee,
                content,
                channel,
                age,
            }
        }),
        id().prop_map(|id| ClientFrame::InviteAck { id }),
        id().prop_map(|id| ClientFrame::Cancel { id }),
        id().prop_map(|id| ClientFrame::CancelAck { id }),
        (id(), text()).prop_map(|(id, response)| ClientFrame::Accept { id, response }),
        id().prop_map(|id| ClientFrame::AcceptAck { id }),
        (id(), text()).prop_map(|(id, response)| ClientFrame::Refuse { id, response }),
        (id(), user(), any::<bool>(), stands()).prop_map(|(id, user, calls, stands)| {
            let peer = if calls || stands == Stands::Canceling {
                Peer::Callee(user)
            } else {
                Peer::Caller(user)
            };
            ClientFrame::Recall { id, peer, stands }
        }),
    ]
}

fn server_frame() -> impl Strategy<Value = ServerFrame<'static>> {
    let refusal = (
        prop::sample::select(ErrorCode::ALL.to_vec()),
        text(),
        prop::option::of(prop::sample::select(vec![
            "invite", "cancel", "accept", "refuse", "login", "other",
        ])),
        prop::option::of(id()),
        prop::option::of(time()),
    );
    prop_oneof![
        (text(), any::<bool>(), time(), time()).prop_map(
            |(session, resumed, heartbeat, starting)| {
                ServerFrame::Welcome {
                    session,
                    resumed,
                    heartbeat,
                    clocks: Limits::default().clocks,
                    starting,
                }
            }
        ),
        prop::sample::select(ByeReason::ALL.to_vec())
            .prop_map(|reason| ServerFrame::Bye { reason }),
        Just(ServerFrame::Pong),
        (id(), user(), text(), text(), time()).prop_map(
            |(id, caller, content, channel, remaining)| ServerFrame::RemoteReceived {
                id,
                caller,
                content,
                channel,
                remaining,
            }
        ),
        id().prop_map(|id| ServerFrame::RemoteAccepted { id }),
        id().prop_map(|id| ServerFrame::RemoteRefused { id }),
        id().prop_map(|id| ServerFrame::RemoteCanceled { id }),
        (id(), any::<u8>()).prop_map(|(id, code)| ServerFrame::RemoteFailed { id, code }),
        id().prop_map(|id| ServerFrame::LocalReceived { id }),
        (id(), text()).prop_map(|(id, response)| ServerFrame::LocalAccepted { id, response }),
        (id(), text()).prop_map(|(id, response)| ServerFrame::LocalRefused { id, response }),
        id().prop_map(|id| ServerFrame::LocalCanceled { id }),
        (id(), any::<u8>()).prop_map(|(id, code)| ServerFrame::LocalFailed { id, code }),
        refusal.prop_map(|(code, message, frame, id, retry_after)| {
            ServerFrame::Error(Refusal {
                code,
                message,
                frame: frame.map(Cow::Borrowed),
                id,
                retry_after,
            })
        }),
    ]
}

/// JSON that is nearly a frame.
fn nearly() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "type", "id", "user", "token", "session", "callee", "caller", "content", "channel",
        "response", "age_ms", "seen", "code", "clocks", "reason", "x",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "\"login\"",
            "\"invite\"",
            "\"accept\"",
            "\"welcome\"",
            "\"error\"",
            "\"bye\"",
            "\"local_failed\"",
            "\"a-1\"",
            "\"bob\"",
            "7",
            "-1",
            "1e99",
            "null",
            "[]",
            "{}",
            "true",
            "\"\\ud800\"",
            "99999999999999999999",
        ])
        .prop_map(str::to_owned),
        ".{0,8}".prop_map(|text| format!("{text:?}")),
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|fields| {
        let fields: Vec<String> = fields
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    })
}

/// What can happen to a client.
#[derive(Debug, Clone)]
enum Happening {
    Login,
    Logout,
    Connected,
    Disconnected,
    Send(Cow<'static, str>),
    Cancel(u32),
    Accept(Cow<'static, str>),
    Refuse(Cow<'static, str>),
    Frame(ServerFrame<'static>),
    Pass(Duration),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        1 => Just(Happening::Login),
        1 => Just(Happening::Logout),
        2 => Just(Happening::Connected),
        1 => Just(Happening::Disconnected),
        2 => user().prop_map(Happening::Send),
        1 => (0..6_u32).prop_map(Happening::Cancel),
        1 => id().prop_map(Happening::Accept),
        1 => id().prop_map(Happening::Refuse),
        8 => server_frame().prop_map(Happening::Frame),
        2 => (0..40_000_u64).prop_map(|ms| Happening::Pass(Duration::from_millis(ms))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_makes_a_decoder_panic(text in prop_oneof![any::<String>(), nearly()]) {
        if let Err(refusal) = ClientFrame::decode(&text) {
            let answer = ServerFrame::Error(*refusal).encode();
            prop_assert!(ServerFrame::decode(&answer).is_ok(), "{answer}");
        }
        if let Ok(frame) = ServerFrame::decode(&text) {
            let again = frame.encode();
            prop_assert_eq!(ServerFrame::decode(&again), Ok(frame));
        }
    }

    #[test]
    fn every_frame_of_a_client_survives_the_wire(frame in client_frame()) {
        let text = frame.encode();
        prop_assert_eq!(ClientFrame::decode(&text), Ok(frame));
    }

    #[test]
    fn every_frame_of_the_server_survives_the_wire(frame in server_frame()) {
        let text = frame.encode();
        prop_assert_eq!(ServerFrame::decode(&text), Ok(frame));
    }

    #[test]
    fn no_frames_make_the_server_panic_or_its_tables_overflow(
        steps in prop::collection::vec(
            (0..4_usize, prop::option::weighted(0.8, client_frame()), 0..20_000_u64),
            1..150,
        ),
        rate in prop::option::of(Just(Rate { messages: 3, window: Duration::from_secs(3) })),
    ) {
        let limits = Limits {
            sessions_max: 2,
            invitations_max: 4,
            outgoing_per_user_max: 2,
            incoming_per_user_max: 3,
            rate,
            ..Limits::default()
        };
        let mut core = server::Core::new(limits);
        let mut now = server::Core::CLOCK_BEGIN;
        // A connection's number is never used again; what is not open yet, or not any more, may speak all the same.
        let (mut opened, mut current) = (0, [0; 4]);
        for (turn, (slot, frame, pause)) in steps.iter().enumerate() {
            let connection = ConnectionId(current[*slot]);
            match frame {
                Some(ClientFrame::Login { user, session, .. }) => {
                    let secret: Arc<str> = Arc::from(format!("secret-{}", turn % 4));
                    core.login(now, connection, (user, session.as_deref()), secret, &mut Nobody);
                }
                Some(frame) => core.frame(now, connection, frame, &mut Nobody),
                None if pause % 2 == 0 => core.closed(now, connection),
                None => {
                    opened += 1;
                    current[*slot] = opened;
                    core.opened(now, ConnectionId(opened));
                }
            }
            if pause % 5 == 0 {
                now += Duration::from_millis(*pause);
            }
            let mut turns = 0;
            while core.next_wake().is_some_and(|at| at <= now) {
                core.tick(now, &mut Nobody);
                turns += 1;
                prop_assert!(turns < 100, "it never sleeps");
            }
            let counts = core.counts();
            prop_assert!(counts.sessions <= 2, "{counts:?}");
            prop_assert!(counts.invitations <= 4, "{counts:?}");
            prop_assert!(counts.open_invitations <= counts.invitations, "{counts:?}");
        }
        for connection in 0..=opened {
            core.closed(now, ConnectionId(connection));
        }
        for _ in 0..1_000 {
            let Some(at) = core.next_wake() else { break };
            now = now.max(at);
            core.tick(now, &mut Nobody);
        }
        let counts = core.counts();
        prop_assert_eq!((counts.sessions, counts.invitations), (0, 0));
        prop_assert_eq!(core.next_wake(), None);
    }

    #[test]
    fn no_frames_make_the_client_panic(steps in prop::collection::vec(happening(), 1..100)) {
        // Its ids are those of the frames, so that they hit.
        let mut core = client::Core::new("i");
        let mut now = Duration::ZERO;
        for step in steps {
            let device = &mut Nobody;
            match step {
                Happening::Login => core.login(now, "alice", None, device),
                Happening::Logout => core.logout(device),
                Happening::Connected => core.connected(now, device),
                Happening::Disconnected => core.disconnected(now, device),
                Happening::Send(callee) => {
                    let id = core.create_local_invitation(&callee, "", "");
                    core.send_local_invitation(now, &id, device);
                }
                Happening::Cancel(number) => {
                    core.cancel_local_invitation(now, &format!("i-{number}"), device);
                }
                Happening::Accept(id) => {
                    core.accept_remote_invitation(&id, "", device);
                }
                Happening::Refuse(id) => {
                    core.refuse_remote_invitation(&id, "", device);
                }
                Happening::Frame(frame) => core.frame(now, &frame, device),
                Happening::Pass(time) => now += time,
            }
            let mut turns = 0;
            while core.next_wake().is_some_and(|at| at <= now) {
                core.tick(now, &mut Nobody);
                turns += 1;
                prop_assert!(turns < 100, "it never sleeps");
            }
        }
    }
}
