//! What an exploration came to, for machines.

use std::time::Duration;

use serde::Serialize;

use super::goals::{Goal, Goals};
use super::hunt::Seed;

/// The report's format.
pub const SCHEMA: &str = "ringcheck.explore/1";

/// What an exploration came to.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    /// The first seed.
    pub seed: u64,
    /// How many seeds were played.
    pub seeds: u64,
    /// Users that took part, over all seeds.
    pub users: u64,
    /// Invitations that were created.
    pub invitations: u64,
    /// Calls, callbacks and changes of connections that were judged.
    pub events: u64,
    /// How often something went wrong on purpose.
    pub faults_injected: u64,
    /// Seeds in which something was wrong.
    pub violations: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What was wrong, by seed.
    pub findings: Vec<Found>,
    /// What must have happened in some seed.
    pub goals: Vec<Goal>,
    #[serde(skip)]
    all: Goals,
}

/// What was wrong in one seed.
#[derive(Debug, Serialize)]
pub struct Found {
    /// Which seed.
    pub seed: u64,
    /// What went wrong on purpose in it.
    pub troubles: Vec<&'static str>,
    /// The requirement that was broken first.
    pub requirement: &'static str,
    /// What was wrong, the first first.
    pub violations: Vec<String>,
}

impl Report {
    /// Of a run that begins with that seed.
    pub fn new(seed: u64) -> Self {
        Self {
            schema: SCHEMA,
            seed,
            seeds: 0,
            users: 0,
            invitations: 0,
            events: 0,
            faults_injected: 0,
            violations: 0,
            seconds: 0.0,
            findings: Vec::new(),
            goals: Vec::new(),
            all: Goals::default(),
        }
    }

    /// Adds a seed.
    pub fn add(&mut self, seed: &Seed) {
        self.seeds += 1;
        self.users += seed.users;
        self.invitations += seed.invitations;
        self.events += seed.events;
        self.faults_injected += seed.faults;
        self.all.add(&seed.goals);
        if let Some(first) = seed.violations.first() {
            self.violations += 1;
            self.findings.push(Found {
                seed: seed.seed,
                troubles: seed.troubles.iter().map(|one| one.name()).collect(),
                requirement: first.requirement(),
                violations: seed.violations.iter().map(ToString::to_string).collect(),
            });
        }
    }

    /// All seeds are in.
    pub fn close(&mut self, took: Duration) {
        self.seconds = took.as_secs_f64();
        self.goals = self.all.list();
    }

    /// The goals that no seed reached.
    pub fn missed(&self) -> Vec<&str> {
        self.all.missed()
    }
}
