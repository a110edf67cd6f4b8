//! What the server says, and what that does to the client's invitations.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::Device;
use super::core::Core;
use super::event::{Event, LocalCallback, RemoteCallback};
use super::invitation::{
    LocalFailure, LocalState, Remote, RemoteFailure, RemoteInvitation, RemoteState,
};
use super::recall::{Beginner, Past, refused};
use crate::limits::RINGING_MAX;
use crate::wire::{ClientFrame, ErrorCode, Peer, Refusal, ServerFrame, Stands};

impl Core {
    /// Takes a frame of the server. A frame about an invitation that this client does not hold, or that repeats what it
    /// knows, calls nobody back; nor does one that comes when the connection has been given up (SES-4).
    pub fn frame(&mut self, now: Duration, frame: &ServerFrame<'_>, device: &mut impl Device) {
        if !self.link.is_open() {
            return;
        }
        self.link.heard(now);
        match frame {
            ServerFrame::Welcome {
                session,
                heartbeat,
                clocks,
                starting,
                ..
            } => {
                self.beginner = Beginner::told(now, *starting, *clocks);
                self.link.welcomed(session, *heartbeat, *clocks, device);
                self.recall(now, device);
                self.say_all(now, device);
            }
            ServerFrame::Bye { reason } => self.link.bye(now, *reason, device),
            ServerFrame::Pong => {}
            ServerFrame::TokenExpiring { lasts } => {
                device.event(Event::TokenExpiring { lasts: *lasts });
            }
            ServerFrame::Renewed { lasts } => device.event(Event::TokenRenewed { lasts: *lasts }),
            ServerFrame::LocalReceived { id } => self.local_received(id, device),
            ServerFrame::LocalAccepted { id, response } => {
                let response = response.clone().into_owned();
                let held = self.local(id).is_some_and(|local| !local.state.is_ended());
                self.end_local(id, LocalCallback::Accepted { response }, device);
                // Acknowledged by a device that took it, again if need be, and by no other (ACC-2, ACC-5).
                if self
                    .local(id)
                    .is_some_and(|local| local.state == LocalState::AcceptedByRemote)
                {
                    device.send(&ClientFrame::AcceptAck {
                        id: Cow::Borrowed(id),
                    });
                    if held {
                        self.note_accept_ack(now, id);
                    }
                }
            }
            ServerFrame::LocalRefused { id, response } => {
                let response = response.clone().into_owned();
                self.end_local(id, LocalCallback::Refused { response }, device);
            }
            ServerFrame::LocalCanceled { id } => {
                self.end_local(id, LocalCallback::Canceled, device);
            }
            ServerFrame::LocalFailed { id, code } => self.local_failed(id, *code, device),
            ServerFrame::RemoteReceived {
                id,
                caller,
                content,
                channel,
                ..
            } => {
                self.remote_received(id, (caller, content, channel), device);
            }
            ServerFrame::RemoteAccepted { id } => {
                self.end_remote(id, RemoteCallback::Accepted, device);
            }
            ServerFrame::RemoteRefused { id } => {
                self.end_remote(id, RemoteCallback::Refused, device);
            }
            ServerFrame::RemoteCanceled { id } => {
                self.end_remote(id, RemoteCallback::Canceled, device);
                // Also when it never got here: the caller waits for it (ORD-3).
                device.send(&ClientFrame::CancelAck {
                    id: Cow::Borrowed(id),
                });
            }
            ServerFrame::RemoteFailed { id, code } => {
                self.end_remote(id, RemoteCallback::Failure(remote_failure(*code)), device);
            }
            ServerFrame::Error(refusal) => self.refused(now, refusal, device),
        }
        self.link.report_if_much(now, device);
    }

    fn local_received(&mut self, id: &str, device: &mut impl Device) {
        let Some(local) = self.locals.get_mut(id) else {
            return;
        };
        if local.seen.state == LocalState::SentToRemote
            && let Some(wire) = &mut local.wire
        {
            wire.acked = Some(self.link.heard_last());
            local.seen.state = LocalState::ReceivedByRemote;
            let id = local.seen.id.clone();
            device.event(Event::Local {
                id,
                callback: LocalCallback::ReceivedByPeer,
                state: local.seen.state,
            });
        }
    }

    fn local_failed(&mut self, id: &str, code: u8, device: &mut impl Device) {
        let known = self.local(id).map(|local| local.state);
        let failure = match (local_failure(code), known) {
            // The callee's device had it, so it can only have expired; a server that has forgotten it cannot know.
            (LocalFailure::RemoteNoResponse, Some(LocalState::ReceivedByRemote)) => {
                LocalFailure::Expire
            }
            (failure, _) => failure,
        };
        self.end_local(id, LocalCallback::Failure(failure), device);
    }

