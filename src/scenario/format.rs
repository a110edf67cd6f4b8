//! A scenario file in the house style: scalars as they were written, comments where they were.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use super::find::{is_steps, is_yaml};
use super::layout::{Line, Value, file, in_columns, list_file, quoted};
use super::problem::{self, Problem};
use super::read::tree_of;
use super::source::Source;
use super::tree::{Kind, Node, Tree, parse};

/// The `text` of a file of a scenario or of steps as it should be written. It reads as before; only its layout may be
/// another.
///
/// # Errors
/// The problems for which the text cannot be read as YAML, or the first thing that cannot be laid out.
pub fn format(path: &Path, text: &str) -> Result<String, Vec<Problem>> {
    let (mut log, tree) = tree_of(path, text)?;
    if !log.is_empty() {
        return Err(log.into_problems());
    }
    if let Some(help) = not_ours(path, &tree.root) {
        log.add(
            problem::WRONG_SHAPE,
            &tree.root.span,
            "this is no scenario and no file of steps",
            "is not formatted",
        )
        .help(help);
        return Err(log.into_problems());
    }
    let laid_out = lay_out(&log.source, &tree).and_then(|formatted| {
        let again = parse(&Source::new(&formatted)).ok();
        let is_same = again.is_some_and(|again| reads_as(&again.root, &tree.root));
        is_same
            .then_some(formatted)
            .ok_or_else(|| tree.root.span.clone())
    });
    laid_out.map_err(|at| {
        log.add(
            problem::NO_LAYOUT,
            &at,
            "the file cannot be put into the house style",
            "this stands in the way",
        )
        .help("write texts on one line between double quotes, and neither anchors nor aliases");
        log.into_problems()
    })
}

/// What a file lacks to be one of scenarios; whoever formats a whole folder does not mean the files of other programs.
fn not_ours(path: &Path, root: &Node) -> Option<&'static str> {
    let is_scenario =
        |(key, _): &(Node, Node)| matches!(&key.kind, Kind::Text(key) if key == "scenario");
    match &root.kind {
        Kind::Map(entries) if entries.iter().any(is_scenario) => None,
        Kind::List(_) if is_steps(path) || !is_yaml(path) => None,
        Kind::List(_) => Some("the name of a file of steps ends in `.steps.yaml`"),
        Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::Map(_) => {
            Some("a scenario has a key `scenario`")
        }
    }
}

/// The text in the house style, or the place that does not let it.
fn lay_out(source: &Source, tree: &Tree) -> Result<String, Range<usize>> {
    let mut notes = Vec::new();
    let mut end = 0;
    for scalar in scalars(&tree.root) {
        if scalar.start < end {
            // An alias reads what stands elsewhere.
            return Err(scalar);
        }
        notes_between(source, end..scalar.start, &mut notes)?;
        end = scalar.end;
    }
    notes_between(source, end..end_of_document(source, end), &mut notes)?;
    let mut layout = Layout {
        source,
        scalars: scalars(&tree.root).iter().map(|it| it.start).collect(),
        notes: notes.into(),
    };
    let text = match &tree.root.kind {
        Kind::Map(entries) => {
            let lines = layout.keys(entries, Layout::head);
            file(&lines, &layout.below())
        }
        Kind::List(nodes) => {
            let lines = layout.steps(nodes);
            list_file(&lines, &layout.below())
        }
        Kind::Nothing | Kind::Template(_) | Kind::Text(_) => return Err(tree.root.span.clone()),
    };
    Ok(text)
}

/// Where the document ends whose last scalar ends at that place: with the text, or before `...` on a line alone.
fn end_of_document(source: &Source, end: usize) -> usize {
    let rest = source.from(end);
    let mark = rest.rfind("\n...").filter(|at| {
        let after = rest.get(at + "\n...".len()..).unwrap_or_default();
        after.trim().is_empty()
    });
    end + mark.map_or(rest.len(), |at| at + 1)
}

/// The places of all scalars that are written, in the order of the text.
fn scalars(node: &Node) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    gather(node, &mut found);
    found
}

fn gather(node: &Node, found: &mut Vec<Range<usize>>) {
    match &node.kind {
        // A value that is not written stands where its key does.
        Kind::Nothing if found.last() == Some(&node.span) => {}
        Kind::Nothing | Kind::Template(_) | Kind::Text(_) => found.push(node.span.clone()),
        Kind::List(nodes) => nodes.iter().for_each(|node| gather(node, found)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                gather(key, found);
                gather(value, found);
            }
        }
    }
}

/// A comment, or an empty line that is worth keeping.
struct Note {
    at: usize,
    /// With its `#`; empty for an empty line.
    text: String,
    /// Whether nothing stands before it on its line.
    is_alone: bool,
}

