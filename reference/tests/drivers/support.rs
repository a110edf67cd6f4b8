//! Servers and users for the tests. Waiting is for events, never for time.

use std::time::Duration;

use ringcheck_reference::client::{
    Client, ConnectionReason, ConnectionState, Event, InvitationId, LocalCallback, RemoteCallback,
};
use ringcheck_reference::limits::{Clocks, Limits};
use ringcheck_reference::server::{Auth, Server, Settings};
use tokio::sync::mpsc;

/// Long enough for a busy machine; a test that waits for so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Limits with lifecycle clocks a tenth as long.
pub(crate) fn short() -> Limits {
    Limits {
        clocks: Clocks::default().scaled(0.1),
        ..Limits::default()
    }
}

pub(crate) fn server(limits: Limits) -> Server {
    server_with(limits, 2, Auth::Open)
}

pub(crate) fn server_with(limits: Limits, threads: usize, auth: Auth) -> Server {
    Server::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        limits,
        threads,
        auth,
    })
    .unwrap()
}

pub(crate) fn url(server: &Server) -> String {
    format!("ws://{}", server.address())
}

/// What a user heard, without the ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Local(LocalCallback),
    Remote(RemoteCallback),
    Connection(ConnectionState, ConnectionReason),
    Refused(String),
}

pub(crate) struct User {
    pub(crate) client: Client,
    events: mpsc::Receiver<Event>,
}

impl User {
    pub(crate) fn new(server: &Server) -> Self {
        let (client, events) = Client::with_events(&url(server)).unwrap();
        Self { client, events }
    }

    pub(crate) async fn login(server: &Server, name: &str) -> Self {
        let mut user = Self::new(server);
        user.client.login(name, None);
        user.connecting_to_connected().await;
        user
    }

    pub(crate) async fn connecting_to_connected(&mut self) {
        use ConnectionReason::{Login, LoginSuccess};
        use ConnectionState::{Connected, Connecting};
        assert_eq!(self.heard().await, Heard::Connection(Connecting, Login));
        assert_eq!(
            self.heard().await,
            Heard::Connection(Connected, LoginSuccess)
        );
    }

    pub(crate) async fn event(&mut self) -> Event {
        tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .expect("an event in time")
            .expect("the client lives")
    }

    pub(crate) async fn heard(&mut self) -> Heard {
        match self.event().await {
            Event::Local { callback, .. } => Heard::Local(callback),
            Event::Remote { callback, .. } => Heard::Remote(callback),
            Event::Connection { state, reason } => Heard::Connection(state, reason),
            Event::Refused { message, .. } => Heard::Refused(message),
        }
    }

    /// Waits for an invitation; its id.
    pub(crate) async fn rung(&mut self) -> InvitationId {
        match self.event().await {
            Event::Remote {
                id,
                callback: RemoteCallback::Received { .. },
                ..
            } => id,
            other => panic!("expected to be rung, got {other:?}"),
        }
    }

    /// Whether nothing is waiting to be heard.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.events.try_recv().is_err()
    }

    pub(crate) fn send(&self, callee: &str) -> InvitationId {
        let id = self
            .client
            .create_local_invitation(callee, "Shall we?", "room-7");
        self.client.send_local_invitation(&id);
        id
    }
}

pub(crate) fn accepted(response: &str) -> Heard {
    Heard::Local(LocalCallback::Accepted {
        response: response.to_owned(),
    })
}

pub(crate) fn refused(response: &str) -> Heard {
    Heard::Local(LocalCallback::Refused {
        response: response.to_owned(),
    })
}
