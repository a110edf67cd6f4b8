//! The calls of a client with its lock held, so that nothing else happens in between.

use std::time::Duration;

use super::desk::State;
use crate::client::{
    CallResult, ConnectionState, Device as _, InvitationId, LocalInvitation, RemoteInvitation,
};
use crate::fault::Fault;
use crate::fault::calls::{Before, Verb, refuses, result};
use crate::limits::Clocks;
use crate::wire::ClientFrame;

/// The calls of a client with its lock held; see [`super::Client::locked`].
pub struct Calls<'a> {
    now: Duration,
    state: &'a mut State,
}

impl std::fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

impl<'a> Calls<'a> {
    pub(super) fn new(now: Duration, state: &'a mut State) -> Self {
        Self { now, state }
    }

    /// Logs in; see [`super::Client::login`].
    pub fn login(&mut self, user: &str, token: Option<&str>) {
        let State { core, wishes } = &mut *self.state;
        core.login(self.now, user, token, wishes);
    }

    /// Takes a new token; see [`super::Client::renew_token`].
    pub fn renew_token(&mut self, token: &str) {
        let State { core, wishes } = &mut *self.state;
        core.renew_token(token, wishes);
    }

    /// Logs out; see [`super::Client::logout`].
    pub fn logout(&mut self) {
        let State { core, wishes } = &mut *self.state;
        core.logout(wishes);
    }

    /// `createLocalInvitation` (OBJ-1).
    pub fn create_local_invitation(
        &mut self,
        callee: &str,
        content: &str,
        channel: &str,
    ) -> InvitationId {
        let State { core, wishes } = &mut *self.state;
        let id = core.create_local_invitation(callee, content, channel);
        if wishes.fault() == Some(Fault::PrematureInvite) {
            wishes.send_now(core, &id);
        }
        id
    }

    /// Writes the content of a local invitation (OBJ-6).
    pub fn set_content(&mut self, id: &str, content: &str) {
        self.state.core.set_content(id, content);
    }

    /// Writes the channel id of a local invitation (OBJ-6).
    pub fn set_channel(&mut self, id: &str, channel: &str) {
        self.state.core.set_channel(id, channel);
    }

    /// Forgets a local invitation that was never sent.
    pub fn discard(&mut self, id: &str) {
        self.state.core.discard(id);
    }

    /// `sendLocalInvitation` (API-1 to API-4).
    pub fn send_local_invitation(&mut self, id: &str) -> CallResult {
        self.call(Verb::Send, id, |now, State { core, wishes }| {
            core.send_local_invitation(now, id, wishes)
        })
    }

    /// `cancelLocalInvitation` (API-5 to API-7).
    pub fn cancel_local_invitation(&mut self, id: &str) -> CallResult {
        self.call(Verb::Cancel, id, |now, State { core, wishes }| {
            core.cancel_local_invitation(now, id, wishes)
        })
    }

    /// `acceptRemoteInvitation` (API-8 to API-11, API-15, API-16).
    pub fn accept_remote_invitation(&mut self, id: &str, response: &str) -> CallResult {
        self.call(Verb::Accept, id, |_, State { core, wishes }| {
            core.accept_remote_invitation(id, response, wishes)
        })
    }

    /// `refuseRemoteInvitation` (API-12 to API-16).
    pub fn refuse_remote_invitation(&mut self, id: &str, response: &str) -> CallResult {
        self.call(Verb::Refuse, id, |_, State { core, wishes }| {
            core.refuse_remote_invitation(id, response, wishes)
        })
    }

    /// Makes a call, with the deviation that is switched on, if one is.
    fn call(
        &mut self,
        verb: Verb,
        id: &str,
        make: impl FnOnce(Duration, &mut State) -> CallResult,
    ) -> CallResult {
        let Some(fault) = self.state.wishes.fault() else {
            return make(self.now, self.state);
        };
        let before = Before::of(&self.state.core, id);
        if refuses(fault, verb, &before) {
            return CallResult::InvalidArgument;
        }
        let honest = make(self.now, self.state);
        let State { core, wishes } = &mut *self.state;
        match (fault, verb, honest) {
            (Fault::WritingGoesOut, Verb::Send, CallResult::AlreadySent)
            | (Fault::BadSendSent, Verb::Send, CallResult::InvalidArgument) => {
                wishes.send_now(core, id);
            }
            (Fault::OverlongAnswerSent, Verb::Accept, CallResult::InvalidArgument) => {
                let (id, response) = (id.into(), "".into());
                wishes.send(&ClientFrame::Accept { id, response });
            }
            (Fault::OverlongAnswerSent, Verb::Refuse, CallResult::InvalidArgument) => {
                let (id, response) = (id.into(), "".into());
                wishes.send(&ClientFrame::Refuse { id, response });
            }
            (Fault::CallbackBeforeResult, Verb::Send, CallResult::Ok) if !before.has_session => {
                core.tick(self.now, wishes);
            }
            _ => {}
        }
        result(fault, verb, &before, honest)
    }

    /// A local invitation, open or recently ended.
    pub fn local(&self, id: &str) -> Option<&LocalInvitation> {
        self.state.core.local(id)
    }

    /// A remote invitation, open or recently ended.
    pub fn remote(&self, id: &str) -> Option<&RemoteInvitation> {
        self.state.core.remote(id)
    }

    /// The limits in force, once the server has told them.
    pub fn clocks(&self) -> Option<Clocks> {
        self.state.core.clocks()
    }

    /// The state of the connection.
    pub fn connection_state(&self) -> ConnectionState {
        self.state.core.connection_state()
    }
}
