//! Histories as recipes: one line per event, `milliseconds user what`, read into a history.
//!
//! `100 alice send c => 0` is a call and its result, two events. `100 alice send c` is the call alone,
//! `120 alice result send c 0` the result alone. Callbacks drop the word *Invitation*: `remoteReceived`.
//! `bob#2` is bob's second log-in. `end 70000`, `order per-user` set the header. `90000 bob watches` is an event of which the
//! lifecycle says nothing: with a recorder for each user it tells how far bob's record goes.

use std::time::Duration;

use crate::history::{
    Call, CallCode, Callback, Clocks, ConnectionReason, ConnectionState, Event, FailureCode,
    Header, History, Order, Passed, Payload, UserId, What,
};

/// The history that a recipe describes; `None` where it is none.
pub(in crate::lifecycle) fn history(recipe: &str) -> Option<History> {
    let mut history = History {
        header: Header {
            clocks: Clocks::default(),
            order: Order::Causal,
            end: Duration::ZERO,
        },
        events: Vec::new(),
    };
    let mut end = None;
    for line in recipe.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["end", ms] => end = Some(millis(ms)?),
            ["order", "per-user"] => history.header.order = Order::PerUser,
            [ms, user, what @ ..] => add(&mut history, millis(ms)?, user, what)?,
            [_] => return None,
        }
    }
    let last = history.events.iter().map(|event| event.at).max();
    history.header.end = end.unwrap_or_else(|| last.unwrap_or_default() + Duration::from_secs(120));
    Some(history)
}

fn millis(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

fn add(history: &mut History, at: Duration, user: &str, what: &[&str]) -> Option<()> {
    let (user, session) = user.split_once('#').unwrap_or((user, "1"));
    let session = session.parse().ok()?;
    for what in read(what)? {
        history.events.push(Event {
            at,
            user: UserId::from(user),
            session,
            what,
        });
    }
    Some(())
}

/// What a line says happened: one event, or a call and its result.
fn read(what: &[&str]) -> Option<Vec<What>> {
    if let Some((state, reason)) = connection(what) {
        return Some(vec![What::Connection { state, reason }]);
    }
    if let ["watches"] = what {
        return Some(vec![What::Wire {
            note: "watches".into(),
        }]);
    }
    let [name, id, options @ ..] = what else {
        return None;
    };
    if let ("result", [id, code]) = (*name, options) {
        return Some(vec![What::Returned {
            call: Call::from_name(what.get(1)?)?,
            invitation: (*id).into(),
            code: CallCode(code.parse().ok()?),
        }]);
    }
    let Some(call) = Call::from_name(name) else {
        return Some(vec![callback(name, id, options)?]);
    };
    let (options, code) = match options {
        [options @ .., "=>", code] => (options, Some(code.parse().ok()?)),
        options => (options, None),
    };
    let called = What::Called {
        call,
        invitation: (*id).into(),
        with: passed(options)?,
    };
    let returned = code.map(|code| What::Returned {
        call,
        invitation: (*id).into(),
        code: CallCode(code),
    });
    Some(std::iter::once(called).chain(returned).collect())
}

fn callback(name: &str, id: &str, options: &[&str]) -> Option<What> {
    let name = name
        .replace("local", "localInvitation")
        .replace("remote", "remoteInvitation");
    let number = |field| option(options, field).map(str::parse).transpose().ok();
    Some(What::CalledBack {
        callback: Callback::from_name(&name)?,
        invitation: id.into(),
        with: passed(options)?,
        code: number("code")?.map(FailureCode),
        state: number("state")?,
    })
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

fn passed(options: &[&str]) -> Option<Passed> {
    let payload = |name| text(option(options, name).unwrap_or("")).map(|text| Payload::of(&text));
    let peer = match option(options, "peer") {
        Some(peer) => Some(UserId::from(text(peer)?.as_str())),
        None => None,
    };
    Some(Passed {
        peer,
        content: payload("content")?,
        channel: payload("channel")?,
        response: payload("response")?,
    })
}

/// A text, `a*70` being seventy times `a`.
fn text(written: &str) -> Option<String> {
    match written.split_once('*') {
        Some((text, times)) => Some(text.repeat(times.parse().ok()?)),
        None => Some(written.to_owned()),
    }
}
