//! The log of the server: to standard error, as text or as JSON lines.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use super::settings::{LogFormat, Settings};
use crate::cli::Failure;

/// Begins to log.
pub(super) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = EnvFilter::builder().parse(&settings.log).map_err(|error| {
        Failure::Usage(format!(
            "`{}` is not what can be logged: {error}\nhint: error, warn, info, debug, trace or off",
            settings.log
        ))
    })?;
    let log = Subscriber::builder()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match settings.log_format {
        LogFormat::Text => {
            let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
            let log = log.with_ansi(is_terminal).finish();
            tracing::subscriber::set_global_default(log)
        }
        LogFormat::Json => tracing::subscriber::set_global_default(log.json().finish()),
    };
    started.map_err(|error| Failure::Usage(format!("the log cannot be started: {error}")))
}
