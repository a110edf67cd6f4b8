//! The two cores joined by queues in memory, under a made-up clock; the document of the wire against the code.

mod agreement;
mod every_sequence;
mod flows;
mod owned;
mod sessions;
mod world;
