//! Whether a server is again where it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sample::{MEMORY, Sample, TABLES};

/// Whether a figure is what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// Nobody said it.
    NotSeen,
}

/// A figure of the server, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Which.
    pub what: String,
    /// What it was.
    pub before: Option<u64>,
    /// What it is after the last round.
    pub after: Option<u64>,
    /// What it may be at most.
    pub allowed: Option<u64>,
    /// Whether it is.
    pub stands: Stands,
}

/// How much memory may have grown since the first round: a share, and so many bytes.
///
/// An allocator keeps pages whose neighbours are still in use, and which those are is different after every round; that is
/// some MiB at most and does not grow from round to round. What is lost with every call, user or connection does.
const MEMORY_SHARE: u64 = 10;
const MEMORY_BYTES: u64 = 4 * 1024 * 1024;

/// Everything that has to be again what it was. `warm` is what the server said after the first of several rounds.
pub(super) fn checks(before: &Sample, warm: Option<&Sample>, after: &Sample) -> Vec<Check> {
    let tables = TABLES.iter().map(|(what, figure)| {
        let before = figure(before);
        check(what, before, figure(after), before)
    });
    let warm = warm.and_then(|warm| warm.memory_bytes);
    let allowed = warm.map(|warm| warm + warm / MEMORY_SHARE + MEMORY_BYTES);
    let memory = check(MEMORY, warm, after.memory_bytes, allowed);
    tables.chain([memory, conserved(before, after)]).collect()
}

/// Every invitation that the server has taken has ended, but for those that are on their way.
fn conserved(before: &Sample, after: &Sample) -> Check {
    let came = |figure: fn(&Sample) -> Option<u64>| {
        let (then, now) = (figure(before)?, figure(after)?);
        Some(now.saturating_sub(then))
    };
    let admitted = came(|sample| sample.admitted);
    let ended = came(|sample| Some(sample.ended? + sample.live_invitations?));
    Check {
        what: "invitations taken, and ended".to_owned(),
        before: admitted,
        after: ended,
        allowed: admitted,
        stands: match admitted.zip(ended) {
            None => Stands::NotSeen,
            Some((admitted, ended)) if admitted == ended => Stands::Good,
            Some(_) => Stands::Bad,
        },
    }
}

fn check(what: &str, before: Option<u64>, after: Option<u64>, allowed: Option<u64>) -> Check {
    Check {
        what: what.to_owned(),
        before,
        after,
        allowed,
        stands: match after.zip(allowed) {
            None => Stands::NotSeen,
            Some((after, allowed)) if after <= allowed => Stands::Good,
            Some(_) => Stands::Bad,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn sample() -> Sample {
        Sample {
            at_s: 0.0,
            sessions: Some(1),
            connections: Some(1),
            live_invitations: Some(0),
            remembered_invitations: Some(0),
            waiting_frames: Some(0),
            open_files: Some(20),
            memory_bytes: Some(10 * MIB),
            admitted: Some(5),
            ended: Some(5),
        }
    }

    /// The figures that do not stand as they should.
    fn bad(warm: Option<Sample>, after: Sample) -> Vec<(String, Stands)> {
        let all = checks(&sample(), warm.as_ref(), &after);
        let bad = all.into_iter().filter(|one| one.stands != Stands::Good);
        bad.map(|one| (one.what, one.stands)).collect()
    }

    #[test]
    fn a_server_that_is_where_it_was_is_good() {
        let warm = Sample {
            memory_bytes: Some(30 * MIB),
            ..sample()
        };
        let after = Sample {
            sessions: Some(0),
            memory_bytes: Some(37 * MIB),
            admitted: Some(105),
            ended: Some(105),
            ..sample()
        };
        assert_eq!(bad(Some(warm), after), []);
        assert!(after.is_back(&sample()));
    }

    #[test]
    fn each_figure_that_has_not_returned_is_named() {
        type Change = fn(&mut Sample);
        let more: [(&str, Change); 6] = [
            ("sessions", |after| after.sessions = Some(2)),
            ("connections", |after| after.connections = Some(2)),
            ("remembered invitations", |after| {
                after.remembered_invitations = Some(1);
            }),
            ("waiting frames", |after| after.waiting_frames = Some(1)),
            ("open files", |after| after.open_files = Some(21)),
            (MEMORY, |after| {
                after.memory_bytes = Some(16 * MIB);
            }),
        ];
        for (what, change) in more {
            let mut after = sample();
            change(&mut after);
            assert_eq!(
                bad(Some(sample()), after),
                [(what.to_owned(), Stands::Bad)],
                "{what}"
            );
            assert_eq!(after.is_back(&sample()), what == MEMORY);
        }
    }

    #[test]
    fn an_invitation_without_an_end_is_missed() {
        let after = Sample {
            admitted: Some(9),
            ended: Some(8),
            ..sample()
        };
        let what = "invitations taken, and ended".to_owned();
        assert_eq!(bad(Some(sample()), after), [(what, Stands::Bad)]);
    }

    #[test]
    fn what_nobody_said_is_not_good() {
        let unseen = bad(Some(sample()), Sample::default());
        assert_eq!(unseen.len(), TABLES.len() + 2);
        assert!(unseen.iter().all(|(_, stands)| *stands == Stands::NotSeen));
        let memory = MEMORY.to_owned();
        assert_eq!(bad(None, sample()), [(memory, Stands::NotSeen)]);
    }
}
