//! A server core and several client cores joined by queues in memory, with a clock that only the test moves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ringcheck_reference::client::{
    self, CallResult, ConnectionState, Device, Event, InvitationId, LocalCallback, RemoteCallback,
};
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::{self, ConnectionId, Outbox};
use ringcheck_reference::wire::{ByeReason, ClientFrame, ServerFrame};

use crate::owned;

/// Seconds.
pub(crate) fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Milliseconds.
pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Everybody and everything between them.
pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) server: server::Core,
    pub(crate) phones: Vec<Phone>,
    wires: BTreeMap<u64, Wire>,
    serial: u64,
    /// All that happened, in order.
    pub(crate) log: Vec<Entry>,
    /// Whether frames travel by themselves, at once.
    pub(crate) prompt: bool,
    /// Whether frames travel in the reverse order of connections.
    pub(crate) backwards: bool,
}

/// A client and its network.
pub(crate) struct Phone {
    pub(crate) user: String,
    pub(crate) core: client::Core,
    wire: Option<u64>,
    dialing: bool,
    pub(crate) network: bool,
    /// Whether what it says is held on the way.
    pub(crate) hold_up: bool,
    /// Whether what is said to it is held on the way.
    pub(crate) hold_down: bool,
    told: usize,
}

struct Wire {
    phone: usize,
    up: VecDeque<ClientFrame<'static>>,
    down: VecDeque<ServerFrame<'static>>,
    hung_up: bool,
}

/// Something that happened to a phone.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) at: Duration,
    pub(crate) phone: usize,
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Event(Event),
    Called(&'static str, CallResult),
    Sent(InvitationId),
    LoggedOut,
    Lost,
}

/// One thing that can travel next.
#[derive(Debug, Clone, Copy)]
enum Travel {
    Dial(usize),
    Up(u64),
    Down(u64),
    HangUp(u64),
}

#[derive(Default)]
struct Hand(Vec<Deed>);

enum Deed {
    Send(ClientFrame<'static>),
    Event(Event),
    Connect,
    Disconnect,
}

impl Device for Hand {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        self.0.push(Deed::Send(owned::client_frame(frame)));
    }

    fn event(&mut self, event: Event) {
        self.0.push(Deed::Event(event));
    }

    fn connect(&mut self) {
        self.0.push(Deed::Connect);
    }

    fn disconnect(&mut self) {
        self.0.push(Deed::Disconnect);
    }
}

