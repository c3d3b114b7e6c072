//! What purlin-base promises, seen from outside.

mod kv_memory;
mod policies;
mod roles;
mod work;
