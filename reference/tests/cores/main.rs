//! The two cores joined by queues in memory, under a made-up clock; the document of the wire against the code.

mod agreement;
mod client_edges;
mod crossing;
mod every_sequence;
mod flows;
mod fuzz;
mod fuzzing;
mod independence;
mod limits;
mod owned;
mod protocol;
mod restart;
mod sessions;
mod texts;
mod world;
