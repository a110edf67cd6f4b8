//! The reports that a command writes: every file is opened before anything is played.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;

use super::Failure;
use super::output::Output;
use crate::flood::report::Report as Flood;
use crate::report::events::RunEvent;
use crate::report::{Format, Summary, flood, line};
use crate::scenario::names::nearest;

/// A report that was asked for: `FORMAT=PATH`, where `-` is standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    format: Format,
    path: PathBuf,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = split(text)?;
        let format = Format::named(name).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|it| it.name()).collect();
            let near = nearest(name, names.iter().copied());
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let names = names.join("`, `");
            format!("no report has the format `{name}`; there are `{names}`{near}")
        })?;
        Ok(Self { format, path })
    }
}

fn split(text: &str) -> Result<(&str, PathBuf), String> {
    match text.split_once('=') {
        Some((format, "")) => Err(format!(
            "the path is missing; write `{format}=FILE`, or `{format}=-` for standard output"
        )),
        Some((format, path)) => Ok((format, PathBuf::from(path))),
        None => Err(format!(
            "expected `FORMAT=PATH`, got `{text}`; write `json=FILE`"
        )),
    }
}

/// The forms that a flood has.
const FORMS_OF_FLOOD: [Format; 3] = [Format::Json, Format::Html, Format::Text];

/// Reports on their way.
pub(super) struct Reports {
    open: Vec<Open>,
    failed: Option<Failure>,
}

struct Open {
    wanted: Wanted,
    out: Box<dyn Write>,
}

impl Reports {
    /// Opens every file. Standard output, and every file, takes one report, so that none is mixed into another; `taken` is
    /// where something else is written already.
    pub(super) fn open(wanted: &[Wanted], taken: Option<&Path>) -> Result<Self, Failure> {
        let mut paths: Vec<&Path> = taken.into_iter().collect();
        for one in wanted {
            if paths.contains(&&*one.path) {
                let place = match one.path.to_str() {
                    Some("-") => "standard output takes".to_owned(),
                    _ => format!("`{}` takes", one.path.display()),
                };
                return Err(Failure::Usage(format!(
                    "{place} one report, and two were asked for\nhint: write one of them to a file of its own"
                )));
            }
            paths.push(&one.path);
        }
        let open = wanted.iter().map(|one| {
            let out: Box<dyn Write> = if one.path == Path::new("-") {
                Box::new(io::stdout())
            } else {
                Box::new(File::create(&one.path).map_err(|error| one.failed(error))?)
            };
            let wanted = one.clone();
            Ok(Open { wanted, out })
        });
        Ok(Self {
            open: open.collect::<Result<_, Failure>>()?,
            failed: None,
        })
    }

    /// Writes the reports of a flood.
    pub(super) fn close_flood(self, report: &Flood) -> Result<(), Failure> {
        for mut open in self.open {
            let Some(text) = flood(open.wanted.format, report) else {
                return Err(Failure::Usage(open.wanted.no_flood()));
            };
            let written = text.map_err(io::Error::from);
            let written = written.and_then(|text| open.write(&text));
            written.map_err(|error| open.wanted.failed(error))?;
        }
        Ok(())
    }

    /// Writes an event to the reports that take events. The first error is kept for [`Reports::close`].
    pub(super) fn event(&mut self, event: &RunEvent) {
        for open in &mut self.open {
            if self.failed.is_none() && open.wanted.format == Format::Jsonl {
                let text = line(event).map_err(io::Error::from);
                self.failed = text
                    .and_then(|text| open.write(&text))
                    .err()
                    .map(|error| open.wanted.failed(error));
            }
        }
    }

    /// Writes the others, or says what was wrong with writing any.
    pub(super) fn close(self, summary: &Summary) -> Result<(), Failure> {
        let mut failed = self.failed;
        for mut open in self.open {
            let format = open.wanted.format;
            if format != Format::Jsonl {
                let written = format.render(summary).and_then(|text| open.write(&text));
                let error = written.err().map(|error| open.wanted.failed(error));
                failed = failed.or(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

impl Wanted {
    /// The report `format` on standard output.
    pub(super) fn to_standard_output(format: Format) -> Self {
        Self {
            format,
            path: PathBuf::from("-"),
        }
    }

    /// A report of a flood, which has some of the forms.
    pub(super) fn of_flood(text: &str) -> Result<Self, String> {
        let wanted = text.parse::<Self>()?;
        if wanted.is_of_flood() {
            Ok(wanted)
        } else {
            Err(wanted.no_flood())
        }
    }

    /// Whether a flood has that form.
    pub(super) fn is_of_flood(&self) -> bool {
        FORMS_OF_FLOOD.contains(&self.format)
    }

    /// That a flood has none of that form, and which it has.
    pub(super) fn no_flood(&self) -> String {
        let names = FORMS_OF_FLOOD.map(Format::name).join("`, `");
        let name = self.format.name();
        format!("a flood has no report of the format `{name}`; there are `{names}`")
    }

    /// Whether it goes to standard output.
    pub(super) fn is_to_standard_output(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Whether it has that form.
    pub(super) fn is(&self, format: Format) -> bool {
        self.format == format
    }

    fn failed(&self, source: io::Error) -> Failure {
        Failure::Write {
            path: self.path.clone(),
            source,
        }
    }
}

impl Open {
    /// Writes and flushes, so that a crash loses nothing. Only a reader that has closed its end wants no more.
    fn write(&mut self, text: &str) -> io::Result<()> {
        let written = self.out.write_all(text.as_bytes());
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

/// The path of a `--report json=PATH`, for commands whose report has that form only.
pub(super) fn json(text: &str) -> Result<PathBuf, String> {
    match split(text)? {
        ("json", path) => Ok(path),
        (format, _) => Err(format!(
            "this command has no report of the format `{format}`; there is `json`"
        )),
    }
}

/// Writes a value as JSON.
pub(super) fn write_json(
    path: &Path,
    value: &impl Serialize,
    output: &Output,
) -> Result<(), Failure> {
    let failed = |source| Failure::Write {
        path: path.to_owned(),
        source,
    };
    let json = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))?;
    if path == Path::new("-") {
        return output.data_or_fail(&json).map_err(failed);
    }
    std::fs::write(path, json + "\n").map_err(failed)
}
