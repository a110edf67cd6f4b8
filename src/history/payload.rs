//! Texts by digest and length.

use std::fmt;

/// A text by its digest and length, with enough of it to show; missing and empty are the same (OBJ-7).
#[derive(Clone, Default)]
pub struct Payload {
    digest: u64,
    bytes: usize,
    excerpt: Box<str>,
}

/// How much of a text is kept for people to read.
const EXCERPT_CHARS: usize = 48;

impl Payload {
    /// The digest (XXH3, 64 bits), length and beginning of `text`.
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self {
            digest: xxhash_rust::xxh3::xxh3_64(text.as_bytes()),
            bytes: text.len(),
            excerpt: text.chars().take(EXCERPT_CHARS).collect(),
        }
    }

    /// A text of which only the digest (XXH3, 64 bits), the length and the beginning are known.
    pub fn from_parts(digest: u64, bytes: usize, excerpt: &str) -> Self {
        if bytes == 0 {
            return Self::default();
        }
        Self {
            digest,
            bytes,
            excerpt: excerpt.chars().take(EXCERPT_CHARS).collect(),
        }
    }

    /// The digest (XXH3, 64 bits); 0 for no text.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The beginning of the text.
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// The text, if all of it is known.
    pub fn whole(&self) -> Option<&str> {
        (self.excerpt.len() == self.bytes).then_some(&*self.excerpt)
    }

    /// The length in bytes of UTF-8.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there is no text, or an empty one.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        (self.digest, self.bytes) == (other.digest, other.bytes)
    }
}

impl Eq for Payload {}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(whole) = self.whole() {
            write!(f, "{whole:?}")
        } else {
            write!(
                f,
                "{:?}… ({} bytes, digest {:016x})",
                self.excerpt, self.bytes, self.digest
            )
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
