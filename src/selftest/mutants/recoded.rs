//! A result, a failure or a connection has another code.

use super::story::{Made, Story, Tale};
use super::{Expects, Mutant, violation};
use crate::history::{
    Call, CallCode, Callback, ConnectionReason, ConnectionState, Event, FailureCode, Side, What,
};
use crate::lifecycle::FindingKind;

pub(super) fn mutants(story: &Story<'_>, found: &mut Vec<Mutant>) {
    for (place, event) in story.events() {
        match &event.what {
            What::Returned { call, code, .. } => {
                for other in (0..=5).chain([9]).map(CallCode).filter(|it| it != code) {
                    let Some(expects) = result(story, place, (event, *call), (*code, other)) else {
                        continue;
                    };
                    let change = format!("{} with {other}", super::word(event));
                    let mut to = event.clone();
                    if let What::Returned { code, .. } = &mut to.what {
                        *code = other;
                    }
                    found.push(Mutant::changed(story, (place, change), to, expects));
                }
            }
            What::CalledBack {
                callback,
                code: Some(code),
                ..
            } => {
                for other in (0..=4).chain([9]).filter(|it| *it != code.0) {
                    let Some(tale) = story.tale(event) else {
                        continue;
                    };
                    let Some(expects) = failure(story, tale, *callback, (code.0, other)) else {
                        continue;
                    };
                    let change = format!("{} with code {other}", super::word(event));
                    let mut to = event.clone();
                    if let What::CalledBack { code, .. } = &mut to.what {
                        *code = Some(FailureCode(other));
                    }
                    found.push(Mutant::changed(story, (place, change), to, expects));
                }
            }
            What::Wire { .. } => {}
            What::Connection { state, reason } => {
                connection(story, (place, event), (*state, *reason), found);
            }
            What::Called { .. } | What::CalledBack { .. } => {}
        }
    }
}

/// The rows of section 7 by call and result.
fn row(call: Call, code: CallCode) -> &'static [&'static str] {
    match (call, code) {
        (Call::Create, _) => &["OBJ-1"],
        (Call::Send, CallCode::OK) => &[
            "API-1", "SEND-8", "LIM-1", "LIM-2", "LIM-3", "SES-6", "FAIL-5",
        ],
        (Call::Send, CallCode::INVALID_ARGUMENT) => &["API-2", "LIM-1", "LIM-2", "LIM-3"],
        (Call::Send, CallCode::ALREADY_SENT) => &["API-3"],
        (Call::Send, _) => &["API-4"],
        (Call::Cancel, CallCode::NOT_STARTED) => &["API-5", "SES-6"],
        (Call::Cancel, CallCode::OK) => &["API-6"],
        (Call::Cancel, _) => &["API-7", "API-6"],
        (Call::Accept, CallCode::OK) => &["API-8", "LIM-1"],
        (Call::Accept, CallCode::ALREADY_ACCEPT) => &["API-9", "API-10"],
        (Call::Accept, CallCode::ALREADY_END) => &["API-10", "API-11", "API-8"],
        (Call::Refuse, CallCode::OK) => &["API-12", "LIM-1"],
        (Call::Refuse, CallCode::ALREADY_ACCEPT) => &["API-13"],
        (Call::Refuse, CallCode::ALREADY_END) => &["API-13", "API-14", "API-12"],
        (Call::Accept | Call::Refuse, CallCode::NOT_STARTED) => &["API-15", "SES-6"],
        (Call::Accept | Call::Refuse, _) => &["API-16", "LIM-1"],
    }
}

