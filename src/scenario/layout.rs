//! The house style of scenario files: a step a line, options in braces, the users of a list in one column.

use std::fmt::Write as _;

/// A value as it will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A scalar, quoted where it must be.
    Word(String),
    /// A list on one line.
    List(Vec<Self>),
    /// A mapping on one line.
    Map(Vec<(String, Self)>),
    /// A list with an entry a line.
    Lines(Vec<Line>),
    /// A mapping with a key a line.
    Keys(Vec<Line>),
}

/// An entry with a line of its own, and the comments that stand with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The comments above it, each with its `#`; an empty one is an empty line.
    pub(super) above: Vec<String>,
    /// Its key. A line of a list that is no mapping of one key has none.
    pub(super) key: Option<String>,
    /// Whether the value is put into the column of the list.
    pub(super) in_column: bool,
    /// What it is.
    pub(super) value: Value,
    /// The comment behind it, with its `#`.
    pub(super) behind: Option<String>,
    /// The comments below what stands on lines of its own in it, each as those above.
    pub(super) below: Vec<String>,
}

impl Line {
    /// A line without comments.
    pub(super) fn new(key: impl Into<String>, value: Value) -> Self {
        Self {
            above: Vec::new(),
            key: Some(key.into()),
            in_column: false,
            value,
            behind: None,
            below: Vec::new(),
        }
    }
}

/// How much further in an entry stands than what it belongs to.
const INDENT: usize = 2;

/// The text of a file whose keys are those lines, with the comments that stand `below` them all.
pub(super) fn file(lines: &[Line], below: &[String]) -> String {
    let mut text = String::new();
    keys(&mut text, lines, 0);
    comments(&mut text, below, 0);
    text
}

/// The text of a file of steps that are those lines, with the comments that stand `below` them all.
pub(super) fn list_file(lines: &[Line], below: &[String]) -> String {
    let mut text = String::new();
    list(&mut text, lines, 0);
    comments(&mut text, below, 0);
    text
}

fn keys(text: &mut String, lines: &[Line], indent: usize) {
    for line in lines {
        comments(text, &line.above, indent);
        blanks(text, indent);
        entry(text, line, 0, indent);
    }
}

fn list(text: &mut String, lines: &[Line], indent: usize) {
    let key_length = |line: &Line| line.key.as_ref().map_or(0, |key| key.chars().count());
    let column = lines
        .iter()
        .filter(|line| line.in_column)
        .map(key_length)
        .max()
        .unwrap_or(0);
    for line in lines {
        comments(text, &line.above, indent);
        blanks(text, indent);
        text.push_str("- ");
        let pad = if line.in_column {
            column - key_length(line)
        } else {
            0
        };
        // What belongs to an entry stands under its key, which stands behind the dash.
        entry(text, line, pad, indent + INDENT);
    }
}

/// Writes a key and its value up to the end of the line, and what belongs to it below.
fn entry(text: &mut String, line: &Line, pad: usize, indent: usize) {
    if let Some(key) = &line.key {
        text.push_str(key);
        text.push(':');
    }
    match &line.value {
        Value::Lines(inner) => {
            behind(text, line);
            list(text, inner, indent + INDENT);
            comments(text, &line.below, indent + INDENT);
        }
        Value::Keys(inner) => {
            behind(text, line);
            keys(text, inner, indent + INDENT);
            comments(text, &line.below, indent + INDENT);
        }
        flow @ (Value::Word(_) | Value::List(_) | Value::Map(_)) => {
            if line.key.is_some() {
                blanks(text, pad + 1);
            }
            self::flow(text, flow);
            behind(text, line);
        }
    }
}

fn behind(text: &mut String, line: &Line) {
    if let Some(comment) = &line.behind {
        text.push_str("  ");
        text.push_str(comment);
    }
    text.push('\n');
}

fn flow(text: &mut String, value: &Value) {
    match value {
        Value::Word(word) => text.push_str(word),
        Value::List(values) => {
            text.push('[');
            for (at, value) in values.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                flow(text, value);
            }
            text.push(']');
        }
        Value::Map(entries) => {
            let mut empty = true;
            for (key, value) in entries {
                text.push_str(if empty { "{ " } else { ", " });
                text.push_str(key);
                text.push_str(": ");
                flow(text, value);
                empty = false;
            }
            text.push_str(if empty { "{}" } else { " }" });
        }
        // Braces hold no lines: whoever wants some puts them behind a key of a line.
        Value::Lines(lines) => {
            let values = lines.iter().map(|line| line.value.clone());
            flow(text, &Value::List(values.collect()));
        }
        Value::Keys(lines) => {
            let entries = lines
                .iter()
                .filter_map(|line| Some((line.key.clone()?, line.value.clone())));
            flow(text, &Value::Map(entries.collect()));
        }
    }
}

/// How wide a column of a table may be; behind a wider one nothing is lined up.
const COLUMN_CHARS_MAX: usize = 40;

/// Puts the values of mappings with the same keys, a line each, into columns.
pub(super) fn in_columns(lines: &mut [Line]) {
    let mut rows: Vec<&mut Vec<(String, Value)>> = Vec::with_capacity(lines.len());
    for line in lines {
        let Value::Map(entries) = &mut line.value else {
            return;
        };
        rows.push(entries);
    }
    let keys_of = |row: &[(String, Value)]| row.iter().map(|(key, _)| key.clone()).collect();
    let keys: Vec<String> = rows.first().map_or_else(Vec::new, |row| keys_of(row));
    if rows.iter().any(|row| keys != keys_of(row)) {
        return;
    }
    for column in 1..keys.len() {
        let lengths = rows.iter().filter_map(|row| {
            let mut text = String::new();
            flow(&mut text, &row.get(column - 1)?.1);
            Some(text.chars().count())
        });
        let lengths: Vec<usize> = lengths.collect();
        let widest = lengths.iter().copied().max().unwrap_or(0);
        if widest > COLUMN_CHARS_MAX {
            return;
        }
        for (row, length) in rows.iter_mut().zip(lengths) {
            if let Some((key, _)) = row.get_mut(column) {
                key.insert_str(0, &" ".repeat(widest - length));
            }
        }
    }
}

fn comments(text: &mut String, comments: &[String], indent: usize) {
    for comment in comments {
        if !comment.is_empty() {
            blanks(text, indent);
        }
        text.push_str(comment);
        text.push('\n');
    }
}

fn blanks(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n(' ', count));
}

/// A scalar between double quotes, with everything escaped that YAML or a reader's eye could lose.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push_str("\\0"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Writing to a String cannot fail.
            '\u{1}'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(character));
            }
            // Line breaks of YAML, marks that turn the direction of what follows, the byte order mark, and no characters.
            '\u{80}'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A scalar without quotes where it is a plain word, between quotes elsewhere.
pub(super) fn word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if plain && !text.eq_ignore_ascii_case("null") {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A sentence behind a key of the file: without quotes where YAML takes it as it is.
pub(super) fn sentence(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_alphabetic())
        && text.trim_end() == text
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(char::is_control)
        // What only an escape can show.
        && !quoted(text).contains("\\u")
        && !["null", "true", "false"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}
