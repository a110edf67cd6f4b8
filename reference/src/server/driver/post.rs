//! The core's way out: frames go to mailboxes, and what is to be done about them after the lock is noted.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use tracing::{Level, Span, debug, debug_span};

use super::mailbox::{Mailbox, Put};
use super::refused::{Claimant, Refused, RefusedLogin};
use super::tally::Tally;
use crate::server::{ConnectionId, Outbox, Passage, Phase};
use crate::wire::{ByeReason, ErrorCode, ServerFrame};

/// The core's way out, for one hold of the lock.
pub(super) struct Post<'a> {
    pub(super) mailboxes: &'a mut HashMap<ConnectionId, Arc<Mailbox>>,
    pub(super) tally: &'a mut Tally,
    /// Whose task must be woken.
    pub(super) filled: Vec<Arc<Mailbox>>,
    /// What the core has closed, and is to hear of as closed.
    pub(super) ended: Vec<ConnectionId>,
    /// Who is trying to log in just now.
    pub(super) claimant: Claimant,
    /// What is to be logged.
    notes: Vec<Note>,
    /// Whether anybody listens to more than refused log-ins.
    is_detailed: bool,
}

/// What is to be logged. Texts of invitations and secrets are not in it.
pub(super) enum Note {
    Passed {
        id: String,
        caller: String,
        callee: String,
        from: Option<Phase>,
        into: Phase,
        stood: Duration,
    },
    RefusedLogin(Box<RefusedLogin>),
    Refused {
        session: Span,
        code: ErrorCode,
        frame: String,
        reason: String,
    },
    Ended {
        session: Span,
        reason: ByeReason,
    },
}

impl<'a> Post<'a> {
    pub(super) fn new(
        mailboxes: &'a mut HashMap<ConnectionId, Arc<Mailbox>>,
        tally: &'a mut Tally,
    ) -> Self {
        Self {
            mailboxes,
            tally,
            filled: Vec::new(),
            ended: Vec::new(),
            claimant: Claimant::default(),
            notes: Vec::new(),
            is_detailed: tracing::enabled!(Level::DEBUG),
        }
    }

    pub(super) fn finish(self) -> (Vec<Arc<Mailbox>>, Vec<Note>) {
        (self.filled, self.notes)
    }
}

impl Outbox for Post<'_> {
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>) {
        let Some(mailbox) = self.mailboxes.get(&connection) else {
            return;
        };
        self.tally.frames_out += 1;
        if let ServerFrame::Welcome { resumed, .. } = frame {
            self.tally.welcomed(*resumed);
        } else if let ServerFrame::Error(refusal) = frame {
            self.tally.error(refusal.code);
            // A message that was made for the frame may repeat a text of it.
            let reason = match &refusal.message {
                Cow::Borrowed(message) => (*message).to_owned(),
                Cow::Owned(_) => String::new(),
            };
            let (code, frame) = (refusal.code, refusal.frame.as_deref().unwrap_or_default());
            if frame == "login" {
                self.notes.push(Note::RefusedLogin(Box::new(RefusedLogin {
                    remote: mailbox.remote,
                    claimant: std::mem::take(&mut self.claimant),
                    code,
                    reason,
                })));
            } else if self.is_detailed {
                self.notes.push(Note::Refused {
                    session: mailbox.span(),
                    code,
                    frame: frame.to_owned(),
                    reason,
                });
            }
        }
        match mailbox.put(frame.encode()) {
            Put::Wake => self.filled.push(mailbox.clone()),
            Put::Quiet => {}
            Put::Full => self.close(connection, ByeReason::SlowConsumer),
        }
    }

    fn close(&mut self, connection: ConnectionId, reason: ByeReason) {
        if let Some(mailbox) = self.mailboxes.remove(&connection) {
            if mailbox.is_open() {
                self.tally.bye(reason);
            }
            if self.is_detailed {
                let session = mailbox.span();
                self.notes.push(Note::Ended { session, reason });
            }
            mailbox.end(reason);
            self.filled.push(mailbox);
            self.ended.push(connection);
        }
    }

    fn passed(&mut self, passage: &Passage<'_>) {
        self.tally.passed(passage);
        if self.is_detailed {
            self.notes.push(Note::Passed {
                id: passage.id.to_owned(),
                caller: passage.caller.to_owned(),
                callee: passage.callee.to_owned(),
                from: passage.from,
                into: passage.into,
                stood: passage.stood,
            });
        }
    }
}

impl Note {
    /// Writes it, outside the lock.
    pub(super) fn log(self, refused: &Refused) {
        match self {
            Self::RefusedLogin(login) => refused.log(&login),
            Self::Passed {
                id,
                caller,
                callee,
                from,
                into,
                stood,
            } => debug_span!("invitation", id, caller, callee).in_scope(|| {
                let from = from.map_or("sent", Phase::word);
                let stood_ms = stood.as_millis() as u64;
                debug!(from, into = into.word(), stood_ms, "passed");
            }),
            Self::Refused {
                session,
                code,
                frame,
                reason,
            } => session.in_scope(|| debug!(%code, frame, reason, "refused")),
            Self::Ended { session, reason } => session.in_scope(|| debug!(%reason, "ended")),
        }
    }
}
