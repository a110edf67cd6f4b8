//! Work that threads share, handed over in its own order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError, mpsc};

/// How many results for each thread may wait to be handed over, so that one slow piece does not let the others heap up.
const WAITING_MAX: usize = 64;

/// Does `work` on every item, on so many threads. What comes of it is handed to `take` in the order of the items, whatever
/// threads there are, until that breaks off; no more work is begun then.
pub(crate) fn in_order<I: Send, T: Send>(
    threads: NonZeroUsize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) -> T + Sync,
    mut take: impl FnMut(T) -> ControlFlow<()>,
) {
    let items = Mutex::new(items.enumerate());
    std::thread::scope(|scope| {
        let (sender, done) = mpsc::sync_channel(threads.get() * WAITING_MAX);
        for _ in 0..threads.get() {
            let (sender, items, work) = (sender.clone(), &items, &work);
            let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
            scope.spawn(move || {
                while let Some((place, item)) = next() {
                    // Whoever took the results has broken off.
                    if sender.send((place, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (place, result) in done {
            waiting.insert(place, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                if take(result).is_break() {
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_until_it_is_enough() {
        for threads in [1, 2, 7] {
            let threads = NonZeroUsize::new(threads).expect("some");
            let mut taken = Vec::new();
            in_order(
                threads,
                0..10_000,
                |item| item * 2,
                |result| {
                    taken.push(result);
                    if result == 600 {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                },
            );
            assert_eq!(taken, (0..=300).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
