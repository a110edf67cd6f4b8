//! YAML as a tree that keeps the order of keys, repeated keys, and the place of everything.
//!
//! The library tells a place only with an error, and an error raised for a scalar leaves the reading in step with the
//! text. So every scalar fails here on purpose, hands its value out beside the error, and is put where the error says.
//! Lists and mappings must not fail, or the reading would lose step; they stand where their first child stands.

use std::fmt;
use std::ops::Range;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::source::Source;
use super::text::Text;

/// A value of the file and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The bytes it takes in the text.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
}

impl Node {
    /// Puts it and all in it so many bytes further on.
    pub(crate) fn shift(&mut self, by: usize) {
        self.span = self.span.start + by..self.span.end + by;
        match &mut self.kind {
            Kind::Nothing | Kind::Text(_) | Kind::Template(_) => {}
            Kind::List(nodes) => nodes.iter_mut().for_each(|node| node.shift(by)),
            Kind::Map(entries) => {
                for (key, value) in entries {
                    key.shift(by);
                    value.shift(by);
                }
            }
        }
    }
}

/// What a value of the file is. Numbers and booleans are texts here, as they were written: `no`, `on` and `12` are names
/// as good as any.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing was written, or `null`.
    Nothing,
    /// A scalar.
    Text(String),
    /// A scalar with values in it that a step saves. No file is read as one: they are made when names are filled in.
    Template(Text),
    /// A list.
    List(Vec<Node>),
    /// A mapping.
    Map(Vec<(Node, Node)>),
}

impl Kind {
    /// The kind in words, as in "found a list".
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Text(_) => "a text",
            Self::Template(_) => "a value that is saved only while the scenario is played",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// A file as a tree.
pub(crate) struct Tree {
    /// The value of the whole file.
    pub(crate) root: Node,
    /// The tags (`!name`) that were met, which the language does not have.
    pub(crate) tags: Vec<(String, Range<usize>)>,
}

/// Why there is no tree.
pub(crate) enum Refusal {
    /// The text is not YAML, for that reason, at that byte.
    NotYaml(String, usize),
    /// A second document begins at that byte.
    SecondDocument(usize),
    /// A bound was passed, at that byte.
    TooBig(String, usize),
}

/// How deep values may be nested. The deepest place of the language is 8.
const DEPTH_MAX: usize = 64;

/// How many values a file may have once its aliases are unfolded: over a thousand steps.
const NODES_MAX: usize = 20_000;

/// Parses a text.
pub(crate) fn parse(source: &Source) -> Result<Tree, Refusal> {
    let mut builder = Builder {
        source,
        nodes: 0,
        end: 0,
        tags: Vec::new(),
        too_big: None,
    };
    // A byte order mark would count as a column, and the second line would not line up with the first.
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let root = match documents.next() {
        None => Node {
            span: 0..0,
            kind: Kind::Nothing,
        },
        Some(document) => match builder.seed(0).deserialize(document) {
            Ok(root) => root,
            Err(error) => return Err(builder.refusal(&error)),
        },
    };
    let tags = std::mem::take(&mut builder.tags);
    if let Some(document) = documents.next() {
        // Either what follows the first document is broken, or it begins a second one.
        return Err(match builder.seed(0).deserialize(document) {
            Ok(second) => Refusal::SecondDocument(second.span.start),
            Err(error) => builder.refusal(&error),
        });
    }
    Ok(Tree { root, tags })
}

/// What is shared by all values while a tree is built.
struct Builder<'b> {
    source: &'b Source,
    nodes: usize,
    /// Where the value read last ends.
    end: usize,
    tags: Vec<(String, Range<usize>)>,
    too_big: Option<String>,
}

/// A scalar as the library hands it out.
enum Scalar {
    Nothing,
    Text(String),
    /// A number or a boolean, to be taken from the text as it was written.
    Written,
}

impl<'b> Builder<'b> {
    fn seed<'s>(&'s mut self, depth: usize) -> Seed<'s, 'b> {
        Seed {
            builder: self,
            depth,
        }
    }

    /// Counts a value, or fails if it is one too many.
    fn count<E: Error>(&mut self, depth: usize) -> Result<(), E> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            self.too_big = Some(format!("the file has more than {NODES_MAX} values"));
        } else if depth > DEPTH_MAX {
            self.too_big = Some(format!("values are nested more than {DEPTH_MAX} deep"));
        } else {
            return Ok(());
        }
        Err(E::custom(BOUND))
    }

    /// Why the whole reading failed.
    fn refusal(&self, error: &serde_yaml::Error) -> Refusal {
        let at = error
            .location()
            .map_or(0, |place| self.source.byte(place.line(), place.column()));
        match &self.too_big {
            Some(reason) => Refusal::TooBig(reason.clone(), at),
            None => Refusal::NotYaml(without_places(&error.to_string()), at),
        }
    }

    /// The node of a scalar, put where `error` says.
    fn scalar(&mut self, scalar: Scalar, error: &str) -> Node {
        let start = skip_properties(self.source, self.place(error));
        let rest = self.source.from(start);
        let (length, kind) = match scalar {
            Scalar::Nothing => {
                let word = ["null", "Null", "NULL", "~"]
                    .into_iter()
                    .find(|word| rest.starts_with(word));
                (word.map_or(0, str::len), Kind::Nothing)
            }
            Scalar::Text(text) => (text_length(rest, &text), Kind::Text(text)),
            Scalar::Written => {
                let length = rest
                    .find(|c: char| c.is_whitespace() || ",]}:".contains(c))
                    .unwrap_or(rest.len());
                let written = rest.get(..length).unwrap_or_default();
                (length, Kind::Text(written.to_owned()))
            }
        };
        self.end = start + length;
        Node {
            span: start..self.end,
            kind,
        }
    }

    /// The byte at which an error message ends by saying `at line 3 column 7`; without that, it is the first.
    fn place(&self, error: &str) -> usize {
        let place = error.rsplit_once(" at line ").and_then(|(_, place)| {
            let (line, column) = place.split_once(" column ")?;
            Some((line.parse().ok()?, column.parse().ok()?))
        });
        let (line, column) = place.unwrap_or((1, 1));
        self.source.byte(line, column)
    }

    /// The span of a list or mapping whose children begin and end at those places; with its brackets, if it has some.
    fn around(&mut self, children: Option<Range<usize>>, open: char, close: char) -> Range<usize> {
        let span = match children {
            Some(children) => {
                let before = self.source.before(children.start).trim_end();
                let end = children.end.max(children.start);
                if before.ends_with(open) {
                    let rest = self.source.from(end);
                    let inner = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
                    let closed = inner.starts_with(close);
                    let end = end
                        + if closed {
                            rest.len() - inner.len() + 1
                        } else {
                            0
                        };
                    before.len() - 1..end
                } else {
                    children.start..end
                }
            }
            None => {
                let rest = self.source.from(self.end);
                let start = self.end + rest.find(open).unwrap_or_default();
                let length = self.source.from(start).find(close).map_or(0, |at| at + 1);
                start..start + length
            }
        };
        self.end = span.end;
        span
    }
}

