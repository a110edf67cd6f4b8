//! What a simulated user does with its client, and how that is recorded.

use std::sync::Arc;
use std::time::Duration;

use ringcheck_reference::client::{self, CallResult};

use super::edge::Hand;
use super::world::World;
use crate::history::{Call, CallCode, InvitationId, Passed, Payload, UserId, What};

/// A client, its network and its user.
#[derive(Debug)]
pub(super) struct Phone {
    pub(super) user: UserId,
    pub(super) core: client::Core,
    /// How many clients this phone has had: one that crashes leaves its place to another.
    pub(super) lives: u32,
    pub(super) link: Option<u64>,
    pub(super) dial: Dial,
    /// While not set, connecting waits.
    pub(super) network: bool,
    /// How far its clock is ahead.
    pub(super) ahead: Duration,
    /// How long it takes at least between two frames that it reads.
    pub(super) pace: Duration,
    /// How many connections it has had.
    pub(super) connections: u32,
    /// When the session that it has was begun, by the count of all that servers were told.
    pub(super) admitted: u64,
}

/// How far a connection is that is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dial {
    /// None is wanted.
    Idle,
    /// One is wanted, and the network is not there.
    Waiting,
    /// One is on its way, under this number.
    Made(u64),
}

/// The texts of an invitation.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Whom to ring.
    pub callee: &'a str,
    /// What to show.
    pub content: &'a str,
    /// Which channel to meet in.
    pub channel: &'a str,
}

impl World {
    /// The user logs in.
    pub fn login(&mut self, phone: usize) {
        let Some(user) = self.phone(phone).map(|phone| phone.user.clone()) else {
            return;
        };
        self.on_phone(phone, |core, now, hand| core.login(now, &user, None, hand));
    }

    /// The user logs out.
    pub fn logout(&mut self, phone: usize) {
        self.on_phone(phone, |core, _, hand| core.logout(hand));
    }

    /// The user writes into an invitation (OBJ-6).
    pub fn write(&mut self, phone: usize, id: &str, content: Option<&str>, channel: Option<&str>) {
        self.on_phone(phone, |core, _, _| {
            if let Some(content) = content {
                core.set_content(id, content);
            }
            if let Some(channel) = channel {
                core.set_channel(id, channel);
            }
        });
    }

    /// The user creates an invitation. Its id; `None` if there is no such phone.
    pub fn create(&mut self, phone: usize, words: Words<'_>) -> Option<InvitationId> {
        let Words {
            callee,
            content,
            channel,
        } = words;
        let invitation = self.on_phone(phone, |core, _, _| {
            core.create_local_invitation(callee, content, channel)
        })?;
        let with = passed(words);
        let call = Call::Create;
        self.note(
            phone,
            What::Called {
                call,
                invitation: invitation.clone(),
                with,
            },
        );
        self.note(
            phone,
            What::Returned {
                call,
                invitation: invitation.clone(),
                code: CallCode::OK,
            },
        );
        Some(invitation)
    }

    /// The user sends it.
    pub fn send(&mut self, phone: usize, id: &InvitationId) {
        let local = self.phone(phone).and_then(|phone| phone.core.local(id));
        let with = local.map_or_else(Passed::default, |local| {
            passed(Words {
                callee: &local.callee,
                content: &local.content,
                channel: &local.channel,
            })
        });
        self.call(phone, Call::Send, id, with, |core, now, hand| {
            core.send_local_invitation(now, id, hand)
        });
    }

    /// The user cancels it.
    pub fn cancel(&mut self, phone: usize, id: &InvitationId) {
        let with = Passed::default();
        self.call(phone, Call::Cancel, id, with, |core, now, hand| {
            core.cancel_local_invitation(now, id, hand)
        });
    }

    /// The user accepts it.
    pub fn accept(&mut self, phone: usize, id: &InvitationId, response: &str) {
        self.call(phone, Call::Accept, id, words(response), |core, _, hand| {
            core.accept_remote_invitation(id, response, hand)
        });
    }

    /// The user refuses it.
    pub fn refuse(&mut self, phone: usize, id: &InvitationId, response: &str) {
        self.call(phone, Call::Refuse, id, words(response), |core, _, hand| {
            core.refuse_remote_invitation(id, response, hand)
        });
    }

    /// Makes a call, and records it with its result.
    fn call(
        &mut self,
        phone: usize,
        call: Call,
        id: &InvitationId,
        with: Passed,
        make: impl FnOnce(&mut client::Core, Duration, &mut Hand) -> CallResult,
    ) {
        let invitation = id.clone();
        self.note(
            phone,
            What::Called {
                call,
                invitation,
                with,
            },
        );
        if let Some(result) = self.on_phone(phone, make) {
            let (invitation, code) = (id.clone(), CallCode(result as u8));
            self.note(
                phone,
                What::Returned {
                    call,
                    invitation,
                    code,
                },
            );
        }
    }
}

fn passed(words: Words<'_>) -> Passed {
    Passed {
        peer: Some(Arc::from(words.callee)),
        content: Payload::of(words.content),
        channel: Payload::of(words.channel),
        response: Payload::default(),
    }
}

fn words(response: &str) -> Passed {
    Passed {
        response: Payload::of(response),
        ..Passed::default()
    }
}