/// Gathers the comments between two scalars. Beside them stand signs there that are written anew; anything else is an
/// error at its place.
fn notes_between(
    source: &Source,
    gap: Range<usize>,
    notes: &mut Vec<Note>,
) -> Result<(), Range<usize>> {
    let mut at = gap.start;
    let text = source.text.get(gap).unwrap_or_default();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let before_comment = line.find('#').unwrap_or(line.len());
        let (signs, comment) = line.split_at(before_comment);
        let strange = signs.find(|c: char| !(c.is_whitespace() || "-:,[]{}\u{feff}".contains(c)));
        if let Some(strange) = strange {
            return Err(start + strange..start + strange + 1);
        }
        let begins_line = number > 0 || start == 0;
        let is_empty = signs.trim().is_empty() && begins_line;
        if !comment.is_empty() {
            notes.push(Note {
                at: start + before_comment,
                text: comment.trim_end().to_owned(),
                is_alone: is_empty,
            });
        } else if is_empty && line.ends_with('\n') {
            let blank = |from| {
                source
                    .text
                    .get(from..start)
                    .is_some_and(|it| it.trim().is_empty())
            };
            let follows_another = notes
                .last()
                .is_some_and(|it| it.text.is_empty() && blank(it.at));
            if start > 0 && !follows_another {
                notes.push(Note {
                    at: start,
                    text: String::new(),
                    is_alone: true,
                });
            }
        }
    }
    Ok(())
}

/// A file while its lines are made, in the order of the text.
struct Layout<'s> {
    source: &'s Source,
    /// Where the scalars begin.
    scalars: Vec<usize>,
    /// The comments that no line has yet.
    notes: VecDeque<Note>,
}

