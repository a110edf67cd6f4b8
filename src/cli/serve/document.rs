//! A file of settings: TOML or YAML in, and the settings in force out as such a file.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::path::Path;

use clap::{Arg, Args as _, Command};
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::layers::{Flags, names};
use super::settings::Settings;
use crate::cli::Failure;
use crate::scenario::names::help;

/// What a file sets.
#[derive(Debug, Default)]
pub(super) struct Document {
    shown: String,
    text: String,
    pub(super) sets: Map<String, Value>,
}

impl Document {
    /// Reads a file. Every unknown name and every wrong value is told at once, with its line.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::Usage(format!("cannot read the settings in `{shown}`: {error}"))
        })?;
        let parsed = if is_yaml(path) {
            yaml(&text)
        } else {
            toml(&text)
        };
        let sets = parsed
            .map_err(|(line, message)| Failure::Usage(format!("{shown}:{line}: {message}")))?;
        let document = Self { shown, text, sets };
        let problems = document.problems();
        if problems.is_empty() {
            return Ok(document);
        }
        Err(Failure::Usage(problems.join("\nerror: ")))
    }

    fn problems(&self) -> Vec<String> {
        let known = names();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut problems: Vec<(usize, String)> = Vec::new();
        for (key, value) in &self.sets {
            let wrong = if known.contains(&key.as_str()) {
                // Each value by itself, so that a wrong one is told with its line.
                let one = Map::from_iter([(key.clone(), value.clone())]);
                let read = serde_json::from_value::<Settings>(Value::Object(one));
                read.err().map(|error| format!("`{key}`: {error}"))
            } else {
                let hint = help(key, &known);
                let hint = hint.unwrap_or_else(|| "`--print-config` shows them all".to_owned());
                Some(format!("no setting is named `{key}`\nhint: {hint}"))
            };
            if let Some(wrong) = wrong {
                problems.push((line_of(&self.text, key), wrong));
            }
        }
        problems.sort();
        let told = problems.into_iter();
        told.map(|(line, wrong)| format!("{}:{line}: {wrong}", self.shown))
            .collect()
    }

    /// Where a name is set, as `serve.toml:3`.
    pub(super) fn place(&self, key: &str) -> Option<String> {
        let line = || line_of(&self.text, key);
        let is_set = self.sets.contains_key(key);
        is_set.then(|| format!("{}:{}", self.shown, line()))
    }
}

/// Whether a file of settings is YAML; any other is TOML.
fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

type Parsed = Result<Map<String, Value>, (usize, String)>;

fn toml(text: &str) -> Parsed {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let before = text.get(..offset).unwrap_or_default();
        (before.matches('\n').count() + 1, error.message().to_owned())
    })
}

fn yaml(text: &str) -> Parsed {
    let is_remark = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_remark) {
        return Ok(Map::new());
    }
    let parsed = serde_yaml::Deserializer::from_str(text).deserialize_any(Unrepeated);
    parsed.map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        (line, error.to_string())
    })
}

/// Reads a mapping in which no name stands twice. The library would let the last one win.
struct Unrepeated;

impl<'de> Visitor<'de> for Unrepeated {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names with their values, as `expiry: 20s`")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Map::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (mut map, mut seen) = (Map::new(), HashSet::new());
        while let Some(key) = access.next_key_seed(New(&mut seen))? {
            map.insert(key, access.next_value()?);
        }
        Ok(map)
    }
}

/// A name that was not there yet. It is looked at while it is read, since only then its line is known.
struct New<'s>(&'s mut HashSet<String>);

impl<'de> DeserializeSeed<'de> for New<'_> {
    type Value = String;

    fn deserialize<D: serde::Deserializer<'de>>(self, name: D) -> Result<String, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for New<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<String, E> {
        if self.0.insert(name.to_owned()) {
            Ok(name.to_owned())
        } else {
            Err(E::custom(format!("`{name}` is set twice")))
        }
    }
}

