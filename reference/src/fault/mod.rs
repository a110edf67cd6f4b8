//! Deviations of the reference that can be switched on, each named for the requirement that it breaks.
//!
//! They exist so that a checker can be checked. Nothing in a core knows of them: they bend what passes at the edge of
//! the server or of the client, or give the server other clocks than it announces.
//! One at a time is switched on, only through this library or a hidden flag.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a deviation bends one thing and leaves all others as they are"
)]

mod altered;
pub(crate) mod calls;
pub(crate) mod client;
mod clocks;
mod list;
pub(crate) mod server;

pub use list::{Fault, Place};
