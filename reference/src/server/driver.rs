//! The WebSocket server: one thread per core, each with its own connections, around the one core.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::auth::Auth;
use super::hub::{Hub, Mailbox};
use super::{ConnectionId, Counts};
use crate::limits::{Limits, SUBPROTOCOL};
use crate::socket::{self, Socket, Turn};
use crate::wire::ServerFrame;

/// How many frames of one connection are handled before the others get a turn.
const BATCH_FRAMES: usize = 64;

/// How long a stopping server waits for its connections to say goodbye.
const GOODBYES_WITHIN: Duration = Duration::from_secs(2);

/// How long to wait after a connection could not be accepted, as when files have run out.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// How to run a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What it allows.
    pub limits: Limits,
    /// Threads; 0 is one per core.
    pub threads: usize,
    /// Who may log in.
    pub auth: Auth,
}

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "could not listen on `{address}`: {source}\nhint: another program may have that port; port 0 takes a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("could not start a thread: {0}")]
    Thread(io::Error),
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    hub: Arc<Hub>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts a server in threads of its own.
    ///
    /// # Errors
    /// When it cannot listen, or has no threads.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings {
            listen,
            limits,
            threads,
            auth,
        } = settings;
        let failed = |source| StartError::Listen {
            address: listen,
            source,
        };
        let listener = StdListener::bind(listen).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let hub = Arc::new(Hub::new(limits, auth));
        let (stop, stopped) = watch::channel(false);
        let mut server = Self {
            address,
            hub: hub.clone(),
            stop,
            threads: Vec::new(),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for index in 0..if threads == 0 { cores } else { threads } {
            let listener = listener.try_clone().map_err(failed)?;
            let (hub, stopped) = (hub.clone(), stopped.clone());
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(StartError::Thread)?;
            let thread = std::thread::Builder::new().name(format!("ringcheck-{index}"));
            let run = move || {
                runtime.block_on(LocalSet::new().run_until(serve(
                    listener,
                    hub,
                    stopped,
                    index == 0,
                )));
            };
            server
                .threads
                .push(thread.spawn(run).map_err(StartError::Thread)?);
        }
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is in its tables.
    pub fn counts(&self) -> Counts {
        self.hub.counts()
    }

    /// Says goodbye to everybody and ends.
    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for thread in self.threads.drain(..) {
            // A thread that panicked is over as well.
            let _ = thread.join();
        }
    }
}

/// The life of one thread.
async fn serve(
    listener: StdListener,
    hub: Arc<Hub>,
    mut stopped: watch::Receiver<bool>,
    ticks: bool,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let mut connections = JoinSet::new();
    let ticker = async {
        if ticks {
            hub.tick().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    connections.spawn_local(connection(stream, hub.clone()));
                    while connections.try_join_next().is_some() {}
                }
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN_AFTER).await,
            }
        }
    };
    tokio::select! {
        () = ticker => {}
        () = accepting => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    hub.close_all();
    let goodbyes = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GOODBYES_WITHIN, goodbyes).await;
}

/// The life of one connection.
async fn connection(stream: TcpStream, hub: Arc<Hub>) {
    let _ = stream.set_nodelay(true);
    let Some((id, mailbox)) = hub.open() else {
        if let Ok(mut stream) = stream.into_std() {
            let _ =
                stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
        }
        return;
    };
    let handshake =
        tokio_tungstenite::accept_hdr_async_with_config(stream, negotiate, Some(socket::config()));
    let end = match tokio::time::timeout(hub.limits.login_timeout, handshake).await {
        Ok(Ok(stream)) => {
            let mut socket = Socket::new(stream);
            let end = converse(&hub, id, &mailbox, &mut socket).await;
            Some((socket, end))
        }
        Ok(Err(_)) | Err(_) => None,
    };
    // The session's grace begins now, not when the goodbyes are over.
    hub.closed(id);
    if let Some((socket, Some((code, reason)))) = end {
        socket.close(code, reason).await;
    }
}

/// Speaks with a client until one of the two ends it. How to close the connection, if it is still there.
async fn converse(
    hub: &Hub,
    id: ConnectionId,
    mailbox: &Mailbox,
    socket: &mut Socket,
) -> Option<(CloseCode, &'static str)> {
    let mut batch: Vec<Utf8Bytes> = Vec::new();
    let mut frames: Vec<Utf8Bytes> = Vec::new();
    loop {
        let mut turn = Some(socket.turn(&mailbox.bell).await);
        while let Some(Turn::Text(text)) = turn {
            batch.push(text);
            turn = if batch.len() < BATCH_FRAMES {
                socket.ready()
            } else {
                None
            };
        }
        if !batch.is_empty() {
            hub.handle(id, &batch);
            batch.clear();
        }
        let closing = mailbox.take(socket.is_flushed(), &mut frames);
        if !socket.feed(frames.drain(..)) {
            return None;
        }
        match turn {
            Some(Turn::Gone) => return None,
            Some(Turn::Broken(code, reason)) => return Some((code, reason)),
            Some(Turn::Text(_) | Turn::Free) | None => {}
        }
        if let Some(reason) = closing {
            let bye = ServerFrame::Bye { reason }.encode();
            socket.feed([bye.into()]);
            return Some((CloseCode::from(reason.close_code()), reason.word()));
        }
        if !socket.flush_now() {
            return None;
        }
    }
}

/// Agrees on the subprotocol, or says which one there is.
#[expect(clippy::result_large_err, reason = "the shape is the library's")]
fn negotiate(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let agreed = offered
        .iter()
        .filter_map(|offer| offer.to_str().ok())
        .flat_map(|offer| offer.split(','))
        .any(|offer| offer.trim() == SUBPROTOCOL);
    if agreed {
        let chosen = HeaderValue::from_static(SUBPROTOCOL);
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(Some(format!(
        "this server speaks the subprotocol {SUBPROTOCOL} alone\n"
    )));
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    Err(refusal)
}
