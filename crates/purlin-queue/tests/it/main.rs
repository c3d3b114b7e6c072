//! What purlin-queue promises, seen from outside.

mod worker;
