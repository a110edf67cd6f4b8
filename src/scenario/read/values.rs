//! Values of the language: texts, names, lists, numbers.

use std::ops::Range;

use super::Reader;
use super::fields::{Field, Fields};
use crate::scenario::names;
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// How many bytes one text may have: far over every limit of the lifecycle (LIM).
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// How many bytes all texts of a file may have together.
const TEXTS_BYTES_MAX: usize = 8 * TEXT_BYTES_MAX;

impl Reader<'_> {
    /// Notes that something else was expected.
    pub(super) fn wrong_shape(&mut self, node: &Node, expected: &str) {
        self.log.add(
            problem::WRONG_SHAPE,
            &node.span,
            format!("expected {expected}, found {}", node.kind.words()),
            format!("expected {expected}"),
        );
    }

    /// A word: a scalar with something in it.
    pub(super) fn word<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Text(text) if text.trim().is_empty() => {
                self.log.add(
                    problem::EMPTY,
                    &node.span,
                    format!("expected {expected}, found an empty text"),
                    "empty",
                );
                None
            }
            Kind::Text(text) => Some(text),
            Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => {
                self.wrong_shape(node, expected);
                None
            }
        }
    }

    /// A list of words with their nodes, each word once.
    pub(super) fn words<'n>(
        &mut self,
        field: Field<'n>,
        each: &str,
        may_be_empty: bool,
    ) -> Vec<(&'n str, &'n Node)> {
        let Kind::List(nodes) = &field.value.kind else {
            let expected = format!("a list of {each}s");
            self.wrong_shape(field.value, &expected);
            return Vec::new();
        };
        if nodes.is_empty() && !may_be_empty {
            self.empty_list(field);
        }
        let mut words: Vec<(&str, &Node)> = Vec::new();
        for node in nodes {
            let Some(word) = self.word(node, &format!("a {each}")) else {
                continue;
            };
            match words.iter().find(|(first, _)| *first == word) {
                Some((_, first)) => self.twice(each, word, &node.span, &first.span),
                None => words.push((word, node)),
            }
        }
        words
    }

    /// Notes that a word stands in a list twice.
    pub(super) fn twice(
        &mut self,
        what: &str,
        word: &str,
        at: &Range<usize>,
        first: &Range<usize>,
    ) {
        self.log.add_related(
            problem::TWICE,
            at,
            format!("the {what} {} stands here twice", names::quoted(word)),
            "again here",
            (first, "first here".to_owned()),
        );
    }

    /// Notes that a list holds nothing.
    pub(super) fn empty_list(&mut self, field: Field<'_>) {
        self.log.add(
            problem::EMPTY,
            &field.value.span,
            format!("`{}` is empty", field.key),
            "expected at least one",
        );
    }

    /// A text that is known before anything is played: a scalar, or a repeated one.
    pub(super) fn plain_text(&mut self, node: &Node) -> Option<String> {
        let text = match &node.kind {
            Kind::Text(text) => text.clone(),
            Kind::Map(entries) => self.repeated(entries, &node.span)?,
            Kind::Nothing => {
                self.log
                    .add(
                        problem::WRONG_SHAPE,
                        &node.span,
                        "expected a text, found nothing",
                        "expected a text",
                    )
                    .help("write `\"\"` for an empty text");
                return None;
            }
            Kind::Template(_) | Kind::List(_) => {
                self.wrong_shape(node, "a text");
                return None;
            }
        };
        self.text_bytes = self.text_bytes.saturating_add(text.len());
        if self.text_bytes > TEXTS_BYTES_MAX {
            self.log.add(
                problem::TOO_BIG,
                &node.span,
                format!("the texts of the file have more than {TEXTS_BYTES_MAX} bytes together"),
                "one text too many",
            );
            return None;
        }
        Some(text)
    }

    fn repeated(&mut self, entries: &[(Node, Node)], at: &Range<usize>) -> Option<String> {
        let mut fields = Fields::of(&mut self.log, entries);
        fields.only(&mut self.log, &["repeat", "times"], "a repeated text");
        let part = self.needed(&fields, "repeat", at, "a repeated text");
        let times = self.needed(&fields, "times", at, "a repeated text");
        let part = part.and_then(|field| match &field.value.kind {
            Kind::Text(text) => Some(text.as_str()),
            Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => {
                self.wrong_shape(field.value, "a text");
                None
            }
        });
        let times = times.and_then(|field| self.number(field.value, 1, TEXT_BYTES_MAX));
        let (part, times) = (part?, times?);
        let bytes = part.len().saturating_mul(times);
        if bytes > TEXT_BYTES_MAX {
            self.log.add(
                problem::TOO_BIG,
                at,
                format!("the repeated text has {bytes} bytes"),
                format!("a text has at most {TEXT_BYTES_MAX}"),
            );
            return None;
        }
        Some(part.repeat(times))
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, node: &Node, least: usize, most: usize) -> Option<usize> {
        let number = match &node.kind {
            Kind::Text(text) => text.parse().ok(),
            Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let found = match &node.kind {
                Kind::Text(text) => names::quoted(text),
                Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => {
                    node.kind.words().to_owned()
                }
            };
            self.log.add(
                problem::WRONG_SHAPE,
                &node.span,
                format!("expected a whole number from {least} to {most}, found {found}"),
                "expected a whole number",
            );
        }
        number
    }

    /// A field that must be there.
    pub(super) fn needed<'n>(
        &mut self,
        fields: &Fields<'n>,
        key: &str,
        at: &Range<usize>,
        of: &str,
    ) -> Option<Field<'n>> {
        let field = fields.get(key);
        if field.is_none() {
            self.log.add(
                problem::MISSING,
                at,
                format!("{of} needs the key `{key}`"),
                format!("`{key}` is missing"),
            );
        }
        field
    }

    /// A name out of a fixed set, or a problem with the nearest of them.
    pub(super) fn one_of<T>(
        &mut self,
        node: &Node,
        what: &str,
        code: &'static str,
        known: &[&str],
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = self.word(node, &format!("a {what}"))?;
        let found = find(word);
        if found.is_none() {
            self.log
                .add(
                    code,
                    &node.span,
                    format!("no {what} is named {}", names::quoted(word)),
                    format!("unknown {what}"),
                )
                .maybe_help(names::help(word, known));
        }
        found
    }

    /// A name out of a fixed set, or a list of such names; never an empty list without a problem.
    pub(super) fn some_of<T: PartialEq>(
        &mut self,
        field: Field<'_>,
        what: &str,
        code: &'static str,
        known: &[&str],
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::List(nodes) = &field.value.kind else {
            return self
                .one_of(field.value, what, code, known, find)
                .map(|one| vec![one]);
        };
        if nodes.is_empty() {
            self.empty_list(field);
            return None;
        }
        let mut found = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            let Some(one) = self.one_of(node, what, code, known, &find) else {
                continue;
            };
            if found.contains(&one) {
                let first = nodes.iter().take(at).find(|first| same_text(first, node));
                let (word, first) = (text_of(node), first.map_or(&node.span, |first| &first.span));
                self.twice(what, word, &node.span, first);
            }
            found.push(one);
        }
        (found.len() == nodes.len()).then_some(found)
    }
}

/// The text of a scalar, or an empty one.
pub(super) fn text_of(node: &Node) -> &str {
    match &node.kind {
        Kind::Text(text) => text,
        Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => "",
    }
}

fn same_text(one: &Node, other: &Node) -> bool {
    text_of(one) == text_of(other)
}
