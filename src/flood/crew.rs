//! The threads of a flood from the first log-in to the last goodbye, and what they come to together.

use std::collections::VecDeque;
use std::io;
use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::http::Uri;

use super::line::Tls;
use super::measure::Measures;
use super::outcome::{Ended, Outcome, Second};
use super::plan::Plan;
use super::stage::Stage;
use super::texts::Texts;
use super::times::Times;
use super::wire::Address;
use super::worker::{Common, Done, News, Worker};
use crate::coverage::Reached;
use crate::history::Clocks;

/// Why a flood could not be begun.
#[derive(Debug, thiserror::Error)]
pub enum FloodError {
    /// The URL is none that a flood can reach.
    #[error("`{url}` cannot be flooded: {reason}\nhint: write it as `ws://127.0.0.1:7000`")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not everybody was let in.
    #[error("{entered} of {users} users were let in, and then {why}")]
    KeptOut {
        /// How many were let in.
        entered: usize,
        /// How many there are.
        users: usize,
        /// What kept the next one out.
        why: String,
    },
    /// The system gives no thread or no event queue.
    #[error("the flood cannot be made here: {0}")]
    System(#[from] io::Error),
}

/// What is told of a stretch of a flood.
#[derive(Debug)]
pub struct Told<'a> {
    /// The second that has ended; `None` for what was measured after the last whole one.
    pub second: Option<&'a Second>,
    /// What was measured in it.
    pub measures: &'a Measures,
    /// The times of the calls that ended in it, if the plan wants them told.
    pub times: &'a [Times],
}

/// Who is told.
type Watch<'w> = dyn FnMut(&Told<'_>) + 'w;

/// Between the last log-in and the first call, so that all threads have heard of it.
const BREATH: Duration = Duration::from_millis(100);

/// With nobody connected for so long, the target is taken for dead. A client tries to connect again several times in it.
const DEAD_AFTER: Duration = Duration::from_secs(2);

/// How often the crew looks up when nothing is told.
const GLANCE: Duration = Duration::from_millis(20);

/// Floods a target whose clocks are known. `watch` sees every second as it ends. `interrupts` counts how often it was told
/// to end: at the first no more calls are begun, and at the second those on their way are given up.
///
/// # Errors
/// [`FloodError`] when no call could be made.
pub fn flood(
    plan: &Plan,
    clocks: Clocks,
    interrupts: &AtomicUsize,
    watch: &mut Watch<'_>,
) -> Result<Outcome, FloodError> {
    let address = address(plan)?;
    let stage = Stage::new();
    let threads = plan.threads.min(plan.pairs).max(1);
    // Each thread has its own, so that threads do not contend for its reference count.
    let texts: Vec<Texts<'_>> = (0..threads).map(|_| Texts::new(plan)).collect();
    let mut own = [0; 6];
    getrandom::fill(&mut own).map_err(|error| io::Error::other(error.to_string()))?;
    let common = Common {
        plan,
        stage: &stage,
        address: &address,
        clocks,
        run: &format!("f{:06x}", plan.seed & 0xff_ffff),
        instance: &own
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
    };
    std::thread::scope(|scope| {
        let (sender, news) = channel();
        for (thread, texts) in texts.iter().enumerate() {
            let worker = Worker::new(&common, texts, (thread, threads), sender.clone());
            let worker = worker.inspect_err(|_| stage.die())?;
            let stage = &stage;
            let work = move || worker.run().inspect_err(|_| stage.die());
            std::thread::Builder::new()
                .name(format!("flood-{thread}"))
                .spawn_scoped(scope, work)
                .inspect_err(|_| stage.die())?;
        }
        drop(sender);
        Crew::new(plan, &stage, threads).lead(&news, interrupts, watch)
    })
}

fn address(plan: &Plan) -> Result<Address, FloodError> {
    let url = &plan.target;
    let wrong = |reason: String| FloodError::Url {
        url: url.clone(),
        reason,
    };
    let uri: Uri = url
        .parse()
        .map_err(|error| wrong(format!("it is not a URL: {error}")))?;
    let port = match uri.scheme_str() {
        Some("ws") => 80,
        Some("wss") => 443,
        Some(_) | None => return Err(wrong("a flood speaks `ws://` or `wss://`".to_owned())),
    };
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut sockets = (host, uri.port_u16().unwrap_or(port))
        .to_socket_addrs()
        .map_err(|error| wrong(error.to_string()))?;
    let socket = sockets
        .next()
        .ok_or_else(|| wrong("its host has no address".to_owned()))?;
    let tls = match plan.access.trust().filter(|_| port == 443) {
        None => None,
        Some(trust) => Some(Tls {
            config: trust.config(),
            name: ServerName::try_from(host.to_owned())
                .map_err(|error| wrong(error.to_string()))?,
        }),
    };
    let sources = plan.sources.clone();
    Ok(Address {
        uri,
        socket,
        tls,
        sources,
    })
}

/// A second of which not every thread has told.
struct Open {
    measures: Measures,
    times: Vec<Times>,
    second: Second,
    threads: usize,
}

/// What the threads come to together, as it grows.
struct Crew<'a> {
    plan: &'a Plan,
    stage: &'a Stage,
    threads: usize,
    total: Measures,
    seconds: Vec<Second>,
    /// Seconds of which not every thread has told.
    open: VecDeque<Open>,
    /// How many seconds each thread has told of.
    told: Vec<usize>,
    /// When calls were last begun.
    stopped: Option<Duration>,
    /// Whether the target is gone.
    is_dead: bool,
    /// Since when nobody is connected.
    alone: Option<Duration>,
}

