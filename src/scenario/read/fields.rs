//! The keys of a mapping: each once, each known, each found by name.

use std::ops::Range;

use crate::scenario::names;
use crate::scenario::problem::{self, Log};
use crate::scenario::tree::{Kind, Node};

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'n> {
    pub(super) key: &'n str,
    pub(super) key_at: &'n Range<usize>,
    pub(super) value: &'n Node,
}

/// The keys of a mapping in their order.
pub(super) struct Fields<'n> {
    pub(super) all: Vec<Field<'n>>,
}

impl<'n> Fields<'n> {
    /// The keys of a mapping. Notes those that are no texts, and those that stand there twice.
    pub(super) fn of(log: &mut Log<'_>, entries: &'n [(Node, Node)]) -> Self {
        let mut all: Vec<Field<'n>> = Vec::new();
        for (key, value) in entries {
            let key_at = &key.span;
            let Kind::Text(key) = &key.kind else {
                log.add(
                    problem::WRONG_SHAPE,
                    key_at,
                    format!("a key is a word, not {}", key.kind.words()),
                    "expected a word",
                );
                continue;
            };
            if let Some(first) = all.iter().find(|field| field.key == key.as_str()) {
                log.add_related(
                    problem::TWICE,
                    key_at,
                    format!("the key {} stands here twice", names::quoted(key)),
                    "again here",
                    (first.key_at, "first here".to_owned()),
                );
                continue;
            }
            all.push(Field { key, key_at, value });
        }
        Self { all }
    }

    /// The field of that key.
    pub(super) fn get(&self, key: &str) -> Option<Field<'n>> {
        self.all.iter().find(|field| field.key == key).copied()
    }

    /// Notes every key that is not among the known, and takes it for the one it was meant to be.
    pub(super) fn only(&mut self, log: &mut Log<'_>, known: &[&'static str], of: &str) {
        for at in 0..self.all.len() {
            let Some(field) = self.all.get(at).copied() else {
                continue;
            };
            if known.contains(&field.key) {
                continue;
            }
            log.add(
                problem::UNKNOWN_KEY,
                field.key_at,
                format!("{of} has no key {}", names::quoted(field.key)),
                "unknown key",
            )
            .maybe_help(names::help(field.key, known));
            self.mend(at, known);
        }
    }

    /// Takes a misspelt key for the nearest known one that is not there, so that its value is read too and the key is
    /// not missed besides.
    pub(super) fn mend(&mut self, at: usize, known: &[&'static str]) {
        let left = known.iter().copied().filter(|key| self.get(key).is_none());
        if let Some(field) = self.all.get(at) {
            let near = names::nearest(field.key, left);
            if let (Some(near), Some(field)) = (near, self.all.get_mut(at)) {
                field.key = near;
            }
        }
    }
}
