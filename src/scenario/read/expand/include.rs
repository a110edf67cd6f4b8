//! `include`: the steps of another file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::super::{FILE_BYTES_MAX, Reader, directive, refuse};
use crate::scenario::find::{is_steps, read};
use crate::scenario::names;
use crate::scenario::problem;
use crate::scenario::tree::{self, Kind, Node};

/// How many files a file may include, each time counted.
const INCLUDED_MAX: usize = 1_000;

impl Reader<'_> {
    /// The steps of the included file. `None` if a bound was passed.
    pub(super) fn include(
        &mut self,
        key: &Range<usize>,
        value: &Node,
        written: &mut Vec<Node>,
    ) -> Option<()> {
        let value = self.expanded(value)?;
        let Some(name) = self.word(&value, "the path of a file of steps") else {
            return Some(());
        };
        let (name, at) = (name.to_owned(), value.span.clone());
        let Some((path, text)) = self.text_of_steps(&name, &at) else {
            return Some(());
        };
        let base = self.log.include(path.clone(), &text, key.clone());
        let Some(nodes) = self.steps_of(base) else {
            return Some(());
        };
        nodes
            .iter()
            .for_each(|node| self.expansion.collect_saves(node));
        self.expansion.files.push(path);
        let steps = self.expanded_list(&nodes);
        self.expansion.files.pop();
        written.extend(steps?);
        Some(())
    }

    /// The path and the text of a file of steps, or a problem.
    fn text_of_steps(&mut self, name: &str, at: &Range<usize>) -> Option<(PathBuf, String)> {
        let from = self.expansion.files.last().map_or(&*self.file, |file| file);
        let path = from.parent().unwrap_or_else(|| Path::new("")).join(name);
        let path = tidy(&path);
        self.expansion.included += 1;
        let (message, help) = if self.expansion.included > INCLUDED_MAX {
            (format!("more than {INCLUDED_MAX} files are included"), None)
        } else if !is_steps(&path) {
            let help =
                "name it so that it ends in `.steps.yaml`, and write nothing but a list of steps";
            let message = format!("{} is no file of steps", names::quoted(name));
            (message, Some(help.to_owned()))
        } else if self.expansion.files.contains(&path) {
            let message = format!("{} includes itself", names::quoted(name));
            (message, None)
        } else {
            match read(&path) {
                Ok(text) if text.len() > FILE_BYTES_MAX => (
                    format!("a file of steps has at most {FILE_BYTES_MAX} bytes"),
                    None,
                ),
                Ok(text) => return Some((path, text)),
                Err(error) => (
                    error.to_string(),
                    Some("the path counts from the folder of this file".to_owned()),
                ),
            }
        };
        self.log
            .add(problem::BAD_INCLUDE, at, message, "cannot be included")
            .maybe_help(help);
        None
    }

    /// The steps of the file that was included last, which begins at `base`.
    fn steps_of(&mut self, base: usize) -> Option<Vec<Node>> {
        let source = self.log.last_included();
        if let Some(at) = directive(&source.text) {
            self.log.add(
                problem::NOT_YAML,
                &(base + at..base + at + 1),
                "a directive of YAML is not part of the language",
                "directive",
            );
            return None;
        }
        let mut tree = match tree::parse(source) {
            Ok(tree) => tree,
            Err(refusal) => {
                refuse(&mut self.log, refusal, base);
                return None;
            }
        };
        for (tag, span) in &tree.tags {
            self.log.add(
                problem::NOT_YAML,
                &(base + span.start..base + span.end),
                format!("the tag `!{tag}` is not part of the language"),
                "tagged value",
            );
        }
        tree.root.shift(base);
        match tree.root.kind {
            Kind::List(nodes) => Some(nodes),
            Kind::Nothing | Kind::Template(_) | Kind::Text(_) | Kind::Map(_) => {
                self.wrong_shape(&tree.root, "a list of steps");
                None
            }
        }
    }
}

/// A path without `.` and without `..` behind a name, so that one file has one path.
fn tidy(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(tidy.components().next_back(), Some(Component::Normal(_))) =>
            {
                tidy.pop();
            }
            Component::ParentDir
            | Component::Normal(_)
            | Component::RootDir
            | Component::Prefix(_) => tidy.push(component),
        }
    }
    tidy
}
