//! What a server does on signals: reads its secrets again, and stops without losing what rings.

use std::time::Duration;

use ringcheck_reference::server::Server;
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::files::Secrets;
use super::settings::Settings;
use crate::cli::Failure;

/// How often is looked whether anything is still open.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the process may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    ReadAgain,
    Stop,
}

/// Serves on until told to stop, and stops.
pub(super) async fn until_over(server: Server, settings: &Settings, mut signals: Signals) {
    while signals.next().await == Told::ReadAgain {
        read_again(&server, settings);
    }
    let until = Instant::now() + settings.drain_grace.0;
    let mut open = server.drain();
    info!(open, "draining; another signal ends it at once");
    while open > 0 && Instant::now() < until {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => open = server.drain(),
            told = signals.next() => match told {
                Told::ReadAgain => read_again(&server, settings),
                Told::Stop => {
                    warn!(open, "ending at once");
                    // Its connections end with the process.
                    std::mem::forget(server);
                    return;
                }
            }
        }
    }
    if open > 0 {
        warn!(
            open,
            "the grace is over; clients hold what is open and say it again"
        );
    }
    // Every connection is told, which takes a moment.
    let mut stopping = tokio::task::spawn_blocking(move || server.stop());
    loop {
        tokio::select! {
            _ = &mut stopping => return info!("stopped"),
            told = signals.next() => match told {
                // Nobody will be let in with them any more.
                Told::ReadAgain => {}
                Told::Stop => return warn!("ending at once"),
            }
        }
    }
}

fn read_again(server: &Server, settings: &Settings) {
    match Secrets::read(settings) {
        Ok(secrets) => {
            server.set_auth(secrets.auth);
            if let Some(identity) = secrets.identity {
                server.set_identity(identity);
            }
            info!("read the keys and the certificate again");
        }
        Err(failure) => error!(%failure, "the keys and the certificate stay as they were"),
    }
}

/// The signals of this process.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on signals are heard here, and do not end the process.
    pub(super) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::Usage(format!("no signals are heard: {error}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Stop,
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.hang_up.recv() => Told::ReadAgain,
        }
    }
}

/// The signals of this process: only the interrupt of its terminal.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self)
    }

    async fn next(&mut self) -> Told {
        // Without signals there is nothing to wait for.
        let _: std::io::Result<()> = tokio::signal::ctrl_c().await;
        Told::Stop
    }
}
