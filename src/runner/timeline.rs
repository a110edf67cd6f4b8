//! What every user of a scenario did and heard, side by side, by the names in the file.

use std::time::Duration;

use super::stage::Stage;
use crate::report::diagram::{Drawing, Row, Toward, words};

/// One line an event, one lane a participant. The event at `marked` in the record is the one it is about.
pub(super) fn timeline(stage: &Stage<'_>, end: Duration, marked: Option<usize>) -> Drawing {
    let users = &stage.scenario.users;
    let label = |id: &str| {
        let place = stage
            .invitations
            .iter()
            .position(|known| known.as_deref() == Some(id));
        place.map_or_else(|| id.to_owned(), |place| stage.label(place).to_owned())
    };
    let lanes: Vec<String> = users.iter().map(|user| user.name.clone()).collect();
    let shown = stage.entries.iter().enumerate();
    let rows: Vec<Row> = shown
        .filter(|(_, entry)| entry.event.at <= end)
        .filter_map(|(place, entry)| {
            let marked = marked == Some(place);
            Some(Row {
                at: micros(entry.event.at),
                lane: entry.participant,
                text: words(&entry.event, marked, label)?,
                toward: Toward::of(&entry.event),
                marked,
            })
        })
        .collect();
    Drawing { lanes, rows }
}

/// The time in whole microseconds, as it is recorded: a report of the recording must not round another way.
fn micros(at: Duration) -> Duration {
    Duration::from_micros(u64::try_from(at.as_micros()).unwrap_or(u64::MAX))
}
