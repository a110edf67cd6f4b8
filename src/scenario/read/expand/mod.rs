//! From the tree of a file to the trees of its cases: rows, includes and repeats written out, `${NAME}` filled in.

mod include;
mod names;
mod repeat;
mod rows;

use std::ops::Range;
use std::path::PathBuf;

pub(in crate::scenario) use names::literal;
pub(super) use repeat::KEYS as REPEAT_KEYS;
pub(super) use rows::Case;

use super::Reader;
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};
use names::Given;

/// The words of steps that are written out before steps are read.
const INCLUDE: &str = "include";
const REPEAT: &str = "repeat";

/// How many values all cases of a file may have together.
const NODES_MAX: usize = 200_000;

/// How many bytes of text they may have together.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// What is known while trees are written out.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    /// The values that have a name at this place, the innermost last.
    given: Vec<Given>,
    /// The places of all names that rows and repeats have given by now.
    named: Vec<(String, Range<usize>)>,
    /// The names of the values that steps save, and whether some text uses each.
    saved: Vec<(String, Range<usize>, bool)>,
    /// The files that are being included, the outermost first.
    files: Vec<PathBuf>,
    /// How many files were included by now.
    included: usize,
    nodes: usize,
    bytes: usize,
    /// Whether a bound was passed; that is told once.
    is_over: bool,
}

impl Reader<'_> {
    /// A value with everything in it written out. `None` if a bound was passed.
    fn expanded(&mut self, node: &Node) -> Option<Node> {
        let kind = match &node.kind {
            Kind::Nothing => Kind::Nothing,
            Kind::Template(text) => Kind::Template(text.clone()),
            Kind::Text(text) => return self.filled_in(text, &node.span),
            Kind::List(nodes) => Kind::List(self.expanded_list(nodes)?),
            Kind::Map(entries) => {
                let mut written = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    written.push((self.expanded(key)?, self.expanded(value)?));
                }
                Kind::Map(written)
            }
        };
        self.counted(node.span.clone(), kind)
    }

    /// The values of a list, with the steps of includes and repeats among them.
    fn expanded_list(&mut self, nodes: &[Node]) -> Option<Vec<Node>> {
        let mut written = Vec::with_capacity(nodes.len());
        for node in nodes {
            match alone(node) {
                Some((INCLUDE, key, value)) => {
                    let key = key.span.clone();
                    self.include(&key, value, &mut written)?;
                }
                Some((REPEAT, key, value)) => {
                    let key = key.span.clone();
                    self.repeat(&key, value, &mut written)?;
                }
                Some(_) | None => written.push(self.expanded(node)?),
            }
        }
        Some(written)
    }

    /// A value that was written out, unless it is one too many.
    fn counted(&mut self, span: Range<usize>, kind: Kind) -> Option<Node> {
        self.expansion.nodes += 1;
        if let Kind::Text(text) = &kind {
            self.expansion.bytes = self.expansion.bytes.saturating_add(text.len());
        }
        let over = self.expansion.nodes > NODES_MAX || self.expansion.bytes > BYTES_MAX;
        if over && !self.expansion.is_over {
            self.expansion.is_over = true;
            self.log.add(
                problem::TOO_BIG,
                &span,
                format!(
                    "the file has more than {NODES_MAX} values or {BYTES_MAX} bytes once its rows and repeats are written out"
                ),
                "too much from here on",
            );
        }
        (!over).then_some(Node { span, kind })
    }
}

/// The key and value of a mapping that has only one.
fn alone(node: &Node) -> Option<(&str, &Node, &Node)> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let [(key, value)] = entries.as_slice() else {
        return None;
    };
    match &key.kind {
        Kind::Text(name) => Some((name, key, value)),
        Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => None,
    }
}
