//! Raw steps: what happens to frames on their way, and what is said that is no frame.

use super::Reader;
use super::fields::{Field, Fields};
use super::steps::UserStep;
use super::values::text_of;
use super::verbs::Meddle;
use crate::scenario::names;
use crate::scenario::plan::{Act, Answer, Meddling, Raw, RawFrame, Text, WITHIN, Way};
use crate::scenario::problem;
use crate::scenario::tree::{Kind, Node};

/// The types of the frames that a client says, and of those that it is told: the reference's wire.
pub(in crate::scenario) const SENT: [&str; 12] = [
    "login",
    "logout",
    "renew",
    "ping",
    "invite",
    "invite_ack",
    "cancel",
    "cancel_ack",
    "accept",
    "accept_ack",
    "refuse",
    "recall",
];
pub(in crate::scenario) const HEARD: [&str; 16] = [
    "welcome",
    "bye",
    "pong",
    "token_expiring",
    "renewed",
    "remote_received",
    "remote_accepted",
    "remote_refused",
    "remote_canceled",
    "remote_failed",
    "local_received",
    "local_accepted",
    "local_refused",
    "local_canceled",
    "local_failed",
    "error",
];

/// What `raw` says, by the key of its mapping.
pub(super) const SAYINGS: [&str; 4] = ["binary", "utf8", "stream", "truncated"];

/// How many bytes can be said at once: over the largest frame, under what a connection takes at once.
const SAID_BYTES_MAX: usize = 128 * 1024;

impl Reader<'_> {
    pub(super) fn meddle(&mut self, how: Meddle, step: &UserStep<'_, '_>) -> Option<Act> {
        let way = self.direction(step.verb.value);
        let frames = match step.fields.get("frames") {
            Some(field) => self.frames(field, way),
            None => Some(Vec::new()),
        };
        let how = match how {
            Meddle::Lose => Some(Meddling::Lose),
            Meddle::Duplicate => Some(Meddling::Duplicate),
            Meddle::Reorder => Some(Meddling::Reorder),
            Meddle::Delay => self
                .needed(step.fields, "by", step.verb.key_at, "`delay`")
                .and_then(|field| self.pause(field.value))
                .map(Meddling::Delay),
        };
        let raw = Raw::Meddle {
            way: way?,
            frames: frames?,
            how: how?,
        };
        raw_step(step.user?, raw, None)
    }

    pub(super) fn mend(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let way = self.direction(step.verb.value);
        raw_step(step.user?, Raw::Mend(way?), None)
    }

    /// The types of frames that go that way.
    fn frames(&mut self, field: Field<'_>, way: Option<Way>) -> Option<Vec<String>> {
        let known: &[&str] = match way? {
            Way::Sent => &SENT,
            Way::Heard => &HEARD,
        };
        let find = |name: &str| known.iter().find(|known| **known == name).copied();
        let frames = self.some_of(
            field,
            "frame that goes this way",
            problem::UNKNOWN_FRAME,
            known,
            find,
        )?;
        Some(frames.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn raw(&mut self, step: &UserStep<'_, '_>) -> Option<Act> {
        let said = self.said(step.verb.value);
        self.demands |= ["error", "close"]
            .iter()
            .any(|option| step.fields.get(option).is_some());
        let answer = match (step.fields.get("error"), step.fields.get("close")) {
            (Some(error), Some(close)) => {
                self.log.add_related(
                    problem::AT_ODDS,
                    close.key_at,
                    "`error` and `close` exclude each other",
                    "one answer too many",
                    (error.key_at, "the other answer".to_owned()),
                );
                return None;
            }
            (Some(error), None) => {
                let code = self.word(error.value, "the code of an error")?;
                Some(Answer::Error(code.to_owned()))
            }
            (None, Some(close)) => {
                let code = self.number(close.value, 1000, 4999)?;
                Some(Answer::Close(u16::try_from(code).ok()?))
            }
            (None, None) => None,
        };
        let within = match step.fields.get("within") {
            Some(field) => self.span(field.value)?,
            None => WITHIN,
        };
        Some(Act::Raw {
            user: step.user?,
            raw: Raw::Say(said?),
            answer,
            within,
        })
    }

    /// What is said: a text, or something by its kind.
    fn said(&mut self, node: &Node) -> Option<RawFrame<Text>> {
        let Kind::Map(entries) = &node.kind else {
            return self.short(node).map(RawFrame::Text);
        };
        if entries.iter().any(|(key, _)| text_of(key) == "repeat") {
            return self.short(node).map(RawFrame::Text);
        }
        let mut fields = Fields::of(&mut self.log, entries);
        fields.only(&mut self.log, &SAYINGS, "what is said raw");
        let [field] = fields.all.as_slice() else {
            self.wrong_shape(
                node,
                "a text, or one of `binary`, `utf8`, `stream` and `truncated`",
            );
            return None;
        };
        match field.key {
            "binary" => self.hex(field.value).map(RawFrame::Binary),
            "utf8" => self.hex(field.value).map(RawFrame::Utf8),
            "stream" => self.hex(field.value).map(RawFrame::Stream),
            "truncated" => self.short(field.value).map(RawFrame::Truncated),
            _ => None,
        }
    }

    fn short(&mut self, node: &Node) -> Option<Text> {
        let text = self.text(node)?;
        let bytes = text.written().map_or(0, str::len);
        if bytes > SAID_BYTES_MAX {
            self.log.add(
                problem::TOO_BIG,
                &node.span,
                format!("what is said raw has {bytes} bytes"),
                format!("at most {SAID_BYTES_MAX} are said at once"),
            );
            return None;
        }
        Some(text)
    }

    /// Bytes in hexadecimal, with blanks between them.
    fn hex(&mut self, node: &Node) -> Option<Vec<u8>> {
        let text = self.word(node, "bytes in hexadecimal, as `00 ff`")?;
        let bytes: Option<Vec<u8>> = text
            .split_whitespace()
            .map(|byte| {
                u8::from_str_radix(byte, 16)
                    .ok()
                    .filter(|_| byte.len() == 2)
            })
            .collect();
        if bytes.is_none() {
            self.log
                .add(
                    problem::WRONG_SHAPE,
                    &node.span,
                    format!("{} are no bytes in hexadecimal", names::quoted(text)),
                    "expected two digits a byte",
                )
                .help("write `00 ff`");
        }
        bytes
    }
}

fn raw_step(user: usize, raw: Raw, answer: Option<Answer>) -> Option<Act> {
    Some(Act::Raw {
        user,
        raw,
        answer,
        within: WITHIN,
    })
}
