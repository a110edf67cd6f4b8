//! What a script asks of one call: the flags, and what they come to when they fit together.

use std::time::Duration;

use clap::{Args, ValueEnum};
use ringcheck_reference::limits::{CHANNEL_BYTES_MAX, TEXT_BYTES_MAX};
use serde::Serialize;

use super::board::Side;
use crate::cli::Failure;
use crate::cli::serve::Time;

/// What to do once, instead of a session.
#[derive(Debug, Args)]
#[command(next_help_heading = "For scripts")]
pub(super) struct Flags {
    /// Ring a user, and end with the call
    #[arg(long, value_name = "USER", group = "once", value_parser = super::user_id)]
    send: Option<String>,

    /// What to show to the callee
    #[arg(
        long,
        value_name = "TEXT",
        requires = "send",
        conflicts_with = "answer"
    )]
    content: Option<String>,

    /// Which channel to meet in
    #[arg(long, value_name = "ID", requires = "send", conflicts_with = "answer")]
    channel: Option<String>,

    /// Wait for a call, answer it so, and end with it
    #[arg(long, value_name = "accept|refuse|none", group = "once")]
    answer: Option<Answer>,

    /// What to say to the caller
    #[arg(
        long,
        value_name = "TEXT",
        requires = "answer",
        conflicts_with = "send"
    )]
    response: Option<String>,

    /// What must come for exit code 0: a callback, or `ended` for any end. By default, what was sent is to be accepted,
    /// and an answer is to be confirmed
    #[arg(long, value_name = "WHAT", requires = "once")]
    wait: Option<Outcome>,

    /// How long to wait for it, from the start; connecting is part of it
    #[arg(long, value_name = "TIME", requires = "once", default_value = "2m")]
    timeout: Time,

    /// Let it ring so long: then a caller cancels and a callee answers
    #[arg(long, value_name = "TIME", requires = "once")]
    ring_for: Option<Time>,

    /// Write a JSON object instead of a line of texts
    #[arg(long, requires = "once")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Answer {
    Accept,
    Refuse,
    None,
}

/// What can become of a call, and be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Received,
    Accepted,
    Refused,
    Canceled,
    Failed,
    /// Any end.
    Ended,
    /// Nothing, in the time that there was.
    #[value(skip)]
    Timeout,
    /// Nothing, since the session was lost.
    #[value(skip)]
    Lost,
}

impl Outcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Timeout => "timeout",
            Self::Lost => "lost",
        }
    }

    pub(super) fn is_end(self) -> bool {
        match self {
            Self::Accepted | Self::Refused | Self::Canceled | Self::Failed | Self::Ended => true,
            Self::Received | Self::Timeout | Self::Lost => false,
        }
    }

    pub(super) fn is_met_by(self, came: Self) -> bool {
        self == came || (self == Self::Ended && came.is_end())
    }
}

/// What is to be done and waited for, checked.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) part: Part,
    pub(super) wait: Outcome,
    pub(super) timeout: Duration,
    pub(super) ring_for: Option<Duration>,
    pub(super) json: bool,
}

/// The caller's part or the callee's.
#[derive(Debug)]
pub(super) enum Part {
    Send {
        callee: String,
        content: String,
        channel: String,
    },
    Answer {
        answer: Answer,
        response: String,
    },
}

impl Flags {
    /// What the flags ask for, if it is one call.
    pub(super) fn deed(&self) -> Result<Option<Deed>, Failure> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (part, wait) = match (&self.send, self.answer) {
            (Some(callee), _) => {
                let part = Part::Send {
                    callee: callee.clone(),
                    content: text(&self.content),
                    channel: text(&self.channel),
                };
                (part, Outcome::Accepted)
            }
            (None, Some(answer)) => {
                let wait = match answer {
                    Answer::Accept => Outcome::Accepted,
                    Answer::Refuse => Outcome::Refused,
                    Answer::None => Outcome::Received,
                };
                let response = text(&self.response);
                (Part::Answer { answer, response }, wait)
            }
            (None, None) => return Ok(None),
        };
        let deed = Deed {
            part,
            wait: self.wait.unwrap_or(wait),
            timeout: self.timeout.0,
            ring_for: self.ring_for.map(|time| time.0),
            json: self.json,
        };
        deed.check()?;
        Ok(Some(deed))
    }
}

impl Deed {
    /// Whether the texts are within their limits (LIM-1, LIM-2), and the parts fit together.
    fn check(&self) -> Result<(), Failure> {
        let within = |name: &str, text: &str, bytes_max: usize| {
            if text.len() <= bytes_max {
                return Ok(());
            }
            Err(Failure::Usage(format!(
                "--{name} has {} bytes; at most {bytes_max} go through",
                text.len()
            )))
        };
        match &self.part {
            Part::Send {
                content, channel, ..
            } => {
                within("content", content, TEXT_BYTES_MAX)?;
                within("channel", channel, CHANNEL_BYTES_MAX)
            }
            Part::Answer { answer, response } => {
                if *answer == Answer::None && !(response.is_empty() && self.ring_for.is_none()) {
                    let text = "`--answer none` has no use for --response and --ring-for";
                    return Err(Failure::Usage(text.to_owned()));
                }
                if *answer != Answer::None && self.wait == Outcome::Received {
                    let text = "`--wait received` would leave before the answer has gone\n\
                                hint: --answer none";
                    return Err(Failure::Usage(text.to_owned()));
                }
                within("response", response, TEXT_BYTES_MAX)
            }
        }
    }

    pub(super) fn side(&self) -> Side {
        match self.part {
            Part::Send { .. } => Side::Local,
            Part::Answer { .. } => Side::Remote,
        }
    }
}
