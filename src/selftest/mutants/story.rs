//! What a mutator knows of a history: who is who, what each invitation came to, and who was there throughout.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{
    Call, CallCode, Callback, ConnectionReason, ConnectionState, Event, History, Side, UserId, What,
};

/// A good history as its mutators read it.
pub(super) struct Story<'h> {
    pub(super) history: &'h History,
    /// The invitations by id.
    tales: BTreeMap<&'h str, Tale<'h>>,
    /// Users whose connection did more than come up once, before anything else.
    restless: BTreeSet<&'h UserId>,
}

/// What one invitation came to.
#[derive(Debug, Clone, Default)]
pub(super) struct Tale<'h> {
    pub(super) caller: Option<&'h UserId>,
    pub(super) callee: Option<&'h UserId>,
    /// The places of its events.
    pub(super) events: Vec<usize>,
    /// The calls with the places where they were made and came back, and their results.
    pub(super) calls: Vec<Made<'h>>,
    /// The callbacks with their places, failure codes and users.
    pub(super) heard: Vec<Told>,
}

/// A call that was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'h> {
    pub(super) call: Call,
    pub(super) user: &'h UserId,
    pub(super) called: usize,
    pub(super) returned: Option<(usize, CallCode)>,
}

/// A callback that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) callback: Callback,
    pub(super) code: u8,
    pub(super) event: usize,
}

