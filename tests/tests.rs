//! What a stranger would try.
