//! The search for the highest rate that meets the thresholds: up in leaps, then between the last that met them and the
//! first that did not, and once more at the end to confirm it.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::Serialize;

/// The rates between which is searched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range(RangeInclusive<f64>);

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text
            .split_once("..")
            .ok_or_else(|| format!("`{text}` is no `FROM..TO`, as `100..50000`"))?;
        let (from, to) = (super::rate(from)?, super::rate(to)?);
        if from > to {
            return Err(format!("{from} is more than {to}"));
        }
        Ok(Self(from..=to))
    }
}

/// One rate that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Trial {
    /// Calls a second.
    pub(super) rate: f64,
    /// Whether everything that was demanded was met.
    pub(super) is_met: bool,
    /// Whether this was to confirm what had been found.
    pub(super) is_confirming: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// Try this rate.
    Try(f64),
    /// Try this one again, which was met.
    Confirm(f64),
    /// The highest rate that was met twice; `None` if none was.
    Done(Option<f64>),
}

/// Close enough: the two ends of the search are less than a twentieth apart.
const CLOSE: f64 = 1.05;

/// A rate that was met once and missed when it was tried again gives way to one a tenth lower, so many times.
const CONFIRMATIONS_MAX: usize = 4;

/// A search as far as it has got.
#[derive(Debug)]
pub(super) struct Search {
    range: Range,
    met: Option<f64>,
    missed: Option<f64>,
    confirmations: usize,
    /// Whether the search is over but for confirming.
    is_confirming: bool,
    pub(super) trials: Vec<Trial>,
}

impl Search {
    pub(super) fn new(range: Range) -> Self {
        Self {
            range,
            met: None,
            missed: None,
            confirmations: 0,
            is_confirming: false,
            trials: Vec::new(),
        }
    }

    /// What to do next.
    pub(super) fn next(&mut self) -> Step {
        let (least, most) = (*self.range.0.start(), *self.range.0.end());
        let Some(met) = self.met else {
            return match self.missed {
                None => Step::Try(least),
                Some(_) => Step::Done(None),
            };
        };
        if self.is_confirming
            || self.missed.is_some_and(|missed| missed / met < CLOSE)
            || met >= most
        {
            self.is_confirming = true;
            return Step::Confirm(met);
        }
        Step::Try(match self.missed {
            None => (2.0 * met).min(most),
            Some(missed) => (met * missed).sqrt(),
        })
    }

    /// Notes how a step came out. The end, if it is one.
    pub(super) fn tried(&mut self, step: Step, is_met: bool) -> Option<Step> {
        let (rate, is_confirming) = match step {
            Step::Try(rate) => (rate, false),
            Step::Confirm(rate) => (rate, true),
            Step::Done(_) => return Some(step),
        };
        self.trials.push(Trial {
            rate,
            is_met,
            is_confirming,
        });
        match (is_confirming, is_met) {
            (false, true) => self.met = Some(rate),
            (false, false) => self.missed = Some(rate),
            (true, true) => return Some(Step::Done(Some(rate))),
            (true, false) => {
                self.confirmations += 1;
                self.met = Some(rate * 0.9);
                if self.confirmations == CONFIRMATIONS_MAX || rate * 0.9 < *self.range.0.start() {
                    return Some(Step::Done(None));
                }
            }
        }
        None
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = if self.is_met { "met" } else { "missed" };
        let again = if self.is_confirming { ", again" } else { "" };
        write!(f, "{:.0} calls/s{again}: {met}", self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates tried on a target that bears so much, and what was found.
    fn search(range: &str, bears: impl Fn(usize, f64) -> bool) -> (Vec<f64>, Option<f64>) {
        let mut search = Search::new(range.parse().unwrap());
        loop {
            let step = search.next();
            let is_met = match step {
                Step::Try(rate) | Step::Confirm(rate) => bears(search.trials.len(), rate),
                Step::Done(_) => false,
            };
            if let Some(Step::Done(found)) = search.tried(step, is_met) {
                let rates = search.trials.iter().map(|trial| trial.rate).collect();
                return (rates, found);
            }
        }
    }

    #[test]
    fn the_highest_rate_is_found_to_a_twentieth_and_confirmed() {
        let (rates, found) = search("100..100000", |_, rate| rate <= 3000.0);
        let found = found.unwrap();
        assert!((3000.0 / CLOSE..=3000.0).contains(&found), "{found}");
        assert_eq!(rates[..3], [100.0, 200.0, 400.0]);
        assert_eq!(rates[rates.len() - 2..].last(), Some(&found));
        assert!(rates.len() < 14, "{rates:?}");
    }

    #[test]
    fn the_ends_of_the_range_bound_it() {
        assert_eq!(search("100..500", |_, _| true).1, Some(500.0));
        assert_eq!(search("100..500", |_, _| false), (vec![100.0], None));
    }

    #[test]
    fn what_was_met_by_luck_gives_way_to_a_lower_rate() {
        let (_, found) = search("100..400", |trial, rate| rate < 300.0 || trial < 3);
        assert!(found.unwrap() < 300.0, "{found:?}");
    }
}
