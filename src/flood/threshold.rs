//! What a flood must reach to be good, as `p99(answer)<20ms` or `violations==0`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::measure::{Counts, Leg};
use super::outcome::{Outcome, Percentiles, Second};

/// One demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    subject: Subject,
    relation: Relation,
    bound: f64,
    /// Whether the bound is a share of the calls that were planned or begun, in percent.
    is_share: bool,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Subject {
    /// A percentile of a leg, in microseconds.
    Latency(Quantile, Leg),
    Count(Count),
    /// Calls a second.
    Rate,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantile {
    P50,
    P90,
    P99,
    P999,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Count {
    Violations,
    Failed,
    Indeterminate,
    Skipped,
    Succeeded,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Relation {
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
}

const QUANTILES: [(&str, Quantile); 5] = [
    ("p50", Quantile::P50),
    ("p90", Quantile::P90),
    ("p99", Quantile::P99),
    ("p999", Quantile::P999),
    ("max", Quantile::Max),
];

const COUNTS: [(&str, Count); 5] = [
    ("violations", Count::Violations),
    ("failed", Count::Failed),
    ("indeterminate", Count::Indeterminate),
    ("skipped", Count::Skipped),
    ("succeeded", Count::Succeeded),
];

/// The longer ones first, since they begin with the shorter.
const RELATIONS: [(&str, Relation); 5] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("<", Relation::Below),
    (">", Relation::Above),
];

/// How a demand was met.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Met {
    /// The demand as it was written.
    #[serde(serialize_with = "text", deserialize_with = "parsed")]
    #[schemars(with = "String")]
    pub threshold: Threshold,
    /// What it came to: microseconds, calls, percent or calls a second.
    pub value: f64,
    /// Whether that is good.
    pub is_met: bool,
    /// The second that was worst, where seconds can be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_second: Option<usize>,
    /// What it came to in that second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_value: Option<f64>,
}

fn text<S: Serializer>(threshold: &Threshold, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&threshold.text)
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Threshold, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

impl Threshold {
    /// As it was written, without spaces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is about calls that came to nothing.
    pub fn is_about_indeterminate(&self) -> bool {
        self.subject == Subject::Count(Count::Indeterminate)
    }

    /// Whether it is about calls that came to something else than was meant.
    pub fn is_about_failed(&self) -> bool {
        self.subject == Subject::Count(Count::Failed)
    }

    /// What a flood came to. A percentile of a leg that nobody took is not met: nothing was seen.
    pub fn check(&self, outcome: &Outcome) -> Met {
        let value = self.value(outcome);
        let worst = self.worst(&outcome.seconds);
        Met {
            threshold: self.clone(),
            value: value.unwrap_or_default(),
            is_met: value.is_some_and(|value| self.holds(value)),
            worst_second: worst.map(|(second, _)| second),
            worst_value: worst.map(|(_, value)| value),
        }
    }

    fn value(&self, outcome: &Outcome) -> Option<f64> {
        let measures = &outcome.measures;
        Some(match self.subject {
            Subject::Rate => outcome.rate(),
            Subject::Latency(quantile, leg) => {
                let micros = measures.leg(leg).filter(|micros| !micros.is_empty())?;
                at(&Percentiles::of(micros), quantile)
            }
            Subject::Count(count) => {
                let number = number(count, &measures.counts, measures.violations) as f64;
                if !self.is_share {
                    return Some(number);
                }
                let all = if count == Count::Skipped {
                    measures.counts.planned
                } else {
                    measures.counts.started
                };
                100.0 * number / (all.max(1) as f64)
            }
        })
    }

    fn holds(&self, value: f64) -> bool {
        match self.relation {
            Relation::Below => value < self.bound,
            Relation::AtMost => value <= self.bound,
            Relation::Above => value > self.bound,
            Relation::AtLeast => value >= self.bound,
            Relation::Equal => (value - self.bound).abs() < f64::EPSILON,
        }
    }

    /// The second that is furthest from good.
    fn worst(&self, seconds: &[Second]) -> Option<(usize, f64)> {
        let wants_much = matches!(self.relation, Relation::Above | Relation::AtLeast);
        let values = seconds.iter().filter_map(|second| {
            let value = match self.subject {
                Subject::Latency(quantile, leg) => at(second.leg(leg)?, quantile),
                Subject::Rate => second.succeeded as f64,
                Subject::Count(Count::Violations) => second.violations as f64,
                Subject::Count(Count::Failed) => second.failed as f64,
                Subject::Count(Count::Skipped) => second.skipped as f64,
                Subject::Count(Count::Succeeded) => second.succeeded as f64,
                Subject::Count(Count::Indeterminate) => return None,
            };
            Some((second.second, value))
        });
        if wants_much {
            values.min_by(|one, other| one.1.total_cmp(&other.1))
        } else {
            values.max_by(|one, other| one.1.total_cmp(&other.1))
        }
    }

    /// A value of it with its unit.
    pub fn shown(&self, value: f64) -> String {
        match self.subject {
            Subject::Latency(..) => super::report::short(value as u64),
            Subject::Rate => format!("{value:.0} calls/s"),
            Subject::Count(_) if self.is_share => format!("{value:.3}%"),
            Subject::Count(_) => format!("{value:.0}"),
        }
    }

    /// A value of one second with its unit. A second's calls are counted, and no share of them.
    pub fn shown_in_second(&self, value: f64) -> String {
        match self.subject {
            Subject::Count(_) => format!("{value:.0}"),
            Subject::Latency(..) | Subject::Rate => self.shown(value),
        }
    }
}

fn at(percentiles: &Percentiles, quantile: Quantile) -> f64 {
    let us = match quantile {
        Quantile::P50 => percentiles.p50,
        Quantile::P90 => percentiles.p90,
        Quantile::P99 => percentiles.p99,
        Quantile::P999 => percentiles.p999,
        Quantile::Max => percentiles.max,
    };
    us as f64
}

fn number(count: Count, counts: &Counts, violations: u64) -> u64 {
    match count {
        Count::Violations => violations,
        Count::Failed => counts.failed,
        Count::Indeterminate => counts.indeterminate,
        Count::Skipped => counts.skipped,
        Count::Succeeded => counts.succeeded,
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Threshold { text, .. } = &self.threshold;
        let word = if self.is_met { "met" } else { "missed" };
        write!(f, "{word}: {text}: {}", self.threshold.shown(self.value))?;
        if let (false, Some(second), Some(value)) =
            (self.is_met, self.worst_second, self.worst_value)
        {
            let value = self.threshold.shown_in_second(value);
            write!(f, "; the worst was second {}: {value}", second + 1)?;
        }
        Ok(())
    }
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let text: String = written.split_whitespace().collect();
        let place = text.find(['<', '>', '=']);
        let (subject, rest) = text.split_at(place.unwrap_or(text.len()));
        let (bound, relation) = RELATIONS
            .iter()
            .find_map(|(sign, relation)| Some((rest.strip_prefix(sign)?, *relation)))
            .ok_or_else(|| {
                format!("`{written}` compares nothing; write it as `p99(answer)<20ms`")
            })?;
        let subject = subject_of(subject)?;
        let (bound, is_share) = bound_of(subject, bound)?;
        Ok(Self {
            subject,
            relation,
            bound,
            is_share,
            text,
        })
    }
}

