//! The texts of the calls: made once, compared byte for byte wherever they arrive.

use crate::history::Payload;

/// A text with its digest.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) payload: Payload,
}

/// How many different texts there are, so that one that came with another's call is noticed.
const TEXTS: usize = 61;

/// What calls carry.
#[derive(Debug)]
pub(super) struct Texts {
    contents: Vec<Text>,
    responses: Vec<Text>,
    /// Every call's channel id.
    pub(super) channel: Text,
}

impl Text {
    fn new(text: String) -> Self {
        let payload = Payload::of(&text);
        Self { text, payload }
    }

    /// The digest of what arrived where this text was meant to.
    pub(super) fn arrived(&self, text: &str) -> Payload {
        if text == self.text {
            self.payload.clone()
        } else {
            Payload::of(text)
        }
    }
}

impl Texts {
    /// Contents of so many bytes, chosen by the seed, and short responses.
    pub(super) fn new(content_bytes: usize, seed: u64) -> Self {
        let mut chance = oorandom::Rand64::new(u128::from(seed));
        let content = |_| {
            let mut letter = || char::from(b'a' + chance.rand_range(0..26) as u8);
            Text::new((0..content_bytes).map(|_| letter()).collect())
        };
        Self {
            contents: (0..TEXTS).map(content).collect(),
            responses: (0..TEXTS)
                .map(|number| Text::new(format!("On my way {number}")))
                .collect(),
            channel: Text::new("flood".to_owned()),
        }
    }

    /// The content of the call of that number.
    pub(super) fn content(&self, number: u32) -> &Text {
        pick(&self.contents, number).unwrap_or(&self.channel)
    }

    /// The response to the call of that number.
    pub(super) fn response(&self, number: u32) -> &Text {
        pick(&self.responses, number).unwrap_or(&self.channel)
    }
}

fn pick(texts: &[Text], number: u32) -> Option<&Text> {
    texts.get(number as usize % texts.len().max(1))
}
