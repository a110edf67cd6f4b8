//! The texts of the calls: made once, compared byte for byte wherever they arrive.

use super::plan::Plan;
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
pub(super) struct Texts<'a> {
    plan: &'a Plan,
    contents: Vec<Text>,
    responses: Vec<Text>,
    /// The channel id of every call whose flow has none of its own.
    channel: Text,
    /// What the flows write, in their order.
    flows: Vec<Own>,
}

/// What a flow writes.
#[derive(Debug)]
struct Own {
    content: Option<Text>,
    channel: Option<Text>,
    response: Option<Text>,
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

impl<'a> Texts<'a> {
    /// Contents of so many bytes, chosen by the seed, and short responses; and what the flows write.
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut chance = oorandom::Rand64::new(u128::from(plan.seed));
        let content = |_| {
            let mut letter = || char::from(b'a' + chance.rand_range(0..26) as u8);
            Text::new((0..plan.content_bytes).map(|_| letter()).collect())
        };
        let own = |text: &Option<String>| text.clone().map(Text::new);
        Self {
            plan,
            contents: (0..TEXTS).map(content).collect(),
            responses: (0..TEXTS)
                .map(|number| Text::new(format!("On my way {number}")))
                .collect(),
            channel: Text::new("flood".to_owned()),
            flows: plan
                .flows
                .iter()
                .map(|flow| Own {
                    content: own(&flow.content),
                    channel: own(&flow.channel),
                    response: own(&flow.response),
                })
                .collect(),
        }
    }

    /// What the flow of the call of that number writes.
    fn own(&self, number: u32) -> Option<&Own> {
        self.flows.get(self.plan.flow_at(number)?)
    }

    /// The content of the call of that number.
    pub(super) fn content(&self, number: u32) -> &Text {
        let own = self.own(number).and_then(|own| own.content.as_ref());
        own.or_else(|| pick(&self.contents, number))
            .unwrap_or(&self.channel)
    }

    /// The channel id of the call of that number.
    pub(super) fn channel(&self, number: u32) -> &Text {
        let own = self.own(number).and_then(|own| own.channel.as_ref());
        own.unwrap_or(&self.channel)
    }

    /// The response to the call of that number.
    pub(super) fn response(&self, number: u32) -> &Text {
        let own = self.own(number).and_then(|own| own.response.as_ref());
        own.or_else(|| pick(&self.responses, number))
            .unwrap_or(&self.channel)
    }
}

fn pick(texts: &[Text], number: u32) -> Option<&Text> {
    texts.get(number as usize % texts.len().max(1))
}
