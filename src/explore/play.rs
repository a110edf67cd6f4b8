//! Playing a plan in a simulated world, and writing down what everybody did and heard.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::time::Duration;

use ringcheck_reference::client::{ConnectionState, Core};
use ringcheck_reference::fault::Fault;
use ringcheck_reference::limits::Limits;
use ringcheck_reference::server::Counts;

use super::plan::{Plan, What};
use super::trouble::Trouble;
use crate::history::{
    Callback, ConnectionReason, ConnectionState as Seen, Event, Header, History, InvitationId,
    Order, Side, UserId, What as Told,
};
use crate::scenario::plan::Way;
use crate::target::sim::{Entry, Simulation, Tally, Words, World};

/// After everything else, all connections are healed and nobody does anything for so long: the longest life of an
/// invitation, how long its ending is remembered, and how long a dead connection may go unnoticed.
const QUIET: Duration = Duration::from_secs(95 + 95 + 60);

/// How long the log-outs at the very end may take.
const LEAVING: Duration = Duration::from_secs(2);

/// How long clients may take to come back to a server that is there again: their longest pause between two attempts.
const COMING_BACK: Duration = Duration::from_secs(7);

/// How long a dead connection may go unnoticed: two heartbeats and a half, and the way back.
const UNNOTICED: Duration = Duration::from_secs(26);

/// What a plan came to.
#[derive(Debug)]
pub struct Played {
    /// What everybody did and heard, until everybody was logged out.
    pub history: History,
    /// The device of each event of the history.
    pub devices: Vec<usize>,
    /// Invitations by their place in the plan, once they were created.
    pub ids: Vec<Option<InvitationId>>,
    /// What the network did.
    pub tally: Tally,
    /// What struck, and how often.
    pub struck: BTreeMap<Trouble, u64>,
    /// Invitations that are open at the end at a client that has a session, by their ids and users.
    pub open: Vec<(InvitationId, UserId)>,
    /// What is in the server's tables after the quiet period.
    pub after_quiet: Option<Counts>,
    /// What is in them when everybody has logged out.
    pub after_all: Option<Counts>,
    /// Users of whom a client died: nobody can know how that client's invitations ended.
    pub crashed: BTreeSet<UserId>,
    /// Who could not hear or be heard without knowing it, from when to when on the history's clock.
    pub deaf: Vec<(UserId, Duration, Duration)>,
    /// Users of whom a device came back after another of theirs had been let in and had left.
    pub returned: BTreeSet<UserId>,
    /// Caller and callee of each invitation.
    pub parties: HashMap<InvitationId, (UserId, UserId)>,
}

/// Plays a plan on the reference, with a deviation if one is asked for.
pub fn play(plan: &Plan, fault: Option<Fault>) -> Played {
    let mut stage = Stage::new(plan, fault);
    stage.run();
    stage.close()
}

/// Something that somebody does, or that befalls somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Login(usize),
    Ring(usize),
    Cancel(usize),
    Answer {
        ring: usize,
        device: usize,
        which: usize,
    },
    Mishap(usize),
    Reconnect(usize),
    Release(usize, bool),
    Heal,
}

struct Stage<'p> {
    plan: &'p Plan,
    world: World,
    agenda: BinaryHeap<Reverse<(Duration, u64, Deed)>>,
    serial: u64,
    ids: Vec<Option<InvitationId>>,
    rings: HashMap<InvitationId, usize>,
    events: Vec<Event>,
    devices: Vec<usize>,
    /// How many log-ins each user has begun, and the one of each device.
    sessions: HashMap<UserId, u32>,
    session_of: BTreeMap<usize, u32>,
    /// Those log-ins of each user that were let in, with when the server did.
    let_in: HashMap<UserId, Vec<(u64, u32)>>,
    returned: BTreeSet<UserId>,
    struck: BTreeMap<Trouble, u64>,
    crashed: BTreeSet<UserId>,
    deaf: Vec<(UserId, Duration, Duration)>,
    parties: HashMap<InvitationId, (UserId, UserId)>,
}

