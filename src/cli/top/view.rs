//! What a metrics page says, as lines for people.

use std::time::Duration;

use console::Style;

use crate::operators::Page;

/// A page, the one before, and how long ago that was. Without one before, everything is since the server's start.
pub(super) struct View<'a> {
    pub(super) target: &'a str,
    pub(super) now: &'a Page,
    pub(super) before: Option<(&'a Page, Duration)>,
    pub(super) color: bool,
}

/// Where the columns of figures end.
const NAME: usize = 28;
const FIGURE: usize = 12;

impl View<'_> {
    /// The lines: a usual terminal has room for those of a usual server.
    pub(super) fn lines(&self) -> Vec<String> {
        let now = |metric| whole(self.now.value(metric).unwrap_or_default());
        let open = self.now.by("ringcheck_invitations", "state");
        let all: f64 = open.iter().map(|(_, count)| count).sum();
        let states: Vec<String> = open
            .iter()
            .map(|(state, count)| format!("{} {}", plain(state), whole(*count)))
            .collect();
        let since = match self.before {
            Some((_, passed)) => format!("/s in {:.0} s", passed.as_secs_f64()),
            None => "/s on average".to_owned(),
        };
        let mut lines = vec![
            self.head(),
            String::new(),
            format!(
                "sessions {}, connections {}, waiting for them {} frames of {} bytes",
                now("ringcheck_sessions"),
                now("ringcheck_connections"),
                now("ringcheck_outbox_frames"),
                now("ringcheck_outbox_bytes"),
            ),
            format!("open {}: {}", whole(all), states.join(", ")),
            String::new(),
            self.title("invitations", &["total", &since]),
        ];
        let admitted = "ringcheck_invitations_admitted_total";
        let total = self.now.value(admitted).unwrap_or_default();
        let before = self.before.and_then(|(page, _)| page.value(admitted));
        lines.push(row("admitted", &self.counted(total, before)));
        for (name, metric, label) in [
            ("ended", "ringcheck_invitations_ended_total", "outcome"),
            ("refusal", "ringcheck_refusals_total", "reason"),
            ("goodbye", "ringcheck_goodbyes_total", "reason"),
            ("log-in", "ringcheck_logins_total", "session"),
            ("frames", "ringcheck_frames_total", "direction"),
        ] {
            lines.extend(self.counters(name, metric, label));
        }
        lines.push(String::new());
        lines.extend(self.legs());
        lines
    }

    fn head(&self) -> String {
        let up = self
            .now
            .value("ringcheck_uptime_seconds")
            .unwrap_or_default();
        let up = Duration::from_secs(up.max(0.0) as u64);
        let mut head = vec![
            self.target.to_owned(),
            format!("up {}", humantime::format_duration(up)),
        ];
        if let Some(bytes) = self.now.value("process_resident_memory_bytes") {
            head.push(format!("{:.1} MiB", bytes / (1024.0 * 1024.0)));
        }
        if let Some(files) = self.now.value("process_open_fds") {
            head.push(format!("{files:.0} files"));
        }
        if self.now.value("ringcheck_draining") == Some(1.0) {
            let red = Style::new().red().bold().force_styling(self.color);
            head.push(red.apply_to("draining").to_string());
        }
        head.join("  ")
    }

    fn title(&self, name: &str, columns: &[&str]) -> String {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let bold = Style::new().bold().force_styling(self.color);
        bold.apply_to(row(name, &columns)).to_string()
    }

    /// The values of a counter by its label, those that count something.
    fn counters(&self, name: &str, metric: &str, label: &str) -> Vec<String> {
        let before = self.before.map(|(page, _)| page.by(metric, label));
        let values = self.now.by(metric, label).into_iter();
        values
            .filter(|(_, total)| *total > 0.0)
            .map(|(word, total)| {
                let earlier = before.as_ref().map(|before| {
                    let same = before.iter().find(|(its, _)| *its == word);
                    same.map_or(0.0, |(_, count)| *count)
                });
                let name = format!("{name}: {}", plain(word));
                row(&name, &self.counted(total, earlier))
            })
            .collect()
    }

    /// A total, and how much of it there was in a second.
    fn counted(&self, total: f64, before: Option<f64>) -> [String; 2] {
        let up = self.now.value("ringcheck_uptime_seconds");
        let (more, seconds) = match (self.before, before) {
            (Some((_, passed)), Some(before)) => (total - before, passed.as_secs_f64()),
            _ => (total, up.unwrap_or_default()),
        };
        // A server that was started again begins at nothing.
        let rate = if seconds > 0.0 {
            more.max(0.0) / seconds
        } else {
            0.0
        };
        [whole(total), format!("{rate:.1}")]
    }

    /// How long the parts of an invitation's way took.
    fn legs(&self) -> Vec<String> {
        const METRIC: &str = "ringcheck_leg_seconds";
        let mut lines = vec![self.title("latency", &["count", "half", "9 in 10", "99 in 100"])];
        for (leg, _) in self.now.by(&format!("{METRIC}_count"), "leg") {
            let mut times = self.now.histogram(METRIC, "leg", leg);
            if let Some((before, _)) = self.before {
                times = times.since(&before.histogram(METRIC, "leg", leg));
            }
            let quantile = |share| {
                times
                    .quantile(share)
                    .map_or_else(|| "-".to_owned(), seconds)
            };
            lines.push(row(
                &plain(leg),
                &[
                    whole(times.count()),
                    quantile(0.5),
                    quantile(0.9),
                    quantile(0.99),
                ],
            ));
        }
        lines
    }
}

