//! Proof that the judge and the library cannot be fooled.

pub mod faults;
pub mod nulls;
