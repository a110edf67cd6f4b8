//! What a stranger would try, with the real program.

mod bounds;
mod calls;
mod exits;
mod explains;
mod histories;
mod readme;
mod reports;
mod selftest;
mod support;
mod tables;
