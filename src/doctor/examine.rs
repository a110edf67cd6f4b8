//! The examination: from the first byte to the log-out, one question after the other.

use std::borrow::Cow;
use std::time::Duration;

use chrono::DateTime;
use ringcheck_reference::client::UrlError;
use ringcheck_reference::limits::{Clocks, SUBPROTOCOL};
use ringcheck_reference::tls::Trust;
use ringcheck_reference::wire::{ByeReason, ClientFrame, ErrorCode, ServerFrame};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::Response;

use super::line::{Bytes, Line, Place};
use super::{Check, Diagnosis, Grade, clocks, limits, tokens};
use crate::target::{Access, announced};

/// How often the round trip is measured.
const PINGS: usize = 9;

/// The most characters that are told of what an HTTP server says.
const LINE_MAX: usize = 200;

/// What was made out about a target on the way in.
pub(super) struct Visit<'a> {
    pub(super) access: &'a Access,
    place: Place,
    trust: Option<Trust>,
    /// The date in the answer to the handshake and the time at which it was heard, in seconds of the epoch.
    date: Option<(f64, f64)>,
}

/// Looks a target over. `user` is a user id that nobody has; longer ones that begin so are used as well.
///
/// # Errors
/// When the URL is not one of an invitation server, or there is nothing here to encrypt with.
pub async fn examine(url: &str, user: &str, access: &Access) -> Result<Diagnosis, UrlError> {
    // The client's own opinion of the URL; it connects to nobody before a log-in.
    drop(access.client(url, |_| {})?);
    let host = || UrlError::Host {
        url: url.to_owned(),
    };
    let place = Place::parse(url).ok_or_else(host)?;
    let trust = match access.trust() {
        None if place.is_tls() => Some(Trust::system().map_err(|error| UrlError::Tls {
            url: url.to_owned(),
            reason: error.to_string(),
        })?),
        given => given.cloned(),
    };
    let mut visit = Visit {
        access,
        place,
        trust,
        date: None,
    };
    let mut found = Diagnosis::default();
    if let Some(line) = enter(&mut visit, &mut found).await {
        talk(&visit, line, user, &mut found).await;
    }
    Ok(found)
}

impl Visit<'_> {
    /// What HTTP said the date was, and when.
    pub(super) fn date(&self) -> Option<(f64, f64)> {
        self.date
    }

    async fn bytes(&self) -> Result<Box<dyn Bytes>, String> {
        let tcp = self.place.reach().await?;
        match &self.trust {
            Some(trust) if self.place.is_tls() => self.place.secure(tcp, trust).await,
            Some(_) | None => Ok(Box::new(tcp)),
        }
    }

    /// One more connection, where the first was had.
    pub(super) async fn again(&self) -> Result<Line, String> {
        let bytes = self.bytes().await?;
        let shaken = self.place.shake(bytes, true).await;
        shaken
            .map(|(line, _)| line)
            .map_err(|error| error.to_string())
    }
}

/// From the address to a WebSocket of our subprotocol. `None` where that cannot be had, which has been noted then.
async fn enter(visit: &mut Visit<'_>, found: &mut Diagnosis) -> Option<Line> {
    let shut = |name, told: String| Check::new(name, Grade::Shut, told);
    let began = std::time::Instant::now();
    let tcp = match visit.place.reach().await {
        Ok(tcp) => tcp,
        Err(error) => {
            let hint = "look at host and port, or start a server with `ringcheck serve`";
            found.checks.push(shut("reach", error).hint(hint));
            return None;
        }
    };
    let took = began.elapsed();
    let peer = tcp.peer_addr().map_or(String::new(), |it| it.to_string());
    found
        .checks
        .push(Check::good("reach", format!("{peer} in {}", ms(took))));
    let bytes: Box<dyn Bytes> = match &visit.trust {
        Some(trust) if visit.place.is_tls() => match visit.place.secure(tcp, trust).await {
            Ok(bytes) => {
                let told = "the certificate is believed, and for this host";
                found.checks.push(Check::good("TLS", told));
                bytes
            }
            Err(error) => {
                let hint = "`--tls-ca FILE` names an issuer that this system does not know; `ws://` is for servers without TLS";
                found.checks.push(shut("TLS", error).hint(hint));
                return None;
            }
        },
        Some(_) | None => Box::new(tcp),
    };
    match visit.place.shake(bytes, true).await {
        Ok((line, response)) => {
            visit.date = date(&response);
            found.checks.push(Check::good(
                "WebSocket",
                format!("HTTP {}", response.status()),
            ));
            let told = format!("`{SUBPROTOCOL}`, which is version 1");
            found.checks.push(Check::good("subprotocol", told));
            Some(line)
        }
        Err(error) => {
            refused(visit, &error, found).await;
            None
        }
    }
}