impl<'h> Story<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        let mut story = Self {
            history,
            tales: BTreeMap::new(),
            restless: BTreeSet::new(),
        };
        let mut met: BTreeMap<&UserId, usize> = BTreeMap::new();
        for (place, event) in history.events.iter().enumerate() {
            story.read(place, event, &mut met);
        }
        story
    }

    fn read(&mut self, place: usize, event: &'h Event, met: &mut BTreeMap<&'h UserId, usize>) {
        let steps = met.entry(&event.user).or_default();
        match &event.what {
            What::Wire { .. } => {}
            What::Connection { state, reason } => {
                let first = (*state, *reason, *steps)
                    == (ConnectionState::Connecting, ConnectionReason::Login, 0);
                let up = *state == ConnectionState::Connected && *steps <= 1;
                *steps += 1;
                if !first && !up {
                    self.restless.insert(&event.user);
                }
            }
            What::Called {
                call,
                invitation,
                with,
            } => {
                *steps += 2;
                let tale = self.tales.entry(invitation).or_default();
                tale.events.push(place);
                if *call == Call::Create {
                    tale.caller = Some(&event.user);
                    tale.callee = with.peer.as_ref();
                }
                tale.calls.push(Made {
                    call: *call,
                    user: &event.user,
                    called: place,
                    returned: None,
                });
            }
            What::Returned {
                call,
                invitation,
                code,
            } => {
                let tale = self.tales.entry(invitation).or_default();
                tale.events.push(place);
                let open = tale.calls.iter_mut().find(|made| {
                    made.call == *call && made.user == &event.user && made.returned.is_none()
                });
                if let Some(open) = open {
                    open.returned = Some((place, *code));
                }
            }
            What::CalledBack {
                callback,
                invitation,
                code,
                ..
            } => {
                *steps += 2;
                let tale = self.tales.entry(invitation).or_default();
                tale.events.push(place);
                tale.heard.push(Told {
                    callback: *callback,
                    code: code.map_or(0, |code| code.0),
                    event: place,
                });
            }
        }
    }

    /// Whether calls of one kind were under way at once, so that nobody can say which of them came back.
    pub(super) fn is_ambiguous(&self) -> bool {
        let all = Call::ALL.iter().copied();
        self.tales
            .values()
            .any(|tale| all.clone().any(|call| tale.overlaps(call)))
    }

    /// The events with their places.
    pub(super) fn events(&self) -> impl Iterator<Item = (usize, &'h Event)> {
        self.history.events.iter().enumerate()
    }

    /// The invitations.
    pub(super) fn tales(&self) -> impl Iterator<Item = (&'h str, &Tale<'h>)> {
        self.tales.iter().map(|(id, tale)| (*id, tale))
    }

    /// The invitation that an event is about.
    pub(super) fn tale(&self, event: &Event) -> Option<&Tale<'h>> {
        self.tales.get(&**event.what.invitation()?)
    }

    /// Whether a user logged in more than once.
    pub(super) fn doubles(&self) -> bool {
        self.history.events.iter().any(|event| event.session > 1)
    }

    /// Whether that user logged in before all else, and was there to the end, on one device.
    pub(super) fn stayed(&self, user: Option<&UserId>) -> bool {
        user.is_some_and(|user| !self.restless.contains(user))
    }

    /// Whether both users of an invitation were there, from before it began to the end.
    pub(super) fn calm(&self, tale: &Tale<'_>) -> bool {
        let begin = tale.events.first().copied().unwrap_or_default();
        [tale.caller, tale.callee].into_iter().all(|user| {
            self.stayed(user) && !user.is_some_and(|user| self.comes_after(user, begin))
        })
    }

    /// Whether an invitation that rang may have expired by that event.
    pub(super) fn is_nearly_expired(&self, tale: &Tale<'_>, place: usize) -> bool {
        let at = |place: usize| self.history.events.get(place).map(|event| event.at);
        let rang = tale.heard(Callback::RemoteReceived);
        let expiry = self.history.header.clocks.expiry;
        let (Some(now), Some(rang)) = (at(place), rang.and_then(|rang| at(rang.event))) else {
            return false;
        };
        now > rang + expiry.mul_f64(0.9)
    }

    /// Whether anything has told of that user's connection before that place.
    pub(super) fn is_known(&self, user: Option<&UserId>, at: usize) -> bool {
        let before = self.history.events.iter().take(at);
        let mut told = before.filter(|event| matches!(event.what, What::Connection { .. }));
        told.any(|event| Some(&event.user) == user)
    }

    /// Whether another invitation is under way at that place.
    pub(super) fn is_among_others(&self, place: usize) -> bool {
        let around = |tale: &&Tale<'_>| {
            let (first, last) = (tale.events.first(), tale.events.last());
            first.is_some_and(|first| *first < place) && last.is_some_and(|last| *last > place)
        };
        let own = |tale: &Tale<'_>| tale.events.contains(&place);
        self.tales.values().filter(around).any(|tale| !own(tale))
    }

    fn comes_after(&self, user: &UserId, place: usize) -> bool {
        let later = self.history.events.iter().skip(place);
        let mut own = later.filter(|event| event.user == *user);
        own.any(|event| matches!(event.what, What::Connection { .. }))
    }

    /// The log-in in which that user is at that place.
    pub(super) fn session(&self, user: &UserId, at: usize) -> Option<u32> {
        let before = self.history.events.iter().take(at.saturating_add(1)).rev();
        let mut own = before.filter(|event| event.user == *user);
        own.next().map(|event| event.session)
    }

    /// Whether that log-in of that user is over at that place, or has not begun.
    pub(super) fn is_out(&self, user: &UserId, session: u32, at: usize) -> bool {
        let before = self.history.events.iter().take(at.saturating_add(1)).rev();
        let own = before.filter(|event| event.user == *user && event.session == session);
        let last = own.filter_map(|event| connection(&event.what)).next();
        last.is_some_and(|state| {
            [
                ConnectionState::Disconnected,
                ConnectionState::Connecting,
                ConnectionState::Aborted,
            ]
            .contains(&state)
        })
    }

    /// Whether the connection of an event's log-in was lost before that place, and not made again.
    pub(super) fn was_away(&self, event: &Event, place: usize) -> bool {
        self.connection_before(event, place) == Some(ConnectionState::Reconnecting)
    }

    /// The connection that an event's log-in had before that place.
    fn connection_before(&self, event: &Event, place: usize) -> Option<ConnectionState> {
        let before = self.history.events.iter().take(place).rev();
        let own = before.filter(|it| it.user == event.user && it.session == event.session);
        own.filter_map(|it| connection(&it.what)).next()
    }

    /// Where that user's connection came back last before that place, having been lost.
    fn return_before(&self, user: &UserId, place: usize) -> Option<usize> {
        let before = self.history.events.iter().enumerate().take(place).rev();
        let mut own = before
            .filter(|(_, it)| it.user == *user)
            .filter_map(|(at, it)| Some((at, connection(&it.what)?)));
        let (at, up) = own.next()?;
        let (_, lost) = own.next()?;
        (up == ConnectionState::Connected && lost == ConnectionState::Reconnecting).then_some(at)
    }

    /// Whether two Received side by side at that place are of what their callee missed while it was away, sent by one
    /// caller that was there throughout (SES-3).
    pub(super) fn missed(&self, place: usize, (first, second): (&Event, &Event)) -> bool {
        let rings = |event: &Event| {
            matches!(
                event.what,
                What::CalledBack {
                    callback: Callback::RemoteReceived,
                    ..
                }
            )
        };
        let (Some(one), Some(other)) = (self.tale(first), self.tale(second)) else {
            return false;
        };
        let sent = |tale: &Tale<'_>| tale.admitted(Call::Send).map(|made| made.called);
        let back = self.return_before(&first.user, place);
        rings(first)
            && rings(second)
            && first.user == second.user
            && one.caller == other.caller
            && self.stayed(one.caller)
            && sent(one) < sent(other)
            && sent(other) < back
    }

    /// Whether an event's user leaves that log-in before the history ends.
    pub(super) fn leaves(&self, event: &Event) -> bool {
        self.is_out(&event.user, event.session, self.history.events.len())
    }
}