impl Layout<'_> {
    /// The keys of a mapping, a line each.
    fn keys(
        &mut self,
        entries: &[(Node, Node)],
        value: fn(&mut Self, &str, &Node) -> Option<Value>,
    ) -> Vec<Line> {
        let mut lines = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            lines.push(self.entry(key, node, value));
        }
        lines
    }

    /// A key with its value: on lines of its own if `several` has some for it.
    fn entry(
        &mut self,
        key: &Node,
        node: &Node,
        several: fn(&mut Self, &str, &Node) -> Option<Value>,
    ) -> Line {
        let mut above = self.above(key.span.start);
        let first = first_scalar(node).map_or(node.span.start, |first| first.span.start);
        let behind = self.behind(key.span.end, first);
        let name = match &key.kind {
            Kind::Text(name) => name.as_str(),
            Kind::Nothing | Kind::Template(_) | Kind::List(_) | Kind::Map(_) => "",
        };
        let mut line = Line::new(self.word(key, false), Value::Word(String::new()));
        match several(self, name, node) {
            Some(value) => {
                line.value = value;
                line.behind = behind;
                line.below = self.inside(key, node);
            }
            None => {
                line.value = self.flow(node, false);
                above.extend(behind);
                above.extend(
                    self.above(node.span.end)
                        .into_iter()
                        .filter(|it| !it.is_empty()),
                );
                line.behind = self.behind(node.span.end, usize::MAX);
            }
        }
        line.above = above;
        line
    }

    /// What stands behind a key of the file on lines of its own.
    fn head(&mut self, key: &str, node: &Node) -> Option<Value> {
        let Kind::List(nodes) = &node.kind else {
            return None;
        };
        match key {
            // Without an entry it has no lines.
            _ if nodes.is_empty() => None,
            "steps" => Some(Value::Lines(self.steps(nodes))),
            "rows" => {
                let mut rows: Vec<Line> = nodes.iter().map(|node| self.item(node)).collect();
                in_columns(&mut rows);
                Some(Value::Lines(rows))
            }
            _ => None,
        }
    }

    fn steps(&mut self, nodes: &[Node]) -> Vec<Line> {
        let mut lines = Vec::with_capacity(nodes.len());
        for node in nodes {
            let line = match &node.kind {
                Kind::Map(entries) => match entries.as_slice() {
                    [(key, value)] => {
                        let mut line = self.entry(key, value, Self::operator);
                        let name = line.key.as_deref().unwrap_or_default();
                        line.in_column = !super::read::operators::OPERATORS.contains(&name);
                        line
                    }
                    [] | [_, ..] => self.item(node),
                },
                Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) => {
                    self.item(node)
                }
            };
            lines.push(line);
        }
        lines
    }

    /// What stands behind an operator, or a key of one, on lines of its own.
    fn operator(&mut self, key: &str, node: &Node) -> Option<Value> {
        match (key, &node.kind) {
            ("any_order" | "together" | "steps", Kind::List(nodes)) if !nodes.is_empty() => {
                Some(Value::Lines(self.steps(nodes)))
            }
            ("race" | "repeat", Kind::Map(entries)) if !entries.is_empty() => {
                Some(Value::Keys(self.keys(entries, Self::operator)))
            }
            ("outcomes", Kind::Map(entries)) if !entries.is_empty() => {
                Some(Value::Keys(self.keys(entries, Self::outcome)))
            }
            (
                _,
                Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_),
            ) => None,
        }
    }

    fn outcome(&mut self, _: &str, node: &Node) -> Option<Value> {
        match &node.kind {
            Kind::List(nodes) if !nodes.is_empty() => Some(Value::Lines(self.steps(nodes))),
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
                None
            }
        }
    }

    /// A value of a list, on one line.
    fn item(&mut self, node: &Node) -> Line {
        let mut above = self.above(node.span.start);
        above.extend(
            self.above(node.span.end)
                .into_iter()
                .filter(|it| !it.is_empty()),
        );
        Line {
            above,
            key: None,
            in_column: false,
            value: self.flow(node, false),
            behind: self.behind(node.span.end, usize::MAX),
            below: Vec::new(),
        }
    }

    /// A value on one line; `inside` braces or brackets or not.
    fn flow(&self, node: &Node, inside: bool) -> Value {
        match &node.kind {
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) => {
                Value::Word(self.word(node, inside))
            }
            Kind::List(nodes) => {
                Value::List(nodes.iter().map(|node| self.flow(node, true)).collect())
            }
            Kind::Map(entries) => {
                let entries = entries.iter();
                let entries =
                    entries.map(|(key, value)| (self.word(key, true), self.flow(value, true)));
                Value::Map(entries.collect())
            }
        }
    }

    /// A scalar as it was written, unless it would read otherwise where it goes.
    fn word(&self, node: &Node, inside: bool) -> String {
        let Kind::Text(text) = &node.kind else {
            return "null".to_owned();
        };
        let written = self.source.text.get(node.span.clone()).unwrap_or_default();
        let is_quoted = written.starts_with(['"', '\'']);
        let is_cut = written.contains('\n') || (written.is_empty() && text.is_empty());
        if is_cut || (inside && !is_quoted && written.contains(['[', ']', '{', '}', ','])) {
            quoted(text)
        } else {
            written.to_owned()
        }
    }

    /// The comments up to a place.
    fn above(&mut self, place: usize) -> Vec<String> {
        let mut above = Vec::new();
        while let Some(note) = self.notes.pop_front_if(|note| note.at < place) {
            above.push(note.text);
        }
        above
    }

    /// The comments behind the last entry of a value that stand further in than its key.
    fn inside(&mut self, key: &Node, node: &Node) -> Vec<String> {
        let next = self.scalars.iter().find(|start| **start >= node.span.end);
        let next = next.copied().unwrap_or(usize::MAX);
        let (_, column) = self.source.line_column(key.span.start);
        let belongs = |note: &Note| {
            let further_in = note.is_alone && self.source.line_column(note.at).1 > column;
            note.at < node.span.end || (note.at < next && further_in)
        };
        let of_node = |note: &&Note| note.text.is_empty() || belongs(note);
        let count = self.notes.iter().take_while(of_node).count();
        // An empty line belongs to the comment below it.
        let notes = self.notes.iter().take(count);
        let empty = notes.rev().take_while(|note| note.text.is_empty()).count();
        let count = count - empty;
        self.notes.drain(..count).map(|note| note.text).collect()
    }

    /// The comment on the line of what ends at `end`, if it stands before `limit`.
    fn behind(&mut self, end: usize, limit: usize) -> Option<String> {
        let source = self.source;
        let note = self.notes.pop_front_if(|note| {
            let between = source.text.get(end..note.at);
            note.at < limit && !note.is_alone && between.is_some_and(|it| !it.contains('\n'))
        });
        note.map(|note| note.text)
    }

    /// The comments that are left, without an empty line at the end.
    fn below(&mut self) -> Vec<String> {
        let mut below = self.above(usize::MAX);
        while below.last().is_some_and(String::is_empty) {
            below.pop();
        }
        below
    }
}

fn first_scalar(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Nothing | Kind::Template(_) | Kind::Text(_) => Some(node),
        Kind::List(nodes) => nodes.iter().find_map(first_scalar),
        Kind::Map(entries) => entries.first().and_then(|(key, _)| first_scalar(key)),
    }
}

/// Whether two values are the same but for their places.
fn reads_as(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Nothing, Kind::Nothing) => true,
        (Kind::Text(one), Kind::Text(other)) => one == other,
        (Kind::List(one), Kind::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| reads_as(a, b))
        }
        (Kind::Map(one), Kind::Map(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((a, b), (c, d))| reads_as(a, c) && reads_as(b, d))
        }
        (Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_), _) => {
            false
        }
    }
}
