//! The HTTP before the WebSocket.

use ringcheck_reference::limits::{Limits, SUBPROTOCOL};
use ringcheck_reference::server::{Auth, Keys, Server, Settings, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Raw, answered, server, server_with};
use crate::tokens::SECRET;

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// What the server answers to these words, to the end of the connection.
async fn answer(server: &Server, words: &str) -> String {
    let mut tcp = TcpStream::connect(server.address()).await.unwrap();
    tcp.write_all(words.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut answer))
        .await
        .expect("an end in time")
        .unwrap();
    answer
}

#[tokio::test]
async fn a_missing_or_other_subprotocol_is_told_the_supported_one() {
    let server = server(Limits::default());
    for header in [
        "",
        "Sec-WebSocket-Protocol: mqtt\r\n",
        "Sec-WebSocket-Protocol: mqtt, ringcheck.invitation.v0\r\n",
    ] {
        let words = format!("GET / HTTP/1.1\r\nHost: x\r\n{UPGRADE}{header}\r\n");
        let answer = answer(&server, &words).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{answer}"
        );
        assert!(answer.contains(SUBPROTOCOL), "{answer}");
    }
}

#[tokio::test]
async fn the_subprotocol_is_found_among_others() {
    let server = server(Limits::default());
    let words = format!(
        "GET /any/path HTTP/1.1\r\nHost: x\r\n{UPGRADE}Sec-WebSocket-Protocol: mqtt, {SUBPROTOCOL}\r\n\r\n"
    );
    let head = answered(&server, &words).await;
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    let chosen = format!("sec-websocket-protocol: {SUBPROTOCOL}\r\n");
    assert!(head.contains(&chosen), "{head}");
}

#[tokio::test]
async fn without_tokens_a_page_from_elsewhere_is_not_heard() {
    let open = server(Limits::default());
    let guarded = server_with(Limits::default(), 1, Auth::Tokens(Keys::secret(SECRET)));
    let asks = |origin: &str| {
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\n{UPGRADE}Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\
             Origin: {origin}\r\n\r\n"
        )
    };
    for origin in ["https://evil.example", "null"] {
        let answer = answer(&open, &asks(origin)).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("tokens"), "{answer}");
    }
    for (server, origin) in [
        (&open, "http://localhost:3000"),
        (&guarded, "https://calls.example"),
    ] {
        let mut tcp = TcpStream::connect(server.address()).await.unwrap();
        tcp.write_all(asks(origin).as_bytes()).await.unwrap();
        let mut status = [0; 13];
        tcp.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 101 ", "{origin}");
    }
}

#[tokio::test]
async fn plain_http_gets_a_plain_answer() {
    let server = server(Limits::default());
    for (words, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426 Upgrade Required"),
        (
            "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
            "405 Method Not Allowed",
        ),
        ("hello\r\n\r\n", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "400 Bad Request",
        ),
    ] {
        let answer = answer(&server, words).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
    let long = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(10_000));
    let answer = answer(&server, &long).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_connection_that_does_not_shake_hands_is_closed_after_the_login_timeout() {
    let limits = Limits {
        login_timeout: std::time::Duration::from_millis(50),
        ..Limits::default()
    };
    let server = server(limits);
    assert_eq!(answer(&server, "GET / HT").await, "");
}

#[tokio::test]
async fn a_connection_that_does_not_log_in_is_told_so() {
    let limits = Limits {
        login_timeout: std::time::Duration::from_millis(200),
        ..Limits::default()
    };
    let server = server(limits);
    let mut idle = Raw::connect(&server).await;
    assert_eq!(idle.bye().await, (4003, "login_timeout".to_owned()));
}

#[test]
fn an_address_in_use_is_named() {
    let server = server(Limits::default());
    let settings = Settings {
        listen: server.address(),
        threads: 1,
        ..Settings::default()
    };
    let error = Server::start(settings).unwrap_err();
    assert!(matches!(&error, StartError::Listen { .. }));
    let address = server.address().to_string();
    assert!(error.to_string().contains(&address), "{error}");
}
