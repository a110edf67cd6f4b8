//! A history as a small sequence diagram in text: a lane a user, time running down.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::{Call, Event, What};

/// The width of a lane.
const LANE: usize = 40;

/// A pause as long as this is shown as one.
const PAUSE: Duration = Duration::from_secs(2);

/// What some users did and heard, for any reader to draw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// The users' names.
    pub lanes: Vec<String>,
    /// What happened, in order.
    pub rows: Vec<Row>,
}

/// One line of a diagram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// When, since recording began.
    #[serde(rename = "at_ms", with = "milliseconds")]
    #[schemars(with = "f64")]
    pub at: Duration,
    /// In which lane.
    pub lane: usize,
    /// What.
    pub text: String,
    /// Which way it went.
    pub toward: Toward,
    /// Whether it is the one that the diagram is about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
}

/// Which way something went between a user and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Toward {
    /// To the server.
    Server,
    /// To the user.
    User,
    /// Nowhere: it stayed at the user.
    Nobody,
}

impl Toward {
    /// Which way an event went.
    pub fn of(event: &Event) -> Self {
        match &event.what {
            What::Called {
                call: Call::Create, ..
            }
            | What::Returned { .. }
            | What::Connection { .. }
            | What::Wire { .. } => Self::Nobody,
            What::Called { .. } => Self::Server,
            What::CalledBack { .. } => Self::User,
        }
    }
}

/// A duration as milliseconds with the fraction that a clock of microseconds has.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(at: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(at.as_micros() as f64 / 1000.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let ms = f64::deserialize(from)?;
        Duration::try_from_secs_f64(ms / 1000.0).map_err(de::Error::custom)
    }
}

/// The lines of a diagram, under the lanes' names.
pub fn draw(lanes: &[String], rows: &[Row]) -> Vec<String> {
    let mut lines = vec![line("time", lanes.iter().cloned())];
    let mut before: Option<Duration> = None;
    for row in rows {
        if let Some(pause) = before.and_then(|before| row.at.checked_sub(before))
            && pause >= PAUSE
        {
            lines.push(format!("{:>12}  {:.1} s later", "⋮", pause.as_secs_f64()));
        }
        before = Some(row.at);
        let cells = (0..lanes.len()).map(|lane| {
            if lane == row.lane {
                row.text.clone()
            } else {
                String::new()
            }
        });
        let mark = if row.marked { '►' } else { ' ' };
        let ms = row.at.as_secs_f64() * 1000.0;
        lines.push(format!("{mark}{ms:>8.1} ms  {}", side_by_side(cells)));
    }
    lines
}

/// The diagram of events with their places in a history, a lane a user, each named by its id. At most `rows_max` rows are
/// shown, the last ones; the event at `marked` is the one that it is about.
pub fn of<'e>(
    events: impl Iterator<Item = (u64, &'e Event)>,
    marked: Option<u64>,
    rows_max: usize,
) -> Vec<String> {
    let mut lanes: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for (place, event) in events {
        let known = lanes.iter().position(|lane| **lane == *event.user);
        let lane = known.unwrap_or_else(|| {
            lanes.push(event.user.to_string());
            lanes.len() - 1
        });
        let marked = marked == Some(place);
        rows.extend(words(event, marked, str::to_owned).map(|text| Row {
            at: event.at,
            lane,
            text,
            toward: Toward::of(event),
            marked,
        }));
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let hidden = rows.len().saturating_sub(rows_max);
    draw(&lanes, rows.get(hidden..).unwrap_or_default())
}

/// A line of a diagram: what stands before the lanes, and a cell a lane.
pub fn line(margin: &str, cells: impl Iterator<Item = String>) -> String {
    format!("{margin:>12}  {}", side_by_side(cells))
        .trim_end()
        .to_owned()
}

fn side_by_side(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| format!("{cell:<LANE$}")).collect();
    cells.join(" ").trim_end().to_owned()
}

/// An event in a few words, its invitation by the label that people know it by. `None` for what needs no line unless the
/// diagram is about it: the result of a call that was admitted.
pub fn words(event: &Event, marked: bool, label: impl Fn(&str) -> String) -> Option<String> {
    Some(match &event.what {
        What::Called {
            call, invitation, ..
        } => format!("> {call} {}", label(invitation)),
        What::Returned { code, .. } if code.0 == 0 && !marked => return None,
        What::Returned {
            call,
            invitation,
            code,
        } => format!("  {call} {} returned {code}", label(invitation)),
        What::CalledBack {
            callback,
            invitation,
            code,
            ..
        } => {
            let code = code.map(|code| {
                let name = code.name(callback.side());
                name.map_or_else(|| format!(" {}", code.0), |name| format!(" {name}"))
            });
            let label = label(invitation);
            format!("{callback} {label}{}", code.unwrap_or_default())
        }
        What::Connection { state, reason } => format!("- {state} ({reason})"),
        What::Wire { note } => format!("~ {note}"),
    })
}
