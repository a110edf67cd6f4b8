//! Pictures for findings: what the users of an invitation did and heard until it was found, from a look at the events.

use std::collections::VecDeque;

use foldhash::HashMap;

use super::diagram;
use crate::history::{Event, InvitationId, Order, UserId};
use crate::lifecycle::Finding;

/// The most lines of a diagram: the last ones, and the one that it is about.
const ROWS_MAX: usize = 24;

/// The pictures of some findings, while the events that they need go by.
#[derive(Debug)]
pub struct Pictures<'f> {
    order: Order,
    sheets: Vec<Sheet<'f>>,
    /// Which findings are about an invitation.
    of: HashMap<InvitationId, Vec<usize>>,
    /// Which findings a user's connection matters to.
    at: HashMap<UserId, Vec<usize>>,
}

#[derive(Debug)]
struct Sheet<'f> {
    finding: &'f Finding,
    /// The event that it is about, once it is none of the last.
    first: Option<(u64, Event)>,
    last: VecDeque<(u64, Event)>,
}

impl<'f> Pictures<'f> {
    /// Blank pictures of findings in a history of that order.
    pub fn of(findings: &'f [Finding], order: Order) -> Self {
        let mut pictures = Self {
            order,
            sheets: Vec::new(),
            of: HashMap::default(),
            at: HashMap::default(),
        };
        for (number, finding) in findings.iter().enumerate() {
            match &finding.invitation {
                Some(id) => pictures.of.entry(id.clone()).or_default().push(number),
                None => {
                    let user = finding.user.clone();
                    pictures.at.entry(user).or_default().push(number);
                }
            }
            pictures.sheets.push(Sheet {
                finding,
                first: None,
                last: VecDeque::new(),
            });
        }
        pictures
    }

    /// Takes the event at that place of the history.
    pub fn show(&mut self, place: u64, event: &Event) {
        let Some(id) = event.what.invitation() else {
            let numbers = self.at.get(&event.user);
            return take(&mut self.sheets, numbers, (place, event), self.order);
        };
        let numbers = self.of.get(id);
        take(&mut self.sheets, numbers, (place, event), self.order);
        for number in numbers.into_iter().flatten() {
            let here = self.at.entry(event.user.clone()).or_default();
            if !here.contains(number) {
                here.push(*number);
            }
        }
    }

    /// The pictures as text, in the order of the findings.
    pub fn draw(self) -> Vec<Vec<String>> {
        self.sheets.into_iter().map(Sheet::draw).collect()
    }
}

/// Shows an event to the findings of those numbers.
fn take(
    sheets: &mut [Sheet<'_>],
    numbers: Option<&Vec<usize>>,
    (place, event): (u64, &Event),
    order: Order,
) {
    for number in numbers.into_iter().flatten() {
        if let Some(sheet) = sheets.get_mut(*number) {
            sheet.take(place, event, order);
        }
    }
}

impl Sheet<'_> {
    fn take(&mut self, place: u64, event: &Event, order: Order) {
        // What came after it was found explains nothing; with separate recorders nobody knows what came after.
        let found = self.finding.event.unwrap_or(0);
        if order == Order::Causal && place > found && event.at > self.finding.at {
            return;
        }
        self.last.push_back((place, event.clone()));
        if self.last.len() >= ROWS_MAX
            && let Some((place, event)) = self.last.pop_front()
            && self.finding.event == Some(place)
        {
            self.first = Some((place, event));
        }
    }

    fn draw(self) -> Vec<String> {
        let rows = self.first.iter().chain(&self.last);
        diagram::of(
            rows.map(|(place, event)| (*place, event)),
            self.finding.event,
            ROWS_MAX,
        )
    }
}
