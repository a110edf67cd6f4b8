//! `ringcheck top`: the metrics page of a server, for people who watch it.

mod screen;
mod view;

use std::time::{Duration, Instant};

use clap::Args as ClapArgs;

use self::screen::Screen;
use self::view::View;
use super::output::Output;
use super::serve::Time;
use super::{Failure, leave, runtime};
use crate::operators::{Operators, Page};

/// What to watch, and how often to look.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples, beside `ringcheck serve --admin-listen 127.0.0.1:7001`:
  ringcheck top                                         until Ctrl-C
  ringcheck top --every 5s --target http://127.0.0.1:7001
  ringcheck top --once                                  one view, with averages since the start

Where the output is no terminal there is one view, as with --once.")]
pub(super) struct Args {
    /// Where the server tells operators its metrics
    #[arg(long, default_value = "http://127.0.0.1:7001", value_name = "http://…")]
    target: String,

    /// How often to look
    #[arg(
        long,
        default_value = "2s",
        value_name = "TIME",
        conflicts_with = "once"
    )]
    every: Time,

    /// Show one view and end
    #[arg(long)]
    once: bool,
}

/// Those who ask at a URL that a flag names.
pub(super) fn operators(flag: &str, url: &str) -> Result<Operators, Failure> {
    Operators::at(url).ok_or_else(|| {
        Failure::Usage(format!(
            "`{url}` is not where operators ask\nhint: {flag} http://127.0.0.1:7001, where `ringcheck serve \
             --admin-listen` listens"
        ))
    })
}

/// Shows one view, or views until told to leave.
pub(super) fn top(args: &Args, output: &Output) -> Result<(), Failure> {
    let operators = operators("--target", &args.target)?;
    let first = operators.page().map_err(|reason| Failure::NoMetrics {
        url: args.target.clone(),
        reason,
    })?;
    let view = |now: &Page, before: Option<(&Page, Duration)>| {
        View {
            target: &args.target,
            now,
            before,
            color: output.data_color(),
        }
        .lines()
    };
    let Some(mut screen) = Screen::new(*output).filter(|_| !args.once) else {
        return output.result(&view(&first, None).join("\n"));
    };
    screen.show(&view(&first, None));
    let (mut last, mut at) = (first, Instant::now());
    runtime()?.block_on(async {
        let told = leave::told();
        tokio::pin!(told);
        loop {
            tokio::select! {
                () = tokio::time::sleep(args.every.0) => {}
                () = &mut told => return,
            }
            // A moment of blocking disturbs nobody: there is no other task.
            match operators.page() {
                Ok(now) => {
                    screen.show(&view(&now, Some((&last, at.elapsed()))));
                    (last, at) = (now, Instant::now());
                }
                Err(reason) => screen.show(&[
                    format!("{}  not reached: {reason}", args.target),
                    String::new(),
                    "It is asked again; Ctrl-C ends.".to_owned(),
                ]),
            }
        }
    });
    Ok(())
}
