//! Deviations at the server's edge: what it is told, and what it tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Fault;
use super::altered::altered;
use crate::wire::{ClientFrame, ServerFrame};

/// A user id.
type User = Arc<str>;

/// A server's deviation, with what it remembers in order to deviate.
#[derive(Debug)]
pub(crate) struct Bend {
    fault: Fault,
    flows: BTreeMap<Box<str>, Flow>,
    /// Who is logged in.
    present: BTreeSet<User>,
    /// Whose connection is open.
    connected: BTreeSet<User>,
}

/// An invitation as it passed by.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    caller: User,
    pub(super) callee: User,
    pub(super) content: Box<str>,
    pub(super) channel: Box<str>,
    /// The callee was not logged in at the send.
    callee_away: bool,
    rung: bool,
    /// The caller was told that the callee's device has it.
    acked: bool,
    pub(super) accepted: bool,
    canceled: bool,
    /// The code of the failure that the caller was told.
    failed: Option<u8>,
    local_over: bool,
    remote_over: bool,
    /// Those who could not be told something.
    missed: BTreeSet<User>,
}

/// What becomes of a frame that the server is told.
#[derive(Debug, Default)]
pub(crate) struct Heard<'f> {
    /// The server does not get it.
    pub(crate) swallowed: bool,
    /// The server gets this instead.
    pub(crate) instead: Option<ClientFrame<'f>>,
    /// What is told at once, before the server says anything.
    pub(crate) told: Vec<(User, ServerFrame<'static>)>,
}

/// Where the frames go that the server tells.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(&User, &ServerFrame<'_>);

