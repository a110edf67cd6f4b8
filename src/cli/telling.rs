//! What `ringcheck run` says while it plays, to every reader at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use chrono::Utc;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;
use super::output::Output;
use super::record::Record;
use super::reports::{Reports, Wanted};
use crate::baseline::Baseline;
use crate::report::events::{
    Begun, Case, End, Flaky, Part, RunEvent, SCHEMA, SetAside, Start, milliseconds,
};
use crate::report::{Format, Summary, terminal};
use crate::runner::{Outcome, Verdict};
use crate::scenario::plan::Scenario;
use crate::scenario::{read_file, write};

/// What to write, and how much to say.
#[derive(Debug, Args)]
pub(super) struct TellArgs {
    /// Write a report, `-` for standard output; may be given several times. Formats: jsonl, json, junit, markdown, github,
    /// tap, html, text
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,

    /// Record what was done and heard; `ringcheck verify` reads it, and `-` is standard output
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// Take failures for known that this list names, and say where it is stale; `ringcheck baseline --help` shows one
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Say nothing but what did not pass, and the counts
    #[arg(short, long)]
    quiet: bool,

    /// Name every scenario as it ends
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
}

/// What a run is about, before it begins.
pub(super) struct About<'a> {
    pub(super) target: &'a str,
    pub(super) seed: u64,
    pub(super) expiry: Duration,
    pub(super) planned: usize,
    pub(super) shard: Option<Part>,
}

/// A run that is being told.
pub(super) struct Telling<'a> {
    args: &'a TellArgs,
    output: &'a Output,
    began: Instant,
    bar: ProgressBar,
    files: Files,
    summary: Summary,
}

/// The files that a run writes, open before anything else happens.
pub(super) struct Files {
    record: Record,
    reports: Reports,
    /// Whether annotations are told beside all else: both streams of a step in GitHub Actions are read for them.
    annotates: bool,
    baseline: Baseline,
}

impl TellArgs {
    /// Whether a report or the history goes to standard output.
    pub(super) fn takes_standard_output(&self) -> bool {
        let is_history = self.history.as_deref() == Some(Path::new("-"));
        is_history || self.report.iter().any(Wanted::is_to_standard_output)
    }

    /// Opens every file that was asked for.
    ///
    /// Every pattern of the list of known failures must fit one of `scenarios`.
    pub(super) fn open(
        &self,
        target: &str,
        seed: u64,
        scenarios: &[Arc<Scenario>],
    ) -> Result<Files, Failure> {
        let baseline = match &self.baseline {
            None => Baseline::empty(),
            Some(path) => {
                let baseline = Baseline::read(path, Utc::now().date_naive());
                let baseline = baseline.map_err(Failure::Usage)?;
                baseline.check(scenarios).map_err(Failure::Usage)?;
                baseline
            }
        };
        let in_actions = std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true");
        Ok(Files {
            record: Record::create(self.history.as_deref(), target, seed)?,
            reports: Reports::open(&self.report, self.history.as_deref())?,
            baseline,
            annotates: in_actions && !self.report.iter().any(|one| one.is(Format::Github)),
        })
    }
}

impl<'a> Telling<'a> {
    /// Begins: says what is about to be played, in a sentence.
    pub(super) fn begin(
        args: &'a TellArgs,
        files: Files,
        about: &About<'_>,
        sentence: &str,
        output: &'a Output,
    ) -> Self {
        if !args.quiet {
            output.tell(sentence);
        }
        let start = Start {
            schema: SCHEMA.to_owned(),
            ringcheck: env!("CARGO_PKG_VERSION").to_owned(),
            target: about.target.to_owned(),
            seed: about.seed,
            started: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            expiry_ms: milliseconds(about.expiry),
            planned: about.planned,
            shard: about.shard,
        };
        let mut telling = Self {
            args,
            output,
            began: Instant::now(),
            bar: if args.quiet {
                ProgressBar::hidden()
            } else {
                progress(about.planned, output)
            },
            files,
            summary: Summary::begun(&start),
        };
        telling.say(&RunEvent::RunStarted(start));
        telling
    }

