//! The client as a plain value: `(now, input) -> outputs`, the same under sockets, in a simulation and in a test.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use foldhash::{HashMap, HashSet};

use super::Device;
use super::event::{ConnectionState, Event, LocalCallback};
use super::invitation::{
    CallResult, InvitationId, Local, LocalFailure, LocalInvitation, LocalState, Remote,
    RemoteInvitation, RemoteState, Sent,
};
use super::link::Link;
use super::recall::{Beginner, Past};
use crate::limits::{CHANNEL_BYTES_MAX, Clocks, TEXT_BYTES_MAX};
use crate::wire::{ClientFrame, user_id_is_good};

/// How many ended invitations of each side are remembered unless it is said otherwise, so that a call on one still gets
/// AlreadyEnd and a repeat of one does not ring.
const ENDED_REMEMBERED_MAX: usize = 1024;

/// The invitation client without clock, socket or randomness.
///
/// Every method takes `now`, the time since some moment of the driver's choosing; it must not run backwards. After every
/// call the driver asks [`Core::next_wake`] and calls [`Core::tick`] at that time.
#[derive(Debug)]
pub struct Core {
    pub(super) instance: Box<str>,
    pub(super) serial: u64,
    pub(super) link: Link,
    pub(super) locals: HashMap<InvitationId, Local>,
    pub(super) remotes: HashMap<InvitationId, Remote>,
    /// Open local and remote invitations by serial, so that they are repeated in order.
    pub(super) open_locals: BTreeMap<u64, InvitationId>,
    pub(super) open_remotes: BTreeMap<u64, InvitationId>,
    pub(super) ended_locals: VecDeque<InvitationId>,
    pub(super) ended_remotes: VecDeque<InvitationId>,
    /// How many ended invitations of each side are remembered.
    pub(super) remembered_max: usize,
    /// Sent without a login; each fails once its call has come back (FAIL-5).
    pub(super) not_logged_in: VecDeque<InvitationId>,
    /// Invitations whose last frame must be said again at a time (LIM-5).
    pub(super) again: BTreeSet<(Duration, InvitationId)>,
    /// The same invitations: each waits once.
    pub(super) again_ids: HashSet<InvitationId>,
    /// Acks of accepts that the connection may have lost, with the time from which they are of no use (ACC-2).
    pub(super) accept_acks: VecDeque<(Duration, InvitationId)>,
    /// How invitations have ended here, the oldest first.
    pub(super) past: VecDeque<Past>,
    /// The server, if it has just begun.
    pub(super) beginner: Option<Beginner>,
}

impl Core {
    /// A client. `instance` makes its invitation ids unique for ever: letters and digits that no other client has.
    pub fn new(instance: &str) -> Self {
        Self {
            instance: instance.into(),
            serial: 0,
            link: Link::new(instance),
            locals: HashMap::default(),
            remotes: HashMap::default(),
            open_locals: BTreeMap::new(),
            open_remotes: BTreeMap::new(),
            ended_locals: VecDeque::new(),
            ended_remotes: VecDeque::new(),
            remembered_max: ENDED_REMEMBERED_MAX,
            not_logged_in: VecDeque::new(),
            again: BTreeSet::new(),
            again_ids: HashSet::default(),
            accept_acks: VecDeque::new(),
            past: VecDeque::new(),
            beginner: None,
        }
    }

    /// Remembers so many ended invitations of each side. Thousands of clients in one process are a hundred megabytes of
    /// memories otherwise, which none of them needs for longer than a reconnect takes.
    #[must_use]
    pub fn remembering(self, ended_max: usize) -> Self {
        Self {
            remembered_max: ended_max,
            ..self
        }
    }

    /// The state of the connection.
    pub fn connection_state(&self) -> ConnectionState {
        self.link.state()
    }

    /// The limits in force, once the server has told them.
    pub fn clocks(&self) -> Option<Clocks> {
        self.link.clocks()
    }

    /// Whether the user has a session, as far as the client knows (SES-6).
    pub fn has_session(&self) -> bool {
        self.link.has_session()
    }

    /// The user who logged in last.
    pub fn user(&self) -> &str {
        self.link.user()
    }

    /// A local invitation, open or recently ended.
    pub fn local(&self, id: &str) -> Option<&LocalInvitation> {
        self.locals.get(id).map(|local| &local.seen)
    }

