//! One thread of a flood, with its own people, connections, calls, schedule, checker and histograms.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::sync::mpsc::Sender;
use std::time::Duration;

use foldhash::HashMap;
use mio::{Events, Poll};
use ringcheck_reference::client::{Event, InvitationId};
use slab::Slab;

use super::call::Call;
use super::kept::Kept;
use super::kill;
use super::measure::Measures;
use super::pace::Arrivals;
use super::past::Memory;
use super::person::{Ground, Person};
use super::plan::{Model, Plan, chance};
use super::stage::Stage;
use super::texts::Texts;
use super::times::{Came, Times};
use super::wire::{Address, Wire};
use super::witness::{Who, Witness};
use crate::coverage::Reached;
use crate::history::{Clocks, UserId};
use crate::lifecycle::{Finding, Verdict};

/// What all threads of a flood are given.
#[derive(Debug)]
pub(super) struct Common<'a> {
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a Stage,
    pub(super) address: &'a Address,
    pub(super) clocks: Clocks,
    /// What begins every user id.
    pub(super) run: &'a str,
    /// What begins every invitation id: nobody else's ever did.
    pub(super) instance: &'a str,
}

/// What a thread tells while it works.
#[derive(Debug)]
pub(super) enum News {
    /// What was measured since the last time.
    Second {
        measures: Box<Measures>,
        times: Vec<Times>,
        in_flight: usize,
        thread: usize,
        /// What the thread has worked since the last time.
        worked: Duration,
    },
    /// The end of the work.
    Done(Box<Done>),
}

/// What a thread leaves.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) measures: Box<Measures>,
    pub(super) times: Vec<Times>,
    pub(super) reached: Reached,
    pub(super) verdict: Option<Verdict>,
    pub(super) violations: Vec<Finding>,
    pub(super) kept: Vec<Kept>,
}

/// One thread of a flood.
pub(super) struct Worker<'a> {
    pub(super) common: &'a Common<'a>,
    pub(super) texts: &'a Texts<'a>,
    /// Which thread of how many.
    pub(super) share: (usize, usize),
    poll: Poll,
    /// The callers at even places, each with its callee behind it.
    pub(super) people: Vec<Person>,
    pub(super) calls: Slab<Call>,
    pub(super) places: HashMap<InvitationId, usize>,
    /// When which call is to be answered or cancelled; the number tells calls in one slot apart.
    pub(super) acts: BinaryHeap<Reverse<(Duration, usize, u32)>>,
    /// When which core wants to be called.
    wakes: BinaryHeap<Reverse<(Duration, usize)>>,
    told: VecDeque<Event>,
    dirty: Vec<usize>,
    /// Pairs that begin another call at once.
    pub(super) again: Vec<usize>,
    arrivals: Option<Arrivals>,
    /// The arrival that is due next, from the opening on.
    arrival: Option<Duration>,
    pub(super) now: Duration,
    pub(super) witness: Witness,
    pub(super) memory: Memory,
    pub(super) measures: Box<Measures>,
    /// The times of calls that were not told yet.
    pub(super) times: Vec<Times>,
    /// Storms that are over.
    storms: usize,
    /// When connections are killed, the next time of it, and how often it was done.
    pub(super) kills: Option<Arrivals>,
    pub(super) kill: Option<Duration>,
    pub(super) killed: usize,
    /// Who is away until when.
    pub(super) away: Vec<(Duration, usize)>,
    /// Connections that stand still.
    pub(super) stalled: VecDeque<Wire>,
    /// Calls that this thread has planned.
    pub(super) planned: u64,
    /// People whose log-in is under way, and how many have begun theirs.
    pub(super) entering: usize,
    invited: usize,
    told_at: Duration,
    /// What the thread had worked when it told last.
    worked: Duration,
    pub(super) opens: Option<Duration>,
    /// When no more calls are begun.
    closes: Option<Duration>,
    is_filled: bool,
    news: Sender<News>,
}

/// How often a thread looks whether the flood is to begin or to end.
const GLANCE: Duration = Duration::from_millis(20);

/// How often a thread tells what it has measured.
const SECOND: Duration = Duration::from_secs(1);

/// How many connections are told of at once.
const EVENTS: usize = 1024;

