//! One WebSocket, read and written without one waiting for the other: everything ready is drained, then flushed once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::limits::FRAME_BYTES_MAX;

/// How much is read at once. The library's default of 128 KiB is taken for every connection, idle ones too.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// How much is gathered before it is written without waiting for the flush.
const WRITE_BUFFER_BYTES: usize = 32 * 1024;

/// How long a goodbye may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// The settings of both ends.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
}

/// Wakes the task of a connection, from any thread.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: AtomicBool,
    waker: AtomicWaker,
}

impl Bell {
    pub(crate) fn ring(&self) {
        // One wake is enough until somebody has answered it.
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }

    fn poll(&self, context: &Context<'_>) -> bool {
        if self.rung.swap(false, Ordering::AcqRel) {
            return true;
        }
        self.waker.register(context.waker());
        self.rung.swap(false, Ordering::AcqRel)
    }

    /// Waits until it is rung.
    pub(crate) async fn rung(&self) {
        std::future::poll_fn(|context| {
            if self.poll(context) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// What happened on a connection.
#[derive(Debug)]
pub(crate) enum Turn {
    /// A text frame came.
    Text(Utf8Bytes),
    /// Something came that ends the connection, with the code to close it by.
    Broken(CloseCode, &'static str),
    /// The other end is gone.
    Gone,
    /// The bell was rung, or everything is flushed that was fed.
    Free,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Whether something was fed that is not flushed.
    dirty: bool,
}

impl Socket {
    pub(crate) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self {
            stream,
            dirty: false,
        }
    }

    /// Whether what was fed is out, so that more may be fed without heaping it up.
    pub(crate) fn is_flushed(&self) -> bool {
        !self.dirty
    }

    /// Waits for the next turn: what is read first, then what can be written, then the bell. Safe to cancel.
    pub(crate) async fn turn(&mut self, bell: &Bell) -> Turn {
        std::future::poll_fn(|context| {
            if let Poll::Ready(turn) = self.poll_read(context) {
                return Poll::Ready(turn);
            }
            if self.dirty {
                match self.stream.poll_flush_unpin(context) {
                    Poll::Ready(Ok(())) => {
                        self.dirty = false;
                        return Poll::Ready(Turn::Free);
                    }
                    Poll::Ready(Err(_)) => return Poll::Ready(Turn::Gone),
                    Poll::Pending => {}
                }
            }
            if bell.poll(context) {
                Poll::Ready(Turn::Free)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// What can be read without waiting.
    pub(crate) fn ready(&mut self) -> Option<Turn> {
        std::future::poll_fn(|context| self.poll_read(context)).now_or_never()
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Turn> {
        loop {
            return Poll::Ready(match self.stream.poll_next_unpin(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Message::Text(text)))) => Turn::Text(text),
                Poll::Ready(Some(Ok(Message::Binary(_)))) => {
                    Turn::Broken(CloseCode::Unsupported, "frames are text, not binary")
                }
                Poll::Ready(Some(Ok(Message::Ping(_)))) => {
                    // The library has put the answer into its buffer.
                    self.dirty = true;
                    continue;
                }
                Poll::Ready(Some(Ok(Message::Pong(_) | Message::Frame(_)))) => continue,
                Poll::Ready(Some(Err(Error::Capacity(_)))) => {
                    Turn::Broken(CloseCode::Size, "the frame is too large")
                }
                Poll::Ready(Some(Err(Error::Utf8(_)))) => {
                    Turn::Broken(CloseCode::Invalid, "the text is not UTF-8")
                }
                Poll::Ready(Some(Err(Error::Protocol(_)))) => {
                    Turn::Broken(CloseCode::Protocol, "the WebSocket protocol was broken")
                }
                Poll::Ready(Some(Ok(Message::Close(_)) | Err(_)) | None) => Turn::Gone,
            });
        }
    }

    /// Puts frames into the buffer. Whether the connection still takes them.
    pub(crate) fn feed(&mut self, frames: impl IntoIterator<Item = Utf8Bytes>) -> bool {
        for frame in frames {
            if self.stream.start_send_unpin(Message::Text(frame)).is_err() {
                return false;
            }
            self.dirty = true;
        }
        true
    }

    /// Writes what can be written without waiting. Whether the connection still lives.
    pub(crate) fn flush_now(&mut self) -> bool {
        if !self.dirty {
            return true;
        }
        match std::future::poll_fn(|context| self.stream.poll_flush_unpin(context)).now_or_never() {
            Some(Ok(())) => {
                self.dirty = false;
                true
            }
            Some(Err(_)) => false,
            None => true,
        }
    }

    /// Says goodbye and waits for the other end to do the same, a second at most.
    pub(crate) async fn close(mut self, code: CloseCode, reason: &'static str) {
        let goodbye = async {
            let frame = CloseFrame {
                code,
                reason: Utf8Bytes::from_static(reason),
            };
            if self.stream.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        let _ = tokio::time::timeout(GOODBYE_WITHIN, goodbye).await;
    }
}