/// Finds out whether it is no WebSocket at all, or one of another subprotocol, by asking for none.
async fn refused(visit: &Visit<'_>, error: &Error, found: &mut Diagnosis) {
    let other = match visit.bytes().await {
        Ok(bytes) => visit.place.shake(bytes, false).await.ok(),
        Err(_) => None,
    };
    let is_other = matches!(
        error,
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))
    );
    if other.is_none() && !is_other {
        let hint = "the URL may need a path, as `ws://host:port/path`; behind a proxy, see that it passes `Upgrade` on";
        let check = Check::new("WebSocket", Grade::Shut, answer(error));
        found.checks.push(check.hint(hint));
        return;
    }
    found
        .checks
        .push(Check::good("WebSocket", "HTTP 101 Switching Protocols"));
    let name = other.as_ref().and_then(|(_, response)| {
        let name = response.headers().get("Sec-WebSocket-Protocol")?;
        name.to_str()
            .ok()
            .map(|name| format!(", and chooses `{name}` by itself"))
    });
    let told = format!(
        "expected `{SUBPROTOCOL}`; the server does not choose it{}: {}",
        name.unwrap_or_default(),
        answer(error)
    );
    let hint = "this program speaks version 1 of the reference's protocol; another one needs a target of its own";
    found
        .checks
        .push(Check::new("subprotocol", Grade::Shut, told).hint(hint));
}

/// What came instead of a WebSocket, with the first line of what it says.
fn answer(error: &Error) -> String {
    let Error::Http(response) = error else {
        return error.to_string();
    };
    let body = response.body().as_deref().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let line = body.lines().next().unwrap_or_default();
    let line: String = line.chars().take(LINE_MAX).collect();
    let status = response.status();
    match line.trim() {
        "" => format!("HTTP {status}"),
        line => format!("HTTP {status}: {line}"),
    }
}

fn date(response: &Response) -> Option<(f64, f64)> {
    let date = response.headers().get("Date")?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    // It is cut to whole seconds.
    Some((date.timestamp() as f64 + 0.5, tokens::now_s()))
}

/// What a log-in is answered: the clocks, or the kind of fault with its words.
pub(super) async fn log_in(
    line: &mut Line,
    user: &str,
    token: Option<&str>,
) -> Result<Result<(Clocks, Duration), (ErrorCode, String)>, String> {
    let login = ClientFrame::Login {
        user: Cow::Borrowed(user),
        token: token.map(Cow::Borrowed),
        session: None,
    };
    let answer = |frame: &ServerFrame<'_>| {
        if let ServerFrame::Welcome {
            clocks, heartbeat, ..
        } = frame
        {
            return Some(Ok((*clocks, *heartbeat)));
        }
        if let ServerFrame::Error(refusal) = frame {
            return Some(Err((refusal.code, refusal.message.clone().into_owned())));
        }
        None
    };
    let (answered, _) = line.ask(&login.encode(), answer).await?;
    Ok(answered)
}

