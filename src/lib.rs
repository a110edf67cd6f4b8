//! Ringcheck: a conformance runner and judge for call invitations, with a reference implementation to develop against.
#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)
)]

pub mod baseline;
pub mod cli;
pub mod coverage;
pub mod doctor;
pub mod explore;
pub mod flood;
pub mod generate;
pub mod history;
pub mod lifecycle;
pub mod operators;
pub mod report;
pub mod runner;
pub mod scenario;
pub mod selftest;
pub mod soak;
pub mod target;
pub mod token;
pub mod verify;

mod sharing;
