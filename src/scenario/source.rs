//! The text of a file, and how the parser's lines and columns become places in it.

use std::ops::Range;
use std::sync::Arc;

/// A text with an index of its lines and characters.
pub(crate) struct Source {
    /// The text itself.
    pub(crate) text: Arc<str>,
    /// The byte at which each character begins, and the end.
    characters: Vec<usize>,
    /// The character with which each line begins, as the parser counts lines.
    parser_lines: Vec<usize>,
    /// The byte at which each line begins, as editors count lines.
    lines: Vec<usize>,
}

impl Source {
    /// Indexes a text.
    pub(crate) fn new(text: &str) -> Self {
        let mut characters = Vec::with_capacity(text.len() + 1);
        let mut lines = vec![0];
        // The parser does not get to see a byte order mark at the start.
        let mut parser_lines = vec![usize::from(text.starts_with('\u{feff}'))];
        let mut rest = text.char_indices().peekable();
        while let Some((at, character)) = rest.next() {
            characters.push(at);
            if character == '\n' {
                lines.push(at + 1);
            }
            let breaks = match character {
                '\r' => !matches!(rest.peek(), Some((_, '\n'))),
                '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => true,
                _ => false,
            };
            if breaks {
                parser_lines.push(characters.len());
            }
        }
        characters.push(text.len());
        Self {
            text: Arc::from(text),
            characters,
            parser_lines,
            lines,
        }
    }

    /// The byte at a line and column of the parser, both from 1; the end of the text for places that do not exist.
    pub(crate) fn byte(&self, line: usize, column: usize) -> usize {
        line.checked_sub(1)
            .and_then(|line| self.parser_lines.get(line))
            .and_then(|start| self.characters.get(start + column.saturating_sub(1)))
            .copied()
            .unwrap_or(self.text.len())
    }

    /// The line and column of a byte, both from 1, the column in characters.
    pub(crate) fn line_column(&self, byte: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.line_start(line);
        let column = self
            .text
            .get(start..byte)
            .map_or(1, |before| before.chars().count() + 1);
        (line, column)
    }

    /// The byte at a line and column as [`Source::line_column`] counts them.
    pub(crate) fn editor_byte(&self, line: usize, column: usize) -> usize {
        let start = self.line_start(line);
        let mut characters = self.from(start).char_indices();
        characters
            .nth(column.saturating_sub(1))
            .map_or(self.text.len(), |(at, _)| start + at)
    }

    /// The part of a span that lies on its first line.
    pub(crate) fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let end = self
            .text
            .get(span.clone())
            .and_then(|text| text.find(['\n', '\r']))
            .map_or(span.end, |length| span.start + length);
        span.start..end.max(span.start)
    }

    /// The text from a byte on.
    pub(crate) fn from(&self, byte: usize) -> &str {
        self.text.get(byte..).unwrap_or_default()
    }

    /// The text before a byte.
    pub(crate) fn before(&self, byte: usize) -> &str {
        self.text.get(..byte).unwrap_or_default()
    }

    fn line_start(&self, line: usize) -> usize {
        line.checked_sub(1)
            .and_then(|line| self.lines.get(line))
            .copied()
            .unwrap_or_default()
    }
}
