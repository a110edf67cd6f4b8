//! A connection that is made stage by stage, so that each can be told apart, and then talks frame by frame.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use ringcheck_reference::limits::SUBPROTOCOL;
use ringcheck_reference::tls::Trust;
use ringcheck_reference::wire::ServerFrame;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long one stage or one answer may take.
pub(super) const WITHIN: Duration = Duration::from_secs(5);

/// Where to go.
#[derive(Debug, Clone)]
pub(super) struct Place {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

/// The bytes under a WebSocket.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

impl Place {
    /// Reads a URL that the client has taken for good.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let is_tls = uri.scheme_str() == Some("wss");
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
        Some(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            is_tls,
            uri,
        })
    }

    pub(super) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// A connection of TCP, or why there is none.
    pub(super) async fn reach(&self) -> Result<TcpStream, String> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let tcp = within(connecting).await?.map_err(told)?;
        tcp.set_nodelay(true).map_err(told)?;
        Ok(tcp)
    }

    /// TLS over it, with a certificate that is believed, or why not.
    pub(super) async fn secure(
        &self,
        tcp: TcpStream,
        trust: &Trust,
    ) -> Result<Box<dyn Bytes>, String> {
        let name = ServerName::try_from(self.host.clone()).map_err(told)?;
        let shaking = TlsConnector::from(trust.config()).connect(name, tcp);
        let tls = within(shaking).await?.map_err(told)?;
        Ok(Box::new(tls))
    }

    /// Agrees on a WebSocket, asking for our subprotocol or for none.
    pub(super) async fn shake(
        &self,
        bytes: Box<dyn Bytes>,
        asks: bool,
    ) -> Result<(Line, Response), Error> {
        let request = ClientRequestBuilder::new(self.uri.clone());
        let request = if asks {
            request.with_sub_protocol(SUBPROTOCOL)
        } else {
            request
        };
        let shaken = tokio::time::timeout(WITHIN, client_async(request, bytes)).await;
        let (socket, response) = shaken.map_err(|_| {
            let told = format!("no answer within {WITHIN:?}");
            Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, told))
        })??;
        Ok((Line { socket }, response))
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What comes of it in time.
async fn within<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let done = tokio::time::timeout(WITHIN, work).await;
    done.map_err(|_| format!("no answer within {WITHIN:?}"))
}

/// A WebSocket that talks frame by frame.
pub(super) struct Line {
    socket: WebSocketStream<Box<dyn Bytes>>,
}

impl Line {
    /// Says a text.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), String> {
        let saying = self.socket.send(Message::text(text));
        within(saying).await?.map_err(told)
    }

    /// Says a text, and waits for the frame that answers it: the first of which `answer` makes something. Also how long
    /// that took.
    pub(super) async fn ask<T>(
        &mut self,
        text: &str,
        answer: impl Fn(&ServerFrame<'_>) -> Option<T>,
    ) -> Result<(T, Duration), String> {
        let began = Instant::now();
        self.say(text).await?;
        let mut others = Vec::new();
        let hearing = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => match ServerFrame::decode(&text) {
                        Ok(frame) => match answer(&frame) {
                            Some(answer) => return Ok((answer, began.elapsed())),
                            None => others.push(frame.kind().to_owned()),
                        },
                        Err(refusal) => {
                            others.push(format!("what is no frame ({})", refusal.message));
                        }
                    },
                    Some(Ok(Message::Close(Some(frame)))) => {
                        return Err(format!("the connection was closed with {}", frame.code));
                    }
                    Some(Ok(Message::Binary(_))) => others.push("a binary message".to_owned()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(None))) | None => {
                        return Err("the connection was closed".to_owned());
                    }
                    Some(Err(error)) => return Err(error.to_string()),
                }
            }
        };
        match tokio::time::timeout(WITHIN, hearing).await {
            Ok(answer) => answer,
            Err(_) if others.is_empty() => Err(format!("nothing came within {WITHIN:?}")),
            Err(_) => Err(format!(
                "within {WITHIN:?} only this came: {}",
                others.join(", ")
            )),
        }
    }
}
