//! Why a frame was refused, and the checks that refuse it.

use std::borrow::Cow;
use std::time::Duration;

use super::ErrorCode;
use super::flat::{Flat, Text};
use crate::limits::INVITATION_ID_BYTES_MAX;

/// Why a frame was refused, naming the frame at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The kind of fault.
    pub code: ErrorCode,
    /// What is wrong, for people.
    pub message: Cow<'a, str>,
    /// The type of the frame at fault, if it could be read.
    pub frame: Option<Cow<'a, str>>,
    /// The invitation of the frame at fault, if it named one.
    pub id: Option<Cow<'a, str>>,
    /// When to try again, for faults that pass.
    pub retry_after: Option<Duration>,
}

pub(super) fn fault(code: ErrorCode, message: String, flat: &Flat<'_>) -> Box<Refusal<'static>> {
    let echoed = |text: Option<&Text<'_>>| text.map(|text| Cow::Owned(shown(&text.0).to_owned()));
    Box::new(Refusal {
        code,
        message: Cow::Owned(message),
        frame: echoed(flat.kind.as_ref()),
        id: echoed(flat.id.as_ref()),
        retry_after: None,
    })
}

/// As much of a peer's text as an answer repeats, so that a large frame does not get a large answer.
pub(super) fn shown(text: &str) -> &str {
    let mut end = text.len().min(INVITATION_ID_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

pub(super) fn need<'a>(
    field: Option<&Text<'a>>,
    name: &str,
    good: fn(&str) -> bool,
) -> Result<Cow<'a, str>, String> {
    match field {
        None => Err(format!("the field `{name}` is missing")),
        Some(text) if good(&text.0) => Ok(text.0.clone()),
        Some(text) => Err(format!(
            "the field `{name}` has the value `{}`, which is not allowed",
            shown(&text.0)
        )),
    }
}

pub(super) fn bounded<'a>(
    field: Option<&Text<'a>>,
    name: &str,
    bytes_max: usize,
) -> Result<Option<Cow<'a, str>>, String> {
    match field {
        Some(text) if text.0.len() > bytes_max => Err(format!(
            "the field `{name}` has {} bytes; {bytes_max} are allowed",
            text.0.len()
        )),
        Some(text) => Ok(Some(text.0.clone())),
        None => Ok(None),
    }
}

pub(super) fn optional<'a>(
    field: Option<&Text<'a>>,
    name: &str,
    bytes_max: usize,
) -> Result<Cow<'a, str>, String> {
    Ok(bounded(field, name, bytes_max)?.unwrap_or(Cow::Borrowed("")))
}
