//! Texts of a plan, and the values in them that a step saves while the scenario is played.

use std::fmt;

use crate::history::Callback;

/// A text of a step: as it was written, or with values in it that a step before saves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it was written.
    Written(String),
    /// The value that is saved under this name.
    Saved(String),
}

impl Text {
    /// The text of these pieces in their order.
    pub fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut text = Self::default();
        for piece in pieces {
            text.push(piece);
        }
        text
    }

    /// Adds a piece behind the others. What is written stays one piece, so that equal texts have equal pieces.
    fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Written(more)) if more.is_empty() => {}
            (Some(Piece::Written(written)), Piece::Written(more)) => written.push_str(&more),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// The pieces, none of them empty.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text, if nothing in it is saved.
    pub fn written(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Written(text)] => Some(text),
            [Piece::Saved(_)] | [_, _, ..] => None,
        }
    }

    /// The name of the saved value that is the whole text.
    pub fn saved(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Saved(name)] => Some(name),
            [] | [Piece::Written(_)] | [_, _, ..] => None,
        }
    }

    /// The names of the saved values in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Written(_) => None,
            Piece::Saved(name) => Some(name.as_str()),
        })
    }

    /// The text with `value` of every name in it.
    pub fn filled<'v>(&self, value: impl Fn(&str) -> &'v str) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Written(text) => text.as_str(),
            Piece::Saved(name) => value(name),
        });
        pieces.collect()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::of([Piece::Written(text)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Text {
    /// The text with its names as the file has them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Written(text) => f.write_str(text),
            Piece::Saved(name) => write!(f, "${{{name}}}"),
        })
    }
}

/// What a step saves of a callback: a part of what it carries, and the name it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// Which part.
    pub part: Part,
    /// Under which name later steps have it.
    pub name: String,
}

/// A part of a callback that can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The content of an invitation that arrives.
    Content,
    /// Its channel id.
    Channel,
    /// The id of the user who rings.
    Caller,
    /// The callee's words in an answer.
    Response,
    /// A failure's code, by its name.
    Code,
    /// The id of the invitation.
    Id,
}

impl Part {
    /// Every part with its name, in the order of the language's page.
    pub const ALL: [(&'static str, Self); 6] = [
        ("content", Self::Content),
        ("channel", Self::Channel),
        ("caller", Self::Caller),
        ("response", Self::Response),
        ("code", Self::Code),
        ("id", Self::Id),
    ];

    /// The name that scenarios use.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, part)| *part == self);
        named.map_or("?", |(name, _)| name)
    }

    /// Whether that callback carries it (OBJ).
    pub fn is_of(self, callback: Callback) -> bool {
        match self {
            Self::Content | Self::Channel | Self::Caller => callback == Callback::RemoteReceived,
            Self::Response => {
                matches!(callback, Callback::LocalAccepted | Callback::LocalRefused)
            }
            Self::Code => matches!(callback, Callback::LocalFailure | Callback::RemoteFailure),
            Self::Id => true,
        }
    }
}
