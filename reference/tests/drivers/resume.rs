//! Lost connections: the session goes on, nothing rings twice, nothing is lost (SES-2, SES-3).

use ringcheck_reference::client::{
    CallResult, ConnectionReason, ConnectionState, LocalCallback, RemoteCallback,
};

use crate::support::{Heard, Raw, User, accepted, server, short};

const LOST: Heard = Heard::Connection(ConnectionState::Reconnecting, ConnectionReason::Interrupted);
const BACK: Heard = Heard::Connection(ConnectionState::Connected, ConnectionReason::LoginSuccess);
const RECEIVED: Heard = Heard::Local(LocalCallback::ReceivedByPeer);

#[tokio::test]
async fn a_cut_callee_resumes_and_is_not_rung_twice() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    let id = alice.send("bob");
    bob.rung().await;
    assert_eq!(alice.heard().await, RECEIVED);
    bob.client.cut();
    assert_eq!(bob.heard().await, LOST);
    assert_eq!(bob.heard().await, BACK);
    alice.client.cancel_local_invitation(&id);
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Canceled));
    assert_eq!(alice.heard().await, Heard::Local(LocalCallback::Canceled));
    assert_eq!(server.counts().sessions, 2);
}

#[tokio::test]
async fn a_cut_caller_resumes_and_hears_what_it_missed_once() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    alice.send("bob");
    let id = bob.rung().await;
    assert_eq!(alice.heard().await, RECEIVED);
    alice.client.hold_down(true);
    alice.client.cut();
    assert_eq!(alice.heard().await, LOST);
    bob.client.accept_remote_invitation(&id, "yes");
    alice.client.hold_down(false);
    assert_eq!(alice.heard().await, BACK);
    assert_eq!(alice.heard().await, accepted("yes"));
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Accepted));
}

#[tokio::test]
async fn an_answer_given_while_the_connection_is_down_arrives_after_it() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    alice.send("bob");
    let id = bob.rung().await;
    bob.client.hold_down(true);
    bob.client.cut();
    assert_eq!(bob.heard().await, LOST);
    assert_eq!(
        bob.client.accept_remote_invitation(&id, "yes"),
        CallResult::Ok
    );
    bob.client.hold_down(false);
    assert_eq!(alice.heard().await, RECEIVED);
    assert_eq!(alice.heard().await, accepted("yes"));
    assert_eq!(bob.heard().await, BACK);
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Accepted));
}

#[tokio::test]
async fn an_invitation_sent_while_the_connection_is_down_arrives_after_it() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    alice.client.hold_down(true);
    alice.client.cut();
    assert_eq!(alice.heard().await, LOST);
    let id = alice.send("bob");
    alice.client.hold_down(false);
    assert_eq!(bob.rung().await, id);
    assert_eq!(alice.heard().await, BACK);
    assert_eq!(alice.heard().await, RECEIVED);
}

#[tokio::test]
async fn clients_come_back_to_a_server_that_was_started_anew() {
    let first = server(short());
    let mut alice = User::login(&first, "alice").await;
    let address = first.address();
    tokio::task::spawn_blocking(move || first.stop())
        .await
        .unwrap();
    assert_eq!(alice.heard().await, LOST);
    let second =
        ringcheck_reference::server::Server::start(ringcheck_reference::server::Settings {
            listen: address,
            limits: short(),
            ..ringcheck_reference::server::Settings::default()
        })
        .unwrap();
    assert_eq!(alice.heard().await, BACK);
    assert_eq!(second.counts().sessions, 1);
}

#[tokio::test]
async fn the_secret_of_a_session_resumes_it_and_a_guess_does_not() {
    let server = server(short());
    let mut old = Raw::connect(&server).await;
    let secret = old.enter("alice").await;
    assert_eq!(secret.len(), 32);
    let mut new = Raw::connect(&server).await;
    new.say(&format!(
        r#"{{"type":"login","user":"alice","session":"{secret}"}}"#
    ))
    .await;
    let welcome = new.hear().await;
    assert_eq!(welcome["resumed"], true);
    assert_eq!(welcome["session"], secret.as_str());
    assert_eq!(old.bye().await, (4008, "replaced".to_owned()));
    let mut guess = Raw::connect(&server).await;
    guess
        .say(r#"{"type":"login","user":"alice","session":"00000000000000000000000000000000"}"#)
        .await;
    assert_eq!(guess.bye().await, (4001, "remote_login".to_owned()));
    new.say(r#"{"type":"logout"}"#).await;
    assert_eq!(new.bye().await, (1000, "logout".to_owned()));
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let server = server(short());
    let mut alice = Raw::login(&server, "alice").await;
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    assert_eq!(alice.bye().await, (1001, "shutdown".to_owned()));
    stopping.await.unwrap();
}
