//! The checker's two automata against the reference's client, over every state and every event.
//!
//! Nobody shares a line with the other: the checker was written from the lifecycle, the client is the definition by
//! example. Where they differ, the difference stands below with its reason.

use std::time::Duration;

use ringcheck::history::{Call, Side};
use ringcheck::lifecycle::{results, transitions};
use ringcheck_reference::client::{
    CallResult, Core, Device, Event, LocalCallback, LocalFailure, RemoteCallback, RemoteFailure,
};
use ringcheck_reference::limits::{Clocks, TEXT_BYTES_MAX};
use ringcheck_reference::wire::{ClientFrame, ServerFrame};

const NOW: Duration = Duration::from_secs(1);

/// Where one does what the other does not: side, states, steps, and why both are right.
const DIFFERENCES: &[(Side, &[&str], &[&str], &str)] = &[
    (
        Side::Local,
        &[
            "Idle",
            "SentToRemote",
            "ReceivedByRemote",
            "CancelSent",
            "AcceptedByRemote",
            "RefusedByRemote",
            "Canceled",
            "Failure",
        ],
        &["create"],
        "the client's create makes another invitation every time, so that no second one has the same id",
    ),
    (
        Side::Local,
        &["SentToRemote", "ReceivedByRemote"],
        &["localInvitationCanceled"],
        TOLD,
    ),
    (
        Side::Local,
        &["ReceivedByRemote"],
        &["localInvitationFailure (1)", "localInvitationFailure (4)"],
        TOLD,
    ),
    (
        Side::Remote,
        &["InvitationReceived", "RefuseSent"],
        &[
            "remoteInvitationAccepted",
            "remoteInvitationFailure (1)",
            "remoteInvitationFailure (2)",
        ],
        TOLD,
    ),
    (
        Side::Remote,
        &["InvitationReceived", "AcceptSentToLocal"],
        &["remoteInvitationRefused"],
        TOLD,
    ),
    (
        Side::Local,
        &["SentToRemote", "ReceivedByRemote", "CancelSent"],
        &["localInvitationFailure (unknown)"],
        UNKNOWN,
    ),
    (
        Side::Remote,
        &["InvitationReceived", "AcceptSentToLocal", "RefuseSent"],
        &["remoteInvitationFailure (unknown)"],
        UNKNOWN,
    ),
    (
        Side::Remote,
        &["RefuseSent"],
        &["accept", "refuse"],
        "both results are right while a refuse is undecided; the client says AlreadyEnd and lets its first answer stand",
    ),
];

const TOLD: &str = "the client tells its user what the server says, right or wrong: the server is the arbiter, and a client that hid its faults would hide them from the checker";

const UNKNOWN: &str =
    "the client knows no such code: it tells Expire instead, so that nothing rings on";

#[derive(Default)]
struct Hand(Vec<Event>);

impl Device for Hand {
    fn send(&mut self, _: &ClientFrame<'_>) {}

    fn event(&mut self, event: Event) {
        self.0.push(event);
    }

    fn connect(&mut self) {}

    fn disconnect(&mut self) {}
}

/// A logged-in client with one invitation.
struct Phone {
    core: Core,
    hand: Hand,
    id: String,
}

impl Phone {
    fn new() -> Self {
        let (mut core, mut hand) = (Core::new("p"), Hand::default());
        core.login(NOW, "alice", None, &mut hand);
        core.connected(NOW, &mut hand);
        let welcome = ServerFrame::Welcome {
            session: "s".into(),
            resumed: false,
            heartbeat: Duration::from_secs(10),
            clocks: Clocks::default(),
            starting: Duration::ZERO,
        };
        core.frame(NOW, &welcome, &mut hand);
        let id = "x-1".to_owned();
        Self { core, hand, id }
    }