#[derive(Default)]
struct Letters(Vec<(ConnectionId, Result<ServerFrame<'static>, ByeReason>)>);

impl Outbox for Letters {
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>) {
        self.0.push((connection, Ok(owned::server_frame(frame))));
    }

    fn close(&mut self, connection: ConnectionId, reason: ByeReason) {
        self.0.push((connection, Err(reason)));
    }
}

impl World {
    /// A server with these limits and a phone for each user, none of them logged in.
    pub(crate) fn new(limits: Limits, users: &[&str]) -> Self {
        let phones = users.iter().enumerate().map(|(place, user)| Phone {
            user: (*user).to_owned(),
            core: client::Core::new(&format!("p{place}")),
            wire: None,
            dialing: false,
            network: true,
            hold_up: false,
            hold_down: false,
            told: 0,
        });
        Self {
            now: server::Core::CLOCK_BEGIN,
            server: server::Core::new(limits),
            phones: phones.collect(),
            wires: BTreeMap::new(),
            serial: 0,
            log: Vec::new(),
            prompt: true,
            backwards: false,
        }
    }

    /// Alice, Bob and whoever else with the usual limits, all logged in.
    pub(crate) fn of(users: &[&str]) -> Self {
        Self::with(Limits::default(), users)
    }

    /// The same with other limits.
    pub(crate) fn with(limits: Limits, users: &[&str]) -> Self {
        let mut world = Self::new(limits, users);
        for phone in 0..users.len() {
            world.login(phone);
            world.told(phone);
        }
        world
    }

    fn on_phone<R>(
        &mut self,
        phone: usize,
        act: impl FnOnce(&mut client::Core, Duration, &mut Hand) -> R,
    ) -> R {
        let mut hand = Hand::default();
        let result = act(&mut self.phones[phone].core, self.now, &mut hand);
        for deed in hand.0 {
            match deed {
                Deed::Send(frame) => {
                    let wire = self.phones[phone].wire;
                    if let Some(wire) = wire.and_then(|wire| self.wires.get_mut(&wire)) {
                        wire.up.push_back(frame);
                    }
                }
                Deed::Event(event) => self.note(phone, What::Event(event)),
                Deed::Connect => self.phones[phone].dialing = true,
                Deed::Disconnect => {
                    self.phones[phone].dialing = false;
                    let wire = self.phones[phone].wire.take();
                    if let Some(wire) = wire.and_then(|wire| self.wires.get_mut(&wire)) {
                        wire.hung_up = true;
                        wire.down.clear();
                        self.note(phone, What::Lost);
                    }
                }
            }
        }
        result
    }

    fn on_server(&mut self, act: impl FnOnce(&mut server::Core, Duration, &mut Letters)) {
        let mut letters = Letters::default();
        act(&mut self.server, self.now, &mut letters);
        for (connection, letter) in letters.0 {
            let wire = self
                .wires
                .get_mut(&connection.0)
                .filter(|wire| !wire.hung_up);
            match (letter, wire) {
                (Ok(frame), Some(wire)) => wire.down.push_back(frame),
                (Ok(_), None) => {}
                (Err(reason), wire) => {
                    if let Some(wire) = wire {
                        wire.down.push_back(ServerFrame::Bye { reason });
                        wire.up.clear();
                    }
                    self.server.closed(self.now, connection);
                }
            }
        }
    }

    pub(crate) fn note(&mut self, phone: usize, what: What) {
        self.log.push(Entry {
            at: self.now,
            phone,
            what,
        });
    }

    // ---- What travels ----

    fn travels(&self) -> Vec<Travel> {
        let mut all = Vec::new();
        for (place, phone) in self.phones.iter().enumerate() {
            if phone.dialing && phone.network {
                all.push(Travel::Dial(place));
            }
        }
        for (number, wire) in &self.wires {
            let phone = &self.phones[wire.phone];
            if !wire.up.is_empty() && !phone.hold_up {
                all.push(Travel::Up(*number));
            }
            if !wire.down.is_empty() && !phone.hold_down {
                all.push(Travel::Down(*number));
            }
            if wire.hung_up && wire.up.is_empty() {
                all.push(Travel::HangUp(*number));
            }
        }
        all
    }

    fn travel(&mut self, travel: Travel) {
        match travel {
            Travel::Dial(phone) => {
                self.serial += 1;
                let wire = self.serial;
                self.wires.insert(
                    wire,
                    Wire {
                        phone,
                        up: VecDeque::new(),
                        down: VecDeque::new(),
                        hung_up: false,
                    },
                );
                self.phones[phone].dialing = false;
                self.phones[phone].wire = Some(wire);
                self.server.opened(self.now, ConnectionId(wire));
                self.on_phone(phone, |core, now, hand| core.connected(now, hand));
            }
            Travel::Up(number) => {
                let frame = self.wires.get_mut(&number).and_then(|w| w.up.pop_front());
                if let Some(frame) = frame {
                    self.say_over(ConnectionId(number), &frame);
                }
            }
            Travel::Down(number) => {
                let wire = self.wires.get_mut(&number).expect("it was listed");
                let phone = wire.phone;
                let frame = wire.down.pop_front().expect("it was listed");
                self.on_phone(phone, |core, now, hand| core.frame(now, &frame, hand));
            }
            Travel::HangUp(number) => {
                self.wires.remove(&number);
                self.server.closed(self.now, ConnectionId(number));
            }
        }
    }

    /// Gives the server a frame as if it came over that connection.
    pub(crate) fn say_over(&mut self, connection: ConnectionId, frame: &ClientFrame<'_>) {
        self.serial += 1;
        let secret: Arc<str> = Arc::from(format!("secret-{}", self.serial));
        self.on_server(|core, now, out| {
            if let ClientFrame::Login { user, session, .. } = frame {
                core.login(now, connection, (user, session.as_deref()), secret, out);
            } else {
                core.frame(now, connection, frame, out);
            }
        });
    }

    /// Tells the server that a text that is no frame came over that connection.
    pub(crate) fn bad_frame(&mut self, connection: u64, text: &str) {
        let refusal = ClientFrame::decode(text).expect_err("it is none");
        self.on_server(|core, _, out| core.bad_frame(ConnectionId(connection), &refusal, out));
        self.settle();
    }

    /// Lets the server drain; how many invitations are still open there.
    pub(crate) fn drain(&mut self) -> usize {
        let mut open = 0;
        self.on_server(|core, now, out| open = core.drain(now, out));
        self.settle();
        open
    }

    /// Gives the server a frame over the phone's connection, without its client knowing.
    pub(crate) fn forge(&mut self, phone: usize, frame: &ClientFrame<'_>) {
        let wire = self.phones[phone].wire.expect("a connection to forge on");
        self.say_over(ConnectionId(wire), frame);
        self.settle();
    }

    /// Gives the phone's client a frame as if the server had said it.
    pub(crate) fn forge_down(&mut self, phone: usize, frame: &ServerFrame<'_>) {
        self.on_phone(phone, |core, now, hand| core.frame(now, frame, hand));
        self.settle();
    }

    /// Lets one thing travel, chosen by a number. Whether there was one.
    pub(crate) fn step(&mut self, choice: usize) -> bool {
        let all = self.travels();
        if all.is_empty() {
            return false;
        }
        self.travel(all[choice % all.len()]);
        true
    }

    /// Lets everything travel that is not held, until nothing moves.
    pub(crate) fn deliver_all(&mut self) {
        while self.step(if self.backwards { usize::MAX } else { 0 }) {}
    }

    fn settle(&mut self) {
        if self.prompt {
            self.deliver_all();
        }
    }

    // ---- Time ----

    fn next_wake(&self) -> Option<Duration> {
        let phones = self
            .phones
            .iter()
            .filter_map(|phone| phone.core.next_wake());
        self.server.next_wake().into_iter().chain(phones).min()
    }

    fn tick(&mut self) {
        let now = self.now;
        if self.server.next_wake().is_some_and(|at| at <= now) {
            self.on_server(|core, now, out| core.tick(now, out));
        }
        for phone in 0..self.phones.len() {
            if self.phones[phone]
                .core
                .next_wake()
                .is_some_and(|at| at <= now)
            {
                self.on_phone(phone, |core, now, hand| core.tick(now, hand));
            }
        }
    }

    /// Lets time pass, serving every wake at its moment.
    pub(crate) fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        self.settle();
        while let Some(at) = self.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.tick();
            self.settle();
        }
        self.now = until;
    }

    /// Lets time pass until something falls due at the server.
    pub(crate) fn advance_to_next_limit(&mut self) {
        if let Some(at) = self.server.next_wake() {
            self.advance(at.saturating_sub(self.now));
        }
    }

    // ---- What phones do ----

    pub(crate) fn login(&mut self, phone: usize) {
        let user = self.phones[phone].user.clone();
        self.on_phone(phone, |core, now, hand| core.login(now, &user, None, hand));
        self.settle();
    }

    pub(crate) fn logout(&mut self, phone: usize) {
        self.on_phone(phone, |core, _, hand| core.logout(hand));
        self.note(phone, What::LoggedOut);
        self.settle();
    }

    /// Cuts the phone's network; both ends notice at once. What was under way is lost.
    pub(crate) fn drop(&mut self, phone: usize) {
        if let Some(wire) = self.vanish(phone) {
            self.server.closed(self.now, ConnectionId(wire));
        }
    }

    /// Cuts the phone's network; only the client notices.
    pub(crate) fn vanish(&mut self, phone: usize) -> Option<u64> {
        self.phones[phone].network = false;
        let wire = self.phones[phone].wire.take()?;
        self.wires.remove(&wire);
        self.note(phone, What::Lost);
        self.on_phone(phone, |core, now, hand| core.disconnected(now, hand));
        Some(wire)
    }

    /// The server dies with all that it knew and all that was under way, and another is there at once. Clients come back in
    /// their own time.
    pub(crate) fn restart(&mut self) {
        self.server = server::Core::new(Limits::default());
        self.wires.clear();
        for phone in 0..self.phones.len() {
            if self.phones[phone].wire.take().is_some() {
                self.note(phone, What::Lost);
                self.on_phone(phone, |core, now, hand| core.disconnected(now, hand));
            }
        }
    }

    /// Gives the phone its network back, and the client time to notice.
    pub(crate) fn reconnect(&mut self, phone: usize) {
        self.phones[phone].network = true;
        self.settle();
        while self.phones[phone].wire.is_none() && self.is_trying(phone) {
            if !self.phones[phone].dialing {
                let at = self.phones[phone].core.next_wake().expect("it tries again");
                self.advance(at.saturating_sub(self.now));
            }
            if !self.prompt {
                return;
            }
            self.settle();
        }
    }

    fn is_trying(&self, phone: usize) -> bool {
        matches!(
            self.phones[phone].core.connection_state(),
            ConnectionState::Connecting | ConnectionState::Reconnecting
        )
    }

    /// Creates an invitation to that user, and sends it.
    pub(crate) fn send(&mut self, phone: usize, callee: &str) -> InvitationId {
        let id = self.phones[phone]
            .core
            .create_local_invitation(callee, "Shall we?", "room-7");
        self.send_again(phone, &id);
        id
    }

    pub(crate) fn send_again(&mut self, phone: usize, id: &InvitationId) -> CallResult {
        self.note(phone, What::Sent(id.clone()));
        let result = self.on_phone(phone, |core, now, hand| {
            core.send_local_invitation(now, id, hand)
        });
        self.called(phone, "send", result)
    }

    pub(crate) fn cancel(&mut self, phone: usize, id: &str) -> CallResult {
        let result = self.on_phone(phone, |core, now, hand| {
            core.cancel_local_invitation(now, id, hand)
        });
        self.called(phone, "cancel", result)
    }

    pub(crate) fn accept(&mut self, phone: usize, id: &str) -> CallResult {
        let result = self.on_phone(phone, |core, _, hand| {
            core.accept_remote_invitation(id, "On my way", hand)
        });
        self.called(phone, "accept", result)
    }

    pub(crate) fn refuse(&mut self, phone: usize, id: &str) -> CallResult {
        let result = self.on_phone(phone, |core, _, hand| {
            core.refuse_remote_invitation(id, "Not today", hand)
        });
        self.called(phone, "refuse", result)
    }

    fn called(&mut self, phone: usize, call: &'static str, result: CallResult) -> CallResult {
        self.note(phone, What::Called(call, result));
        self.settle();
        result
    }

    // ---- What phones were told ----

    /// The number of the phone's connection.
    pub(crate) fn connection(&self, phone: usize) -> Option<u64> {
        self.phones[phone].wire
    }

    /// How long the first ringing that is under way to the phone says that it can be answered.
    pub(crate) fn remaining(&self, phone: usize) -> Option<Duration> {
        self.waiting_for(phone).iter().find_map(|frame| {
            if let ServerFrame::RemoteReceived { remaining, .. } = frame {
                Some(*remaining)
            } else {
                None
            }
        })
    }

    /// What the server has said to the phone and has not arrived.
    pub(crate) fn waiting_for(&self, phone: usize) -> Vec<ServerFrame<'static>> {
        let wire = self.phones[phone].wire.and_then(|w| self.wires.get(&w));
        wire.map_or_else(Vec::new, |wire| wire.down.iter().cloned().collect())
    }

    /// The callbacks and connection states since the last look, as texts.
    pub(crate) fn told(&mut self, phone: usize) -> Vec<String> {
        let news = self.log[self.phones[phone].told..]
            .iter()
            .filter(|entry| entry.phone == phone)
            .filter_map(|entry| match &entry.what {
                What::Event(event) => Some(name(event)),
                What::Called(..) | What::Sent(_) | What::LoggedOut | What::Lost => None,
            })
            .collect();
        self.phones[phone].told = self.log.len();
        news
    }

    /// Invitations that are open at the server, and that it remembers.
    pub(crate) fn tables(&self) -> (usize, usize) {
        let counts = self.server.counts();
        (counts.open_invitations, counts.invitations)
    }
}