    /// A remote invitation, open or recently ended.
    pub fn remote(&self, id: &str) -> Option<&RemoteInvitation> {
        self.remotes.get(id).map(|remote| &remote.seen)
    }

    /// Logs in. How that comes out is told by [`Event::Connection`]. Does nothing if there is a session.
    pub fn login(
        &mut self,
        now: Duration,
        user: &str,
        token: Option<&str>,
        device: &mut impl Device,
    ) {
        if user != self.link.user() {
            self.past.clear();
        }
        self.link.login(now, user, token, device);
    }

    /// Takes a new token: for the session there is, and for coming back later (SES-7).
    pub fn renew_token(&mut self, token: &str, device: &mut impl Device) {
        self.link.renew(token, device);
    }

    /// Logs out. Open invitations are forgotten on this side, without callbacks (SES-4).
    pub fn logout(&mut self, device: &mut impl Device) {
        self.link.logout(device);
        for id in std::mem::take(&mut self.open_locals).into_values() {
            self.locals.remove(&id);
        }
        for id in std::mem::take(&mut self.open_remotes).into_values() {
            self.remotes.remove(&id);
        }
        self.again.clear();
        self.again_ids.clear();
        self.accept_acks.clear();
    }

    /// The connection that [`Device::connect`] asked for is open.
    pub fn connected(&mut self, now: Duration, device: &mut impl Device) {
        self.link.connected(now, device);
    }

    /// The connection is lost, or could not be opened.
    pub fn disconnected(&mut self, now: Duration, device: &mut impl Device) {
        self.link.disconnected(now, device);
    }

    /// The connection that [`Device::connect`] asked for could not be opened, and another attempt would come to the same:
    /// a log-in fails at once, and whoever has a session goes on trying.
    pub fn shut_out(&mut self, now: Duration, device: &mut impl Device) {
        self.link.shut_out(now, device);
    }

    /// `createLocalInvitation` (OBJ-1): needs no login, checks nothing yet.
    pub fn create_local_invitation(
        &mut self,
        callee: &str,
        content: &str,
        channel: &str,
    ) -> InvitationId {
        self.serial += 1;
        let id: InvitationId = Arc::from(format!("{}-{}", self.instance, self.serial));
        let seen = LocalInvitation {
            id: id.clone(),
            callee: callee.to_owned(),
            content: content.to_owned(),
            channel: channel.to_owned(),
            response: String::new(),
            state: LocalState::Idle,
        };
        self.locals.insert(
            id.clone(),
            Local {
                serial: self.serial,
                seen,
                wire: None,
                canceling: false,
            },
        );
        id
    }

    /// Writes the content of a local invitation; after the send that changes nothing on the wire (OBJ-6).
    pub fn set_content(&mut self, id: &str, content: &str) {
        if let Some(local) = self.locals.get_mut(id) {
            content.clone_into(&mut local.seen.content);
        }
    }

    /// Writes the channel id of a local invitation; after the send that changes nothing on the wire (OBJ-6).
    pub fn set_channel(&mut self, id: &str, channel: &str) {
        if let Some(local) = self.locals.get_mut(id) {
            channel.clone_into(&mut local.seen.channel);
        }
    }

    /// Forgets a local invitation that was never sent.
    pub fn discard(&mut self, id: &str) {
        if self
            .locals
            .get(id)
            .is_some_and(|local| local.seen.state == LocalState::Idle)
        {
            self.locals.remove(id);
        }
    }

    /// `sendLocalInvitation` (API-1 to API-4). Without a login it succeeds and fails by callback (FAIL-5).
    pub fn send_local_invitation(
        &mut self,
        now: Duration,
        id: &str,
        device: &mut impl Device,
    ) -> CallResult {
        let Some(local) = self.locals.get_mut(id) else {
            return CallResult::InvalidArgument;
        };
        match local.seen.state {
            LocalState::Idle => {}
            LocalState::SentToRemote | LocalState::ReceivedByRemote => {
                return CallResult::AlreadySent;
            }
            LocalState::AcceptedByRemote
            | LocalState::RefusedByRemote
            | LocalState::Canceled
            | LocalState::Failure => return CallResult::AlreadyEnd,
        }
        let seen = &mut local.seen;
        if !user_id_is_good(&seen.callee)
            || seen.content.len() > TEXT_BYTES_MAX
            || seen.channel.len() > CHANNEL_BYTES_MAX
        {
            return CallResult::InvalidArgument;
        }
        seen.state = LocalState::SentToRemote;
        if !self.link.has_session() {
            self.not_logged_in.push_back(seen.id.clone());
            return CallResult::Ok;
        }
        local.wire = Some(Sent {
            at: now,
            content: seen.content.clone(),
            channel: seen.channel.clone(),
            acked: None,
        });
        self.open_locals.insert(local.serial, seen.id.clone());
        if self.link.is_beating() {
            say_local(now, local, device);
        }
        CallResult::Ok
    }

