//! Logging in, and who says when to leave.

use std::time::Duration;

use ringcheck_reference::client::{Client, ConnectionReason, ConnectionState, EVENTS_MAX, Event};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Args;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::target::Unreachable;

/// How long the client tries to log in.
const WITHIN: Duration = Duration::from_secs(10);

/// How much longer is waited for it to say that it has given up.
const LATER: Duration = Duration::from_secs(5);

/// A client that is logged in, and its events from then on; `told` hears of those before. `within` is how long it may take,
/// if that is less than the client's own patience.
pub(super) async fn log_in(
    args: &Args,
    within: Option<Duration>,
    mut told: impl FnMut(&Event),
) -> Result<(Client, mpsc::Receiver<Event>), Failure> {
    let url = || args.target.clone();
    let (sender, mut events) = mpsc::channel(EVENTS_MAX);
    let mut sender = Some(sender);
    let observer = move |event: &Event| {
        // Whoever falls so far behind hears the end of the events instead (LIM-4).
        sender.take_if(|open| open.try_send(event.clone()).is_err());
    };
    let access = args.access.access(&args.target)?;
    let token = args.token()?;
    let client = access
        .client(&args.target, observer)
        .map_err(|error| Unreachable::Url {
            url: url(),
            reason: error.to_string(),
        })?;
    client.login(&args.user, token.as_deref());
    let mut why = None;
    let within = within.map_or(WITHIN, |within| within.min(WITHIN));
    // The client's own end of it comes first, and says more.
    let until = Instant::now()
        + within
        + if within < WITHIN {
            Duration::ZERO
        } else {
            LATER
        };
    while let Ok(Some(event)) = tokio::time::timeout_at(until, events.recv()).await {
        told(&event);
        match event {
            Event::Refused { message, .. } => why = Some(message),
            Event::Connection { state, reason } => match state {
                ConnectionState::Connecting => {}
                ConnectionState::Connected => return Ok((client, events)),
                ConnectionState::Disconnected
                | ConnectionState::Reconnecting
                | ConnectionState::Aborted => {
                    if reason == ConnectionReason::LoginTimeout {
                        break;
                    }
                    let reason = format!("{state:?} ({reason:?})");
                    return Err(match (why, client.trouble()) {
                        (None, Some(reason)) => Unreachable::ShutOut { url: url(), reason },
                        (why, _) => Unreachable::Refused {
                            url: url(),
                            reason: why.unwrap_or(reason),
                        },
                    }
                    .into());
                }
            },
            Event::Local { .. }
            | Event::Remote { .. }
            | Event::TokenExpiring { .. }
            | Event::TokenRenewed { .. }
            | Event::Wire { .. } => {}
        }
    }
    let trouble = client.trouble();
    Err(Unreachable::NoConnection {
        url: url(),
        within,
        reason: trouble.unwrap_or_else(|| "nobody answered the log-in".to_owned()),
    }
    .into())
}

/// Takes a new token before the old one runs out, where there is somewhere to take it from.
pub(super) fn renew(args: &Args, client: &Client, event: &Event, output: Output) {
    if !matches!(event, Event::TokenExpiring { .. }) || !args.has_new_tokens() {
        return;
    }
    match args.token() {
        Ok(token) => client.renew_token(token.as_deref().unwrap_or_default()),
        Err(failure) => output.tell(&format!("no new token: {failure}")),
    }
}

/// Logs out, closes the connection, and gives what was still told.
pub(super) async fn log_out(client: Client, mut events: mpsc::Receiver<Event>) -> Vec<Event> {
    client.logout();
    client.close().await;
    // Handles of the client may live on, but nothing comes any more.
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}
