//! Judging recorded histories as they are read.

use std::collections::VecDeque;
use std::io::BufRead;
use std::time::Duration;

use crate::history::Event;
use crate::history::file::{Damage, Item, Opening, Reader};
use crate::lifecycle::Judge;
use crate::report::checked::{Checked, Section};

/// How many events are remembered for the diagrams.
const RECENT_MAX: usize = 1024;

/// A section that is being judged.
struct Open {
    line: u64,
    opening: Opening,
    judge: Judge,
    events: u64,
    recent: VecDeque<(u64, Event)>,
}

/// Judges every section of a history file, in memory that grows with the open invitations only.
///
/// # Errors
/// [`Damage`] where the file is not what `FORMAT.md` describes. What was judged before it is in `checked`, the open section as one that
/// stops at its last event.
pub fn section_by_section(
    name: &str,
    input: impl BufRead,
    checked: &mut Checked,
) -> Result<(), Damage> {
    let mut reader = Reader::new(input);
    let mut open: Option<Open> = None;
    loop {
        let item = match reader.next_item() {
            Ok(item) => item,
            Err(damage) => {
                if let Some(open) = open {
                    close(name, open, None, checked);
                }
                return Err(damage);
            }
        };
        match item {
            None => return Ok(()),
            Some(Item::Opened(opening, clocks, order)) => {
                open = Some(Open {
                    line: reader.line(),
                    opening,
                    judge: Judge::new(clocks, order),
                    events: 0,
                    recent: VecDeque::new(),
                });
            }
            Some(Item::Event(event)) => {
                if let Some(open) = &mut open {
                    open.judge.observe(&event);
                    if open.recent.len() == RECENT_MAX {
                        open.recent.pop_front();
                    }
                    open.recent.push_back((open.events, event));
                    open.events += 1;
                }
            }
            Some(Item::Closed(trailer)) => {
                if let Some(open) = open.take() {
                    close(name, open, Some(trailer.end), checked);
                }
            }
        }
    }
}

/// Judges what a section leaves open at its end. One that is damaged ends at its last event.
fn close(name: &str, open: Open, end: Option<Duration>, checked: &mut Checked) {
    let last = open.recent.back().map(|(_, event)| event.at);
    let verdict = open.judge.finish(end.or(last).unwrap_or_default());
    checked.exercise(&verdict.exercised);
    let at = (name, open.line);
    let section = Section::new(at, &open.opening, &verdict, &open.recent);
    checked.sections.push(section);
}
