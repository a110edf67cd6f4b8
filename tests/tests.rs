//! What a stranger would try, with the real program.

mod authoring;
mod baselines;
mod bounds;
mod calls;
mod completions;
mod deployment;
mod diffs;
mod doctors;
mod examples;
mod exits;
mod explains;
mod explored;
mod floods;
mod fuzzed;
mod generated;
mod histories;
mod junit;
mod language;
mod late;
mod library;
mod merged;
mod pages;
mod readme;
mod recipes;
mod reports;
mod scripts;
mod selftest;
mod sequences;
mod simulated;
mod soaks;
mod support;
mod tables;
#[cfg(unix)]
mod terminal;
mod tops;

/// The reference's own test world: both cores joined in memory, under a made-up clock.
#[path = "../reference/tests/cores/world.rs"]
#[expect(dead_code, reason = "the reference's own tests use the rest")]
mod world;

#[path = "../reference/tests/cores/owned.rs"]
mod owned;

#[path = "../reference/tests/cores/agreement.rs"]
#[expect(dead_code, reason = "the reference's own tests use the rest")]
mod agreement;

#[path = "../reference/tests/cores/fuzzing.rs"]
mod fuzzing;
