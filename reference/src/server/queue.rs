//! Deadlines of one kind, at O(1) each.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// Keys with the times they fall due.
///
/// A limit is one constant per setting, so what is pushed later falls due later: the order of insertion is the order of
/// time. The few that come out of order (an invitation repeated with an age) wait in a set beside it.
///
/// A key whose deadline has lost its meaning is not searched for; its owner recognises it when it falls due, and
/// [`Queue::trim`] drops such keys when they outnumber the living.
#[derive(Debug)]
pub(super) struct Queue<K> {
    ordered: VecDeque<(Duration, K)>,
    odd: BTreeSet<(Duration, K)>,
}

/// Below this length a queue is never trimmed: the work would not pay.
const TRIM_ABOVE: usize = 1024;

impl<K: Copy + Ord> Queue<K> {
    pub(super) fn new() -> Self {
        Self {
            ordered: VecDeque::new(),
            odd: BTreeSet::new(),
        }
    }

    pub(super) fn push(&mut self, due: Duration, key: K) {
        match self.ordered.back() {
            Some((last, _)) if *last > due => {
                self.odd.insert((due, key));
            }
            Some(_) | None => self.ordered.push_back((due, key)),
        }
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Duration> {
        let ordered = self.ordered.front().map(|(due, _)| *due);
        let odd = self.odd.first().map(|(due, _)| *due);
        ordered.into_iter().chain(odd).min()
    }

    /// Takes out a key that is due, with its deadline, the earliest first.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<(Duration, K)> {
        if self.next()? > now {
            return None;
        }
        match (self.ordered.front(), self.odd.first()) {
            (Some((ordered, _)), Some((odd, _))) if odd < ordered => self.odd.pop_first(),
            (None, Some(_)) => self.odd.pop_first(),
            (Some(_), _) | (None, None) => self.ordered.pop_front(),
        }
    }

    /// Drops what is not `living` any more, if the queue is longer than twice the number of those that could be.
    pub(super) fn trim(&mut self, living_max: usize, mut living: impl FnMut(Duration, K) -> bool) {
        if self.ordered.len() + self.odd.len() > 2 * living_max + TRIM_ABOVE {
            self.ordered.retain(|(due, key)| living(*due, *key));
            self.odd.retain(|(due, key)| living(*due, *key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_comes_out_of_order_still_falls_due_in_order() {
        let mut queue = Queue::new();
        for (due, key) in [(10, 'a'), (20, 'b'), (15, 'c'), (5, 'd'), (20, 'e')] {
            queue.push(at(due), key);
        }
        assert_eq!(queue.next(), Some(at(5)));
        let order: String = std::iter::from_fn(|| queue.pop_due(at(20)))
            .map(|(_, key)| key)
            .collect();
        assert_eq!(order, "dacbe");
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn nothing_falls_due_early() {
        let mut queue = Queue::new();
        queue.push(at(10), 1);
        assert_eq!(queue.pop_due(at(9)), None);
        assert_eq!(queue.pop_due(at(10)), Some((at(10), 1)));
    }

    #[test]
    fn the_dead_are_dropped_once_they_outnumber_the_living() {
        let mut queue = Queue::new();
        for key in 0..5_000_u64 {
            queue.push(at(key), key);
            queue.trim(10, |_, key| key % 1_000 == 0);
        }
        assert!(queue.ordered.len() <= 2 * 10 + TRIM_ABOVE);
        assert_eq!(queue.pop_due(at(9_999)), Some((at(0), 0)));
    }
}
