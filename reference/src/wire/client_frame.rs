//! What a client says.

use std::borrow::Cow;
use std::time::Duration;

use super::fault::{bounded, fault, need, optional, shown};
use super::flat::{Flat, encode, filled, flat, milliseconds, text};
use super::recall::{Peer, Stands, read, write};
use super::{ErrorCode, Refusal, invitation_id_is_good, user_id_is_good};
use crate::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX, TOKEN_BYTES_MAX};

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame<'a> {
    /// Asks for a session, or for an earlier one to go on.
    Login {
        /// Who.
        user: Cow<'a, str>,
        /// The proof, where the server wants one (SES-7).
        token: Option<Cow<'a, str>>,
        /// The session to resume (SES-2).
        session: Option<Cow<'a, str>>,
    },
    /// Ends the session (SES-4).
    Logout,
    /// Renews the token in place, before the old one runs out (SES-7).
    Renew {
        /// The new token.
        token: Cow<'a, str>,
    },
    /// Says that the client lives and how many frames of this connection it has taken.
    Ping {
        /// Frames of the server taken since the log-in, `welcome` not counted.
        seen: u64,
    },
    /// Sends an invitation, or repeats one that may have been lost (SEND-1).
    Invite {
        /// The invitation, named by the caller's client.
        id: Cow<'a, str>,
        /// Whom to ring.
        callee: Cow<'a, str>,
        /// What to show; empty is none.
        content: Cow<'a, str>,
        /// Which channel to meet in; empty is none.
        channel: Cow<'a, str>,
        /// How long ago it was first sent.
        age: Duration,
    },
    /// Acknowledges `remote_received` for the callee's device (SEND-2).
    InviteAck {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// Cancels (CAN-1).
    Cancel {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// Acknowledges `remote_canceled` for the callee's device (ORD-3).
    CancelAck {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// Accepts (ACC-1).
    Accept {
        /// The invitation.
        id: Cow<'a, str>,
        /// The callee's words to the caller; empty is none.
        response: Cow<'a, str>,
    },
    /// Acknowledges `local_accepted` for the caller's device (ACC-2).
    AcceptAck {
        /// The invitation.
        id: Cow<'a, str>,
    },
    /// Refuses (REF-1).
    Refuse {
        /// The invitation.
        id: Cow<'a, str>,
        /// The callee's words to the caller; empty is none.
        response: Cow<'a, str>,
    },
    /// Tells a server that has just begun where an invitation stands that another server knew.
    Recall {
        /// The invitation.
        id: Cow<'a, str>,
        /// The other side.
        peer: Peer<'a>,
        /// Where it stands.
        stands: Stands<'a>,
    },
}

impl<'a> ClientFrame<'a> {
    /// The frame's type on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Login { .. } => "login",
            Self::Logout => "logout",
            Self::Renew { .. } => "renew",
            Self::Ping { .. } => "ping",
            Self::Invite { .. } => "invite",
            Self::InviteAck { .. } => "invite_ack",
            Self::Cancel { .. } => "cancel",
            Self::CancelAck { .. } => "cancel_ack",
            Self::Accept { .. } => "accept",
            Self::AcceptAck { .. } => "accept_ack",
            Self::Refuse { .. } => "refuse",
            Self::Recall { .. } => "recall",
        }
    }

    /// The invitation that the frame is about, if it is about one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Login { .. } | Self::Logout | Self::Renew { .. } | Self::Ping { .. } => None,
            Self::Invite { id, .. }
            | Self::InviteAck { id }
            | Self::Cancel { id }
            | Self::CancelAck { id }
            | Self::Accept { id, .. }
            | Self::AcceptAck { id }
            | Self::Refuse { id, .. }
            | Self::Recall { id, .. } => Some(id),
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
            Self::Login {
                user,
                token,
                session,
            } => {
                flat.user = text(user);
                flat.token = token.as_deref().and_then(text);
                flat.session = session.as_deref().and_then(text);
            }
            Self::Renew { token } => flat.token = text(token),
            Self::Ping { seen } => flat.seen = Some(*seen),
            Self::Invite {
                callee,
                content,
                channel,
                age,
                ..
            } => {
                flat.callee = text(callee);
                flat.content = filled(content);
                flat.channel = filled(channel);
                flat.age_ms = Some(milliseconds(*age)).filter(|ms| *ms > 0);
            }
            Self::Accept { response, .. } | Self::Refuse { response, .. } => {
                flat.response = filled(response);
            }
            Self::Recall { peer, stands, .. } => write(&mut flat, peer, stands),
            Self::Logout
            | Self::InviteAck { .. }
            | Self::Cancel { .. }
            | Self::CancelAck { .. }
            | Self::AcceptAck { .. } => {}
        }
        encode(&flat)
    }

    /// Reads a frame, or says what is wrong with it.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with, when the text is not a frame that a client may send.
    pub fn decode(json: &'a str) -> Result<Self, Box<Refusal<'static>>> {
        let flat = flat(json)?;
        let kind = flat.kind.as_ref().map_or("", |kind| kind.0.as_ref());
        let fault = |code, message: String| fault(code, message, &flat);
        let need_id = || {
            need(flat.id.as_ref(), "id", invitation_id_is_good)
                .map_err(|m| fault(ErrorCode::InvalidField, m))
        };
        let response = || {
            optional(flat.response.as_ref(), "response", TEXT_BYTES_MAX)
                .map_err(|m| fault(ErrorCode::InvalidField, m))
        };
        Ok(match kind {
            "login" => Self::Login {
                user: need(flat.user.as_ref(), "user", user_id_is_good)
                    .map_err(|m| fault(ErrorCode::InvalidUser, m))?,
                token: bounded(flat.token.as_ref(), "token", TOKEN_BYTES_MAX)
                    .map_err(|m| fault(ErrorCode::InvalidToken, m))?,
                session: flat.session.as_ref().map(|text| text.0.clone()),
            },
            "logout" => Self::Logout,
            "renew" => Self::Renew {
                token: bounded(flat.token.as_ref(), "token", TOKEN_BYTES_MAX)
                    .and_then(|token| {
                        token.ok_or_else(|| "the field `token` is missing".to_owned())
                    })
                    .map_err(|m| fault(ErrorCode::InvalidToken, m))?,
            },
            "ping" => Self::Ping {
                seen: flat.seen.unwrap_or(0),
            },
            "invite" => Self::Invite {
                id: need_id()?,
                callee: need(flat.callee.as_ref(), "callee", user_id_is_good)
                    .map_err(|m| fault(ErrorCode::InvalidField, m))?,
                content: optional(flat.content.as_ref(), "content", TEXT_BYTES_MAX)
                    .map_err(|m| fault(ErrorCode::InvalidField, m))?,
                channel: optional(flat.channel.as_ref(), "channel", CHANNEL_BYTES_MAX)
                    .map_err(|m| fault(ErrorCode::InvalidField, m))?,
                age: Duration::from_millis(flat.age_ms.unwrap_or(0)),
            },
            "invite_ack" => Self::InviteAck { id: need_id()? },
            "cancel" => Self::Cancel { id: need_id()? },
            "cancel_ack" => Self::CancelAck { id: need_id()? },
            "accept" => Self::Accept {
                id: need_id()?,
                response: response()?,
            },
            "accept_ack" => Self::AcceptAck { id: need_id()? },
            "refuse" => Self::Refuse {
                id: need_id()?,
                response: response()?,
            },
            "recall" => {
                let (peer, stands) = read(&flat)?;
                Self::Recall {
                    id: need_id()?,
                    peer,
                    stands,
                }
            }
            "" => {
                return Err(fault(
                    ErrorCode::Malformed,
                    "the field `type` is missing".to_owned(),
                ));
            }
            other => {
                return Err(fault(
                    ErrorCode::UnknownType,
                    format!("no frame of a client has type `{}`", shown(other)),
                ));
            }
        })
    }
}
