//! What happened around identity, written down.
