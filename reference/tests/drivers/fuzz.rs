//! Bytes near good ones over a real socket: a defined answer or an end, and the server is there for the next.

use std::time::Duration;

use futures_util::StreamExt;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use ringcheck_reference::limits::{Limits, SUBPROTOCOL};
use ringcheck_reference::server::{Server, Settings};
use ringcheck_reference::wire::ServerFrame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;

use crate::fuzzing::{Input, fuzz, near};
use crate::operators::metric;
use crate::support::{PATIENCE, Raw, User};

/// A text as a client's frame, with a mask that changes nothing.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = [0x81, 0x80 | 126, high, low, 0, 0, 0, 0];
    [&head, text.as_bytes()].concat()
}

/// The examples of the document, each as a frame, and all of them after each other.
fn frames() -> Vec<Vec<u8>> {
    let document = include_str!("../../PROTOCOL.md").lines();
    let examples = document.filter(|line| line.starts_with("{\"type\":"));
    let mut frames: Vec<Vec<u8>> = examples.map(frame).collect();
    assert!(frames.len() > 30, "{}", frames.len());
    frames.push(frames.concat());
    frames.push(vec![0x89, 0x80, 0, 0, 0, 0]);
    frames.push(vec![0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
    frames
}

const FRAME_WORDS: [&str; 12] = [
    "\u{1}",
    "\0",
    "~\0\u{2}",
    "\u{7f}\0\0\0\0\0\u{1}\0\0",
    "\u{7f}\u{7f}",
    "\u{9}",
    "\u{8}",
    "\"type\":\"logout\"",
    "\"type\":\"login\"",
    "\"user\":\"bob\"",
    "}",
    "x",
];

fn server() -> Server {
    let settings = Settings {
        threads: 1,
        limits: Limits {
            login_timeout: Duration::from_secs(2),
            ..Limits::default()
        },
        admin: Some(([127, 0, 0, 1], 0).into()),
        ..Settings::default()
    };
    Server::start(settings).unwrap()
}

/// A good client comes in, and nobody else is left.
async fn is_well(server: &Server) {
    let _good = User::login(server, "good").await;
    let alone = async { while metric(server, "ringcheck_connections").await > 1.0 {} };
    tokio::time::timeout(PATIENCE, alone).await.unwrap();
}

async fn says(server: &Server, bytes: &[u8], logs_in: bool) -> TestCaseResult {
    let mut raw = Raw::connect(server).await;
    if logs_in {
        raw.enter("mallory").await;
    }
    let tcp = raw.socket.get_mut();
    // A server that has closed hears it no more.
    let _ = tcp.write_all(bytes).await;
    let _ = tcp.shutdown().await;
    loop {
        let message = tokio::time::timeout(PATIENCE, raw.socket.next()).await;
        match message.expect("an answer in time") {
            None | Some(Err(_)) => return Ok(()),
            Some(Ok(Message::Text(text))) => {
                prop_assert!(ServerFrame::decode(&text).is_ok(), "{}", text);
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                prop_assert!(u16::from(frame.code) >= 1000, "{}", frame);
            }
            Some(Ok(Message::Close(None) | Message::Pong(_))) => {}
            Some(Ok(other)) => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn bytes_near_frames_are_answered_or_end_the_connection() {
    let (runtime, server) = (Runtime::new().unwrap(), server());
    let bytes = (near(frames(), &FRAME_WORDS), any::<bool>());
    fuzz(
        "bytes to a socket",
        100,
        &bytes,
        |(Input(bytes), logs_in)| runtime.block_on(says(&server, &bytes, logs_in)),
    );
    runtime.block_on(is_well(&server));
}

const REQUEST_WORDS: [&str; 16] = [
    "\r\n",
    "\r\n\r\n",
    "\n",
    "GET ",
    "POST ",
    " HTTP/1.1",
    " HTTP/1.0",
    "Host: x\r\n",
    "Upgrade: h2c\r\n",
    "Connection: close\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Sec-WebSocket-Version: 8\r\n",
    "Sec-WebSocket-Extensions: permessage-deflate\r\n",
    "Origin: null\r\n",
    "\0",
];

async fn asks(server: &Server, bytes: &[u8]) -> TestCaseResult {
    let mut tcp = TcpStream::connect(server.address()).await.unwrap();
    let _ = tcp.write_all(bytes).await;
    let _ = tcp.shutdown().await;
    let mut answer = Vec::new();
    let end = tokio::time::timeout(PATIENCE, tcp.read_to_end(&mut answer)).await;
    // It may be cut short where something was left unread.
    let _ = end.expect("an end in time");
    let answer = String::from_utf8_lossy(&answer);
    let known = ["101 ", "400 ", "403 ", "405 ", "426 ", "431 "];
    let status = answer.strip_prefix("HTTP/1.1 ");
    let is_known = status.is_some_and(|it| known.iter().any(|code| it.starts_with(code)));
    prop_assert!(answer.is_empty() || is_known, "{}", answer);
    Ok(())
}

#[test]
fn requests_near_good_ones_are_answered_or_end_the_connection() {
    let (runtime, server) = (Runtime::new().unwrap(), server());
    let good = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    );
    let bytes = near(vec![good.into_bytes()], &REQUEST_WORDS);
    fuzz("requests to a socket", 100, &bytes, |Input(bytes)| {
        runtime.block_on(asks(&server, &bytes))
    });
    runtime.block_on(is_well(&server));
}
