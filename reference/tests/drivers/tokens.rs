//! Log-ins that need a token (SES-7).

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ringcheck_reference::client::{ConnectionReason, ConnectionState};
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::{Auth, Secret, Server};
use serde_json::{Value, json};

use crate::support::{Heard, Raw, User, server_with};

const SECRET: &[u8] = b"a secret that nobody knows";

fn guarded() -> Server {
    server_with(Limits::default(), 2, Auth::Hs256(Secret::new(SECRET)))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn token(claims: &Value, algorithm: Algorithm, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn good(user: &str) -> String {
    let claims = json!({ "sub": user, "exp": now() + 3600, "nbf": now() - 1 });
    token(&claims, Algorithm::HS256, SECRET)
}

#[tokio::test]
async fn a_good_token_lets_its_user_in() {
    let server = guarded();
    let mut alice = User::new(&server);
    alice.client.login("alice", Some(&good("alice")));
    alice.connecting_to_connected().await;
    assert_eq!(server.counts().sessions, 1);
}

#[tokio::test]
async fn any_other_token_is_refused_with_the_reason() {
    let server = guarded();
    let hs256 = |claims: Value| Some(token(&claims, Algorithm::HS256, SECRET));
    let later = now() + 3600;
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.";
    for (token, reason) in [
        (None, "missing"),
        (Some("no token".to_owned()), "bad"),
        (Some(unsigned.to_owned()), "bad"),
        (Some(good("bob")), "another user's"),
        (
            hs256(json!({ "sub": "alice", "exp": now() - 1 })),
            "expired",
        ),
        (
            hs256(json!({ "sub": "alice", "exp": later, "nbf": later })),
            "not valid yet",
        ),
        (hs256(json!({ "sub": "alice" })), "bad"),
        (hs256(json!({ "exp": later })), "bad"),
        (
            Some(token(
                &json!({ "sub": "alice", "exp": later }),
                Algorithm::HS256,
                b"another secret",
            )),
            "bad",
        ),
        (
            Some(token(
                &json!({ "sub": "alice", "exp": later }),
                Algorithm::HS512,
                SECRET,
            )),
            "bad",
        ),
    ] {
        let mut raw = Raw::connect(&server).await;
        let login = json!({ "type": "login", "user": "alice", "token": token });
        let text = match token {
            Some(_) => login.to_string(),
            None => r#"{"type":"login","user":"alice"}"#.to_owned(),
        };
        raw.say(&text).await;
        let error = raw.hear().await;
        assert_eq!(error["code"], "invalid_token", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(reason), "{message}: {reason}");
        assert_eq!(raw.bye().await, (4002, "login_refused".to_owned()));
    }
    assert_eq!(server.counts().sessions, 0);
}

#[tokio::test]
async fn a_refused_login_is_told_to_the_user() {
    let server = guarded();
    let mut alice = User::new(&server);
    alice.client.login("alice", Some(&good("bob")));
    assert_eq!(
        alice.heard().await,
        Heard::Connection(ConnectionState::Connecting, ConnectionReason::Login)
    );
    assert_eq!(
        alice.heard().await,
        Heard::Refused("the token is another user's".to_owned())
    );
    assert_eq!(
        alice.heard().await,
        Heard::Connection(
            ConnectionState::Disconnected,
            ConnectionReason::LoginFailure
        )
    );
}

#[tokio::test]
async fn a_token_that_runs_out_ends_the_connection() {
    let server = guarded();
    let claims = json!({ "sub": "alice", "exp": now() + 2 });
    let token = token(&claims, Algorithm::HS256, SECRET);
    let mut alice = User::new(&server);
    alice.client.login("alice", Some(&token));
    alice.connecting_to_connected().await;
    assert_eq!(
        alice.heard().await,
        Heard::Connection(ConnectionState::Aborted, ConnectionReason::TokenExpired)
    );
}

#[test]
fn the_secret_is_never_printed() {
    let printed = format!("{:?}", Auth::Hs256(Secret::new(SECRET)));
    assert_eq!(printed, "Hs256(Secret(..))");
}
