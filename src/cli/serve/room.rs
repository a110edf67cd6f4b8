//! How many files the system lets this process open, and how many connections that leaves room for.

use tracing::info;

use crate::cli::Failure;

/// Files beside the connections that are let in: those that are being told that there is no room, operators, standard
/// streams, and what is read.
const BESIDE: usize = 64 + 64 + 32;

/// Files of each thread: its event queue, and what wakes it.
const PER_THREAD: usize = 4;

/// Fewer are no deployment.
const CONNECTIONS_MIN: usize = 16;

/// As many of the connections as there are files for. Without a file for one more, nobody at all would be answered, not
/// even an operator; with a bound in time, whoever is too many is told so.
pub(super) fn connections(wanted: usize, threads: usize) -> Result<usize, Failure> {
    let Some(files) = files() else {
        return Ok(wanted);
    };
    let beside = BESIDE + PER_THREAD * threads;
    let room = files.saturating_sub(beside);
    if room < CONNECTIONS_MIN.min(wanted) {
        return Err(Failure::Usage(format!(
            "the system lets this process open {files} files; {} are needed at least\nhint: `ulimit -n`, or LimitNOFILE of a systemd unit",
            beside + CONNECTIONS_MIN
        )));
    }
    if room < wanted {
        info!(
            files,
            connections = room,
            "the system lets fewer files be open than `connections` needs"
        );
    }
    Ok(wanted.min(room))
}

/// How many files may be open, once that is as many as the system allows. `None` where nobody counts them.
#[cfg(unix)]
pub(in crate::cli) fn files() -> Option<usize> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let raised = setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
    usize::try_from(if raised { hard } else { soft }).ok()
}

/// How many files may be open. `None`: nobody counts them.
#[cfg(not(unix))]
pub(in crate::cli) fn files() -> Option<usize> {
    None
}