impl<'p> Stage<'p> {
    fn new(plan: &'p Plan, fault: Option<Fault>) -> Self {
        let usual = Limits::default();
        let limits = Limits {
            outbox_bytes_max: plan.outbox_bytes_max.unwrap_or(usual.outbox_bytes_max),
            ..usual
        };
        let mut stage = Self {
            plan,
            world: World::new(limits, plan.seed, plan.weather.clone(), fault),
            agenda: BinaryHeap::new(),
            serial: 0,
            ids: vec![None; plan.rings.len()],
            rings: HashMap::new(),
            events: Vec::new(),
            devices: Vec::new(),
            sessions: HashMap::new(),
            session_of: BTreeMap::new(),
            let_in: HashMap::new(),
            returned: BTreeSet::new(),
            struck: BTreeMap::new(),
            crashed: BTreeSet::new(),
            deaf: Vec::new(),
            parties: HashMap::new(),
        };
        for (place, device) in plan.devices.iter().enumerate() {
            stage.world.add(&Plan::user_id(device.user));
            if let Some(at) = device.login {
                stage.at(at, Deed::Login(place));
            }
        }
        for (place, ring) in plan.rings.iter().enumerate() {
            stage.at(ring.at, Deed::Ring(place));
        }
        for (place, mishap) in plan.mishaps.iter().enumerate() {
            stage.at(mishap.at, Deed::Mishap(place));
        }
        stage
    }

    fn at(&mut self, at: Duration, deed: Deed) {
        self.serial += 1;
        self.agenda.push(Reverse((at, self.serial, deed)));
    }

    /// Does everything at its time, and ends when it has been quiet for long.
    fn run(&mut self) {
        let healed = self.plan.over();
        self.at(healed, Deed::Heal);
        let end = healed + QUIET;
        loop {
            let due = self.agenda.peek().map(|Reverse(next)| next.0);
            let until = due.map_or(end, |due| due.min(end));
            // What is heard at the same moment is heard first.
            if let Some(next) = self.world.next().filter(|next| *next <= until) {
                self.world.run_until(next);
                self.write_down();
                continue;
            }
            self.world.run_until(until);
            self.write_down();
            if due.is_none_or(|due| due > end) {
                return;
            }
            if let Some(Reverse((_, _, deed))) = self.agenda.pop() {
                self.perform(deed);
                self.write_down();
            }
        }
    }

    fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Login(device) => self.login(device),
            Deed::Ring(place) => self.ring(place),
            Deed::Cancel(place) => {
                let ring = self.plan.rings.get(place);
                let id = self.ids.get(place).cloned().flatten();
                if let (Some(ring), Some(id)) = (ring, id)
                    && self.shows(ring.caller, &id, Side::Local)
                {
                    self.world.cancel(ring.caller, &id);
                }
            }
            Deed::Answer {
                ring,
                device,
                which,
            } => {
                let answer = self
                    .plan
                    .rings
                    .get(ring)
                    .and_then(|it| it.answers.get(which));
                let id = self.ids.get(ring).cloned().flatten();
                if let (Some(answer), Some(id)) = (answer, id)
                    && self.shows(device, &id, Side::Remote)
                {
                    if answer.accept {
                        self.world.accept(device, &id, "On my way");
                    } else {
                        self.world.refuse(device, &id, "Not today");
                    }
                }
            }
            Deed::Mishap(place) => self.befall(place),
            Deed::Reconnect(device) => self.world.reconnect(device),
            Deed::Release(device, sent) => {
                let way = if sent { Way::Sent } else { Way::Heard };
                self.world.hold(device, way, false);
            }
            Deed::Heal => {
                for device in 0..self.plan.devices.len() {
                    self.world.reconnect(device);
                    self.world.hold(device, Way::Sent, false);
                    self.world.hold(device, Way::Heard, false);
                }
            }
        }
    }

    /// Logs in. A client that the server has shut out is begun anew for that.
    fn login(&mut self, device: usize) {
        let client = self.world.client(device);
        let state = client.map(Core::connection_state);
        if state == Some(ConnectionState::Aborted) {
            self.world.crash(device);
        }
        self.world.login(device);
    }

    /// Whether a person could do something about an invitation there: a client that logged out or died since has forgotten
    /// it.
    fn shows(&self, device: usize, id: &InvitationId, side: Side) -> bool {
        let client = self.world.client(device);
        let shown = client.is_some_and(|client| match side {
            Side::Local => client.local(id).is_some(),
            Side::Remote => client.remote(id).is_some(),
        });
        shown && self.in_use(device)
    }

    /// Whether a person would use that device: nobody does that is logged in on another.
    fn in_use(&self, device: usize) -> bool {
        let user = |place: usize| self.plan.devices.get(place).map(|device| device.user);
        let has_session =
            |place: usize| self.world.client(place).is_some_and(|it| it.has_session());
        let mut others = (0..self.plan.devices.len())
            .filter(|place| *place != device && user(*place) == user(device));
        has_session(device) || !others.any(has_session)
    }

    fn ring(&mut self, place: usize) {
        let Some(ring) = self.plan.rings.get(place) else {
            return;
        };
        if !self.in_use(ring.caller) {
            return;
        }
        let words = Words {
            callee: &Plan::user_id(ring.callee),
            content: "Shall we?",
            channel: "room-7",
        };
        let Some(id) = self.world.create(ring.caller, words) else {
            return;
        };
        if let Some(own) = self.ids.get_mut(place) {
            *own = Some(id.clone());
        }
        self.rings.insert(id.clone(), place);
        if let Some(caller) = self.user_of(ring.caller) {
            let callee = UserId::from(words.callee);
            self.parties.insert(id.clone(), (caller, callee));
        }
        self.world.send(ring.caller, &id);
        if let Some(after) = ring.cancel {
            let times = if ring.cancel_again { 2 } else { 1 };
            for _ in 0..times {
                self.at(self.world.now() + after, Deed::Cancel(place));
            }
        }
    }

    fn befall(&mut self, place: usize) {
        let Some(mishap) = self.plan.mishaps.get(place) else {
            return;
        };
        let (now, device) = (self.world.now(), mishap.device);
        let client = self.world.client(device);
        let there = client.is_some_and(Core::has_session);
        let wanted = match mishap.what {
            What::Login => !there,
            What::Restart(_) => true,
            What::Interrupt
            | What::Away(_)
            | What::Vanish
            | What::Forsake
            | What::Hold(..)
            | What::Crash(_)
            | What::Logout(_) => there,
        };
        if wanted {
            *self.struck.entry(mishap.what.trouble()).or_default() += 1;
        }
        let cut_off =
            client.is_some_and(|it| it.connection_state() == ConnectionState::Reconnecting);
        let for_good = matches!(
            mishap.what,
            What::Crash(_) | What::Logout(_) | What::Away(_)
        );
        if cut_off && for_good {
            // The server may hold a connection that is none, and nobody comes back to end it.
            self.deafen(device, UNNOTICED);
        }
        match mishap.what {
            What::Interrupt => self.world.interrupt(device),
            What::Away(time) => {
                self.world.drop(device);
                self.at(now + time, Deed::Reconnect(device));
            }
            What::Vanish => self.world.vanish(device),
            What::Forsake => {
                self.world.forsake(device);
                self.deafen(device, UNNOTICED);
            }
            What::Hold(way, time) => {
                self.world.hold(device, way, true);
                self.deafen(device, time.min(UNNOTICED));
                self.at(now + time, Deed::Release(device, way == Way::Sent));
            }
            What::Crash(time) => {
                if there {
                    self.crashed.extend(self.user_of(device));
                }
                self.world.crash(device);
                self.at(now + time, Deed::Login(device));
            }
            What::Login => self.login(device),
            What::Logout(time) => {
                self.world.logout(device);
                self.at(now + time, Deed::Login(device));
            }
            What::Restart(time) => {
                self.world.restart(time);
                for device in 0..self.plan.devices.len() {
                    self.deafen(device, time + COMING_BACK);
                }
            }
        }
    }

    /// Notes that a device is cut off for so long at most and does not know.
    fn deafen(&mut self, device: usize, time: Duration) {
        let ahead = self.plan.weather.ahead.get(device);
        let from = self.world.now() + ahead.copied().unwrap_or_default();
        if let Some(user) = self.user_of(device) {
            self.deaf.push((user, from, from + time));
        }
    }

    fn user_of(&self, device: usize) -> Option<UserId> {
        let device = self.plan.devices.get(device)?;
        Some(UserId::from(Plan::user_id(device.user)))
    }

    /// Takes down what was done and heard, and lets callees make up their minds about it.
    fn write_down(&mut self) {
        for Entry { at, phone, what } in self.world.drain() {
            let Some(user) = self.user_of(phone) else {
                continue;
            };
            self.consider(phone, at, &what);
            if let Told::Connection {
                reason: ConnectionReason::Login,
                ..
            } = what
            {
                let sessions = self.sessions.entry(user.clone()).or_insert(0);
                *sessions += 1;
                self.session_of.insert(phone, *sessions);
            }
            if let Told::Connection {
                state: Seen::Connected,
                ..
            } = what
            {
                self.admit(phone, &user);
            }
            let ahead = self.plan.weather.ahead.get(phone);
            self.devices.push(phone);
            self.events.push(Event {
                at: at + ahead.copied().unwrap_or_default(),
                user,
                session: self.session_of.get(&phone).copied().unwrap_or(0),
                what,
            });
        }
    }

    /// Numbers log-ins in the order in which the server let them in: one that was overtaken on its way, or whose session had
    /// ended when it came back, is another.
    fn admit(&mut self, device: usize, user: &UserId) {
        let admitted = self.world.admitted(device);
        let own = self.session_of.get(&device).copied().unwrap_or(0);
        let known = self.let_in.entry(user.clone()).or_default();
        if known
            .iter()
            .any(|(before, number)| *before < admitted && *number > own)
        {
            let sessions = self.sessions.entry(user.clone()).or_insert(0);
            *sessions += 1;
            self.session_of.insert(device, *sessions);
            self.returned.insert(user.clone());
        }
        let own = self.session_of.get(&device).copied().unwrap_or(0);
        known.push((admitted, own));
    }

    fn consider(&mut self, device: usize, at: Duration, what: &Told) {
        let Told::CalledBack {
            callback: Callback::RemoteReceived,
            invitation,
            ..
        } = what
        else {
            return;
        };
        let Some(ring) = self.rings.get(invitation).copied() else {
            return;
        };
        let answers = self
            .plan
            .rings
            .get(ring)
            .map(|ring| ring.answers.as_slice());
        for (which, answer) in answers.unwrap_or_default().iter().enumerate() {
            let deed = Deed::Answer {
                ring,
                device,
                which,
            };
            self.at(at + answer.after, deed);
        }
    }

    /// Looks at what is left, lets everybody log out, and hands in the record.
    fn close(mut self) -> Played {
        let ahead = self.plan.weather.ahead.iter().max().copied();
        let end = self.world.now() + ahead.unwrap_or_default();
        let (open, after_quiet) = (self.still_open(), self.world.counts());
        let history = History {
            header: Header {
                clocks: Simulation::clocks(),
                // Clocks that differ are recorders of their own.
                order: if ahead.is_some() {
                    Order::PerUser
                } else {
                    Order::Causal
                },
                end,
            },
            events: std::mem::take(&mut self.events),
        };
        for device in 0..self.plan.devices.len() {
            self.world.logout(device);
        }
        self.world.run_until(self.world.now() + LEAVING);
        let tally = self.world.tally();
        self.note_weather(&tally);
        Played {
            history,
            devices: self.devices,
            ids: self.ids,
            tally,
            struck: self.struck,
            open,
            after_quiet,
            after_all: self.world.counts(),
            crashed: self.crashed,
            deaf: self.deaf,
            returned: self.returned,
            parties: self.parties,
        }
    }

    fn still_open(&self) -> Vec<(InvitationId, UserId)> {
        let mut open = Vec::new();
        for device in 0..self.plan.devices.len() {
            let client = self.world.client(device).filter(|it| it.has_session());
            let (Some(client), Some(user)) = (client, self.user_of(device)) else {
                continue;
            };
            for id in self.ids.iter().flatten() {
                let local = client.local(id).is_some_and(|it| !it.state.is_ended());
                let remote = client.remote(id).is_some_and(|it| !it.state.is_ended());
                if local || remote {
                    open.push((id.clone(), user.clone()));
                }
            }
        }
        open
    }

    fn note_weather(&mut self, tally: &Tally) {
        let happened = [
            (Trouble::Delay, tally.frames),
            (Trouble::Reorder, tally.overtaken),
            (Trouble::Duplicate, tally.repeated),
            (Trouble::Skew, 1),
            (Trouble::SlowReader, tally.frames),
            (Trouble::Burst, 1),
        ];
        for (trouble, times) in happened {
            if times > 0 && self.plan.troubles.contains(&trouble) {
                self.struck.insert(trouble, times);
            }
        }
    }
}
