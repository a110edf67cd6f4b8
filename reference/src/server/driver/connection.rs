//! One connection of the server: from the handshake to the close.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::gate::{Ticket, TurnedAway};
use super::handshake::{self, Terms};
use super::hub::Hub;
use super::mailbox::Mailbox;
use crate::pipe::Pipe;
use crate::socket::{self, LINGER, Read, Socket};
use crate::tls::Identity;
use crate::wire::{ByeReason, ServerFrame};

/// Serves one connection until it is closed. The ticket is its place among the connections.
pub(super) async fn serve(hub: Arc<Hub>, mailbox: Arc<Mailbox>, tcp: TcpStream, ticket: Ticket) {
    // Whatever ends this task, the core hears of it, and the place is free.
    let _leaving = Leaving(&hub, &mailbox, ticket);
    // Apart from what stays, so that a connection that is open does not keep the room of its beginning.
    let shaking = Box::pin(enter(&hub, tcp, None));
    let shaken = tokio::select! {
        socket = shaking => socket,
        // Too slow, or the server stops.
        () = poll_fn(|cx| poll_ended(&mailbox, cx)) => Err(TurnedAway::HandshakeUnfinished),
    };
    let socket = match shaken {
        Ok(socket) => socket,
        Err(why) => {
            hub.gate.turn_away(mailbox.remote, why);
            return;
        }
    };
    mailbox.opened();
    let mut connection = Connection {
        hub: &hub,
        mailbox: &mailbox,
        socket,
        batch: Vec::new(),
        pending: VecDeque::new(),
        token: None,
    };
    let end = poll_fn(|cx| connection.poll(cx)).await;
    let Connection {
        socket,
        mut pending,
        ..
    } = connection;
    match end {
        End::Gone => {
            hub.closed(mailbox.connection);
            socket::close_behind(socket).await;
        }
        End::Fault(code, reason) => {
            hub.closed(mailbox.connection);
            socket::close(socket, pending, code, reason).await;
        }
        End::Bye(reason) => {
            if reason == ByeReason::SlowConsumer {
                pending.clear();
            }
            pending.push_back(ServerFrame::Bye { reason }.encode());
            socket::close(socket, pending, reason.close_code(), reason.word()).await;
        }
    }
}

/// Answers a connection that there is no room for.
pub(super) async fn turn_away(hub: Arc<Hub>, tcp: TcpStream, why: TurnedAway) {
    // A client that does not listen goes without an answer.
    let _: Result<Result<Socket, _>, _> =
        tokio::time::timeout(LINGER, enter(&hub, tcp, Some(why))).await;
}

/// From the first byte to an open WebSocket.
async fn enter(hub: &Hub, tcp: TcpStream, full: Option<TurnedAway>) -> Result<Socket, TurnedAway> {
    let pipe = match hub.identity() {
        None => Pipe::Plain(tcp),
        Some(Identity(config)) => {
            let accepted = TlsAcceptor::from(config).accept(tcp).await;
            let tls = accepted.map_err(|_| TurnedAway::TlsFailed)?;
            Pipe::Tls(Box::new(tls.into()))
        }
    };
    let terms = Terms {
        full,
        tokens: hub.wants_tokens(),
        frame_bytes_max: hub.limits.frame_bytes_max,
    };
    handshake::shake(pipe, &terms).await
}

struct Leaving<'a>(
    &'a Hub,
    &'a Mailbox,
    #[expect(dead_code, reason = "it is held, and given back when this is dropped")] Ticket,
);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.closed(self.1.connection);
    }
}

fn poll_ended(mailbox: &Mailbox, cx: &Context<'_>) -> Poll<()> {
    mailbox.register(cx.waker());
    match mailbox.take(&mut VecDeque::new()) {
        Some(_) => Poll::Ready(()),
        None => Poll::Pending,
    }
}

/// An open connection.
struct Connection<'a> {
    hub: &'a Hub,
    mailbox: &'a Mailbox,
    socket: Socket,
    /// What was read and is handled at once; empty between polls, and kept for its room.
    batch: Vec<Utf8Bytes>,
    /// What is taken from the mailbox and not written yet.
    pending: VecDeque<String>,
    /// The token that the session rests on.
    token: Option<Box<Token>>,
}

/// A token that runs out.
struct Token {
    over: Instant,
    /// Whether its end was announced.
    announced: bool,
    /// To the announcement, and then to the end.
    sleep: Pin<Box<Sleep>>,
}

/// Why a connection ends.
enum End {
    /// The client has closed it, or it is lost.
    Gone,
    /// The client broke a rule of WebSocket: close code and text.
    Fault(u16, &'static str),
    /// The server ends it.
    Bye(ByeReason),
}

impl Token {
    /// A token that lasts so long from now; `None` if nobody can wait for its end.
    fn lasting(lasts: Duration, notice: Duration) -> Option<Box<Self>> {
        let now = Instant::now();
        let over = now.checked_add(lasts)?;
        let announce = now + lasts.saturating_sub(notice.min(lasts / 2));
        Some(Box::new(Self {
            over,
            announced: false,
            sleep: Box::pin(tokio::time::sleep_until(announce)),
        }))
    }
}

impl Connection<'_> {
    /// Announces the end of the token, and ends the session with it.
    fn watch_token(&mut self, cx: &mut Context<'_>) {
        while let Some(token) = &mut self.token
            && token.sleep.as_mut().poll(cx).is_ready()
        {
            if token.announced {
                self.token = None;
                self.hub.token_over(self.mailbox.connection);
            } else {
                token.announced = true;
                token.sleep.as_mut().reset(token.over);
                let lasts = token.over.saturating_duration_since(Instant::now());
                self.hub.token_expiring(self.mailbox.connection, lasts);
            }
        }
    }

    /// Reads everything that is ready, has it handled as one batch, and flushes once.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.mailbox.register(cx.waker());
        let read = socket::read(&mut self.socket, cx, &mut self.batch);
        if !self.batch.is_empty() {
            let lasts = self.hub.handle(self.mailbox, &self.batch);
            self.batch.clear();
            if let Some(lasts) = lasts {
                self.token = Token::lasting(lasts, self.hub.limits.token_notice);
            }
        }
        self.watch_token(cx);
        match read {
            Read::Drained => {}
            // Others come first.
            Read::Full => cx.waker().wake_by_ref(),
            Read::Gone | Read::Closed(_) => return Poll::Ready(End::Gone),
            Read::Fault(code, reason) => {
                // What was said before the fault has its answers.
                if let Some(reason) = self.mailbox.take(&mut self.pending) {
                    return Poll::Ready(End::Bye(reason));
                }
                return Poll::Ready(End::Fault(code, reason));
            }
        }
        loop {
            if let Some(reason) = self.mailbox.take(&mut self.pending) {
                return Poll::Ready(End::Bye(reason));
            }
            let fed = !self.pending.is_empty();
            match socket::write(&mut self.socket, cx, &mut self.pending) {
                Poll::Ready(Ok(())) if fed => {}
                Poll::Ready(Ok(())) | Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(End::Gone),
            }
        }
    }
}