impl<'a> Worker<'a> {
    pub(super) fn new(
        common: &'a Common<'a>,
        texts: &'a Texts<'a>,
        share: (usize, usize),
        news: Sender<News>,
    ) -> io::Result<Self> {
        let (thread, threads) = share;
        let plan = common.plan;
        let person = |number: usize, side: char| {
            let name: UserId = format!("{}-{side}{number}", common.run).into();
            let instance = format!("{}{side}{number}", common.instance);
            Person::new(name, &instance)
        };
        let pairs = (0..plan.pairs).skip(thread).step_by(threads);
        let mut arrivals = match &plan.model {
            Model::Closed { .. } => None,
            Model::Open { pace, spacing, .. } => {
                Some(Arrivals::new(pace.clone(), *spacing, plan.seed))
            }
        };
        let mut kills = kill::arrivals(plan, share);
        // Each thread takes every so-manieth, so that together they keep the plan of one.
        let arrival = arrivals.as_mut().and_then(|all| all.nth(thread));
        Ok(Self {
            common,
            texts,
            share,
            poll: Poll::new()?,
            people: pairs
                .flat_map(|pair| [person(pair, 'a'), person(pair, 'b')])
                .collect(),
            calls: Slab::new(),
            places: HashMap::default(),
            acts: BinaryHeap::new(),
            wakes: BinaryHeap::new(),
            told: VecDeque::new(),
            dirty: Vec::new(),
            again: Vec::new(),
            arrivals,
            arrival,
            now: common.stage.now(),
            witness: Witness::new(common.clocks, plan.is_judging),
            memory: Memory::new(common.clocks),
            measures: Box::new(Measures::new()),
            times: Vec::new(),
            storms: 0,
            kill: kills.as_mut().and_then(Iterator::next),
            kills,
            killed: 0,
            away: Vec::new(),
            stalled: VecDeque::new(),
            planned: 0,
            entering: 0,
            invited: 0,
            told_at: Duration::ZERO,
            worked: Duration::ZERO,
            opens: None,
            closes: None,
            is_filled: false,
            news,
        })
    }

