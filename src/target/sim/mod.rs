//! The reference without a network: its server core and client cores in one value, joined by links in memory, under a
//! clock that jumps and with all of its chance from one seed.

mod cast;
mod edge;
mod link;
mod mishaps;
mod phone;
mod weather;
mod world;

pub use cast::{Simulation, simulated};
pub use phone::Words;
pub use weather::{Tally, Weather};
pub use world::{Entry, World};
