//! The prompt of a terminal: a line that can be edited while callbacks are printed above it.
//!
//! The editor blocks, so it has a thread of its own. It reads a line when it is asked to, says when its prompt is on the
//! screen, and hands the line over. Text is printed around it by what is known of it: while it works, through it, so
//! that it can draw its line again below; while it does not, directly; and what comes between the two waits a moment.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc as blocking};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, ExternalPrinter, Helper};
use tokio::sync::mpsc;

use super::typed::{Known, Typed, parse};
use crate::cli::output::Output;

/// What Tab knows, shared with the editor's thread.
pub(super) type Words = Arc<Mutex<Known>>;

/// A prompt that is or is not on the screen.
pub(super) struct Prompt {
    state: State,
    /// What was printed while the prompt was coming.
    held: Vec<String>,
    /// Lines that were pasted at once and have still to be handed over.
    pasted: VecDeque<String>,
    ask: blocking::Sender<()>,
    said: mpsc::UnboundedReceiver<Said>,
    printer: Box<dyn ExternalPrinter + Send>,
    output: Output,
    #[cfg(unix)]
    mode: Option<nix::sys::termios::Termios>,
}

/// What the editor's thread is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits to be asked for a line.
    Idle,
    /// It was asked, and its prompt is not on the screen yet.
    Coming,
    /// It has the terminal.
    Up,
}

/// What the editor's thread says.
enum Said {
    /// The prompt is on the screen.
    Up,
    /// This was typed; `None` is the end of the input.
    Line(Option<String>),
}

impl Prompt {
    /// A prompt that shows `text`, and keeps what was typed in the file `history`.
    pub(super) fn new(
        text: &str,
        words: Words,
        history: Option<&Path>,
        output: Output,
    ) -> rustyline::Result<Self> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .auto_add_history(true)
            // The editor tells us through its highlighter when it draws, and only a forced one is always asked. Whether
            // there is colour is ours to say.
            .color_mode(ColorMode::Forced)
            .build();
        let mut editor: Editor<Aide, DefaultHistory> = Editor::with_config(config)?;
        let printer = editor.create_external_printer()?;
        if let Some(history) = history {
            // Missing before the first session; whether it can be written was seen by the caller.
            let _ = editor.load_history(history);
            let mut known = words.lock().unwrap_or_else(PoisonError::into_inner);
            for line in editor.history() {
                if let Ok(Typed::Ring { callee, .. }) = parse(line) {
                    known.saw(&callee);
                }
            }
        }
        let (sayer, said) = mpsc::unbounded_channel();
        let (ask, asked) = blocking::channel();
        let coming = Arc::new(AtomicBool::new(false));
        editor.set_helper(Some(Aide {
            words,
            coming: coming.clone(),
            sayer: sayer.clone(),
            color: output.data_color(),
        }));
        let (text, history) = (text.to_owned(), history.map(Path::to_owned));
        std::thread::spawn(move || {
            while asked.recv().is_ok() {
                coming.store(true, Ordering::Release);
                let line = match editor.readline(&text) {
                    Ok(line) => Some(line),
                    Err(ReadlineError::Signal(_)) => Some(String::new()),
                    Err(_) => None,
                };
                if let Some(history) = &history {
                    let _ = editor.append_history(history);
                }
                let is_last = line.is_none();
                if sayer.send(Said::Line(line)).is_err() || is_last {
                    break;
                }
            }
        });
        Ok(Self {
            state: State::Idle,
            held: Vec::new(),
            pasted: VecDeque::new(),
            ask,
            said,
            printer: Box::new(printer),
            output,
            #[cfg(unix)]
            mode: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
        })
    }

    /// The next line; `None` at the end of the input. May be given up and called again.
    pub(super) async fn next(&mut self) -> Option<String> {
        if let Some(line) = self.pasted.pop_front() {
            return Some(line);
        }
        if self.state == State::Idle {
            self.ask.send(()).ok()?;
            self.state = State::Coming;
        }
        loop {
            match self.said.recv().await? {
                Said::Up => {
                    self.state = State::Up;
                    for text in std::mem::take(&mut self.held) {
                        self.print(&text);
                    }
                }
                Said::Line(line) => {
                    self.state = State::Idle;
                    for text in std::mem::take(&mut self.held) {
                        self.print(&text);
                    }
                    self.pasted = line?.lines().map(str::to_owned).collect();
                    return Some(self.pasted.pop_front().unwrap_or_default());
                }
            }
        }
    }

    /// Prints lines without destroying the one that is being typed.
    pub(super) fn print(&mut self, text: &str) {
        match self.state {
            State::Idle => self.output.data(text),
            State::Coming => self.held.push(text.to_owned()),
            State::Up => {
                if self
                    .printer
                    .print(format!("{}\n", text.trim_end()))
                    .is_err()
                {
                    self.output.data(text);
                }
            }
        }
    }

    /// Gives the terminal back as it was found, also from under an editor that still waits for keys. What is printed
    /// from now on is printed directly.
    pub(super) fn leave(&mut self) {
        if self.state == State::Idle {
            return;
        }
        self.state = State::Idle;
        // The end of bracketed paste; and the line of the prompt is free.
        let _ = write!(std::io::stdout(), "\u{1b}[?2004l\r\u{1b}[K");
        #[cfg(unix)]
        if let Some(mode) = &self.mode {
            let when = nix::sys::termios::SetArg::TCSADRAIN;
            // A terminal that is gone needs nothing back.
            let _ = nix::sys::termios::tcsetattr(std::io::stdin(), when, mode);
        }
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What the editor asks for help.
struct Aide {
    words: Words,
    /// Whether the prompt has still to be drawn for the first time.
    coming: Arc<AtomicBool>,
    sayer: mpsc::UnboundedSender<Said>,
    color: bool,
}

impl Highlighter for Aide {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(
        &'s self,
        prompt: &'p str,
        _default: bool,
    ) -> Cow<'b, str> {
        // The editor has the terminal when it draws, so from now on it can print for others.
        if self.coming.swap(false, Ordering::AcqRel) {
            let _ = self.sayer.send(Said::Up);
        }
        if self.color {
            Cow::Owned(
                console::Style::new()
                    .bold()
                    .force_styling(true)
                    .apply_to(prompt)
                    .to_string(),
            )
        } else {
            Cow::Borrowed(prompt)
        }
    }
}

impl Completer for Aide {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(words.complete(line.get(..position).unwrap_or(line)))
    }
}

impl Hinter for Aide {
    type Hint = String;
}

impl Validator for Aide {}

impl Helper for Aide {}
