//! What must hold of every history, whatever crossed: section 9 of the lifecycle and what follows from sections 1, 2 and 4.

use std::collections::BTreeSet;
use std::time::Duration;

use ringcheck_reference::client::{
    ConnectionState, Event, InvitationId, LocalCallback, LocalFailure, RemoteCallback,
    RemoteFailure,
};
use ringcheck_reference::limits::Clocks;

use crate::world::{Entry, What, World, ms, s};

/// Brings everybody back who can come back, and lets every clock run out.
pub(crate) fn finish(world: &mut World) {
    world.prompt = true;
    for phone in 0..world.phones.len() {
        world.phones[phone].hold_up = false;
        world.phones[phone].hold_down = false;
    }
    world.deliver_all();
    for phone in 0..world.phones.len() {
        world.reconnect(phone);
    }
    world.advance(s(1));
    let longest = Clocks::default().longest_life();
    world.advance(longest + longest + s(130));
}

/// How one side of an invitation ended on one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Accepted,
    Refused,
    Canceled,
    Failure(u8),
}

fn local_end(callback: &LocalCallback) -> Option<Ended> {
    match callback {
        LocalCallback::ReceivedByPeer => None,
        LocalCallback::Accepted { .. } => Some(Ended::Accepted),
        LocalCallback::Refused { .. } => Some(Ended::Refused),
        LocalCallback::Canceled => Some(Ended::Canceled),
        LocalCallback::Failure(code) => Some(Ended::Failure(match code {
            LocalFailure::RemoteOffline => 1,
            LocalFailure::RemoteNoResponse => 2,
            LocalFailure::Expire => 3,
            LocalFailure::NotLoggedIn => 4,
        })),
    }
}

fn remote_end(callback: &RemoteCallback) -> Option<Ended> {
    match callback {
        RemoteCallback::Received { .. } => None,
        RemoteCallback::Accepted => Some(Ended::Accepted),
        RemoteCallback::Refused => Some(Ended::Refused),
        RemoteCallback::Canceled => Some(Ended::Canceled),
        RemoteCallback::Failure(code) => Some(Ended::Failure(match code {
            RemoteFailure::LocalOffline => 1,
            RemoteFailure::AcceptFailure => 2,
            RemoteFailure::Expire => 3,
        })),
    }
}

/// Whether the caller's and the callee's ending may stand together (AGR-1 to AGR-6).
fn agree(caller: Ended, callee: Ended) -> bool {
    match (caller, callee) {
        (Ended::Accepted, Ended::Accepted)
        | (Ended::Refused, Ended::Refused)
        | (Ended::Canceled, Ended::Canceled)
        | (Ended::Failure(1..=3), Ended::Failure(3))
        | (Ended::Failure(3), Ended::Failure(1 | 2)) => true,
        (
            Ended::Accepted | Ended::Refused | Ended::Canceled | Ended::Failure(_),
            Ended::Accepted | Ended::Refused | Ended::Canceled | Ended::Failure(_),
        ) => false,
    }
}

/// Checks the whole history of a world whose clocks have run out; what is wrong, if something is.
pub(crate) fn judge(world: &World) -> Result<(), String> {
    let ids: BTreeSet<InvitationId> = world
        .log
        .iter()
        .filter_map(|entry| match &entry.what {
            What::Sent(id) => Some(id.clone()),
            What::Event(Event::Remote { id, .. } | Event::Local { id, .. }) => Some(id.clone()),
            What::Event(
                Event::Connection { .. }
                | Event::TokenExpiring { .. }
                | Event::TokenRenewed { .. }
                | Event::Wire { .. }
                | Event::Refused { .. },
            )
            | What::Called(..)
            | What::LoggedOut
            | What::Lost => None,
        })
        .collect();
    let (open, remembered) = world.tables();
    if (open, remembered) != (0, 0) {
        return Err(format!(
            "{open} open and {remembered} remembered at the end"
        ));
    }
    for id in ids {
        one_life_per_side(world, &id)?;
        nobody_left_ringing(world, &id)?;
        causes_come_first(world, &id)?;
        endings_agree(world, &id)?;
    }
    Ok(())
}

/// The log as text, to print beside a failure.
pub(crate) fn story(world: &World) -> String {
    let line = |entry: &Entry| {
        let what = match &entry.what {
            What::Event(event) => crate::world::name(event),
            What::Called(call, result) => format!("{call}() = {result:?}"),
            What::Sent(id) => format!("send {id}"),
            What::LoggedOut => "logout".to_owned(),
            What::Lost => "connection lost".to_owned(),
        };
        let at = entry.at.as_secs_f64() - 86_400.0;
        format!("{at:9.3}  phone {}  {what}\n", entry.phone)
    };
    world.log.iter().map(line).collect()
}

