//! The history file that a run writes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::history::file::{Opening, write};
use crate::runner::Outcome;

/// A history file on its way, if one was asked for. Each scenario is written as it ends, so that a crash loses little.
pub(super) struct Record {
    path: PathBuf,
    out: Option<Box<dyn Write>>,
    opening: Opening,
    failed: Option<io::Error>,
}

impl Record {
    /// Begins the file.
    pub(super) fn create(path: Option<&Path>, target: &str, seed: u64) -> Result<Self, Failure> {
        let opening = Opening {
            target: target.to_owned(),
            scenario: String::new(),
            seed: Some(seed),
        };
        let out: Option<Box<dyn Write>> = match path {
            None => None,
            Some(path) if path == Path::new("-") => Some(Box::new(io::stdout())),
            Some(path) => match File::create(path) {
                Ok(file) => Some(Box::new(BufWriter::new(file))),
                Err(source) => {
                    let path = path.to_owned();
                    return Err(Failure::Write { path, source });
                }
            },
        };
        Ok(Self {
            path: path.map(Path::to_owned).unwrap_or_default(),
            out,
            opening,
            failed: None,
        })
    }

    /// Writes a scenario. The first error is kept for [`Record::close`].
    pub(super) fn add(&mut self, outcome: &Outcome) {
        let Some(out) = self.out.as_mut().filter(|_| self.failed.is_none()) else {
            return;
        };
        let opening = Opening {
            scenario: outcome.file.display().to_string(),
            ..self.opening.clone()
        };
        let written = write(out, &opening, &outcome.history).and_then(|()| out.flush());
        self.failed = written.err();
    }

    /// Ends the file, or says what was wrong with writing it. A reader that has closed its end wants no more.
    pub(super) fn close(self) -> Result<(), Failure> {
        match self.failed {
            Some(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Write {
                path: self.path,
                source,
            }),
            Some(_) | None => Ok(()),
        }
    }
}
