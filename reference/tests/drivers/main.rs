//! The drivers over real loopback sockets, as a stranger would use and misuse them.

mod bounds;
mod flows;
mod fuzz;
mod handshake;
mod hostile;
mod operators;
mod raw;
mod resume;
mod support;
mod tokens;

#[path = "../cores/fuzzing.rs"]
mod fuzzing;
