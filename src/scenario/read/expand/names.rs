//! Values by their names: `${NAME}` in texts and keys.

use std::ops::Range;

use super::super::Reader;
use super::super::values::text_of;
use super::Expansion;
use crate::scenario::names;
use crate::scenario::plan::{Piece, Text};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// A value with a name.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: Node,
    /// Where it got the name.
    pub(super) at: Range<usize>,
    pub(super) is_used: bool,
}

/// A part of a text.
enum Part<'t> {
    Written(&'t str),
    /// `${NAME}`
    Named(&'t str),
    /// `${` without an end.
    Open,
}

impl Reader<'_> {
    /// A scalar with the values of the names in it. A scalar that is nothing but a name becomes that value, whatever kind it
    /// is of, at the place where the value is written.
    pub(super) fn filled_in(&mut self, text: &str, span: &Range<usize>) -> Option<Node> {
        if !text.contains("${") {
            return self.counted(span.clone(), Kind::Text(text.to_owned()));
        }
        let parts = parts(text);
        if let [Part::Named(name)] = parts.as_slice()
            && !self.is_saved(name)
        {
            let value = self.given(name, span).cloned();
            return match value {
                Some(value) => self.counted(value.span, value.kind),
                None => self.left_out(text, span),
            };
        }
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Written(part) => pieces.push(Piece::Written(part.to_owned())),
                Part::Open => {
                    let message = "a name in this text has no end";
                    self.log
                        .add(problem::UNKNOWN_NAME, span, message, "cannot be filled in")
                        .help("write `${NAME}`, or `$${` for a text that has these signs");
                    return self.left_out(text, span);
                }
                Part::Named(name) if self.is_saved(name) => {
                    pieces.push(Piece::Saved(name.to_owned()));
                }
                Part::Named(name) => match self.given(name, span).map(|value| &value.kind) {
                    Some(Kind::Text(value)) => pieces.push(Piece::Written(value.clone())),
                    Some(Kind::Nothing) => {}
                    Some(kind @ (Kind::Template(_) | Kind::List(_) | Kind::Map(_))) => {
                        let found = kind.words();
                        self.log.add(
                            problem::WRONG_SHAPE,
                            span,
                            format!(
                                "{} is {found}, and stands inside a text",
                                names::quoted(name)
                            ),
                            "only a text can stand here",
                        );
                        return self.left_out(text, span);
                    }
                    None => return self.left_out(text, span),
                },
            }
        }
        let filled = Text::of(pieces);
        let kind = match filled.written() {
            Some(written) => Kind::Text(written.to_owned()),
            None => Kind::Template(filled),
        };
        self.counted(span.clone(), kind)
    }

    /// Whether a name is one of a value that some step saves, and of nothing else here. It counts as used then.
    fn is_saved(&mut self, name: &str) -> bool {
        let expansion = &mut self.expansion;
        if expansion.given.iter().any(|given| given.name == name) {
            return false;
        }
        let saved = expansion.saved.iter_mut();
        let mut is_saved = false;
        for (_, _, is_used) in saved.filter(|(saved, ..)| saved == name) {
            *is_used = true;
            is_saved = true;
        }
        is_saved
    }

    /// A scalar that cannot be filled in; nothing more is said of it.
    fn left_out(&mut self, text: &str, span: &Range<usize>) -> Option<Node> {
        self.log.hush(span);
        self.counted(span.clone(), Kind::Text(text.to_owned()))
    }

    /// The value of a name at this place, or a problem with the nearest name.
    fn given(&mut self, name: &str, span: &Range<usize>) -> Option<&Node> {
        let given = &self.expansion.given;
        let Some(at) = given.iter().rposition(|given| given.name == name) else {
            let known = given.iter().map(|given| given.name.as_str());
            let saved = self.expansion.saved.iter().map(|(name, ..)| name.as_str());
            let known: Vec<&str> = known.chain(saved).collect();
            let help = names::help(name, &known)
                .unwrap_or_else(|| "write `$${` for a text that has these signs".to_owned());
            self.log
                .add(
                    problem::UNKNOWN_NAME,
                    span,
                    format!("nothing here has the name {}", names::quoted(name)),
                    "cannot be filled in",
                )
                .help(help);
            return None;
        };
        let given = self.expansion.given.get_mut(at)?;
        given.is_used = true;
        Some(&given.value)
    }

    /// Takes the names away that were given last, and notes those that nobody used.
    pub(super) fn forget_since(&mut self, before: usize, what: &str) {
        while self.expansion.given.len() > before {
            let Some(given) = self.expansion.given.pop() else {
                return;
            };
            if !given.is_used {
                self.unused(&given.name, &given.at, what);
            }
        }
    }

    /// Notes the saved values that no text of the file uses.
    pub(in crate::scenario::read) fn unused_saves(&mut self) {
        for (name, at, is_used) in std::mem::take(&mut self.expansion.saved) {
            if !is_used && !self.log.is_told(&at) {
                self.unused(&name, &at, "the saved value");
            }
        }
    }

    pub(super) fn unused(&mut self, name: &str, at: &Range<usize>, what: &str) {
        self.log
            .add(
                problem::UNUSED_NAME,
                at,
                format!("{what} {} is never used", names::quoted(name)),
                "only named",
            )
            .help(format!(
                "write `${{{name}}}` where it belongs, or leave it out"
            ));
    }
}

