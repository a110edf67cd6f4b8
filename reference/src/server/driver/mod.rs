//! The WebSocket driver of the server: threads, sockets, the clock and randomness around the core.
//!
//! Each thread has a runtime and connections of its own, and the core is behind one lock, which is held for a batch of
//! frames at a time. What the core sends goes to the mailbox of the connection; whoever filled it wakes the connection's
//! task, which writes everything that waits and flushes once.

mod admin;
mod connection;
mod gate;
mod handshake;
mod hub;
mod mailbox;
mod metrics;
mod origin;
mod post;
mod refused;
mod shard;
mod tally;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

use self::hub::Hub;
use super::auth::Auth;
use super::core::Counts;
use crate::fault::Fault;
use crate::limits::{Limits, THREADS_MAX};
use crate::tls::Identity;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// What is allowed.
    pub limits: Limits,
    /// Threads; 0 is one per core.
    pub threads: usize,
    /// How log-ins are proved.
    pub auth: Auth,
    /// What is shown of the server by TLS; `None` speaks plain TCP.
    pub identity: Option<Identity>,
    /// Where operators ask: `/healthz`, `/readyz`, `/metrics` and `/invitations/ID`, over plain HTTP.
    pub admin: Option<SocketAddr>,
    /// A deviation to switch on, for checking checkers.
    pub fault: Option<Fault>,
}

impl Default for Settings {
    /// A server for tests: open, on a free loopback port.
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            limits: Limits::default(),
            threads: 0,
            auth: Auth::Open,
            identity: None,
            admin: None,
            fault: None,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on `{address}`: {source}\nhint: another program may have that port; port 0 takes a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread or no event queue.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}

/// A running server. Dropping it stops it.
pub struct Server {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    hub: Arc<Hub>,
    threads: Vec<JoinHandle<()>>,
}

/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 4096;

/// What the system may hold for one connection that reads slowly: enough for a second of a very busy one. Left alone it
/// grows to megabytes each, beyond every bound of ours (LIM-4).
const SEND_BUFFER_BYTES: u32 = 128 * 1024;

impl Server {
    /// Starts a server and returns when it listens.
    ///
    /// # Errors
    /// [`StartError::Listen`] when the address is taken or not ours, [`StartError::Thread`] when the system has run out
    /// of threads or files.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let threads = match settings.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
        .min(THREADS_MAX);
        let runtimes: Vec<Runtime> = (0..threads)
            .map(|_| Builder::new_current_thread().enable_all().build())
            .collect::<Result<_, _>>()
            .map_err(StartError::Thread)?;
        let listen = |address: SocketAddr| {
            // The listener belongs to the first thread's runtime.
            let _guard = runtimes.first().map(Runtime::enter);
            let socket = match address {
                SocketAddr::V4(_) => TcpSocket::new_v4(),
                SocketAddr::V6(_) => TcpSocket::new_v6(),
            }?;
            socket.set_reuseaddr(true)?;
            socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
            socket.bind(address)?;
            let listener = socket.listen(BACKLOG)?;
            Ok((listener.local_addr()?, listener))
        };
        let (address, listener) = listen(settings.listen).map_err(|source| StartError::Listen {
            address: settings.listen,
            source,
        })?;
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..threads).map(|_| shard::arrivals()).unzip();
        let mut first = Some((listener, senders));
        let admin = settings.admin.map(|address| {
            let listener = std::net::TcpListener::bind(address).and_then(|listener| {
                listener.set_nonblocking(true)?;
                Ok((listener.local_addr()?, listener))
            });
            listener.map_err(|source| StartError::Listen { address, source })
        });
        let admin = admin.transpose()?;
        let mut server = Self {
            address,
            admin: admin.as_ref().map(|(address, _)| *address),
            hub: Arc::new(Hub::new(&settings, threads)),
            threads: Vec::new(),
        };
        for (thread, (runtime, arrivals)) in runtimes.into_iter().zip(receivers).enumerate() {
            let (hub, first) = (server.hub.clone(), first.take());
            let handle = std::thread::Builder::new()
                .name(format!("server-{thread}"))
                .spawn(move || shard::run(&runtime, &hub, thread, arrivals, first))
                .map_err(StartError::Thread)?;
            server.threads.push(handle);
        }
        if let Some((_, listener)) = admin {
            server.answer_operators(listener)?;
        }
        Ok(server)
    }

    /// Operators have a thread of their own, so that a page that takes a while holds nobody up.
    fn answer_operators(&mut self, listener: std::net::TcpListener) -> Result<(), StartError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let hub = self.hub.clone();
        let handle = std::thread::Builder::new()
            .name("server-admin".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        () = admin::serve(hub.clone(), listener) => {}
                        () = hub.stopped() => {}
                    }
                });
            })
            .map_err(StartError::Thread)?;
        self.threads.push(handle);
        Ok(())
    }

    /// Where operators ask.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// From now on log-ins are proved so. Sessions that there are stay until their tokens run out.
    pub fn set_auth(&self, auth: Auth) {
        self.hub.set_auth(auth);
    }

    /// From now on new connections are shown that certificate, if the server was started with one.
    pub fn set_identity(&self, identity: Identity) {
        self.hub.set_identity(identity);
    }

    /// Begins to stop, or goes on with it: lets nobody new in, takes no new invitation, and says goodbye to every session
    /// that holds no open invitation. How many invitations are still open. To be called again until there are none.
    pub fn drain(&self) -> usize {
        self.hub.drain()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is in its tables.
    pub fn counts(&self) -> Counts {
        self.hub.counts()
    }

    /// Says goodbye to everybody, closes every connection and waits for the threads: two seconds at most.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.hub.stop();
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended as well.
            let _: Result<(), _> = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("threads", &self.threads.len())
            .field("counts", &self.counts())
            .finish()
    }
}
