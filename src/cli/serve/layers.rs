//! Where the settings come from: flags before the environment, the environment before the file, the file before defaults.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use ringcheck_reference::limits::Anchor;
use serde::Serialize;
use serde_json::{Map, Value};

use super::settings::{Factor, LogFormat, Pace, Settings, Time};
use crate::cli::Failure;
use crate::scenario::names::help;

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

    /// Connections at once
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
    let mut layers = file.map_or_else(|| Ok(Map::new()), read)?;
    layers.extend(given(flags));
    let settings: Settings = serde_json::from_value(Value::Object(layers))
        .map_err(|error| Failure::Usage(error.to_string()))?;
    settings.settled().map_err(Failure::Usage)
}

/// The flags that were given, by the names of their settings.
fn given(flags: &Flags) -> Map<String, Value> {
    match serde_json::to_value(flags) {
        Ok(Value::Object(mut map)) => {
            map.retain(|_, value| !value.is_null());
            map
        }
        Ok(_) | Err(_) => Map::new(),
    }
}

/// The names of all settings, in the order of the help.
pub(super) fn names() -> Vec<String> {
    let command = Flags::augment_args(Command::new("serve"));
    let names = command.get_arguments().map(|arg| arg.get_id().to_string());
    names.collect()
}

/// Whether a file of settings is YAML; any other is TOML.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// What a file sets. Every unknown name is told at once, with its line.
fn read(path: &Path) -> Result<Map<String, Value>, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!("cannot read the settings in `{shown}`: {error}"))
    })?;
    let parsed = if is_yaml(path) {
        yaml(&text)
    } else {
        toml(&text)
    };
    let map =
        parsed.map_err(|(line, message)| Failure::Usage(format!("{shown}:{line}: {message}")))?;
    let known = names();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let unknown = map.keys().filter(|key| !known.contains(&key.as_str()));
    let problems: Vec<String> = unknown
        .map(|key| {
            let hint = help(key, &known);
            let hint = hint.unwrap_or_else(|| "`--print-config` shows them all".to_owned());
            let line = line_of(&text, key);
            format!("{shown}:{line}: no setting is named `{key}`\nhint: {hint}")
        })
        .collect();
    if !problems.is_empty() {
        return Err(Failure::Usage(problems.join("\nerror: ")));
    }
    // Each value by itself, so that a wrong one is told with its line.
    for (key, value) in &map {
        let one = Map::from_iter([(key.clone(), value.clone())]);
        if let Err(error) = serde_json::from_value::<Settings>(Value::Object(one)) {
            let line = line_of(&text, key);
            return Err(Failure::Usage(format!("{shown}:{line}: `{key}`: {error}")));
        }
    }
    Ok(map)
}

type Parsed = Result<Map<String, Value>, (usize, String)>;

fn toml(text: &str) -> Parsed {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let before = text.get(..offset).unwrap_or_default();
        (before.matches('\n').count() + 1, error.message().to_owned())
    })
}

fn yaml(text: &str) -> Parsed {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        (line, error.to_string())
    })
}

/// The line on which a name is set. The names are plain words, which nobody has to quote.
fn line_of(text: &str, key: &str) -> usize {
    let sets = |line: &str| {
        let rest = line.trim_start().trim_start_matches(['"', '\'']);
        rest.strip_prefix(key).is_some_and(|rest| {
            rest.trim_start_matches(['"', '\'', ' '])
                .starts_with(['=', ':', '.'])
        })
    };
    let found = text.lines().position(|line| {
        sets(line) || line.trim().trim_start_matches('[').trim_end_matches(']') == key
    });
    found.map_or(1, |line| line + 1)
}

/// The settings in the form of the file that they came from, or of TOML.
pub(super) fn written(settings: &Settings, file: Option<&Path>) -> Result<String, Failure> {
    let text = if file.is_some_and(is_yaml) {
        serde_yaml::to_string(settings).map_err(|error| error.to_string())
    } else {
        toml::to_string(settings).map_err(|error| error.to_string())
    };
    text.map_err(Failure::Usage)
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
    fn what_is_printed_is_read_back_the_same_in_both_forms() {
        let settings = Settings::default().settled().unwrap();
        let toml_text = written(&settings, None).unwrap();
        let yaml_text = written(&settings, Some(Path::new("x.yaml"))).unwrap();
        assert_eq!(toml::from_str::<Settings>(&toml_text).unwrap(), settings);
        assert_eq!(
            serde_yaml::from_str::<Settings>(&yaml_text).unwrap(),
            settings
        );
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
