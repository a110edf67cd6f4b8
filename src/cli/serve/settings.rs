//! The settings of `ringcheck serve`: one schema for flags, environment and file, and one source of defaults.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ringcheck_reference::limits::{Anchor, Clocks, Limits, Rate};
use serde::{Deserialize, Serialize};

use super::log;

/// The settings in force, and the form of a file of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) admin_listen: Option<SocketAddr>,
    pub(super) insecure: bool,
    pub(super) threads: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth_keys: Option<PathBuf>,
    pub(super) token_notice: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls_cert: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls_key: Option<PathBuf>,
    pub(super) timer_scale: Factor,
    pub(super) offline_window: Time,
    pub(super) no_ack: Time,
    pub(super) expiry: Time,
    pub(super) expiry_anchor: Anchor,
    pub(super) accept_ack: Time,
    pub(super) cancel_bound: Time,
    pub(super) presence_grace: Time,
    pub(super) heartbeat: Time,
    pub(super) login_timeout: Time,
    pub(super) connections: usize,
    /// 0 is no limit. Left out, it follows from where the server listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connections_per_address: Option<u32>,
    pub(super) logins: Pace,
    pub(super) sessions: usize,
    pub(super) rate: Pace,
    pub(super) invitations: usize,
    pub(super) open_per_caller: usize,
    pub(super) open_per_callee: usize,
    pub(super) frame_bytes: usize,
    pub(super) outbox_bytes: usize,
    pub(super) drain_grace: Time,
    pub(super) log: String,
    pub(super) log_format: LogFormat,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::default();
        let clocks = limits.clocks;
        Self {
            listen: ([127, 0, 0, 1], 7000).into(),
            admin_listen: None,
            insecure: false,
            threads: 0,
            auth_keys: None,
            token_notice: Time(limits.token_notice),
            tls_cert: None,
            tls_key: None,
            timer_scale: Factor(1.0),
            offline_window: Time(clocks.offline_window),
            no_ack: Time(clocks.no_ack),
            expiry: Time(clocks.expiry),
            expiry_anchor: clocks.expiry_anchor,
            accept_ack: Time(clocks.accept_ack),
            cancel_bound: Time(clocks.cancel_bound),
            presence_grace: Time(clocks.presence_grace),
            heartbeat: Time(limits.heartbeat),
            login_timeout: Time(limits.login_timeout),
            connections: limits.connections_max,
            connections_per_address: None,
            logins: Pace(limits.logins),
            sessions: limits.sessions_max,
            rate: Pace(limits.rate),
            invitations: limits.invitations_max,
            open_per_caller: limits.outgoing_per_user_max,
            open_per_callee: limits.incoming_per_user_max,
            frame_bytes: limits.frame_bytes_max,
            outbox_bytes: limits.outbox_bytes_max,
            drain_grace: Time(Duration::from_secs(10)),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// What one address may open of a server that others than this machine reach.
const CONNECTIONS_PER_ADDRESS: u32 = 1_000;

impl Settings {
    /// Says what cannot be, and what does not fit together.
    pub(super) fn check(&self) -> Result<(), String> {
        log::filter(&self.log)?;
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(
                "TLS needs a certificate and its key\nhint: give both `--tls-cert FILE` and `--tls-key FILE`"
                    .to_owned(),
            );
        }
        let is_here = self.listen.ip().is_loopback();
        if !is_here && self.auth_keys.is_none() && !self.insecure {
            return Err(format!(
                "others can reach `{}`, and anybody could log in as anybody\n\
                 hint: ask for tokens with `--auth-keys FILE` (`ringcheck token keygen` makes one), or say `--insecure`",
                self.listen
            ));
        }
        if let Some(admin) = self.admin_listen
            && !admin.ip().is_loopback()
            && !self.insecure
        {
            return Err(format!(
                "others can reach `{admin}`, where operators ask without encryption\n\
                 hint: listen on 127.0.0.1 and put a proxy before it, or say `--insecure`"
            ));
        }
        Ok(())
    }

    /// How many threads there will be.
    pub(super) fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }

    /// What one address may open. Where nobody has set it, it follows from where the server listens.
    fn connections_per_address_max(&self) -> Option<u32> {
        let is_here = self.listen.ip().is_loopback();
        let follows = if is_here { 0 } else { CONNECTIONS_PER_ADDRESS };
        let max = self.connections_per_address.unwrap_or(follows);
        (max > 0).then_some(max)
    }

    /// What the server allows.
    pub(super) fn limits(&self) -> Limits {
        let clocks = Clocks {
            offline_window: self.offline_window.0,
            no_ack: self.no_ack.0,
            expiry: self.expiry.0,
            expiry_anchor: self.expiry_anchor,
            accept_ack: self.accept_ack.0,
            cancel_bound: self.cancel_bound.0,
            presence_grace: self.presence_grace.0,
        };
        Limits {
            clocks: clocks.scaled(self.timer_scale.0),
            heartbeat: self.heartbeat.0,
            token_notice: self.token_notice.0,
            login_timeout: self.login_timeout.0,
            connections_max: self.connections,
            connections_per_address_max: self.connections_per_address_max(),
            logins: self.logins.0,
            sessions_max: self.sessions,
            invitations_max: self.invitations,
            outgoing_per_user_max: self.open_per_caller,
            incoming_per_user_max: self.open_per_callee,
            frame_bytes_max: self.frame_bytes,
            outbox_bytes_max: self.outbox_bytes,
            rate: self.rate.0,
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// A time as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::cli) struct Time(pub(in crate::cli) Duration);

/// The longest any time may be: enough for every use, and far from overflow.
const TIME_MAX: Duration = Duration::from_secs(24 * 3600);

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match humantime::parse_duration(text) {
            Ok(time) if !time.is_zero() && time <= TIME_MAX => Ok(Self(time)),
            Ok(_) => Err("expected more than nothing and at most a day".to_owned()),
            Err(error) => Err(format!(
                "{error}; write a number with a unit, as `30s` or `500ms`"
            )),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

/// A factor for clocks: more than nothing, and not so much that they overflow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Factor(pub(super) f64);

impl TryFrom<f64> for Factor {
    type Error = String;

    fn try_from(factor: f64) -> Result<Self, String> {
        if (0.001..=1_000.0).contains(&factor) {
            Ok(Self(factor))
        } else {
            Err("expected a number from 0.001 to 1000, as `0.05`".to_owned())
        }
    }
}

impl FromStr for Factor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What is no number at all gets the same words.
        text.parse().unwrap_or(f64::NAN).try_into()
    }
}

/// So many in so much time, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Pace(pub(super) Option<Rate>);

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => return Ok(Self(None)),
            "carrier" => return Ok(Self(Some(Rate::CARRIER))),
            _ => {}
        }
        let expected =
            || "expected `off`, `carrier` or a number and a time, as `180/3s`".to_owned();
        let (messages, window) = text.split_once('/').ok_or_else(expected)?;
        let messages = messages.parse().ok().filter(|messages| *messages > 0);
        let Time(window) = window.parse().map_err(|_| expected())?;
        let messages = messages.ok_or_else(expected)?;
        Ok(Self(Some(Rate { messages, window })))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("off"),
            Some(Rate { messages, window }) => write!(f, "{messages}/{}", Time(window)),
        }
    }
}

/// Written and read as text.
macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    )*};
}

as_text!(Time, Pace);
