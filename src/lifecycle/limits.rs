//! The limits of section 11, judged on what was passed with a call.

use super::rules::Id;
use crate::history::{Call, Passed};

/// The longest content or response, in bytes of UTF-8 (LIM-1).
const TEXT_BYTES_MAX: usize = 8_192;
/// The longest channel id, in bytes (LIM-2).
const CHANNEL_BYTES_MAX: usize = 64;
/// The longest user id, in bytes (LIM-3).
const USER_BYTES_MAX: usize = 64;
/// What a user id may hold besides letters and digits (LIM-3).
const USER_MARKS: &[u8] = b" !#$%&()+-:;<=.>?@[]^_{}|~,";

/// The limits that a call breaks.
pub(super) fn broken_limits(call: Call, with: &Passed) -> Vec<Id> {
    let mut broken = Vec::new();
    match call {
        Call::Send => {
            if with.content.len() > TEXT_BYTES_MAX {
                broken.push(Id::Lim1);
            }
            if with.channel.len() > CHANNEL_BYTES_MAX {
                broken.push(Id::Lim2);
            }
            if with.peer.as_ref().is_some_and(|user| !is_user_id(user)) {
                broken.push(Id::Lim3);
            }
        }
        Call::Accept | Call::Refuse => {
            if with.response.len() > TEXT_BYTES_MAX {
                broken.push(Id::Lim1);
            }
        }
        Call::Create | Call::Cancel => {}
    }
    broken
}

/// The limit whose last good value a call passes, if it passes one: the first suspect if good arguments are refused.
pub(super) fn at_edge(call: Call, with: &Passed) -> Option<Id> {
    match call {
        Call::Send if with.content.len() == TEXT_BYTES_MAX => Some(Id::Lim1),
        Call::Send if with.channel.len() == CHANNEL_BYTES_MAX => Some(Id::Lim2),
        Call::Send => {
            let user = with.peer.as_deref()?;
            let plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (!plain || user.len() == USER_BYTES_MAX || user.len() == 1).then_some(Id::Lim3)
        }
        Call::Accept | Call::Refuse if with.response.len() == TEXT_BYTES_MAX => Some(Id::Lim1),
        Call::Create | Call::Cancel | Call::Accept | Call::Refuse => None,
    }
}

/// Whether a user id is well formed (LIM-3).
fn is_user_id(user: &str) -> bool {
    let fits = (1..=USER_BYTES_MAX).contains(&user.len());
    let clean = user
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || USER_MARKS.contains(&it));
    fits && clean && user != "null"
}
