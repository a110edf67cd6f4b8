//! One user: the reference's client core over a connection that its thread drives.

use std::collections::VecDeque;
use std::time::Duration;

use mio::{Registry, Token};
use ringcheck_reference::client::{Core, Device, Event};
use ringcheck_reference::wire::{ClientFrame, ServerFrame};

use super::wire::{Address, Progress, Wire};
use crate::history::{Event as Seen, UserId, What};

/// One user.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) core: Core,
    pub(super) name: UserId,
    /// How many log-ins it has begun.
    pub(super) session: u32,
    /// Whether it has a session and a connection.
    pub(super) is_up: bool,
    /// Whether its first log-in is over, one way or the other.
    pub(super) has_entered: bool,
    /// The last changes of its connection.
    pub(super) links: VecDeque<Seen>,
    /// What its last failed attempt to enter came to.
    pub(super) trouble: Option<String>,
    /// When it connects again at the earliest, once its connection was killed.
    pub(super) back_at: Option<Duration>,
    /// When its core will be called.
    pub(super) armed: Option<Duration>,
    /// Whether something waits to be flushed.
    pub(super) is_dirty: bool,
    wire: Wire,
}

/// What people of one thread share.
pub(super) struct Ground<'a> {
    pub(super) registry: &'a Registry,
    pub(super) address: &'a Address,
    /// What people have been told, by whom it is noticed next.
    pub(super) told: &'a mut VecDeque<Event>,
}

/// What a core acts through.
pub(super) struct Hand<'a, 'g> {
    wire: &'a mut Wire,
    token: Token,
    ground: &'a mut Ground<'g>,
    is_away: bool,
    /// Why the connection is of no use.
    broken: Option<String>,
}

impl Device for Hand<'_, '_> {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        if self.wire.is_open() && !self.wire.feed(frame.encode()) {
            self.broken = Some("the target does not read".to_owned());
        }
    }

    fn event(&mut self, event: Event) {
        self.ground.told.push_back(event);
    }

    fn connect(&mut self) {
        // It comes to nothing, and that shows when the user is back.
        if self.is_away {
            return;
        }
        match Wire::connect(self.ground.address, self.ground.registry, self.token) {
            Ok(wire) => *self.wire = wire,
            Err(error) => self.broken = Some(error.to_string()),
        }
    }

    fn disconnect(&mut self) {
        self.wire.close();
    }
}

/// How many ended calls of each side a user remembers: those of the last moments, which a returning target may repeat.
const ENDED_REMEMBERED: usize = 64;

/// How many changes of its connection are remembered, for calls that are kept.
const LINKS_REMEMBERED: usize = 64;

impl Person {
    pub(super) fn new(name: UserId, instance: &str) -> Self {
        Self {
            core: Core::new(instance).remembering(ENDED_REMEMBERED),
            name,
            session: 0,
            is_up: false,
            has_entered: false,
            links: VecDeque::new(),
            trouble: None,
            back_at: None,
            armed: None,
            is_dirty: false,
            wire: Wire::Down,
        }
    }

    /// Notes a change of its connection.
    pub(super) fn linked(&mut self, at: Duration, what: What) {
        if self.links.len() == LINKS_REMEMBERED {
            self.links.pop_front();
        }
        self.links.push_back(Seen {
            at,
            user: self.name.clone(),
            session: self.session,
            what,
        });
    }

    /// Has the core do something, and tells it if its connection broke over that.
    pub(super) fn act<R>(
        &mut self,
        now: Duration,
        token: usize,
        ground: &mut Ground<'_>,
        work: impl FnOnce(&mut Core, &mut Hand<'_, '_>) -> R,
    ) -> R {
        let mut hand = Hand {
            wire: &mut self.wire,
            token: Token(token),
            ground,
            is_away: self.back_at.is_some_and(|back_at| now < back_at),
            broken: None,
        };
        let result = work(&mut self.core, &mut hand);
        if let Some(why) = hand.broken.take() {
            self.lose(now, token, ground, why);
        }
        result
    }

    /// The system has something for the connection: opens it, or reads all frames that are there.
    pub(super) fn stir(&mut self, now: Duration, token: usize, ground: &mut Ground<'_>) {
        match self.wire.advance(ground.address) {
            Progress::Opened => {
                self.act(now, token, ground, |core, hand| core.connected(now, hand));
            }
            Progress::Pending => {}
            Progress::Failed(why) => self.lose(now, token, ground, why),
        }
    }

    /// Notes that the system has something for the connection. Whether that may be frames.
    pub(super) fn wake(&mut self, is_ending: bool) -> bool {
        self.wire.stirred(is_ending);
        self.wire.is_open()
    }

    /// Takes the next frame that is there; `false` when there is none.
    pub(super) fn take(&mut self, now: Duration, token: usize, ground: &mut Ground<'_>) -> bool {
        match self.wire.read() {
            Ok(None) => false,
            Ok(Some(text)) => {
                match ServerFrame::decode(&text) {
                    Ok(frame) => {
                        self.act(now, token, ground, |core, hand| {
                            core.frame(now, &frame, hand);
                        });
                    }
                    Err(refusal) => ground.told.push_back(Event::Refused {
                        code: refusal.code,
                        message: format!("from the server: {}", refusal.message),
                    }),
                }
                true
            }
            Err(()) => {
                let why = "the target closed the connection".to_owned();
                self.lose(now, token, ground, why);
                false
            }
        }
    }

    /// Loses the connection from one moment to the next. What is left of it, if there was one.
    pub(super) fn cut(
        &mut self,
        now: Duration,
        token: usize,
        ground: &mut Ground<'_>,
    ) -> Option<Wire> {
        if !self.wire.is_open() {
            return None;
        }
        let wire = std::mem::replace(&mut self.wire, Wire::Down);
        self.lose(now, token, ground, "the connection was cut".to_owned());
        Some(wire)
    }

    /// Finds that it has tried in vain to connect while it was away.
    pub(super) fn come_back(&mut self, now: Duration, token: usize, ground: &mut Ground<'_>) {
        if matches!(self.wire, Wire::Down) {
            self.lose(now, token, ground, "the user was away".to_owned());
        }
    }

    /// Says what waits.
    pub(super) fn flush(&mut self, now: Duration, token: usize, ground: &mut Ground<'_>) {
        self.is_dirty = false;
        if self.wire.flush().is_err() {
            let why = "the target closed the connection".to_owned();
            self.lose(now, token, ground, why);
        }
    }

    fn lose(&mut self, now: Duration, token: usize, ground: &mut Ground<'_>, why: String) {
        self.trouble = Some(why);
        self.wire = Wire::Down;
        let mut hand = Hand {
            wire: &mut self.wire,
            token: Token(token),
            ground,
            is_away: self.back_at.is_some_and(|back_at| now < back_at),
            broken: None,
        };
        // A core waits a while before it connects again, so nothing can break here.
        self.core.disconnected(now, &mut hand);
    }
}
