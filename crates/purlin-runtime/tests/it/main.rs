//! What purlin-runtime promises, seen from outside.

mod cpu;
mod cpu_close;
mod cpu_panic;
mod cpu_queue;
mod events;
mod event_loop;
mod gate;
mod span;
mod spawn;
#[cfg(feature = "streams")]
mod stream;
