//! Plays a plan in a simulation of its own: whole minutes in no time, and the same bytes from the same seed.

use std::io;

use ringcheck_reference::fault::Fault;

use super::outcome::Outcome;
use super::play::play;
use crate::scenario::plan::Scenario;
use crate::target::sim::{Simulation, simulated};

/// Plays a scenario on a simulated reference with the lifecycle's own limits, with a deviation if one is asked for.
///
/// Whatever else is played beside it, the same scenario and seed come to the same history.
///
/// # Errors
/// When the system has no room for a runtime.
pub fn simulate(
    scenario: &Scenario,
    (run, seed): (&str, u64),
    fault: Option<Fault>,
) -> io::Result<Outcome> {
    let runtime = simulated()?;
    Ok(runtime.block_on(async {
        let simulation = Simulation::new(seed, fault);
        let going = simulation.keep_going();
        let prefix = format!("{run}.");
        let outcome = play(
            scenario,
            &simulation,
            &Simulation::clocks(),
            (&prefix, seed),
        )
        .await;
        going.abort();
        outcome
    }))
}
