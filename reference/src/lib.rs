//! The reference of the call invitation lifecycle: an invitation server and client over WebSocket, good enough to deploy
//! locally and clear enough to read as the definition.
//!
//! A *caller* sends an invitation to a *callee*, who accepts or refuses it; the caller may cancel; clocks end what nobody
//! ends. Each side is told by callbacks, exactly one of which ends its life. Ids such as ACC-2 and FAIL-4 in these pages
//! name the requirements of the lifecycle.
//!
//! # A server
//!
//! ```
//! use ringcheck_reference::server::{Server, Settings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start(Settings {
//!     listen: "127.0.0.1:0".parse()?, // 0 is a free port
//!     ..Settings::default()
//! })?;
//! println!("listening on ws://{}", server.address());
//! println!("{} invitations are open", server.counts().open_invitations);
//! server.stop();
//! # Ok(())
//! # }
//! ```
//!
//! It has threads of its own and needs no runtime around it. [`Settings`](server::Settings) says who may log in, with
//! which certificate it shows itself, which limits and clocks it keeps, and where operators find its metrics.
//!
//! # A callee and a caller
//!
//! ```
//! use ringcheck_reference::client::{Client, Event, LocalCallback, RemoteCallback, UrlError};
//!
//! async fn bob(url: &str) -> Result<(), UrlError> {
//!     let (client, mut events) = Client::with_events(url)?;
//!     client.login("bob", None);
//!     while let Some(event) = events.recv().await {
//!         let Event::Remote { id, callback, .. } = event else { continue };
//!         match callback {
//!             RemoteCallback::Received { .. } => client.accept_remote_invitation(&id, "On my way"),
//!             _ended => break,
//!         };
//!     }
//!     client.logout();
//!     Ok(client.close().await)
//! }
//!
//! async fn alice(url: &str) -> Result<String, UrlError> {
//!     let (client, mut events) = Client::with_events(url)?;
//!     client.login("alice", None);
//!     while let Some(event) = events.recv().await {
//!         match event {
//!             // Sent before that, it would fail with NotLoggedIn (FAIL-5).
//!             Event::Connection { .. } if client.connection_state() as u8 == 3 => {
//!                 let call = client.create_local_invitation("bob", "Shall we?", "room-7");
//!                 client.send_local_invitation(&call);
//!             }
//!             Event::Local { callback: LocalCallback::Accepted { response }, .. } => return Ok(response),
//!             _ => {}
//!         }
//!     }
//!     Ok("nobody answered".to_owned())
//! }
//!
//! # use ringcheck_reference::server::{Server, Settings};
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = Server::start(Settings::default())?;
//! # let url = format!("ws://{}", server.address());
//! let (bob, alice) = tokio::join!(bob(&url), alice(&url));
//! assert_eq!(alice?, "On my way");
//! # bob?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! | part | what it is | input and output |
//! |---|---|---|
//! | [`server::Core`] | who has a session, which invitations are open, and the one arbiter of each | none: `(now, input)` gives outputs |
//! | [`client::Core`] | the two views of an invitation, the results of calls, coming back after a loss | none: `(now, input)` gives outputs |
//! | [`server::Server`] | threads, WebSockets, TLS, tokens, admission and metrics around that core | all of it |
//! | [`client::Client`] | a task, a WebSocket and the clock around that core | all of it |
//! | [`wire`] | the frames: strict in, canonical out; `PROTOCOL.md` describes them one by one | none |
//! | [`limits`] | every bound and clock, with its unit in its name | none |
//! | [`tls`] | certificates and whom to believe | none |
//! | [`fault`] | deviations that can be switched on, each named for the requirement it breaks, for checking checkers | none |
//!
//! The cores own no clock, socket or randomness, so a test can join them in memory under a made-up clock; what they say
//! goes out through [`server::Outbox`] and [`client::Device`]. Read them first: `server/exchange.rs` holds every arrow of
//! an invitation's life at its arbiter, `client/core.rs` and `client/frames.rs` those at its two ends.
#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod client;
pub mod fault;
pub mod limits;
mod pipe;
pub mod server;
mod socket;
pub mod tls;
pub mod wire;
