//! The WebSocket client: a handle that any thread may call, and the task that keeps its connection.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    CallResult, ConnectionState, Core, Device, Event, InvitationId, LocalInvitation,
    RemoteInvitation,
};
use crate::limits::{Clocks, SUBPROTOCOL};
use crate::socket::{self, Bell, Socket, Turn};
use crate::wire::{ClientFrame, ServerFrame};

/// How long one attempt to connect may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How many frames may wait for the connection before it counts as lost (LIM-4).
const OUTBOX_FRAMES_MAX: usize = 10_000;

/// How many frames are handled before the rest gets a turn.
const BATCH_FRAMES: usize = 64;

/// How many events [`Client::with_events`] holds for a user who does not take them; beyond that the oldest tells most,
/// so later ones are dropped.
const EVENTS_MAX: usize = 65_536;

/// Why a URL cannot be that of a server.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It does not begin with `ws://`.
    #[error("it must begin with `ws://`")]
    Scheme,
    /// It is not a URL.
    #[error("it is not a URL: {0}")]
    Form(String),
}

/// An invitation client. Clones are handles of the same client; it ends when the last is dropped.
#[derive(Debug, Clone)]
pub struct Client {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.shared.bell.ring();
    }
}

struct Shared {
    began: Instant,
    state: Mutex<State>,
    bell: Bell,
    /// The last handle is gone.
    over: AtomicBool,
    /// The connection is to be broken.
    cut: AtomicBool,
    /// No connection may be made.
    held: AtomicBool,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

struct State {
    core: Core,
    desk: Desk,
}

/// What the core has asked for and the task has still to do.
struct Desk {
    observer: Box<dyn FnMut(&Event) + Send>,
    /// Whether frames have a connection to go over.
    online: bool,
    frames: Vec<Utf8Bytes>,
    connect: bool,
    disconnect: bool,
}

impl Device for Desk {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        if self.online && self.frames.len() < OUTBOX_FRAMES_MAX {
            self.frames.push(frame.encode().into());
        }
    }

    fn event(&mut self, event: Event) {
        (self.observer)(&event);
    }

    fn connect(&mut self) {
        self.connect = true;
    }

    fn disconnect(&mut self) {
        self.connect = false;
        self.disconnect = self.online;
        self.online = false;
    }
}

impl Shared {
    /// No code that holds the lock panics by design, except an observer of the user's.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The calls of a client, made under its lock: nothing else happens to it in between.
pub struct Calls<'a> {
    state: &'a mut State,
    now: Duration,
}

impl fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Calls<'_> {
    /// `createLocalInvitation` (OBJ-1).
    pub fn create_local_invitation(
        &mut self,
        callee: &str,
        content: &str,
        channel: &str,
    ) -> InvitationId {
        self.state
            .core
            .create_local_invitation(callee, content, channel)
    }

    /// `sendLocalInvitation` (API-1 to API-4).
    pub fn send_local_invitation(&mut self, id: &str) -> CallResult {
        self.state
            .core
            .send_local_invitation(self.now, id, &mut self.state.desk)
    }

    /// `cancelLocalInvitation` (API-5 to API-7).
    pub fn cancel_local_invitation(&mut self, id: &str) -> CallResult {
        self.state
            .core
            .cancel_local_invitation(self.now, id, &mut self.state.desk)
    }

    /// `acceptRemoteInvitation` (API-8 to API-11, API-15, API-16).
    pub fn accept_remote_invitation(&mut self, id: &str, response: &str) -> CallResult {
        self.state
            .core
            .accept_remote_invitation(id, response, &mut self.state.desk)
    }

    /// `refuseRemoteInvitation` (API-12 to API-16).
    pub fn refuse_remote_invitation(&mut self, id: &str, response: &str) -> CallResult {
        self.state
            .core
            .refuse_remote_invitation(id, response, &mut self.state.desk)
    }

    /// A local invitation, open or recently ended.
    pub fn local(&self, id: &str) -> Option<&LocalInvitation> {
        self.state.core.local(id)
    }

    /// A remote invitation, open or recently ended.
    pub fn remote(&self, id: &str) -> Option<&RemoteInvitation> {
        self.state.core.remote(id)
    }
}

