//! The WebSocket driver of the client: a task, a socket, the clock and randomness around the core.
//!
//! Calls go to the core at once, under its lock, and what they cause is flushed by the client's task. The task reads
//! everything that is ready, gives it to the core as one batch, and flushes once. The observer hears of an event before
//! any frame that the event causes leaves.

mod address;
mod calls;
mod desk;
mod pump;
mod raw;
mod trouble;
mod valve;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use self::address::UrlError;
pub use self::calls::Calls;
pub use self::raw::Raw;
pub use self::valve::Meddling;

use self::address::Address;
use self::desk::{Desk, State};
use super::core::Core;
use super::event::{ConnectionState, Event};
use super::invitation::{CallResult, InvitationId, LocalInvitation, RemoteInvitation};
use crate::fault::Fault;
use crate::limits::Clocks;
use crate::tls::Trust;

/// Events that may wait in the channel of [`Client::with_events`].
pub const EVENTS_MAX: usize = 16 * 1024;

/// An invitation client over WebSocket. Clones are handles of the same client; when the last one is dropped, the
/// connection is closed.
///
/// Closing ends no session: the user counts as online for the presence grace. Log out first to be offline at once.
#[derive(Clone)]
pub struct Client {
    handle: Arc<Handle>,
}

struct Handle {
    desk: Arc<Desk>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.desk.close();
    }
}

