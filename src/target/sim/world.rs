//! Everybody and everything between them: one value that is told how far time has come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use oorandom::Rand64;
use ringcheck_reference::client;
use ringcheck_reference::fault::Fault;
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::{self, ConnectionId};
use ringcheck_reference::wire::{ByeReason, ClientFrame, ServerFrame};

use super::edge::{Deed, Hand, Letter, Post};
use super::link::{Link, Parcel};
use super::phone::{Dial, Phone};
use super::weather::{Tally, Weather};
use crate::history::{UserId, What};
use crate::target::reference::seen_event;

/// Something that a participant did or heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, on the world's clock.
    pub at: Duration,
    /// Which participant.
    pub phone: usize,
    /// What.
    pub what: What,
}

/// A server core and client cores, the links between them, the time, and all of the chance.
#[derive(Debug)]
pub struct World {
    pub(super) now: Duration,
    limits: Limits,
    fault: Option<Fault>,
    seed: u64,
    chance: Rand64,
    pub(super) weather: Weather,
    /// `None` while it is down.
    pub(super) server: Option<server::Core>,
    pub(super) phones: Vec<Phone>,
    pub(super) links: BTreeMap<u64, Link>,
    agenda: BinaryHeap<Reverse<(Duration, u64, Due)>>,
    serial: u64,
    log: Vec<Entry>,
    pub(super) tally: Tally,
    /// When the frame that arrived last had left, over which link.
    last_left: (Duration, u64),
}

/// Something that happens at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A connection that a phone is making is there.
    Dial { phone: usize, number: u64 },
    /// Something arrives at the server.
    AtServer { link: u64, left: Duration },
    /// Something arrives at the client.
    AtClient { link: u64, left: Duration },
    /// The server notices that the connection is gone.
    GoneAtServer { link: u64 },
    /// The client notices that the connection is gone.
    GoneAtClient { link: u64 },
    /// The server is there again.
    Up,
}

/// What the secret names of sessions begin with.
const SECRET: &str = "secret-";

/// Frames over a new connection of which some come twice, if the weather is such.
const REPEATED_AFTER_RETURN: u32 = 12;

impl World {
    /// A server with these limits, and nobody there. All chance comes from `seed`.
    pub fn new(limits: Limits, seed: u64, weather: Weather, fault: Option<Fault>) -> Self {
        let mut world = Self {
            now: server::Core::CLOCK_BEGIN,
            limits,
            fault,
            seed,
            chance: Rand64::new(u128::from(seed)),
            weather,
            server: None,
            phones: Vec::new(),
            links: BTreeMap::new(),
            agenda: BinaryHeap::new(),
            serial: 0,
            log: Vec::new(),
            tally: Tally::default(),
            last_left: (Duration::ZERO, 0),
        };
        world.boot();
        world
    }

    /// Adds a participant who logs in as that user.
    pub fn add(&mut self, user: &str) -> usize {
        let place = self.phones.len();
        let per_phone = |values: &[Duration]| values.get(place).copied().unwrap_or_default();
        self.phones.push(Phone {
            user: UserId::from(user),
            core: self.fresh_core(place, 0),
            lives: 0,
            link: None,
            dial: Dial::Idle,
            network: true,
            ahead: per_phone(&self.weather.ahead),
            pace: per_phone(&self.weather.pace),
            connections: 0,
            admitted: 0,
        });
        place
    }

    pub(super) fn fresh_core(&self, place: usize, life: u32) -> client::Core {
        client::Core::new(&format!("{:x}p{place}l{life}", self.seed))
    }

    /// The time since the world began.
    pub fn now(&self) -> Duration {
        self.now.saturating_sub(server::Core::CLOCK_BEGIN)
    }

    /// When something happens next by itself.
    pub fn next(&self) -> Option<Duration> {
        self.next_due()
            .map(|at| at.saturating_sub(server::Core::CLOCK_BEGIN))
    }

