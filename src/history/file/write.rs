//! Writing a history as a section of a history file.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use super::FORMAT;
use super::line::ClocksMs;
use super::read::Opening;
use crate::history::{Call, Callback, Event, History, InvitationId, Order, Passed, Payload, What};

#[derive(Serialize)]
struct HeaderLine<'a> {
    ringcheck: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scenario: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    order: &'a str,
    clocks_ms: ClocksMs,
}

#[derive(Default, Serialize)]
struct EventLine<'a> {
    seq: u64,
    at_us: u64,
    user: &'a str,
    session: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    call: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    result: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    callback: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    connection: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    wire: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    invitation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<u8>,
    #[serde(skip_serializing_if = "is_empty")]
    content: Option<&'a Payload>,
    #[serde(skip_serializing_if = "is_empty")]
    channel: Option<&'a Payload>,
    #[serde(skip_serializing_if = "is_empty")]
    response: Option<&'a Payload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<u64>,
}

fn is_empty(text: &Option<&Payload>) -> bool {
    text.is_none_or(Payload::is_empty)
}

#[derive(Serialize)]
struct TrailerLine {
    end_us: u64,
    events: u64,
    invitations: u64,
    xxh3: String,
}

/// Writes a history as one section: header, events, trailer.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut impl Write, opening: &Opening, history: &History) -> io::Result<()> {
    let mut lines = Lines {
        out,
        hash: Xxh3::new(),
    };
    lines.write(&HeaderLine {
        ringcheck: FORMAT,
        target: &opening.target,
        scenario: &opening.scenario,
        seed: opening.seed,
        order: match history.header.order {
            Order::Causal => "causal",
            Order::PerUser => "per-user",
        },
        clocks_ms: ClocksMs::from(&history.header.clocks),
    })?;
    let mut causes = Causes::default();
    let (mut events, mut invitations) = (0, 0);
    for event in &history.events {
        if let What::Called {
            call: Call::Create, ..
        } = event.what
        {
            invitations += 1;
        }
        let cause = causes.of(events, &event.what);
        lines.write(&line(events, event, cause))?;
        events += 1;
    }
    let xxh3 = format!("{:032x}", lines.hash.digest128());
    lines.write(&TrailerLine {
        end_us: micros(history.header.end),
        events,
        invitations,
        xxh3,
    })
}

struct Lines<'w, W> {
    out: &'w mut W,
    hash: Xxh3,
}

impl<W: Write> Lines<'_, W> {
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.out.write_all(&text)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn line(seq: u64, event: &Event, cause: Option<u64>) -> EventLine<'_> {
    let blank = EventLine {
        seq,
        at_us: micros(event.at),
        user: &event.user,
        session: event.session,
        cause,
        ..EventLine::default()
    };
    match &event.what {
        What::Called {
            call,
            invitation,
            with,
        } => EventLine {
            call: call.name(),
            invitation,
            ..carrying(blank, with)
        },
        What::Returned {
            call,
            invitation,
            code,
        } => EventLine {
            result: call.name(),
            invitation,
            code: Some(code.0),
            ..blank
        },
        What::CalledBack {
            callback,
            invitation,
            with,
            code,
            state,
        } => EventLine {
            callback: callback.name(),
            invitation,
            code: code.map(|code| code.0),
            state: *state,
            ..carrying(blank, with)
        },
        What::Connection { state, reason } => EventLine {
            connection: state.name(),
            reason: reason.name(),
            ..blank
        },
        What::Wire { note } => EventLine {
            wire: note,
            ..blank
        },
    }
}

fn carrying<'a>(line: EventLine<'a>, with: &'a Passed) -> EventLine<'a> {
    EventLine {
        peer: with.peer.as_deref(),
        content: Some(&with.content),
        channel: Some(&with.channel),
        response: Some(&with.response),
        ..line
    }
}

/// Which event caused which, as far as the lifecycle says it.
#[derive(Default)]
struct Causes {
    /// The last event of each kind that causes others, by invitation.
    last: HashMap<(InvitationId, Kind), u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Call(Call),
    Received,
}

impl Causes {
    /// The cause of an event, which may itself be the cause of later ones.
    fn of(&mut self, seq: u64, what: &What) -> Option<u64> {
        let (invitation, own, cause) = match what {
            What::Called {
                call, invitation, ..
            } => (invitation, Some(Kind::Call(*call)), None),
            What::Returned {
                call, invitation, ..
            } => (invitation, None, Some(Kind::Call(*call))),
            What::CalledBack {
                callback,
                invitation,
                ..
            } => {
                let own = (*callback == Callback::RemoteReceived).then_some(Kind::Received);
                (invitation, own, cause_of(*callback))
            }
            What::Connection { .. } | What::Wire { .. } => return None,
        };
        let cause = cause.and_then(|kind| self.last.get(&(invitation.clone(), kind)).copied());
        if let Some(kind) = own {
            self.last.insert((invitation.clone(), kind), seq);
        }
        cause
    }
}

/// What causes a callback, if one event does.
fn cause_of(callback: Callback) -> Option<Kind> {
    match callback {
        Callback::RemoteReceived => Some(Kind::Call(Call::Send)),
        Callback::LocalReceivedByPeer => Some(Kind::Received),
        Callback::LocalAccepted | Callback::RemoteAccepted => Some(Kind::Call(Call::Accept)),
        Callback::LocalRefused | Callback::RemoteRefused => Some(Kind::Call(Call::Refuse)),
        Callback::LocalCanceled | Callback::RemoteCanceled => Some(Kind::Call(Call::Cancel)),
        Callback::LocalFailure | Callback::RemoteFailure => None,
    }
}