    /// `cancelLocalInvitation` (API-5 to API-7).
    pub fn cancel_local_invitation(
        &mut self,
        now: Duration,
        id: &str,
        device: &mut impl Device,
    ) -> CallResult {
        let Some(local) = self.locals.get_mut(id) else {
            return CallResult::NotStarted;
        };
        match local.seen.state {
            LocalState::Idle => CallResult::NotStarted,
            LocalState::SentToRemote | LocalState::ReceivedByRemote => {
                // It failed for want of a login, and is about to be told so.
                if local.wire.is_none() || !self.link.has_session() {
                    return CallResult::NotStarted;
                }
                if !local.canceling {
                    local.canceling = true;
                    if self.link.is_beating() {
                        say_local(now, local, device);
                    }
                }
                CallResult::Ok
            }
            LocalState::AcceptedByRemote
            | LocalState::RefusedByRemote
            | LocalState::Canceled
            | LocalState::Failure => CallResult::AlreadyEnd,
        }
    }

    /// `acceptRemoteInvitation` (API-8 to API-11, API-15, API-16).
    pub fn accept_remote_invitation(
        &mut self,
        id: &str,
        response: &str,
        device: &mut impl Device,
    ) -> CallResult {
        self.answer(id, response, true, device)
    }

    /// `refuseRemoteInvitation` (API-12 to API-16).
    pub fn refuse_remote_invitation(
        &mut self,
        id: &str,
        response: &str,
        device: &mut impl Device,
    ) -> CallResult {
        self.answer(id, response, false, device)
    }

    fn answer(
        &mut self,
        id: &str,
        response: &str,
        accept: bool,
        device: &mut impl Device,
    ) -> CallResult {
        let Some(remote) = self.remotes.get_mut(id) else {
            return CallResult::NotStarted;
        };
        match remote.seen.state {
            RemoteState::InvitationReceived if !self.link.has_session() => CallResult::NotStarted,
            // Refused already, although the arbiter has still to confirm it.
            RemoteState::InvitationReceived if remote.refusing => CallResult::AlreadyEnd,
            RemoteState::InvitationReceived if response.len() > TEXT_BYTES_MAX => {
                CallResult::InvalidArgument
            }
            RemoteState::InvitationReceived => {
                response.clone_into(&mut remote.seen.response);
                if accept {
                    remote.seen.state = RemoteState::AcceptSentToLocal;
                } else {
                    remote.refusing = true;
                }
                if self.link.is_beating() {
                    say_remote(remote, device);
                }
                CallResult::Ok
            }
            RemoteState::AcceptSentToLocal => CallResult::AlreadyAccept,
            RemoteState::Refused
            | RemoteState::Accepted
            | RemoteState::Canceled
            | RemoteState::Failure => CallResult::AlreadyEnd,
        }
    }

    /// Says again, for every open invitation, what was said last: the connection may have lost it.
    pub(super) fn say_all(&self, now: Duration, device: &mut impl Device) {
        for (until, id) in &self.accept_acks {
            if *until > now {
                let id = Cow::Borrowed(&**id);
                device.send(&ClientFrame::AcceptAck { id });
            }
        }
        for id in self.open_locals.values() {
            if let Some(local) = self.locals.get(id) {
                say_local(now, local, device);
            }
        }
        for id in self.open_remotes.values() {
            if let Some(remote) = self.remotes.get(id) {
                say_remote(remote, device);
            }
        }
    }

    /// Notes that an accept was acknowledged, for as long as the server waits for it.
    pub(super) fn note_accept_ack(&mut self, now: Duration, id: &str) {
        let wait = self.link.clocks().map_or(Duration::ZERO, |c| c.accept_ack);
        while self.accept_acks.front().is_some_and(|(until, _)| {
            *until <= now || self.accept_acks.len() >= self.remembered_max
        }) {
            self.accept_acks.pop_front();
        }
        self.accept_acks.push_back((now + wait, Arc::from(id)));
    }

