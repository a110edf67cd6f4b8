//! Deviations of a client's calls.

use super::Fault;
use crate::client::{CallResult, Core, LocalInvitation, LocalState, RemoteState};
use crate::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX, USER_BYTES_MAX};

/// A call with a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Send,
    Cancel,
    Accept,
    Refuse,
}

/// What a call is made on.
#[derive(Debug)]
pub(crate) struct Before {
    local: Option<LocalInvitation>,
    remote: Option<RemoteState>,
    pub(crate) has_session: bool,
    user: String,
}

impl Before {
    pub(crate) fn of(core: &Core, id: &str) -> Self {
        Self {
            local: core.local(id).cloned(),
            remote: core.remote(id).map(|remote| remote.state),
            has_session: core.has_session(),
            user: core.user().to_owned(),
        }
    }
}

/// Whether the call is refused unmade.
pub(crate) fn refuses(fault: Fault, verb: Verb, before: &Before) -> bool {
    let (Verb::Send, Some(local)) = (verb, &before.local) else {
        return false;
    };
    let longest = match fault {
        Fault::OneselfRefused => local.callee == before.user,
        Fault::LongestTextRefused => local.content.len() == TEXT_BYTES_MAX,
        Fault::LongestChannelRefused => local.channel.len() == CHANNEL_BYTES_MAX,
        other => other == Fault::LongestUserRefused && local.callee.len() == USER_BYTES_MAX,
    };
    longest && local.state == LocalState::Idle
}

/// The result instead of the honest one.
pub(crate) fn result(fault: Fault, verb: Verb, before: &Before, honest: CallResult) -> CallResult {
    use CallResult as R;
    use Verb as V;
    let Before { local, remote, .. } = before;
    let over = |length: fn(&LocalInvitation) -> usize, limit: usize| {
        local
            .as_ref()
            .is_some_and(|local| length(local) == limit + 1)
    };
    let idle = local
        .as_ref()
        .is_some_and(|local| local.state == LocalState::Idle);
    let accepted = *remote == Some(RemoteState::Accepted);
    match (fault, verb, honest) {
        (Fault::SendMisjudged, V::Send, R::Ok) => R::AlreadySent,
        (Fault::SecondSendTaken, V::Send, R::AlreadySent)
        | (Fault::SendAfterEndTaken, V::Send, R::AlreadyEnd)
        | (Fault::CancelAfterEndTaken, V::Cancel, R::AlreadyEnd)
        | (Fault::SecondAcceptTaken, V::Accept, R::AlreadyAccept)
        | (Fault::RefuseAfterAcceptTaken, V::Refuse, R::AlreadyAccept)
        | (Fault::RefuseAfterEndTaken, V::Refuse, R::AlreadyEnd) => R::Ok,
        (Fault::CancelMisjudged, V::Cancel, R::Ok)
        | (Fault::AcceptMisjudged, V::Accept, R::Ok)
        | (Fault::RefuseMisjudged, V::Refuse, R::Ok) => R::NotStarted,
        (Fault::IdleCancelTaken, V::Cancel, R::NotStarted) if idle => R::Ok,
        (Fault::AcceptAfterAcceptedTaken, V::Accept, R::AlreadyEnd) if accepted => R::Ok,
        (Fault::AcceptAfterEndTaken, V::Accept, R::AlreadyEnd) if !accepted => R::Ok,
        (Fault::StrangersAnswerTaken, V::Accept | V::Refuse, R::NotStarted) if remote.is_none() => {
            R::Ok
        }
        (Fault::LoginNotNeeded, V::Cancel | V::Accept | V::Refuse, R::NotStarted)
            if !before.has_session =>
        {
            R::Ok
        }
        (Fault::LongerTextTaken, V::Send, R::InvalidArgument)
            if over(|local| local.content.len(), TEXT_BYTES_MAX) =>
        {
            R::Ok
        }
        (Fault::LongerChannelTaken, V::Send, R::InvalidArgument)
            if over(|local| local.channel.len(), CHANNEL_BYTES_MAX) =>
        {
            R::Ok
        }
        (Fault::BadUserTaken, V::Send, R::InvalidArgument) => R::Ok,
        _ => honest,
    }
}
