//! What a thread remembers of its calls, so that one that broke the lifecycle can be kept whole.

use std::collections::VecDeque;

use foldhash::HashMap;
use ringcheck_reference::client::InvitationId;
use slab::Slab;

use super::call::Call;
use super::kept::{KEPT_MAX, Kept};
use super::mix::Course;
use super::texts::Texts;
use crate::history::Event;
use crate::lifecycle::{Finding, FindingKind};

/// How many calls that are over a thread remembers: the judge may find something about one only later.
const REMEMBERED_MAX: usize = 1024;

/// A call that is over.
#[derive(Debug)]
struct Past {
    id: InvitationId,
    course: Course,
    number: u32,
    events: Vec<Event>,
}

/// What a thread remembers of its calls.
#[derive(Debug, Default)]
pub(super) struct Memory {
    past: VecDeque<Past>,
    /// Room for the events of calls to come.
    spare: Vec<Vec<Event>>,
    /// How many calls were kept for each rule, or are meant to be.
    counts: HashMap<&'static str, usize>,
    /// What was found about calls that are still on their way.
    wanted: Vec<Finding>,
    pub(super) kept: Vec<Kept>,
}

impl Memory {
    /// Room for the events of a call.
    pub(super) fn room(&mut self) -> Vec<Event> {
        self.spare.pop().unwrap_or_default()
    }

    /// Remembers a call that is over.
    pub(super) fn remember(&mut self, call: Call) {
        if self.past.len() == REMEMBERED_MAX
            && let Some(mut oldest) = self.past.pop_front()
        {
            oldest.events.clear();
            self.spare.push(oldest.events);
        }
        self.past.push_back(Past {
            id: call.id,
            course: call.course,
            number: call.number,
            events: call.events,
        });
    }

    /// Where what is told of a call that is over goes.
    pub(super) fn late(&mut self, id: &InvitationId) -> Option<&mut Vec<Event>> {
        let past = self.past.iter_mut().rev().find(|past| past.id == *id)?;
        Some(&mut past.events)
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
    pub(super) fn keep(&mut self, calls: &Slab<Call>, texts: &Texts, is_end: bool) {
        let mut waiting = Vec::new();
        for finding in std::mem::take(&mut self.wanted) {
            let Some(id) = finding.invitation.clone() else {
                continue;
            };
            let open = calls.iter().find(|(_, call)| call.id == id);
            let (course, number, events) = match open {
                Some(_) if !is_end => {
                    waiting.push(finding);
                    continue;
                }
                Some((_, call)) => (call.course, call.number, &call.events),
                None => match self.past.iter().rev().find(|past| past.id == id) {
                    Some(past) => (past.course, past.number, &past.events),
                    // Found out so late that the call is forgotten.
                    None => continue,
                },
            };
            self.kept.push(Kept {
                course,
                content: texts.content(number).text.clone(),
                channel: texts.channel.text.clone(),
                response: texts.response(number).text.clone(),
                events: events.clone(),
                finding,
            });
        }
        self.wanted = waiting;
    }
}
