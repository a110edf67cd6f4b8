//! One WebSocket without a task of its own: nonblocking TCP that a thread drives among thousands of others.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use ringcheck_reference::limits::{FRAME_BYTES_MAX, SUBPROTOCOL};
use socket2::{Domain, Socket, Type};
use tokio_tungstenite::tungstenite::client::{ClientRequestBuilder, client_with_config};
use tokio_tungstenite::tungstenite::handshake::client::{ClientHandshake, Response};
use tokio_tungstenite::tungstenite::handshake::{HandshakeError, MidHandshake};
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes, WebSocket};

use super::line::{Line, Skin, Tls};

/// Allocated per connection at once; holds some thirty usual frames.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Grows on demand; below this much, what is said leaves in one system call at the flush.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// What may wait for a target that does not read. More means that the connection is stuck; it is given up.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Where connections go.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) uri: Uri,
    pub(super) socket: SocketAddr,
    /// Whom to believe, and as whom the server has to show itself, where TLS is spoken.
    pub(super) tls: Option<Tls>,
    /// Where connections come from, in turn; the system chooses where there are none.
    pub(super) sources: Vec<IpAddr>,
}

impl Address {
    /// A connection on its way, from the address whose turn it is.
    fn dial(&self, turn: usize) -> io::Result<TcpStream> {
        let Some(source) = self.sources.get(turn % self.sources.len().max(1)) else {
            return TcpStream::connect(self.socket);
        };
        let socket = bound(*source)?;
        // It is under way, and whether it comes about is told like that of any other.
        match socket.connect(&self.socket.into()) {
            Err(error) if !is_under_way(&error) => return Err(error),
            Ok(()) | Err(_) => {}
        }
        Ok(TcpStream::from_std(socket.into()))
    }
}

/// A socket that will be connected from that address.
fn bound(source: IpAddr) -> io::Result<Socket> {
    let source = SocketAddr::new(source, 0);
    let socket = Socket::new(Domain::for_address(source), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // The port is chosen late, when it is known where to: then one that is in use elsewhere serves as well.
    #[cfg(target_os = "linux")]
    nix::sys::socket::setsockopt(
        &socket,
        nix::sys::socket::sockopt::IpBindAddressNoPort,
        &true,
    )?;
    socket.bind(&source.into())?;
    Ok(socket)
}

fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32) {
        return true;
    }
    error.kind() == io::ErrorKind::WouldBlock
}

/// A connection from its beginning to its end.
#[derive(Debug)]
pub(super) enum Wire {
    /// There is none.
    Down,
    /// TCP is being connected.
    Connecting(Line),
    /// The WebSocket is being agreed on.
    Shaking(Box<MidHandshake<ClientHandshake<Skin>>>),
    /// Frames can go both ways.
    Open(Box<WebSocket<Skin>>),
}

/// What became of a connection that was not open yet.
pub(super) enum Progress {
    /// It is open.
    Opened,
    /// It needs more time.
    Pending,
    /// It cannot be had, for this reason.
    Failed(String),
}

impl Wire {
    /// Begins to connect.
    pub(super) fn connect(
        address: &Address,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut tcp = address.dial(token.0)?;
        // Frames are small and wanted at once.
        tcp.set_nodelay(true)?;
        registry.register(&mut tcp, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self::Connecting(Line::new(tcp)))
    }

    /// The system has something for this connection.
    pub(super) fn stirred(&mut self, is_ending: bool) {
        if let Some(line) = self.line() {
            line.stirred(is_ending);
        }
    }

    /// The TCP connection underneath, if there is one.
    pub(super) fn line(&mut self) -> Option<&mut Line> {
        match self {
            Self::Down => None,
            Self::Connecting(line) => Some(line),
            Self::Shaking(shaking) => Some(shaking.get_mut().get_mut().line()),
            Self::Open(socket) => Some(socket.get_mut().line()),
        }
    }

