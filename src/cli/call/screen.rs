//! Where lines come from and words go to: a prompt with line editing on a terminal, plain lines in a pipe.

use std::io::{BufRead, IsTerminal, Read as _};
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
        lines: mpsc::Receiver<Result<String, String>>,
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

    /// The next line, or why it cannot be taken; `None` at the end of the input. May be given up and called again.
    pub(super) async fn next(&mut self) -> Option<Result<String, String>> {
        match self {
            Self::Prompt(prompt) => prompt.next().await.map(Ok),
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

/// A longer line is no command: the longest text that goes through has 8 KiB.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// The lines of standard input. Reading blocks, so it has a thread of its own, which ends with the process.
fn lines() -> mpsc::Receiver<Result<String, String>> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while let Some(line) = line(&mut input) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next line without its end; `None` at the end of the input. One that is no text, or endless, is passed over.
fn line(input: &mut impl BufRead) -> Option<Result<String, String>> {
    let mut bytes = Vec::new();
    let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
    if read.ok()? == 0 {
        return None;
    }
    if bytes.len() as u64 == LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
        // Where its rest cannot be read, that is the end of the input.
        input.skip_until(b'\n').ok();
        return Some(Err(format!(
            "a line of more than {LINE_BYTES_MAX} bytes was passed over"
        )));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        let why = "a line that is not UTF-8 was passed over";
        return Some(Err(why.to_owned()));
    };
    Some(Ok(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_text_or_endless_is_passed_over_and_the_next_one_is_read() {
        let mut typed = b"ring bob\r\ncancel \xff\n\n".to_vec();
        typed.extend(vec![b'x'; 3 * LINE_BYTES_MAX as usize]);
        typed.extend(b"\nquit");
        let mut input = &typed[..];
        assert_eq!(line(&mut input), Some(Ok("ring bob".to_owned())));
        assert!(line(&mut input).unwrap().unwrap_err().contains("UTF-8"));
        assert_eq!(line(&mut input), Some(Ok(String::new())));
        assert!(line(&mut input).unwrap().unwrap_err().contains("65536"));
        assert_eq!(line(&mut input), Some(Ok("quit".to_owned())));
        assert_eq!(line(&mut input), None);
    }
}
