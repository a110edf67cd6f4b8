//! The metrics page, in Prometheus' text form. `PROTOCOL.md` lists every name.

use std::fmt::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::tally::{BOUNDS, Leg, Tally};
use crate::server::{Counts, Phase};
use crate::wire::{ByeReason, ErrorCode};

/// Everything a metrics page says.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) tally: Tally,
    pub(super) counts: Counts,
    pub(super) connections: usize,
    /// Connections refused before a log-in, by reason.
    pub(super) turned_away: Vec<(&'static str, u64)>,
    pub(super) queues: Queues,
    pub(super) is_draining: bool,
    pub(super) uptime_seconds: f64,
}

/// What waits in the mailboxes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Queues {
    pub(super) frames: usize,
    pub(super) bytes: usize,
    pub(super) bytes_max: usize,
}

impl Page {
    /// The page as text.
    pub(super) fn text(self) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        // Writing to a string fails only where a metric cannot be written at all.
        if prometheus_text::encode(&mut text, &registry).is_err() {
            text.clear();
        }
        text
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let out = &mut encoder;
        let gauges = [
            (
                "ringcheck_sessions",
                "Sessions, those in their grace among them",
                self.counts.sessions,
            ),
            (
                "ringcheck_connections",
                "Open connections",
                self.connections,
            ),
            (
                "ringcheck_invitations_remembered",
                "Invitations in the table, ended ones that are still remembered among them",
                self.counts.invitations,
            ),
            (
                "ringcheck_outbox_frames",
                "Frames waiting for connections",
                self.queues.frames,
            ),
            (
                "ringcheck_outbox_bytes",
                "Bytes waiting for connections",
                self.queues.bytes,
            ),
            (
                "ringcheck_outbox_bytes_max",
                "Bytes waiting for the connection that has most",
                self.queues.bytes_max,
            ),
            (
                "ringcheck_draining",
                "1 while the server lets nobody in because it is to stop",
                usize::from(self.is_draining),
            ),
        ];
        for (name, help, value) in gauges {
            gauge(out, name, help, value as f64)?;
        }
        gauge(
            out,
            "ringcheck_uptime_seconds",
            "Since the start",
            self.uptime_seconds,
        )?;
        let (open, ended): (Vec<Phase>, Vec<Phase>) =
            Phase::ALL.iter().partition(|phase| phase.is_open());
        let count = |phase: &Phase| {
            let count = self.tally.phases.get(*phase as usize);
            (phase.word(), count.copied().unwrap_or(0))
        };
        let help = "Open invitations by where they stand";
        let mut metric =
            out.encode_descriptor("ringcheck_invitations", help, None, MetricType::Gauge)?;
        for (word, count) in open.iter().map(count) {
            metric
                .encode_family(&[("state", word)])?
                .encode_gauge(&count)?;
        }
        let ended: Vec<(&str, u64)> = ended.iter().map(count).collect();
        let help = "Invitations that have ended, by how";
        counters(out, "ringcheck_invitations_ended", help, "outcome", &ended)?;
        let help = "Invitations taken from callers";
        counter(
            out,
            "ringcheck_invitations_admitted",
            help,
            self.tally.admitted,
        )?;
        self.traffic(out)?;
        self.legs(out)?;
        process(out)
    }
}

impl Page {
    fn traffic(&self, out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let Tally {
            frames_in,
            frames_out,
            sessions_begun,
            sessions_resumed,
            ..
        } = self.tally;
        let frames = [("in", frames_in), ("out", frames_out)];
        let help = "Frames from and to clients";
        counters(out, "ringcheck_frames", help, "direction", &frames)?;
        let logins = [("new", sessions_begun), ("resumed", sessions_resumed)];
        let help = "Log-ins that were granted";
        counters(out, "ringcheck_logins", help, "session", &logins)?;
        let mut refusals: Vec<(&str, u64)> = ErrorCode::ALL
            .iter()
            .zip(self.tally.errors)
            .map(|(code, count)| (code.word(), count))
            .collect();
        refusals.extend(&self.turned_away);
        let help = "What was refused: frames by error code, connections by what they ran into";
        counters(out, "ringcheck_refusals", help, "reason", &refusals)?;
        let byes: Vec<(&str, u64)> = ByeReason::ALL
            .iter()
            .zip(self.tally.byes)
            .map(|(reason, count)| (reason.word(), count))
            .collect();
        let help = "Connections that the server has ended, by the reason it told";
        counters(out, "ringcheck_goodbyes", help, "reason", &byes)
    }

    fn legs(&self, out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "How long the parts of an invitation's way took";
        let mut metric =
            out.encode_descriptor("ringcheck_leg_seconds", help, None, MetricType::Histogram)?;
        for (leg, times) in Leg::ALL.iter().zip(&self.tally.legs) {
            let buckets: Vec<(f64, u64)> = BOUNDS.into_iter().zip(times.buckets).collect();
            metric
                .encode_family(&[("leg", leg.word())])?
                .encode_histogram::<NoLabelSet>(times.sum, times.count, &buckets, None)?;
        }
        Ok(())
    }
}

fn gauge(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> Result<(), Error> {
    out.encode_descriptor(name, help, None, MetricType::Gauge)?
        .encode_gauge(&value)
}

fn counter(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> Result<(), Error> {
    let metric = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    count(metric, value)
}

fn counters(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: &[(&str, u64)],
) -> Result<(), Error> {
    let mut metric = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (word, value) in values {
        count(metric.encode_family(&[(label, *word)])?, *value)?;
    }
    Ok(())
}

fn count(mut metric: MetricEncoder<'_>, value: u64) -> Result<(), Error> {
    metric.encode_counter::<NoLabelSet, _, f64>(&value, None)
}

/// What the system says of the process, by the names that are usual for it. Where it says nothing, nothing is written.
fn process(out: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
    let resident = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
        });
    if let Some(kilobytes) = resident {
        let help = "Memory in use";
        let bytes = (kilobytes * 1024) as f64;
        gauge(out, "process_resident_memory_bytes", help, bytes)?;
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        // One of them is the folder itself.
        let open = files.count().saturating_sub(1);
        gauge(out, "process_open_fds", "Open files", open as f64)?;
    }
    Ok(())
}