    fn end_local(&mut self, id: &str, callback: LocalCallback, device: &mut impl Device) {
        let Some(local) = self.locals.get_mut(id) else {
            return;
        };
        if local.seen.state.is_ended() || local.wire.is_none() {
            return;
        }
        let (state, response, stands) = match &callback {
            LocalCallback::ReceivedByPeer => return,
            LocalCallback::Accepted { response } => (
                LocalState::AcceptedByRemote,
                response.as_str(),
                Stands::Accepted,
            ),
            LocalCallback::Refused { response } => (
                LocalState::RefusedByRemote,
                response.as_str(),
                refused(response),
            ),
            LocalCallback::Canceled => (LocalState::Canceled, "", Stands::Canceled),
            LocalCallback::Failure(failure) => {
                (LocalState::Failure, "", Stands::Failed(*failure as u8))
            }
        };
        response.clone_into(&mut local.seen.response);
        local.seen.state = state;
        local.wire = None;
        let id = local.seen.id.clone();
        let peer = Peer::Callee(Cow::Owned(local.seen.callee.clone()));
        self.keep(Past::new(self.link.heard_last(), &id, peer, stands));
        self.retire_local(&id);
        device.event(Event::Local {
            id,
            callback,
            state,
        });
    }

    fn remote_received(
        &mut self,
        id: &str,
        (caller, content, channel): (&str, &str, &str),
        device: &mut impl Device,
    ) {
        let ack = ClientFrame::InviteAck {
            id: Cow::Borrowed(id),
        };
        if let Some(known) = self.remotes.get(id) {
            // A repeat: no second ring, and an ack only for what still rings (SEND-4).
            if !known.seen.state.is_ended() {
                device.send(&ack);
            }
            return;
        }
        if self.open_remotes.len() >= RINGING_MAX {
            return;
        }
        self.serial += 1;
        let id: Arc<str> = Arc::from(id);
        let (caller, content, channel) =
            (caller.to_owned(), content.to_owned(), channel.to_owned());
        let state = RemoteState::InvitationReceived;
        let callback = RemoteCallback::Received {
            caller: caller.clone(),
            content: content.clone(),
            channel: channel.clone(),
        };
        let seen = RemoteInvitation {
            id: id.clone(),
            caller,
            content,
            channel,
            response: String::new(),
            state,
        };
        self.remotes.insert(
            id.clone(),
            Remote {
                serial: self.serial,
                seen,
                received: self.link.heard_last(),
                refusing: false,
            },
        );
        self.open_remotes.insert(self.serial, id.clone());
        device.event(Event::Remote {
            id,
            callback,
            state,
        });
        device.send(&ack);
    }

    fn end_remote(&mut self, id: &str, callback: RemoteCallback, device: &mut impl Device) {
        let Some(remote) = self.remotes.get_mut(id) else {
            return;
        };
        if remote.seen.state.is_ended() {
            return;
        }
        let (state, stands) = match &callback {
            RemoteCallback::Received { .. } => return,
            RemoteCallback::Accepted => (RemoteState::Accepted, Stands::Accepted),
            RemoteCallback::Refused => (RemoteState::Refused, refused(&remote.seen.response)),
            RemoteCallback::Canceled => (RemoteState::Canceled, Stands::Canceled),
            RemoteCallback::Failure(failure) => {
                (RemoteState::Failure, Stands::Failed(*failure as u8))
            }
        };
        remote.seen.state = state;
        let id = remote.seen.id.clone();
        let peer = Peer::Caller(Cow::Owned(remote.seen.caller.clone()));
        self.keep(Past::new(self.link.heard_last(), &id, peer, stands));
        self.retire_remote(&id);
        device.event(Event::Remote {
            id,
            callback,
            state,
        });
    }

    /// A frame of ours was refused. What was said of an invitation that the server does not hold has come to nothing.
    fn refused(&mut self, now: Duration, refusal: &Refusal<'_>, device: &mut impl Device) {
        if let (Some(frame), Some(id)) = (refusal.frame.as_deref(), refusal.id.as_deref()) {
            match (frame, refusal.code) {
                (_, ErrorCode::RateLimited) => {
                    let wait = refusal.retry_after.unwrap_or(Duration::from_secs(1));
                    self.note_again(now + wait, id);
                    return;
                }
                // Held, and said again over the next connection.
                (_, ErrorCode::Draining) => return,
                // An ack that was said twice, of what is forgotten by now.
                ("accept_ack" | "cancel_ack", ErrorCode::UnknownInvitation) => return,
                // It says nothing of the invitation, which is repeated after the log-in.
                (_, ErrorCode::NotLoggedIn) => {}
                ("cancel", ErrorCode::UnknownInvitation) => {
                    self.end_local(id, LocalCallback::Canceled, device);
                }
                ("invite", _) => {
                    self.end_local(
                        id,
                        LocalCallback::Failure(LocalFailure::RemoteNoResponse),
                        device,
                    );
                }
                ("invite_ack" | "accept" | "refuse", ErrorCode::UnknownInvitation) => {
                    self.end_remote(id, RemoteCallback::Failure(RemoteFailure::Expire), device);
                }
                _ => {}
            }
        }
        device.event(Event::Refused {
            code: refusal.code,
            message: refusal.message.clone().into_owned(),
        });
    }
}

/// An unknown code ends the invitation as well: it must not ring on.
fn local_failure(code: u8) -> LocalFailure {
    match code {
        1 => LocalFailure::RemoteOffline,
        2 => LocalFailure::RemoteNoResponse,
        4 => LocalFailure::NotLoggedIn,
        _ => LocalFailure::Expire,
    }
}

fn remote_failure(code: u8) -> RemoteFailure {
    match code {
        1 => RemoteFailure::LocalOffline,
        2 => RemoteFailure::AcceptFailure,
        _ => RemoteFailure::Expire,
    }
}