impl Bend {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            flows: BTreeMap::new(),
            present: BTreeSet::new(),
            connected: BTreeSet::new(),
        }
    }

    /// Whether a second log-in leaves the first alone.
    pub(crate) fn spares_the_first(&self) -> bool {
        self.fault == Fault::SecondLoginUnnoticed
    }

    /// Whether a caller that does not acknowledge keeps its connection.
    pub(crate) fn spares_the_silent(&self) -> bool {
        self.fault == Fault::AckIgnored
    }

    /// Somebody has logged in or come back. What is told then, beyond what the server tells.
    pub(crate) fn entered(&mut self, user: &User) -> Vec<(User, ServerFrame<'static>)> {
        self.present.insert(user.clone());
        self.connected.insert(user.clone());
        let fault = self.fault;
        let stale = self.flows.iter().filter(|(_, flow)| {
            flow.callee == *user
                && !flow.rung
                && match fault {
                    Fault::CanceledRings => flow.canceled,
                    other => other == Fault::FailedRings && flow.failed.is_some(),
                }
        });
        stale
            .map(|(id, flow)| (user.clone(), ring(id, flow)))
            .collect()
    }

    /// Somebody's connection is gone.
    pub(crate) fn lost(&mut self, user: &User) {
        self.connected.remove(user);
    }

    /// Somebody's session is over.
    pub(crate) fn left(&mut self, user: &User) {
        self.present.remove(user);
        self.connected.remove(user);
    }

    /// A user says something about an invitation.
    pub(crate) fn heard<'f>(&mut self, user: &User, frame: &'f ClientFrame<'_>) -> Heard<'f> {
        let mut heard = Heard::default();
        self.note_heard(user, frame);
        let Some((id, flow)) = frame.id().and_then(|id| Some((id, self.flows.get(id)?))) else {
            return heard;
        };
        let (caller, callee) = (|| flow.caller.clone(), || flow.callee.clone());
        let own = || id.to_owned().into();
        match (self.fault, frame) {
            (Fault::AckedByServer, ClientFrame::Invite { .. }) => {
                heard.told = vec![(caller(), ServerFrame::LocalReceived { id: own() })];
            }
            (Fault::CancelLost, ClientFrame::Cancel { .. })
            | (Fault::AckIgnored, ClientFrame::AcceptAck { .. }) => heard.swallowed = true,
            (Fault::CanceledAtOnce, ClientFrame::Cancel { .. }) => {
                heard.told = vec![(caller(), ServerFrame::LocalCanceled { id: own() })];
            }
            (Fault::AcceptUntold | Fault::ConfirmedEarly, ClientFrame::Accept { .. })
            | (Fault::ConfirmedByNobody, ClientFrame::InviteAck { .. }) => {
                heard.told = vec![(callee(), ServerFrame::RemoteAccepted { id: own() })];
            }
            (Fault::AcceptedByNobody, ClientFrame::InviteAck { .. }) => {
                let response = "".into();
                let frame = ServerFrame::LocalAccepted {
                    id: own(),
                    response,
                };
                heard.told = vec![(caller(), frame)];
            }
            (Fault::RefusedByNobody, ClientFrame::InviteAck { .. }) => {
                let response = "".into();
                let frame = ServerFrame::LocalRefused {
                    id: own(),
                    response,
                };
                heard.told = vec![(caller(), frame)];
            }
            (Fault::FailedAgainstRefused, ClientFrame::Refuse { .. })
                if matches!(flow.failed, Some(1 | 2)) =>
            {
                heard.told = vec![(callee(), ServerFrame::RemoteRefused { id: own() })];
            }
            (Fault::ExpiredAgainstRefused, ClientFrame::Refuse { .. })
                if flow.failed == Some(3) =>
            {
                heard.told = vec![(callee(), ServerFrame::RemoteRefused { id: own() })];
            }
            (Fault::FoundByPair, _) => {
                heard.instead = self.twin(id, flow).and_then(|other| about(frame, other));
            }
            _ => {}
        }
        heard
    }

    /// Another open invitation of the same two users in the same direction.
    fn twin(&self, id: &str, flow: &Flow) -> Option<Box<str>> {
        let alike = |other: &Flow| {
            (&other.caller, &other.callee) == (&flow.caller, &flow.callee)
                && other.rung
                && !(other.local_over || other.remote_over || other.canceled)
        };
        self.flows
            .iter()
            .find(|(other, flow)| ***other != *id && alike(flow))
            .map(|(other, _)| other.clone())
    }

    fn note_heard(&mut self, user: &User, frame: &ClientFrame<'_>) {
        if let ClientFrame::Invite {
            id,
            callee,
            content,
            channel,
            ..
        } = frame
        {
            let callee: User = Arc::from(&**callee);
            let callee_away = !self.present.contains(&callee);
            if let Some(flow) = self.flows.get_mut(&**id)
                && self.fault == Fault::WritingGoesOut
            {
                flow.content = (**content).into();
                flow.channel = (**channel).into();
            }
            self.flows.entry((**id).into()).or_insert_with(|| Flow {
                caller: user.clone(),
                callee,
                content: (**content).into(),
                channel: (**channel).into(),
                callee_away,
                rung: false,
                acked: false,
                accepted: false,
                canceled: false,
                failed: None,
                local_over: false,
                remote_over: false,
                missed: BTreeSet::new(),
            });
        }
        if let Some(flow) = frame.id().and_then(|id| self.flows.get_mut(id)) {
            flow.canceled |= matches!(frame, ClientFrame::Cancel { .. });
            flow.accepted |= matches!(frame, ClientFrame::Accept { .. });
        }
    }

    /// The server tells a user something.
    pub(crate) fn tell(&mut self, user: &User, frame: &ServerFrame<'_>, tell: Tell<'_>) {
        let before = frame.id().and_then(|id| self.flows.get(id)).cloned();
        if let Some(flow) = frame.id().and_then(|id| self.flows.get_mut(id)) {
            if !self.connected.contains(user) {
                flow.missed.insert(user.clone());
            }
            flow.note_told(frame);
        }
        let Some(flow) = before else {
            return tell(user, frame);
        };
        if self.drops(user, frame, &flow) {
            return;
        }
        match altered(self.fault, frame, &flow) {
            Some(other) => tell(user, &other),
            None => tell(user, frame),
        }
        self.add(frame, &flow, tell);
    }

    /// Whether the user is not told.
    fn drops(&self, user: &User, frame: &ServerFrame<'_>, flow: &Flow) -> bool {
        use ServerFrame as F;
        let missed = flow.missed.contains(user);
        match (self.fault, frame) {
            (Fault::RingDropped, F::RemoteReceived { .. })
            | (Fault::PeerAckDropped, F::LocalReceived { .. })
            | (Fault::CancelUntold, F::RemoteCanceled { .. })
            | (Fault::AcceptUntold, F::LocalAccepted { .. })
            | (Fault::AcceptFailureUntold, F::RemoteFailed { code: 2, .. })
            | (Fault::LocalOfflineUntold, F::RemoteFailed { code: 1, .. })
            | (Fault::RefuseUntold, F::LocalRefused { .. })
            | (Fault::RefuseUnconfirmed, F::RemoteRefused { .. })
            | (
                Fault::ExpiryUntold | Fault::FailedAgainstRefused | Fault::ExpiredAgainstRefused,
                F::RemoteFailed { code: 3, .. },
            )
            | (Fault::AckIgnored, F::LocalFailed { .. }) => true,
            (Fault::LeftRinging, F::LocalFailed { .. }) => flow.accepted,
            (Fault::NotRungOnLogin, F::RemoteReceived { .. }) => flow.callee_away,
            (Fault::MissedCancelForgotten, F::RemoteCanceled { .. }) => missed,
            (Fault::RefuseWaits, F::RemoteRefused { .. }) => !self.connected.contains(&flow.caller),
            (Fault::RingsOn, F::RemoteFailed { code: 3, .. }) => !flow.acked,
            (Fault::RingsWithoutCaller, F::RemoteFailed { code: 3, .. }) => {
                !self.present.contains(&flow.caller)
            }
            _ => false,
        }
    }

    /// What is told beyond it.
    fn add(&self, frame: &ServerFrame<'_>, flow: &Flow, tell: Tell<'_>) {
        match (self.fault, frame) {
            (Fault::ShownToStranger, ServerFrame::RemoteReceived { .. }) => {
                if let Some(stranger) = self.stranger(flow) {
                    tell(stranger, frame);
                }
            }
            (Fault::GlareMerged, ServerFrame::LocalAccepted { response, .. }) => {
                let opposite = self.flows.iter().find(|(_, other)| {
                    (&other.caller, &other.callee) == (&flow.callee, &flow.caller)
                        && !(other.local_over || other.accepted)
                });
                if let Some((id, other)) = opposite {
                    let (id, response) = ((&**id).into(), response.clone());
                    tell(&other.caller, &ServerFrame::LocalAccepted { id, response });
                }
            }
            _ => {}
        }
    }

    /// Somebody else who is there, of those whose ids are most like the caller's.
    fn stranger(&self, flow: &Flow) -> Option<&User> {
        let shared = |user: &User| {
            let pairs = user.bytes().zip(flow.caller.bytes());
            pairs.take_while(|(a, b)| a == b).count()
        };
        self.present
            .iter()
            .filter(|user| **user != flow.caller && **user != flow.callee)
            .max_by_key(|user| shared(user))
    }
}

