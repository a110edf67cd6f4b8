//! Refused log-ins in the log: one by one, and in a flood only counted, so that nobody can fill the disk with them.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

use crate::limits::USER_BYTES_MAX;
use crate::wire::ErrorCode;

/// Lines in a window: enough for an office whose clocks are wrong, and nothing to a disk.
const LINES_MAX: u64 = 20;

const WINDOW: Duration = Duration::from_secs(1);

/// Counts what is logged.
#[derive(Debug)]
pub(super) struct Refused {
    /// When the present window began, and how many came in it.
    window: Mutex<(Instant, u64)>,
}

/// Who wanted to log in, as far as can be told. Never the token.
#[derive(Debug, Clone, Default)]
pub(super) struct Claimant {
    /// The user that was asked for.
    pub(super) user: Option<String>,
    /// Whose the token says that it is, be that true or not.
    pub(super) token_user: Option<String>,
}

impl Claimant {
    /// Somebody who asks to be `user`. What is no user id is cut to the length of one.
    pub(super) fn new(user: &str) -> Self {
        Self {
            user: Some(user.chars().take(USER_BYTES_MAX).collect()),
            token_user: None,
        }
    }
}

/// One refused log-in.
#[derive(Debug)]
pub(super) struct RefusedLogin {
    pub(super) remote: SocketAddr,
    pub(super) claimant: Claimant,
    pub(super) code: ErrorCode,
    pub(super) reason: String,
}

impl Refused {
    pub(super) fn new() -> Self {
        Self {
            window: Mutex::new((Instant::now(), 0)),
        }
    }

    /// Logs it, or counts it for the next that is logged.
    pub(super) fn log(&self, login: &RefusedLogin) {
        let left_out = {
            let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(left_out) = turn(&mut window, Instant::now()) else {
                return;
            };
            left_out
        };
        let RefusedLogin {
            remote,
            claimant,
            code,
            reason,
        } = login;
        info!(
            %remote,
            user = claimant.user.as_deref(),
            token_user = claimant.token_user.as_deref(),
            %code,
            reason,
            left_out,
            "log-in refused"
        );
    }
}

/// Whether one more is logged, and then how many were left out before it, if any were.
fn turn((began, count): &mut (Instant, u64), now: Instant) -> Option<Option<u64>> {
    let is_new = now.duration_since(*began) >= WINDOW;
    let left_out = count.saturating_sub(LINES_MAX);
    if is_new {
        (*began, *count) = (now, 0);
    }
    *count += 1;
    (*count <= LINES_MAX).then(|| (is_new && left_out > 0).then_some(left_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_logged_in_part_and_the_rest_is_counted() {
        let began = Instant::now();
        let mut window = (began, 0);
        let logged = (0..LINES_MAX + 5).filter_map(|_| turn(&mut window, began));
        assert_eq!(logged.collect::<Vec<_>>(), [None; LINES_MAX as usize]);
        let later = began + WINDOW;
        assert_eq!(turn(&mut window, later), Some(Some(5)));
        assert_eq!(turn(&mut window, later), Some(None));
        assert_eq!(turn(&mut window, later + WINDOW), Some(None));
    }

    #[test]
    fn what_is_no_user_id_is_cut() {
        let claimant = Claimant::new(&"x".repeat(60_000));
        assert_eq!(claimant.user.map(|user| user.len()), Some(USER_BYTES_MAX));
    }
}
