//! Servers and users for the tests. Waiting is for events, never for time.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use ringcheck_reference::client::{
    Client, ConnectionReason, ConnectionState, Event, InvitationId, LocalCallback, RemoteCallback,
};
use ringcheck_reference::limits::{Clocks, Limits, SUBPROTOCOL};
use ringcheck_reference::server::{Auth, Server, Settings};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::{WebSocketStream, client_async};

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
        ..Settings::default()
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
    TokenExpiring,
    TokenRenewed,
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
        let event = loop {
            let event = self.event().await;
            // With which code a connection was closed changes nothing for an invitation.
            if !matches!(event, Event::Wire { .. }) {
                break event;
            }
        };
        match event {
            Event::Wire { .. } => unreachable!("left out above"),
            Event::Local { callback, .. } => Heard::Local(callback),
            Event::Remote { callback, .. } => Heard::Remote(callback),
            Event::Connection { state, reason } => Heard::Connection(state, reason),
            Event::TokenExpiring { .. } => Heard::TokenExpiring,
            Event::TokenRenewed { .. } => Heard::TokenRenewed,
            Event::Refused { message, .. } => Heard::Refused(message),
        }
    }

    /// Waits for an invitation; its id.
    pub(crate) async fn rung(&mut self) -> InvitationId {
        let event = self.event().await;
        let Event::Remote {
            id,
            callback: RemoteCallback::Received { .. },
            ..
        } = event
        else {
            panic!("expected to be rung, got {event:?}");
        };
        id
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

/// The head of the answer to a request that is written as it stands, in small letters.
pub(crate) async fn answered(server: &Server, request: &str) -> String {
    let mut tcp = TcpStream::connect(server.address()).await.unwrap();
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// A WebSocket without a client behind it.
pub(crate) struct Raw {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Raw {
    pub(crate) async fn connect(server: &Server) -> Self {
        let tcp = TcpStream::connect(server.address()).await.unwrap();
        Self::over(server, tcp).await
    }

    pub(crate) async fn over(server: &Server, tcp: TcpStream) -> Self {
        let request =
            ClientRequestBuilder::new(url(server).parse().unwrap()).with_sub_protocol(SUBPROTOCOL);
        let (socket, _) = client_async(request, tcp).await.unwrap();
        Self { socket }
    }

    pub(crate) async fn login(server: &Server, user: &str) -> Self {
        let mut raw = Self::connect(server).await;
        raw.enter(user).await;
        raw
    }

    /// Logs in; the session's secret name.
    pub(crate) async fn enter(&mut self, user: &str) -> String {
        self.say(&format!(r#"{{"type":"login","user":"{user}"}}"#))
            .await;
        let welcome = self.hear().await;
        assert_eq!(welcome["type"], "welcome");
        welcome["session"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .expect("a message in time")
            .expect("an open connection")
            .expect("a whole message")
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self) -> Value {
        let message = self.next().await;
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    /// The next frame, which must be an error; its code.
    pub(crate) async fn error(&mut self) -> String {
        let frame = self.hear().await;
        assert_eq!(frame["type"], "error", "{frame}");
        frame["code"].as_str().unwrap().to_owned()
    }

    /// The close, which must come next; its code and text. The connection must end after it.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        let message = self.next().await;
        let Message::Close(Some(frame)) = message else {
            panic!("expected a close, got {message:?}");
        };
        let end = tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .expect("an end in time");
        assert!(end.is_none(), "{end:?}");
        (frame.code.into(), frame.reason.to_string())
    }

    /// The `bye` and the close, which must come next; the word of both and the code.
    pub(crate) async fn bye(&mut self) -> (u16, String) {
        let bye = self.hear().await;
        assert_eq!(bye["type"], "bye", "{bye}");
        let (code, text) = self.closed().await;
        assert_eq!(bye["reason"], text.as_str());
        (code, text)
    }
}

/// A pair that must not notice what others do.
pub(crate) struct Bystanders {
    caller: User,
    callee: User,
    ringing: InvitationId,
}

impl Bystanders {
    pub(crate) async fn ringing(server: &Server) -> Self {
        let mut caller = User::login(server, "bystander-1").await;
        let mut callee = User::login(server, "bystander-2").await;
        caller.send("bystander-2");
        let ringing = callee.rung().await;
        let received = Heard::Local(LocalCallback::ReceivedByPeer);
        assert_eq!(caller.heard().await, received);
        Self {
            caller,
            callee,
            ringing,
        }
    }

    /// The invitation that rang all the while is accepted, and nothing else was heard.
    pub(crate) async fn are_undisturbed(mut self) {
        self.callee
            .client
            .accept_remote_invitation(&self.ringing, "yes");
        assert_eq!(self.caller.heard().await, accepted("yes"));
        assert_eq!(
            self.callee.heard().await,
            Heard::Remote(RemoteCallback::Accepted)
        );
    }
}