    /// A client whose local invitation is in that state of the checker's; it exists from `Idle` on.
    fn local(state: &str) -> Self {
        let mut phone = Self::new();
        if state == "Absent" {
            return phone;
        }
        phone.id = phone
            .core
            .create_local_invitation("bob", "hi", "")
            .to_string();
        if state == "Idle" {
            return phone;
        }
        phone.call(Call::Send, true);
        for step in match state {
            "SentToRemote" => &[][..],
            "ReceivedByRemote" => &["localInvitationReceivedByPeer"],
            "CancelSent" => &["cancel"],
            "AcceptedByRemote" => &["localInvitationAccepted"],
            "RefusedByRemote" => &["localInvitationRefused"],
            "Canceled" => &["cancel", "localInvitationCanceled"],
            "Failure" => &["localInvitationFailure (3)"],
            other => panic!("no way leads to {other}"),
        } {
            phone.step(step);
        }
        phone
    }

    /// A client whose remote invitation is in that state of the checker's; it exists from `InvitationReceived` on.
    fn remote(state: &str) -> Self {
        let mut phone = Self::new();
        for step in match state {
            "Absent" => &[][..],
            "InvitationReceived" => &["remoteInvitationReceived"],
            "AcceptSentToLocal" => &["remoteInvitationReceived", "accept"],
            "RefuseSent" => &["remoteInvitationReceived", "refuse"],
            "Accepted" => &[
                "remoteInvitationReceived",
                "accept",
                "remoteInvitationAccepted",
            ],
            "Refused" => &[
                "remoteInvitationReceived",
                "refuse",
                "remoteInvitationRefused",
            ],
            "Canceled" => &["remoteInvitationReceived", "remoteInvitationCanceled"],
            "Failure" => &["remoteInvitationReceived", "remoteInvitationFailure (3)"],
            other => panic!("no way leads to {other}"),
        } {
            phone.step(step);
        }
        phone
    }

    fn of(side: Side, state: &str) -> Self {
        match side {
            Side::Local => Self::local(state),
            Side::Remote => Self::remote(state),
        }
    }

    fn call(&mut self, call: Call, good: bool) -> CallResult {
        let text = if good {
            String::new()
        } else {
            "x".repeat(TEXT_BYTES_MAX + 1)
        };
        let (core, hand, id) = (&mut self.core, &mut self.hand, self.id.as_str());
        match call {
            Call::Create => {
                self.id = core.create_local_invitation("bob", "", "").to_string();
                CallResult::Ok
            }
            Call::Send => {
                core.set_content(id, &text);
                core.send_local_invitation(NOW, id, hand)
            }
            Call::Cancel => core.cancel_local_invitation(NOW, id, hand),
            Call::Accept => core.accept_remote_invitation(id, &text, hand),
            Call::Refuse => core.refuse_remote_invitation(id, &text, hand),
        }
    }

