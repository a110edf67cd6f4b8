//! Frames that outlive the call that said them, so that a queue can hold them.

use std::borrow::Cow;

use ringcheck_reference::wire::{ClientFrame, Peer, Refusal, ServerFrame, Stands};

fn own(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// The same frame of a client, with texts of its own.
pub(crate) fn client_frame(frame: &ClientFrame<'_>) -> ClientFrame<'static> {
    match frame {
        ClientFrame::Login {
            user,
            token,
            session,
        } => ClientFrame::Login {
            user: own(user),
            token: token.as_deref().map(own),
            session: session.as_deref().map(own),
        },
        ClientFrame::Logout => ClientFrame::Logout,
        ClientFrame::Renew { token } => ClientFrame::Renew { token: own(token) },
        ClientFrame::Ping { seen } => ClientFrame::Ping { seen: *seen },
        ClientFrame::Invite {
            id,
            callee,
            content,
            channel,
            age,
        } => ClientFrame::Invite {
            id: own(id),
            callee: own(callee),
            content: own(content),
            channel: own(channel),
            age: *age,
        },
        ClientFrame::InviteAck { id } => ClientFrame::InviteAck { id: own(id) },
        ClientFrame::Cancel { id } => ClientFrame::Cancel { id: own(id) },
        ClientFrame::CancelAck { id } => ClientFrame::CancelAck { id: own(id) },
        ClientFrame::Accept { id, response } => ClientFrame::Accept {
            id: own(id),
            response: own(response),
        },
        ClientFrame::AcceptAck { id } => ClientFrame::AcceptAck { id: own(id) },
        ClientFrame::Refuse { id, response } => ClientFrame::Refuse {
            id: own(id),
            response: own(response),
        },
        ClientFrame::Recall { id, peer, stands } => ClientFrame::Recall {
            id: own(id),
            peer: match peer {
                Peer::Caller(name) => Peer::Caller(own(name)),
                Peer::Callee(name) => Peer::Callee(own(name)),
            },
            stands: match stands {
                Stands::Ringing {
                    content,
                    channel,
                    age,
                    acked,
                } => Stands::Ringing {
                    content: own(content),
                    channel: own(channel),
                    age: *age,
                    acked: *acked,
                },
                Stands::Refused { response } => Stands::Refused {
                    response: own(response),
                },
                Stands::Canceling => Stands::Canceling,
                Stands::Accepted => Stands::Accepted,
                Stands::Canceled => Stands::Canceled,
                Stands::Failed(code) => Stands::Failed(*code),
            },
        },
    }
}

/// The same frame of the server, with texts of its own.
pub(crate) fn server_frame(frame: &ServerFrame<'_>) -> ServerFrame<'static> {
    match frame {
        ServerFrame::Welcome {
            session,
            resumed,
            heartbeat,
            clocks,
            starting,
        } => ServerFrame::Welcome {
            session: own(session),
            resumed: *resumed,
            heartbeat: *heartbeat,
            clocks: *clocks,
            starting: *starting,
        },
        ServerFrame::Bye { reason } => ServerFrame::Bye { reason: *reason },
        ServerFrame::Pong => ServerFrame::Pong,
        ServerFrame::TokenExpiring { lasts } => ServerFrame::TokenExpiring { lasts: *lasts },
        ServerFrame::Renewed { lasts } => ServerFrame::Renewed { lasts: *lasts },
        ServerFrame::RemoteReceived {
            id,
            caller,
            content,
            channel,
            remaining,
        } => ServerFrame::RemoteReceived {
            id: own(id),
            caller: own(caller),
            content: own(content),
            channel: own(channel),
            remaining: *remaining,
        },
        ServerFrame::RemoteAccepted { id } => ServerFrame::RemoteAccepted { id: own(id) },
        ServerFrame::RemoteRefused { id } => ServerFrame::RemoteRefused { id: own(id) },
        ServerFrame::RemoteCanceled { id } => ServerFrame::RemoteCanceled { id: own(id) },
        ServerFrame::RemoteFailed { id, code } => ServerFrame::RemoteFailed {
            id: own(id),
            code: *code,
        },
        ServerFrame::LocalReceived { id } => ServerFrame::LocalReceived { id: own(id) },
        ServerFrame::LocalAccepted { id, response } => ServerFrame::LocalAccepted {
            id: own(id),
            response: own(response),
        },
        ServerFrame::LocalRefused { id, response } => ServerFrame::LocalRefused {
            id: own(id),
            response: own(response),
        },
        ServerFrame::LocalCanceled { id } => ServerFrame::LocalCanceled { id: own(id) },
        ServerFrame::LocalFailed { id, code } => ServerFrame::LocalFailed {
            id: own(id),
            code: *code,
        },
        ServerFrame::Error(refusal) => ServerFrame::Error(Refusal {
            code: refusal.code,
            message: own(&refusal.message),
            frame: refusal.frame.as_deref().map(own),
            id: refusal.id.as_deref().map(own),
            retry_after: refusal.retry_after,
        }),
    }
}
