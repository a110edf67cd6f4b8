//! What a client says to a server that has just begun of an invitation that another server knew.

use std::borrow::Cow;
use std::time::Duration;

use super::fault::{fault, need, optional};
use super::flat::{Flat, filled, milliseconds, text};
use super::{ErrorCode, Refusal, user_id_is_good};
use crate::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX};

/// The other side of an invitation, which also says on which side the speaker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer<'a> {
    /// The speaker is the callee.
    Caller(Cow<'a, str>),
    /// The speaker is the caller.
    Callee(Cow<'a, str>),
}

/// Where an invitation stands on the side of the speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands<'a> {
    /// It rings at the callee, as far as the speaker knows.
    Ringing {
        /// What to show; empty is none.
        content: Cow<'a, str>,
        /// Which channel to meet in; empty is none.
        channel: Cow<'a, str>,
        /// How long ago it was sent, or at the callee how long ago it came.
        age: Duration,
        /// How long ago the callee's device acknowledged it, or its caller heard of that.
        acked: Duration,
    },
    /// The caller has cancelled, and has not been told that it is done.
    Canceling,
    /// It ended as accepted.
    Accepted,
    /// It ended as refused, with these words.
    Refused {
        /// The callee's words to the caller; empty is none.
        response: Cow<'a, str>,
    },
    /// It ended as cancelled.
    Canceled,
    /// It ended as failed, with the code of that side.
    Failed(u8),
}

impl Stands<'_> {
    /// The word on the wire.
    fn word(&self) -> &'static str {
        match self {
            Self::Ringing { .. } => "ringing",
            Self::Canceling => "canceling",
            Self::Accepted => "accepted",
            Self::Refused { .. } => "refused",
            Self::Canceled => "canceled",
            Self::Failed(_) => "failed",
        }
    }
}

/// Writes the fields of a `recall`.
pub(super) fn write<'f>(flat: &mut Flat<'f>, peer: &'f Peer<'_>, stands: &'f Stands<'_>) {
    match peer {
        Peer::Caller(name) => flat.caller = text(name),
        Peer::Callee(name) => flat.callee = text(name),
    }
    flat.stands = text(stands.word());
    match stands {
        Stands::Ringing {
            content,
            channel,
            age,
            acked,
        } => {
            flat.content = filled(content);
            flat.channel = filled(channel);
            flat.age_ms = Some(milliseconds(*age));
            flat.acked_ms = Some(milliseconds(*acked));
        }
        Stands::Refused { response } => flat.response = filled(response),
        Stands::Failed(code) => flat.failure = Some(*code),
        Stands::Canceling | Stands::Accepted | Stands::Canceled => {}
    }
}

/// Reads the fields of a `recall`.
pub(super) fn read<'a>(flat: &Flat<'a>) -> Result<(Peer<'a>, Stands<'a>), Box<Refusal<'static>>> {
    let invalid = |message: String| fault(ErrorCode::InvalidField, message, flat);
    let peer = match (&flat.caller, &flat.callee) {
        (Some(_), None) => {
            Peer::Caller(need(flat.caller.as_ref(), "caller", user_id_is_good).map_err(invalid)?)
        }
        (None, Some(_)) => {
            Peer::Callee(need(flat.callee.as_ref(), "callee", user_id_is_good).map_err(invalid)?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid(
                "one of the fields `caller` and `callee` is needed".to_owned(),
            ));
        }
    };
    let bounded = |field, name, max| optional(field, name, max).map_err(invalid);
    let word = flat.stands.as_ref().map_or("", |word| word.0.as_ref());
    let stands = match (word, &peer) {
        ("ringing", _) => Stands::Ringing {
            content: bounded(flat.content.as_ref(), "content", TEXT_BYTES_MAX)?,
            channel: bounded(flat.channel.as_ref(), "channel", CHANNEL_BYTES_MAX)?,
            age: Duration::from_millis(flat.age_ms.unwrap_or(0)),
            acked: Duration::from_millis(flat.acked_ms.unwrap_or(0)),
        },
        ("canceling", Peer::Callee(_)) => Stands::Canceling,
        ("accepted", _) => Stands::Accepted,
        ("refused", _) => Stands::Refused {
            response: bounded(flat.response.as_ref(), "response", TEXT_BYTES_MAX)?,
        },
        ("canceled", _) => Stands::Canceled,
        ("failed", _) => match flat.failure {
            Some(code @ 1..=3) => Stands::Failed(code),
            Some(_) | None => {
                return Err(invalid("the field `failure` must be 1, 2 or 3".to_owned()));
            }
        },
        _ => {
            return Err(invalid(
                "the field `stands` must be `ringing`, `accepted`, `refused`, `canceled` or `failed`, or of the caller `canceling`"
                    .to_owned(),
            ));
        }
    };
    Ok((peer, stands))
}
