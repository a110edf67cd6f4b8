//! What the user's calls and the connection's task share: the core behind its lock, and what it wants done.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::raw::Raw;
use super::valve::Valve;

use crate::client::{Core, Device, Event};
use crate::fault::Fault;
use crate::fault::client::Bend;
use crate::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX};
use crate::wire::ClientFrame;

/// What the user's calls and the connection's task share.
pub(super) struct Desk {
    began: Instant,
    state: Mutex<State>,
    /// Wakes the connection's task.
    task: AtomicWaker,
    /// Set once, by the last handle or by an observer that cannot go on.
    closing: AtomicBool,
    /// While set, nothing is read.
    heard_held: AtomicBool,
    /// Set once, by a harness that meddles with frames or says raw ones: everybody else pays nothing for that.
    is_meddled: AtomicBool,
}

/// What one lock guards.
pub(super) struct State {
    pub(super) core: Core,
    pub(super) wishes: Wishes,
}

/// What the core wants done, and the observer of its events.
pub(super) struct Wishes {
    observer: Box<dyn FnMut(&Event) + Send>,
    /// Whether a connection is open, and frames go to it.
    pub(super) line: Line,
    /// To be said over the connection, and its bytes.
    pub(super) frames: VecDeque<String>,
    pub(super) bytes: usize,
    /// Connections are counted, so that a task that was slower than the core knows that its one is out of date.
    pub(super) serial: u64,
    /// What the connection that is over has still to say; `None` if it was cut.
    pub(super) farewell: Option<VecDeque<String>>,
    /// Whether the observer was told something since the task last looked.
    pub(super) told: bool,
    /// While set, a wish to connect waits.
    pub(super) held_down: bool,
    /// While set, what is to be said over the connection waits.
    pub(super) sent_held: bool,
    /// Why the last attempt to connect failed.
    pub(super) trouble: Option<String>,
    /// What a harness does to what is said and heard over the connection.
    pub(super) sent: Valve<String>,
    pub(super) heard: Valve<Utf8Bytes>,
    /// What a harness wants said as it is.
    pub(super) raw: VecDeque<Raw>,
    /// The deviation that is switched on.
    bend: Option<Bend>,
}

/// The connection that the core wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// None.
    Idle,
    /// One is wanted or being made.
    Wanted,
    /// One is open.
    Open,
}

impl Device for Wishes {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        match self.line {
            Line::Open => {
                let text = frame.encode();
                self.bytes += text.len();
                self.frames.push_back(text);
            }
            Line::Idle | Line::Wanted => {}
        }
    }

    fn event(&mut self, event: Event) {
        let Some(bend) = &mut self.bend else {
            return self.tell(&event);
        };
        for event in bend.event(event) {
            self.tell(&event);
        }
    }

    fn connect(&mut self) {
        self.serial += 1;
        self.line = Line::Wanted;
    }

    fn disconnect(&mut self) {
        if self.line == Line::Open {
            let last = std::mem::take(&mut self.frames);
            self.farewell = Some(if self.sent_held {
                VecDeque::new()
            } else {
                last
            });
        }
        self.hang_up();
    }
}

impl Wishes {
    /// Leaves the connection, and what was not said over it.
    pub(super) fn hang_up(&mut self) {
        self.line = Line::Idle;
        self.sent_held = false;
        self.sent = Valve::default();
        self.heard = Valve::default();
        self.raw.clear();
        self.frames.clear();
        self.bytes = 0;
    }

    /// What is still to be said over the connection of that number, which is about to be closed.
    pub(super) fn last_words(&mut self, serial: u64) -> VecDeque<String> {
        if self.is_open(serial) && !self.sent_held {
            self.bytes = 0;
            return std::mem::take(&mut self.frames);
        }
        VecDeque::new()
    }

    /// Whether the connection of that number is open and wanted.
    pub(super) fn is_open(&self, serial: u64) -> bool {
        self.line == Line::Open && self.serial == serial
    }