impl Client {
    /// Starts a client that is not logged in. Must be called within a tokio runtime, whose task keeps the connection.
    ///
    /// The observer hears of every event in order, before any frame that the event causes leaves. It runs under the
    /// client's lock, so it must be quick and must not call the client.
    ///
    /// # Errors
    /// When the URL is not one of a server.
    pub fn start(
        url: &str,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, UrlError> {
        let (request, address) = request(url)?;
        let desk = Desk {
            observer: Box::new(observer),
            online: false,
            frames: Vec::new(),
            connect: false,
            disconnect: false,
        };
        let core = Core::new(&crate::random_hex::<8>());
        let shared = Arc::new(Shared {
            began: Instant::now(),
            state: Mutex::new(State { core, desk }),
            bell: Bell::default(),
            over: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            held: AtomicBool::new(false),
        });
        let task = tokio::spawn(keep(shared.clone(), request, address));
        Ok(Self {
            handle: Arc::new(Handle {
                shared,
                task: Mutex::new(Some(task)),
            }),
        })
    }

    /// Starts a client whose events come as a stream.
    ///
    /// # Errors
    /// When the URL is not one of a server.
    pub fn with_events(url: &str) -> Result<(Self, mpsc::Receiver<Event>), UrlError> {
        let (sender, receiver) = mpsc::channel(EVENTS_MAX);
        let client = Self::start(url, move |event| {
            // A user who no longer listens has no use for it.
            let _ = sender.try_send(event.clone());
        })?;
        Ok((client, receiver))
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    /// Makes calls under one lock: no frame comes in between, and no callback runs until it is over.
    pub fn locked<R>(&self, calls: impl FnOnce(&mut Calls<'_>) -> R) -> R {
        let result = {
            let mut state = self.shared().state();
            let now = self.shared().now();
            calls(&mut Calls {
                state: &mut state,
                now,
            })
        };
        self.shared().bell.ring();
        result
    }

    /// Logs in; how that comes out is told by [`Event::Connection`].
    pub fn login(&self, user: &str, token: Option<&str>) {
        let now = self.shared().now();
        self.locked(|calls| {
            calls
                .state
                .core
                .login(now, user, token, &mut calls.state.desk);
        });
    }

    /// Logs out; open invitations are forgotten on this side (SES-4).
    pub fn logout(&self) {
        self.locked(|calls| calls.state.core.logout(&mut calls.state.desk));
    }

    /// `createLocalInvitation` (OBJ-1).
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
        self.locked(|calls| calls.state.core.set_content(id, content));
    }

    /// Writes the channel id of a local invitation; after the send that changes nothing on the wire (OBJ-6).
    pub fn set_channel(&self, id: &str, channel: &str) {
        self.locked(|calls| calls.state.core.set_channel(id, channel));
    }

    /// `sendLocalInvitation` (API-1 to API-4).
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
        self.shared().state().core.local(id).cloned()
    }

    /// A remote invitation, open or recently ended.
    pub fn remote(&self, id: &str) -> Option<RemoteInvitation> {
        self.shared().state().core.remote(id).cloned()
    }

    /// The limits in force, once the server has told them.
    pub fn clocks(&self) -> Option<Clocks> {
        self.shared().state().core.clocks()
    }

    /// The state of the connection.
    pub fn connection_state(&self) -> ConnectionState {
        self.shared().state().core.connection_state()
    }

    /// Breaks the connection at once, as a lost network would; the client comes back by itself.
    pub fn cut(&self) {
        self.shared().cut.store(true, Ordering::Release);
        self.shared().bell.ring();
    }

    /// While `true`, no connection is made; one that is wanted is made as soon as it is `false` again.
    pub fn hold_down(&self, held: bool) {
        self.shared().held.store(held, Ordering::Release);
        self.shared().bell.ring();
    }

    /// Says what is still to be said, closes the connection and ends.
    pub async fn close(self) {
        let task = self
            .handle
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(self);
        if let Some(task) = task {
            // A task that panicked is over as well.
            let _ = task.await;
        }
    }
}

/// The request to connect with, and the address to connect to.
fn request(url: &str) -> Result<(Request<()>, String), UrlError> {
    if !url.starts_with("ws://") {
        return Err(UrlError::Scheme);
    }
    let mut request = url
        .into_client_request()
        .map_err(|error| UrlError::Form(error.to_string()))?;
    let authority = request
        .uri()
        .authority()
        .ok_or_else(|| UrlError::Form("the host is missing".to_owned()))?;
    let address = format!(
        "{}:{}",
        authority.host(),
        authority.port_u16().unwrap_or(80)
    );
    let subprotocol = HeaderValue::from_static(SUBPROTOCOL);
    request
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    Ok((request, address))
}

/// The life of the client: without a connection, with one, and so on until it is over.
async fn keep(shared: Arc<Shared>, request: Request<()>, address: String) {
    loop {
        if !until_wanted(&shared).await {
            return;
        }
        let connecting = tokio::time::timeout(CONNECT_WITHIN, connect(request.clone(), &address));
        let mut connected = std::pin::pin!(connecting);
        // Log-ins run out and are taken back while a connection is being made.
        let socket = loop {
            tokio::select! {
                socket = &mut connected => break socket.ok().flatten(),
                () = wake_or_bell(&shared) => {
                    if !settle(&shared) {
                        break None;
                    }
                }
            }
        };
        let Some(socket) = socket else {
            let mut state = shared.state();
            let State { core, desk } = &mut *state;
            core.disconnected(shared.now(), desk);
            continue;
        };
        shared.cut.store(false, Ordering::Release);
        {
            let mut state = shared.state();
            let State { core, desk } = &mut *state;
            desk.online = true;
            core.connected(shared.now(), desk);
        }
        // The first words are waiting.
        shared.bell.ring();
        converse(&shared, socket).await;
    }
}

/// Waits until a connection is wanted and may be made; `false` when the client is over.
async fn until_wanted(shared: &Shared) -> bool {
    loop {
        if shared.over.load(Ordering::Acquire) {
            return false;
        }
        settle(shared);
        {
            let mut state = shared.state();
            // There is nothing to close.
            state.desk.disconnect = false;
            state.desk.frames.clear();
            if state.desk.connect && !shared.held.load(Ordering::Acquire) {
                state.desk.connect = false;
                return true;
            }
        }
        wake_or_bell(shared).await;
    }
}

/// Does what has fallen due. Whether the client still wants a connection that is being made.
fn settle(shared: &Shared) -> bool {
    let mut state = shared.state();
    let State { core, desk } = &mut *state;
    let now = shared.now();
    if core.next_wake().is_some_and(|wake| wake <= now) {
        core.tick(now, desk);
    }
    !shared.over.load(Ordering::Acquire)
        && matches!(
            core.connection_state(),
            ConnectionState::Connecting | ConnectionState::Reconnecting
        )
}

/// Waits for the bell or for the next thing to fall due.
async fn wake_or_bell(shared: &Shared) {
    let wake = shared.state().core.next_wake();
    match wake {
        Some(wake) => {
            let _ =
                tokio::time::timeout(wake.saturating_sub(shared.now()), shared.bell.rung()).await;
        }
        None => shared.bell.rung().await,
    }
}

async fn connect(request: Request<()>, address: &str) -> Option<Socket> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let config = Some(socket::config());
    // The handshake fails by itself if the server does not choose the one subprotocol that was offered.
    let (stream, _) = tokio_tungstenite::client_async_with_config(request, stream, config)
        .await
        .ok()?;
    Some(Socket::new(stream))
}

