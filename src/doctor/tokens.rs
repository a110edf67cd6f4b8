//! Whether a target asks for tokens, refuses those that are none of its, and has the same time as whoever makes them.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ringcheck_reference::wire::{ClientFrame, ErrorCode, ServerFrame};

use super::examine::{Visit, log_in};
use super::line::Line;
use super::{Check, Grade};
use crate::target::Access;
use crate::token::Claims;

/// How long the tokens last that are made here.
const LASTS: Duration = Duration::from_secs(3600);

/// How far two clocks may be apart before tokens that last minutes are cut short.
const SKEW_MAX_S: f64 = 5.0;

/// Tries to come in without a token and, where tokens are made here, with bad ones (SES-7).
pub(super) async fn look(visit: &Visit<'_>, user: &str) -> Check {
    let access = visit.access;
    if !access.makes_tokens() {
        // Whoever came this far came without one.
        return open();
    }
    let guest = format!("{user}.guest");
    match enter(visit, &guest, None).await {
        Ok(true) => return open(),
        Ok(false) => {}
        Err(error) => return Check::new("token", Grade::Bad, error),
    }
    let mut wrong = Vec::new();
    for (what, token) in forged(access, &guest) {
        match enter(visit, &guest, token).await {
            Ok(false) => {}
            Ok(true) => wrong.push(format!("{what} lets in")),
            Err(error) => wrong.push(format!("{what}: {error}")),
        }
    }
    if wrong.is_empty() {
        let told = "asked for; none, a forged, an expired and another user's are refused as `invalid_token`";
        return Check::good("token", told);
    }
    Check::new("token", Grade::Bad, wrong.join("; "))
        .hint("SES-7: a log-in with a bad, expired or foreign token is refused with a typed error")
}

fn open() -> Check {
    let told = "none is asked for: anybody may log in as anybody";
    Check::new("token", Grade::Note, told)
        .hint("good for tests on one machine; `ringcheck serve --auth-keys` asks for tokens")
}

/// Tokens that are bad, each in its way.
fn forged(access: &Access, user: &str) -> [(&'static str, Option<String>); 3] {
    let good = access.sign(&Claims::lasting(user, LASTS));
    let expired = Claims {
        iat: 0,
        exp: 1,
        ..Claims::lasting(user, LASTS)
    };
    let other = Claims::lasting(&format!("{user}.other"), LASTS);
    // Another first letter is another signature; the last one may carry bits that nobody reads.
    let bent = good.map(|token| match token.rsplit_once('.') {
        Some((said, signature)) => {
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            let rest: String = signature.chars().skip(1).collect();
            format!("{said}.{first}{rest}")
        }
        None => token,
    });
    [
        ("a forged token", bent),
        ("an expired token", access.sign(&expired)),
        ("another user's token", access.sign(&other)),
    ]
}

/// Whether a log-in over a connection of its own lets in, or how else it went than by a typed refusal.
async fn enter(visit: &Visit<'_>, user: &str, token: Option<String>) -> Result<bool, String> {
    let mut line = visit.again().await?;
    match log_in(&mut line, user, token.as_deref()).await? {
        Ok(_) => {
            let logout = ClientFrame::Logout.encode();
            line.say(&logout).await?;
            Ok(true)
        }
        Err((ErrorCode::InvalidToken, _)) => Ok(false),
        Err((code, message)) => Err(format!(
            "expected the log-in to be refused as `invalid_token`; got `{code}`: {message}"
        )),
    }
}

/// How far the target's clock is from this one's. Only durations travel (PROTOCOL.md), so it shows in two places: a token
/// that was renewed lasts so long by the target's clock, and HTTP may have said the date.
pub(super) async fn skew(visit: &Visit<'_>, line: &mut Line, user: &str) -> Check {
    let claims = Claims::lasting(user, LASTS);
    if let Some(token) = visit.access.sign(&claims) {
        let renew = ClientFrame::Renew {
            token: Cow::Owned(token),
        };
        let answer = |frame: &ServerFrame<'_>| {
            let ServerFrame::Renewed { lasts } = frame else {
                return None;
            };
            Some(lasts.as_secs_f64())
        };
        if let Ok((lasts, _)) = line.ask(&renew.encode(), answer).await {
            let told = "by how long a renewed token lasts there";
            return apart(claims.exp as f64 - lasts - now_s(), told, Grade::Bad);
        }
    }
    match visit.date() {
        Some((date, heard)) => apart(date - heard, "by the date of its HTTP answer", Grade::Note),
        None => Check::new(
            "clock skew",
            Grade::Skipped,
            "no time of day travels: there is neither a token nor a date in HTTP to see it by",
        ),
    }
}

fn apart(seconds: f64, by: &str, grade: Grade) -> Check {
    if seconds.abs() <= SKEW_MAX_S {
        let told = format!("{seconds:+.1} s, {by}");
        return Check::good("clock skew", told);
    }
    let told = format!("{seconds:+.1} s, {by}; up to {SKEW_MAX_S} s are allowed");
    Check::new("clock skew", grade, told)
        .hint("set both machines by NTP: tokens made here begin and end at another time there")
}

/// The time of day, in seconds of the epoch.
pub(super) fn now_s() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_apart_are_told_by_how_much() {
        assert_eq!(apart(-4.9, "so", Grade::Bad).grade, Grade::Good);
        let check = apart(-3600.0, "so", Grade::Bad);
        assert_eq!(check.grade, Grade::Bad);
        assert!(check.told.starts_with("-3600.0 s"), "{}", check.told);
    }
}
