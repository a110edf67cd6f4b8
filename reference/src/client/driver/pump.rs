//! The task of a client's connection: makes it, reads and writes it, and keeps the core's time.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use super::address::Address;
use super::desk::{Desk, Line, State};
use super::raw;
use super::trouble::Trouble;
use crate::client::Event;
use crate::limits::{FRAME_BYTES_MAX, SUBPROTOCOL};
use crate::pipe::Pipe;
use crate::socket::{self, Read, Socket};
use crate::tls::Trust;
use crate::wire::{Refusal, ServerFrame};

/// How long a connection may take to open, handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What may wait to be said. More means that the connection is stuck; it is given up, and the core repeats what counts.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The code of a close in which nothing is wrong.
const CLOSE_NORMAL: u16 = 1000;

/// Works until the client is closed.
pub(super) async fn run(desk: Arc<Desk>, address: Address) {
    let mut pump = Pump {
        desk: &desk,
        address,
        link: Link::None,
        batch: Vec::new(),
        alarm: None,
        is_waiting: false,
        farewells: JoinSet::new(),
    };
    poll_fn(|cx| pump.poll(cx)).await;
    if let Link::Open {
        serial,
        socket,
        mut pending,
    } = pump.link
    {
        pending.extend(desk.with(|_, State { wishes, .. }| wishes.last_words(serial)));
        pump.farewells
            .spawn(socket::close(socket, pending, 1001, ""));
    }
    while pump.farewells.join_next().await.is_some() {}
}

struct Pump<'a> {
    desk: &'a Desk,
    address: Address,
    link: Link,
    /// What was read and is handled at once; empty between polls, and kept for its room.
    batch: Vec<Utf8Bytes>,
    /// When the core wants to be called, and the timer for it.
    alarm: Option<(Duration, Pin<Box<Sleep>>)>,
    /// Whether the flush waits for a turn of the runtime: whoever was told something may answer at once, and then the
    /// ack and the answer leave together.
    is_waiting: bool,
    /// Connections that are being closed; each takes [`socket::LINGER`] at most.
    farewells: JoinSet<()>,
}

/// The connection as it is, which follows what the core wants.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per client, and it is open nearly always"
)]
enum Link {
    None,
    Making {
        serial: u64,
        making: Pin<Box<dyn Future<Output = Result<Socket, Trouble>> + Send>>,
    },
    Open {
        serial: u64,
        socket: Socket,
        /// Taken from the desk and not written yet.
        pending: VecDeque<String>,
    },
}

/// What a look at the desk came to.
struct Look {
    line: Line,
    serial: u64,
    farewell: Option<VecDeque<String>>,
    held_down: bool,
    /// When the core wants to be called.
    wake: Option<Duration>,
}

