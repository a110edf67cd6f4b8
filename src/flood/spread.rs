//! How long people take: the callee until it answers, the caller until its patience is over.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A distribution of times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// Always the same.
    Fixed(Duration),
    /// Anything between the two, alike.
    Uniform(Duration, Duration),
    /// Exponential, with this mean.
    Exponential(Duration),
    /// Lognormal, with this median and this standard deviation of the logarithm.
    Lognormal(Duration, f64),
}

/// Nobody takes longer, whatever chance says.
const LONGEST: Duration = Duration::from_secs(3600);

impl Spread {
    /// The time that a random number chooses.
    pub(super) fn pick(self, chance: u64) -> Duration {
        let mut chance = oorandom::Rand64::new(u128::from(chance));
        let seconds = match self {
            Self::Fixed(time) => return time,
            Self::Uniform(least, most) => {
                let (least, most) = (least.as_secs_f64(), most.as_secs_f64());
                least + (most - least) * chance.rand_float()
            }
            Self::Exponential(mean) => -mean.as_secs_f64() * (1.0 - chance.rand_float()).ln(),
            Self::Lognormal(median, sigma) => {
                // Box and Muller's normal number.
                let radius = (-2.0 * (1.0 - chance.rand_float()).ln()).sqrt();
                let normal = radius * (std::f64::consts::TAU * chance.rand_float()).cos();
                median.as_secs_f64() * (sigma * normal).exp()
            }
        };
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64()))
    }
}

impl Spread {
    /// A time that few exceed.
    pub(super) fn usual(self) -> Duration {
        match self {
            Self::Fixed(time) | Self::Uniform(_, time) => time,
            // Nine in ten thousand of an exponential are beyond seven means.
            Self::Exponential(mean) => 7 * mean,
            Self::Lognormal(median, sigma) => median.mul_f64((3.0 * sigma).exp()).min(LONGEST),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = humantime::format_duration;
        match self {
            Self::Fixed(always) => write!(f, "{}", time(*always)),
            Self::Uniform(least, most) => write!(f, "uniform:{}..{}", time(*least), time(*most)),
            Self::Exponential(mean) => write!(f, "exponential:{}", time(*mean)),
            Self::Lognormal(median, sigma) => write!(f, "lognormal:{}:{sigma}", time(*median)),
        }
    }
}

impl FromStr for Spread {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = |part: &str| {
            let time = humantime::parse_duration(part)
                .map_err(|error| format!("`{part}` is no time, as `200ms`: {error}"))?;
            if time > LONGEST {
                return Err(format!("`{part}` is longer than an hour"));
            }
            Ok(time)
        };
        let Some((kind, rest)) = text.split_once(':') else {
            return time(text).map(Self::Fixed);
        };
        match kind {
            "uniform" => {
                let (least, most) = rest
                    .split_once("..")
                    .ok_or_else(|| format!("`{rest}` is no `LEAST..MOST`, as `1s..3s`"))?;
                let (least, most) = (time(least)?, time(most)?);
                if least > most {
                    return Err(format!("`{rest}` begins after its end"));
                }
                Ok(Self::Uniform(least, most))
            }
            "exponential" => time(rest).map(Self::Exponential),
            "lognormal" => {
                let (median, sigma) = rest
                    .split_once(':')
                    .ok_or_else(|| format!("`{rest}` is no `MEDIAN:SIGMA`, as `2s:0.5`"))?;
                let sigma = sigma
                    .parse()
                    .ok()
                    .filter(|sigma| (0.0..=10.0).contains(sigma))
                    .ok_or_else(|| format!("`{sigma}` is no number from 0 to 10"))?;
                Ok(Self::Lognormal(time(median)?, sigma))
            }
            other => Err(format!(
                "no distribution is named `{other}`; there are `TIME`, `uniform:LEAST..MOST`, `exponential:MEAN` and `lognormal:MEDIAN:SIGMA`"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(text: &str) -> f64 {
        let spread = text.parse::<Spread>().unwrap();
        let pick = |number| spread.pick(super::super::plan::chance(1, number, 0));
        let sum: f64 = (0..20_000).map(|number| pick(number).as_secs_f64()).sum();
        sum / 20_000.0
    }

    #[test]
    fn each_has_its_mean() {
        for (text, expected) in [
            ("2s", 2.0),
            ("uniform:1s..3s", 2.0),
            ("exponential:2s", 2.0),
            // exp(sigma² / 2) times the median.
            ("lognormal:2s:0.5", 2.0 * (0.125f64).exp()),
        ] {
            let mean = mean(text);
            assert!((mean / expected - 1.0).abs() < 0.05, "{text}: {mean}");
            assert_eq!(text.parse::<Spread>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, why) in [
            ("soon", "no time"),
            ("uniform:3s..1s", "begins after"),
            ("uniform:3s", "LEAST..MOST"),
            ("lognormal:2s", "MEDIAN:SIGMA"),
            ("lognormal:2s:-1", "0 to 10"),
            ("gauss:2s", "no distribution"),
            ("2h", "longer"),
        ] {
            let message = text.parse::<Spread>().unwrap_err();
            assert!(message.contains(why), "{message}");
        }
    }
}
