//! What a harness does to the frames of one direction of a connection: some lost, doubled, delayed or swapped.

use std::time::Duration;

use fastrand::Rng;
use serde::Deserialize;

/// What happens to a frame on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meddling {
    /// It never arrives.
    Lose,
    /// It arrives twice.
    Duplicate,
    /// It arrives behind the next one of its kind of rule.
    Reorder,
    /// It arrives later, by a time between the two; others overtake it.
    Delay {
        /// At least so much later.
        least: Duration,
        /// At most so much later.
        most: Duration,
    },
}

impl Meddling {
    fn past(self) -> &'static str {
        match self {
            Self::Lose => "lost",
            Self::Duplicate => "doubled",
            Self::Reorder => "swapped",
            Self::Delay { .. } => "delayed",
        }
    }
}

/// One direction of a connection. It has no clock: it is told the time.
#[derive(Debug, Default)]
pub(super) struct Valve<T> {
    rules: Vec<Rule<T>>,
    /// What is on its way: when it is due, and in which order it came.
    waiting: Vec<(Duration, u64, T)>,
    count: u64,
}

#[derive(Debug)]
struct Rule<T> {
    /// The types of the frames it is about; empty means all.
    frames: Vec<String>,
    how: Meddling,
    chance: Rng,
    /// A frame that waits for the next one to overtake it.
    parked: Option<T>,
}

impl<T: AsRef<str> + Clone> Valve<T> {
    /// Adds a rule; of two about one frame, the later counts.
    pub(super) fn meddle(&mut self, frames: Vec<String>, how: Meddling, seed: u64) {
        self.rules.push(Rule {
            frames,
            how,
            chance: Rng::with_seed(seed),
            parked: None,
        });
    }

    /// Ends all rules. What waits to be overtaken goes on now, what is delayed when it is due.
    pub(super) fn mend(&mut self, now: Duration) {
        for rule in std::mem::take(&mut self.rules) {
            if let Some(parked) = rule.parked {
                self.admit(now, parked);
            }
        }
    }

    /// Takes a frame, and says what was done to it if a rule is about it.
    pub(super) fn pass(&mut self, now: Duration, text: T) -> Option<String> {
        let kind = kind(text.as_ref());
        let about = |rule: &Rule<T>| rule.frames.is_empty() || rule.frames.contains(&kind);
        let Some(place) = self.rules.iter().rposition(about) else {
            self.admit(now, text);
            return None;
        };
        let rule = self.rules.get_mut(place)?;
        let how = rule.how;
        match how {
            Meddling::Lose => {}
            Meddling::Duplicate => {
                self.admit(now, text.clone());
                self.admit(now, text);
            }
            Meddling::Reorder => match rule.parked.take() {
                None => rule.parked = Some(text),
                Some(first) => {
                    self.admit(now, text);
                    self.admit(now, first);
                }
            },
            Meddling::Delay { least, most } => {
                let share = rule.chance.f64();
                let by = least + most.saturating_sub(least).mul_f64(share);
                self.admit(now + by, text);
            }
        }
        Some(format!("{} `{kind}`", how.past()))
    }

    /// What is due, in the order in which it is.
    pub(super) fn due(&mut self, now: Duration) -> impl Iterator<Item = T> + use<T> {
        let (mut due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.waiting = later;
        due.sort_by_key(|(at, place, _)| (*at, *place));
        due.into_iter().map(|(.., text)| text)
    }

    /// When something will be due.
    pub(super) fn next_wake(&self) -> Option<Duration> {
        self.waiting.iter().map(|(at, ..)| *at).min()
    }

    fn admit(&mut self, at: Duration, text: T) {
        self.count += 1;
        self.waiting.push((at, self.count, text));
    }
}

/// The type of a frame, as it says itself.
fn kind(text: &str) -> String {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    serde_json::from_str(text).map_or_else(|_| String::new(), |typed: Typed| typed.r#type)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Meddling, Valve};

    const NOW: Duration = Duration::from_secs(1);

    fn frame(kind: &str, id: u32) -> String {
        format!(r#"{{"type":"{kind}","id":"{id}"}}"#)
    }

    /// What comes out at once of three invites and a cancel.
    fn passed(valve: &mut Valve<String>) -> Vec<String> {
        for (kind, id) in [("invite", 1), ("invite", 2), ("cancel", 1), ("invite", 3)] {
            valve.pass(NOW, frame(kind, id));
        }
        valve.due(NOW).collect()
    }

    fn with(how: Meddling) -> Valve<String> {
        let mut valve = Valve::default();
        valve.meddle(vec!["invite".to_owned()], how, 7);
        valve
    }

    #[test]
    fn what_no_rule_is_about_goes_through() {
        let mut valve = Valve::default();
        assert_eq!(passed(&mut valve).len(), 4);
        assert_eq!(valve.next_wake(), None);
    }

    #[test]
    fn lost_frames_never_come_and_doubled_ones_come_twice() {
        assert_eq!(passed(&mut with(Meddling::Lose)), [frame("cancel", 1)]);
        let doubled = passed(&mut with(Meddling::Duplicate));
        assert_eq!(doubled.len(), 7);
        assert_eq!(doubled[0], doubled[1]);
    }

    #[test]
    fn two_by_two_are_swapped_and_mending_lets_the_last_go() {
        let mut valve = with(Meddling::Reorder);
        let expected = [frame("invite", 2), frame("invite", 1), frame("cancel", 1)];
        assert_eq!(passed(&mut valve), expected);
        valve.mend(NOW);
        assert_eq!(valve.due(NOW).collect::<Vec<_>>(), [frame("invite", 3)]);
        assert_eq!(valve.pass(NOW, frame("invite", 4)), None);
    }

    #[test]
    fn delayed_frames_are_overtaken_and_the_same_seed_delays_the_same() {
        let (least, most) = (Duration::from_millis(10), Duration::from_millis(50));
        let run = || {
            let mut valve = with(Meddling::Delay { least, most });
            assert_eq!(passed(&mut valve), [frame("cancel", 1)]);
            let first = valve.next_wake().expect("something waits");
            assert!(first >= NOW + least && first <= NOW + most);
            valve.due(NOW + most).collect::<Vec<_>>()
        };
        assert_eq!(run().len(), 3);
        assert_eq!(run(), run());
    }
}
