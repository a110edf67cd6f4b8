//! Log-ins that need a token (SES-7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ringcheck_reference::client::{ConnectionReason, ConnectionState};
use ringcheck_reference::limits::{Limits, Rate};
use ringcheck_reference::server::{Auth, Keys, Server};
use serde_json::{Value, json};

use crate::support::{Heard, Raw, User, server_with};

pub(crate) const SECRET: &[u8] = b"a secret that nobody knows, long";

fn guarded() -> Server {
    server_with(Limits::default(), 2, Auth::Tokens(Keys::secret(SECRET)))
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

/// A good token but for an extension that its issuer holds for critical.
fn critical(claims: &Value) -> String {
    let header = Header {
        crit: Some(vec!["b64".to_owned()]),
        ..Header::new(Algorithm::HS256)
    };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

pub(crate) fn good(user: &str) -> String {
    let claims = json!({ "sub": user, "exp": now() + 3600, "nbf": now() - 1 });
    token(&claims, Algorithm::HS256, SECRET)
}

/// A token of an operator's.
pub(crate) fn operator() -> String {
    let claims = json!({ "sub": "olga", "exp": now() + 3600, "admin": true });
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
async fn times_with_a_fraction_are_times() {
    let server = guarded();
    let mut alice = User::new(&server);
    let claims = json!({ "sub": "alice", "exp": now() as f64 + 3600.5, "nbf": now() as f64 - 1.5 });
    let token = token(&claims, Algorithm::HS256, SECRET);
    alice.client.login("alice", Some(&token));
    alice.connecting_to_connected().await;
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
        (hs256(json!({ "sub": "alice" })), "`exp`"),
        (hs256(json!({ "exp": later })), "`sub`"),
        (hs256(json!({ "sub": "alice", "exp": "soon" })), "`exp`"),
        (hs256(json!({ "sub": "alice", "exp": -1.5 })), "`exp`"),
        (hs256(json!({ "sub": 7, "exp": later })), "`sub`"),
        (
            Some(critical(&json!({ "sub": "alice", "exp": later }))),
            "`crit`",
        ),
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
    assert_eq!(alice.heard().await, Heard::TokenExpiring);
    assert_eq!(
        alice.heard().await,
        Heard::Connection(ConnectionState::Aborted, ConnectionReason::TokenExpired)
    );
    // At once, without the grace of a connection that was lost.
    assert_eq!(server.counts().sessions, 0);
}

#[tokio::test]
async fn the_token_of_a_refused_second_login_gives_the_first_one_no_time() {
    let server = guarded();
    let login = |user: &str, token: &str| {
        json!({ "type": "login", "user": user, "token": token }).to_string()
    };
    let claims = json!({ "sub": "alice", "exp": now() + 2 });
    let short = token(&claims, Algorithm::HS256, SECRET);
    let mut raw = Raw::connect(&server).await;
    raw.say(&login("alice", &short)).await;
    assert_eq!(raw.hear().await["type"], "welcome");
    raw.say(&login("bob", &good("bob"))).await;
    assert_eq!(raw.error().await, "already_logged_in");
    assert_eq!(raw.hear().await["type"], "token_expiring");
    assert_eq!(raw.bye().await, (4009, "token_expired".to_owned()));
}

#[tokio::test]
async fn bad_tokens_keep_nobody_out_who_has_a_good_one() {
    let limits = Limits {
        logins: Some(Rate {
            messages: 2,
            window: Duration::from_secs(60),
        }),
        ..Limits::default()
    };
    let server = server_with(limits, 2, Auth::Tokens(Keys::secret(SECRET)));
    for _ in 0..5 {
        let mut raw = Raw::connect(&server).await;
        raw.say(r#"{"type":"login","user":"mallory","token":"bad"}"#)
            .await;
        assert_eq!(raw.error().await, "invalid_token");
    }
    let mut alice = User::new(&server);
    alice.client.login("alice", Some(&good("alice")));
    alice.connecting_to_connected().await;
}

#[tokio::test]
async fn a_token_that_is_renewed_in_time_keeps_the_session() {
    let server = guarded();
    let claims = json!({ "sub": "alice", "exp": now() + 2 });
    let short = token(&claims, Algorithm::HS256, SECRET);
    let mut alice = User::new(&server);
    alice.client.login("alice", Some(&short));
    alice.connecting_to_connected().await;
    assert_eq!(alice.heard().await, Heard::TokenExpiring);
    alice.client.renew_token(&good("bob"));
    assert_eq!(
        alice.heard().await,
        Heard::Refused("the token is another user's".to_owned())
    );
    alice.client.renew_token("nonsense");
    let Heard::Refused(message) = alice.heard().await else {
        panic!("expected to be refused");
    };
    assert!(message.contains("bad"), "{message}");
    alice.client.renew_token(&good("alice"));
    assert_eq!(alice.heard().await, Heard::TokenRenewed);
    // The old one's end comes and goes.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(server.counts().sessions, 1);
    assert_eq!(alice.client.connection_state(), ConnectionState::Connected);
}

/// A key for EdDSA: as PKCS #8 for the one who signs, and its public half in a set for the server.
fn ed25519(seed: u8, kid: &str) -> (EncodingKey, Value) {
    let mut pkcs8 = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    pkcs8.extend([seed; 32]);
    let key = EncodingKey::from_ed_der(&pkcs8);
    let mut public = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    public.common.key_id = Some(kid.to_owned());
    (key, serde_json::to_value(&public).unwrap())
}

#[tokio::test]
async fn keys_are_rotated_by_their_ids() {
    let (old, old_public) = ed25519(1, "old");
    let (new, new_public) = ed25519(2, "new");
    let keys = |keys: &[&Value]| {
        Auth::Tokens(Keys::from_jwks(&json!({ "keys": keys }).to_string()).unwrap())
    };
    let signed = |key: &EncodingKey, kid: Option<&str>| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = kid.map(str::to_owned);
        let claims = json!({ "sub": "alice", "exp": now() + 3600 });
        jsonwebtoken::encode(&header, &claims, key).unwrap()
    };
    let server = server_with(Limits::default(), 1, keys(&[&old_public, &new_public]));
    let enters = async |token: String| {
        let mut raw = Raw::connect(&server).await;
        let login = json!({ "type": "login", "user": "alice", "token": token });
        raw.say(&login.to_string()).await;
        raw.hear().await["type"] == "welcome"
    };
    assert!(enters(signed(&old, Some("old"))).await);
    assert!(enters(signed(&new, Some("new"))).await);
    assert!(
        enters(signed(&new, None)).await,
        "without an id each key is tried"
    );
    assert!(!enters(signed(&old, Some("new"))).await);
    assert!(!enters(signed(&old, Some("unknown"))).await);
    // The public half must not serve as a secret.
    let x = new_public["x"].as_str().unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("new".to_owned());
    let claims = json!({ "sub": "alice", "exp": now() + 3600 });
    let key = EncodingKey::from_secret(x.as_bytes());
    let confused = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    assert!(!enters(confused).await);
    server.set_auth(keys(&[&new_public]));
    assert!(!enters(signed(&old, Some("old"))).await);
    assert!(enters(signed(&new, Some("new"))).await);
}

#[test]
fn keys_that_cannot_be_used_say_why() {
    let message = |text: &str| Keys::from_jwks(text).unwrap_err().to_string();
    assert!(message("secret").contains("JSON Web Key Set"));
    assert!(message(r#"{"keys":[]}"#).contains("no keys"));
    let weak = r#"{"keys":[{"kty":"oct","kid":"k","k":"c2hvcnQ"}]}"#;
    assert!(message(weak).contains("shorter than 32 bytes"));
    let other = r#"{"keys":[{"kty":"oct","alg":"HS512","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#;
    assert!(message(other).contains("key 1"), "{}", message(other));
    assert!(!message(weak).contains("c2hvcnQ"), "no secret in a message");
}

#[test]
fn the_secret_is_never_printed() {
    let printed = format!("{:?}", Auth::Tokens(Keys::secret(SECRET)));
    assert_eq!(printed, "Tokens([\"-\"])");
}
