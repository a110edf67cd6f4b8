//! A profile: what a flood is to do, as a file. Flags go before it.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer};

use crate::cli::Failure;
use crate::flood::{Flow, Mix, Pace, Spread, Threshold};

/// What a flood is to do, as a file has it. Every field is the flag of its name.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Profile {
    pub(super) target: Option<String>,
    pub(super) rate: Option<f64>,
    #[serde(deserialize_with = "parsed")]
    pub(super) stages: Option<Pace>,
    pub(super) in_flight: Option<NonZeroUsize>,
    pub(super) pairs: Option<u32>,
    #[serde(deserialize_with = "time")]
    pub(super) duration: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub(super) warm_up: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub(super) drain: Option<Duration>,
    #[serde(deserialize_with = "parsed")]
    pub(super) mix: Option<Mix>,
    #[serde(deserialize_with = "parsed")]
    pub(super) ring: Option<Spread>,
    #[serde(deserialize_with = "parsed")]
    pub(super) patience: Option<Spread>,
    pub(super) content_bytes: Option<u32>,
    pub(super) seed: Option<u64>,
    pub(super) logins_per_second: Option<f64>,
    threshold: Vec<Parsed<Threshold>>,
    flows: Vec<Entry>,
}

/// A scenario and its weight. The file is named from the profile's own folder.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    scenario: PathBuf,
    #[serde(default = "one")]
    weight: u32,
}

/// Something that is written as on the command line.
#[derive(Debug)]
struct Parsed<T>(T);

/// The largest sum of weights that the choice by chance can share out.
const WEIGHTS_MAX: u64 = 1 << 31;

fn one() -> u32 {
    1
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    Parsed::deserialize(deserializer).map(|Parsed(value)| Some(value))
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    super::time_or_none(&text)
        .map(Some)
        .map_err(de::Error::custom)
}

impl Profile {
    /// Reads a profile.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = crate::scenario::read_file(path)?;
        let wrong = |why: &dyn Display| {
            let hint = "hint: a field is named as its flag, as `rate: 500` or `flows: [{scenario: FILE, weight: 70}]`";
            Failure::Usage(format!("`{}` is no profile: {why}\n{hint}", path.display()))
        };
        let profile: Self = serde_yaml::from_str(&text).map_err(|error| wrong(&error))?;
        if profile
            .rate
            .is_some_and(|rate| super::rate(&rate.to_string()).is_err())
        {
            return Err(wrong(
                &"`rate` is calls per second above 0 and up to 10000000",
            ));
        }
        if profile
            .pairs
            .is_some_and(|pairs| pairs == 0 || i64::from(pairs) > super::PAIRS_MAX)
        {
            return Err(wrong(&"`pairs` is a number from 1 to 1000000"));
        }
        if profile.content_bytes.is_some_and(|bytes| bytes > 8192) {
            return Err(wrong(&"`content-bytes` is a number from 0 to 8192"));
        }
        let weights = profile.flows.iter().map(|flow| u64::from(flow.weight));
        let weights: u64 = weights.sum();
        if !profile.flows.is_empty() && !(1..=WEIGHTS_MAX).contains(&weights) {
            return Err(wrong(&format!(
                "the weights of its flows come to {weights}, and to 1 to {WEIGHTS_MAX} they should"
            )));
        }
        Ok(profile)
    }

    /// What must be reached.
    pub(super) fn thresholds(&self) -> impl Iterator<Item = Threshold> {
        self.threshold.iter().map(|Parsed(one)| one.clone())
    }

    /// The flows, compiled: a flow for each case of each scenario.
    pub(super) fn flows(&self, profile: &Path) -> Result<Vec<Flow>, Failure> {
        let folder = profile.parent().unwrap_or_else(|| Path::new(""));
        let mut flows = Vec::new();
        for Entry { scenario, weight } in &self.flows {
            let path = folder.join(scenario);
            let wrong = |why: &dyn Display| Failure::Usage(format!("`{}`: {why}", path.display()));
            let text = crate::scenario::read_file(&path)?;
            let cases = crate::scenario::load(&path, &text)
                .map_err(|problems| wrong(&crate::scenario::render(&text, &problems, false)))?;
            for case in &cases {
                flows.push(Flow::of(case, *weight).map_err(|error| wrong(&error))?);
            }
        }
        Ok(flows)
    }
}
