//! `repeat`: the same steps several times.

use std::ops::Range;

use super::super::Reader;
use super::super::fields::Fields;
use crate::scenario::tree::{Kind, Node};

pub(in crate::scenario::read) const KEYS: [&str; 4] = ["times", "index", "apart", "steps"];

/// How often steps may be repeated.
const TIMES_MAX: usize = 1_000;

impl Reader<'_> {
    /// The steps of a `repeat`, each time with its index, and with a wait between two times if they are to be apart. `None` if
    /// a bound was passed.
    pub(super) fn repeat(
        &mut self,
        key: &Range<usize>,
        value: &Node,
        written: &mut Vec<Node>,
    ) -> Option<()> {
        let Kind::Map(entries) = &value.kind else {
            self.wrong_shape(value, "a repeat, as `{ times: 3, steps: [STEPS] }`");
            return Some(());
        };
        let mut fields = Fields::of(&mut self.log, entries);
        fields.only(&mut self.log, &KEYS, "a repeat");
        let times = self.needed(&fields, "times", key, "a repeat");
        let steps = self.needed(&fields, "steps", key, "a repeat");
        let times = match times {
            Some(field) => {
                let times = self.expanded(field.value)?;
                self.number(&times, 1, TIMES_MAX)
            }
            None => None,
        };
        let index = fields.get("index");
        let name = index.and_then(|field| Some((self.word(field.value, "a name")?, field)));
        let nodes = steps.and_then(|field| match &field.value.kind {
            Kind::List(nodes) if nodes.is_empty() => {
                self.empty_list(field);
                None
            }
            Kind::List(nodes) => Some(nodes),
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::Map(_) => {
                self.wrong_shape(field.value, "a list of steps");
                None
            }
        });
        let (Some(times), Some(nodes)) = (times, nodes) else {
            return Some(());
        };
        let before = self.expansion.given.len();
        if let Some((name, field)) = name {
            let first = Node {
                span: field.value.span.clone(),
                kind: Kind::Nothing,
            };
            self.expansion.give(name, &field.value.span, first);
        }
        for time in 1..=times {
            if let (Some(given), Some(_)) = (self.expansion.given.get_mut(before), &name) {
                given.value.kind = Kind::Text(time.to_string());
            }
            if let (Some(apart), true) = (fields.get("apart"), time > 1) {
                let key = Node {
                    span: apart.key_at.clone(),
                    kind: Kind::Text("wait".to_owned()),
                };
                let wait = Kind::Map(vec![(key, self.expanded(apart.value)?)]);
                written.push(self.counted(apart.key_at.clone(), wait)?);
            }
            written.extend(self.expanded_list(nodes)?);
        }
        self.forget_since(before, "the index");
        Some(())
    }
}
