//! Where a scenario is played: its participants, what they recorded, and what of it has been accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::watch;
use xxhash_rust::xxh3::xxh3_64;

use super::punctual::{LATE_MAX, Punctuality};
use crate::history::{
    Call, Callback, ConnectionReason, ConnectionState, InvitationId, Payload, Side, What,
};
use crate::scenario::plan::{Callee, Scenario, Text, User};
use crate::target::{Cast, Command, Entry, Participant, Recorder};

/// A scenario on its way.
pub(super) struct Stage<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) cast: &'a dyn Cast,
    pub(super) participants: Vec<Box<dyn Participant>>,
    /// The users' ids on the wire.
    pub(super) ids: Vec<String>,
    pub(super) recorder: Arc<Recorder>,
    changed: watch::Receiver<usize>,
    /// The record as far as it has been read, with what was expected or allowed marked off.
    pub(super) entries: Vec<Entry>,
    pub(super) accounted: Vec<bool>,
    /// The ids of the scenario's invitations, once created.
    pub(super) invitations: Vec<Option<InvitationId>>,
    /// The place in the record of the callback that was not what a step demands.
    pub(super) blamed: Option<usize>,
    /// Callbacks that may come without being expected.
    pub(super) allowed: Vec<(usize, Callback, usize)>,
    /// The values that steps have saved, by their names.
    pub(super) saved: BTreeMap<String, String>,
    /// The long texts that somebody has passed by now: of these the record keeps only the beginning.
    pub(super) passed: BTreeSet<String>,
    /// Decides what the scenario leaves to chance.
    pub(super) chance: Rng,
    punctuality: Option<&'a Punctuality>,
    /// When it began, by the clock of the machine.
    pub(super) began: Instant,
}

impl<'a> Stage<'a> {
    /// A stage whose users have ids of their own under `prefix`, and whose chances `seed` decides.
    pub(super) fn new(
        scenario: &'a Scenario,
        cast: &'a dyn Cast,
        (prefix, seed): (&str, u64),
        punctuality: Option<&'a Punctuality>,
    ) -> Self {
        let recorder = Arc::new(Recorder::default());
        let ids: Vec<String> = scenario
            .users
            .iter()
            .map(|user| wire_id(user, &scenario.users, prefix))
            .collect();
        let participants = ids
            .iter()
            .enumerate()
            .map(|(index, id)| cast.participant(id, index, recorder.clone()))
            .collect();
        Self {
            scenario,
            cast,
            participants,
            ids,
            changed: recorder.watch(),
            recorder,
            entries: Vec::new(),
            accounted: Vec::new(),
            invitations: vec![None; scenario.invitations.len()],
            blamed: None,
            allowed: Vec::new(),
            saved: BTreeMap::new(),
            passed: BTreeSet::new(),
            punctuality,
            began: Instant::now(),
            // With the name, so that a scenario's chances are the same whatever is played beside it.
            chance: Rng::with_seed(seed ^ xxh3_64(scenario.name.as_bytes())),
        }
    }

    /// Tells a participant to do something.
    pub(super) fn perform(&mut self, user: usize, command: Command) {
        if let Some(participant) = self.participants.get_mut(user) {
            participant.perform(command);
        }
    }

    /// The name of a user in the file.
    pub(super) fn name(&self, user: usize) -> &str {
        self.scenario.users.get(user).map_or("?", |user| &user.name)
    }

    /// The label of an invitation in the file.
    pub(super) fn label(&self, invitation: usize) -> &str {
        self.scenario
            .invitations
            .get(invitation)
            .map_or("?", |invitation| &invitation.label)
    }

    /// The id of an invitation. One that could not be created has an id that nobody knows.
    pub(super) fn id(&self, invitation: usize) -> InvitationId {
        self.invitations
            .get(invitation)
            .cloned()
            .flatten()
            .unwrap_or_else(|| Arc::from("never-created"))
    }

    /// The id that an invitation names as its callee.
    pub(super) fn callee_id(&self, invitation: usize) -> String {
        match self
            .scenario
            .invitations
            .get(invitation)
            .map(|invitation| &invitation.callee)
        {
            Some(Callee::User(user)) => self.ids.get(*user).cloned().unwrap_or_default(),
            Some(Callee::Id(id)) => self.filled(id),
            None => String::new(),
        }
    }

    /// A text of a step with the values that were saved. The reading makes sure that they are.
    pub(super) fn filled(&self, text: &Text) -> String {
        text.filled(|name| self.saved.get(name).map_or("", String::as_str))
    }

    /// A text of a step that a user passes on from here; it is remembered if the record will not have all of it.
    pub(super) fn passing(&mut self, text: &Text) -> String {
        let text = self.filled(text);
        if Payload::of(&text).whole().is_none() {
            self.passed.insert(text.clone());
        }
        text
    }

