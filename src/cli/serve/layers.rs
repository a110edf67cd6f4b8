//! Where the settings come from: flags before the environment, the environment before the file, the file before defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use ringcheck_reference::limits::Anchor;
use serde::Serialize;
use serde_json::{Map, Value};

use super::bounds::useless;
use super::document::Document;
use super::settings::{Factor, LogFormat, Pace, Settings, Time};
use crate::cli::{Failure, environment};

/// Every setting as a flag, and as a variable of the environment.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Settings")]
pub(super) struct Flags {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, env = "RINGCHECK_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Where operators ask for /healthz, /readyz, /metrics and /invitations/ID, over plain HTTP
    #[arg(long, env = "RINGCHECK_ADMIN_LISTEN", value_name = "ADDRESS:PORT")]
    admin_listen: Option<SocketAddr>,

    /// Let others than this machine in without tokens, and operators without encryption
    #[arg(long, env = "RINGCHECK_INSECURE", value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    insecure: Option<bool>,

    /// Threads; 0 is one per core
    #[arg(long, env = "RINGCHECK_THREADS", value_name = "N")]
    threads: Option<usize>,

    /// Ask every user for a token signed with a key of this file, a JSON Web Key Set; read again on SIGHUP
    #[arg(long, env = "RINGCHECK_AUTH_KEYS", value_name = "FILE")]
    auth_keys: Option<PathBuf>,

    /// How long before its end a token is announced to run out
    #[arg(long, env = "RINGCHECK_TOKEN_NOTICE", value_name = "TIME")]
    token_notice: Option<Time>,

    /// Speak TLS with this certificate and its chain, as PEM; read again on SIGHUP
    #[arg(long, env = "RINGCHECK_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The key of the certificate, as PEM
    #[arg(long, env = "RINGCHECK_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// Multiply the six clocks of the lifecycle by a factor
    #[arg(long, env = "RINGCHECK_TIMER_SCALE", value_name = "FACTOR")]
    timer_scale: Option<Factor>,

    /// How long a callee may stay offline, from the send
    #[arg(long, env = "RINGCHECK_OFFLINE_WINDOW", value_name = "TIME")]
    offline_window: Option<Time>,

    /// How long the callee's device ack may take, from the send
    #[arg(long, env = "RINGCHECK_NO_ACK", value_name = "TIME")]
    no_ack: Option<Time>,

    /// How long an invitation rings
    #[arg(long, env = "RINGCHECK_EXPIRY", value_name = "TIME")]
    expiry: Option<Time>,

    /// What the expiry is counted from
    #[arg(long, env = "RINGCHECK_EXPIRY_ANCHOR", value_name = "ack|send", value_parser = anchor)]
    expiry_anchor: Option<Anchor>,

    /// How long the caller's device ack of an accept may take, from the accept
    #[arg(long, env = "RINGCHECK_ACCEPT_ACK", value_name = "TIME")]
    accept_ack: Option<Time>,

    /// How long a cancel waits for the callee's device ack
    #[arg(long, env = "RINGCHECK_CANCEL_BOUND", value_name = "TIME")]
    cancel_bound: Option<Time>,

    /// How long a user counts as online after losing the connection
    #[arg(long, env = "RINGCHECK_PRESENCE_GRACE", value_name = "TIME")]
    presence_grace: Option<Time>,

    /// How often a silent client must be heard; it is given up after two and a half times as long
    #[arg(long, env = "RINGCHECK_HEARTBEAT", value_name = "TIME")]
    heartbeat: Option<Time>,

    /// How long a connection may take from its first byte to a log-in
    #[arg(long, env = "RINGCHECK_LOGIN_TIMEOUT", value_name = "TIME")]
    login_timeout: Option<Time>,

    /// Connections at once, as far as the system lets files be open
    #[arg(long, env = "RINGCHECK_CONNECTIONS", value_name = "N")]
    connections: Option<usize>,

    /// Connections from one address at once; 0 is no limit [default: 0 on loopback, else 1000]
    #[arg(long, env = "RINGCHECK_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    connections_per_address: Option<u32>,

    /// Log-ins of all users together, as `100/1s`
    #[arg(long, env = "RINGCHECK_LOGINS", value_name = "off|N/TIME")]
    logins: Option<Pace>,

    /// Sessions at once
    #[arg(long, env = "RINGCHECK_SESSIONS", value_name = "N")]
    sessions: Option<usize>,

    /// Messages of one session; `carrier` is 180 in 3 s
    #[arg(long, env = "RINGCHECK_RATE", value_name = "off|carrier|N/TIME")]
    rate: Option<Pace>,

    /// Invitations in the table at once, remembered ones among them
    #[arg(long, env = "RINGCHECK_INVITATIONS", value_name = "N")]
    invitations: Option<usize>,

    /// Open invitations from one user at once
    #[arg(long, env = "RINGCHECK_OPEN_PER_CALLER", value_name = "N")]
    open_per_caller: Option<usize>,