/// A name and its figures in columns.
fn row(name: &str, figures: &[String]) -> String {
    let figures = figures.iter().map(|figure| format!("{figure:>FIGURE$}"));
    let line: Vec<String> = std::iter::once(format!("{name:<NAME$}"))
        .chain(figures)
        .collect();
    line.join(" ").trim_end().to_owned()
}

/// A label as words.
fn plain(label: &str) -> String {
    let label: String = label.chars().filter(|c| !c.is_control()).collect();
    label.replace('_', " ")
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// A time with the unit that suits it.
fn seconds(time: f64) -> String {
    if time < 0.001 {
        format!("{:.0} us", time * 1e6)
    } else if time < 1.0 {
        format!("{:.1} ms", time * 1e3)
    } else {
        format!("{time:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIER: &str = "\
ringcheck_sessions 2
ringcheck_uptime_seconds 100
ringcheck_invitations{state=\"rung\"} 1
ringcheck_invitations_admitted_total 10
ringcheck_invitations_ended_total{outcome=\"accepted\"} 8
ringcheck_refusals_total{reason=\"limit_reached\"} 0
ringcheck_leg_seconds_bucket{leg=\"send_to_acked\",le=\"0.001\"} 10
ringcheck_leg_seconds_bucket{leg=\"send_to_acked\",le=\"+Inf\"} 10
ringcheck_leg_seconds_count{leg=\"send_to_acked\"} 10
";

    fn lines(now: &str, before: Option<(&Page, Duration)>) -> Vec<String> {
        let now = Page::parse(now).unwrap();
        let view = View {
            target: "http://127.0.0.1:7001",
            now: &now,
            before,
            color: false,
        };
        view.lines()
    }

    fn has(lines: &[String], wanted: &[&str]) {
        let found = lines
            .iter()
            .any(|line| line.split_whitespace().eq(wanted.iter().copied()));
        assert!(found, "{wanted:?} is not in {lines:#?}");
    }

    #[test]
    fn one_page_alone_gives_averages_since_the_start() {
        let lines = lines(EARLIER, None);
        assert_eq!(lines[0], "http://127.0.0.1:7001  up 1m 40s");
        assert!(
            lines[2].starts_with("sessions 2, connections 0,"),
            "{}",
            lines[2]
        );
        assert_eq!(lines[3], "open 1: rung 1");
        has(&lines, &["admitted", "10", "0.1"]);
        has(
            &lines,
            &[
                "send", "to", "acked", "10", "500", "us", "900", "us", "990", "us",
            ],
        );
        assert!(!lines.iter().any(|line| line.contains("limit reached")));
    }

    #[test]
    fn two_pages_give_what_came_between_them() {
        let before = Page::parse(EARLIER).unwrap();
        let later = EARLIER
            .replace("admitted_total 10", "admitted_total 30")
            .replace("accepted\"} 8", "accepted\"} 18")
            .replace("limit_reached\"} 0", "limit_reached\"} 4");
        let lines = lines(&later, Some((&before, Duration::from_secs(2))));
        has(&lines, &["admitted", "30", "10.0"]);
        has(&lines, &["ended:", "accepted", "18", "5.0"]);
        has(&lines, &["refusal:", "limit", "reached", "4", "2.0"]);
        has(&lines, &["send", "to", "acked", "0", "-", "-", "-"]);
    }

    #[test]
    fn a_server_that_was_started_again_has_no_negative_rates() {
        let before = Page::parse(EARLIER).unwrap();
        let later = EARLIER.replace("admitted_total 10", "admitted_total 1");
        let lines = lines(&later, Some((&before, Duration::from_secs(2))));
        has(&lines, &["admitted", "1", "0.0"]);
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
    }
}
