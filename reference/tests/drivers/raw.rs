//! Bad input over a real socket: a typed error or a typed close, and nobody else notices.

use ringcheck_reference::limits::{BAD_FRAMES_MAX, FRAME_BYTES_MAX, Limits};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Bystanders, Raw, server};

#[tokio::test]
async fn what_is_not_a_frame_is_refused_with_a_typed_error() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let mut mallory = Raw::login(&server, "mallory").await;
    for (text, code) in [
        ("hello", "malformed"),
        ("[]", "malformed"),
        ("", "malformed"),
        (r#"{"id":"a-1"}"#, "malformed"),
        (r#"{"type":"invite","id":7,"callee":"bob"}"#, "malformed"),
        (r#"{"type":"ring","id":"a-1"}"#, "unknown_type"),
        (r#"{"type":"welcome"}"#, "unknown_type"),
        (r#"{"type":"invite","id":"a-1"}"#, "invalid_field"),
        (r#"{"type":"cancel"}"#, "invalid_field"),
        (
            r#"{"type":"invite","id":"a-1","callee":"böb"}"#,
            "invalid_field",
        ),
        (
            r#"{"type":"invite","id":"a 1","callee":"bob"}"#,
            "invalid_field",
        ),
        (r#"{"type":"login","user":"null"}"#, "invalid_user"),
        (r#"{"type":"login","user":"carol"}"#, "already_logged_in"),
        (r#"{"type":"cancel","id":"never"}"#, "unknown_invitation"),
        (r#"{"type":"accept","id":"never"}"#, "unknown_invitation"),
    ] {
        mallory.say(text).await;
        assert_eq!(mallory.error().await, code, "{text}");
    }
    mallory.say(r#"{"type":"ping","seen":0}"#).await;
    assert_eq!(mallory.hear().await["type"], "pong");
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn a_user_id_that_is_not_allowed_cannot_log_in() {
    let server = server(Limits::default());
    for user in [r#""null""#, r#""""#, r#""böb""#, r#""a/b""#] {
        let mut mallory = Raw::connect(&server).await;
        mallory
            .say(&format!(r#"{{"type":"login","user":{user}}}"#))
            .await;
        assert_eq!(mallory.error().await, "invalid_user", "{user}");
        let bye = mallory.hear().await;
        assert_eq!(bye["type"], "bye");
        assert_eq!(bye["reason"], "login_refused");
    }
}

#[tokio::test]
async fn nothing_but_a_login_is_allowed_before_the_login() {
    let server = server(Limits::default());
    let mut mallory = Raw::connect(&server).await;
    for text in [
        r#"{"type":"invite","id":"m-1","callee":"bob"}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"logout"}"#,
    ] {
        mallory.say(text).await;
        assert_eq!(mallory.error().await, "not_logged_in", "{text}");
    }
    assert_eq!(server.counts().invitations, 0);
    mallory.enter("mallory").await;
}

#[tokio::test]
async fn somebody_elses_invitation_cannot_be_touched() {
    let server = server(Limits::default());
    let mut alice = Raw::login(&server, "alice").await;
    let mut bob = Raw::login(&server, "bob").await;
    let mut mallory = Raw::login(&server, "mallory").await;
    alice
        .say(r#"{"type":"invite","id":"a-1","callee":"bob"}"#)
        .await;
    assert_eq!(bob.hear().await["type"], "remote_received");
    for kind in [
        "cancel",
        "accept",
        "refuse",
        "invite_ack",
        "accept_ack",
        "cancel_ack",
    ] {
        mallory
            .say(&format!(r#"{{"type":"{kind}","id":"a-1"}}"#))
            .await;
        assert_eq!(mallory.error().await, "unknown_invitation", "{kind}");
    }
    mallory
        .say(r#"{"type":"invite","id":"a-1","callee":"bob"}"#)
        .await;
    assert_eq!(mallory.error().await, "id_taken");
    bob.say(r#"{"type":"accept","id":"a-1"}"#).await;
    assert_eq!(alice.hear().await["type"], "local_received");
    assert_eq!(alice.hear().await["type"], "local_accepted");
}

#[tokio::test]
async fn a_frame_over_the_limit_is_closed_as_too_big() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let mut mallory = Raw::login(&server, "mallory").await;
    mallory.say(&" ".repeat(FRAME_BYTES_MAX)).await;
    assert_eq!(mallory.error().await, "malformed");
    mallory.say(&" ".repeat(FRAME_BYTES_MAX + 1)).await;
    assert_eq!(mallory.closed().await.0, 1009);
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn a_frame_in_pieces_over_the_limit_is_closed_as_too_big() {
    let server = server(Limits::default());
    let mut mallory = Raw::login(&server, "mallory").await;
    let piece = |kind| Frame::message(vec![b' '; FRAME_BYTES_MAX / 2 + 1], kind, false);
    mallory
        .send(Message::Frame(piece(OpCode::Data(Data::Text))))
        .await;
    mallory
        .send(Message::Frame(piece(OpCode::Data(Data::Continue))))
        .await;
    assert_eq!(mallory.closed().await.0, 1009);
}

#[tokio::test]
async fn a_binary_frame_is_closed_as_not_accepted() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let mut mallory = Raw::login(&server, "mallory").await;
    mallory.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(mallory.closed().await.0, 1003);
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_closed_as_such() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let mut mallory = Raw::login(&server, "mallory").await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    mallory.send(Message::Frame(frame)).await;
    assert_eq!(mallory.closed().await.0, 1007);
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn what_breaks_websocket_is_closed_as_a_protocol_error() {
    let server = server(Limits::default());
    let mut mallory = Raw::login(&server, "mallory").await;
    let frame = Frame::message(vec![b'x'], OpCode::Data(Data::Continue), true);
    mallory.send(Message::Frame(frame)).await;
    assert_eq!(mallory.closed().await.0, 1002);
}

#[tokio::test]
async fn a_ping_of_the_websocket_is_answered() {
    let server = server(Limits::default());
    let mut alice = Raw::login(&server, "alice").await;
    alice.send(Message::Ping("are you there".into())).await;
    assert_eq!(alice.next().await, Message::Pong("are you there".into()));
}

#[tokio::test]
async fn a_close_of_the_client_is_answered_and_leaves_the_session() {
    let server = server(Limits::default());
    let mut alice = Raw::login(&server, "alice").await;
    alice.socket.close(None).await.unwrap();
    assert_eq!(alice.next().await, Message::Close(None));
    assert_eq!(server.counts().sessions, 1);
}

#[tokio::test]
async fn too_many_bad_frames_end_the_connection() {
    let server = server(Limits::default());
    let bystanders = Bystanders::ringing(&server).await;
    let mut mallory = Raw::login(&server, "mallory").await;
    for _ in 0..=BAD_FRAMES_MAX {
        mallory.say("x").await;
    }
    for _ in 0..=BAD_FRAMES_MAX {
        assert_eq!(mallory.error().await, "malformed");
    }
    assert_eq!(mallory.bye().await, (4007, "too_many_errors".to_owned()));
    bystanders.are_undisturbed().await;
}

#[tokio::test]
async fn a_logout_is_answered_with_a_goodbye() {
    let server = server(Limits::default());
    let mut alice = Raw::login(&server, "alice").await;
    alice.say(r#"{"type":"logout"}"#).await;
    assert_eq!(alice.bye().await, (1000, "logout".to_owned()));
    assert_eq!(server.counts().sessions, 0);
}

#[tokio::test]
async fn a_caller_that_has_acknowledged_an_accept_is_not_told_of_it_again() {
    let server = server(Limits::default());
    let mut alice = Raw::login(&server, "alice").await;
    let mut bob = Raw::login(&server, "bob").await;
    alice
        .say(r#"{"type":"invite","id":"a-1","callee":"bob"}"#)
        .await;
    assert_eq!(bob.hear().await["type"], "remote_received");
    bob.say(r#"{"type":"accept","id":"a-1"}"#).await;
    assert_eq!(alice.hear().await["type"], "local_received");
    assert_eq!(alice.hear().await["type"], "local_accepted");
    alice.say(r#"{"type":"accept_ack","id":"a-1"}"#).await;
    alice.say(r#"{"type":"ping","seen":2}"#).await;
    assert_eq!(alice.hear().await["type"], "pong");
    assert_eq!(bob.hear().await["type"], "remote_accepted");
}
