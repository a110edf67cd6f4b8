//! What the server says.

use std::borrow::Cow;
use std::time::Duration;

use super::fault::{fault, shown};
use super::flat::{Code, Flat, Text, encode, filled, flat, milliseconds, text};
use super::{ByeReason, ErrorCode, Refusal};
use crate::limits::Clocks;

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFrame<'a> {
    /// The log-in succeeded.
    Welcome {
        /// The session's secret name, for resuming it.
        session: Cow<'a, str>,
        /// Whether the session asked for goes on; if not, it is a new one.
        resumed: bool,
        /// How often the client must be heard.
        heartbeat: Duration,
        /// The limits in force (FAIL).
        clocks: Clocks,
        /// How long the server may still not have heard of what another server knew; zero if it has run for long.
        starting: Duration,
    },
    /// The session is over; the client must log in again to go on.
    Bye {
        /// Why.
        reason: ByeReason,
    },
    /// Answers a ping.
    Pong,
    /// The token runs out soon; a `renew` keeps the session (SES-7).
    TokenExpiring {
        /// How long it still lasts.
        lasts: Duration,
    },
    /// Answers a `renew`: the new token holds.
    Renewed {
        /// How long it lasts.
        lasts: Duration,
    },
    /// To the callee: it rings.
    RemoteReceived {
        /// The invitation.
        id: Cow<'a, str>,
        /// Who calls.
        caller: Cow<'a, str>,
        /// What to show; empty is none.
        content: Cow<'a, str>,
        /// Which channel to meet in; empty is none.
        channel: Cow<'a, str>,
        /// How long it can still be answered.
        remaining: Duration,
    },
    /// To the callee: the accept holds.
    RemoteAccepted {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// To the callee: the refuse holds.
    RemoteRefused {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// To the callee: the caller cancelled.
    RemoteCanceled {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// To the callee: failed.
    RemoteFailed {
        /// The invitation.
        id: Cow<'a, str>,
        /// 1 LocalOffline, 2 AcceptFailure, 3 Expire (FAIL).
        code: u8,
    },
    /// To the caller: the callee's device has it.
    LocalReceived {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// To the caller: accepted.
    LocalAccepted {
        /// The invitation.
        id: Cow<'a, str>,
        /// The callee's words; empty is none.
        response: Cow<'a, str>,
    },
    /// To the caller: refused.
    LocalRefused {
        /// The invitation.
        id: Cow<'a, str>,
        /// The callee's words; empty is none.
        response: Cow<'a, str>,
    },
    /// To the caller: cancelled.
    LocalCanceled {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// To the caller: failed.
    LocalFailed {
        /// The invitation.
        id: Cow<'a, str>,
        /// 1 RemoteOffline, 2 RemoteNoResponse, 3 Expire (FAIL).
        code: u8,
    },
    /// A frame was refused; nothing changed.
    Error(Refusal<'a>),
}

impl<'a> ServerFrame<'a> {
    /// The frame's type on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Welcome { .. } => "welcome",
            Self::Bye { .. } => "bye",
            Self::Pong => "pong",
            Self::TokenExpiring { .. } => "token_expiring",
            Self::Renewed { .. } => "renewed",
            Self::RemoteReceived { .. } => "remote_received",
            Self::RemoteAccepted { .. } => "remote_accepted",
            Self::RemoteRefused { .. } => "remote_refused",
            Self::RemoteCanceled { .. } => "remote_canceled",
            Self::RemoteFailed { .. } => "remote_failed",
            Self::LocalReceived { .. } => "local_received",
            Self::LocalAccepted { .. } => "local_accepted",
            Self::LocalRefused { .. } => "local_refused",
            Self::LocalCanceled { .. } => "local_canceled",
            Self::LocalFailed { .. } => "local_failed",
            Self::Error(_) => "error",
        }
    }

    /// The invitation that the frame is about, if it is about one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Welcome { .. }
            | Self::Bye { .. }
            | Self::Pong
            | Self::TokenExpiring { .. }
            | Self::Renewed { .. } => None,
            Self::RemoteReceived { id, .. }
            | Self::RemoteAccepted { id }
            | Self::RemoteRefused { id }
            | Self::RemoteCanceled { id }
            | Self::RemoteFailed { id, .. }
            | Self::LocalReceived { id }
            | Self::LocalAccepted { id, .. }
            | Self::LocalRefused { id, .. }
            | Self::LocalCanceled { id }
            | Self::LocalFailed { id, .. } => Some(id),
            Self::Error(refusal) => refusal.id.as_deref(),
        }
    }

    /// The frame as JSON text.
    pub fn encode(&self) -> String {
        let mut flat = Flat {
            kind: text(self.kind()),
            id: self.id().and_then(text),
            ..Flat::default()
        };
        match self {
            Self::Welcome {
                session,
                resumed,
                heartbeat,
                clocks,
                starting,
            } => {
                flat.starting_ms = Some(milliseconds(*starting)).filter(|ms| *ms > 0);
                flat.session = text(session);
                flat.resumed = Some(*resumed);
                flat.heartbeat_ms = Some(milliseconds(*heartbeat));
                flat.clocks = Some((*clocks).into());
            }
            Self::Bye { reason } => flat.reason = Some(*reason),
            Self::TokenExpiring { lasts } | Self::Renewed { lasts } => {
                flat.lasts_ms = Some(milliseconds(*lasts));
            }
            Self::RemoteReceived {
                caller,
                content,
                channel,
                remaining,
                ..
            } => {
                flat.caller = text(caller);
                flat.content = filled(content);
                flat.channel = filled(channel);
                flat.remaining_ms = Some(milliseconds(*remaining));
            }
            Self::LocalAccepted { response, .. } | Self::LocalRefused { response, .. } => {
                flat.response = filled(response);
            }
            Self::RemoteFailed { code, .. } | Self::LocalFailed { code, .. } => {
                flat.code = Some(Code::Number(*code));
            }
            Self::Error(refusal) => {
                flat.code = Some(Code::Word(Cow::Borrowed(refusal.code.word())));
                flat.message = text(&refusal.message);
                flat.frame = refusal.frame.as_deref().and_then(text);
                flat.retry_after_ms = refusal.retry_after.map(milliseconds);
            }
            Self::Pong
            | Self::RemoteAccepted { .. }
            | Self::RemoteRefused { .. }
            | Self::RemoteCanceled { .. }
            | Self::LocalReceived { .. }
            | Self::LocalCanceled { .. } => {}
        }
        encode(&flat)
    }

    /// Reads a frame, or says what is wrong with it.
    ///
    /// # Errors
    /// A [`Refusal`] that says why the text is not a frame that a server may send.
    pub fn decode(json: &'a str) -> Result<Self, Box<Refusal<'static>>> {
        let flat = flat(json)?;
        let kind = flat.kind.as_ref().map_or("", |kind| kind.0.as_ref());
        let missing = |field: &str| {
            fault(
                ErrorCode::Malformed,
                format!("the field `{field}` is missing"),
                &flat,
            )
        };
        let id = || {
            flat.id
                .as_ref()
                .map(|id| id.0.clone())
                .ok_or_else(|| missing("id"))
        };
        let or_empty =
            |field: Option<&Text<'a>>| field.map_or(Cow::Borrowed(""), |text| text.0.clone());
        let lasts = || {
            flat.lasts_ms
                .map(Duration::from_millis)
                .ok_or_else(|| missing("lasts_ms"))
        };
        let number = || match flat.code {
            Some(Code::Number(number)) => Ok(number),
            Some(Code::Word(_)) | None => Err(missing("code")),
        };
        Ok(match kind {
            "welcome" => Self::Welcome {
                session: flat
                    .session
                    .as_ref()
                    .map(|text| text.0.clone())
                    .ok_or_else(|| missing("session"))?,
                resumed: flat.resumed.ok_or_else(|| missing("resumed"))?,
                heartbeat: Duration::from_millis(
                    flat.heartbeat_ms.ok_or_else(|| missing("heartbeat_ms"))?,
                ),
                clocks: flat.clocks.ok_or_else(|| missing("clocks"))?.into(),
                starting: Duration::from_millis(flat.starting_ms.unwrap_or(0)),
            },
            "bye" => Self::Bye {
                reason: flat.reason.ok_or_else(|| missing("reason"))?,
            },
            "pong" => Self::Pong,
            "token_expiring" => Self::TokenExpiring { lasts: lasts()? },
            "renewed" => Self::Renewed { lasts: lasts()? },
            "remote_received" => Self::RemoteReceived {
                id: id()?,
                caller: flat
                    .caller
                    .as_ref()
                    .map(|text| text.0.clone())
                    .ok_or_else(|| missing("caller"))?,
                content: or_empty(flat.content.as_ref()),
                channel: or_empty(flat.channel.as_ref()),
                remaining: Duration::from_millis(flat.remaining_ms.unwrap_or(0)),
            },
            "remote_accepted" => Self::RemoteAccepted { id: id()? },
            "remote_refused" => Self::RemoteRefused { id: id()? },
            "remote_canceled" => Self::RemoteCanceled { id: id()? },
            "remote_failed" => Self::RemoteFailed {
                id: id()?,
                code: number()?,
            },
            "local_received" => Self::LocalReceived { id: id()? },
            "local_accepted" => Self::LocalAccepted {
                id: id()?,
                response: or_empty(flat.response.as_ref()),
            },
            "local_refused" => Self::LocalRefused {
                id: id()?,
                response: or_empty(flat.response.as_ref()),
            },
            "local_canceled" => Self::LocalCanceled { id: id()? },
            "local_failed" => Self::LocalFailed {
                id: id()?,
                code: number()?,
            },
            "error" => Self::Error(refusal(&flat).ok_or_else(|| missing("code"))?),
            other => {
                let message = format!("no frame of a server has type `{}`", shown(other));
                return Err(fault(ErrorCode::UnknownType, message, &flat));
            }
        })
    }
}

pub(super) fn refusal<'a>(flat: &Flat<'a>) -> Option<Refusal<'a>> {
    let Some(Code::Word(word)) = &flat.code else {
        return None;
    };
    Some(Refusal {
        code: ErrorCode::ALL
            .iter()
            .copied()
            .find(|code| code.word() == word)?,
        message: flat
            .message
            .as_ref()
            .map_or(Cow::Borrowed(""), |text| text.0.clone()),
        frame: flat.frame.as_ref().map(|text| text.0.clone()),
        id: flat.id.as_ref().map(|text| text.0.clone()),
        retry_after: flat.retry_after_ms.map(Duration::from_millis),
    })
}
