//! The reference of the call invitation lifecycle: an invitation server and client over WebSocket.
//!
//! `PROTOCOL.md` describes the wire. The cores ([`server`], [`client`]) take `(now, input)` and give outputs; they own no
//! clock, socket or randomness, which live in the drivers alone.
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
