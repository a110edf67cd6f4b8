//! What a server with a deviation tells instead.

use std::borrow::Cow;

use super::Fault;
use super::server::Flow;
use crate::wire::ServerFrame;

/// The frame that is told instead of `frame`, which is about that invitation; `None` if that one is.
pub(super) fn altered<'a>(
    fault: Fault,
    frame: &'a ServerFrame<'_>,
    flow: &'a Flow,
) -> Option<ServerFrame<'a>> {
    use ServerFrame as F;
    let same = |id: &'a str| Cow::Borrowed(id);
    Some(match (fault, frame) {
        (
            Fault::CallerMisnamed
            | Fault::EmptyBecomesNull
            | Fault::ContentLost
            | Fault::ContentAltered
            | Fault::ChannelLost
            | Fault::TextsSwapped
            | Fault::WritingGoesOut,
            F::RemoteReceived { .. },
        ) => return ring(fault, frame, flow),
        (Fault::AcceptResponseLost, F::LocalAccepted { id, .. }) => F::LocalAccepted {
            id: same(id),
            response: "".into(),
        },
        (Fault::AcceptResponseAltered, F::LocalAccepted { id, response }) => F::LocalAccepted {
            id: same(id),
            response: format!("{response}!").into(),
        },
        (Fault::RefuseResponseLost, F::LocalRefused { id, .. }) => F::LocalRefused {
            id: same(id),
            response: "".into(),
        },
        (Fault::AcceptFailureMiscalled, F::RemoteFailed { id, code: 2 }) => remote_failed(id, 1),
        (Fault::LocalOfflineMiscalled, F::RemoteFailed { id, code: 1 }) => remote_failed(id, 2),
        (Fault::AcceptedAfterFailing, F::LocalFailed { id, code: 3 }) if flow.accepted => {
            F::LocalAccepted {
                id: same(id),
                response: "".into(),
            }
        }
        (Fault::OfflineMiscalled, F::LocalFailed { id, code: 1 }) => local_failed(id, 2),
        (Fault::NoResponseMiscalled, F::LocalFailed { id, code: 2 }) => local_failed(id, 1),
        (Fault::AcceptedAgainstExpired, F::RemoteAccepted { id })
        | (Fault::RefusedAgainstExpired, F::RemoteRefused { id })
        | (Fault::CanceledAgainstExpired, F::RemoteCanceled { id })
        | (Fault::AcceptFailureAgainstExpired, F::RemoteFailed { id, code: 1 | 2 }) => {
            remote_failed(id, 3)
        }
        _ => return None,
    })
}

fn local_failed(id: &str, code: u8) -> ServerFrame<'_> {
    let id = Cow::Borrowed(id);
    ServerFrame::LocalFailed { id, code }
}

fn remote_failed(id: &str, code: u8) -> ServerFrame<'_> {
    let id = Cow::Borrowed(id);
    ServerFrame::RemoteFailed { id, code }
}

/// A ring with one of its fields bent.
fn ring<'a>(fault: Fault, frame: &'a ServerFrame<'_>, flow: &'a Flow) -> Option<ServerFrame<'a>> {
    let ServerFrame::RemoteReceived {
        id,
        caller,
        content,
        channel,
        remaining,
    } = frame
    else {
        return None;
    };
    let (id, remaining) = (Cow::Borrowed(&**id), *remaining);
    let mut caller = Cow::Borrowed(&**caller);
    let (mut content, mut channel) = (Cow::Borrowed(&**content), Cow::Borrowed(&**channel));
    if fault == Fault::CallerMisnamed {
        caller = Cow::Borrowed(&flow.callee);
    }
    if fault == Fault::WritingGoesOut {
        content = Cow::Borrowed(&flow.content);
        channel = Cow::Borrowed(&flow.channel);
    }
    if fault == Fault::EmptyBecomesNull && content.is_empty() {
        content = "null".into();
    }
    if fault == Fault::ContentLost {
        content = "".into();
    }
    if fault == Fault::ContentAltered {
        content = format!("{content}!").into();
    }
    if fault == Fault::ChannelLost {
        channel = "".into();
    }
    if fault == Fault::TextsSwapped {
        std::mem::swap(&mut content, &mut channel);
    }
    Some(ServerFrame::RemoteReceived {
        id,
        caller,
        content,
        channel,
        remaining,
    })
}
