//! Every short sequence of acts of two users, and long random ones, through the reference's cores under a made-up clock, judged by the checker.

use std::collections::HashMap;

use proptest::prelude::*;
use ringcheck::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode,
    Header, History, Order, Passed, Payload, UserId,
};
use ringcheck::lifecycle::{FindingKind, judge};
use ringcheck_reference::client::{
    CallResult, Event as Told, InvitationId, LocalCallback, RemoteCallback,
};
use ringcheck_reference::limits::Limits;

use crate::world::{Entry, What, World, s};

const CALLER: usize = 0;
const CALLEE: usize = 1;
const USERS: [&str; 2] = ["alice", "bob"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Send,
    Again,
    Cancel,
    Accept,
    Refuse,
    Drop(usize),
    Reconnect(usize),
    NextLimit,
    /// One frame travels, chosen by a number.
    Step(usize),
    /// All frames travel, then so many milliseconds pass.
    Pass(u64),
}

const ACTS: [Act; 10] = [
    Act::Send,
    Act::Again,
    Act::Cancel,
    Act::Accept,
    Act::Refuse,
    Act::Drop(CALLER),
    Act::Drop(CALLEE),
    Act::Reconnect(CALLER),
    Act::Reconnect(CALLEE),
    Act::NextLimit,
];

/// Does the act. Whether it could be done at all.
fn does(world: &mut World, call: &mut Option<InvitationId>, act: Act) -> bool {
    match (act, call.clone()) {
        (Act::Send, None) => *call = Some(world.send(CALLER, USERS[CALLEE])),
        (Act::Send, Some(_)) | (Act::Again | Act::Cancel | Act::Accept | Act::Refuse, None) => {
            return false;
        }
        (Act::Again, Some(id)) => drop(world.send_again(CALLER, &id) as u8),
        (Act::Cancel, Some(id)) => drop(world.cancel(CALLER, &id) as u8),
        (Act::Accept, Some(id)) => drop(world.accept(CALLEE, &id) as u8),
        (Act::Refuse, Some(id)) => drop(world.refuse(CALLEE, &id) as u8),
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
        (Act::NextLimit, _) => promptly(world, World::advance_to_next_limit),
        (Act::Step(choice), _) => return world.step(choice),
        (Act::Pass(ms), _) => promptly(world, |world| {
            world.advance(std::time::Duration::from_millis(ms));
        }),
    }
    true
}

/// Lets time pass in a network that delays nothing: what is late is late by the cores' doing.
fn promptly(world: &mut World, pass: impl FnOnce(&mut World)) {
    let prompt = std::mem::replace(&mut world.prompt, true);
    world.deliver_all();
    pass(world);
    world.prompt = prompt;
}

/// The history of a world with at most one invitation.
fn history(world: &World, id: &str) -> History {
    let mut sessions: HashMap<usize, u32> = HashMap::new();
    let mut events = Vec::new();
    let mut sent = 0;
    for entry in &world.log {
        if let What::Event(Told::Connection { reason, .. }) = &entry.what
            && *reason as u8 == 1
        {
            *sessions.entry(entry.phone).or_default() += 1;
        }
        let session = sessions.get(&entry.phone).copied().unwrap_or(0);
        for what in seen(entry, id, &mut sent) {
            events.push(Event {
                at: entry.at,
                user: UserId::from(USERS[entry.phone]),
                session,
                what,
            });
        }
    }
    let (clocks, order, end) = (Clocks::default(), Order::Causal, world.now);
    History {
        header: Header { clocks, order, end },
        events,
    }
}

/// What an entry of the log is in a history.
fn seen(entry: &Entry, id: &str, sent: &mut u32) -> Vec<ringcheck::history::What> {
    use ringcheck::history::What as Seen;
    let invitation = || id.into();
    let texts = || Passed {
        peer: Some(USERS[CALLEE].into()),
        content: Payload::of("Shall we?"),
        channel: Payload::of("room-7"),
        response: Payload::default(),
    };
    let called = |call, with| Seen::Called {
        call,
        invitation: invitation(),
        with,
    };
    let returned = |call, code| Seen::Returned {
        call,
        invitation: invitation(),
        code,
    };
    match &entry.what {
        What::Sent(_) => {
            *sent += 1;
            let create = [
                called(Call::Create, texts()),
                returned(Call::Create, CallCode::OK),
            ];
            let create = create.into_iter().filter(|_| *sent == 1);
            create.chain([called(Call::Send, texts())]).collect()
        }
        What::Called(name, result) => {
            let call = Call::from_name(name).unwrap();
            let code = CallCode(*result as u8);
            let response = match call {
                Call::Accept => "On my way",
                Call::Refuse => "Not today",
                Call::Create | Call::Send | Call::Cancel => "",
            };
            let with = Passed {
                response: Payload::of(response),
                ..Passed::default()
            };
            let call_itself = (call != Call::Send).then(|| called(call, with));
            call_itself
                .into_iter()
                .chain([returned(call, code)])
                .collect()
        }
        What::Event(Told::Connection { state, reason }) => {
            vec![Seen::Connection {
                state: ConnectionState::ALL[*state as usize - 1],
                reason: ConnectionReason::ALL[*reason as usize - 1],
            }]
        }
        What::Event(Told::Local {
            callback, state, ..
        }) => {
            let (callback, response, code) = local(callback);
            vec![called_back(id, callback, response, code, *state as u8)]
        }
        What::Event(Told::Remote {
            callback, state, ..
        }) => {
            let (callback, code) = remote(callback);
            let mut seen = called_back(id, callback, "", code, *state as u8);
            if let Seen::CalledBack {
                callback: Callback::RemoteReceived,
                with,
                ..
            } = &mut seen
            {
                *with = Passed {
                    peer: Some(USERS[CALLER].into()),
                    ..texts()
                };
            }
            vec![seen]
        }
        What::Event(
            Told::TokenExpiring { .. }
            | Told::TokenRenewed { .. }
            | Told::Wire { .. }
            | Told::Refused { .. },
        )
        | What::LoggedOut
        | What::Lost => Vec::new(),
    }
}

