//! What a rule, a requirement or a problem code means, for a person.

mod code;
mod list;
mod mended;
mod rule;
mod why;

#[cfg(test)]
mod tests;

pub use code::code;
pub use list::{ids, list};
pub use rule::requirement;
pub use why::why;
