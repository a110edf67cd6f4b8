//! What is bounded, and what happens at the bound (LIM-4).

use futures_util::StreamExt;
use ringcheck_reference::limits::{Limits, TEXT_BYTES_MAX};
use ringcheck_reference::server::Auth;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Bystanders, Raw, server, server_with};

#[tokio::test]
async fn a_slow_consumer_is_closed_as_such_and_nobody_else_notices() {
    let limits = Limits {
        outbox_bytes_max: 64 * 1024,
        ..Limits::default()
    };
    // One thread, so that a frame that is answered shows that those before it were dealt with.
    let server = server_with(limits, 1, Auth::Open);
    let bystanders = Bystanders::ringing(&server).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let tcp = socket.connect(server.address()).await.unwrap();
    let mut slow = Raw::over(&server, tcp).await;
    slow.enter("slow").await;
    let mut mallory = Raw::login(&server, "mallory").await;
    let content = "x".repeat(TEXT_BYTES_MAX);
    for number in 0..200 {
        let id = format!("m-{number}");
        mallory
            .say(&format!(
                r#"{{"type":"invite","id":"{id}","callee":"slow","content":"{content}"}}"#
            ))
            .await;
    }
    mallory.say(r#"{"type":"ping"}"#).await;
    assert_eq!(mallory.hear().await["type"], "pong");
    // Only now does the slow one read: what had left before, the goodbye and the close.
    let mut heard = Vec::new();
    while let Some(Ok(message)) = slow.socket.next().await {
        heard.push(message);
    }
    let Some(Message::Close(Some(close))) = heard.pop() else {
        panic!("expected a close after {} messages", heard.len());
    };
    assert_eq!(u16::from(close.code), 4006);
    assert_eq!(close.reason.as_str(), "slow_consumer");
    let bye = heard.pop().unwrap();
    assert_eq!(
        bye.to_text().unwrap(),
        r#"{"type":"bye","reason":"slow_consumer"}"#
    );
    assert!(heard.len() < 200, "{} were kept", heard.len());
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn a_full_server_refuses_a_log_in_and_then_a_connection() {
    let limits = Limits {
        sessions_max: 1,
        connections_max: 64,
        ..Limits::default()
    };
    let server = server(limits);
    let _alice = Raw::login(&server, "alice").await;
    let mut bob = Raw::connect(&server).await;
    bob.say(r#"{"type":"login","user":"bob"}"#).await;
    assert_eq!(bob.error().await, "limit_reached");
    assert_eq!(bob.bye().await, (4002, "login_refused".to_owned()));
    let mut crowd = Vec::new();
    let refusal = loop {
        assert!(crowd.len() < 1000, "nobody was refused");
        let tcp = tokio::net::TcpStream::connect(server.address())
            .await
            .unwrap();
        let request = tokio_tungstenite::tungstenite::client::ClientRequestBuilder::new(
            crate::support::url(&server).parse().unwrap(),
        )
        .with_sub_protocol(ringcheck_reference::limits::SUBPROTOCOL);
        match tokio_tungstenite::client_async(request, tcp).await {
            Ok(socket) => crowd.push(socket),
            Err(error) => break error.to_string(),
        }
    };
    assert!(refusal.contains("503"), "{refusal}");
}
