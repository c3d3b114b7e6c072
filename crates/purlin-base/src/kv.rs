//! The key-value contract and its in-memory engine.