/// The state of a connection event.
fn connection(what: &What) -> Option<ConnectionState> {
    match what {
        What::Connection { state, .. } => Some(*state),
        What::Called { .. }
        | What::Returned { .. }
        | What::CalledBack { .. }
        | What::Wire { .. } => None,
    }
}

impl Tale<'_> {
    /// The first such callback.
    pub(super) fn heard(&self, callback: Callback) -> Option<Told> {
        self.heard
            .iter()
            .copied()
            .find(|told| told.callback == callback)
    }

    /// How a side ended.
    pub(super) fn end(&self, side: Side) -> Option<Told> {
        let ends = |told: &&Told| told.callback.ends() && told.callback.side() == side;
        self.heard.iter().find(ends).copied()
    }

    /// How many such calls were made.
    pub(super) fn made(&self, call: Call) -> usize {
        self.calls.iter().filter(|made| made.call == call).count()
    }

    /// Whether two calls of one kind were under way at once.
    fn overlaps(&self, call: Call) -> bool {
        let same: Vec<&Made<'_>> = self.calls.iter().filter(|made| made.call == call).collect();
        same.windows(2).any(|pair| match pair {
            [first, second] => first.returned.is_none_or(|(back, _)| back > second.called),
            _ => false,
        })
    }

    /// Whether a call of that side follows that place.
    pub(super) fn calls_after(&self, side: Side, place: usize) -> bool {
        self.calls.iter().any(|made| {
            let local = [Call::Create, Call::Send, Call::Cancel].contains(&made.call);
            made.called > place && local == (side == Side::Local)
        })
    }

    /// Whether a call came back with that result.
    pub(super) fn came_back(&self, call: Call, code: CallCode) -> bool {
        self.calls
            .iter()
            .any(|made| made.call == call && made.returned.is_some_and(|(_, it)| it == code))
    }

    /// The first such call that was admitted.
    pub(super) fn admitted(&self, call: Call) -> Option<Made<'_>> {
        let ok = |made: &&Made<'_>| {
            made.call == call && made.returned.is_some_and(|(_, code)| code == CallCode::OK)
        };
        self.calls.iter().find(ok).copied()
    }

    /// Whether the callee answered.
    pub(super) fn answered(&self) -> bool {
        self.admitted(Call::Accept)
            .or_else(|| self.admitted(Call::Refuse))
            .is_some()
    }
}
