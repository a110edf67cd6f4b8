//! A frame of either direction with every field it might have: one flat pass of the parser, whatever comes first.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::fault::{fault, shown};
use super::{ByeReason, ErrorCode, Refusal};
use crate::limits::{Anchor, Clocks};

/// A text that borrows from the frame where it stands there without escapes.
#[derive(Debug, Clone)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A frame of either direction with every field it might have: one flat pass of the parser, whatever comes first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Flat<'a> {
    #[serde(borrow, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) caller: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) callee: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acked_ms: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) stands: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) starting_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remaining_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lasts_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<Code<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resumed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) heartbeat_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clocks: Option<FlatClocks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<ByeReason>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) frame: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after_ms: Option<u64>,
}

/// The code of a failure is a number, that of an error a word.
#[derive(Debug, Clone)]
pub(super) enum Code<'a> {
    Number(u8),
    Word(Cow<'a, str>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Code<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Code<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a failure code from 0 to 255 or the word of an error")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                u8::try_from(number)
                    .map(Code::Number)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
                Ok(Code::Word(Cow::Owned(word.to_owned())))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Code<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u8(*number),
            Self::Word(word) => serializer.serialize_str(word),
        }
    }
}

/// The limits in force, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct FlatClocks {
    pub(super) offline_window_ms: u64,
    pub(super) no_ack_ms: u64,
    pub(super) expiry_ms: u64,
    pub(super) accept_ack_ms: u64,
    pub(super) cancel_bound_ms: u64,
    pub(super) presence_grace_ms: u64,
    pub(super) expiry_anchor: Anchor,
}

impl From<Clocks> for FlatClocks {
    fn from(clocks: Clocks) -> Self {
        Self {
            offline_window_ms: milliseconds(clocks.offline_window),
            no_ack_ms: milliseconds(clocks.no_ack),
            expiry_ms: milliseconds(clocks.expiry),
            accept_ack_ms: milliseconds(clocks.accept_ack),
            cancel_bound_ms: milliseconds(clocks.cancel_bound),
            presence_grace_ms: milliseconds(clocks.presence_grace),
            expiry_anchor: clocks.expiry_anchor,
        }
    }
}

impl From<FlatClocks> for Clocks {
    fn from(flat: FlatClocks) -> Self {
        Self {
            offline_window: Duration::from_millis(flat.offline_window_ms),
            no_ack: Duration::from_millis(flat.no_ack_ms),
            expiry: Duration::from_millis(flat.expiry_ms),
            accept_ack: Duration::from_millis(flat.accept_ack_ms),
            cancel_bound: Duration::from_millis(flat.cancel_bound_ms),
            presence_grace: Duration::from_millis(flat.presence_grace_ms),
            expiry_anchor: flat.expiry_anchor,
        }
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn text(text: &str) -> Option<Text<'_>> {
    Some(Text(Cow::Borrowed(text)))
}

/// Missing and empty text are the same (OBJ-7), so an empty one is not written.
pub(super) fn filled(content: &str) -> Option<Text<'_>> {
    if content.is_empty() {
        None
    } else {
        text(content)
    }
}

pub(super) fn encode(flat: &Flat<'_>) -> String {
    // Strings and numbers always become JSON; an empty text would be answered as malformed by the other end.
    serde_json::to_string(flat).unwrap_or_default()
}

/// The longest that the parser says of its own: a word that it does not know, and the dozen that it does.
const WHY_BYTES_MAX: usize = 384;

pub(super) fn flat(json: &str) -> Result<Flat<'_>, Box<Refusal<'static>>> {
    let malformed = |message| fault(ErrorCode::Malformed, message, &Flat::default());
    // The parser would take an array for the fields in their order.
    if !json.trim_start().starts_with('{') {
        return Err(malformed("not a frame: not a JSON object".to_owned()));
    }
    serde_json::from_str(json).map_err(|error| malformed(format!("not a frame: {}", why(&error))))
}

/// What the parser says; where it repeats a long text, the beginning of that and the place.
fn why(error: &serde_json::Error) -> String {
    let why = error.to_string();
    if why.len() <= WHY_BYTES_MAX {
        return why;
    }
    let (line, column) = (error.line(), error.column());
    format!("{}… at line {line} column {column}", shown(&why))
}
