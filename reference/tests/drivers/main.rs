//! The drivers over real loopback sockets, as a stranger would use and misuse them.

mod flows;
mod support;
