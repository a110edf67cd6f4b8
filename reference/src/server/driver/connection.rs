//! One connection of the server: from the handshake to the close.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::handshake;
use super::hub::Hub;
use super::mailbox::Mailbox;
use crate::socket::{self, LINGER, Read, Socket};
use crate::wire::{ByeReason, ServerFrame};

/// Serves one connection until it is closed.
pub(super) async fn serve(hub: Arc<Hub>, mailbox: Arc<Mailbox>, tcp: TcpStream) {
    // Whatever ends this task, the core hears of it.
    let _leaving = Leaving(&hub, &mailbox);
    let shaken = tokio::select! {
        socket = handshake::shake(tcp, true) => socket,
        // Too slow, or the server stops.
        () = poll_fn(|cx| poll_ended(&mailbox, cx)) => None,
    };
    let Some(socket) = shaken else {
        return;
    };
    let mut connection = Connection {
        hub: &hub,
        mailbox: &mailbox,
        socket,
        batch: Vec::new(),
        pending: VecDeque::new(),
        token_over: None,
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
pub(super) async fn turn_away(tcp: TcpStream) {
    // A client that does not listen goes without an answer.
    let _: Result<Option<Socket>, _> =
        tokio::time::timeout(LINGER, handshake::shake(tcp, false)).await;
}

struct Leaving<'a>(&'a Hub, &'a Mailbox);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.left(self.1.connection);
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
    /// When the token of the log-in runs out.
    token_over: Option<Pin<Box<Sleep>>>,
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

impl Connection<'_> {
    /// Reads everything that is ready, has it handled as one batch, and flushes once.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.mailbox.register(cx.waker());
        let read = socket::read(&mut self.socket, cx, &mut self.batch);
        if !self.batch.is_empty() {
            let lasts = self.hub.handle(self.mailbox.connection, &self.batch);
            self.batch.clear();
            if let Some(lasts) = lasts {
                self.token_over = Some(Box::pin(tokio::time::sleep(lasts)));
            }
        }
        if let Some(sleep) = &mut self.token_over
            && sleep.as_mut().poll(cx).is_ready()
        {
            self.token_over = None;
            self.hub
                .end(self.mailbox.connection, ByeReason::TokenExpired);
        }
        match read {
            Read::Drained => {}
            // Others come first.
            Read::Full => cx.waker().wake_by_ref(),
            Read::Gone => return Poll::Ready(End::Gone),
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