impl Flow {
    fn note_told(&mut self, frame: &ServerFrame<'_>) {
        match frame {
            ServerFrame::RemoteReceived { .. } => self.rung = true,
            ServerFrame::LocalReceived { .. } => self.acked = true,
            ServerFrame::LocalFailed { code, .. } => {
                (self.failed, self.local_over) = (Some(*code), true);
            }
            ServerFrame::LocalAccepted { .. }
            | ServerFrame::LocalRefused { .. }
            | ServerFrame::LocalCanceled { .. } => self.local_over = true,
            ServerFrame::RemoteAccepted { .. }
            | ServerFrame::RemoteRefused { .. }
            | ServerFrame::RemoteCanceled { .. }
            | ServerFrame::RemoteFailed { .. } => self.remote_over = true,
            ServerFrame::Welcome { .. }
            | ServerFrame::Bye { .. }
            | ServerFrame::Pong
            | ServerFrame::TokenExpiring { .. }
            | ServerFrame::Renewed { .. }
            | ServerFrame::Error(_) => {}
        }
    }
}

/// The same cancel or answer about another invitation.
fn about<'f>(frame: &'f ClientFrame<'_>, other: Box<str>) -> Option<ClientFrame<'f>> {
    let id = String::from(other).into();
    match frame {
        ClientFrame::Cancel { .. } => Some(ClientFrame::Cancel { id }),
        ClientFrame::Accept { response, .. } => {
            let response = (&**response).into();
            Some(ClientFrame::Accept { id, response })
        }
        ClientFrame::Refuse { response, .. } => {
            let response = (&**response).into();
            Some(ClientFrame::Refuse { id, response })
        }
        ClientFrame::Login { .. }
        | ClientFrame::Logout
        | ClientFrame::Renew { .. }
        | ClientFrame::Ping { .. }
        | ClientFrame::Invite { .. }
        | ClientFrame::InviteAck { .. }
        | ClientFrame::CancelAck { .. }
        | ClientFrame::AcceptAck { .. }
        | ClientFrame::Recall { .. } => None,
    }
}

/// A ring that the server would not ring any more.
fn ring(id: &str, flow: &Flow) -> ServerFrame<'static> {
    ServerFrame::RemoteReceived {
        id: id.to_owned().into(),
        caller: flow.caller.to_string().into(),
        content: flow.content.to_string().into(),
        channel: flow.channel.to_string().into(),
        remaining: std::time::Duration::from_secs(1),
    }
}
