//! Reconnect storms: moments at which many lose their connections at once, and come back as their clients do.

use std::str::FromStr;
use std::time::Duration;

/// A moment at which a share of the users loses the connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Storm {
    /// When, counted from the first call.
    pub at: Duration,
    /// How many of 1.
    pub share: f64,
}

impl Storm {
    /// Whether somebody of that number is among them: the same ones for the same seed.
    pub(super) fn hits(&self, chance: u64) -> bool {
        // The upper 53 bits, as a fraction of 1.
        ((chance >> 11) as f64) < self.share * (1u64 << 53) as f64
    }
}

impl FromStr for Storm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (at, share) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is no `TIME=SHARE%`, as `5s=50%`"))?;
        let at = humantime::parse_duration(at)
            .map_err(|error| format!("`{at}` is no time: {error}; write it as `5s`"))?;
        let percent: Option<f64> = share.trim_end_matches('%').parse().ok();
        let percent = percent
            .filter(|percent| *percent > 0.0 && *percent <= 100.0)
            .ok_or_else(|| format!("`{share}` is no share above 0% and up to 100%"))?;
        Ok(Self {
            at,
            share: percent / 100.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_hits_about_its_share() {
        let storm: Storm = "5s=25%".parse().unwrap();
        assert_eq!(storm.at, Duration::from_secs(5));
        let hit = (0..4000u64)
            .filter(|number| storm.hits(super::super::plan::chance(7, *number, 2)))
            .count();
        assert!((900..1100).contains(&hit), "{hit}");
        let all: Storm = "0s=100%".parse().unwrap();
        assert!(all.hits(u64::MAX) && all.hits(0));
    }

    #[test]
    fn what_is_no_storm_says_why() {
        for text in ["5s", "x=5%", "5s=0%", "5s=101%", "5s=half"] {
            assert!(text.parse::<Storm>().is_err(), "{text}");
        }
    }
}
