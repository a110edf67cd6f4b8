//! What breaks WebSocket itself, byte by byte: each is closed with its code, and a good client does not notice.

use std::time::{Duration, Instant};

use ringcheck_reference::limits::{FRAME_BYTES_MAX, Limits, SUBPROTOCOL};
use ringcheck_reference::server::{Server, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::operators::metric;
use crate::support::{Bystanders, PATIENCE, Raw, User, answered, server};

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const TEXT: u8 = 0x1;
const PING: u8 = 0x9;
/// The length that stands in the next two bytes, and in the next eight.
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// A frame with a mask that changes nothing.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < LENGTH_16);
    let mut bytes = vec![first, MASKED | length, 0, 0, 0, 0];
    bytes.extend_from_slice(payload);
    bytes
}

/// The beginning of a frame that is to have so many bytes.
fn giant(length: u64) -> Vec<u8> {
    let mut bytes = vec![FINAL | TEXT, MASKED | LENGTH_64];
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

fn long_ping() -> Vec<u8> {
    let mut bytes = vec![FINAL | PING, MASKED | LENGTH_16, 0, 126, 0, 0, 0, 0];
    bytes.resize(bytes.len() + 126, b'x');
    bytes
}

/// The code with which the server closes after these bytes.
async fn code_after(server: &Server, bytes: &[u8]) -> u16 {
    let mut mallory = Raw::login(server, "mallory").await;
    mallory.socket.get_mut().write_all(bytes).await.unwrap();
    mallory.closed().await.0
}

#[tokio::test]
async fn what_no_websocket_may_say_is_closed_with_its_code() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let ping = br#"{"type":"ping"}"#;
    for (what, bytes, code) in [
        ("a frame of 2^63 bytes", giant(1 << 63), 1009),
        ("a frame of 2^64 - 1 bytes", giant(u64::MAX), 1009),
        (
            "a frame of a byte too many",
            giant(FRAME_BYTES_MAX as u64 + 1),
            1009,
        ),
        (
            "a compressed frame",
            masked(FINAL | 0x40 | TEXT, ping),
            1002,
        ),
        (
            "the second reserved bit",
            masked(FINAL | 0x20 | TEXT, ping),
            1002,
        ),
        (
            "the third reserved bit",
            masked(FINAL | 0x10 | TEXT, ping),
            1002,
        ),
        ("a frame without a mask", vec![FINAL | TEXT, 1, b'x'], 1002),
        ("a ping that is too long", long_ping(), 1002),
        ("a ping in pieces", masked(PING, b"x"), 1002),
        ("a data frame of no kind", masked(FINAL | 0x3, b"x"), 1002),
        (
            "a control frame of no kind",
            masked(FINAL | 0xB, b"x"),
            1002,
        ),
        ("a close of one byte", masked(FINAL | 0x8, b"x"), 1002),
        (
            "a message within a message",
            [masked(TEXT, b"{"), masked(TEXT, b"}")].concat(),
            1002,
        ),
    ] {
        assert_eq!(code_after(&server, &bytes).await, code, "{what}");
    }
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn a_message_in_many_pieces_is_closed_at_the_bound() {
    let server = server(Limits::default());
    let mut mallory = Raw::login(&server, "mallory").await;
    let pieces = FRAME_BYTES_MAX / 1024 + 1;
    for number in 0..pieces {
        let kind = if number == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let piece = Frame::message(vec![b' '; 1024], OpCode::Data(kind), false);
        mallory.send(Message::Frame(piece)).await;
    }
    assert_eq!(mallory.closed().await.0, 1009);
}

/// A message that never grows and never ends is a client that says nothing.
#[tokio::test]
async fn pieces_of_nothing_keep_no_connection_open() {
    let limits = Limits {
        heartbeat: Duration::from_millis(100),
        ..Limits::default()
    };
    let server = server(limits);
    let mallory = Raw::login(&server, "mallory").await;
    let mut tcp = mallory.socket.into_inner();
    tcp.write_all(&masked(TEXT, b"")).await.unwrap();
    let nothing = masked(0, b"").repeat(1000);
    let closed = async { while tcp.write_all(&nothing).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, closed)
        .await
        .expect("an end in time");
    assert_eq!(server.counts().sessions, 1, "its grace has begun");
}

#[tokio::test]
async fn compression_is_not_agreed_to() {
    let server = server(Limits::default());
    let words = request(
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame\r\n",
    );
    let head = answered(&server, &words).await;
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(!head.contains("sec-websocket-extensions"), "{head}");
}

fn request(more: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n{more}\r\n"
    )
}

