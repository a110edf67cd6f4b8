//! The history file: JSON lines, one section per recording, from a header to a trailer. `FORMAT.md` describes it.

mod damage;
mod line;
mod read;
mod shelf;
#[cfg(test)]
mod tests;
mod write;

pub use damage::{Damage, Fault};
pub use read::{Item, Opening, Reader, Trailer};
pub use write::write;

/// The name and version of the format, in every header.
pub const FORMAT: &str = "history/1";

/// The longest line that is read: two texts at their limits, escaped at the worst, fit many times over.
pub const LINE_BYTES_MAX: usize = 256 * 1024;
