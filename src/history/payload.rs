//! Texts by digest and length.

use std::fmt;
use std::sync::Arc;

/// A text by its digest and length, with enough of it to show; missing and empty are the same (OBJ-7).
#[derive(Clone, Default)]
pub struct Payload(
    /// Shared, since a text is handed from event to event; `None` for no text.
    Option<Arc<Text>>,
);

struct Text {
    digest: u64,
    bytes: usize,
    excerpt: Box<str>,
}

/// How much of a text is kept for people to read.
const EXCERPT_CHARS: usize = 48;

/// As much of a text as is kept.
fn beginning(text: &str) -> &str {
    if text.len() <= EXCERPT_CHARS {
        return text;
    }
    let end = text.char_indices().nth(EXCERPT_CHARS);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

impl Payload {
    /// The digest (XXH3, 64 bits), length and beginning of `text`.
    pub fn of(text: &str) -> Self {
        Self::from_parts(
            xxhash_rust::xxh3::xxh3_64(text.as_bytes()),
            text.len(),
            text,
        )
    }

    /// A text of which only the digest (XXH3, 64 bits), the length and the beginning are known.
    pub fn from_parts(digest: u64, bytes: usize, excerpt: &str) -> Self {
        if bytes == 0 {
            return Self::default();
        }
        Self(Some(Arc::new(Text {
            digest,
            bytes,
            excerpt: beginning(excerpt).into(),
        })))
    }

    /// The digest (XXH3, 64 bits); 0 for no text.
    pub fn digest(&self) -> u64 {
        self.0.as_ref().map_or(0, |text| text.digest)
    }

    /// The beginning of the text.
    pub fn excerpt(&self) -> &str {
        self.0.as_ref().map_or("", |text| &text.excerpt)
    }

    /// The text, if all of it is known.
    pub fn whole(&self) -> Option<&str> {
        let excerpt = self.excerpt();
        (excerpt.len() == self.len()).then_some(excerpt)
    }

    /// The length in bytes of UTF-8.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |text| text.bytes)
    }

    /// Whether there is no text, or an empty one.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => {
                Arc::ptr_eq(one, other) || (one.digest, one.bytes) == (other.digest, other.bytes)
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
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
                self.excerpt(),
                self.len(),
                self.digest()
            )
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
