//! The clocks that a target offers, beside the lifecycle's.

use std::time::Duration;

use super::{Check, Grade};
use crate::history::{Anchor, Clocks};

/// The longest clock with which a run makes sense.
const CLOCK_MAX: Duration = Duration::from_secs(24 * 3600);

/// How far two limits may be from one proportion.
const PROPORTION: f64 = 0.02;

/// The limits by name, in the order of the lifecycle (FAIL).
fn each(clocks: &Clocks) -> [(&'static str, Duration); 6] {
    [
        ("offline_window", clocks.offline_window),
        ("no_ack", clocks.no_ack),
        ("expiry", clocks.expiry),
        ("accept_ack", clocks.accept_ack),
        ("cancel_bound", clocks.cancel_bound),
        ("presence_grace", clocks.presence_grace),
    ]
}

/// Whether they are the lifecycle's, or shorter ones in the same proportions.
pub(super) fn look(clocks: &Clocks) -> Check {
    let ours = each(&Clocks::default());
    let theirs = each(clocks);
    let shown: Vec<String> = (theirs.iter())
        .map(|(name, limit)| format!("{name} {limit:?}"))
        .collect();
    let anchor = match clocks.expiry_anchor {
        Anchor::Ack => "the ack",
        Anchor::Send => "the send",
    };
    let shown = format!("{}, expiry counted from {anchor}", shown.join(", "));
    if clocks.longest() > CLOCK_MAX {
        let check = Check::new("clocks", Grade::Shut, format!("longer than a day: {shown}"));
        return check.hint("play against a server with shorter clocks");
    }
    let factor = clocks.expiry.as_secs_f64() / Clocks::default().expiry.as_secs_f64();
    let odd: Vec<&str> = (ours.iter().zip(&theirs))
        .filter(|((_, ours), (_, theirs))| {
            let wanted = ours.as_secs_f64() * factor;
            (theirs.as_secs_f64() - wanted).abs() > wanted * PROPORTION
        })
        .map(|((name, _), _)| *name)
        .collect();
    if !odd.is_empty() {
        let told = format!("{shown}; out of proportion to expiry: {}", odd.join(", "));
        let hint =
            "the lifecycle has 30, 30, 60, 5, 10 and 30 s; shorter ones keep their proportions";
        return Check::new("clocks", Grade::Note, told).hint(hint);
    }
    let told = if (factor - 1.0).abs() < PROPORTION {
        format!("the lifecycle's: {shown}")
    } else {
        format!("the lifecycle's times {factor:.3}: {shown}")
    };
    let check = Check::good("clocks", told);
    if factor > 0.5 {
        return check.hint(
            "a run waits for them; a server with shorter ones saves time, as `ringcheck serve --timer-scale 0.05`",
        );
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorter_clocks_are_good_in_proportion_alone() {
        let mut clocks = Clocks {
            offline_window: Duration::from_millis(1500),
            no_ack: Duration::from_millis(1500),
            expiry: Duration::from_secs(3),
            accept_ack: Duration::from_millis(250),
            cancel_bound: Duration::from_millis(500),
            presence_grace: Duration::from_millis(1500),
            expiry_anchor: Anchor::Send,
        };
        let check = look(&clocks);
        assert_eq!(check.grade, Grade::Good);
        assert!(check.told.starts_with("the lifecycle's times 0.050"));
        clocks.accept_ack = Duration::from_secs(5);
        let check = look(&clocks);
        assert_eq!(check.grade, Grade::Note);
        assert!(
            check
                .told
                .ends_with("out of proportion to expiry: accept_ack")
        );
        clocks.expiry = Duration::from_secs(90_000);
        assert_eq!(look(&clocks).grade, Grade::Shut);
    }
}