    /// Notes that what was said last of an open invitation must be said again at that time.
    pub(super) fn note_again(&mut self, at: Duration, id: &str) {
        let open = self
            .locals
            .get(id)
            .is_some_and(|local| !local.seen.state.is_ended())
            || self
                .remotes
                .get(id)
                .is_some_and(|remote| !remote.seen.state.is_ended());
        let id: InvitationId = Arc::from(id);
        if open && self.again_ids.insert(id.clone()) {
            self.again.insert((at, id));
        }
    }

    /// Puts an ended local invitation among those that are remembered for a while.
    pub(super) fn retire_local(&mut self, id: &InvitationId) {
        if let Some(local) = self.locals.get(id) {
            self.open_locals.remove(&local.serial);
            self.ended_locals.push_back(id.clone());
        }
        if self.ended_locals.len() > self.remembered_max
            && let Some(oldest) = self.ended_locals.pop_front()
        {
            self.locals.remove(&oldest);
        }
    }

    /// Puts an ended remote invitation among those that are remembered for a while.
    pub(super) fn retire_remote(&mut self, id: &InvitationId) {
        if let Some(remote) = self.remotes.get(id) {
            self.open_remotes.remove(&remote.serial);
            self.ended_remotes.push_back(id.clone());
        }
        if self.ended_remotes.len() > self.remembered_max
            && let Some(oldest) = self.ended_remotes.pop_front()
        {
            self.remotes.remove(&oldest);
        }
    }

    /// The earliest time at which something may fall due.
    pub fn next_wake(&self) -> Option<Duration> {
        let at_once = self.not_logged_in.front().map(|_| Duration::ZERO);
        let again = self.again.first().map(|(at, _)| *at);
        [self.link.next_wake(), at_once, again]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what has fallen due.
    pub fn tick(&mut self, now: Duration, device: &mut impl Device) {
        while let Some(id) = self.not_logged_in.pop_front() {
            let Some(local) = self.locals.get_mut(&id) else {
                continue;
            };
            local.seen.state = LocalState::Failure;
            let callback = LocalCallback::Failure(LocalFailure::NotLoggedIn);
            device.event(Event::Local {
                id: id.clone(),
                callback,
                state: LocalState::Failure,
            });
            self.retire_local(&id);
        }
        while self.again.first().is_some_and(|(at, _)| *at <= now)
            && let Some((_, id)) = self.again.pop_first()
        {
            self.again_ids.remove(&id);
            if let Some(local) = self
                .locals
                .get(&id)
                .filter(|local| !local.seen.state.is_ended())
            {
                say_local(now, local, device);
            }
            if let Some(remote) = self
                .remotes
                .get(&id)
                .filter(|remote| !remote.seen.state.is_ended())
            {
                say_remote(remote, device);
            }
        }
        self.link.tick(now, device);
    }
}

/// Says the last thing that was to be said of a local invitation.
fn say_local(now: Duration, local: &Local, device: &mut impl Device) {
    let Some(wire) = &local.wire else { return };
    let id = Cow::Borrowed(&*local.seen.id);
    device.send(&if local.canceling {
        ClientFrame::Cancel { id }
    } else {
        ClientFrame::Invite {
            id,
            callee: Cow::Borrowed(&local.seen.callee),
            content: Cow::Borrowed(&wire.content),
            channel: Cow::Borrowed(&wire.channel),
            age: now.saturating_sub(wire.at),
        }
    });
}

/// Says the last thing that was to be said of a remote invitation.
fn say_remote(remote: &Remote, device: &mut impl Device) {
    let id = Cow::Borrowed(&*remote.seen.id);
    let response = Cow::Borrowed(&*remote.seen.response);
    device.send(&match remote.seen.state {
        RemoteState::InvitationReceived if remote.refusing => ClientFrame::Refuse { id, response },
        RemoteState::InvitationReceived => ClientFrame::InviteAck { id },
        RemoteState::AcceptSentToLocal => ClientFrame::Accept { id, response },
        RemoteState::Refused
        | RemoteState::Accepted
        | RemoteState::Canceled
        | RemoteState::Failure => return,
    });
}