/// An event as a text: the callback's name without the word invitation, and what it carries.
pub(crate) fn name(event: &Event) -> String {
    match event {
        Event::Local { callback, .. } => match callback {
            LocalCallback::ReceivedByPeer => "local ReceivedByPeer".to_owned(),
            LocalCallback::Accepted { response } => {
                format!("local Accepted {response}").trim_end().to_owned()
            }
            LocalCallback::Refused { response } => {
                format!("local Refused {response}").trim_end().to_owned()
            }
            LocalCallback::Canceled => "local Canceled".to_owned(),
            LocalCallback::Failure(code) => format!("local Failure {}", *code as u8),
        },
        Event::Remote { callback, .. } => match callback {
            RemoteCallback::Received { .. } => "remote Received".to_owned(),
            RemoteCallback::Accepted => "remote Accepted".to_owned(),
            RemoteCallback::Refused => "remote Refused".to_owned(),
            RemoteCallback::Canceled => "remote Canceled".to_owned(),
            RemoteCallback::Failure(code) => format!("remote Failure {}", *code as u8),
        },
        Event::Connection { state, reason } => {
            format!("connection {} {}", *state as u8, *reason as u8)
        }
        Event::TokenExpiring { .. } => "token expiring".to_owned(),
        Event::TokenRenewed { .. } => "token renewed".to_owned(),
        Event::Wire { note } => note.clone(),
        Event::Refused { code, .. } => format!("refused {code}"),
    }
}