/// Says a request a byte at a time until the server has had enough. How long that took.
async fn dribble(server: &Server, pause: Duration) -> Duration {
    let mut tcp = TcpStream::connect(server.address()).await.unwrap();
    let began = Instant::now();
    let endless = request("").into_bytes();
    let longer = "X-Slow: loris\r\n".bytes().cycle();
    for byte in endless[..endless.len() - 2].iter().copied().chain(longer) {
        // Whichever comes first: the server's close, or the next byte.
        let end = tokio::time::timeout(pause, tcp.read_u8()).await;
        assert!(!matches!(end, Ok(Ok(_))), "the server has answered");
        if end.is_ok() || tcp.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    began.elapsed()
}

#[tokio::test]
async fn handshakes_that_dribble_are_closed_while_a_good_client_comes_in() {
    let login_timeout = Duration::from_millis(500);
    let limits = Limits {
        login_timeout,
        ..Limits::default()
    };
    let server = server(limits);
    let pause = Duration::from_millis(15);
    let crowd = futures_util::future::join_all((0..100).map(|_| dribble(&server, pause)));
    let good = async {
        // They are all there.
        tokio::time::sleep(login_timeout / 2).await;
        let began = Instant::now();
        User::login(&server, "alice").await;
        began.elapsed()
    };
    let (took, good) = tokio::join!(crowd, good);
    for took in took {
        assert!(took >= login_timeout / 2, "closed after {took:?}");
        assert!(took < PATIENCE, "closed after {took:?}");
    }
    assert!(good < Duration::from_secs(1), "the log-in took {good:?}");
}

/// Says pings of WebSocket without reading any answer until the server has had enough. How many bytes that took.
async fn deaf_pings(tcp: &mut TcpStream) -> usize {
    // The frame of the protocol keeps the session alive, and has an answer as well.
    let mut flood = masked(FINAL | PING, &[b'x'; 125]).repeat(100);
    flood.extend(masked(FINAL | TEXT, br#"{"type":"ping"}"#));
    let mut said = 0;
    while tcp.write_all(&flood).await.is_ok() {
        said += flood.len();
    }
    said
}

#[tokio::test]
async fn whoever_pings_and_does_not_read_is_closed_and_nobody_else_notices() {
    // One thread, so that whoever is starved is seen.
    let server = Server::start(Settings {
        limits: Limits {
            outbox_bytes_max: 1024,
            ..Limits::default()
        },
        threads: 1,
        admin: Some(([127, 0, 0, 1], 0).into()),
        ..Settings::default()
    })
    .unwrap();
    let bystanders = Bystanders::ringing(&server).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let tcp = socket.connect(server.address()).await.unwrap();
    let mut deaf = Raw::over(&server, tcp).await;
    deaf.enter("deaf").await;
    let mut tcp = deaf.socket.into_inner();
    let flood = tokio::time::timeout(PATIENCE, deaf_pings(&mut tcp));
    let good = async {
        let began = Instant::now();
        for number in 0..10 {
            User::login(&server, &format!("good-{number}")).await;
        }
        began.elapsed() / 10
    };
    let (said, good) = tokio::join!(flood, good);
    assert!(said.expect("an end in time") > 0);
    assert!(good < Duration::from_millis(500), "a log-in took {good:?}");
    let closed = "ringcheck_goodbyes_total{reason=\"slow_consumer\"}";
    assert_eq!(metric(&server, closed).await, 1.0);
    bystanders.are_undisturbed().await;
}
