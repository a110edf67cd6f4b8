//! What a person sees of a flood while it lasts: a moving line on a terminal, one line per second in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output::Output;
use crate::flood::report::line;
use crate::flood::{Plan, Second};

/// The view of one flood.
pub(super) struct View {
    output: Output,
    bar: Option<ProgressBar>,
}

impl View {
    pub(super) fn new(plan: &Plan, output: Output) -> Self {
        let bar = output.is_watched().then(|| {
            let seconds = (plan.warm_up + plan.duration).as_secs();
            let bar = ProgressBar::with_draw_target(Some(seconds), ProgressDrawTarget::stderr());
            // The template is a constant, and a bar without one still counts.
            if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} s\n{wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { output, bar }
    }

    /// Shows a second that has ended.
    pub(super) fn second(&self, second: &Second) {
        match &self.bar {
            None => self.output.tell(&line(second)),
            Some(bar) => {
                bar.set_position(second.second as u64 + 1);
                bar.set_message(line(second));
            }
        }
    }

    /// Makes room for the summary.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
