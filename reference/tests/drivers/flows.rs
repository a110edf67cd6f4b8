//! The lifecycle between clients.

use ringcheck_reference::client::{
    CallResult, ConnectionReason, ConnectionState, LocalCallback, LocalFailure, LocalState,
    RemoteCallback, RemoteState,
};

use crate::support::{Heard, User, accepted, refused, server, short};

#[tokio::test]
async fn an_accept_ends_both_lives_and_carries_the_response() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    let id = alice.send("bob");
    assert_eq!(bob.rung().await, id);
    let seen = bob.client.remote(&id).unwrap();
    assert_eq!(
        (&*seen.caller, &*seen.content, &*seen.channel),
        ("alice", "Shall we?", "room-7")
    );
    assert_eq!(
        alice.heard().await,
        Heard::Local(LocalCallback::ReceivedByPeer)
    );
    let result = bob.client.accept_remote_invitation(&id, "On my way");
    assert_eq!(result, CallResult::Ok);
    assert_eq!(alice.heard().await, accepted("On my way"));
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Accepted));
    assert_eq!(
        alice.client.local(&id).unwrap().state,
        LocalState::AcceptedByRemote
    );
    assert_eq!(bob.client.remote(&id).unwrap().state, RemoteState::Accepted);
    assert_eq!(server.counts().open_invitations, 0);
}

#[tokio::test]
async fn a_refuse_ends_both_lives_and_carries_the_response() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    alice.send("bob");
    let id = bob.rung().await;
    assert_eq!(
        bob.client.refuse_remote_invitation(&id, "Not now"),
        CallResult::Ok
    );
    assert_eq!(
        alice.heard().await,
        Heard::Local(LocalCallback::ReceivedByPeer)
    );
    assert_eq!(alice.heard().await, refused("Not now"));
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Refused));
}

#[tokio::test]
async fn a_cancel_ends_the_callee_first_and_then_the_caller() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    let id = alice.send("bob");
    bob.rung().await;
    assert_eq!(
        alice.heard().await,
        Heard::Local(LocalCallback::ReceivedByPeer)
    );
    assert_eq!(alice.client.cancel_local_invitation(&id), CallResult::Ok);
    assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Canceled));
    assert_eq!(alice.heard().await, Heard::Local(LocalCallback::Canceled));
}

#[tokio::test]
async fn a_send_without_a_login_fails_by_callback() {
    let server = server(short());
    let mut alice = User::new(&server);
    let id = alice.client.create_local_invitation("bob", "", "");
    assert_eq!(alice.client.send_local_invitation(&id), CallResult::Ok);
    assert_eq!(
        alice.heard().await,
        Heard::Local(LocalCallback::Failure(LocalFailure::NotLoggedIn))
    );
}

#[tokio::test]
async fn the_clocks_of_the_server_run_by_themselves() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    alice.send("nobody");
    assert_eq!(
        alice.heard().await,
        Heard::Local(LocalCallback::Failure(LocalFailure::RemoteOffline))
    );
}

#[tokio::test]
async fn a_second_login_kicks_the_first() {
    let server = server(short());
    let mut first = User::login(&server, "alice").await;
    let second = User::login(&server, "alice").await;
    assert_eq!(
        first.heard().await,
        Heard::Connection(ConnectionState::Aborted, ConnectionReason::RemoteLogin)
    );
    assert_eq!(second.client.connection_state(), ConnectionState::Connected);
    assert_eq!(server.counts().sessions, 1);
}

#[tokio::test]
async fn a_logout_says_goodbye_and_ends_the_session() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    let mut bob = User::login(&server, "bob").await;
    alice.client.logout();
    assert_eq!(
        alice.heard().await,
        Heard::Connection(ConnectionState::Disconnected, ConnectionReason::Logout)
    );
    alice.client.close().await;
    // Bob's own frame is answered after the logout was handled.
    bob.send("bob");
    bob.rung().await;
    assert_eq!(server.counts().sessions, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_closing_arrives_however_soon_the_close_comes() {
    let server = server(short());
    let mut bob = User::login(&server, "bob").await;
    for _ in 0..200 {
        let mut alice = User::login(&server, "alice").await;
        alice.send("bob");
        let id = bob.rung().await;
        bob.client.accept_remote_invitation(&id, "On my way");
        while alice.heard().await != accepted("On my way") {}
        // The device ack has not left yet.
        alice.client.logout();
        alice.client.close().await;
        assert_eq!(bob.heard().await, Heard::Remote(RemoteCallback::Accepted));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_made_right_before_closing_is_carried_out() {
    let server = server(short());
    let mut alice = User::login(&server, "alice").await;
    for _ in 0..200 {
        let mut bob = User::login(&server, "bob").await;
        alice.send("bob");
        let id = bob.rung().await;
        bob.client.refuse_remote_invitation(&id, "Not now");
        bob.client.close().await;
        while alice.heard().await != refused("Not now") {}
    }
}