    /// Makes the call or takes the frame of that name. Whether it had the effect of that name.
    fn step(&mut self, step: &str) -> bool {
        if let Some(call) = Call::from_name(step) {
            return self.call(call, true) == CallResult::Ok;
        }
        let before = self.hand.0.len();
        let Some(frame) = frame(step, &self.id) else {
            return false;
        };
        self.core.frame(NOW, &frame, &mut self.hand);
        let told: Vec<&str> = self.hand.0[before..].iter().filter_map(name).collect();
        told == [step]
    }
}

/// The frame that makes a client tell that step; `None` if there is none.
fn frame(step: &str, id: &str) -> Option<ServerFrame<'static>> {
    let id = || id.to_owned().into();
    Some(match step {
        "localInvitationReceivedByPeer" => ServerFrame::LocalReceived { id: id() },
        "localInvitationAccepted" => ServerFrame::LocalAccepted {
            id: id(),
            response: "".into(),
        },
        "localInvitationRefused" => ServerFrame::LocalRefused {
            id: id(),
            response: "".into(),
        },
        "localInvitationCanceled" => ServerFrame::LocalCanceled { id: id() },
        "localInvitationFailure (1)" => ServerFrame::LocalFailed { id: id(), code: 1 },
        "localInvitationFailure (2)" => ServerFrame::LocalFailed { id: id(), code: 2 },
        "localInvitationFailure (3)" => ServerFrame::LocalFailed { id: id(), code: 3 },
        "localInvitationFailure (4)" => ServerFrame::LocalFailed { id: id(), code: 4 },
        "remoteInvitationReceived" => ServerFrame::RemoteReceived {
            id: id(),
            caller: "bob".into(),
            content: "".into(),
            channel: "".into(),
            remaining: Duration::from_secs(60),
        },
        "remoteInvitationAccepted" => ServerFrame::RemoteAccepted { id: id() },
        "remoteInvitationRefused" => ServerFrame::RemoteRefused { id: id() },
        "remoteInvitationCanceled" => ServerFrame::RemoteCanceled { id: id() },
        "remoteInvitationFailure (1)" => ServerFrame::RemoteFailed { id: id(), code: 1 },
        "remoteInvitationFailure (2)" => ServerFrame::RemoteFailed { id: id(), code: 2 },
        "remoteInvitationFailure (3)" => ServerFrame::RemoteFailed { id: id(), code: 3 },
        _ => return None,
    })
}

/// The checker's name of what the client told.
fn name(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Local { callback, .. } => match callback {
            LocalCallback::ReceivedByPeer => "localInvitationReceivedByPeer",
            LocalCallback::Accepted { .. } => "localInvitationAccepted",
            LocalCallback::Refused { .. } => "localInvitationRefused",
            LocalCallback::Canceled => "localInvitationCanceled",
            LocalCallback::Failure(LocalFailure::RemoteOffline) => "localInvitationFailure (1)",
            LocalCallback::Failure(LocalFailure::RemoteNoResponse) => "localInvitationFailure (2)",
            LocalCallback::Failure(LocalFailure::Expire) => "localInvitationFailure (3)",
            LocalCallback::Failure(LocalFailure::NotLoggedIn) => "localInvitationFailure (4)",
        },
        Event::Remote { callback, .. } => match callback {
            RemoteCallback::Received { .. } => "remoteInvitationReceived",
            RemoteCallback::Accepted => "remoteInvitationAccepted",
            RemoteCallback::Refused => "remoteInvitationRefused",
            RemoteCallback::Canceled => "remoteInvitationCanceled",
            RemoteCallback::Failure(RemoteFailure::LocalOffline) => "remoteInvitationFailure (1)",
            RemoteCallback::Failure(RemoteFailure::AcceptFailure) => "remoteInvitationFailure (2)",
            RemoteCallback::Failure(RemoteFailure::Expire) => "remoteInvitationFailure (3)",
        },
        Event::Connection { .. }
        | Event::TokenExpiring { .. }
        | Event::TokenRenewed { .. }
        | Event::Wire { .. }
        | Event::Refused { .. } => return None,
    })
}

#[test]
fn the_checker_and_the_client_agree_on_every_state_and_event() {
    let mut found = Vec::new();
    for cell in transitions() {
        let takes = Phone::of(cell.side, cell.state).step(cell.step);
        if takes != cell.next.is_ok() {
            found.push((cell.side, cell.state, cell.step));
        }
    }
    let mut listed = Vec::new();
    for (side, states, steps, _) in DIFFERENCES {
        for state in *states {
            listed.extend(steps.iter().map(|step| (*side, *state, *step)));
        }
    }
    found.sort_unstable();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn the_checker_and_the_client_agree_on_every_result() {
    let results = results();
    assert!(results.len() >= 40, "{} results", results.len());
    for cell in results {
        let code = Phone::of(cell.side, cell.state).call(cell.call, cell.good) as u8;
        let right = cell.codes.iter().any(|right| right.0 == code);
        assert!(right, "{cell:?} gave {code}");
    }
}