/// From the log-in to the log-out.
async fn talk(visit: &Visit<'_>, mut line: Line, user: &str, found: &mut Diagnosis) {
    let token = visit.access.token(user);
    let welcome = log_in(&mut line, user, token.as_deref()).await;
    let (theirs, heartbeat) = match welcome {
        Ok(Ok(welcome)) => welcome,
        Ok(Err((code, message))) => {
            let check = Check::new(
                "log-in",
                Grade::Shut,
                format!("refused as `{code}`: {message}"),
            );
            let hint = if code == ErrorCode::InvalidToken {
                "`--token-key FILE` makes a token for each user, with a key that the target knows"
            } else {
                "mend that at the target, or try again later"
            };
            found.checks.push(check.hint(hint));
            return;
        }
        Err(error) => {
            let check = Check::new(
                "log-in",
                Grade::Shut,
                format!("expected `welcome`; {error}"),
            );
            found
                .checks
                .push(check.hint("PROTOCOL.md describes `login` and `welcome`"));
            return;
        }
    };
    let told = format!("as `{user}`; heartbeat {heartbeat:?}");
    found.checks.push(Check::good("log-in", told));
    found.checks.push(clocks::look(&announced(&theirs)));
    found.checks.push(round_trip(&mut line).await);
    found.checks.push(unknown_frame(&mut line).await);
    found.checks.push(limits::look(&mut line, user).await);
    found.checks.push(tokens::look(visit, user).await);
    found
        .checks
        .push(tokens::skew(visit, &mut line, user).await);
    found.checks.push(log_out(&mut line).await);
}

async fn round_trip(line: &mut Line) -> Check {
    let mut took = Vec::with_capacity(PINGS);
    for _ in 0..PINGS {
        let ping = ClientFrame::Ping { seen: 0 }.encode();
        let answer = |frame: &ServerFrame<'_>| matches!(frame, ServerFrame::Pong).then_some(());
        match line.ask(&ping, answer).await {
            Ok(((), one)) => took.push(one),
            Err(error) => {
                let told = format!("expected `pong` for `ping`; {error}");
                return Check::new("round trip", Grade::Bad, told);
            }
        }
    }
    took.sort_unstable();
    let at = |place: usize| took.get(place).copied().unwrap_or_default();
    let (median, longest) = (ms(at(PINGS / 2)), ms(at(PINGS - 1)));
    Check::good(
        "round trip",
        format!("{median} (median of {PINGS}), at most {longest}"),
    )
}

/// A type that nobody knows must be told by name, so that a newer client finds out what an older server lacks.
async fn unknown_frame(line: &mut Line) -> Check {
    let answer = |frame: &ServerFrame<'_>| {
        let ServerFrame::Error(refusal) = frame else {
            return None;
        };
        Some(refusal.code)
    };
    let asked = line.ask(r#"{"type":"ringcheck_doctor"}"#, answer).await;
    let wanted = ErrorCode::UnknownType;
    let told = match asked {
        Ok((code, _)) if code == wanted => {
            return Check::good("unknown frame", format!("answered by `error` `{wanted}`"));
        }
        Ok((code, _)) => format!("expected `error` `{wanted}`; got `{code}`"),
        Err(error) => format!("expected `error` `{wanted}`; {error}"),
    };
    Check::new("unknown frame", Grade::Bad, told)
        .hint("answer a frame that is not known with a typed error, and change nothing")
}

async fn log_out(line: &mut Line) -> Check {
    let answer = |frame: &ServerFrame<'_>| {
        let ServerFrame::Bye { reason } = frame else {
            return None;
        };
        Some(*reason)
    };
    let told = match line.ask(&ClientFrame::Logout.encode(), answer).await {
        Ok((ByeReason::Logout, _)) => return Check::good("log-out", "answered by `bye` `logout`"),
        Ok((reason, _)) => format!("expected `bye` `logout`; got `{reason}`"),
        Err(error) => format!("expected `bye` `logout`; {error}"),
    };
    Check::new("log-out", Grade::Bad, told)
        .hint("SES-4: whoever logs out is offline at once, and told so")
}

fn ms(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1000.0)
}