    /// The deviation that is switched on.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.bend.as_ref().map(|bend| bend.fault)
    }

    /// Sends an invitation as it is written now, whatever its state, with texts cut to their limits.
    pub(super) fn send_now(&mut self, core: &Core, id: &str) {
        if let Some(local) = core.local(id) {
            self.send(&ClientFrame::Invite {
                id: id.into(),
                callee: local.callee.as_str().into(),
                content: cut(&local.content, TEXT_BYTES_MAX).into(),
                channel: cut(&local.channel, CHANNEL_BYTES_MAX).into(),
                age: Duration::ZERO,
            });
        }
    }

    /// Puts what is to be said through what a harness does to it.
    pub(super) fn say_meddled(&mut self, now: Duration, pending: &mut VecDeque<String>) {
        for text in std::mem::take(&mut self.frames) {
            if let Some(note) = self.sent.pass(now, text) {
                self.tell(&Event::Wire { note });
            }
        }
        pending.extend(self.sent.due(now));
    }

    /// Tells the observer what no core can know.
    pub(super) fn tell(&mut self, event: &Event) {
        self.told = true;
        (self.observer)(event);
    }
}

impl Desk {
    pub(super) fn new(
        core: Core,
        observer: Box<dyn FnMut(&Event) + Send>,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            began: Instant::now(),
            state: Mutex::new(State {
                core,
                wishes: Wishes {
                    observer,
                    line: Line::Idle,
                    frames: VecDeque::new(),
                    bytes: 0,
                    serial: 0,
                    farewell: None,
                    told: false,
                    held_down: false,
                    sent_held: false,
                    trouble: None,
                    sent: Valve::default(),
                    heard: Valve::default(),
                    raw: VecDeque::new(),
                    bend: fault.map(Bend::new),
                },
            }),
            task: AtomicWaker::new(),
            closing: AtomicBool::new(false),
            heard_held: AtomicBool::new(false),
            is_meddled: AtomicBool::new(false),
        }
    }

    /// Holds the lock for `work`, which is told the time.
    pub(super) fn with<R>(&self, work: impl FnOnce(Duration, &mut State) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that it never runs backwards.
        work(self.began.elapsed(), &mut state)
    }

    /// The moment that the core calls by that time.
    pub(super) fn instant(&self, time: Duration) -> Instant {
        self.began + time
    }

    /// Has the connection's task look again.
    pub(super) fn wake(&self) {
        self.task.wake();
    }

    pub(super) fn register(&self, task: &std::task::Waker) {
        self.task.register(task);
    }

    /// Ends the connection's task.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Breaks the connection, if there is one or one is being made.
    pub(super) fn cut(&self) {
        self.with(|now, State { core, wishes }| {
            if wishes.line != Line::Idle {
                wishes.hang_up();
                wishes.farewell = None;
                core.disconnected(now, wishes);
            }
        });
        self.wake();
    }

    /// Holds connecting down, or lets it go on.
    pub(super) fn hold_down(&self, down: bool) {
        self.with(|_, state| state.wishes.held_down = down);
        self.wake();
    }

    /// Holds back what is said, or lets it go on.
    pub(super) fn hold_sent(&self, held: bool) {
        self.with(|_, state| state.wishes.sent_held = held);
        self.wake();
    }

    /// Has `work` meddle with the connection's frames, or say some.
    pub(super) fn meddle(&self, work: impl FnOnce(Duration, &mut Wishes)) {
        self.is_meddled.store(true, Ordering::Release);
        self.with(|now, state| work(now, &mut state.wishes));
        self.wake();
    }

    pub(super) fn is_meddled(&self) -> bool {
        self.is_meddled.load(Ordering::Acquire)
    }

    /// Holds back what is heard, or lets it go on.
    pub(super) fn hold_heard(&self, held: bool) {
        self.heard_held.store(held, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_heard_held(&self) -> bool {
        self.heard_held.load(Ordering::Acquire)
    }
}

/// As much of a text as its limit lets through.
fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or(text)
}