impl Client {
    /// Starts a client of the server at `url`. Nothing is connected before [`Client::login`].
    ///
    /// `observer` is called with every event, in order, while the client is locked: it must be quick, and must not call
    /// the client.
    ///
    /// # Errors
    /// [`UrlError`] when `url` is not `ws://host:port` or `wss://host:port`.
    ///
    /// # Panics
    /// When called outside a tokio runtime.
    pub fn start(
        url: &str,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, UrlError> {
        Ok(Self::begin(Address::parse(url, None)?, None, observer))
    }

    /// As [`Client::start`], for `wss://` servers whose certificates nobody but `trust` vouches for.
    ///
    /// # Errors
    /// [`UrlError`] when `url` is not `ws://host:port` or `wss://host:port`.
    ///
    /// # Panics
    /// When called outside a tokio runtime.
    pub fn trusting(
        url: &str,
        trust: &Trust,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, UrlError> {
        Ok(Self::begin(
            Address::parse(url, Some(trust))?,
            None,
            observer,
        ))
    }

    fn begin(
        address: Address,
        fault: Option<Fault>,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Self {
        let (core, observer) = (Core::new(&instance()), Box::new(observer));
        Self::run(Arc::new(Desk::new(core, observer, fault)), address)
    }

    /// As [`Client::start`], with a deviation switched on: for checking checkers.
    ///
    /// # Errors
    /// [`UrlError`] when `url` is not `ws://host:port` or `wss://host:port`.
    ///
    /// # Panics
    /// When called outside a tokio runtime.
    pub fn deviant(
        url: &str,
        fault: Fault,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, UrlError> {
        Ok(Self::begin(
            Address::parse(url, None)?,
            Some(fault),
            observer,
        ))
    }

    /// Starts a client whose events come through a channel of [`EVENTS_MAX`] places. A receiver that falls behind by
    /// more finds the channel closed after what fitted, and the client with it (LIM-4).
    ///
    /// # Errors
    /// [`UrlError`] when `url` is not `ws://host:port` or `wss://host:port`.
    ///
    /// # Panics
    /// When called outside a tokio runtime.
    pub fn with_events(url: &str) -> Result<(Self, mpsc::Receiver<Event>), UrlError> {
        let address = Address::parse(url, None)?;
        let (sender, receiver) = mpsc::channel(EVENTS_MAX);
        let desk = Arc::new_cyclic(|desk: &std::sync::Weak<Desk>| {
            let (mut sender, desk) = (Some(sender), desk.clone());
            let observer = move |event: &Event| {
                if let Some(open) = &sender
                    && open.try_send(event.clone()).is_err()
                {
                    sender = None;
                    if let Some(desk) = desk.upgrade() {
                        desk.close();
                    }
                }
            };
            Desk::new(Core::new(&instance()), Box::new(observer), None)
        });
        Ok((Self::run(desk, address), receiver))
    }

    fn run(desk: Arc<Desk>, address: Address) -> Self {
        let task = tokio::spawn(pump::run(desk.clone(), address));
        Self {
            handle: Arc::new(Handle {
                desk,
                task: Mutex::new(Some(task)),
            }),
        }
    }

    /// Makes calls with nothing in between: no event, no frame, no call of another handle. What they cause is flushed
    /// after `work` has returned.
    pub fn locked<R>(&self, work: impl FnOnce(&mut Calls<'_>) -> R) -> R {
        let desk = &self.handle.desk;
        let result = desk.with(|now, state| work(&mut Calls::new(now, state)));
        desk.wake();
        result
    }

    fn read<R>(&self, work: impl FnOnce(&State) -> R) -> R {
        self.handle.desk.with(|_, state| work(state))
    }

    /// Logs in. How that comes out is told by [`Event::Connection`]. Does nothing if there is a session.
    pub fn login(&self, user: &str, token: Option<&str>) {
        self.locked(|calls| calls.login(user, token));
    }

    /// Takes a new token: for the session there is, and for coming back later. How that comes out is told by
    /// [`Event::TokenRenewed`] or [`Event::Refused`]; a refused one changes nothing until the old one runs out (SES-7).
    pub fn renew_token(&self, token: &str) {
        self.locked(|calls| calls.renew_token(token));
    }

    /// Logs out. Open invitations are forgotten on this side, without callbacks (SES-4).
    pub fn logout(&self) {
        self.locked(|calls| calls.logout());
    }

    /// `createLocalInvitation` (OBJ-1): needs no login, checks nothing yet.
    pub fn create_local_invitation(
        &self,
        callee: &str,
        content: &str,
        channel: &str,
    ) -> InvitationId {
        self.locked(|calls| calls.create_local_invitation(callee, content, channel))
    }

    /// Writes the content of a local invitation; after the send that changes nothing on the wire (OBJ-6).
    pub fn set_content(&self, id: &str, content: &str) {
        self.locked(|calls| calls.set_content(id, content));
    }

    /// Writes the channel id of a local invitation; after the send that changes nothing on the wire (OBJ-6).
    pub fn set_channel(&self, id: &str, channel: &str) {
        self.locked(|calls| calls.set_channel(id, channel));
    }

    /// Forgets a local invitation that was never sent.
    pub fn discard(&self, id: &str) {
        self.locked(|calls| calls.discard(id));
    }

    /// `sendLocalInvitation` (API-1 to API-4). Without a login it succeeds and fails by callback (FAIL-5).
    pub fn send_local_invitation(&self, id: &str) -> CallResult {
        self.locked(|calls| calls.send_local_invitation(id))
    }

    /// `cancelLocalInvitation` (API-5 to API-7).
    pub fn cancel_local_invitation(&self, id: &str) -> CallResult {
        self.locked(|calls| calls.cancel_local_invitation(id))
    }

    /// `acceptRemoteInvitation` (API-8 to API-11, API-15, API-16).
    pub fn accept_remote_invitation(&self, id: &str, response: &str) -> CallResult {
        self.locked(|calls| calls.accept_remote_invitation(id, response))
    }

    /// `refuseRemoteInvitation` (API-12 to API-16).
    pub fn refuse_remote_invitation(&self, id: &str, response: &str) -> CallResult {
        self.locked(|calls| calls.refuse_remote_invitation(id, response))
    }

    /// A local invitation, open or recently ended.
    pub fn local(&self, id: &str) -> Option<LocalInvitation> {
        self.read(|state| state.core.local(id).cloned())
    }

    /// A remote invitation, open or recently ended.
    pub fn remote(&self, id: &str) -> Option<RemoteInvitation> {
        self.read(|state| state.core.remote(id).cloned())
    }

    /// The limits in force, once the server has told them.
    pub fn clocks(&self) -> Option<Clocks> {
        self.read(|state| state.core.clocks())
    }

    /// Why the last attempt to connect failed, if it did.
    pub fn trouble(&self) -> Option<String> {
        self.read(|state| state.wishes.trouble.clone())
    }

    /// The state of the connection.
    pub fn connection_state(&self) -> ConnectionState {
        self.read(|state| state.core.connection_state())
    }

    /// Breaks the TCP connection at once, without a close frame, as a lost network does. The client reconnects by itself.
    /// For harnesses.
    pub fn cut(&self) {
        self.handle.desk.cut();
    }

    /// While `down`, a lost connection stays lost: connecting again waits, and goes on at once when it may. An open
    /// connection stays. For harnesses.
    pub fn hold_down(&self, down: bool) {
        self.handle.desk.hold_down(down);
    }

    /// While `held`, what the client says over this connection waits, and is lost with it. For harnesses.
    pub fn hold_sent(&self, held: bool) {
        self.handle.desk.hold_sent(held);
    }

    /// While `held`, what the client is told waits unread. For harnesses.
    pub fn hold_heard(&self, held: bool) {
        self.handle.desk.hold_heard(held);
    }

    /// Has something happen to the frames that this client says over its connection, until that is mended or the connection
    /// is lost: to those of the types in `frames`, or to all if it is empty. `seed` decides what is left to chance. For
    /// harnesses.
    pub fn meddle_sent(&self, frames: Vec<String>, how: Meddling, seed: u64) {
        let desk = &self.handle.desk;
        desk.meddle(|_, wishes| wishes.sent.meddle(frames, how, seed));
    }

    /// As [`Client::meddle_sent`], with the frames that it is told.
    pub fn meddle_heard(&self, frames: Vec<String>, how: Meddling, seed: u64) {
        let desk = &self.handle.desk;
        desk.meddle(|_, wishes| wishes.heard.meddle(frames, how, seed));
    }

    /// Lets frames go through again as they are, those that it says or those that it is told. For harnesses.
    pub fn mend(&self, sent: bool) {
        self.handle.desk.meddle(|now, wishes| {
            if sent {
                wishes.sent.mend(now);
            } else {
                wishes.heard.mend(now);
            }
        });
    }

    /// Says something over the open connection as it is, behind everything that is to be said by now. For harnesses.
    pub fn say_raw(&self, raw: Raw) {
        self.handle.desk.meddle(|_, wishes| {
            if wishes.line == desk::Line::Open {
                wishes.raw.push_back(raw);
            }
        });
    }

    /// Closes the connection and waits until it is closed, a second at most. Every handle of the client is dead then.
    pub async fn close(self) {
        self.handle.desk.close();
        let task = self
            .handle
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task {
            // A task that panicked has ended as well.
            let _: Result<(), _> = task.await;
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("connection_state", &self.connection_state())
            .finish_non_exhaustive()
    }
}

/// A name that no other client has, as far as chance goes: 64 random bits. Without randomness, the time and the process
/// stand in: the ids have to be unique, not secret.
fn instance() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let mixed = since.as_nanos() ^ (u128::from(std::process::id()) << 32);
        bytes = (mixed as u64).to_be_bytes();
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}
