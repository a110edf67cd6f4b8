//! What a person sees of a soak while it lasts: a moving line on a terminal, a line now and then in a pipe.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::cli::output::Output;
use crate::cli::telling::progress;
use crate::soak::{Progress, Soak, line};

/// The view of one soak.
pub(super) struct View {
    output: Output,
    rounds: usize,
    bar: ProgressBar,
    /// When a line is due where nobody watches.
    due: Instant,
}

/// How often a line is told where nobody watches.
const LINE_EVERY: Duration = Duration::from_secs(5);

impl View {
    pub(super) fn new(soak: &Soak, output: Output) -> Self {
        let seconds = usize::try_from(soak.duration.as_secs()).unwrap_or(usize::MAX);
        Self {
            output,
            rounds: soak.rounds,
            bar: progress(seconds, &output),
            due: Instant::now() + LINE_EVERY,
        }
    }

    /// Shows how far it is.
    pub(super) fn show(&mut self, progress: &Progress<'_>) {
        let line = line(progress, self.rounds);
        self.bar.set_position(progress.soaked.as_secs());
        self.bar.set_message(line.clone());
        if !self.output.is_watched() && self.due <= Instant::now() {
            self.due += LINE_EVERY;
            self.output
                .tell(&format!("{:>5} s: {line}", progress.soaked.as_secs()));
        }
    }

    /// Makes room for the summary.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
