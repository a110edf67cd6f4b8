//! Values by their names: `${NAME}` in texts and keys.

use std::ops::Range;

use super::super::Reader;
use crate::scenario::names;
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

impl Given {
    pub(super) fn new(name: &str, at: &Range<usize>, value: Node) -> Self {
        Self {
            name: name.to_owned(),
            value,
            at: at.clone(),
            is_used: false,
        }
    }
}

/// A part of a text.
enum Part<'t> {
    Written(&'t str),
    /// `${NAME}`
    Named(&'t str),
}

impl Reader<'_> {
    /// A scalar with the values of the names in it. A scalar that is nothing but a name becomes that value, whatever kind it
    /// is of, at the place where the value is written.
    pub(super) fn filled_in(&mut self, text: &str, span: &Range<usize>) -> Option<Node> {
        if !text.contains("${") {
            return self.counted(span.clone(), Kind::Text(text.to_owned()));
        }
        let parts = parts(text);
        if let [Part::Named(name)] = parts.as_slice() {
            let value = self.given(name, span).cloned();
            return match value {
                Some(value) => self.counted(value.span, value.kind),
                None => self.left_out(text, span),
            };
        }
        let mut filled = String::new();
        for part in parts {
            match part {
                Part::Written(part) => filled.push_str(part),
                Part::Named(name) => match self.given(name, span).map(|value| &value.kind) {
                    Some(Kind::Text(value)) => filled.push_str(value),
                    Some(Kind::Nothing) => {}
                    Some(kind @ (Kind::List(_) | Kind::Map(_))) => {
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
        self.counted(span.clone(), Kind::Text(filled))
    }

    /// A scalar that cannot be filled in; nothing more is said of it.
    fn left_out(&mut self, text: &str, span: &Range<usize>) -> Option<Node> {
        self.log.hush(span);
        self.counted(span.clone(), Kind::Text(text.to_owned()))
    }

    /// The value of a name at this place, or a problem with the nearest name.
    fn given(&mut self, name: &str, span: &Range<usize>) -> Option<&Node> {
        let given = &mut self.expansion.given;
        let Some(at) = given.iter().rposition(|given| given.name == name) else {
            let known: Vec<&str> = given.iter().map(|given| given.name.as_str()).collect();
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
        let given = given.get_mut(at)?;
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

/// The parts of a text; `$${` is `${` as written.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(escaped) = before.strip_suffix('$') {
            parts.push(Part::Written(escaped));
            parts.push(Part::Written("${"));
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        let Some(end) = from.find('}') else {
            break;
        };
        if !before.is_empty() {
            parts.push(Part::Written(before));
        }
        parts.push(Part::Named(from.get(2..end).unwrap_or_default().trim()));
        rest = from.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(Part::Written(rest));
    }
    parts
}
