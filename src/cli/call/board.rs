//! The invitations of a terminal by the numbers it shows.

use std::collections::BTreeMap;

use ringcheck_reference::client::{Client, InvitationId};

/// Which end of an invitation we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The caller.
    Local,
    /// The callee.
    Remote,
}

/// The numbers. Those of long ended invitations are forgotten, and none is given twice.
#[derive(Debug, Default)]
pub(super) struct Board {
    numbers: BTreeMap<usize, (InvitationId, Side)>,
    last: usize,
}

/// Numbers that are kept at least, open or ended.
const NUMBERS_KEPT: usize = 1_000;

impl Board {
    /// The number of an invitation on that side, a new one if it has none.
    pub(super) fn number(&mut self, id: &InvitationId, side: Side) -> usize {
        let known = self
            .numbers
            .iter()
            .rev()
            .find(|(_, known)| (&known.0, known.1) == (id, side))
            .map(|(number, _)| *number);
        known.unwrap_or_else(|| {
            self.last += 1;
            self.numbers.insert(self.last, (id.clone(), side));
            self.last
        })
    }

    /// The invitation of a number.
    pub(super) fn get(&self, number: usize) -> Option<InvitationId> {
        self.numbers.get(&number).map(|(id, _)| id.clone())
    }

    /// The open invitations, the newest first, as the client sees them now.
    pub(super) fn open(
        &self,
        client: &Client,
    ) -> impl DoubleEndedIterator<Item = (usize, &InvitationId, Side)> {
        self.numbers
            .iter()
            .rev()
            .filter(move |(_, (id, side))| is_open(client, id, *side))
            .map(|(number, (id, side))| (*number, id, *side))
    }

    /// Forgets ended invitations when there are many.
    pub(super) fn tidy(&mut self, client: &Client) {
        if self.numbers.len() >= 2 * NUMBERS_KEPT {
            let old = self.last.saturating_sub(NUMBERS_KEPT);
            self.numbers
                .retain(|number, (id, side)| *number > old || is_open(client, id, *side));
        }
    }
}

fn is_open(client: &Client, id: &InvitationId, side: Side) -> bool {
    match side {
        Side::Local => client
            .local(id)
            .is_some_and(|local| !local.state.is_ended()),
        Side::Remote => client
            .remote(id)
            .is_some_and(|remote| !remote.state.is_ended()),
    }
}