fn subject_of(text: &str) -> Result<Subject, String> {
    if text == "rate" {
        return Ok(Subject::Rate);
    }
    if let Some((_, count)) = COUNTS.iter().find(|(name, _)| *name == text) {
        return Ok(Subject::Count(*count));
    }
    let unknown = || {
        let legs: Vec<&str> = Leg::ALL.iter().map(|leg| leg.name()).collect();
        format!(
            "nothing is measured as `{text}`; there are rate, violations, failed, indeterminate, skipped, succeeded, and p50, p90, p99, p999 or max of ({})",
            legs.join("|")
        )
    };
    let (quantile, leg) = text
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .ok_or_else(unknown)?;
    let quantile = QUANTILES.iter().find(|(name, _)| *name == quantile);
    let leg = Leg::ALL.into_iter().find(|one| one.name() == leg);
    match (quantile, leg) {
        (Some((_, quantile)), Some(leg)) => Ok(Subject::Latency(*quantile, leg)),
        (None, _) | (_, None) => Err(unknown()),
    }
}

fn bound_of(subject: Subject, text: &str) -> Result<(f64, bool), String> {
    let number = |text: &str| {
        let number: Option<f64> = text.parse().ok();
        number.filter(|number| number.is_finite() && *number >= 0.0)
    };
    match subject {
        Subject::Latency(..) => humantime::parse_duration(text)
            .map(|time| (time.as_secs_f64() * 1e6, false))
            .map_err(|error| format!("`{text}` is no time, as `20ms`: {error}")),
        Subject::Rate => number(text)
            .map(|rate| (rate, false))
            .ok_or_else(|| format!("`{text}` is no number of calls per second")),
        Subject::Count(_) => {
            let share = text.strip_suffix('%');
            number(share.unwrap_or(text))
                .map(|number| (number, share.is_some()))
                .ok_or_else(|| format!("`{text}` is neither a number nor a share, as `0.1%`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_has_the_unit_of_its_subject() {
        let bound = |text: &str| {
            let threshold: Threshold = text.parse().unwrap();
            (threshold.bound, threshold.is_share)
        };
        assert_eq!(bound("p99(answer)<20ms"), (20_000.0, false));
        assert_eq!(bound("indeterminate < 0.1%"), (0.1, true));
        assert_eq!(bound("violations==0"), (0.0, false));
        assert_eq!(bound("rate>=500"), (500.0, false));
    }

    #[test]
    fn each_relation_holds_where_it_should() {
        for (text, below, equal, above) in [
            ("rate<5", true, false, false),
            ("rate<=5", true, true, false),
            ("rate==5", false, true, false),
            ("rate>=5", false, true, true),
            ("rate>5", false, false, true),
        ] {
            let threshold: Threshold = text.parse().unwrap();
            let held = [4.0, 5.0, 6.0].map(|value| threshold.holds(value));
            assert_eq!(held, [below, equal, above], "{text}");
        }
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, why) in [
            ("p99(answer)", "compares nothing"),
            ("p98(answer)<1ms", "nothing is measured"),
            ("p99(reply)<1ms", "ringback"),
            ("p99(answer)<20", "no time"),
            ("failed<few", "neither a number"),
            ("rate>=NaN", "no number"),
        ] {
            let message = text.parse::<Threshold>().unwrap_err();
            assert!(message.contains(why), "{message}");
        }
    }
}
