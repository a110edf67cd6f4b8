//! Deviations of the server's clocks.

use std::time::Duration;

use super::Fault;
use crate::limits::Clocks;

/// A change of one clock.
type Bend = fn(&mut Clocks);

/// What each deviation of a clock changes.
const BENDS: [(Fault, Bend); 9] = [
    (Fault::OfflineEarly, |c| early(&mut c.offline_window)),
    (Fault::OfflineLate, |c| late(&mut c.offline_window)),
    (Fault::NoResponseEarly, |c| early(&mut c.no_ack)),
    (Fault::NoResponseLate, |c| late(&mut c.no_ack)),
    (Fault::ExpiryEarly, |c| early(&mut c.expiry)),
    (Fault::ExpiryLate, |c| late(&mut c.expiry)),
    (Fault::AcceptFailureEarly, |c| early(&mut c.accept_ack)),
    (Fault::AcceptFailureLate, |c| late(&mut c.accept_ack)),
    (Fault::CancelHostage, |c| late(&mut c.cancel_bound)),
];

impl Fault {
    /// The clocks that a server with this deviation keeps, while it announces `clocks`.
    pub(crate) fn kept(self, clocks: Clocks) -> Clocks {
        let mut kept = clocks;
        if let Some((_, bend)) = BENDS.iter().find(|(fault, _)| *fault == self) {
            bend(&mut kept);
        }
        kept
    }
}

/// Well before the tolerance of 50 ms or 1 %.
fn early(clock: &mut Duration) {
    *clock /= 2;
}

/// Well after the tolerance of 10 % and 1 s, however short the clock is.
fn late(clock: &mut Duration) {
    *clock += *clock / 4 + Duration::from_secs(3);
}
