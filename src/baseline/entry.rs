//! One entry of a list, as it is written.

use std::fmt;

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wildmatch::WildMatch;

use crate::report::events::Flaky;

/// One entry of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Patterns of files or names; `*` stands for anything, `?` for one character.
    pub(super) case: Words,
    /// The rules that must fire, and no others: ids or patterns of them, `scenario` for a demand of the scenario itself.
    pub(super) rule: Words,
    /// Why it is tolerated.
    pub(super) reason: String,
    /// Where that is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<NaiveDate>,
    /// It fails now and then: in how many of all plays at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) flaky: Option<Share>,
    /// How often a flaky one is played again when it has failed; [`RERUNS`] times when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reruns: Option<usize>,
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    One(String),
    Many(Vec<String>),
}

impl Words {
    pub(super) fn each(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        }
    }

    pub(super) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<String> = words.into_iter().collect();
        match words.len() {
            1 => Self::One(words.remove(0)),
            _ => Self::Many(words),
        }
    }

    pub(super) fn fit(&self, text: &str) -> bool {
        self.each().iter().any(|word| fits(word, text))
    }
}

pub(super) fn fits(pattern: &str, text: &str) -> bool {
    WildMatch::new(pattern).matches(text)
}

impl Entry {
    /// Whether a failure is tolerated, of a scenario that was played so often and failed so often: always unless it is listed as
    /// flaky, and then up to its rate.
    pub(super) fn allows(&self, played: Option<Flaky>) -> bool {
        let Some(share) = self.flaky else {
            return true;
        };
        // One failure alone says nothing about a rate.
        played.is_some_and(|played| share.allows(played.failed, played.played))
    }

    pub(super) fn fits(&self, file: &str, name: &str) -> bool {
        self.case.fit(file) || self.case.fit(name)
    }
}

/// How often a flaky scenario that failed is played again: one failure more shows what one in ten is.
pub(super) const RERUNS: usize = 10;

/// The most reruns that a list can ask for.
pub(super) const RERUNS_MAX: usize = 1000;

/// A share of plays, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl Share {
    /// Whether no more than this of the plays failed.
    pub(super) fn allows(self, failed: usize, played: usize) -> bool {
        failed as f64 * 100.0 <= self.0 * played as f64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let percent = text.strip_suffix('%').map(str::trim);
        let percent = percent.and_then(|text| text.parse().ok());
        let percent = percent.filter(|percent| *percent > 0.0 && *percent < 100.0);
        percent.map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no share of plays; write `flaky: 20%`, above 0 and below 100"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_all_plays() {
        let share: Share = serde_yaml::from_str("20%").unwrap();
        assert!(share.allows(2, 10) && !share.allows(3, 10));
        assert_eq!(serde_yaml::to_string(&share).unwrap().trim(), "20%");
        for wrong in ["0%", "100%", "20", "0.2", "-1%", "NaN%"] {
            assert!(serde_yaml::from_str::<Share>(wrong).is_err(), "{wrong}");
        }
    }
}