impl Expansion {
    /// Gives a value a name, until [`Reader::forget_since`].
    pub(super) fn give(&mut self, name: &str, at: &Range<usize>, value: Node) {
        if self.place_of(name).is_none() {
            self.named.push((name.to_owned(), at.clone()));
        }
        self.given.push(Given {
            name: name.to_owned(),
            value,
            at: at.clone(),
            is_used: false,
        });
    }

    /// Where rows or a repeat give that name, if they do.
    pub(in crate::scenario::read) fn place_of(&self, name: &str) -> Option<Range<usize>> {
        let named = self.named.iter().find(|(known, _)| known == name);
        named.map(|(_, at)| at.clone())
    }

    /// Where a step saves a value under that name, if one does.
    pub(in crate::scenario::read) fn saved_at(&self, name: &str) -> Option<Range<usize>> {
        let saved = self.saved.iter().find(|(known, ..)| known == name);
        saved.map(|(_, at, _)| at.clone())
    }

    /// Collects the names of all values that these steps save, so that a name that a step saves is told from one that
    /// nothing has.
    pub(super) fn collect_saves(&mut self, node: &Node) {
        match &node.kind {
            Kind::Nothing | Kind::Text(_) | Kind::Template(_) => {}
            Kind::List(nodes) => nodes.iter().for_each(|node| self.collect_saves(node)),
            Kind::Map(entries) => {
                // A user of that name stands alone; an option stands beside its verb.
                let is_option = entries.len() > 1;
                for (key, value) in entries {
                    match &value.kind {
                        Kind::Map(parts) if is_option && text_of(key) == "save" => {
                            let named = parts.iter().map(|(_, name)| name);
                            let named = named.filter(|name| !text_of(name).contains("${"));
                            let saved = named
                                .map(|name| (text_of(name).to_owned(), name.span.clone(), false));
                            self.saved.extend(saved);
                        }
                        Kind::Nothing
                        | Kind::Text(_)
                        | Kind::Template(_)
                        | Kind::List(_)
                        | Kind::Map(_) => self.collect_saves(value),
                    }
                }
            }
        }
    }
}

/// The parts of a text. Before a brace every two signs stand for one, so that `$${` is `${` as written and `$$${a}` is a sign
/// before a value.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at + 1);
        let plain = before.trim_end_matches('$');
        let signs = before.len() - plain.len();
        let (literal, _) = before.split_at(plain.len() + signs / 2);
        if !literal.is_empty() {
            parts.push(Part::Written(literal));
        }
        if signs.is_multiple_of(2) {
            parts.push(Part::Written("{"));
            rest = from.strip_prefix('{').unwrap_or(from);
            continue;
        }
        let Some(end) = from.find('}') else {
            parts.push(Part::Open);
            return parts;
        };
        parts.push(Part::Named(from.get(1..end).unwrap_or_default().trim()));
        rest = from.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(Part::Written(rest));
    }
    parts
}

/// A text of which [`parts`] makes itself.
pub(in crate::scenario) fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    let mut signs = 0;
    for letter in text.chars() {
        if letter == '{' {
            literal.extend(std::iter::repeat_n('$', signs));
        }
        signs = if letter == '$' { signs + 1 } else { 0 };
        literal.push(letter);
    }
    literal
}
