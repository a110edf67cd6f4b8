//! `ringcheck verify`: judge recorded histories from anywhere.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::output::Output;
use super::reports::{json, write_json};
use crate::history::file::Damage;
use crate::lifecycle::FindingKind;
use crate::report::checked::{Checked, finding};
use crate::verify;

/// The most findings that are told one by one.
const TOLD_MAX: usize = 20;

/// What is read from a file at once.
const BUFFER_BYTES: usize = 1024 * 1024;

/// What to judge.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --history run.jsonl                 record a run
  ringcheck verify run.jsonl                        and judge the record
  my-app --dump-calls | ringcheck verify -          a history of your own; src/history/FORMAT.md tells how")]
pub(super) struct Args {
    /// History files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write a report: `json=FILE`, where `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", value_parser = json)]
    report: Vec<PathBuf>,
}

/// Judges every section of every file; what was found decides the exit code.
pub(super) fn verify(args: &Args, output: &Output) -> Result<(), Failure> {
    let mut checked = Checked::new();
    let mut read = args.files.iter();
    let unread = read.try_for_each(|path| judge(path, &mut checked, output));
    tell(&checked, output);
    for path in &args.report {
        write_json(path, &checked, output)?;
    }
    // What was found before a file turned out to be damaged has been told.
    unread?;
    if checked.count(FindingKind::Violation) > 0 {
        Err(Failure::Findings)
    } else if checked.count(FindingKind::Inconclusive) > 0
        || checked.sections.iter().all(|section| section.events == 0)
    {
        Err(Failure::Incomplete)
    } else {
        Ok(())
    }
}

/// Judges the sections of one file.
fn judge(path: &Path, checked: &mut Checked, output: &Output) -> Result<(), Failure> {
    if path == Path::new("-") {
        return verify::section_by_section(
            "-",
            std::io::stdin().lock(),
            verify::RECENT_MAX,
            checked,
        )
        .map_err(|damage| damaged("-", &damage));
    }
    let name = path.display().to_string();
    let unreadable = |error| Failure::Usage(format!("could not read `{name}`: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    let bar = progress(bytes, output);
    let input = BufReader::with_capacity(BUFFER_BYTES, bar.wrap_read(file));
    let before = checked.sections.len();
    let read = verify::section_by_section(&name, input, 0, checked);
    bar.finish_and_clear();
    let sections = checked.sections.get_mut(before..).unwrap_or_default();
    if sections.iter().any(|section| section.undrawn.is_some())
        && let Ok(again) = File::open(path)
    {
        verify::redraw(BufReader::with_capacity(BUFFER_BYTES, again), sections);
    }
    read.map_err(|damage| damaged(&name, &damage))
}

fn damaged(name: &str, damage: &Damage) -> Failure {
    Failure::Usage(format!("`{name}` is damaged: {damage}"))
}

fn progress(bytes: u64, output: &Output) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn rank(kind: FindingKind) -> u8 {
    match kind {
        FindingKind::Violation => 0,
        FindingKind::Inconclusive => 1,
        FindingKind::Warning => 2,
    }
}

fn tell(checked: &Checked, output: &Output) {
    let sections = checked.sections.iter();
    let mut found: Vec<_> = sections
        .flat_map(|section| section.findings.iter().map(move |told| (section, told)))
        .collect();
    // What is worst first; the sort keeps the order of the lines.
    found.sort_by_key(|(_, told)| rank(told.kind));
    for (section, told) in found.iter().take(TOLD_MAX) {
        output.tell(&format!("{}\n", finding(section, told)));
    }
    if found.len() > TOLD_MAX {
        output.tell(&format!(
            "{} more are in `--report json=FILE`\n",
            found.len() - TOLD_MAX
        ));
    }
    let (mut events, mut invitations) = (0, 0);
    for section in &checked.sections {
        events += section.events;
        invitations += section.invitations;
    }
    let armed = checked.rules.iter().filter(|rule| rule.armed > 0).count();
    output.tell(&format!(
        "{events} events of {invitations} invitations in {} {}: {} violations, {} inconclusive, {} warnings",
        checked.sections.len(),
        if checked.sections.len() == 1 { "section" } else { "sections" },
        checked.count(FindingKind::Violation),
        checked.count(FindingKind::Inconclusive),
        checked.count(FindingKind::Warning),
    ));
    output.tell(&format!(
        "{armed} of {} rules exercised",
        checked.rules.len()
    ));
}