    /// What was recorded since the last time.
    pub fn drain(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.log)
    }

    /// What it has come to so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// What is in the server's tables; `None` while it is down.
    pub fn counts(&self) -> Option<server::Counts> {
        self.server.as_ref().map(server::Core::counts)
    }

    /// A participant's client.
    pub fn client(&self, phone: usize) -> Option<&client::Core> {
        self.phone(phone).map(|phone| &phone.core)
    }

    /// When the session of a participant was begun: of two of one user, the one with the higher number ended the other.
    pub fn admitted(&self, phone: usize) -> u64 {
        self.phone(phone).map_or(0, |phone| phone.admitted)
    }

    /// How many participants there are.
    pub fn len(&self) -> usize {
        self.phones.len()
    }

    /// Whether nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.phones.is_empty()
    }

    pub(super) fn phone(&self, phone: usize) -> Option<&Phone> {
        self.phones.get(phone)
    }

    /// A number below `bound`, by chance.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.chance.rand_range(0..bound.max(1))
    }

    // ---- Time ----

    /// Lets everything happen that is due until then, each at its time.
    pub fn run_until(&mut self, until: Duration) {
        let until = server::Core::CLOCK_BEGIN + until;
        while let Some(at) = self.next_due().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.turn();
        }
        self.now = self.now.max(until);
    }

    fn next_due(&self) -> Option<Duration> {
        let agenda = self.agenda.peek().map(|Reverse((at, _, _))| *at);
        let server = self.server.as_ref().and_then(server::Core::next_wake);
        let phones = self.phones.iter().filter_map(|phone| {
            let wake = phone.core.next_wake()?;
            Some(wake.saturating_sub(phone.ahead))
        });
        agenda.into_iter().chain(server).chain(phones).min()
    }

    /// Does one thing that is due: what arrives at the very moment of a limit is heard before the limit.
    fn turn(&mut self) {
        let now = self.now;
        let is_due = |Reverse((at, ..)): &Reverse<(Duration, u64, Due)>| *at <= now;
        if self.agenda.peek().is_some_and(is_due)
            && let Some(Reverse((.., due))) = self.agenda.pop()
        {
            return self.happen(due);
        }
        let server = self.server.as_ref().and_then(server::Core::next_wake);
        if server.is_some_and(|at| at <= now) {
            return self.on_server(|core, now, post| core.tick(now, post));
        }
        let wakes = |phone: &Phone| {
            let wake = phone.core.next_wake();
            wake.is_some_and(|at| at <= now + phone.ahead)
        };
        if let Some(phone) = self.phones.iter().position(wakes) {
            self.on_phone(phone, |core, now, hand| core.tick(now, hand));
        }
    }

    pub(super) fn at(&mut self, at: Duration, due: Due) {
        self.serial += 1;
        self.agenda.push(Reverse((at, self.serial, due)));
    }

    pub(super) fn latency(&mut self) -> Duration {
        let (least, most) = self.weather.latency;
        let spread = u64::try_from((most - least).as_micros()).unwrap_or(0);
        least + Duration::from_micros(self.below(spread + 1))
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Dial { phone, number } => self.dialed(phone, number),
            Due::AtServer { link, left } => self.arrive_at_server(link, left),
            Due::AtClient { link, left } => self.arrive_at_client(link, left),
            Due::GoneAtServer { link } => self.gone_at_server(link),
            Due::GoneAtClient { link } => self.gone_at_client(link),
            Due::Up => self.boot(),
        }
    }

    // ---- The cores ----

    pub(super) fn on_phone<R>(
        &mut self,
        place: usize,
        act: impl FnOnce(&mut client::Core, Duration, &mut Hand) -> R,
    ) -> Option<R> {
        let mut hand = Hand::default();
        let phone = self.phones.get_mut(place)?;
        let result = act(&mut phone.core, self.now + phone.ahead, &mut hand);
        for deed in hand.0 {
            match deed {
                Deed::Say(letter) => self.say(place, letter),
                Deed::Tell(event) => {
                    if let client::Event::Connection { .. } = event {
                        self.count_return(place, &event);
                    }
                    if let Some(what) = seen_event(&event) {
                        self.note(place, what);
                    }
                }
                Deed::Connect => self.dial(place),
                Deed::Disconnect => self.hang_up(place),
            }
        }
        Some(result)
    }

    fn on_server(&mut self, act: impl FnOnce(&mut server::Core, Duration, &mut Post)) {
        let Some(server) = &mut self.server else {
            return;
        };
        let mut post = Post::default();
        act(server, self.now, &mut post);
        for (link, letter) in post.0 {
            match letter {
                Ok(text) => self.tell(link, text),
                Err(reason) => self.close(link, reason),
            }
        }
    }

    pub(super) fn note(&mut self, phone: usize, what: What) {
        let at = self.now();
        self.log.push(Entry { at, phone, what });
    }

    fn count_return(&mut self, place: usize, event: &client::Event) {
        let back = matches!(
            event,
            client::Event::Connection {
                state: client::ConnectionState::Connected,
                ..
            }
        );
        let again = self.phone(place).is_some_and(|it| it.connections > 1);
        self.tally.resumed += u64::from(back && again);
    }

    // ---- Connections ----

    pub(super) fn dial(&mut self, place: usize) {
        self.serial += 1;
        let number = self.serial;
        let Some(phone) = self.phones.get_mut(place) else {
            return;
        };
        if !phone.network {
            phone.dial = Dial::Waiting;
            return;
        }
        phone.dial = Dial::Made(number);
        let at = self.now + self.latency();
        self.at(
            at,
            Due::Dial {
                phone: place,
                number,
            },
        );
    }

    fn dialed(&mut self, place: usize, number: u64) {
        let Some(phone) = self.phones.get_mut(place) else {
            return;
        };
        if phone.dial != Dial::Made(number) {
            return;
        }
        if !phone.network {
            phone.dial = Dial::Waiting;
            return;
        }
        phone.dial = Dial::Idle;
        if self.server.is_none() {
            self.on_phone(place, |core, now, hand| core.disconnected(now, hand));
            return;
        }
        phone.link = Some(number);
        phone.connections += 1;
        self.links.insert(number, Link::new(place));
        self.on_server(|core, now, _| core.opened(now, ConnectionId(number)));
        self.on_phone(place, |core, now, hand| core.connected(now, hand));
    }

    /// The client closes its connection once what it said is out.
    fn hang_up(&mut self, place: usize) {
        let Some(phone) = self.phones.get_mut(place) else {
            return;
        };
        phone.dial = Dial::Idle;
        let Some(number) = phone.link.take() else {
            return;
        };
        let at = self.now + self.latency();
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        self.tally.lost += link.heard.clear() as u64;
        // What was held is not out, and never will be.
        self.tally.lost += link.sent.drop_held() as u64;
        let at = link.sent.push(at, Parcel::Close);
        let left = self.now;
        self.at(at, Due::AtServer { link: number, left });
    }

    /// Puts what a client says on its way.
    fn say(&mut self, place: usize, letter: Letter) {
        let Some((number, again)) = self
            .phone(place)
            .and_then(|phone| Some((phone.link?, phone.connections > 1)))
        else {
            return;
        };
        let times = if self.weather.duplicates && again && letter.repeatable {
            1 + self.below(2)
        } else {
            1
        };
        for time in 0..times {
            let (left, at) = (self.now, self.now + self.latency());
            let Some(link) = self.links.get_mut(&number) else {
                return;
            };
            if time > 0 && link.sent.count > REPEATED_AFTER_RETURN {
                return;
            }
            self.tally.repeated += u64::from(time > 0);
            let at = link.sent.push(at, Parcel::Frame(letter.text.clone()));
            self.at(at, Due::AtServer { link: number, left });
        }
    }

    /// Puts what a client is told on its way.
    fn tell(&mut self, number: u64, text: String) {
        let (left, soonest) = (self.now, self.now + self.latency());
        let max = self.limits.outbox_bytes_max;
        let pace = self
            .links
            .get(&number)
            .and_then(|link| self.phone(link.phone))
            .map_or(Duration::ZERO, |phone| phone.pace);
        let Some(link) = self.links.get_mut(&number).filter(|link| link.served) else {
            return;
        };
        if link.heard.bytes() + text.len() > max {
            link.heard.clear();
            self.tally.slow += 1;
            return self.close(number, ByeReason::SlowConsumer);
        }
        let at = link.heard.push_paced(soonest, pace, Parcel::Frame(text));
        self.at(at, Due::AtClient { link: number, left });
    }

    /// The server says goodbye over a connection and closes it.
    fn close(&mut self, number: u64, reason: ByeReason) {
        let (left, at) = (self.now, self.now + self.latency());
        if let Some(link) = self.links.get_mut(&number).filter(|link| link.served) {
            link.served = false;
            let bye = ServerFrame::Bye { reason }.encode();
            link.heard.push(at, Parcel::Frame(bye));
            let at = link.heard.push(at, Parcel::Close);
            self.tally.silent += u64::from(reason == ByeReason::Silence);
            self.at(at, Due::AtClient { link: number, left });
            self.at(at, Due::AtClient { link: number, left });
        }
        self.on_server(|core, now, _| core.closed(now, ConnectionId(number)));
    }

    fn count_overtaking(&mut self, link: u64, left: Duration) {
        let (last, other) = self.last_left;
        self.tally.overtaken += u64::from(left < last && other != link);
        self.last_left = (left, link);
        self.tally.frames += 1;
    }

    fn arrive_at_server(&mut self, number: u64, left: Duration) {
        let now = self.now;
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        let Some(parcel) = link.sent.pop(now) else {
            return;
        };
        if !link.served {
            return;
        }
        match parcel {
            Parcel::Close => self.gone_at_server(number),
            Parcel::Frame(text) => {
                self.count_overtaking(number, left);
                self.serial += 1;
                let secret: Arc<str> = Arc::from(format!("{SECRET}{}", self.serial));
                let connection = ConnectionId(number);
                self.on_server(|core, now, post| match ClientFrame::decode(&text) {
                    Ok(ClientFrame::Login { user, session, .. }) => {
                        core.login(now, connection, (&user, session.as_deref()), secret, post);
                    }
                    Ok(frame) => core.frame(now, connection, &frame, post),
                    Err(refusal) => core.bad_frame(connection, &refusal, post),
                });
            }
        }
    }

    fn arrive_at_client(&mut self, number: u64, left: Duration) {
        let now = self.now;
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        let place = link.phone;
        let Some(parcel) = link.heard.pop(now) else {
            return;
        };
        if self.phone(place).and_then(|phone| phone.link) != Some(number) {
            return;
        }
        match parcel {
            Parcel::Close => self.gone_at_client(number),
            Parcel::Frame(text) => {
                self.count_overtaking(number, left);
                if let Ok(frame) = ServerFrame::decode(&text) {
                    self.note_session(place, &frame);
                    self.on_phone(place, |core, now, hand| core.frame(now, &frame, hand));
                }
            }
        }
    }

    /// Notes which session a phone is given: servers name them by a count.
    fn note_session(&mut self, place: usize, frame: &ServerFrame<'_>) {
        if let ServerFrame::Welcome { session, .. } = frame
            && let Some(phone) = self.phones.get_mut(place)
        {
            let count = session.strip_prefix(SECRET).map(str::parse);
            phone.admitted = count.and_then(Result::ok).unwrap_or(0);
        }
    }

    pub(super) fn gone_at_server(&mut self, number: u64) {
        if let Some(link) = self.links.get_mut(&number).filter(|link| link.served) {
            link.served = false;
            self.tally.lost += link.sent.clear() as u64;
            self.on_server(|core, now, _| core.closed(now, ConnectionId(number)));
        }
        self.forget(number);
    }

    fn gone_at_client(&mut self, number: u64) {
        let Some(place) = self.links.get(&number).map(|link| link.phone) else {
            return;
        };
        if let Some(phone) = self.phones.get_mut(place)
            && phone.link == Some(number)
        {
            phone.link = None;
            if let Some(link) = self.links.get_mut(&number) {
                self.tally.lost += link.heard.clear() as u64;
            }
            self.on_phone(place, |core, now, hand| core.disconnected(now, hand));
        }
        self.forget(number);
    }

    /// Drops a link that neither end has any more.
    fn forget(&mut self, number: u64) {
        let Some(link) = self.links.get(&number) else {
            return;
        };
        let held = self
            .phone(link.phone)
            .is_some_and(|it| it.link == Some(number));
        if !link.served && !held {
            self.links.remove(&number);
        }
    }

    fn boot(&mut self) {
        self.server = Some(match self.fault {
            Some(fault) => server::Core::deviant(self.limits, fault),
            None => server::Core::new(self.limits),
        });
    }
}
