//! When calls are due: rates over time as a pure function, and arrivals that follow them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A stretch of time over which the rate goes evenly from one value to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long it takes.
    pub lasts: Duration,
    /// Calls per second at its beginning.
    pub from: f64,
    /// Calls per second at its end.
    pub to: f64,
}

/// Rates over time, stage after stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    stages: Vec<Stage>,
}

/// How far apart arrivals are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// By chance, as calls of many people who know nothing of each other: exponential gaps.
    Poisson,
    /// Evenly.
    Even,
}

impl Pace {
    /// One rate all the time.
    pub fn constant(rate: f64, lasts: Duration) -> Self {
        Self::of(vec![Stage {
            lasts,
            from: rate,
            to: rate,
        }])
    }

    /// Stages one after the other.
    pub fn of(stages: Vec<Stage>) -> Self {
        Self { stages }
    }

    /// How long all stages take.
    pub fn lasts(&self) -> Duration {
        self.stages.iter().map(|stage| stage.lasts).sum()
    }

    /// When so many calls have become due, counted from the beginning; `None` if that many never do.
    ///
    /// The rate is integrated: within a stage the count grows as `from·t + (to - from)·t²/2·lasts`, which is solved for
    /// `t`.
    pub fn due(&self, mut count: f64) -> Option<Duration> {
        let mut begins = Duration::ZERO;
        for stage in &self.stages {
            let lasts = stage.lasts.as_secs_f64();
            let here = lasts * (stage.from + stage.to) / 2.0;
            if count < here {
                let slope = (stage.to - stage.from) / lasts;
                let root = (stage.from * stage.from + 2.0 * slope * count)
                    .max(0.0)
                    .sqrt();
                // The form of the solution that also holds for a slope of 0.
                // Without any rate yet, and nothing to come, it is the beginning.
                let speed = (stage.from + root).max(f64::MIN_POSITIVE);
                let within = (2.0 * count / speed).clamp(0.0, lasts);
                return Some(begins + Duration::from_secs_f64(within));
            }
            count -= here;
            begins += stage.lasts;
        }
        None
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, stage) in self.stages.iter().enumerate() {
            let between = if place == 0 { "" } else { "," };
            let lasts = humantime::format_duration(stage.lasts);
            write!(f, "{between}{lasts}@{}..{}", stage.from, stage.to)?;
        }
        Ok(())
    }
}

/// The highest rate that can be asked for.
const RATE_MAX: f64 = 10_000_000.0;

/// The longest stage that can be asked for.
const STAGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rate = |text: &str| {
            let rate: Option<f64> = text.parse().ok();
            rate.filter(|rate| (0.0..=RATE_MAX).contains(rate))
                .ok_or_else(|| format!("`{text}` is no rate from 0 to {RATE_MAX}"))
        };
        let stage = |text: &str| {
            let (lasts, rates) = text.split_once('@').ok_or_else(|| {
                format!("`{text}` is no `TIME@RATE`, as `30s@500` or `10s@0..500`")
            })?;
            let lasts = humantime::parse_duration(lasts)
                .ok()
                .filter(|lasts| !lasts.is_zero() && *lasts <= STAGE_MAX)
                .ok_or_else(|| format!("`{lasts}` is no time up to a week, as `30s`"))?;
            let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
            let (from, to) = (rate(from)?, rate(to)?);
            Ok::<_, String>(Stage { lasts, from, to })
        };
        let stages: Vec<Stage> = text.split(',').map(stage).collect::<Result<_, _>>()?;
        if stages.iter().all(|stage| stage.from + stage.to == 0.0) {
            return Err("every rate is 0, so no call would be made".to_owned());
        }
        Ok(Self::of(stages))
    }
}

/// Arrivals one after the other. The same seed gives the same arrivals.
#[derive(Debug, Clone)]
pub struct Arrivals {
    pace: Pace,
    spacing: Spacing,
    chance: oorandom::Rand64,
    count: f64,
}

impl Arrivals {
    /// The arrivals of a pace.
    pub fn new(pace: Pace, spacing: Spacing, seed: u64) -> Self {
        Self {
            pace,
            spacing,
            chance: oorandom::Rand64::new(u128::from(seed)),
            count: 0.0,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    /// When the next call is due, counted from the beginning.
    fn next(&mut self) -> Option<Duration> {
        match self.spacing {
            Spacing::Even => {
                let due = self.pace.due(self.count);
                self.count += 1.0;
                due
            }
            // A process with exponential gaps of mean 1 in the count is one with the pace's rate in time.
            Spacing::Poisson => {
                self.count -= (1.0 - self.chance.rand_float()).ln();
                self.pace.due(self.count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn arrivals(pace: Pace, spacing: Spacing) -> Vec<f64> {
        let all = Arrivals::new(pace, spacing, 7);
        all.map(|due| due.as_secs_f64()).collect()
    }

    #[test]
    fn a_constant_rate_is_even() {
        let all = arrivals(Pace::constant(10.0, MINUTE), Spacing::Even);
        assert_eq!(all.len(), 600);
        for (place, due) in all.iter().enumerate() {
            assert!((due - place as f64 / 10.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_ramp_gathers_speed() {
        let ramp = Stage {
            lasts: MINUTE,
            from: 0.0,
            to: 20.0,
        };
        let all = arrivals(Pace::of(vec![ramp]), Spacing::Even);
        assert_eq!(all.len(), 600);
        let early = all.iter().filter(|due| **due < 30.0).count();
        assert_eq!(early, 150, "a quarter of the calls in the first half");
    }

    #[test]
    fn stages_follow_each_other() {
        let stage = |seconds, from, to| Stage {
            lasts: Duration::from_secs(seconds),
            from,
            to,
        };
        let pace = Pace::of(vec![
            stage(10, 5.0, 5.0),
            stage(5, 0.0, 0.0),
            stage(10, 50.0, 50.0),
        ]);
        let all = arrivals(pace, Spacing::Even);
        let between =
            |from: f64, to: f64| all.iter().filter(|due| (from..to).contains(*due)).count();
        assert_eq!(
            (between(0.0, 10.0), between(10.0, 15.0), between(15.0, 25.0)),
            (50, 0, 500)
        );
    }

    #[test]
    fn stages_are_read_as_they_are_written() {
        let pace: Pace = "10s@0..500,1m@500,5s@5000".parse().unwrap();
        assert_eq!(pace.to_string(), "10s@0..500,1m@500..500,5s@5000..5000");
        assert_eq!(pace.lasts(), Duration::from_secs(75));
        for (text, why) in [
            ("500", "TIME@RATE"),
            ("0s@500", "no time"),
            ("1s@-1", "no rate"),
            ("1s@NaN", "no rate"),
            ("1s@0", "every rate is 0"),
        ] {
            let message = text.parse::<Pace>().unwrap_err();
            assert!(message.contains(why), "{message}");
        }
    }

    #[test]
    fn chance_keeps_the_rate_and_the_seed_keeps_the_chance() {
        let pace = Pace::constant(100.0, MINUTE);
        let all = arrivals(pace.clone(), Spacing::Poisson);
        assert!((5700..6300).contains(&all.len()), "{}", all.len());
        let gaps: Vec<f64> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let spread = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // The standard deviation of an exponential gap is its mean.
        assert!((spread.sqrt() / mean - 1.0).abs() < 0.1);
        assert_eq!(all, arrivals(pace, Spacing::Poisson));
    }
}