fn called_back(
    id: &str,
    callback: Callback,
    response: &str,
    code: Option<u8>,
    state: u8,
) -> ringcheck::history::What {
    ringcheck::history::What::CalledBack {
        callback,
        invitation: id.into(),
        with: Passed {
            response: Payload::of(response),
            ..Passed::default()
        },
        code: code.map(FailureCode),
        state: Some(state),
    }
}

fn local(callback: &LocalCallback) -> (Callback, &str, Option<u8>) {
    match callback {
        LocalCallback::ReceivedByPeer => (Callback::LocalReceivedByPeer, "", None),
        LocalCallback::Accepted { response } => (Callback::LocalAccepted, response, None),
        LocalCallback::Refused { response } => (Callback::LocalRefused, response, None),
        LocalCallback::Canceled => (Callback::LocalCanceled, "", None),
        LocalCallback::Failure(code) => (Callback::LocalFailure, "", Some(*code as u8)),
    }
}

fn remote(callback: &RemoteCallback) -> (Callback, Option<u8>) {
    match callback {
        RemoteCallback::Received { .. } => (Callback::RemoteReceived, None),
        RemoteCallback::Accepted => (Callback::RemoteAccepted, None),
        RemoteCallback::Refused => (Callback::RemoteRefused, None),
        RemoteCallback::Canceled => (Callback::RemoteCanceled, None),
        RemoteCallback::Failure(code) => (Callback::RemoteFailure, Some(*code as u8)),
    }
}

/// Lets the world come to its end, and judges what was seen in it.
fn judge_whole(world: &mut World, call: Option<&str>, acts: &[Act]) {
    crate::agreement::finish(world);
    let history = history(world, call.unwrap_or("none"));
    let found = judge(&history).findings;
    let wrong: Vec<String> = found
        .iter()
        .filter(|finding| finding.kind != FindingKind::Warning)
        .map(ToString::to_string)
        .collect();
    assert!(
        wrong.is_empty(),
        "{acts:?}\n{wrong:#?}\n{:#?}",
        history.events
    );
}

/// A world of two users who have logged in.
fn two_users() -> World {
    let limits = Limits {
        // Heartbeats far apart, since they only cost time here.
        heartbeat: s(90),
        ..Limits::default()
    };
    World::with(limits, &USERS)
}

/// Plays the acts, then every longer sequence. How many were judged.
fn play(acts: &mut Vec<Act>, length: usize) -> usize {
    let mut world = two_users();
    let mut call = None;
    for (place, act) in acts.iter().enumerate() {
        if !does(&mut world, &mut call, *act) && place + 1 == acts.len() {
            return 0;
        }
    }
    judge_whole(&mut world, call.as_deref(), acts);
    let mut judged = 1;
    if acts.len() < length {
        for act in ACTS {
            acts.push(act);
            judged += play(acts, length);
            acts.pop();
        }
    }
    judged
}

#[test]
fn the_checker_finds_nothing_wrong_with_any_short_sequence() {
    let judged = play(&mut vec![Act::Send], 6);
    assert!(judged > 1_000, "{judged}");
}

#[test]
fn the_checker_finds_nothing_wrong_when_the_callee_was_cut_before() {
    let judged = play(&mut vec![Act::Drop(CALLEE), Act::Send], 6);
    assert!(judged > 300, "{judged}");
}

#[test]
fn a_result_is_told_by_its_number() {
    assert_eq!(CallResult::AlreadySent as u8, CallCode::ALREADY_SENT.0);
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => proptest::sample::select(ACTS.to_vec()),
        8 => any::<usize>().prop_map(Act::Step),
        3 => (0u64..40_000).prop_map(Act::Pass),
        2 => (0u64..100).prop_map(Act::Pass),
    ]
}

proptest! {
    #[test]
    fn the_checker_finds_nothing_wrong_with_long_random_sequences(
        acts in proptest::collection::vec(any_act(), 1..80),
    ) {
        let mut world = two_users();
        // Frames cross as the acts let them travel.
        world.prompt = false;
        let mut call = None;
        let mut apart = world.now;
        for act in &acts {
            if world.phones.iter().all(|phone| phone.network) {
                apart = world.now;
            }
            // The server forgets what has ended, so nobody may be away for as long as it remembers.
            let next = world.server.next_wake().map_or(world.now, |at| at.max(world.now));
            let leaps = *act == Act::NextLimit && next - world.now > s(40);
            let late = matches!(act, Act::Pass(_) | Act::NextLimit) && world.now - apart > s(30);
            if leaps || late {
                world.reconnect(CALLER);
                world.reconnect(CALLEE);
            }
            does(&mut world, &mut call, *act);
            if matches!(act, Act::Reconnect(_)) {
                // A log-in that the server has and the client never hears of is seen in no history.
                world.deliver_all();
            }
        }
        world.prompt = true;
        judge_whole(&mut world, call.as_deref(), &acts);
    }
}