/// Another result of a call.
fn result(
    story: &Story<'_>,
    place: usize,
    (event, call): (&Event, Call),
    (code, other): (CallCode, CallCode),
) -> Option<Expects> {
    let tale = story.tale(event)?;
    if usize::from(other.0) >= CallCode::NAMES.len() {
        return Some(violation(&["FAIL-7"]));
    }
    if !story.calm(tale) {
        return None;
    }
    let bad = is_bad(story, tale, place, call);
    if call == Call::Create && bad && [code, other].contains(&CallCode::INVALID_ARGUMENT) {
        let pair = [CallCode::OK, CallCode::INVALID_ARGUMENT];
        return pair.contains(&other).then_some(Expects::Nothing(
            "API-2: bad arguments may be refused when they are given, at the create",
        ));
    }
    if bad && [CallCode::INVALID_ARGUMENT, CallCode::ALREADY_END].contains(&code) {
        // Which of two refusals comes first is free, if there are two.
        return (other == CallCode::OK && tale.calls.len() == 3)
            .then(|| violation(&["API-2", "API-16", "LIM-1", "LIM-2", "LIM-3"]));
    }
    if story.is_out(&event.user, event.session, place) {
        return without_login(tale, call, (code, other));
    }
    if let Some(crossed) = crossed(story, tale, (place, call), (code, other)) {
        return crossed;
    }
    let accepted = tale
        .end(Side::Remote)
        .is_some_and(|end| end.callback == Callback::RemoteAccepted && end.event < place);
    let unaccepted = tale.admitted(Call::Accept).is_some() && !accepted;
    let tolerated = match call {
        Call::Accept => accepted && other != CallCode::OK,
        Call::Refuse => unaccepted,
        Call::Create | Call::Send | Call::Cancel => false,
    };
    let pair = [CallCode::ALREADY_END, CallCode::ALREADY_ACCEPT];
    if tolerated && pair.contains(&code) && pair.contains(&other) {
        return Some(Expects::Nothing(
            "API-10, API-13: of AlreadyEnd and AlreadyAccept either is tolerated here",
        ));
    }
    let mut rules = row(call, code).to_vec();
    if other == CallCode::INVALID_ARGUMENT {
        // Good arguments at the edge of a limit were refused.
        rules.extend(["LIM-1", "LIM-2", "LIM-3"]);
    }
    if code == CallCode::OK {
        // A call that was not admitted has had an effect.
        rules.extend(effects(call));
    }
    Some(Expects::Finding(FindingKind::Violation, rules))
}

/// Rules against an effect without its call.
fn effects(call: Call) -> &'static [&'static str] {
    match call {
        Call::Create | Call::Send => &[],
        Call::Cancel => &["ORD-3", "SEND-6", "SEND-7"],
        Call::Accept => &["ORD-4", "SEND-6", "SEND-7"],
        Call::Refuse => &["ORD-5", "SEND-6", "SEND-7"],
    }
}

/// Another result of a call without a log-in: it may fail, with whatever code, but not call back as well (FAIL-5).
fn without_login(
    tale: &Tale<'_>,
    call: Call,
    (code, other): (CallCode, CallCode),
) -> Option<Expects> {
    if call != Call::Send {
        return None;
    }
    Some(if code == CallCode::OK && tale.end(Side::Local).is_some() {
        violation(&["FAIL-5"])
    } else if other == CallCode::OK {
        violation(&["FAIL-5", "API-4"])
    } else {
        Expects::Nothing("FAIL-5: a send without a log-in may fail, with whatever code")
    })
}

/// AlreadyEnd for Ok, or Ok for AlreadyEnd, where the call crossed what ended its side: the arbiter may have decided.
///
/// The inner `None` where it depends on the moment of a clock.
fn crossed(
    story: &Story<'_>,
    tale: &Tale<'_>,
    (place, call): (usize, Call),
    (code, other): (CallCode, CallCode),
) -> Option<Option<Expects>> {
    let pair = [CallCode::OK, CallCode::ALREADY_END];
    if !pair.contains(&code) || !pair.contains(&other) {
        return None;
    }
    let side = match call {
        Call::Create | Call::Send => return None,
        Call::Cancel => Side::Local,
        Call::Accept | Call::Refuse => Side::Remote,
    };
    let end = tale.end(side)?;
    if end.event < place {
        let called_before = |made: &Made<'_>| {
            let of = made.returned.is_some_and(|(at, _)| at == place);
            of && made.called < end.event && !ended_by(end.callback, made.call)
        };
        return tale.calls.iter().any(called_before).then_some(UNDER_WAY);
    }
    let decides = [Call::Cancel, Call::Accept, Call::Refuse];
    let before = |made: &&Made<'_>| {
        let own = made.returned.is_some_and(|(returned, _)| returned == place);
        let admitted = made.returned.is_some_and(|(_, code)| code == CallCode::OK);
        decides.contains(&made.call) && made.called < place && !own && admitted
    };
    let rivals: Vec<Call> = tale
        .calls
        .iter()
        .filter(before)
        .map(|made| made.call)
        .collect();
    let failed = [Callback::LocalFailure, Callback::RemoteFailure].contains(&end.callback);
    if call != Call::Cancel && rivals.contains(&Call::Accept) {
        return Some(None);
    }
    if code == CallCode::OK && ended_by(end.callback, call) && !rivals.contains(&call) {
        return None;
    }
    if rivals.is_empty() {
        return (failed || story.is_nearly_expired(tale, place)).then_some(None);
    }
    Some(UNDER_WAY)
}