/// At most one ReceivedByPeer and one ending, at most one Received per log-in, nothing after the ending (OBJ-3, SEND-4).
fn one_life_per_side(world: &World, id: &InvitationId) -> Result<(), String> {
    for phone in 0..world.phones.len() {
        let (mut received, mut by_peer, mut local_over, mut remote_over) = (0, 0, false, false);
        for entry in world.log.iter().filter(|entry| entry.phone == phone) {
            match &entry.what {
                What::LoggedOut => received = 0,
                What::Event(Event::Local {
                    id: of, callback, ..
                }) if of == id => {
                    by_peer += u32::from(*callback == LocalCallback::ReceivedByPeer);
                    if local_over || by_peer > 1 {
                        return Err(format!("phone {phone} heard {callback:?} of {id}"));
                    }
                    local_over = local_end(callback).is_some();
                }
                What::Event(Event::Remote {
                    id: of, callback, ..
                }) if of == id => {
                    let rings = matches!(callback, RemoteCallback::Received { .. });
                    received += u32::from(rings);
                    if remote_over || received > 1 || (received == 0 && !rings) {
                        return Err(format!("phone {phone} heard {callback:?} of {id}"));
                    }
                    remote_over = remote_end(callback).is_some();
                }
                What::Event(_) | What::Called(..) | What::Sent(_) | What::Lost => {}
            }
        }
    }
    Ok(())
}

/// Whoever still holds the invitation, and is there, has been told its end (AGR-8, FAIL-6).
fn nobody_left_ringing(world: &World, id: &InvitationId) -> Result<(), String> {
    for (place, phone) in world.phones.iter().enumerate() {
        let connected = phone.core.connection_state() == ConnectionState::Connected;
        let sent = world
            .log
            .iter()
            .any(|entry| matches!(&entry.what, What::Sent(of) if of == id));
        let local = phone
            .core
            .local(id)
            .is_some_and(|local| !local.state.is_ended() && sent);
        let remote = phone
            .core
            .remote(id)
            .is_some_and(|remote| !remote.state.is_ended());
        if connected && (local || remote) {
            return Err(format!("phone {place} still holds {id}"));
        }
    }
    Ok(())
}

/// ReceivedByPeer follows a Received, the callee's Accepted the caller's (SEND-2, ACC-2).
fn causes_come_first(world: &World, id: &InvitationId) -> Result<(), String> {
    let (mut received, mut accepted) = (false, false);
    for entry in &world.log {
        match &entry.what {
            What::Event(Event::Remote {
                id: of, callback, ..
            }) if of == id => {
                received |= matches!(callback, RemoteCallback::Received { .. });
                if *callback == RemoteCallback::Accepted && !accepted {
                    return Err(format!(
                        "{id} is confirmed to the callee before the caller knows"
                    ));
                }
            }
            What::Event(Event::Local {
                id: of, callback, ..
            }) if of == id => {
                accepted |= matches!(callback, LocalCallback::Accepted { .. });
                if *callback == LocalCallback::ReceivedByPeer && !received {
                    return Err(format!("{id} is said to ring and does not"));
                }
            }
            What::Event(_) | What::Called(..) | What::Sent(_) | What::LoggedOut | What::Lost => {}
        }
    }
    Ok(())
}

/// Every ending of the caller's phones agrees with every ending of the callee's (AGR-1 to AGR-7).
fn endings_agree(world: &World, id: &InvitationId) -> Result<(), String> {
    let mut callers = Vec::new();
    let mut callees = Vec::new();
    let mut received = false;
    for (place, entry) in world.log.iter().enumerate() {
        match &entry.what {
            What::Event(Event::Local {
                id: of, callback, ..
            }) if of == id => {
                callers.extend(local_end(callback).map(|end| (end, place, entry.phone)));
            }
            What::Event(Event::Remote {
                id: of, callback, ..
            }) if of == id => {
                received |= matches!(callback, RemoteCallback::Received { .. });
                callees.extend(remote_end(callback).map(|end| (end, entry.phone)));
            }
            What::Event(_) | What::Called(..) | What::Sent(_) | What::LoggedOut | What::Lost => {}
        }
    }
    for (caller, place, caller_phone) in &callers {
        if !received && matches!(caller, Ended::Accepted | Ended::Refused) {
            return Err(format!("{id} ended {caller:?} and nobody had it"));
        }
        // Whoever is away for longer than the arbiter remembers hears an end that is only true of itself.
        if away_too_long(world, *caller_phone) {
            continue;
        }
        for (callee, callee_phone) in &callees {
            let lost_ack = (*caller, *callee) == (Ended::Accepted, Ended::Failure(2))
                && world.log[*place..]
                    .iter()
                    .any(|entry| entry.phone == *caller_phone && matches!(entry.what, What::Lost));
            if !agree(*caller, *callee) && !lost_ack && !away_too_long(world, *callee_phone) {
                return Err(format!(
                    "{id}: the caller ended {caller:?}, the callee {callee:?}"
                ));
            }
        }
    }
    Ok(())
}

/// Whether the phone was without a session or connection for longer than ended invitations are surely remembered.
fn away_too_long(world: &World, phone: usize) -> bool {
    let remembered = Clocks::default().longest_life() - ms(100);
    let mut since: Option<Duration> = None;
    for entry in world.log.iter().filter(|entry| entry.phone == phone) {
        match &entry.what {
            What::Lost => since = since.or(Some(entry.at)),
            What::Event(Event::Connection {
                state: ConnectionState::Connected,
                ..
            }) => {
                if since
                    .take()
                    .is_some_and(|lost| entry.at >= lost + remembered)
                {
                    return true;
                }
            }
            What::Event(_) | What::Called(..) | What::Sent(_) | What::LoggedOut => {}
        }
    }
    since.is_some()
}
