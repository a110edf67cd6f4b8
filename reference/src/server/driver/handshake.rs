//! The HTTP before the WebSocket: who asks wrongly is told in HTTP what is wrong.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::{
    Request, Response, create_response, write_response,
};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::gate::TurnedAway;
use super::origin;
use crate::limits::SUBPROTOCOL;
use crate::pipe::Pipe;
use crate::socket::{self, LINGER, Socket};

/// The largest request head: usual ones have a few hundred bytes, those of browsers with cookies a few thousand.
const HEAD_BYTES_MAX: usize = 8 * 1024;

const PROTOCOL_HEADER: &str = "Sec-WebSocket-Protocol";

/// A refusal in HTTP: what it counts as, status line and body.
struct Answer(TurnedAway, &'static str, String);

/// Whom the server hears.
pub(super) struct Terms {
    /// Why there is no room, if there is none.
    pub(super) full: Option<TurnedAway>,
    /// Whether log-ins need a token, which no foreign page has.
    pub(super) tokens: bool,
    pub(super) frame_bytes_max: usize,
}

/// Shakes hands, or answers in HTTP why not.
pub(super) async fn shake(mut pipe: Pipe, terms: &Terms) -> Result<Socket, TurnedAway> {
    let mut head = Vec::new();
    let broken = |_: io::Error| TurnedAway::HandshakeUnfinished;
    let asked = request(&mut pipe, &mut head).await.map_err(broken)?;
    let outcome = match asked {
        Ok((rest, request)) => response(&request, terms).map(|response| (rest, response)),
        Err(answer) => Err(answer),
    };
    match outcome {
        Ok((rest, response)) => {
            let mut bytes = Vec::new();
            write_response(&mut bytes, &response).map_err(|_| TurnedAway::NotWebSocket)?;
            pipe.write_all(&bytes).await.map_err(broken)?;
            pipe.flush().await.map_err(broken)?;
            let config = Some(socket::config(terms.frame_bytes_max));
            let pipe = socket::buffered(pipe);
            Ok(WebSocketStream::from_partially_read(pipe, rest, Role::Server, config).await)
        }
        Err(answer) => {
            // A client that does not take the answer in time does without it.
            let _: Result<io::Result<()>, _> =
                tokio::time::timeout(LINGER, refuse(&mut pipe, &answer)).await;
            Err(answer.0)
        }
    }
}

/// Reads the request's head, and what the client has said after it.
async fn request(
    pipe: &mut Pipe,
    head: &mut Vec<u8>,
) -> io::Result<Result<(Vec<u8>, Request), Answer>> {
    loop {
        if pipe.read_buf(head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match Request::try_parse(head) {
            Ok(Some((size, request))) => return Ok(Ok((head.split_off(size), request))),
            Ok(None) if head.len() < HEAD_BYTES_MAX => {}
            Ok(None) => {
                let body = format!("the request's head is longer than {HEAD_BYTES_MAX} bytes");
                return Ok(Err(Answer(
                    TurnedAway::NotWebSocket,
                    "431 Request Header Fields Too Large",
                    body,
                )));
            }
            Err(Error::Protocol(ProtocolError::WrongHttpMethod)) => {
                return Ok(Err(Answer(
                    TurnedAway::NotWebSocket,
                    "405 Method Not Allowed",
                    usage(),
                )));
            }
            Err(error) => {
                return Ok(Err(Answer(
                    TurnedAway::NotWebSocket,
                    "400 Bad Request",
                    format!("not an HTTP request: {error}"),
                )));
            }
        }
    }
}

fn response(request: &Request, terms: &Terms) -> Result<Response, Answer> {
    if let Some(why) = terms.full {
        let (status, whose) = match why {
            TurnedAway::AddressFull => ("429 Too Many Requests", " from your address"),
            TurnedAway::ConnectionsFull
            | TurnedAway::TlsFailed
            | TurnedAway::NotWebSocket
            | TurnedAway::ForeignOrigin
            | TurnedAway::HandshakeUnfinished => ("503 Service Unavailable", ""),
        };
        let body = format!("the server has as many connections{whose} as it may; try again later");
        return Err(Answer(why, status, body));
    }
    if !terms.tokens && origin::is_foreign(request) {
        let body = "a server without tokens is not for pages from elsewhere, since anybody's page could act as any user; \
                    open the page from this machine, or ask for tokens (`--auth-keys`)";
        let why = TurnedAway::ForeignOrigin;
        return Err(Answer(why, "403 Forbidden", body.to_owned()));
    }
    let mut response = create_response(request).map_err(|error| {
        let body = format!("{}; {error}", usage());
        if request.headers().contains_key("Upgrade") {
            Answer(TurnedAway::NotWebSocket, "400 Bad Request", body)
        } else {
            Answer(TurnedAway::NotWebSocket, "426 Upgrade Required", body)
        }
    })?;
    let offered = request.headers().get_all(PROTOCOL_HEADER);
    let is_ours = offered
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == SUBPROTOCOL);
    if !is_ours {
        let body = format!("the only supported WebSocket subprotocol is `{SUBPROTOCOL}`");
        return Err(Answer(TurnedAway::NotWebSocket, "400 Bad Request", body));
    }
    let ours = HeaderValue::from_static(SUBPROTOCOL);
    response.headers_mut().insert(PROTOCOL_HEADER, ours);
    Ok(response)
}

fn usage() -> String {
    format!(
        "this is an invitation server: connect by WebSocket with the subprotocol `{SUBPROTOCOL}`"
    )
}

async fn refuse(pipe: &mut Pipe, Answer(_, status, body): &Answer) -> io::Result<()> {
    let upgrade = if status.starts_with("426") {
        "Upgrade: websocket\r\nConnection: Upgrade, close\r\n"
    } else {
        "Connection: close\r\n"
    };
    let text = format!(
        "HTTP/1.1 {status}\r\n{upgrade}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}\n",
        body.len() + 1
    );
    pipe.write_all(text.as_bytes()).await?;
    pipe.shutdown().await?;
    // What is still unread would make the system reset the connection, and the answer might be lost.
    let mut scrap = [0; 1024];
    while pipe.read(&mut scrap).await? > 0 {}
    Ok(())
}
