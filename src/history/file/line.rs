//! The lines of a history file as JSON has them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::history::{Anchor, Clocks, Payload};

/// A header. Fields that are not known are passed over, here and in every other line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HeaderLine {
    pub(super) ringcheck: String,
    pub(super) target: String,
    pub(super) scenario: String,
    pub(super) seed: Option<u64>,
    pub(super) order: Option<String>,
    pub(super) trailer: Option<bool>,
    pub(super) clocks_ms: Option<ClocksMs>,
}

/// A trailer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrailerLine {
    pub(super) end_us: Option<u64>,
    pub(super) events: Option<u64>,
    pub(super) invitations: Option<u64>,
    pub(super) xxh3: String,
}

/// An event, or what shows that the line is another. What the line has no use for is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EventLine<'a> {
    pub(super) seq: Option<u64>,
    pub(super) at_us: Option<u64>,
    #[serde(borrow)]
    pub(super) user: Cow<'a, str>,
    pub(super) session: Option<u32>,
    #[serde(borrow)]
    pub(super) call: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) result: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) callback: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) connection: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) reason: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) wire: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) invitation: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) peer: Name<'a>,
    pub(super) code: Option<u8>,
    pub(super) state: Option<u8>,
    #[serde(borrow)]
    pub(super) content: Text<'a>,
    #[serde(borrow)]
    pub(super) channel: Text<'a>,
    #[serde(borrow)]
    pub(super) response: Text<'a>,
    pub(super) cause: Option<u64>,
    /// Only in a header.
    pub(super) ringcheck: Option<IgnoredAny>,
    /// Only in a trailer.
    pub(super) end_us: Option<IgnoredAny>,
    /// Only in a trailer.
    pub(super) events: Option<IgnoredAny>,
}

/// A name that may be missing, which is not the same as an empty one.
#[derive(Debug, Default)]
pub(super) struct Name<'a>(pub(super) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Some(Cow::Borrowed(name))))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Some(Cow::Owned(name.to_owned()))))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Name(None))
            }
        }
        deserializer.deserialize_any(NameVisitor)
    }
}

/// The limits in milliseconds; what is left out is the lifecycle's default.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ClocksMs {
    offline_window: u64,
    no_ack: u64,
    expiry: u64,
    accept_ack: u64,
    cancel_bound: u64,
    presence_grace: u64,
    expiry_anchor: AnchorWord,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AnchorWord {
    Ack,
    Send,
}

impl Default for ClocksMs {
    fn default() -> Self {
        Self::from(&Clocks::default())
    }
}

impl From<&Clocks> for ClocksMs {
    fn from(clocks: &Clocks) -> Self {
        let ms = |limit: std::time::Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Self {
            offline_window: ms(clocks.offline_window),
            no_ack: ms(clocks.no_ack),
            expiry: ms(clocks.expiry),
            accept_ack: ms(clocks.accept_ack),
            cancel_bound: ms(clocks.cancel_bound),
            presence_grace: ms(clocks.presence_grace),
            expiry_anchor: match clocks.expiry_anchor {
                Anchor::Ack => AnchorWord::Ack,
                Anchor::Send => AnchorWord::Send,
            },
        }
    }
}

impl From<ClocksMs> for Clocks {
    fn from(ms: ClocksMs) -> Self {
        let limit = std::time::Duration::from_millis;
        Self {
            offline_window: limit(ms.offline_window),
            no_ack: limit(ms.no_ack),
            expiry: limit(ms.expiry),
            accept_ack: limit(ms.accept_ack),
            cancel_bound: limit(ms.cancel_bound),
            presence_grace: limit(ms.presence_grace),
            expiry_anchor: match ms.expiry_anchor {
                AnchorWord::Ack => Anchor::Ack,
                AnchorWord::Send => Anchor::Send,
            },
        }
    }
}

/// A long text in a file.
#[derive(Debug, Serialize, Deserialize)]
struct Digested<'a> {
    bytes: usize,
    digest: Cow<'a, str>,
    #[serde(default)]
    excerpt: Cow<'a, str>,
}

impl Serialize for Payload {
    /// A text that is known whole as a string, a longer one by length, digest and beginning.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(whole) = self.whole() {
            return serializer.serialize_str(whole);
        }
        Digested {
            bytes: self.len(),
            digest: format!("{:016x}", self.digest()).into(),
            excerpt: self.excerpt().into(),
        }
        .serialize(serializer)
    }
}

/// A text of a line.
#[derive(Debug)]
pub(super) enum Text<'a> {
    /// The whole text.
    Whole(Cow<'a, str>),
    /// One that is too long for the line.
    Digest(Payload),
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self::Whole(Cow::Borrowed(""))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or its `bytes` and `digest`")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Whole(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Whole(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let text = Digested::deserialize(de::value::MapAccessDeserializer::new(map))?;
        if text.bytes == 0 {
            return Ok(Text::default());
        }
        let digest = u64::from_str_radix(&text.digest, 16)
            .map_err(|_| de::Error::custom("`digest` is not a hexadecimal number of 64 bits"))?;
        let payload = Payload::from_parts(digest, text.bytes, &text.excerpt);
        Ok(Text::Digest(payload))
    }
}