    /// Open invitations to one user at once
    #[arg(long, env = "RINGCHECK_OPEN_PER_CALLEE", value_name = "N")]
    open_per_callee: Option<usize>,

    /// The largest frame that is taken
    #[arg(long, env = "RINGCHECK_FRAME_BYTES", value_name = "N")]
    frame_bytes: Option<usize>,

    /// What may wait for a connection that reads slowly
    #[arg(long, env = "RINGCHECK_OUTBOX_BYTES", value_name = "N")]
    outbox_bytes: Option<usize>,

    /// How long open invitations may go on once the server is told to stop
    #[arg(long, env = "RINGCHECK_DRAIN_GRACE", value_name = "TIME")]
    drain_grace: Option<Time>,

    /// What to log: error, warn, info, debug, trace or off, also by module, as `warn,ringcheck_reference=debug`
    #[arg(long, env = "RINGCHECK_LOG", value_name = "LEVEL")]
    log: Option<String>,

    /// How to log
    #[arg(long, env = "RINGCHECK_LOG_FORMAT", value_name = "text|json")]
    log_format: Option<LogFormat>,
}

fn anchor(text: &str) -> Result<Anchor, String> {
    match text {
        "ack" => Ok(Anchor::Ack),
        "send" => Ok(Anchor::Send),
        _ => Err("expected `ack` or `send`".to_owned()),
    }
}

/// The settings in force.
pub(super) fn settings(flags: &Flags, file: Option<&Path>) -> Result<Settings, Failure> {
    let document = file.map(Document::read).transpose()?.unwrap_or_default();
    let given = given(flags)?;
    let mut layers = document.sets.clone();
    layers.extend(given.clone());
    let settings: Settings = serde_json::from_value(Value::Object(layers))
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let useless = useless(&settings).into_iter().map(|useless| {
        let setting = useless.setting;
        let place = match given.contains_key(setting) {
            true => Some(spoken(setting)),
            false => document.place(setting),
        };
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        format!("{place}`{setting}` {}", useless.why)
    });
    let useless: Vec<String> = useless.collect();
    if !useless.is_empty() {
        return Err(Failure::Usage(useless.join("\nerror: ")));
    }
    settings.check().map_err(Failure::Usage)?;
    Ok(settings)
}

/// Where a setting was given that is in no file: a flag, or else a variable.
fn spoken(setting: &str) -> String {
    let long = setting.replace('_', "-");
    if environment::is_typed(&long) {
        format!("`--{long}`")
    } else {
        format!("the variable `RINGCHECK_{}`", setting.to_uppercase())
    }
}

/// The flags that were given, by the names of their settings.
fn given(flags: &Flags) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(flags) {
        Ok(Value::Object(mut map)) => {
            map.retain(|_, value| !value.is_null());
            Ok(map)
        }
        Ok(_) => Ok(Map::new()),
        // None of the others may be lost with it.
        Err(error) => Err(Failure::Usage(format!(
            "a flag cannot be a setting: {error}\nhint: names of files are UTF-8"
        ))),
    }
}

/// The names of all settings, in the order of the help.
pub(super) fn names() -> Vec<String> {
    let command = Flags::augment_args(Command::new("serve"));
    let names = command.get_arguments().map(|arg| arg.get_id().to_string());
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_a_flag_and_every_flag_is_a_setting() {
        let settings = Settings {
            admin_listen: Some(([127, 0, 0, 1], 1).into()),
            auth_keys: Some("keys.json".into()),
            tls_cert: Some("cert.pem".into()),
            tls_key: Some("key.pem".into()),
            connections_per_address: Some(1),
            ..Settings::default()
        };
        let Value::Object(written) = serde_json::to_value(&settings).unwrap() else {
            panic!("settings are an object");
        };
        let mut settings: Vec<&String> = written.keys().collect();
        let names = names();
        let mut flags: Vec<&String> = names.iter().collect();
        settings.sort();
        flags.sort();
        assert_eq!(settings, flags);
    }

    #[test]
    fn every_flag_has_a_variable_of_its_name() {
        let command = Flags::augment_args(Command::new("serve"));
        for arg in command.get_arguments() {
            let name = arg.get_id().as_str();
            let variable = format!("RINGCHECK_{}", name.to_uppercase());
            assert_eq!(arg.get_env(), Some(variable.as_ref()), "{name}");
            assert_eq!(arg.get_long(), Some(name.replace('_', "-").as_str()));
        }
    }

    #[test]
    fn a_pace_is_read_as_it_is_written() {
        for text in ["off", "180/3s", "1/500ms"] {
            assert_eq!(text.parse::<Pace>().unwrap().to_string(), text);
        }
        assert_eq!("carrier".parse::<Pace>().unwrap().to_string(), "180/3s");
        for text in ["", "180", "0/3s", "180/3", "fast", "-1/3s"] {
            assert!(
                text.parse::<Pace>().unwrap_err().contains("180/3s"),
                "{text}"
            );
        }
    }
}
