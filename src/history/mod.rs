//! What was seen: the events of a run in the order they were recorded, the one bridge between doing and judging.
//!
//! A participant writes an event *before* any consequence of it can leave the participant. Under one recorder the order
//! of a history therefore respects cause and effect; [`Order`] says whether that holds. `FORMAT.md` beside this file
//! describes the file that histories are kept in.

mod clocks;
mod codes;
mod event;
pub mod file;
mod names;
mod payload;

pub use clocks::{Anchor, Clocks};
pub use codes::{CallCode, FailureCode};
pub use event::{Event, Header, History, InvitationId, Order, Passed, UserId, What};
pub use names::{Call, Callback, ConnectionReason, ConnectionState, Side};
pub use payload::Payload;
