//! What no client says: raw texts, bytes, and frames that break off, for harnesses.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Sink, SinkExt as _};
use tokio::io::AsyncWrite;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::socket::Socket;

/// Something to be said over a connection as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message of bytes that need not be UTF-8.
    Utf8(Vec<u8>),
    /// Bytes beneath the WebSocket, where a frame should begin.
    Stream(Vec<u8>),
    /// The first half of a text message, after which the connection ends.
    Truncated(String),
}

/// Says it. What cannot be written at once is given up: the connection is stuck or lost then, and the client notices.
pub(super) fn say(socket: &mut Socket, cx: &mut Context<'_>, raw: Raw) {
    let message = match raw {
        Raw::Text(text) => Message::text(text),
        Raw::Binary(bytes) => Message::binary(bytes),
        Raw::Utf8(bytes) => Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true)),
        Raw::Stream(bytes) => {
            write(socket, cx, &bytes);
            return;
        }
        Raw::Truncated(text) => {
            let whole = frame(text.as_bytes());
            let half = whole.len() - text.len().div_ceil(2);
            write(socket, cx, whole.get(..half).unwrap_or_default());
            // The server sees the end in the middle of a frame.
            let _ = Pin::new(socket.get_mut()).poll_shutdown(cx);
            return;
        }
    };
    if Pin::new(&mut *socket).start_send(message).is_ok() {
        let _ = socket.poll_flush_unpin(cx);
    }
}

fn write(socket: &mut Socket, cx: &mut Context<'_>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match Pin::new(socket.get_mut()).poll_write(cx, bytes) {
            Poll::Ready(Ok(written)) if written > 0 => {
                bytes = bytes.get(written..).unwrap_or_default();
            }
            Poll::Ready(Ok(_) | Err(_)) | Poll::Pending => return,
        }
    }
    let _ = Pin::new(socket.get_mut()).poll_flush(cx);
}

/// A text frame of a client with a mask of zeros.
fn frame(payload: &[u8]) -> Vec<u8> {
    const TEXT_AND_LAST: u8 = 0x81;
    const MASKED: u8 = 0x80;
    let mut frame = vec![TEXT_AND_LAST];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | 126);
            frame.extend(length.to_be_bytes());
        }
        (_, Err(_)) => {
            frame.push(MASKED | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