impl<'a> Crew<'a> {
    fn new(plan: &'a Plan, stage: &'a Stage, threads: usize) -> Self {
        Self {
            plan,
            stage,
            threads,
            total: Measures::new(),
            seconds: Vec::new(),
            open: VecDeque::new(),
            told: vec![0; threads],
            stopped: None,
            is_dead: false,
            alone: None,
        }
    }

    /// Leads the threads through the flood, until all are done.
    fn lead(
        mut self,
        news: &Receiver<News>,
        interrupts: &AtomicUsize,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome, FloodError> {
        let mut done = Vec::new();
        loop {
            match news.recv_timeout(GLANCE) {
                Ok(News::Done(one)) => done.push(*one),
                Ok(second @ News::Second { .. }) => self.hear(second, watch),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            match interrupts.load(Ordering::Relaxed) {
                0 => self.look(),
                1 => {
                    self.stopped.get_or_insert_with(|| self.stage.now());
                    self.stage.end();
                    self.look();
                }
                _ => self.stage.die(),
            }
        }
        let users = 2 * self.plan.pairs;
        let Some(opens) = self.stage.opens() else {
            let entered = self.stage.entered.load(Ordering::Relaxed);
            let why = self
                .stage
                .refused()
                .unwrap_or_else(|| "it was told to end".to_owned());
            return Err(FloodError::KeptOut {
                entered,
                users,
                why,
            });
        };
        while let Some(open) = self.open.pop_front() {
            self.close(open, watch);
        }
        let is_interrupted = interrupts.load(Ordering::Relaxed) > 0;
        Ok(self.conclude(opens, done, is_interrupted, watch))
    }

    /// Lets the calls begin when everybody is there, and gives up a target that is gone.
    fn look(&mut self) {
        let (stage, now) = (self.stage, self.stage.now());
        if stage.opens().is_none() {
            if stage.refused().is_some() {
                stage.die();
            } else if stage.entered.load(Ordering::Relaxed) == 2 * self.plan.pairs {
                stage.open(now + BREATH);
            }
        } else if stage.connected.load(Ordering::Relaxed) > 0 {
            self.alone = None;
        } else if now >= *self.alone.get_or_insert(now) + DEAD_AFTER && !stage.is_dead() {
            self.stopped.get_or_insert(now);
            self.is_dead = true;
            stage.die();
        }
    }

    fn hear(&mut self, news: News, watch: &mut Watch<'_>) {
        let News::Second {
            measures,
            times,
            in_flight,
            thread,
            worked,
        } = news
        else {
            return;
        };
        let Some(told) = self.told.get_mut(thread) else {
            return;
        };
        let place = *told - self.seconds.len();
        *told += 1;
        while self.open.len() <= place {
            let number = self.seconds.len() + self.open.len();
            self.open.push_back(Open {
                measures: Measures::new(),
                times: Vec::new(),
                second: Second::new(number),
                threads: 0,
            });
        }
        if let Some(open) = self.open.get_mut(place) {
            open.measures.add(&measures);
            open.times.extend(times);
            open.second.in_flight += in_flight;
            open.second.cpu += worked.as_secs_f64() / self.threads as f64;
            open.threads += 1;
        }
        while let Some(open) = self.open.front()
            && open.threads == self.threads
            && let Some(open) = self.open.pop_front()
        {
            self.close(open, watch);
        }
    }

    /// A second of which every thread has told.
    fn close(&mut self, open: Open, watch: &mut Watch<'_>) {
        let Open {
            measures,
            times,
            mut second,
            ..
        } = open;
        second.measured(&measures);
        self.total.add(&measures);
        watch(&Told {
            second: Some(&second),
            measures: &measures,
            times: &times,
        });
        self.seconds.push(second);
    }

    fn conclude(
        mut self,
        opens: Duration,
        done: Vec<Done>,
        is_interrupted: bool,
        watch: &mut Watch<'_>,
    ) -> Outcome {
        let (mut violations, mut verdicts, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        let (mut rest, mut times, mut reached) = (Measures::new(), Vec::new(), Reached::default());
        for one in done {
            rest.add(&one.measures);
            times.extend(one.times);
            reached.add(&one.reached);
            violations.extend(one.violations);
            verdicts.extend(one.verdict);
            kept.extend(one.kept);
        }
        watch(&Told {
            second: None,
            measures: &rest,
            times: &times,
        });
        self.total.add(&rest);
        violations.sort_by_key(|one| one.at);
        kept.sort_by_key(|one| one.finding.at);
        let begins = opens + self.plan.warm_up;
        let ends = begins + self.plan.duration;
        let ends = self.stopped.map_or(ends, |stopped| stopped.min(ends));
        let ended = if self.is_dead {
            Ended::Died
        } else if is_interrupted {
            Ended::Interrupted
        } else {
            Ended::AsPlanned
        };
        let ago = self.stage.now().saturating_sub(begins);
        let now = SystemTime::now();
        Outcome {
            ended,
            began: now.checked_sub(ago).unwrap_or(now),
            duration: ends.saturating_sub(begins),
            entering: opens.saturating_sub(BREATH),
            measures: self.total,
            seconds: self.seconds,
            violations,
            kept,
            exercised: super::outcome::together(&verdicts),
            reached,
        }
    }
}
