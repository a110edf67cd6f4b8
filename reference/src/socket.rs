//! A WebSocket as both drivers use it: everything ready is read at once, everything to be said is flushed once.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use crate::limits::FRAME_BYTES_MAX;
use crate::pipe::Pipe;

/// A WebSocket over TCP or TLS.
pub(crate) type Socket = WebSocketStream<BufReader<Pipe>>;

/// How long a close may take before the connection is simply dropped.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// How many frames are handled as one batch, so that a busy connection does not starve the others.
pub(crate) const BATCH_FRAMES_MAX: usize = 256;

/// Allocated per connection at once, and holds some fifteen usual frames.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// What the library reads of that at a time: a usual frame or two. Larger ones are copied in such pieces.
const CHUNK_BYTES: usize = 256;

/// Grows on demand; below this much, what is said leaves in one system call at the flush.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// What the library may gather for a peer that does not read. Our own frames wait in bounded queues before it, but its
/// answers to pings go straight in (LIM-4). Room for the gathered frames, the largest one, and some answers.
const WRITE_BUFFER_BYTES_MAX: usize = WRITE_BUFFER_BYTES + 2 * FRAME_BYTES_MAX;

/// The configuration of either end, which takes frames of so many bytes.
pub(crate) fn config(frame_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(CHUNK_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(frame_bytes_max))
        .max_frame_size(Some(frame_bytes_max))
}

/// What a WebSocket is spoken over: all that the system has is fetched at once. The library alone would ask for no more than
/// the rest of its own buffer, which is short while frames that were taken from it are held.
pub(crate) fn buffered(pipe: Pipe) -> BufReader<Pipe> {
    BufReader::with_capacity(READ_BUFFER_BYTES, pipe)
}

/// The TCP connection under a WebSocket.
pub(crate) fn tcp(socket: &Socket) -> &TcpStream {
    socket.get_ref().get_ref().tcp()
}

/// What reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// Nothing more is ready.
    Drained,
    /// The batch is full, and more may be ready.
    Full,
    /// The connection is lost, or the peer has closed it without a word.
    Gone,
    /// The peer has closed with that code.
    Closed(u16),
    /// The peer broke a rule of WebSocket or of ours; close with this code and text.
    Fault(u16, &'static str),
}

/// Reads text frames until nothing more is ready or the batch is full.
pub(crate) fn read(socket: &mut Socket, cx: &mut Context<'_>, batch: &mut Vec<Utf8Bytes>) -> Read {
    while batch.len() < BATCH_FRAMES_MAX {
        match Pin::new(&mut *socket).poll_next(cx) {
            Poll::Pending => return Read::Drained,
            Poll::Ready(Some(Ok(Message::Text(text)))) => batch.push(text),
            Poll::Ready(Some(Ok(Message::Binary(_)))) => {
                return Read::Fault(1003, "frames are text");
            }
            // Pings are answered by the library with the next flush.
            Poll::Ready(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {}
            Poll::Ready(Some(Ok(Message::Close(Some(frame))))) => {
                return Read::Closed(frame.code.into());
            }
            Poll::Ready(Some(Ok(Message::Close(None))) | None) => return Read::Gone,
            Poll::Ready(Some(Err(error))) => return fault(&error),
        }
    }
    Read::Full
}

fn fault(error: &Error) -> Read {
    match error {
        Error::Capacity(_) => Read::Fault(1009, "the frame is larger than is allowed"),
        Error::Utf8(_) => Read::Fault(1007, "text is UTF-8"),
        Error::Protocol(_) | Error::AttackAttempt => Read::Fault(1002, "not WebSocket"),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => Read::Gone,
    }
}

/// Writes what is pending and flushes once. Ready when nothing is left; an error when the connection is lost.
pub(crate) fn write(
    socket: &mut Socket,
    cx: &mut Context<'_>,
    pending: &mut VecDeque<String>,
) -> Poll<Result<(), Error>> {
    let mut socket = Pin::new(socket);
    while !pending.is_empty() {
        std::task::ready!(socket.as_mut().poll_ready(cx))?;
        if let Some(text) = pending.pop_front() {
            socket.as_mut().start_send(Message::text(text))?;
        }
    }
    socket.poll_flush(cx)
}

/// Says the last frames and the reason, waits for the peer's close, and closes the connection; all within [`LINGER`].
pub(crate) async fn close(mut socket: Socket, last: VecDeque<String>, code: u16, reason: &str) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    };
    let farewell = async {
        for text in last {
            socket.feed(Message::text(text)).await?;
        }
        socket.send(Message::Close(Some(frame))).await?;
        // Whatever else the peer says on the way counts for nothing.
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                return socket.flush().await;
            }
        }
        settle(&mut socket).await
    };
    // A peer that does not take the farewell in time does without it.
    let _: Result<Result<(), Error>, _> = tokio::time::timeout(LINGER, farewell).await;
}

/// Answers the peer's close, if it has sent one, and closes the connection.
pub(crate) async fn close_behind(mut socket: Socket) {
    let _: Result<Result<(), Error>, _> = tokio::time::timeout(LINGER, socket.flush()).await;
}

/// Ends a TCP connection that went wrong. What is still unread is read, since the system would otherwise reset the connection and the
/// peer might lose our last words.
async fn settle(socket: &mut Socket) -> Result<(), Error> {
    let pipe = socket.get_mut();
    pipe.shutdown().await?;
    let mut scrap = [0; 1024];
    while pipe.read(&mut scrap).await? > 0 {}
    Ok(())
}