    /// A scenario begins.
    pub(super) fn started(&mut self, scenario: &Scenario) {
        let begun = Begun {
            at_ms: self.now(),
            file: scenario.file.display().to_string(),
            name: scenario.name.clone(),
        };
        self.bar.set_message(begun.name.clone());
        self.say(&RunEvent::CaseStarted(begun));
    }

    /// A scenario is put aside, since the runner was late by so much.
    pub(super) fn set_aside(&mut self, scenario: &Scenario, late: Duration) {
        let aside = SetAside {
            at_ms: self.now(),
            file: scenario.file.display().to_string(),
            name: scenario.name.clone(),
            late_ms: milliseconds(late),
        };
        self.say(&RunEvent::CaseSetAside(aside));
    }

    /// How often a scenario that is listed as flaky and failed is to be played again before it is judged.
    pub(super) fn reruns(&self, outcome: &Outcome) -> Option<usize> {
        self.files.baseline.reruns(&Case::of(outcome, 0))
    }

    /// A scenario is judged, with what came of playing it again where it is listed as flaky; `again` is the command that plays
    /// it once more.
    pub(super) fn finished(
        &mut self,
        scenario: &Scenario,
        outcome: &Outcome,
        reruns: &[Outcome],
        again: &str,
    ) {
        // What failed by a rule that is not listed counts for all of them.
        let is_news = |one: &&Outcome| one.verdict == Verdict::Failed && self.reruns(one).is_none();
        let outcome = reruns.iter().find(is_news).unwrap_or(outcome);
        self.files.record.add(outcome);
        let mut case = Case::of(outcome, self.now());
        case.flaky = (!reruns.is_empty()).then(|| played(reruns));
        self.files.baseline.weigh(&mut case);
        if case.verdict != Verdict::Passed {
            case.source = Some(source(scenario));
            case.again = Some(again.to_owned());
        }
        self.bar.inc(1);
        let told = if !case.is_fine() {
            Some(terminal::failure(&case, self.output.color()) + "\n")
        } else if self.args.verbose {
            Some(terminal::line(&case, self.output.color()) + "\n")
        } else {
            None
        };
        if let Some(told) = told {
            self.bar.suspend(|| self.output.tell_as_is(&told));
        }
        self.say(&RunEvent::CaseFinished(Box::new(case)));
    }

    /// Ends it: says what it came to, and writes the reports. Told first: a report that cannot be written must not hide what
    /// was found.
    pub(super) fn close(mut self, stopped: Option<String>) -> Result<Summary, Failure> {
        self.bar.finish_and_clear();
        self.say(&RunEvent::RunFinished(End {
            duration_ms: milliseconds(self.began.elapsed()),
            stopped,
            stale: self.files.baseline.stale(),
        }));
        for expired in self.files.baseline.expired() {
            self.output.tell(&format!("warning: {expired}"));
        }
        self.output.tell(&if self.args.quiet {
            terminal::counted(&self.summary)
        } else {
            terminal::closing(&self.summary)
        });
        if self.files.annotates {
            let annotations = Format::Github.render(&self.summary);
            self.output.tell_as_is(&annotations.unwrap_or_default());
        }
        let written = self.files.reports.close(&self.summary);
        self.files.record.close()?;
        written.map(|()| self.summary)
    }

    fn now(&self) -> u64 {
        milliseconds(self.began.elapsed())
    }

    fn say(&mut self, event: &RunEvent) {
        self.summary.hear(event);
        self.files.reports.event(event);
    }
}

/// How often a scenario was played and failed that failed first and was played again then.
fn played(reruns: &[Outcome]) -> Flaky {
    let count = |verdict| reruns.iter().filter(|one| one.verdict == verdict).count();
    let failed = 1 + count(Verdict::Failed);
    Flaky {
        played: failed + count(Verdict::Passed),
        failed,
    }
}

/// The text of a scenario's file. One that has none is written as it would be.
fn source(scenario: &Scenario) -> String {
    read_file(&scenario.file).unwrap_or_else(|_| write(scenario))
}

/// A bar for so many things to do, where a person watches.
pub(super) fn progress(planned: usize, output: &Output) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(planned as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