/// The message of the failures on purpose; only what the library adds to it is read.
const SCALAR: &str = "scalar";
const BOUND: &str = "bound";

/// A library's message without the places in it.
fn without_places(message: &str) -> String {
    let message = message.split(" at position ").next().unwrap_or_default();
    let mut parts = message.split(" at line ");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = after.strip_prefix(" column ").unwrap_or(after);
        clean.push_str(after.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    clean
}

/// The place behind anchors (`&name`) and tags (`!name`).
fn skip_properties(source: &Source, mut at: usize) -> usize {
    loop {
        let rest = source.from(at);
        if !rest.starts_with(['&', '!']) {
            return at;
        }
        let after = rest.trim_start_matches(|c: char| !c.is_whitespace() && !",]}".contains(c));
        at += rest.len() - after.trim_start().len();
    }
}

/// How many bytes a scalar takes that begins `rest` and reads as `text`.
fn text_length(rest: &str, text: &str) -> usize {
    let first_line = rest.lines().next().unwrap_or_default();
    let quote = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => quote,
        Some('|' | '>') => return first_line.trim_end().len(),
        _ if rest.starts_with(text) => return text.len(),
        _ => return first_line.trim_end().len(),
    };
    let mut escaped = false;
    let mut inner = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = inner.next() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            if quote == '\'' && matches!(inner.peek(), Some((_, '\''))) {
                escaped = true;
            } else {
                return at + 1;
            }
        }
    }
    rest.len()
}

/// Reads one value.
struct Seed<'s, 'b> {
    builder: &'s mut Builder<'b>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.builder.count(self.depth)?;
        let mut scalar = None;
        let visitor = NodeVisitor {
            builder: &mut *self.builder,
            depth: self.depth,
            scalar: &mut scalar,
        };
        match deserializer.deserialize_any(visitor) {
            Ok(node) => Ok(node),
            Err(error) => match scalar {
                Some(scalar) => Ok(self.builder.scalar(scalar, &error.to_string())),
                None => Err(error),
            },
        }
    }
}

/// Takes whatever the library found.
struct NodeVisitor<'s, 'b> {
    builder: &'s mut Builder<'b>,
    depth: usize,
    scalar: &'s mut Option<Scalar>,
}

impl NodeVisitor<'_, '_> {
    fn fail<E: Error>(self, scalar: Scalar) -> Result<Node, E> {
        *self.scalar = Some(scalar);
        Err(E::custom(SCALAR))
    }
}

impl<'de> Visitor<'de> for NodeVisitor<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scenario")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        self.fail(Scalar::Written)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.fail(Scalar::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.fail(Scalar::Nothing)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        // An empty file; it has no event that could tell a place.
        Ok(Node {
            span: 0..0,
            kind: Kind::Nothing,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(node) = list.next_element_seed(self.builder.seed(self.depth + 1))? {
            nodes.push(node);
        }
        let children = match (nodes.first(), nodes.last()) {
            (Some(first), Some(last)) => Some(first.span.start..last.span.end),
            _ => None,
        };
        let span = self.builder.around(children, '[', ']');
        Ok(Node {
            span,
            kind: Kind::List(nodes),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        while let Some(key) = map.next_key_seed(self.builder.seed(self.depth + 1))? {
            let mut value = map.next_value_seed(self.builder.seed(self.depth + 1))?;
            if value.span.is_empty() {
                // Where nothing is written, only the key can be pointed at.
                value.span = key.span.clone();
            }
            entries.push((key, value));
        }
        let children = match (entries.first(), entries.last()) {
            (Some((first, _)), Some((_, last))) => Some(first.span.start..last.span.end),
            _ => None,
        };
        let span = self.builder.around(children, '{', '}');
        Ok(Node {
            span,
            kind: Kind::Map(entries),
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        let (tag, value) = tagged.variant::<String>()?;
        let node = value.newtype_variant_seed(self.builder.seed(self.depth + 1))?;
        self.builder.tags.push((tag, node.span.clone()));
        Ok(node)
    }
}
