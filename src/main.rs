//! The `ringcheck` program.

fn main() {}