impl Pump<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.desk.register(cx.waker());
        loop {
            // Asked before the look, which so sees everything that was wanted before the close.
            let is_closing = self.desk.is_closing();
            self.make(cx);
            let read = match &mut self.link {
                Link::Open { socket, .. } if !self.desk.is_heard_held() => {
                    socket::read(socket, cx, &mut self.batch)
                }
                Link::None | Link::Making { .. } | Link::Open { .. } => Read::Drained,
            };
            if self.desk.is_meddled() {
                self.meddle();
            }
            let look = self.look(read);
            self.batch.clear();
            let wake = look.wake;
            let begun = self.follow(look, read);
            if self.is_waiting && !is_closing {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let more = self.write(cx);
            if is_closing {
                return Poll::Ready(());
            }
            if begun || more {
                continue;
            }
            if read == Read::Full {
                // Others come first.
                cx.waker().wake_by_ref();
            }
            self.arm(cx, wake);
            return Poll::Pending;
        }
    }

    /// Goes on with the connection that is being made, and reports it.
    fn make(&mut self, cx: &mut Context<'_>) {
        let Link::Making { serial, making } = &mut self.link else {
            return;
        };
        let (serial, Poll::Ready(made)) = (*serial, making.as_mut().poll(cx)) else {
            return;
        };
        let trouble = made.as_ref().err().cloned();
        let stays = trouble.as_ref().is_some_and(|trouble| trouble.stays);
        let trouble = trouble.map(|trouble| trouble.what);
        self.link = made.map_or(Link::None, |socket| Link::Open {
            serial,
            socket,
            pending: VecDeque::new(),
        });
        self.desk.with(|now, State { core, wishes }| {
            if wishes.line != Line::Wanted || wishes.serial != serial {
                // Given up meanwhile.
            } else if trouble.is_none() {
                wishes.line = Line::Open;
                wishes.trouble = None;
                core.connected(now, wishes);
            } else {
                wishes.trouble = trouble;
                wishes.hang_up();
                if stays {
                    core.shut_out(now, wishes);
                } else {
                    core.disconnected(now, wishes);
                }
            }
        });
    }

    /// Puts what was read through what a harness does to it.
    fn meddle(&mut self) {
        let batch = &mut self.batch;
        self.desk.with(|now, State { wishes, .. }| {
            for text in batch.drain(..) {
                if let Some(note) = wishes.heard.pass(now, text) {
                    wishes.tell(&Event::Wire { note });
                }
            }
            batch.extend(wishes.heard.due(now));
        });
    }

    /// Gives the core what was read and the time, and takes from it what is to be done: one hold of the lock.
    fn look(&mut self, read: Read) -> Look {
        let frames: Vec<Result<ServerFrame<'_>, Box<Refusal<'_>>>> = self
            .batch
            .iter()
            .map(|text| ServerFrame::decode(text))
            .collect();
        let (link, is_waiting) = (&mut self.link, &mut self.is_waiting);
        let is_meddled = self.desk.is_meddled();
        self.desk.with(|now, State { core, wishes }| {
            if let Link::Open { serial, .. } = link {
                for frame in &frames {
                    if !wishes.is_open(*serial) {
                        break;
                    }
                    match frame {
                        Ok(frame) => core.frame(now, frame, wishes),
                        Err(refusal) => wishes.tell(&Event::Refused {
                            code: refusal.code,
                            message: format!("from the server: {}", refusal.message),
                        }),
                    }
                }
                let lost = match read {
                    Read::Drained | Read::Full => wishes.bytes > WAITING_BYTES_MAX,
                    Read::Gone | Read::Closed(_) | Read::Fault(..) => true,
                };
                if let (Read::Closed(code), true) = (read, wishes.is_open(*serial))
                    && code != CLOSE_NORMAL
                {
                    let note = format!("closed {code}");
                    wishes.tell(&Event::Wire { note });
                }
                if lost && wishes.is_open(*serial) {
                    wishes.hang_up();
                    core.disconnected(now, wishes);
                }
            }
            if core.next_wake().is_some_and(|wake| wake <= now) {
                core.tick(now, wishes);
            }
            // Once per flush, so that a busy connection is flushed as well.
            *is_waiting = std::mem::take(&mut wishes.told) && !*is_waiting;
            if let Link::Open {
                serial, pending, ..
            } = link
                && wishes.is_open(*serial)
                && pending.is_empty()
                && !*is_waiting
                && !wishes.sent_held
            {
                if is_meddled {
                    wishes.say_meddled(now, pending);
                } else {
                    std::mem::swap(pending, &mut wishes.frames);
                }
                wishes.bytes = 0;
            }
            Look {
                line: wishes.line,
                serial: wishes.serial,
                farewell: wishes.farewell.take(),
                held_down: wishes.held_down,
                wake: [
                    core.next_wake(),
                    wishes.sent.next_wake(),
                    wishes.heard.next_wake(),
                ]
                .into_iter()
                .flatten()
                .min(),
            }
        })
    }

    /// Leaves a connection that is not wanted any more, and begins one that is. Whether one was begun.
    fn follow(&mut self, look: Look, read: Read) -> bool {
        let wanted = match (&self.link, look.line) {
            (Link::Open { serial, .. }, Line::Open)
            | (Link::Making { serial, .. }, Line::Wanted) => *serial == look.serial,
            (Link::None, Line::Idle) => true,
            // To leave nothing again and again would keep the task awake until it is let go on.
            (Link::None, Line::Wanted) => look.held_down,
            (Link::None | Link::Making { .. }, Line::Open)
            | (Link::Open { .. }, Line::Wanted)
            | (Link::Open { .. } | Link::Making { .. }, Line::Idle) => false,
        };
        if wanted {
            return false;
        }
        self.leave(look.farewell, read);
        if look.line != Line::Wanted || look.held_down {
            return false;
        }
        self.link = Link::Making {
            serial: look.serial,
            making: Box::pin(connect(self.address.clone())),
        };
        true
    }

    /// Leaves the connection: with its last words, or, when it was cut, at once.
    fn leave(&mut self, farewell: Option<VecDeque<String>>, read: Read) {
        while self.farewells.try_join_next().is_some() {}
        self.desk.hold_heard(false);
        let Link::Open {
            socket,
            mut pending,
            ..
        } = std::mem::replace(&mut self.link, Link::None)
        else {
            return;
        };
        match (read, farewell) {
            (Read::Gone | Read::Closed(_), _) => {
                self.farewells.spawn(socket::close_behind(socket));
            }
            (Read::Fault(code, reason), _) => {
                self.farewells
                    .spawn(socket::close(socket, pending, code, reason));
            }
            (Read::Drained | Read::Full, Some(last)) => {
                pending.extend(last);
                self.farewells
                    .spawn(socket::close(socket, pending, 1000, ""));
            }
            // If the system refuses to break it, dropping closes it.
            (Read::Drained | Read::Full, None) => {
                drop(socket::tcp(&socket).set_zero_linger());
            }
        }
    }

    /// Writes what is pending. Whether there is more to do at once.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        let Link::Open {
            serial,
            socket,
            pending,
        } = &mut self.link
        else {
            return false;
        };
        match socket::write(socket, cx, pending) {
            Poll::Pending => false,
            Poll::Ready(Ok(())) => {
                let (more, raw) = self.desk.with(|_, State { wishes, .. }| {
                    let more = !wishes.sent_held && !wishes.frames.is_empty();
                    (more, wishes.raw.pop_front())
                });
                let is_raw = raw.is_some();
                if let Some(raw) = raw {
                    raw::say(socket, cx, raw);
                }
                more || is_raw
            }
            Poll::Ready(Err(_)) => {
                self.desk.with(|now, State { core, wishes }| {
                    if wishes.is_open(*serial) {
                        wishes.hang_up();
                        core.disconnected(now, wishes);
                    }
                });
                true
            }
        }
    }

    /// Sets the timer to when the core wants to be called.
    fn arm(&mut self, cx: &mut Context<'_>, wake: Option<Duration>) {
        match (wake, &mut self.alarm) {
            (None, _) => self.alarm = None,
            (Some(wake), Some((armed, _))) if *armed == wake => {}
            (Some(wake), Some((armed, sleep))) => {
                *armed = wake;
                sleep.as_mut().reset(self.desk.instant(wake));
            }
            (Some(wake), None) => {
                let sleep = tokio::time::sleep_until(self.desk.instant(wake));
                self.alarm = Some((wake, Box::pin(sleep)));
            }
        }
        if let Some((_, sleep)) = &mut self.alarm
            && sleep.as_mut().poll(cx).is_ready()
        {
            // Due already: the core is called on the next turn.
            self.alarm = None;
            cx.waker().wake_by_ref();
        }
    }
}

