//! What holds for every job that is added.

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{
    id::IdMaker,
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};

use purlin_sql::outbox::Outbox;

use crate::{crypt::Cipher, metrics::JobObserver};

/// The default bound of a payload, in bytes of JSON: 1 MiB.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// The longest delay: a hundred years. What is longer is a mistake in a unit.
pub const DELAY_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What holds for every job that is added, and where time, chance and ids come from.
#[derive(Clone)]
pub struct QueueConfig {
    /// Bytes of JSON that a payload may have. Default: [`PAYLOAD_BYTES_MAX`].
    pub payload_bytes_max: usize,
    /// Jobs of one flow or one bulk. Default: 10 000.
    pub bulk_max: usize,
    /// What payloads are sealed by before they are stored. Default: nothing.
    pub cipher: Option<Arc<dyn Cipher>>,
    /// Who is told of jobs that are added. Default: nobody.
    pub observer: Option<Arc<dyn JobObserver>>,
    /// Where jobs wait that are added inside a transaction, if the store is another system: see
    /// [`outbox`](crate::outbox). Default: they are refused.
    pub outbox: Option<Outbox>,
    /// For waits. Default: the machine's.
    pub clock: SharedClock,
    /// For spans of traces. Default: the operating system's.
    pub rng: SharedRng,
    /// For the ids of jobs. Default: UUIDv7.
    pub ids: IdMaker,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            payload_bytes_max: PAYLOAD_BYTES_MAX,
            bulk_max: 10_000,
            cipher: None,
            observer: None,
            outbox: None,
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
            ids: IdMaker::default(),
        }
    }
}

impl fmt::Debug for QueueConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueConfig")
            .field("payload_bytes_max", &self.payload_bytes_max)
            .field("bulk_max", &self.bulk_max)
            .field("is_sealed", &self.cipher.is_some())
            .finish_non_exhaustive()
    }
}
