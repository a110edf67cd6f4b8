//! `ringcheck serve`: the reference server as a local deployment.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use ringcheck_reference::fault::{Fault, Place};
use ringcheck_reference::limits::{Anchor, Clocks, Limits, Rate};
use ringcheck_reference::server::{Server, Settings};

use super::output::Output;
use super::{Failure, runtime};

/// Where to listen and which clocks to keep.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck serve                              the lifecycle's clocks: 60 s, 30 s, 10 s, 5 s
  ringcheck serve --timer-scale 0.05           the same, twenty times as fast
  ringcheck serve --listen 127.0.0.1:0 --expiry 20s")]
pub(super) struct Args {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:7000", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,

    /// Where operators ask for /healthz, /readyz, /metrics and /invitations/ID, over plain HTTP
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin_listen: Option<SocketAddr>,

    /// Threads; 0 is one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,

    /// Multiply every clock below by a factor
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = timer_scale)]
    timer_scale: f64,

    /// How long a callee may stay offline, from the send
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = time)]
    offline_window: Duration,

    /// How long the callee's device ack may take, from the send
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = time)]
    no_ack: Duration,

    /// How long an invitation rings
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = time)]
    expiry: Duration,

    /// What the expiry is counted from
    #[arg(long, default_value = "ack", value_name = "ack|send")]
    expiry_anchor: AnchorArg,

    /// How long the caller's device ack of an accept may take, from the accept
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = time)]
    accept_ack: Duration,

    /// How long a cancel waits for the callee's device ack
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = time)]
    cancel_bound: Duration,

    /// How long a user counts as online after losing the connection
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = time)]
    presence_grace: Duration,

    /// Deviate from the lifecycle: for checking checkers
    #[arg(long, hide = true, value_name = "NAME", value_parser = fault)]
    fault: Option<Fault>,

    /// Refuse more than 180 messages per session in 3 s, as carriers do
    #[arg(long)]
    carrier_rate: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AnchorArg {
    Ack,
    Send,
}

/// A factor for clocks: more than nothing, and not so much that they overflow.
pub(super) fn timer_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.001..=1_000.0).contains(&factor) => Ok(factor),
        Ok(_) | Err(_) => Err("expected a number from 0.001 to 1000, as `0.05`".to_owned()),
    }
}

/// A deviation of the server by its name.
fn fault(name: &str) -> Result<Fault, String> {
    let fault = super::selftest::fault(name)?;
    if fault.place() == Place::Client {
        return Err("it is a deviation of clients, not of the server".to_owned());
    }
    Ok(fault)
}

/// Words that cannot be overlooked.
fn banner(fault: Fault) -> String {
    let bar = "!".repeat(80);
    format!(
        "{bar}\n! This server breaks {} on purpose (`{}`).\n! {}\n! It is of use for checking checkers, and for nothing else.\n{bar}",
        fault.requirement(),
        fault.name(),
        fault.sentence()
    )
}

/// The longest any clock may be set to: enough for every use, and far from overflow.
const TIME_MAX: Duration = Duration::from_secs(24 * 3600);

fn time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= TIME_MAX => Ok(time),
        Ok(_) => Err("expected more than nothing and at most a day".to_owned()),
        Err(error) => Err(format!(
            "{error}; write a number with a unit, as `30s` or `500ms`"
        )),
    }
}

/// Serves until the process is told to stop.
pub(super) fn serve(args: &Args, output: &Output) -> Result<(), Failure> {
    let clocks = Clocks {
        offline_window: args.offline_window,
        no_ack: args.no_ack,
        expiry: args.expiry,
        accept_ack: args.accept_ack,
        cancel_bound: args.cancel_bound,
        presence_grace: args.presence_grace,
        expiry_anchor: match args.expiry_anchor {
            AnchorArg::Ack => Anchor::Ack,
            AnchorArg::Send => Anchor::Send,
        },
    };
    let limits = Limits {
        clocks: clocks.scaled(args.timer_scale),
        rate: args.carrier_rate.then_some(Rate::CARRIER),
        ..Limits::default()
    };
    let settings = Settings {
        listen: args.listen,
        limits,
        threads: args.threads,
        admin: args.admin_listen,
        fault: args.fault,
        ..Settings::default()
    };
    if let Some(fault) = args.fault {
        output.tell(&banner(fault));
    }
    let server = Server::start(settings)?;
    if let Some(address) = server.admin_address() {
        output.data(&format!("operators on http://{address}"));
    }
    output.data(&format!("listening on ws://{}", server.address()));
    runtime()?.block_on(until_told_to_stop());
    let counts = server.counts();
    output.tell(&format!(
        "stopping with {} sessions and {} open invitations",
        counts.sessions, counts.open_invitations
    ));
    server.stop();
    Ok(())
}

#[cfg(unix)]
async fn until_told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn until_told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
