//! Histories as recipes: one line per event, `milliseconds user what`, read into a history.
//!
//! `100 alice send c => 0` is a call and its result, two events. `100 alice send c` is the call alone,
//! `120 alice result send c 0` the result alone. Callbacks drop the word *Invitation*: `remoteReceived`.
//! `bob#2` is bob's second log-in. `end 70000`, `order per-user` set the header.

use std::time::Duration;

use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode,
    Header, History, Order, Passed, Payload, UserId, What,
};

pub(super) fn history(recipe: &str) -> History {
    let mut history = History {
        header: Header {
            clocks: Clocks::default(),
            order: Order::Causal,
            end: Duration::ZERO,
        },
        events: Vec::new(),
    };
    let mut end = None;
    for line in recipe
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["end", ms] => end = Some(millis(ms)),
            ["order", "per-user"] => history.header.order = Order::PerUser,
            [ms, user, what @ ..] => add(&mut history, millis(ms), user, what),
            other => panic!("no recipe: {other:?}"),
        }
    }
    let last = history.events.iter().map(|event| event.at).max();
    history.header.end = end.unwrap_or_else(|| last.unwrap_or_default() + Duration::from_secs(120));
    history
}

fn millis(text: &str) -> Duration {
    Duration::from_millis(text.parse().expect("milliseconds"))
}

fn add(history: &mut History, at: Duration, user: &str, what: &[&str]) {
    let (user, session) = user.split_once('#').unwrap_or((user, "1"));
    let mut push = |what| {
        history.events.push(Event {
            at,
            user: UserId::from(user),
            session: session.parse().expect("a session"),
            what,
        });
    };
    if let ["result", call, id, code] = what {
        push(What::Returned {
            call: Call::from_name(call).expect("a call"),
            invitation: (*id).into(),
            code: CallCode(code.parse().expect("a code")),
        });
    } else if let Some(call) = Call::from_name(what[0]) {
        let (options, code) = match what {
            [.., "=>", code] => (&what[2..what.len() - 2], Some(code)),
            _ => (&what[2..], None),
        };
        push(What::Called {
            call,
            invitation: what[1].into(),
            with: passed(options),
        });
        if let Some(code) = code {
            push(What::Returned {
                call,
                invitation: what[1].into(),
                code: CallCode(code.parse().expect("a code")),
            });
        }
    } else if let Some((state, reason)) = connection(what) {
        push(What::Connection { state, reason });
    } else {
        let name = what[0]
            .replace("local", "localInvitation")
            .replace("remote", "remoteInvitation");
        push(What::CalledBack {
            callback: Callback::from_name(&name).expect("a callback"),
            invitation: what[1].into(),
            with: passed(&what[2..]),
            code: option(&what[2..], "code").map(|code| FailureCode(code.parse().expect("a code"))),
            state: option(&what[2..], "state").map(|state| state.parse().expect("a state")),
        });
    }
}

fn connection(what: &[&str]) -> Option<(ConnectionState, ConnectionReason)> {
    use ConnectionReason as Reason;
    use ConnectionState as State;
    Some(match what {
        ["Connecting"] => (State::Connecting, Reason::Login),
        ["Connected"] => (State::Connected, Reason::LoginSuccess),
        ["Reconnecting"] => (State::Reconnecting, Reason::Interrupted),
        ["Logout"] => (State::Disconnected, Reason::Logout),
        ["Aborted"] => (State::Aborted, Reason::RemoteLogin),
        [state, reason] => (State::from_name(state)?, Reason::from_name(reason)?),
        _ => return None,
    })
}

fn option<'a>(options: &[&'a str], name: &str) -> Option<&'a str> {
    options
        .iter()
        .find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
}

fn passed(options: &[&str]) -> Passed {
    Passed {
        peer: option(options, "peer").map(|peer| UserId::from(text(peer).as_str())),
        content: Payload::of(&text(option(options, "content").unwrap_or(""))),
        channel: Payload::of(&text(option(options, "channel").unwrap_or(""))),
        response: Payload::of(&text(option(options, "response").unwrap_or(""))),
    }
}

/// A text, `a*70` being seventy times `a`.
fn text(written: &str) -> String {
    match written.split_once('*') {
        Some((text, times)) => text.repeat(times.parse().expect("a number")),
        None => written.to_owned(),
    }
}
