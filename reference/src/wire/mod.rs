//! The frames on the wire, as `PROTOCOL.md` describes them: strict in, canonical out, decoded without copying.

mod client_frame;
mod fault;
mod flat;
mod recall;
mod server_frame;
mod words;

pub use client_frame::ClientFrame;
pub use fault::Refusal;
pub use recall::{Peer, Stands};
pub use server_frame::ServerFrame;
pub use words::{ByeReason, ErrorCode};

use crate::limits::{INVITATION_ID_BYTES_MAX, USER_BYTES_MAX};

/// Whether a text may be a user id (LIM-3).
pub fn user_id_is_good(text: &str) -> bool {
    (1..=USER_BYTES_MAX).contains(&text.len())
        && text != "null"
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || b" !#$%&()+-:;<=.>?@[]^_{}|~,".contains(&byte)
        })
}

/// Whether a text may be an invitation's id: letters, digits and `._~-`, so that it needs no escaping anywhere.
pub fn invitation_id_is_good(text: &str) -> bool {
    (1..=INVITATION_ID_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte))
}
