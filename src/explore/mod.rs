//! Random users, calls and answers under a swarm of troubles, in simulated time: each seed is a plan, each plan is played
//! by the reference's own cores, and each history is judged.
//!
//! A plan is data: who takes part, who rings whom and when, what is answered, and what goes wrong. Playing it makes no
//! decision of its own beyond the times that frames take, so that a plan can be thinned out and played again.

mod draw;
mod goals;
mod hunt;
mod plan;
mod play;
mod report;
mod script;
mod shrink;
mod trouble;
mod weigh;

pub use goals::{Goal, Goals};
pub use hunt::{Hunt, Seed, hunt};
pub use plan::{Answer, Device, Mishap, Plan, Ring, What};
pub use play::{Played, play};
pub use report::{Found, Report, SCHEMA};
pub use script::script;
pub use shrink::shrink;
pub use trouble::Trouble;
pub use weigh::{Violation, weigh};

/// The deviations of the reference that can be switched on beneath it all.
pub use ringcheck_reference::fault::Fault;