/// The line on which a name is set. The names are plain words, which nobody has to quote.
fn line_of(text: &str, key: &str) -> usize {
    let sets = |line: &str| {
        let rest = line.trim_start().trim_start_matches(['"', '\'']);
        rest.strip_prefix(key).is_some_and(|rest| {
            rest.trim_start_matches(['"', '\'', ' '])
                .starts_with(['=', ':', '.'])
        })
    };
    let found = text.lines().position(|line| {
        sets(line) || line.trim().trim_start_matches('[').trim_end_matches(']') == key
    });
    found.map_or(1, |line| line + 1)
}

/// The settings as a file in the form of the one that they came from, or as TOML. What nobody has set stands there as a
/// comment, so that what follows from other settings goes on following from them.
pub(super) fn written(settings: &Settings, file: Option<&Path>) -> Result<String, Failure> {
    let is_yaml = file.is_some_and(is_yaml);
    let entry = |one: &Map<String, Value>| {
        if is_yaml {
            serde_yaml::to_string(one).map_err(|error| error.to_string())
        } else {
            toml::to_string(one).map_err(|error| error.to_string())
        }
    };
    let sets = serde_json::to_value(settings).map_err(|error| error.to_string());
    let sets = sets.map_err(Failure::Usage)?;
    let command = Flags::augment_args(Command::new("serve"));
    let equals = if is_yaml { ": " } else { " = " };
    let entries = command.get_arguments().map(|arg| {
        let name = arg.get_id().as_str();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Ok(match sets.get(name) {
            Some(value) => {
                let one = Map::from_iter([(name.to_owned(), value.clone())]);
                format!("# {help}\n{}", entry(&one)?)
            }
            None => format!("# {help}\n# {name}{equals}{}\n", sample(arg, is_yaml)),
        })
    });
    entries
        .collect::<Result<String, String>>()
        .map_err(Failure::Usage)
}

/// What could stand behind a name that nobody has set.
fn sample(arg: &Arg, is_yaml: bool) -> String {
    let named = arg.get_value_names().and_then(|names| names.first());
    let named = named.map(ToString::to_string).unwrap_or_default();
    if is_yaml || named == "N" {
        named
    } else {
        format!("\"{named}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_the_same_in_both_forms() {
        let full = Settings {
            admin_listen: Some(([127, 0, 0, 1], 1).into()),
            auth_keys: Some("a \"key\": #1.json".into()),
            connections_per_address: Some(7),
            log: "warn,ringcheck_reference=debug".to_owned(),
            ..Settings::default()
        };
        for settings in [Settings::default(), full] {
            let toml_text = written(&settings, None).unwrap();
            let yaml_text = written(&settings, Some(Path::new("x.yaml"))).unwrap();
            assert_eq!(toml::from_str::<Settings>(&toml_text).unwrap(), settings);
            let read: Settings = serde_yaml::from_str(&yaml_text).unwrap();
            assert_eq!(read, settings);
        }
    }

    #[test]
    fn every_setting_is_written_and_what_nobody_set_as_a_comment() {
        let text = written(&Settings::default(), None).unwrap();
        for name in names() {
            let is_there = |line: &str| {
                line.trim_start_matches("# ")
                    .starts_with(&format!("{name} = "))
            };
            assert!(
                text.lines().any(is_there),
                "`{name}` is missing in:\n{text}"
            );
        }
        assert!(text.contains("\n# connections_per_address = N\n"), "{text}");
    }

    #[test]
    fn a_name_that_stands_twice_is_told_with_its_second_line() {
        for (name, text) in [
            ("`expiry`", "expiry: 20s\nno_ack: 10s\nexpiry: 30s\n"),
            ("`expiry`", "expiry: 20s\n# none\n\"expiry\": 20s\n"),
        ] {
            let (line, told) = yaml(text).unwrap_err();
            assert!(told.contains(name) && told.contains("twice"), "{told}");
            assert_eq!(line, 3, "{told}");
        }
        assert!(toml("expiry = 1\nexpiry = 1\n").is_err());
    }

    #[test]
    fn a_file_of_comments_sets_nothing() {
        for text in ["", "# nothing\n", "---\n"] {
            assert_eq!(yaml(text).unwrap(), Map::new());
        }
    }
}
