//! How small and how large a setting may be, and what would come of less or more.

use std::fmt::Display;
use std::time::Duration;

use ringcheck_reference::limits::{FRAME_BYTES_MAX, THREADS_MAX};

use super::settings::{Pace, Settings, Time};

/// A setting that is of no use as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Useless {
    pub(super) setting: &'static str,
    /// What it is, what it may be, and why.
    pub(super) why: String,
}

/// A smaller frame would leave no room for a log-in with a token.
const FRAME_BYTES_MIN: usize = 8 * 1024;

/// What the server's frame may be longer than the client's that it passes on: by the other user's name, and the words
/// around it.
const FRAME_GROWS_BYTES: usize = 1024;

/// More connections, sessions or invitations than any one machine holds.
const COUNT_MAX: usize = 100_000_000;

/// More for one connection alone would be the memory of the machine.
const OUTBOX_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// What answers within less is on the same machine.
const ROUND_TRIP: Duration = Duration::from_millis(100);

/// After longer nobody remembers that something was waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A shorter clock of the lifecycle is over before a frame has gone there and back.
const CLOCK_MIN: Duration = Duration::from_millis(1);

/// A shorter window lets through whatever a machine can send.
const WINDOW_MIN: Duration = Duration::from_millis(1);

/// Everything that is of no use as it is.
pub(super) fn useless(settings: &Settings) -> Vec<Useless> {
    let counts = [
        ("connections", settings.connections, "nobody could connect"),
        ("sessions", settings.sessions, "nobody could log in"),
        ("invitations", settings.invitations, "nobody could ring"),
        (
            "open_per_caller",
            settings.open_per_caller,
            "nobody could ring",
        ),
        (
            "open_per_callee",
            settings.open_per_callee,
            "nobody could be rung",
        ),
    ];
    let mut found: Vec<Useless> = counts
        .into_iter()
        .filter_map(|(setting, value, less)| {
            let more = "no machine holds so many";
            within(setting, value, (1, COUNT_MAX), (less, more))
        })
        .collect();
    found.extend(within(
        "threads",
        settings.threads,
        (0, THREADS_MAX),
        ("", "0 takes one per core, and more than cores gain nothing"),
    ));
    found.extend(within(
        "frame_bytes",
        settings.frame_bytes,
        (FRAME_BYTES_MIN, FRAME_BYTES_MAX),
        (
            "a log-in with a token would not fit",
            "no client sends so much at once",
        ),
    ));
    let largest = (settings.frame_bytes.saturating_add(FRAME_GROWS_BYTES)).min(FRAME_BYTES_MAX);
    found.extend(within(
        "outbox_bytes",
        settings.outbox_bytes,
        (largest, OUTBOX_BYTES_MAX),
        (
            "a callee could not be sent one frame of `frame_bytes`",
            "one client that does not read would take all memory",
        ),
    ));
    for (setting, time, less) in [
        (
            "heartbeat",
            settings.heartbeat,
            "no client could be heard in time",
        ),
        (
            "login_timeout",
            settings.login_timeout,
            "nobody could log in in time",
        ),
    ] {
        let more = "a client that is gone would keep its place";
        let bounds = (Time(ROUND_TRIP), Time(PATIENCE));
        found.extend(within(setting, time, bounds, (less, more)));
    }
    found.extend(clocks(settings));
    for (setting, Pace(rate)) in [("logins", settings.logins), ("rate", settings.rate)] {
        if rate.is_some_and(|rate| rate.window < WINDOW_MIN) {
            let (pace, least) = (Pace(rate), Time(WINDOW_MIN));
            let why = format!(
                "is {pace}; expected a time of {least} or more: in less, a machine cannot send too much"
            );
            found.push(Useless { setting, why });
        }
    }
    found
}

/// The clocks of the lifecycle, as they run.
fn clocks(settings: &Settings) -> impl Iterator<Item = Useless> {
    let factor = settings.timer_scale.0;
    [
        ("offline_window", settings.offline_window),
        ("no_ack", settings.no_ack),
        ("expiry", settings.expiry),
        ("accept_ack", settings.accept_ack),
        ("cancel_bound", settings.cancel_bound),
        ("presence_grace", settings.presence_grace),
    ]
    .into_iter()
    .filter_map(move |(setting, Time(clock))| {
        let runs = clock.mul_f64(factor);
        (runs < CLOCK_MIN).then(|| Useless {
            setting,
            why: format!(
                "times `timer_scale` is {}; expected {} or more: in less, no client could answer",
                Time(runs),
                Time(CLOCK_MIN)
            ),
        })
    })
}

fn within<T: PartialOrd + Display>(
    setting: &'static str,
    value: T,
    (min, max): (T, T),
    (less, more): (&str, &str),
) -> Option<Useless> {
    let why = if value < min {
        less
    } else if value > max {
        more
    } else {
        return None;
    };
    let why = format!("is {value}; expected {min} to {max}: {why}");
    Some(Useless { setting, why })
}
