//! The hand-made synchronisation of this crate, in every order in which its threads can run.
//!
//! The files under test are compiled here a second time, on loom's locks and atomics in place of the
//! standard library's. What tokio does inside of its semaphores is taken as one step.
//!
//! `cargo xtask loom` runs them. `LOOM_MAX_PREEMPTIONS` tries more orders than the default here.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "of what is compiled here a second time, the models need a part"
)]

mod sync {
    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};

    pub(crate) use super::notify::Notify;

    pub(crate) mod atomic {
        pub(crate) use loom::sync::atomic::{
            AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence,
        };
    }
}

/// What the files under test find beside them in their own homes.
mod callback {
    pub(super) type Place = &'static std::panic::Location<'static>;
}
use crate::{event_loop::Origin, events::SharedError};

#[path = "events/bus/barrier.rs"]
mod barrier;
#[path = "event_loop/inbox.rs"]
mod inbox;
#[path = "events/mailbox.rs"]
mod mailbox;
#[path = "event_loop/pulse.rs"]
mod pulse;
#[path = "queue.rs"]
mod queue;
#[path = "events/bus/readers.rs"]
mod readers;
#[path = "events/bus/snapshot.rs"]
mod snapshot;
#[path = "stop.rs"]
mod stop;
#[path = "event_loop/wake_flag.rs"]
mod wake_flag;

#[path = "models/notify.rs"]
mod notify;
#[path = "models/event_loop.rs"]
mod of_event_loop;
#[path = "models/events.rs"]
mod of_events;
#[path = "models/pools.rs"]
mod of_pools;

/// How often a thread is interrupted where it need not be, in one order. Most mistakes show at two.
const PREEMPTIONS_MAX: usize = 3;

/// Runs `model` in every order.
fn every_order(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS_MAX);
    builder.check(model);
}