/// Either result is right.
const UNDER_WAY: Option<Expects> = Some(Expects::Nothing(
    "AGR: what decided may have been decided while the call was under way, so either result is right",
));

/// Whether it is that call that ended its side so.
fn ended_by(callback: Callback, call: Call) -> bool {
    match call {
        Call::Cancel => callback == Callback::LocalCanceled,
        Call::Accept => callback == Callback::RemoteAccepted,
        Call::Refuse => callback == Callback::RemoteRefused,
        Call::Create | Call::Send => false,
    }
}

/// Whether the call's arguments break a limit (LIM-1 to LIM-3), as its own results tell.
fn is_bad(story: &Story<'_>, tale: &Tale<'_>, place: usize, call: Call) -> bool {
    match call {
        Call::Create => {
            let first = tale.calls.iter().find(|made| made.call == Call::Send);
            let refused = first.and_then(|made| made.returned);
            refused.is_some_and(|(_, code)| code == CallCode::INVALID_ARGUMENT)
        }
        Call::Accept | Call::Refuse => {
            let of = |made: &&Made<'_>| made.returned.is_some_and(|(at, _)| at == place);
            let made = tale.calls.iter().find(of);
            let event = made.and_then(|made| story.history.events.get(made.called));
            event.is_some_and(|event| match &event.what {
                What::Called { with, .. } => with.response.len() > 8_192,
                What::Returned { .. }
                | What::CalledBack { .. }
                | What::Connection { .. }
                | What::Wire { .. } => false,
            })
        }
        Call::Send | Call::Cancel => false,
    }
}

/// Another code of a failure. The rule is that of the failure that was due.
fn failure(
    story: &Story<'_>,
    tale: &Tale<'_>,
    callback: Callback,
    (code, other): (u8, u8),
) -> Option<Expects> {
    let known = if callback == Callback::LocalFailure {
        4
    } else {
        3
    };
    if other == 0 || other > known {
        return Some(violation(&["FAIL-7"]));
    }
    if !story.calm(tale) {
        return None;
    }
    if callback == Callback::LocalFailure && [(1, 2), (2, 1)].contains(&(code, other)) {
        let unreached = tale.heard(Callback::RemoteReceived).is_none();
        if unreached && !story.is_known(tale.callee, usize::MAX) {
            return Some(Expects::Nothing(
                "FAIL-1, FAIL-3: nothing tells whether the callee was online, so either code is right",
            ));
        }
    }
    // The failure that was due did not come, and one that was not due did.
    let of = |code: u8| -> &'static [&'static str] {
        match (callback, code) {
            // Of these two the one is due where the other is not.
            (Callback::LocalFailure, 1 | 2) => &["FAIL-1", "FAIL-3"],
            (Callback::LocalFailure, 4) => &["FAIL-5"],
            (Callback::LocalFailure, _) => &["FAIL-4", "ACC-5", "AGR-6"],
            (_, 1) => &["ACC-4"],
            (_, 2) => &["ACC-3"],
            (_, _) => &["FAIL-4", "FAIL-6", "AGR-6", "ACC-3", "ACC-4"],
        }
    };
    let rules = [of(code), of(other)].concat();
    Some(Expects::Finding(FindingKind::Violation, rules))
}

/// Another state or reason of a connection.
fn connection(
    story: &Story<'_>,
    (place, event): (usize, &Event),
    (state, reason): (ConnectionState, ConnectionReason),
    found: &mut Vec<Mutant>,
) {
    let (rule, others) = match (state, reason) {
        (ConnectionState::Reconnecting, ConnectionReason::Interrupted) => (
            "SES-2",
            [
                (ConnectionState::Reconnecting, ConnectionReason::Login),
                (ConnectionState::Disconnected, ConnectionReason::Interrupted),
            ],
        ),
        (ConnectionState::Aborted, ConnectionReason::RemoteLogin) => (
            "SES-1",
            [
                (ConnectionState::Disconnected, ConnectionReason::RemoteLogin),
                (ConnectionState::Reconnecting, ConnectionReason::RemoteLogin),
            ],
        ),
        _ => return,
    };
    for (state, reason) in others {
        let mut to = event.clone();
        to.what = What::Connection { state, reason };
        let change = format!("{state}, {reason}");
        let rules = if rule == "SES-1" && state == ConnectionState::Reconnecting {
            vec!["SES-2", "SES-1"]
        } else {
            vec![rule]
        };
        let expects = Expects::Finding(FindingKind::Violation, rules);
        found.push(Mutant::changed(story, (place, change), to, expects));
    }
}
