//! `ringcheck serve`: the reference server as a local deployment.

mod bounds;
mod document;
mod files;
mod layers;
mod log;
pub(super) mod room;
mod settings;
mod stop;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use ringcheck_reference::fault::{Fault, Place};
use ringcheck_reference::server::{Server, Settings as ServerSettings};
use tracing::{info, warn};

pub(super) use self::settings::Time;

use self::files::Secrets;
use self::layers::Flags;
use self::settings::{Factor, Settings};
use super::output::Output;
use super::{Failure, runtime};

/// What to serve, and from where the settings come.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Flags go before the environment, the environment before the file, and the file before the defaults.

Examples:
  ringcheck serve                              on loopback, with the lifecycle's clocks: 60 s, 30 s, 10 s, 5 s
  ringcheck serve --timer-scale 0.05           the same, twenty times as fast
  ringcheck serve --print-config > serve.toml  every setting, to be changed and kept
  ringcheck serve --config serve.toml --admin-listen 127.0.0.1:7001
  ringcheck serve --auth-keys keys.json --tls-cert cert.pem --tls-key key.pem --listen 0.0.0.0:7000

SIGHUP reads the keys and the certificate again. SIGTERM lets nobody in any more, gives open invitations their grace
and ends with 0; a second one ends at once.")]
pub(super) struct Args {
    /// Read settings from a TOML or YAML file
    #[arg(long, env = "RINGCHECK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print the settings in force, in the form of the file, and do nothing
    #[arg(long)]
    print_config: bool,

    #[command(flatten)]
    flags: Flags,

    /// Deviate from the lifecycle: for checking checkers
    #[arg(long, hide = true, value_name = "NAME", value_parser = fault)]
    fault: Option<Fault>,
}

/// A factor for clocks.
pub(super) fn timer_scale(text: &str) -> Result<f64, String> {
    text.parse().map(|Factor(factor)| factor)
}

/// A deviation of the server by its name.
pub(super) fn fault(name: &str) -> Result<Fault, String> {
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

/// Adds to each flag's help what it is when nobody sets it.
pub(super) fn with_defaults(command: clap::Command) -> clap::Command {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    command.mut_args(|arg| {
        let Some(default) = defaults.get(arg.get_id().as_str()) else {
            return arg;
        };
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let default = default.to_string().replace('"', "");
        arg.help(format!("{help} [default: {default}]"))
    })
}

/// Serves until the process is told to stop.
pub(super) fn serve(args: &Args, output: &Output) -> Result<(), Failure> {
    let file = args.config.as_deref();
    let settings = layers::settings(&args.flags, file)?;
    if args.print_config {
        let written = document::written(&settings, file)?;
        return output.result(&written);
    }
    log::start(&settings)?;
    let secrets = Secrets::read(&settings)?;
    let has_tokens = settings.auth_keys.is_some();
    let has_tls = secrets.identity.is_some();
    if let Some(fault) = args.fault {
        output.tell(&banner(fault));
    }
    if has_tokens && !has_tls && !settings.listen.ip().is_loopback() {
        warn!("tokens travel unencrypted; --tls-cert and --tls-key change that");
    }
    let runtime = runtime()?;
    // Before anybody can know that there is somebody to send signals to.
    let signals = {
        let _guard = runtime.enter();
        stop::Signals::listen()?
    };
    let mut limits = settings.limits();
    limits.connections_max = room::connections(limits.connections_max, settings.threads())?;
    let server = Server::start(ServerSettings {
        listen: settings.listen,
        limits,
        threads: settings.threads(),
        auth: secrets.auth,
        identity: secrets.identity,
        admin: settings.admin_listen,
        fault: args.fault,
    })?;
    if let Some(address) = server.admin_address() {
        output.data(&format!("operators on http://{address}"));
    }
    let scheme = if has_tls { "wss" } else { "ws" };
    let address = server.address();
    output.data(&format!("listening on {scheme}://{address}"));
    info!(%address, tls = has_tls, tokens = has_tokens, "serving");
    runtime.block_on(stop::until_over(server, &settings, signals));
    Ok(())
}
