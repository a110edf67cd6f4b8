//! What is tested: a server that participants reach, embedded in this process or somewhere at a URL.

mod access;
mod embedded;
mod recorder;
mod reference;
pub mod sim;

pub use access::Access;
pub use embedded::{Embedded, StartError};
pub use recorder::{Entry, Recorder};
pub use reference::{Reach, Unreachable};
pub(crate) use reference::{announced, seen_event};

use std::sync::{Arc, Barrier};
use std::time::Duration;

use crate::history::InvitationId;
use crate::scenario::plan::{RawFrame, Way};

/// Somebody who can be told to do things, and whose calls, results, callbacks and connection changes go to a
/// [`Recorder`] in the order in which that user saw them, each before any consequence of it leaves.
///
/// What a command comes to is read from the record alone, so a participant may be anything that can write one: a client
/// in this process, a child process, a recorded trace.
pub trait Participant: Send {
    /// Begins to carry out a command. Its result, if it has one, is recorded as the call's return.
    fn perform(&mut self, command: Command);
}

/// What a participant can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Create a local invitation; its id is in the record of the call.
    Create {
        /// The callee's id.
        callee: String,
        /// What to show.
        content: String,
        /// Which channel to meet in.
        channel: String,
    },
    /// Write into a local invitation (OBJ-6); `None` leaves a text as it is.
    Write {
        /// Which invitation.
        invitation: InvitationId,
        /// The new content.
        content: Option<String>,
        /// The new channel id.
        channel: Option<String>,
    },
    /// Send a local invitation.
    Send(InvitationId),
    /// Cancel a local invitation.
    Cancel(InvitationId),
    /// Accept a remote invitation.
    Accept {
        /// Which invitation.
        invitation: InvitationId,
        /// The words to the caller.
        response: String,
    },
    /// Refuse a remote invitation.
    Refuse {
        /// Which invitation.
        invitation: InvitationId,
        /// The words to the caller.
        response: String,
    },
    /// Log in.
    Login,
    /// Log out.
    Logout,
    /// Cut the connection and keep it down.
    Drop,
    /// Let a dropped connection come back.
    Reconnect,
    /// Cut the connection once and let the client come back by itself.
    Interrupt,
    /// Let the frames that go that way wait, until the connection is lost or they are released.
    Hold(Way),
    /// Let the frames that go that way go on.
    Release(Way),
    /// Something that only somebody with a hand on the frames can do; see [`Cast::is_raw`].
    Raw(RawCommand),
}

/// What a raw step does to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawCommand {
    /// Something happens to the frames that go that way, of those types or all, until that is mended or the connection is
    /// lost.
    Meddle {
        /// Which way.
        way: Way,
        /// Which types; empty means all.
        frames: Vec<String>,
        /// What happens.
        how: Meddled,
        /// Decides what is left to chance.
        seed: u64,
    },
    /// They go through as they are again.
    Mend(Way),
    /// Something is sent as it is. What the target answers is recorded as [`crate::history::What::Wire`].
    Say(RawFrame),
}

/// What happens to a frame on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddled {
    /// It never arrives.
    Lose,
    /// It arrives twice.
    Duplicate,
    /// It is overtaken by the next one.
    Reorder,
    /// It arrives later, by a time between the two.
    Delay(Duration, Duration),
}

/// Makes the participants of a run: the one thing the runner asks of a target.
pub trait Cast: Send + Sync {
    /// A participant with a user id. `index` is its place among the recorder's participants.
    fn participant(
        &self,
        user: &str,
        index: usize,
        recorder: Arc<Recorder>,
    ) -> Box<dyn Participant>;

    /// Whether its participants can take raw steps: meddle with frames of the reference's wire, and say what is none.
    fn is_raw(&self) -> bool {
        false
    }

    /// Gives commands to several participants at once: each by its place, those of one participant in their order.
    fn release(&self, participants: &mut [Box<dyn Participant>], commands: Vec<(usize, Command)>) {
        by_one_barrier(participants, commands);
    }
}

/// Releases the commands by one barrier, those of each participant on a thread of its own.
fn by_one_barrier(participants: &mut [Box<dyn Participant>], commands: Vec<(usize, Command)>) {
    let mut of: Vec<Vec<Command>> = participants.iter().map(|_| Vec::new()).collect();
    for (place, command) in commands {
        if let Some(own) = of.get_mut(place) {
            own.push(command);
        }
    }
    let busy = of.iter().filter(|own| !own.is_empty()).count();
    let barrier = Barrier::new(busy);
    std::thread::scope(|scope| {
        for (participant, own) in participants.iter_mut().zip(of) {
            let barrier = &barrier;
            if !own.is_empty() {
                scope.spawn(move || {
                    barrier.wait();
                    for command in own {
                        participant.perform(command);
                    }
                });
            }
        }
    });
}
