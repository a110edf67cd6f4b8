//! The operators' port: health, metrics, and where one invitation stands.

use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::{Auth, Keys, Server, Settings};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Heard, PATIENCE, Raw, User, accepted};
use crate::tokens::{SECRET, good, operator};

fn server(auth: Auth) -> Server {
    Server::start(Settings {
        threads: 2,
        admin: Some(([127, 0, 0, 1], 0).into()),
        auth,
        ..Settings::default()
    })
    .unwrap()
}

/// Status and body of what is answered.
async fn get(server: &Server, path: &str, token: Option<&str>) -> (u16, String) {
    let address = server.admin_address().unwrap();
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let token = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{token}Connection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut answer))
        .await
        .expect("an end in time")
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

pub(crate) async fn metric(server: &Server, name: &str) -> f64 {
    let (status, page) = get(server, "/metrics", None).await;
    assert_eq!(status, 200);
    let value = page
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")))
        .unwrap_or_else(|| panic!("`{name}` is not in:\n{page}"));
    value.parse().unwrap()
}

#[tokio::test]
async fn the_metrics_follow_an_invitation_from_state_to_state() {
    let server = server(Auth::Open);
    let alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    assert_eq!(metric(&server, "ringcheck_sessions").await, 2.0);
    let id = alice.send("bob");
    bob.rung().await;
    let mut alice = alice;
    assert_eq!(
        alice.heard().await,
        Heard::Local(ringcheck_reference::client::LocalCallback::ReceivedByPeer)
    );
    let ringing = "ringcheck_invitations{state=\"ringing\"}";
    assert_eq!(metric(&server, ringing).await, 1.0);
    let (status, body) = get(&server, &format!("/invitations/{id}"), None).await;
    let standing: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &standing["state"]), (200, &"ringing".into()));
    assert_eq!(
        (&standing["caller"], &standing["callee"]),
        (&"alice".into(), &"bob".into())
    );
    assert!(!body.contains("Shall we"), "{body}");
    bob.client.accept_remote_invitation(&id, "yes");
    assert_eq!(alice.heard().await, accepted("yes"));
    bob.heard().await;
    assert_eq!(metric(&server, ringing).await, 0.0);
    for (name, value) in [
        ("ringcheck_invitations_admitted_total", 1.0),
        (
            "ringcheck_invitations_ended_total{outcome=\"accepted\"}",
            1.0,
        ),
        ("ringcheck_leg_seconds_count{leg=\"send_to_acked\"}", 1.0),
        (
            "ringcheck_leg_seconds_count{leg=\"accept_to_confirmed\"}",
            1.0,
        ),
        ("ringcheck_logins_total{session=\"new\"}", 2.0),
        ("ringcheck_connections", 2.0),
    ] {
        assert_eq!(metric(&server, name).await, value, "{name}");
    }
    assert!(metric(&server, "process_resident_memory_bytes").await > 1e6);
    assert!(metric(&server, "process_open_fds").await > 3.0);
}

#[tokio::test]
async fn what_is_refused_is_counted_by_its_reason() {
    let server = server(Auth::Tokens(Keys::secret(SECRET)));
    let mut raw = Raw::connect(&server).await;
    raw.say(r#"{"type":"login","user":"alice"}"#).await;
    assert_eq!(raw.error().await, "invalid_token");
    raw.bye().await;
    for name in [
        "ringcheck_refusals_total{reason=\"invalid_token\"}",
        "ringcheck_goodbyes_total{reason=\"login_refused\"}",
    ] {
        assert_eq!(metric(&server, name).await, 1.0, "{name}");
    }
}

#[tokio::test]
async fn a_handshake_that_was_not_over_in_time_is_no_goodbye() {
    let server = Server::start(Settings {
        threads: 1,
        admin: Some(([127, 0, 0, 1], 0).into()),
        limits: Limits {
            login_timeout: std::time::Duration::from_millis(50),
            ..Limits::default()
        },
        ..Settings::default()
    })
    .unwrap();
    let mut slow = TcpStream::connect(server.address()).await.unwrap();
    slow.write_all(b"GET / HT").await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(PATIENCE, slow.read_to_end(&mut answer)).await;
    assert_eq!(end.expect("an end in time").unwrap(), 0);
    let unfinished = "ringcheck_refusals_total{reason=\"handshake_unfinished\"}";
    let counted = async { while metric(&server, unfinished).await < 1.0 {} };
    tokio::time::timeout(PATIENCE, counted).await.unwrap();
    let goodbyes = "ringcheck_goodbyes_total{reason=\"login_timeout\"}";
    assert_eq!(metric(&server, goodbyes).await, 0.0);
}

#[tokio::test]
async fn an_invitation_is_shown_to_operators_alone() {
    let server = server(Auth::Tokens(Keys::secret(SECRET)));
    for (token, status) in [
        (None, 401),
        (Some("nonsense".to_owned()), 401),
        (Some(good("alice")), 401),
        (Some(operator()), 404),
    ] {
        let (found, body) = get(&server, "/invitations/a-1", token.as_deref()).await;
        assert_eq!(found, status, "{body}");
        assert!(body.starts_with("{\"error\":"), "{body}");
    }
}

#[tokio::test]
async fn a_server_that_is_to_stop_lets_nobody_in_and_keeps_what_rings() {
    let server = server(Auth::Open);
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    let mut carol = Raw::login(&server, "carol").await;
    let id = alice.send("bob");
    bob.rung().await;
    alice.heard().await;
    assert_eq!(get(&server, "/readyz", None).await.0, 200);
    assert_eq!(server.drain(), 1);
    assert_eq!(get(&server, "/readyz", None).await.0, 503);
    assert_eq!(get(&server, "/healthz", None).await.0, 200);
    assert_eq!(carol.bye().await, (1001, "shutdown".to_owned()));
    let mut dave = Raw::connect(&server).await;
    dave.say(r#"{"type":"login","user":"dave"}"#).await;
    assert_eq!(dave.bye().await, (1001, "shutdown".to_owned()));
    // Held back, and not failed.
    let later = alice.send("bob");
    bob.client.accept_remote_invitation(&id, "yes");
    assert_eq!(alice.heard().await, accepted("yes"));
    bob.heard().await;
    assert_eq!(server.drain(), 0);
    let (interrupted, reconnecting) = (
        ringcheck_reference::client::ConnectionReason::Interrupted,
        ringcheck_reference::client::ConnectionState::Reconnecting,
    );
    assert_eq!(
        alice.heard().await,
        Heard::Connection(reconnecting, interrupted)
    );
    assert!(!alice.client.local(&later).unwrap().state.is_ended());
}

#[tokio::test]
async fn every_metric_is_documented() {
    let document = include_str!("../../PROTOCOL.md");
    let server = server(Auth::Open);
    let (_, page) = get(&server, "/metrics", None).await;
    let mut count = 0;
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, _) = line.split_once(' ').unwrap();
        assert!(document.contains(&format!("`{name}")), "{name}");
        count += 1;
    }
    assert!(count >= 15, "{count}");
}

#[tokio::test]
async fn anything_else_is_told_what_there_is() {
    let server = server(Auth::Open);
    let (status, body) = get(&server, "/", None).await;
    assert_eq!(status, 404);
    assert!(body.contains("/metrics"), "{body}");
}
