//! The bytes under a WebSocket of a flood: nonblocking TCP, or TLS over it.

use std::io::{self, Read, Write};
use std::sync::Arc;

use mio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A TCP connection that knows when reading it again would be in vain.
#[derive(Debug)]
pub(super) struct Line {
    tcp: TcpStream,
    /// The last read took less than it had room for. Until the system says otherwise there is nothing more, and asking for
    /// it would cost a system call for each batch of frames.
    is_dry: bool,
    /// The peer has closed its end, which no later word of the system would tell again.
    is_ending: bool,
}

impl Line {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            is_dry: false,
            is_ending: false,
        }
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    pub(super) fn tcp_mut(&mut self) -> &mut TcpStream {
        &mut self.tcp
    }

    /// The system has something for this connection.
    pub(super) fn stirred(&mut self, is_ending: bool) {
        self.is_dry = false;
        self.is_ending |= is_ending;
    }
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.is_dry {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.tcp.read(room)?;
        self.is_dry = read < room.len() && !self.is_ending;
        Ok(read)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whom to believe, and as whom the server has to show itself.
#[derive(Debug)]
pub(super) struct Tls {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// Plain TCP, or TLS over it. TLS keeps much beside the socket, so it lies apart and costs plain ones nothing.
#[derive(Debug)]
pub(super) enum Skin {
    Plain(Line),
    Tls(Box<StreamOwned<ClientConnection, Line>>),
}

impl Skin {
    /// What is spoken over a connection that stands; TLS agrees on its keys with the first bytes that go through.
    pub(super) fn over(line: Line, tls: Option<&Tls>) -> Result<Self, String> {
        let Some(Tls { config, name }) = tls else {
            return Ok(Self::Plain(line));
        };
        let client = ClientConnection::new(config.clone(), name.clone());
        let client = client.map_err(|error| error.to_string())?;
        Ok(Self::Tls(Box::new(StreamOwned::new(client, line))))
    }

    /// The TCP connection underneath.
    pub(super) fn line(&mut self) -> &mut Line {
        match self {
            Self::Plain(line) => line,
            Self::Tls(tls) => &mut tls.sock,
        }
    }
}

impl Read for Skin {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.read(room),
            Self::Tls(tls) => tls.read(room),
        }
    }
}

impl Write for Skin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(line) => line.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(line) => line.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