/// How a conversation goes on.
enum Next {
    /// It goes on.
    On,
    /// The core closes it, after these last words.
    Close(Vec<Utf8Bytes>),
    /// The connection is lost.
    Lost,
}

/// Speaks with the server until one of the two ends it.
async fn converse(shared: &Shared, mut socket: Socket) {
    let mut batch: Vec<Utf8Bytes> = Vec::new();
    loop {
        let wake = shared.state().core.next_wake();
        let wait = wake.map_or(Duration::MAX, |wake| wake.saturating_sub(shared.now()));
        let mut turn = tokio::time::timeout(wait, socket.turn(&shared.bell))
            .await
            .ok();
        while let Some(Turn::Text(text)) = turn {
            batch.push(text);
            turn = if batch.len() < BATCH_FRAMES {
                socket.ready()
            } else {
                None
            };
        }
        let gone = matches!(turn, Some(Turn::Gone | Turn::Broken(..)));
        let mut frames = Vec::new();
        match handle(shared, &mut batch, gone, socket.is_flushed(), &mut frames) {
            Next::On => {
                if !socket.feed(frames) || !socket.flush_now() {
                    return lose(shared);
                }
            }
            Next::Close(last_words) => {
                socket.feed(last_words);
                return socket.close(CloseCode::Normal, "").await;
            }
            Next::Lost => return,
        }
    }
}

/// Takes in what came and gives out what is to be said, all under one lock.
fn handle(
    shared: &Shared,
    batch: &mut Vec<Utf8Bytes>,
    gone: bool,
    free: bool,
    frames: &mut Vec<Utf8Bytes>,
) -> Next {
    let mut state = shared.state();
    let State { core, desk } = &mut *state;
    let now = shared.now();
    for text in batch.drain(..) {
        // What this client does not understand may be meant for later ones.
        if desk.online
            && let Ok(frame) = ServerFrame::decode(&text)
        {
            core.frame(now, &frame, desk);
        }
    }
    if core.next_wake().is_some_and(|wake| wake <= now) {
        core.tick(now, desk);
    }
    let over = shared.over.load(Ordering::Acquire);
    if desk.disconnect || over {
        desk.disconnect = false;
        desk.online = false;
        return Next::Close(std::mem::take(&mut desk.frames));
    }
    if gone || shared.cut.swap(false, Ordering::AcqRel) || desk.frames.len() >= OUTBOX_FRAMES_MAX {
        desk.online = false;
        desk.frames.clear();
        core.disconnected(now, desk);
        return Next::Lost;
    }
    if free {
        std::mem::swap(&mut desk.frames, frames);
    }
    Next::On
}

fn lose(shared: &Shared) {
    let mut state = shared.state();
    let State { core, desk } = &mut *state;
    desk.online = false;
    desk.frames.clear();
    core.disconnected(shared.now(), desk);
}
