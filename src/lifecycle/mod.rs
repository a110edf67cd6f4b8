//! The checker: what the lifecycle says about a history. It imports [`crate::history`] and nothing else of ours.

pub mod requirements;
