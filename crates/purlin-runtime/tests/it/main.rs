//! What purlin-runtime promises, seen from outside.

mod cpu;
mod cpu_close;
mod cpu_panic;
mod cpu_queue;
mod event_loop;
mod events;
mod gate;
mod parallel;
#[cfg(all(target_os = "linux", feature = "process"))]
mod process;
mod span;
mod spawn;
mod stop;
#[cfg(feature = "streams")]
mod stream;
mod worker;
mod worker_pool;
mod worker_pool_end;
