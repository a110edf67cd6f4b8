//! Stopping under load: what was admitted ends on both sides, or is held by clients who know that they are cut off.

use std::time::{Duration, Instant};

use ringcheck_reference::client::{
    CallResult, Client, ConnectionState, Event, InvitationId, LocalState, RemoteCallback,
    RemoteState,
};

use super::bystanders::login;
use super::{get, metric, server, tell};

/// How a callee answers.
#[derive(Clone, Copy)]
enum Manner {
    AtOnce,
    After(Duration),
    Never,
}

/// A callee that answers in its manner until it is dropped.
async fn callee(url: &str, user: &str, manner: Manner) -> Client {
    let (client, mut events) = login(url, user, None).await;
    let answering = client.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let Event::Remote {
                id,
                callback: RemoteCallback::Received { .. },
                ..
            } = event
            else {
                continue;
            };
            let client = answering.clone();
            match manner {
                Manner::AtOnce => {
                    client.accept_remote_invitation(&id, "yes");
                }
                Manner::After(wait) => {
                    tokio::spawn(async move {
                        tokio::time::sleep(wait).await;
                        client.accept_remote_invitation(&id, "yes");
                    });
                }
                Manner::Never => {}
            }
        }
    });
    client
}

struct Pair {
    caller: Client,
    callee: Client,
    name: String,
    sent: Vec<InvitationId>,
}

impl Pair {
    async fn new(url: &str, number: usize, manner: Manner) -> Self {
        let name = format!("callee-{number}");
        let (caller, mut events) = login(url, &format!("caller-{number}"), None).await;
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        Self {
            caller,
            callee: callee(url, &name, manner).await,
            name,
            sent: Vec::new(),
        }
    }

    fn ring(&mut self) {
        let id = self.caller.create_local_invitation(&self.name, "", "");
        assert_eq!(self.caller.send_local_invitation(&id), CallResult::Ok);
        self.sent.push(id);
    }

    /// Which of its invitations ended on both sides alike, and how many are held by somebody who knows to be cut off.
    /// Nothing else may be.
    fn account(&self) -> (usize, usize) {
        let (mut ended, mut held) = (0, 0);
        let cut_off = |client: &Client| client.connection_state() == ConnectionState::Reconnecting;
        for id in &self.sent {
            let local = self.caller.local(id).expect("the caller knows it").state;
            let remote = self.callee.remote(id).map(|remote| remote.state);
            match (local, remote) {
                (LocalState::AcceptedByRemote, Some(RemoteState::Accepted)) => ended += 1,
                // The last word of the handshake was cut off: the callee knows that it does not know.
                (LocalState::AcceptedByRemote, Some(RemoteState::AcceptSentToLocal)) => {
                    assert!(
                        cut_off(&self.callee),
                        "{id}: a callee waits and knows nothing"
                    );
                    held += 1;
                }
                (LocalState::SentToRemote | LocalState::ReceivedByRemote, remote) => {
                    assert!(
                        cut_off(&self.caller),
                        "{id}: a caller rings on and knows nothing"
                    );
                    assert!(
                        matches!(
                            remote,
                            None | Some(
                                RemoteState::InvitationReceived | RemoteState::AcceptSentToLocal
                            )
                        ),
                        "{id}: {remote:?}"
                    );
                    assert!(remote.is_none() || cut_off(&self.callee), "{id}");
                    held += 1;
                }
                (local, remote) => panic!("{id} was lost: {local:?} and {remote:?}"),
            }
        }
        (ended, held)
    }
}

#[expect(clippy::print_stdout, reason = "how many were held is for people")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_under_load_loses_no_invitation() {
    let (mut server, url, admin) = server(&["--drain-grace", "8s"]);
    let mut busy = Vec::new();
    for number in 0..12 {
        busy.push(Pair::new(&url, number, Manner::AtOnce).await);
    }
    let mut slow = Pair::new(&url, 100, Manner::After(Duration::from_secs(2))).await;
    let mut silent = Pair::new(&url, 101, Manner::Never).await;
    for _ in 0..5 {
        slow.ring();
        silent.ring();
    }
    // Under load before, at and after the signal.
    let began = Instant::now();
    let mut is_told = false;
    while began.elapsed() < Duration::from_millis(1500) {
        for pair in &mut busy {
            pair.ring();
        }
        if !is_told && began.elapsed() > Duration::from_millis(750) {
            tell(&server, "-TERM");
            is_told = true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(get(&admin, "/readyz", None).0, 503);
    assert_eq!(metric(&admin, "ringcheck_draining"), 1.0);
    let status = tokio::task::spawn_blocking(move || server.ends())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0));
    // What had left before the end is read.
    let until = Instant::now() + Duration::from_secs(20);
    let is_cut_off = |pair: &Pair| {
        [&pair.caller, &pair.callee]
            .iter()
            .all(|client| client.connection_state() == ConnectionState::Reconnecting)
    };
    while !busy.iter().chain([&slow, &silent]).all(is_cut_off) {
        assert!(Instant::now() < until, "a client has not noticed the end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (mut ended, mut held) = (0, 0);
    for pair in &busy {
        let (theirs, waiting) = pair.account();
        assert!(theirs > 0, "a pair got nothing done");
        (ended, held) = (ended + theirs, held + waiting);
    }
    println!("{ended} ended on both sides, {held} are held by clients that know to be cut off");
    assert_eq!(
        slow.account(),
        (5, 0),
        "the grace was long enough for these"
    );
    assert_eq!(silent.account(), (0, 5));
}

#[test]
fn a_signal_to_read_again_is_no_second_signal_to_stop() {
    let (mut server, url) = crate::support::Running::server(&[]);
    // Somebody who takes no goodbye, so that the stop takes a second.
    let request = tungstenite::client::ClientRequestBuilder::new(url.parse().unwrap())
        .with_sub_protocol("ringcheck.invitation.v1");
    let (mut deaf, _) = tungstenite::connect(request).unwrap();
    let login = tungstenite::Message::text(r#"{"type":"login","user":"deaf"}"#);
    deaf.send(login).unwrap();
    deaf.read().unwrap();
    tell(&server, "-TERM");
    server.complains("draining");
    tell(&server, "-HUP");
    server.complains("stopped");
    assert_eq!(server.ends().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once() {
    let (mut server, url, admin) = server(&["--drain-grace", "1h"]);
    let mut silent = Pair::new(&url, 1, Manner::Never).await;
    silent.ring();
    while metric(&admin, "ringcheck_invitations{state=\"ringing\"}") < 1.0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tell(&server, "-TERM");
    while get(&admin, "/readyz", None).0 != 503 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tell(&server, "-TERM");
    let status = tokio::task::spawn_blocking(move || server.ends())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(0));
}
