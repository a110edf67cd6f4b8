//! The flood: calls by the hundred thousand, every one of them judged.
//!
//! Each thread has people, connections, a slice of the schedule, a shard of the checker and histograms of its own, and
//! both ends of a pair; nothing on the way of a call is shared. A person is the reference's client core over a socket that
//! the thread drives itself: everything ready is read, everything said leaves with one flush.
//!
//! What is due is decided by the plan alone, and times are counted from the moment something was due. Every call is in
//! the account: `planned = started + skipped` and `started = succeeded + failed + indeterminate`.

mod acts;
mod call;
mod crew;
mod flow;
mod histograms;
mod join;
mod kept;
mod kill;
mod line;
mod log;
mod measure;
mod mix;
mod outcome;
mod pace;
mod past;
mod person;
mod plan;
pub mod report;
mod spread;
mod stage;
mod storm;
mod texts;
mod threshold;
mod times;
mod wire;
mod witness;
mod worker;

pub use crew::{FloodError, Told, flood};
pub use flow::{Flow, NoFlow};
pub use join::{NotJoined, join};
pub use kept::Kept;
pub use kill::Kills;
pub use measure::{Counts, Leg, Measures, Micros};
pub use mix::{Course, Mix};
pub use outcome::{Ended, Latencies, Outcome, Percentiles, Second};
pub use pace::{Arrivals, Pace, Spacing, Stage};
pub use plan::{Model, Plan};
pub use spread::Spread;
pub use storm::Storm;
pub use threshold::{Met, Threshold};
pub use times::{Came, Times};