    /// By how much the runner was late at worst since that time, if that is too much.
    pub(super) fn late_since(&self, since: Instant) -> Option<Duration> {
        let worst = self.punctuality?.worst_since(since);
        (worst > LATE_MAX).then_some(worst)
    }

    /// Reads what has been recorded since the last time.
    pub(super) fn read(&mut self) {
        for entry in self.recorder.since(self.entries.len()) {
            self.entries.push(entry);
            self.accounted.push(false);
        }
    }

    /// Waits until `found` finds something in the record, or until a time on the record's clock.
    pub(super) async fn wait_for<T>(
        &mut self,
        until: Duration,
        mut found: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<T> {
        loop {
            self.changed.mark_unchanged();
            self.read();
            if let Some(found) = found(self) {
                return Some(found);
            }
            // Once more after the time is over: what was recorded in time may be read late.
            let left = until.checked_sub(self.recorder.now());
            let left = left.filter(|left| !left.is_zero())?;
            let _ = tokio::time::timeout(left, self.changed.changed()).await;
        }
    }

    /// The state of a participant's connection, as it was last told.
    pub(super) fn connection(&self, user: usize) -> Option<ConnectionState> {
        self.last_connection(user).map(|(state, _)| state)
    }

    /// The state of a participant's connection and the reason, as they were last told.
    pub(super) fn last_connection(
        &self,
        user: usize,
    ) -> Option<(ConnectionState, ConnectionReason)> {
        let own = self
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.participant == user);
        own.filter_map(|entry| match entry.event.what {
            What::Connection { state, reason } => Some((state, reason)),
            What::Called { .. }
            | What::Returned { .. }
            | What::CalledBack { .. }
            | What::Wire { .. } => None,
        })
        .next()
    }

    /// When somebody last made that call on that invitation.
    pub(super) fn last_call(&self, call: Call, invitation: &InvitationId) -> Option<Duration> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.event.what {
                What::Called {
                    call: made,
                    invitation: of,
                    ..
                } if (*made, of) == (call, invitation) => Some(entry.event.at),
                What::Called { .. }
                | What::Returned { .. }
                | What::CalledBack { .. }
                | What::Connection { .. }
                | What::Wire { .. } => None,
            })
    }

    /// When the callee's device first had that invitation, which is when it acknowledged it.
    pub(super) fn first_received(&self, invitation: &InvitationId) -> Option<Duration> {
        self.entries
            .iter()
            .find_map(|entry| match &entry.event.what {
                What::CalledBack {
                    callback: Callback::RemoteReceived,
                    invitation: of,
                    ..
                } if of == invitation => Some(entry.event.at),
                What::Called { .. }
                | What::Returned { .. }
                | What::CalledBack { .. }
                | What::Connection { .. }
                | What::Wire { .. } => None,
            })
    }

    /// Whether nothing more is to come: every side that an invitation was known to has ended.
    pub(super) fn is_settled(&self) -> bool {
        let mut open: BTreeSet<(&InvitationId, Side)> = BTreeSet::new();
        for entry in &self.entries {
            match &entry.event.what {
                What::Called {
                    call: Call::Send,
                    invitation,
                    ..
                } => {
                    open.insert((invitation, Side::Local));
                }
                What::CalledBack {
                    callback,
                    invitation,
                    ..
                } if callback.ends() => {
                    open.remove(&(invitation, callback.side()));
                }
                What::CalledBack {
                    callback,
                    invitation,
                    ..
                } => {
                    open.insert((invitation, callback.side()));
                }
                What::Called { .. }
                | What::Returned { .. }
                | What::Connection { .. }
                | What::Wire { .. } => {}
            }
        }
        open.is_empty()
    }

    /// When somebody's connection was last lost.
    pub(super) fn last_loss(&self) -> Option<Duration> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match entry.event.what {
                What::Connection {
                    state: ConnectionState::Reconnecting,
                    ..
                } => Some(entry.event.at),
                What::Called { .. }
                | What::Returned { .. }
                | What::CalledBack { .. }
                | What::Connection { .. }
                | What::Wire { .. } => None,
            })
    }
}

/// The id that a user logs in with: in a space of the scenario's own, with the scenario's suffix, padded if it asks for
/// it (LIM-3).
fn wire_id(user: &User, users: &[User], prefix: &str) -> String {
    let user = user
        .same_as
        .and_then(|same| users.get(same))
        .unwrap_or(user);
    let mut id = format!("{prefix}{}{}", user.name, user.suffix);
    if let Some(bytes) = user.bytes {
        id.extend(std::iter::repeat_n('x', bytes.saturating_sub(id.len())));
    }
    id
}
