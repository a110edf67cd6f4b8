//! The verbs of a user's steps and the options of each.

use crate::history::{Call, Side};
use crate::scenario::names;
use crate::scenario::plan::Part;

/// What a user's step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Call(Call),
    Write,
    Expect,
    Never,
    Allow,
    Connection,
    Hold,
    Release,
    Meddle(Meddle),
    Mend,
    Raw,
}

/// What is done to frames on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meddle {
    Lose,
    Duplicate,
    Reorder,
    Delay,
}

/// The words for it.
const MEDDLES: [(&str, Meddle); 4] = [
    ("lose", Meddle::Lose),
    ("duplicate", Meddle::Duplicate),
    ("reorder", Meddle::Reorder),
    ("delay", Meddle::Delay),
];

/// Every verb, in the order of the language's page.
pub(super) const VERBS: [&str; 18] = [
    "create",
    "write",
    "send",
    "cancel",
    "accept",
    "refuse",
    "expect",
    "never",
    "allow",
    "connection",
    "hold",
    "release",
    "lose",
    "duplicate",
    "reorder",
    "delay",
    "mend",
    "raw",
];

/// Every option of every verb.
pub(super) const OPTIONS: [&str; 19] = [
    "callee",
    "callee_id",
    "content",
    "channel",
    "result",
    "response",
    "of",
    "code",
    "save",
    "within",
    "at",
    "early",
    "late",
    "for",
    "reason",
    "frames",
    "by",
    "error",
    "close",
];

/// The options that speak of what a callback carries.
pub(super) const CARRIED: [Part; 4] = [Part::Content, Part::Channel, Part::Response, Part::Code];

impl Verb {
    /// The verb of that name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "write" => Some(Self::Write),
            "expect" => Some(Self::Expect),
            "never" => Some(Self::Never),
            "allow" => Some(Self::Allow),
            "connection" => Some(Self::Connection),
            "hold" => Some(Self::Hold),
            "release" => Some(Self::Release),
            "mend" => Some(Self::Mend),
            "raw" => Some(Self::Raw),
            _ => {
                let meddle = MEDDLES.iter().find(|(word, _)| *word == name);
                let meddle = meddle.map(|(_, meddle)| Self::Meddle(*meddle));
                meddle.or_else(|| Call::from_name(name).map(Self::Call))
            }
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Call(call) => call.name(),
            Self::Write => "write",
            Self::Expect => "expect",
            Self::Never => "never",
            Self::Allow => "allow",
            Self::Connection => "connection",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Meddle(own) => MEDDLES
                .iter()
                .find(|(_, meddle)| *meddle == own)
                .map_or("?", |(word, _)| word),
            Self::Mend => "mend",
            Self::Raw => "raw",
        }
    }

    /// The options it may have.
    pub(super) fn options(self) -> &'static [&'static str] {
        match self {
            Self::Call(Call::Create) => &["callee", "callee_id", "content", "channel"],
            Self::Call(Call::Send | Call::Cancel) => &["result"],
            Self::Call(Call::Accept | Call::Refuse) => &["response", "result"],
            Self::Write => &["content", "channel"],
            Self::Expect => &[
                "of", "content", "channel", "response", "code", "save", "within", "at", "early",
                "late",
            ],
            Self::Never => &["of", "for"],
            Self::Allow => &["of"],
            Self::Connection => &["reason", "within"],
            Self::Hold | Self::Release | Self::Mend => &[],
            Self::Meddle(Meddle::Delay) => &["frames", "by"],
            Self::Meddle(Meddle::Lose | Meddle::Duplicate | Meddle::Reorder) => &["frames"],
            Self::Raw => &["error", "close", "within"],
        }
    }
}

/// To which verbs an option belongs, for people.
pub(super) fn belongs_to(option: &str) -> String {
    let takes =
        |verb: &&str| Verb::from_name(verb).is_some_and(|verb| verb.options().contains(&option));
    let verbs: Vec<&str> = VERBS.into_iter().filter(|verb| takes(verb)).collect();
    format!("it is an option of {}", names::listed(&verbs, "and"))
}

/// Who is told by callbacks of that side.
pub(super) fn who(side: Side) -> &'static str {
    match side {
        Side::Local => "caller",
        Side::Remote => "callee",
    }
}
