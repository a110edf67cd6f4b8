//! How the servers that do next to nothing do it.

use std::time::Duration;

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use ringcheck_reference::limits::{Clocks as Announced, Limits, SUBPROTOCOL};
use ringcheck_reference::wire::{ClientFrame, ErrorCode, Refusal, ServerFrame};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, client_async};

use super::Null;
use crate::history::Clocks;
use crate::target::announced;

/// How much shorter than the lifecycle's the clocks are that these servers announce.
pub(super) const TIMER_SCALE: f64 = 0.01;

/// How late the slow server tells: ten times the second that the lifecycle gives it where it names no clock.
const LATE: Duration = Duration::from_secs(10);

/// Frames that may wait in the slow server for their time.
const WAITING_MAX: usize = 1024;

type Socket = WebSocketStream<TcpStream>;

/// The clocks that they announce.
pub(super) fn clocks() -> Clocks {
    announced(&Announced::default().scaled(TIMER_SCALE))
}

/// Serves until it is given up. `upstream` is a good server, for the one that is right and slow.
pub(super) async fn serve(null: Null, listener: TcpListener, upstream: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let upstream = upstream.clone();
        tokio::spawn(async move {
            match null {
                Null::Closing => drop(stream),
                Null::Silent => {
                    let _ = stream.readable().await;
                    std::future::pending::<()>().await;
                }
                Null::Echo => converse(stream, |said| vec![said.to_owned()]).await,
                Null::Idle => converse(stream, |said| habit(said, |_| Vec::new())).await,
                Null::Refusing => converse(stream, |said| habit(said, refuse)).await,
                Null::Complaining => converse(stream, |said| habit(said, complain)).await,
                Null::Replaying => converse(stream, |said| habit(said, replay)).await,
                Null::Aping => converse(stream, |said| habit(said, ape)).await,
                Null::Slow => relay(stream, &upstream).await,
            }
        });
    }
}

/// Reads frames and says what the server has to say to each, until the client goes.
async fn converse(stream: TcpStream, answer: impl Fn(&str) -> Vec<String>) {
    let Some(mut socket) = accept(stream).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(said) = message else {
            continue;
        };
        for frame in answer(&said) {
            if socket.send(Message::text(frame)).await.is_err() {
                return;
            }
        }
    }
}

/// Lets everybody in and answers pings, so that no client is in doubt; the rest is the server's own habit.
fn habit(said: &str, rest: fn(&ClientFrame<'_>) -> Vec<ServerFrame<'static>>) -> Vec<String> {
    let Ok(frame) = ClientFrame::decode(said) else {
        return Vec::new();
    };
    let answers = match frame {
        ClientFrame::Login { .. } => vec![ServerFrame::Welcome {
            session: "s".into(),
            resumed: false,
            heartbeat: Limits::default().heartbeat,
            clocks: Announced::default().scaled(TIMER_SCALE),
            starting: Duration::ZERO,
        }],
        ClientFrame::Ping { .. } => vec![ServerFrame::Pong],
        ClientFrame::Logout
        | ClientFrame::Renew { .. }
        | ClientFrame::Invite { .. }
        | ClientFrame::InviteAck { .. }
        | ClientFrame::Cancel { .. }
        | ClientFrame::CancelAck { .. }
        | ClientFrame::Accept { .. }
        | ClientFrame::AcceptAck { .. }
        | ClientFrame::Refuse { .. }
        | ClientFrame::Recall { .. } => rest(&frame),
    };
    answers.iter().map(ServerFrame::encode).collect()
}

fn refuse(frame: &ClientFrame<'_>) -> Vec<ServerFrame<'static>> {
    let ClientFrame::Invite { id, .. } = frame else {
        return Vec::new();
    };
    vec![ServerFrame::LocalRefused {
        id: id.to_string().into(),
        response: "".into(),
    }]
}

fn complain(frame: &ClientFrame<'_>) -> Vec<ServerFrame<'static>> {
    vec![ServerFrame::Error(Refusal {
        code: ErrorCode::UnknownInvitation,
        message: "no".into(),
        frame: Some(frame.kind().into()),
        id: frame.id().map(|id| id.to_owned().into()),
        retry_after: None,
    })]
}

fn replay(frame: &ClientFrame<'_>) -> Vec<ServerFrame<'static>> {
    recorded(frame, "0000000000000000-1")
}

fn ape(frame: &ClientFrame<'_>) -> Vec<ServerFrame<'static>> {
    recorded(frame, frame.id().unwrap_or_default())
}

/// What the server once said after such a frame, about the invitation `id`.
fn recorded(frame: &ClientFrame<'_>, id: &str) -> Vec<ServerFrame<'static>> {
    let id = || id.to_owned().into();
    match frame {
        ClientFrame::Invite { .. } => vec![
            ServerFrame::LocalReceived { id: id() },
            ServerFrame::LocalAccepted {
                id: id(),
                response: "On my way".into(),
            },
        ],
        ClientFrame::Cancel { .. } => vec![ServerFrame::LocalCanceled { id: id() }],
        ClientFrame::Accept { .. } => vec![ServerFrame::RemoteAccepted { id: id() }],
        ClientFrame::Refuse { .. } => vec![ServerFrame::RemoteRefused { id: id() }],
        ClientFrame::Login { .. }
        | ClientFrame::Logout
        | ClientFrame::Renew { .. }
        | ClientFrame::Ping { .. }
        | ClientFrame::InviteAck { .. }
        | ClientFrame::CancelAck { .. }
        | ClientFrame::AcceptAck { .. }
        | ClientFrame::Recall { .. } => Vec::new(),
    }
}

/// Passes on what the client says at once, and what the good server says late; only a log-in and a ping are answered in
/// time.
async fn relay(stream: TcpStream, upstream: &str) {
    let (Some(client), Some(server)) = (accept(stream).await, connect(upstream).await) else {
        return;
    };
    let (to_client, mut from_client) = client.split();
    let (mut to_server, mut from_server) = server.split();
    let (late, waiting) = mpsc::channel(WAITING_MAX);
    let up = async {
        while let Some(Ok(message)) = from_client.next().await {
            if to_server.send(message).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        while let Some(Ok(message)) = from_server.next().await {
            let in_time = message.to_text().is_ok_and(|said| {
                matches!(
                    ServerFrame::decode(said),
                    Ok(ServerFrame::Welcome { .. } | ServerFrame::Pong)
                )
            });
            let moment = Instant::now() + if in_time { Duration::ZERO } else { LATE };
            if late.send((moment, message)).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
        () = deliver(waiting, to_client) => {}
    }
}

/// Says each message when its time has come.
async fn deliver(
    mut waiting: mpsc::Receiver<(Instant, Message)>,
    mut to_client: SplitSink<Socket, Message>,
) {
    while let Some((moment, message)) = waiting.recv().await {
        sleep_until(moment).await;
        if to_client.send(message).await.is_err() {
            return;
        }
    }
}

async fn connect(url: &str) -> Option<Socket> {
    let request = ClientRequestBuilder::new(url.parse().ok()?).with_sub_protocol(SUBPROTOCOL);
    let stream = TcpStream::connect(url.strip_prefix("ws://")?).await.ok()?;
    let (socket, _) = client_async(request, stream).await.ok()?;
    Some(socket)
}

async fn accept(stream: TcpStream) -> Option<Socket> {
    #[expect(clippy::result_large_err, reason = "the shape is the library's")]
    fn agree(_: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        let ours = HeaderValue::from_static(SUBPROTOCOL);
        response
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", ours);
        Ok(response)
    }
    accept_hdr_async(stream, agree).await.ok()
}
