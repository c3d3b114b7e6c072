//! What purlin-runtime promises, seen from outside.

mod spawn;
