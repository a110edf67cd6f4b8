//! The one place that writes to the terminal: data to standard output, everything else to standard error.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::Path;

use clap::ColorChoice;

use super::Failure;

/// Where the program's words go. A closed pipe is nobody's fault and is not reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    color: bool,
    data_color: bool,
    terminal: bool,
}

impl Output {
    /// The standard streams of this process. Left to itself, colour comes only on a terminal and without `NO_COLOR`.
    pub(super) fn standard(choice: ColorChoice) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |is_terminal: bool| match choice {
            ColorChoice::Auto => is_terminal && !no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            color: color(terminal),
            data_color: color(std::io::stdout().is_terminal()),
            terminal,
        }
    }

    /// Whether colour may be used in what is told.
    pub(super) fn color(self) -> bool {
        self.color
    }

    /// Whether colour may be used in data.
    pub(super) fn data_color(self) -> bool {
        self.data_color
    }

    /// Whether a person watches, so that progress is worth showing.
    pub(super) fn is_watched(self) -> bool {
        self.terminal
    }

    /// Data: to standard output, with a newline.
    pub(super) fn data(self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// Data that somebody relies on: as [`Output::data`], but what could not be written is an error. Only a reader that has
    /// closed its end wants no more.
    pub(super) fn data_or_fail(self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout();
        match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Data that is all that a command is for: as [`Output::data_or_fail`].
    pub(super) fn result(self, text: &str) -> Result<(), Failure> {
        let written = self.data_or_fail(text);
        written.map_err(|source| Failure::Write {
            path: "<standard output>".into(),
            source,
        })
    }

    /// Lines about the work that end as they should: to standard error.
    pub(super) fn tell_as_is(self, text: &str) {
        let _ = write!(std::io::stderr(), "{text}");
    }

    /// Words about the work: to standard error, with a newline.
    pub(super) fn tell(self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    }
}

/// Writes a file whole, so that a server that reads it meanwhile sees the old or the new one. A secret one is readable by
/// its owner alone.
pub(super) fn write_whole(path: &Path, text: &str, is_secret: bool) -> Result<(), Failure> {
    let failed = |source| Failure::Write {
        path: path.to_owned(),
        source,
    };
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    // One that was left behind may be readable by others.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(&aside).map_err(failed)?;
    let written = file.write_all(text.as_bytes());
    let moved = written.and_then(|()| fs::rename(&aside, path));
    moved.map_err(|error| {
        // A part of it is of no use to anybody.
        let _ = fs::remove_file(&aside);
        failed(error)
    })
}
