//! Judging recorded histories as they are read.

use std::collections::VecDeque;
use std::io::BufRead;
use std::time::Duration;

use crate::history::file::{Damage, Item, Opening, Reader};
use crate::history::{Event, Order};
use crate::lifecycle::Judge;
use crate::report::checked::{Checked, Section};
use crate::report::picture::Pictures;

/// How many events are remembered for the pictures of the findings where no second look is possible.
pub const RECENT_MAX: usize = 1024;

/// A section that is being judged.
struct Open {
    line: u64,
    opening: Opening,
    order: Order,
    judge: Judge,
    events: u64,
    recent: VecDeque<(u64, Event)>,
}

/// Judges every section of a history file, in memory that grows with the open invitations only. The pictures of the findings
/// are drawn from the last `remembered` events; [`redraw`] draws them from a second look.
///
/// # Errors
/// [`Damage`] where the file is not what `FORMAT.md` describes. What was judged before it is in `checked`, the open section as one that
/// stops at its last event.
pub fn section_by_section(
    name: &str,
    input: impl BufRead,
    remembered: usize,
    checked: &mut Checked,
) -> Result<(), Damage> {
    let mut reader = Reader::new(input);
    let mut open: Option<Open> = None;
    loop {
        let item = match reader.next_item() {
            Ok(item) => item,
            Err(damage) => {
                if let Some(open) = open {
                    // It ends at its last event.
                    close(name, open, Duration::ZERO, checked);
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
                    order,
                    judge: Judge::new(clocks, order),
                    events: 0,
                    recent: VecDeque::new(),
                });
            }
            Some(Item::Event(event)) => {
                if let Some(open) = &mut open {
                    open.judge.observe(&event);
                    if remembered > 0 {
                        if open.recent.len() == remembered {
                            open.recent.pop_front();
                        }
                        open.recent.push_back((open.events, event));
                    }
                    open.events += 1;
                }
            }
            Some(Item::Closed(trailer)) => {
                if let Some(open) = open.take() {
                    close(name, open, trailer.end, checked);
                }
            }
        }
    }
}

/// Judges what a section leaves open at its end, which is not before its last event.
fn close(name: &str, open: Open, end: Duration, checked: &mut Checked) {
    let mut verdict = open.judge.finish(end);
    verdict.findings.sort_by_key(|finding| finding.event);
    checked.exercise(&verdict.exercised);
    let mut pictures = Pictures::of(&verdict.findings, open.order);
    for (place, event) in &open.recent {
        pictures.show(*place, event);
    }
    let drawn = pictures.draw();
    let whole = open.events <= open.recent.len() as u64;
    let at = (name, open.line);
    let mut section = Section::new(at, &open.opening, &verdict, drawn);
    if !whole {
        section.undrawn = Some((verdict.findings, open.order));
    }
    checked.sections.push(section);
}

/// Draws anew, from a second look at a whole file, the pictures of which the first look did not remember all events.
/// Damage ends it where it ended the first look.
pub fn redraw(input: impl BufRead, sections: &mut [Section]) {
    let mut reader = Reader::new(input);
    for section in sections {
        let Some((findings, order)) = section.undrawn.take() else {
            if !pass(&mut reader, |_, _| {}) {
                return;
            }
            continue;
        };
        let mut pictures = Pictures::of(&findings, order);
        let more = pass(&mut reader, |place, event| pictures.show(place, event));
        section.redraw(pictures.draw());
        if !more {
            return;
        }
    }
}

/// Reads one section to its end. Whether another may follow.
fn pass<R: BufRead>(reader: &mut Reader<R>, mut act: impl FnMut(u64, &Event)) -> bool {
    let mut place = 0;
    loop {
        match reader.next_item() {
            Ok(Some(Item::Opened(..))) => {}
            Ok(Some(Item::Event(event))) => {
                act(place, &event);
                place += 1;
            }
            Ok(Some(Item::Closed(_))) => return true,
            Ok(None) | Err(_) => return false,
        }
    }
}
