//! Where lines come from and words go to: a prompt with line editing on a terminal, plain lines in a pipe.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use tokio::sync::mpsc;

use super::prompt::{Prompt, Words};
use crate::cli::output::Output;

/// A person's terminal, or a pipe.
pub(super) enum Screen {
    /// Both ends are a terminal: a line can be edited while others are printed above it.
    Prompt(Box<Prompt>),
    /// One of them is not.
    Pipe {
        lines: mpsc::Receiver<String>,
        output: Output,
    },
}

impl Screen {
    /// A prompt where one is possible.
    pub(super) fn new(prompt: &str, words: Words, history: Option<&Path>, output: Output) -> Self {
        let watched = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        match watched.then(|| Prompt::new(prompt, words, history, output)) {
            Some(Ok(prompt)) => Self::Prompt(Box::new(prompt)),
            // A terminal that cannot move its cursor is as good as a pipe.
            Some(Err(_)) | None => Self::Pipe {
                lines: lines(),
                output,
            },
        }
    }

    /// The next line; `None` at the end of the input. May be given up and called again.
    pub(super) async fn next(&mut self) -> Option<String> {
        match self {
            Self::Prompt(prompt) => prompt.next().await,
            Self::Pipe { lines, .. } => lines.recv().await,
        }
    }

    /// Gives the terminal back; no line will be asked for any more.
    pub(super) fn leave(&mut self) {
        match self {
            Self::Prompt(prompt) => prompt.leave(),
            Self::Pipe { .. } => {}
        }
    }

    /// What happened: to standard output.
    pub(super) fn data(&mut self, text: &str) {
        match self {
            Self::Prompt(prompt) => prompt.print(text),
            Self::Pipe { output, .. } => output.data(text),
        }
    }

    /// Words about what was typed: to standard error, where that is another place.
    pub(super) fn tell(&mut self, text: &str) {
        match self {
            Self::Prompt(prompt) => prompt.print(text),
            Self::Pipe { output, .. } => output.tell(text),
        }
    }
}

/// The lines of standard input. Reading blocks, so it has a thread of its own, which ends with the process.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
