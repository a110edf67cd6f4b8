//! The log of the server: to standard error, as text or as JSON lines.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use super::settings::{LogFormat, Settings};
use crate::cli::Failure;
use crate::scenario::names::{help, listed};

/// How much is logged, the least first.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// What says something to the log. A filter for any other would let nothing through.
const SPEAKERS: [&str; 2] = ["ringcheck", "ringcheck_reference"];

/// Begins to log.
pub(super) fn start(settings: &Settings) -> Result<(), Failure> {
    let filter = filter(&settings.log).map_err(Failure::Usage)?;
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

/// What is logged, or why the text says nothing that could be.
pub(super) fn filter(text: &str) -> Result<EnvFilter, String> {
    let wrong = |part: &str, hint: &str| {
        format!(
            "`{part}` is not what can be logged\nhint: {hint}, also by module, as `warn,ringcheck_reference=debug`"
        )
    };
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    for part in &parts {
        // A span with its fields, as `[session{user=alice}]`, is left to the library.
        let (target, level) = match part.rsplit_once(']') {
            Some((span, level)) => (
                span.split('[').next().unwrap_or_default(),
                level.strip_prefix('='),
            ),
            None => match part.split_once('=') {
                Some((target, level)) => (target, Some(level)),
                // The library would take a misspelt level for a module, and say nothing at all.
                None => ("", Some(*part)),
            },
        };
        if let Some(level) = level
            && !LEVELS.contains(&level.to_ascii_lowercase().as_str())
        {
            let hint = format!("use {}", listed(&LEVELS, "or"));
            return Err(wrong(part, &hint));
        }
        let speaker = target.split("::").next().unwrap_or_default();
        if !speaker.is_empty() && !SPEAKERS.contains(&speaker) {
            let hint = help(speaker, &SPEAKERS).unwrap_or_default();
            return Err(wrong(part, &hint));
        }
    }
    let parsed = EnvFilter::builder().parse(parts.join(","));
    parsed.map_err(|error| wrong(text, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_refused_with_the_right_names() {
        for (text, said) in [
            (
                "warnign",
                "`off`, `error`, `warn`, `info`, `debug` or `trace`",
            ),
            ("loud", "use `off`, `error`"),
            ("", "use `off`"),
            ("info,", "use `off`"),
            ("ringcheck=loud", "use `off`"),
            ("ringcheck_reference", "ringcheck_reference=debug`"),
            (
                "ringcheck_refrence=debug",
                "did you mean `ringcheck_reference`?",
            ),
            (
                "warn,hyper=debug",
                "use `ringcheck` or `ringcheck_reference`",
            ),
            ("[session{user=alice}]=debgu", "use `off`"),
        ] {
            let told = filter(text).unwrap_err();
            assert!(
                told.contains(said),
                "`{said}` is missing for `{text}`: {told}"
            );
        }
    }

    #[test]
    fn levels_modules_and_spans_are_taken() {
        for text in [
            "warn",
            "INFO",
            "off",
            "warn,ringcheck_reference=debug",
            "warn, ringcheck_reference::server=trace",
            "info,[session{user=alice}]=debug,ringcheck=warn",
            "info,ringcheck_reference[invitation]=debug",
        ] {
            assert!(filter(text).is_ok(), "{text}: {:?}", filter(text).err());
        }
    }
}
