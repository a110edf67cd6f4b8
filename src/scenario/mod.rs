//! Scenarios: YAML in, a plan out in which nothing can be misspelt, or every problem of the file at its line.

pub mod plan;
