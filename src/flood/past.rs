//! What a thread remembers of its calls, so that one that broke the lifecycle can be kept whole.

use std::collections::VecDeque;

use foldhash::{HashMap, HashSet};
use ringcheck_reference::client::InvitationId;
use slab::Slab;

use super::call::Call;
use super::kept::{KEPT_MAX, Kept};
use super::log::{self, Carried, Note};
use super::mix::Course;
use super::person::Person;
use super::texts::Texts;
use crate::coverage::{Reached, reached};
use crate::history::{Clocks, Header, History, Order};
use crate::lifecycle::{Finding, FindingKind};

/// How many calls that are over a thread remembers: the judge may find something about one only later.
const REMEMBERED_MAX: usize = 1024;

/// A call that is over.
#[derive(Debug)]
struct Past {
    id: InvitationId,
    pair: usize,
    course: Course,
    number: u32,
    log: Vec<Note>,
}

/// What a thread remembers of its calls.
#[derive(Debug)]
pub(super) struct Memory {
    clocks: Clocks,
    past: VecDeque<Past>,
    /// Room for the events of calls to come.
    spare: Vec<Vec<Note>>,
    /// How many calls were kept for each rule, or are meant to be.
    counts: HashMap<&'static str, usize>,
    /// What was found about calls that are still on their way.
    wanted: Vec<Finding>,
    pub(super) kept: Vec<Kept>,
    /// The ways that calls have taken, as digests: each is followed once.
    ways: HashSet<u64>,
    /// What these ways reach of the lifecycle.
    pub(super) reached: Reached,
}

/// How many different ways are followed; more are those of a target that does what it likes.
const WAYS_MAX: usize = 4096;

impl Memory {
    pub(super) fn new(clocks: Clocks) -> Self {
        Self {
            clocks,
            past: VecDeque::new(),
            spare: Vec::new(),
            counts: HashMap::default(),
            wanted: Vec::new(),
            kept: Vec::new(),
            ways: HashSet::default(),
            reached: Reached::default(),
        }
    }

    /// Notes what a call has reached, if none has gone that way before.
    fn follow(&mut self, call: &Call, (people, texts): (&[Person], &Texts<'_>)) {
        if self.ways.len() >= WAYS_MAX || !self.ways.insert(log::way(&call.log)) {
            return;
        }
        let carried = Carried {
            people,
            texts,
            id: &call.id,
            pair: call.pair,
            number: call.number,
        };
        let history = History {
            header: Header {
                clocks: self.clocks,
                order: Order::Causal,
                end: call.log.last().map_or(call.started, |note| note.at),
            },
            events: carried.events(&call.log),
        };
        self.reached.add(&reached(&history));
    }

    /// Room for the events of a call.
    pub(super) fn room(&mut self) -> Vec<Note> {
        self.spare.pop().unwrap_or_default()
    }

    /// Remembers a call that is over.
    pub(super) fn remember(&mut self, call: Call, carried: (&[Person], &Texts<'_>)) {
        self.follow(&call, carried);
        if self.past.len() == REMEMBERED_MAX
            && let Some(mut oldest) = self.past.pop_front()
        {
            oldest.log.clear();
            self.spare.push(oldest.log);
        }
        self.past.push_back(Past {
            id: call.id,
            pair: call.pair,
            course: call.course,
            number: call.number,
            log: call.log,
        });
    }

    /// Where what is told of a call that is over goes.
    pub(super) fn late(&mut self, id: &InvitationId) -> Option<&mut Vec<Note>> {
        let past = self.past.iter_mut().rev().find(|past| past.id == *id)?;
        Some(&mut past.log)
    }

    /// Notes what was found, and keeps the calls it is about as soon as they are over.
    pub(super) fn found(&mut self, found: Vec<Finding>) {
        for finding in found {
            if finding.kind != FindingKind::Violation || finding.invitation.is_none() {
                continue;
            }
            let count = self.counts.entry(finding.rule.id).or_default();
            if *count < KEPT_MAX {
                *count += 1;
                self.wanted.push(finding);
            }
        }
    }

    /// Whether some call is to be kept.
    pub(super) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Keeps the calls that are wanted: those that are over, and at the end the others as well.
    pub(super) fn keep(
        &mut self,
        calls: &Slab<Call>,
        (people, texts): (&[Person], &Texts<'_>),
        is_end: bool,
    ) {
        let mut waiting = Vec::new();
        for finding in std::mem::take(&mut self.wanted) {
            let Some(id) = finding.invitation.clone() else {
                continue;
            };
            let open = calls.iter().find(|(_, call)| call.id == id);
            let (pair, course, number, log) = match open {
                Some(_) if !is_end => {
                    waiting.push(finding);
                    continue;
                }
                Some((_, call)) => (call.pair, call.course, call.number, &call.log),
                None => match self.past.iter().rev().find(|past| past.id == id) {
                    Some(past) => (past.pair, past.course, past.number, &past.log),
                    // Found out so late that the call is forgotten.
                    None => continue,
                },
            };
            let carried = Carried {
                people,
                texts,
                id: &id,
                pair,
                number,
            };
            self.kept.push(Kept {
                course,
                content: texts.content(number).text.clone(),
                channel: texts.channel(number).text.clone(),
                response: texts.response(number).text.clone(),
                events: carried.with_links(log),
                finding,
            });
        }
        self.wanted = waiting;
    }
}
