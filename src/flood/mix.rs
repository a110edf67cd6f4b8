//! What becomes of the calls: how many are accepted, refused, cancelled and left to expire.

use std::fmt;
use std::str::FromStr;

/// What a call is meant to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Course {
    /// The callee accepts when it has rung for a while (ACC-1).
    Accept,
    /// The callee refuses when it has rung for a while (REF-1).
    Refuse,
    /// The caller cancels when its patience is over (CAN-1).
    Cancel,
    /// Nobody does anything (FAIL-4).
    Expire,
}

impl Course {
    /// Every course, in the order of the lifecycle document.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Refuse, Self::Cancel, Self::Expire];

    /// The word of a mix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
        }
    }
}

/// Courses with their weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    weights: [u32; 4],
}

impl Default for Mix {
    /// Every call is accepted.
    fn default() -> Self {
        Self {
            weights: [1, 0, 0, 0],
        }
    }
}

/// The largest weight: four of them still fit a number.
const WEIGHT_MAX: u32 = 1_000_000;

impl Mix {
    /// With these weights, in the order of [`Course::ALL`]; one of them at least is more than 0.
    pub(crate) const fn of(weights: [u32; 4]) -> Self {
        Self { weights }
    }

    /// Whether some calls are meant to come to this.
    pub fn has(&self, course: Course) -> bool {
        self.parts()
            .any(|(one, weight)| one == course && weight > 0)
    }

    /// The course that a random number chooses.
    pub fn pick(&self, chance: u32) -> Course {
        let all: u32 = self.weights.iter().sum();
        // A fraction of all, in fixed point, so that every number counts alike.
        let mut place = ((u64::from(chance) * u64::from(all)) >> 32) as u32;
        for (course, weight) in self.parts() {
            if place < weight {
                return course;
            }
            place -= weight;
        }
        Course::Accept
    }

    fn parts(&self) -> impl Iterator<Item = (Course, u32)> {
        Course::ALL.into_iter().zip(self.weights)
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (course, weight) in self.parts().filter(|(_, weight)| *weight > 0) {
            write!(f, "{between}{}={weight}", course.name())?;
            between = ",";
        }
        Ok(())
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mix = Self { weights: [0; 4] };
        for part in text.split(',') {
            let (name, weight) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is no `COURSE=WEIGHT`, as `accept=70`"))?;
            let weight = weight
                .parse()
                .ok()
                .filter(|weight| *weight <= WEIGHT_MAX)
                .ok_or_else(|| format!("`{weight}` is no weight from 0 to {WEIGHT_MAX}"))?;
            let mut slots = Course::ALL.iter().zip(&mut mix.weights);
            let (_, slot) = slots
                .find(|(course, _)| course.name() == name)
                .ok_or_else(|| {
                    format!("no course is named `{name}`; there are accept, refuse, cancel, expire")
                })?;
            *slot = weight;
        }
        if mix.weights.iter().all(|weight| *weight == 0) {
            return Err("all weights are 0, so no call could be made".to_owned());
        }
        Ok(mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_shared_by_weight() {
        let mix: Mix = "accept=70,refuse=15,cancel=10,expire=5".parse().unwrap();
        let mut counts = [0; 4];
        for step in 0..1000u64 {
            let course = mix.pick((step * ((1 << 32) / 1000)) as u32);
            counts[course as usize] += 1;
        }
        for (count, weight) in counts.into_iter().zip([700i32, 150, 100, 50]) {
            assert!((count - weight).abs() <= 1, "{counts:?}");
        }
        assert_eq!(mix.pick(u32::MAX), Course::Expire);
    }

    #[test]
    fn a_mix_is_written_as_it_is_read() {
        let mix: Mix = "cancel=1,accept=3".parse().unwrap();
        assert_eq!(mix.to_string(), "accept=3,cancel=1");
    }

    #[test]
    fn what_is_no_mix_says_why() {
        for (text, why) in [
            ("accept", "COURSE=WEIGHT"),
            ("accept=x", "no weight"),
            ("answer=1", "there are accept"),
            ("accept=0", "all weights are 0"),
        ] {
            let message = text.parse::<Mix>().unwrap_err();
            assert!(message.contains(why), "{message}");
        }
    }
}
