//! Which scenario files the given paths stand for.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::read::FILE_BYTES_MAX;

/// A path that gives no scenarios because it cannot be looked at.
#[derive(Debug, Error)]
pub enum NotFound {
    /// Nothing has that path.
    #[error("no file or folder is at `{}`", path.display())]
    Missing {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Something has that path, and it cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no text.
    #[error(
        "cannot read `{}`: line {line} has the byte {byte:#04x}, which is not UTF-8\nhint: save the file as UTF-8",
        path.display()
    )]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The first byte that is wrong.
        byte: u8,
    },
}

/// The scenario files of `paths`, sorted, each once: a file stands for itself, a folder for every `.yaml` and `.yml` file
/// in it and below but those that only hold steps for others. Links to folders are not followed, so that a circle of links ends.
///
/// # Errors
/// [`NotFound`] for the first path that does not exist or cannot be read.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NotFound> {
    find_files(paths, |path| is_yaml(path) && !is_steps(path))
}

/// The same with the files that only hold steps for others.
///
/// # Errors
/// As [`find`].
pub fn find_with_steps(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NotFound> {
    find_files(paths, is_yaml)
}

fn find_files(
    paths: &[PathBuf],
    is_wanted: impl Fn(&Path) -> bool + Copy,
) -> Result<Vec<PathBuf>, NotFound> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|source| refused(path, source))?;
        if kind.is_dir() {
            search(path, is_wanted, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn search(
    folder: &Path,
    is_wanted: impl Fn(&Path) -> bool,
    found: &mut Vec<PathBuf>,
) -> Result<(), NotFound> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|source| refused(&folder, source))? {
            let entry = entry.map_err(|source| refused(&folder, source))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|source| refused(&path, source))?;
            if kind.is_dir() {
                folders.push(path);
            } else if is_wanted(&path) {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// The text of a scenario file. Of one that is too big to be a scenario only so much is read as [`super::load`] needs to
/// say so: a device has no end.
///
/// # Errors
/// [`NotFound`] when it cannot be read or is not UTF-8.
pub fn read(file: &Path) -> Result<String, NotFound> {
    let open = fs::File::open(file).map_err(|source| refused(file, source))?;
    read_from(file, open)
}

/// The same of a text that comes from somewhere else; `name` is what it is called.
///
/// # Errors
/// As [`read`].
pub fn read_from(name: &Path, input: impl io::Read) -> Result<String, NotFound> {
    let mut bytes = Vec::new();
    input
        .take(FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| refused(name, source))?;
    if bytes.len() > FILE_BYTES_MAX {
        // The cut may go through a character, and nobody reads that far.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let (good, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        NotFound::NotText {
            path: name.to_path_buf(),
            line: 1 + good.iter().filter(|byte| **byte == b'\n').count(),
            byte: bad.first().copied().unwrap_or_default(),
        }
    })
}

/// Whether a folder's file of that name is one of the library.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Whether a file holds steps for scenarios to include, and is none itself.
pub(super) fn is_steps(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".steps.yaml") || name.ends_with(".steps.yml")
}

fn refused(path: &Path, source: io::Error) -> NotFound {
    let path = path.to_path_buf();
    if source.kind() == io::ErrorKind::NotFound {
        NotFound::Missing { path }
    } else {
        NotFound::Unreadable { path, source }
    }
}
