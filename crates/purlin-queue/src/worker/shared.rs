//! What all parts of one worker share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::{Timestamp, random::SharedRng, time::SharedClock};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{attempt::Attempts, backoff::BackoffFn, handler::Handlers};
use crate::{Queue, Store, metrics::JobObserver};

/// What is set on a worker.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) concurrency: u32,
    pub(super) prefetch: u32,
    pub(super) lease: Duration,
    /// How soon an idle queue is looked at again: at first, and at most.
    pub(super) poll: (Duration, Duration),
    pub(super) timeout: Duration,
    pub(super) grace: Duration,
    pub(super) drain: Duration,
}

/// What a worker works with.
pub(super) struct Means {
    pub(super) handlers: Handlers,
    pub(super) backoffs: HashMap<String, BackoffFn>,
    pub(super) observer: Option<Arc<dyn JobObserver>>,
    pub(super) clock: SharedClock,
    pub(super) rng: SharedRng,
}

/// What all parts of one worker share.
pub(crate) struct Shared {
    pub(super) home: Queue,
    pub(super) store: Arc<dyn Store>,
    /// Never used twice.
    pub(super) id: String,
    pub(super) started_at: Timestamp,
    pub(super) settings: Settings,
    pub(super) handlers: Handlers,
    pub(super) backoffs: HashMap<String, BackoffFn>,
    pub(super) observer: Option<Arc<dyn JobObserver>>,
    pub(super) clock: SharedClock,
    pub(super) rng: SharedRng,
    pub(super) attempts: Arc<Attempts>,
    pub(super) running: AtomicU32,
    slots: AtomicU64,
    pub(super) stop: StopSignal,
    /// Fires when everything that belongs to the worker is to end.
    pub(super) gone: CancellationToken,
    /// Fires when everything has.
    pub(super) done: CancellationToken,
    /// Time may bring something earlier than was known.
    pub(super) look_again: Notify,
    /// Time has brought something.
    pub(super) came: Notify,
}

/// How a worker is told to stop, and until when what runs may go on.
#[derive(Default)]
pub(super) struct StopSignal {
    pub(super) asked: CancellationToken,
    within: Mutex<Option<Duration>>,
}

impl StopSignal {
    /// Asks it to stop. The first deadline stays, unless a later one is nearer.
    pub(super) fn ask(&self, within: Duration) {
        let mut known = self.within.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(known.map_or(within, |known| known.min(within)));
        drop(known);
        self.asked.cancel();
    }

    pub(super) fn within(&self) -> Duration {
        let known = self.within.lock().unwrap_or_else(PoisonError::into_inner);
        known.unwrap_or_default()
    }
}

impl Shared {
    pub(super) fn new(home: Queue, id: String, settings: Settings, means: Means) -> Arc<Self> {
        let Means {
            handlers,
            backoffs,
            observer,
            clock,
            rng,
        } = means;
        Arc::new(Self {
            store: Arc::clone(home.store()),
            home,
            id,
            started_at: clock.now(),
            settings,
            handlers,
            backoffs,
            observer,
            clock,
            rng,
            attempts: Arc::default(),
            running: AtomicU32::new(0),
            slots: AtomicU64::new(0),
            stop: StopSignal::default(),
            gone: CancellationToken::new(),
            done: CancellationToken::new(),
            look_again: Notify::new(),
            came: Notify::new(),
        })
    }

    pub(super) fn queue(&self) -> &str {
        self.home.name()
    }

    pub(super) fn running(&self) -> u32 {
        self.running.load(Relaxed)
    }

    pub(super) fn next_slot(&self) -> u64 {
        self.slots.fetch_add(1, Relaxed)
    }

    pub(super) fn result_bytes_max(&self) -> usize {
        self.home.queues().config().payload_bytes_max
    }
}