    /// Works until the flood is over.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while !self.is_through() {
            let wait = self.wait();
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => result?,
            }
            for event in &events {
                self.now = self.common.stage.now();
                let is_ending = event.is_read_closed() || event.is_error();
                self.stir(event.token().0, is_ending);
            }
            self.now = self.common.stage.now();
            self.look_up();
            self.enter();
            self.wake();
            self.storm();
            self.kill_due();
            self.come_back();
            self.act_due();
            self.begin_due();
            self.flush();
            self.tell();
        }
        self.leave();
        Ok(())
    }

    /// What the people of this thread have to do with each other, one of them apart.
    pub(super) fn person(&mut self, place: usize) -> Option<(&mut Person, Ground<'_>)> {
        let person = self.people.get_mut(place)?;
        if !std::mem::replace(&mut person.is_dirty, true) {
            self.dirty.push(place);
        }
        let ground = Ground {
            registry: self.poll.registry(),
            address: self.common.address,
            told: &mut self.told,
        };
        Some((person, ground))
    }

    /// Who somebody is, for the judge.
    pub(super) fn who((place, person): (usize, &Person), at: Duration) -> Who<'_> {
        Who {
            at,
            place,
            name: &person.name,
            session: person.session,
        }
    }

    /// How long nothing is to be done unless the system has something.
    fn wait(&self) -> Duration {
        let mut until = self.now + GLANCE;
        if !self.again.is_empty() {
            return Duration::ZERO;
        }
        if let Some(Reverse((at, ..))) = self.acts.peek() {
            until = until.min(*at);
        }
        if let Some(Reverse((at, _))) = self.wakes.peek() {
            until = until.min(*at);
        }
        if let (Some(opens), Some(arrival)) = (self.opens, self.arrival) {
            until = until.min(opens + arrival);
        }
        until.saturating_sub(self.common.stage.now())
    }

    /// Reads what is there for one connection, and has people do what comes of it.
    fn stir(&mut self, place: usize, is_ending: bool) {
        let now = self.now;
        let Some((person, mut ground)) = self.person(place) else {
            return;
        };
        if !person.wake(is_ending) {
            person.stir(now, place, &mut ground);
            self.hear(place);
        }
        while let Some((person, mut ground)) = self.person(place)
            && person.take(now, place, &mut ground)
        {
            self.hear(place);
        }
        self.hear(place);
        self.arm(place);
    }

    /// Has people do what comes of what one of them has been told.
    pub(super) fn hear(&mut self, place: usize) {
        while let Some(event) = self.told.pop_front() {
            self.heard(place, &event);
        }
    }

    /// Sees to it that a core is called when it wants to be.
    pub(super) fn arm(&mut self, place: usize) {
        if let Some(person) = self.people.get_mut(place)
            && let Some(wake) = person.core.next_wake()
            && person.armed.is_none_or(|armed| wake < armed)
        {
            person.armed = Some(wake);
            self.wakes.push(Reverse((wake, place)));
        }
    }

    /// Calls the cores that wanted to be called by now.
    fn wake(&mut self) {
        let now = self.now;
        while let Some(Reverse((at, place))) = self.wakes.peek().copied()
            && at <= now
        {
            self.wakes.pop();
            let Some((person, mut ground)) = self.person(place) else {
                continue;
            };
            // An alarm that was overtaken by an earlier one.
            if person.armed != Some(at) {
                continue;
            }
            person.armed = None;
            if person.core.next_wake().is_some_and(|wake| wake <= now) {
                person.act(now, place, &mut ground, |core, hand| core.tick(now, hand));
                self.hear(place);
            }
            self.arm(place);
        }
    }

    /// Lets the next people log in.
    fn enter(&mut self) {
        let now = self.now;
        let access = &self.common.plan.access;
        let (_, threads) = self.share;
        let room = match self.common.plan.logins_per_s {
            // The clock of the stage begins with the first log-in.
            Some(rate) => (now.as_secs_f64() * rate / threads as f64) as usize + 1,
            None => usize::MAX,
        };
        let room = room.min(self.people.len());
        while self.entering < self.common.plan.logins_at_once && self.invited < room {
            let place = self.invited;
            self.invited += 1;
            self.entering += 1;
            if let Some((person, mut ground)) = self.person(place) {
                let (name, token) = (person.name.clone(), access.token(&person.name));
                person.act(now, place, &mut ground, |core, hand| {
                    core.login(now, &name, token.as_deref(), hand);
                });
                self.hear(place);
                self.arm(place);
            }
        }
    }

    /// Cuts the connections of those whom a storm hits that is due.
    fn storm(&mut self) {
        let (plan, now) = (self.common.plan, self.now);
        let (Some(opens), (thread, threads)) = (self.opens, self.share) else {
            return;
        };
        while let Some(storm) = plan.storms.get(self.storms)
            && opens + storm.at <= now
        {
            self.storms += 1;
            let use_ = 1 + self.storms as u64;
            for place in 0..self.people.len() {
                // The number that it has among all users, whatever thread it is on.
                let number = 2 * (thread + place / 2 * threads) + place % 2;
                if storm.hits(chance(plan.seed, number as u64, use_))
                    && let Some((person, mut ground)) = self.person(place)
                {
                    drop(person.cut(now, place, &mut ground));
                    self.hear(place);
                    self.arm(place);
                }
            }
        }
    }

    /// Looks whether the flood has begun, or is to end.
    fn look_up(&mut self) {
        let (plan, stage) = (self.common.plan, self.common.stage);
        if self.opens.is_none() {
            self.opens = stage.opens();
            self.told_at = self.opens.unwrap_or_default();
            self.worked = worked();
        }
        let over = self.opens.map(|opens| opens + plan.warm_up + plan.duration);
        if self.closes.is_none()
            && (stage.is_over()
                || over.is_some_and(|over| over <= self.now && self.arrival.is_none()))
        {
            self.closes = Some(self.now);
        }
    }

    /// Whether calls are begun now.
    pub(super) fn is_open(&self) -> bool {
        self.closes.is_none() && self.opens.is_some_and(|opens| opens <= self.now)
    }

    /// Whether a call that is due then counts.
    pub(super) fn counts(&self, due: Duration) -> bool {
        self.opens
            .is_some_and(|opens| due >= opens + self.common.plan.warm_up)
    }

    fn is_through(&self) -> bool {
        let Some(closes) = self.closes else {
            return false;
        };
        let plan = self.common.plan;
        self.calls.is_empty()
            || self.common.stage.is_dead()
            || self.now >= closes + plan.drain(&self.common.clocks)
    }

    /// Begins the calls that are due.
    fn begin_due(&mut self) {
        if !self.is_open() {
            self.again.clear();
            return;
        }
        if let Model::Closed { in_flight } = &self.common.plan.model
            && !std::mem::replace(&mut self.is_filled, true)
        {
            for pair in 0..self.people.len() / 2 {
                self.again.extend(std::iter::repeat_n(pair, *in_flight));
            }
        }
        // What ends at once is begun again in the next turn, so that others come between.
        for pair in std::mem::take(&mut self.again) {
            self.begin(pair, self.now);
        }
        let Some(opens) = self.opens else { return };
        while let Some(arrival) = self.arrival
            && opens + arrival <= self.now
        {
            let pairs = (self.people.len() / 2).max(1) as u64;
            self.begin((self.planned % pairs) as usize, opens + arrival);
            let (_, threads) = self.share;
            self.arrival = self.arrivals.as_mut().and_then(|all| all.nth(threads - 1));
        }
    }

    /// Answers and cancels what is due to be.
    fn act_due(&mut self) {
        while let Some(Reverse((at, key, number))) = self.acts.peek().copied()
            && at <= self.now
        {
            self.acts.pop();
            if self
                .calls
                .get(key)
                .is_some_and(|call| call.number == number)
            {
                self.act(key, at);
            }
        }
    }

    /// Says everything that waits to be said.
    fn flush(&mut self) {
        let now = self.now;
        while let Some(place) = self.dirty.pop() {
            let Some(person) = self.people.get_mut(place) else {
                continue;
            };
            let mut ground = Ground {
                registry: self.poll.registry(),
                address: self.common.address,
                told: &mut self.told,
            };
            person.flush(now, place, &mut ground);
            if !self.told.is_empty() {
                self.hear(place);
                self.arm(place);
            }
        }
    }

    /// Tells what was measured, once a second.
    fn tell(&mut self) {
        if self.opens.is_none_or(|opens| self.now < opens) || self.now < self.told_at + SECOND {
            return;
        }
        self.told_at += SECOND;
        self.witness.look(self.now);
        self.keep();
        self.measures.violations = std::mem::take(&mut self.witness.violations);
        let worked = worked();
        let fresh = Box::new(Measures::new());
        let news = News::Second {
            measures: std::mem::replace(&mut self.measures, fresh),
            times: std::mem::take(&mut self.times),
            in_flight: self.calls.len(),
            thread: self.share.0,
            worked: worked.saturating_sub(self.worked),
        };
        self.worked = worked;
        // Nobody listens any more only when the flood was given up.
        let _ = self.news.send(news);
    }

    /// Keeps the calls about which something was found.
    pub(super) fn keep(&mut self) {
        let found = self.witness.found();
        if !found.is_empty() {
            self.memory.found(found);
        }
        if self.memory.is_wanting() {
            let carried = (&*self.people, self.texts);
            self.memory.keep(&self.calls, carried, false);
        }
    }

    /// Ends the account and the judging, and says goodbye.
    fn leave(mut self) {
        self.now = self.common.stage.now();
        self.keep();
        let verdict = self.witness.finish(self.now).map(|(verdict, found)| {
            self.memory.found(found);
            verdict
        });
        let carried = (&*self.people, self.texts);
        self.memory.keep(&self.calls, carried, true);
        for call in self.calls.drain() {
            if self.common.plan.tells_times {
                self.times.push(call.times(Came::Indeterminate, None));
            }
            if call.counts {
                self.measures.counts.indeterminate += 1;
            } else {
                self.measures.warm_up.indeterminate += 1;
            }
        }
        self.measures.violations = self.witness.violations;
        let now = self.now;
        for place in 0..self.people.len() {
            if !self.vanishes(place)
                && let Some((person, mut ground)) = self.person(place)
            {
                person.act(now, place, &mut ground, |core, hand| core.logout(hand));
            }
        }
        let _ = self.news.send(News::Done(Box::new(Done {
            measures: self.measures,
            times: self.times,
            reached: self.memory.reached,
            verdict,
            violations: self.witness.findings,
            kept: self.memory.kept,
        })));
    }
}

/// How long this thread has worked, where the system tells.
fn worked() -> Duration {
    #[cfg(unix)]
    if let Ok(worked) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID) {
        return worked.into();
    }
    Duration::ZERO
}