    /// Goes on with opening.
    pub(super) fn advance(&mut self, address: &Address) -> Progress {
        let shaken = match std::mem::replace(self, Self::Down) {
            Self::Down => return Progress::Pending,
            Self::Open(socket) => {
                *self = Self::Open(socket);
                return Progress::Pending;
            }
            Self::Connecting(line) => match connected(line.tcp()) {
                Ok(true) => match Skin::over(line, address.tls.as_ref()) {
                    Ok(skin) => shake(skin, address),
                    Err(error) => return Progress::Failed(error),
                },
                Ok(false) => {
                    *self = Self::Connecting(line);
                    return Progress::Pending;
                }
                Err(error) => return Progress::Failed(error.to_string()),
            },
            Self::Shaking(shaking) => shaking.handshake(),
        };
        match shaken {
            Ok((socket, _)) => {
                *self = Self::Open(Box::new(socket));
                Progress::Opened
            }
            Err(HandshakeError::Interrupted(shaking)) => {
                *self = Self::Shaking(Box::new(shaking));
                Progress::Pending
            }
            Err(HandshakeError::Failure(error)) => Progress::Failed(error.to_string()),
        }
    }

    /// The next frame that is there, or `None` when there is none; an error when the connection is lost.
    pub(super) fn read(&mut self) -> Result<Option<Utf8Bytes>, ()> {
        let Self::Open(socket) = self else {
            return Ok(None);
        };
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => return Ok(Some(text)),
                // Pings are answered by the library.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Ok(Message::Binary(_) | Message::Close(_)) => return Err(()),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(None);
                }
                Err(_) => return Err(()),
            }
        }
    }

    /// Says something at the next flush. What does not fit shows there as a lost connection.
    pub(super) fn feed(&mut self, text: String) -> bool {
        match self {
            Self::Open(socket) => match socket.write(Message::text(text)) {
                Ok(()) => true,
                Err(Error::Io(error)) => error.kind() == io::ErrorKind::WouldBlock,
                Err(_) => false,
            },
            Self::Down | Self::Connecting(_) | Self::Shaking(_) => true,
        }
    }

    /// Says what waits to be said; an error when the connection is lost.
    pub(super) fn flush(&mut self) -> Result<(), ()> {
        let Self::Open(socket) = self else {
            return Ok(());
        };
        match socket.flush() {
            Ok(()) => Ok(()),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(_) => Err(()),
        }
    }

    /// Says what waits, and that this is the end, as far as the system takes it at once.
    pub(super) fn close(&mut self) {
        if let Self::Open(socket) = self {
            // Whoever does not take it in does without.
            let _: Result<(), Error> = socket.close(None).and_then(|()| socket.flush());
        }
        *self = Self::Down;
    }

    /// Whether frames can go both ways.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }
}

/// Whether TCP is connected by now, or why it never will be.
fn connected(tcp: &TcpStream) -> io::Result<bool> {
    if let Some(error) = tcp.take_error()? {
        return Err(error);
    }
    match tcp.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

type Shaken = Result<(WebSocket<Skin>, Response), HandshakeError<ClientHandshake<Skin>>>;

#[expect(
    clippy::result_large_err,
    reason = "the library's own, and it is taken apart at once"
)]
fn shake(skin: Skin, address: &Address) -> Shaken {
    // A server that does not choose our subprotocol is refused.
    let request = ClientRequestBuilder::new(address.uri.clone()).with_sub_protocol(SUBPROTOCOL);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WAITING_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    client_with_config(request, skin, Some(config))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_port_of_a_source_is_chosen_when_it_is_connected() {
        let target = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = bound("127.0.0.2".parse().unwrap()).unwrap();
        let port = || socket.local_addr().unwrap().as_socket().unwrap().port();
        assert_eq!(port(), 0);
        socket.set_nonblocking(false).unwrap();
        socket
            .connect(&target.local_addr().unwrap().into())
            .unwrap();
        assert_ne!(port(), 0);
    }
}