/// Opens a connection to the server, or says why it cannot be had; the core tries again.
async fn connect(address: Address) -> Result<Socket, Trouble> {
    let open = async {
        let tcp = TcpStream::connect((address.host.as_str(), address.port)).await?;
        tcp.set_nodelay(true)?;
        let pipe = match address.tls {
            None => Pipe::Plain(tcp),
            Some((Trust(config), name)) => {
                let tls = TlsConnector::from(config).connect(name, tcp).await?;
                Pipe::Tls(Box::new(tls.into()))
            }
        };
        // A server that does not choose our subprotocol is refused.
        let request = ClientRequestBuilder::new(address.uri).with_sub_protocol(SUBPROTOCOL);
        let config = Some(socket::config(FRAME_BYTES_MAX));
        client_async_with_config(request, socket::buffered(pipe), config).await
    };
    let opened: Result<Result<(Socket, _), Error>, _> =
        tokio::time::timeout(CONNECT_TIMEOUT, open).await;
    match opened {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(Trouble::new(&error)),
        Err(_) => Err(Trouble {
            what: format!("not open within {CONNECT_TIMEOUT:?}"),
            stays: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake, Waker};

    use tokio::task::JoinSet;

    use super::{Link, Pump};
    use crate::client::Core;
    use crate::client::driver::address::Address;
    use crate::client::driver::desk::{Desk, State};

    /// How often a task was woken.
    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn while_connecting_is_held_down_the_task_sleeps() {
        let desk = Desk::new(Core::new("a"), Box::new(|_| {}), None);
        desk.hold_down(true);
        desk.with(|now, State { core, wishes }| core.login(now, "alice", None, wishes));
        let mut pump = Pump {
            desk: &desk,
            address: Address::parse("ws://127.0.0.1:9", None).expect("an address"),
            link: Link::None,
            batch: Vec::new(),
            alarm: None,
            is_waiting: false,
            farewells: JoinSet::new(),
        };
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let mut polled_after = |wakes: usize| {
            assert_eq!(woken.0.load(Ordering::Relaxed), wakes);
            assert!(pump.poll(&mut Context::from_waker(&waker)).is_pending());
        };
        polled_after(0);
        // The observer was told of the log-in, for which the flush waits a turn.
        polled_after(1);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }
}
