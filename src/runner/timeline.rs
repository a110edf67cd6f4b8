//! What every user did and heard, side by side, for people.

use std::time::Duration;

use super::stage::Stage;
use crate::history::{Event, What};

/// The width of a user's column.
const COLUMN: usize = 40;

/// One line an event, one column a user.
pub(super) fn draw(stage: &Stage<'_>, end: Duration) -> Vec<String> {
    let users = &stage.scenario.users;
    let mut lines = vec![format!(
        "{:>12}  {}",
        "time",
        row(users.iter().map(|user| user.name.clone()))
    )];
    for entry in stage.entries.iter().filter(|entry| entry.event.at <= end) {
        let Some(text) = words(stage, &entry.event) else {
            continue;
        };
        let cells = (0..users.len()).map(|user| {
            if user == entry.participant {
                text.clone()
            } else {
                String::new()
            }
        });
        let ms = entry.event.at.as_secs_f64() * 1000.0;
        lines.push(format!("{ms:>9.1} ms  {}", row(cells)));
    }
    lines
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| format!("{cell:<COLUMN$}")).collect();
    cells.join(" ").trim_end().to_owned()
}

fn words(stage: &Stage<'_>, event: &Event) -> Option<String> {
    let label = |id: &str| {
        let place = stage
            .invitations
            .iter()
            .position(|known| known.as_deref() == Some(id));
        place.map_or_else(|| id.to_owned(), |place| stage.label(place).to_owned())
    };
    Some(match &event.what {
        What::Called {
            call, invitation, ..
        } => format!("> {call} {}", label(invitation)),
        // A call that was admitted needs no second line.
        What::Returned { code, .. } if code.0 == 0 => return None,
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
            let code = code.map(|code| format!(" {}", code.name(callback.side()).unwrap_or("?")));
            format!(
                "{callback} {}{}",
                label(invitation),
                code.unwrap_or_default()
            )
        }
        What::Connection { state, reason } => format!("- {state} ({reason})"),
    })
}
