//! The bounds of a relay.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use purlin_base::{
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};

use super::{Core, Relay};
use crate::{
    Db, TimeOffset,
    outbox::{RelayOptionError, Sink, message::check_sink, words},
};

/// What becomes of the messages behind one that its sink has refused for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefused {
    /// They are sent; the one that was refused is missing in its key.
    #[default]
    Skip,
    /// Those of its key wait until somebody requeues or discards it.
    HoldKey,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) batch_max: u32,
    pub(super) batch_bytes_max: u64,
    pub(super) batches_max: u32,
    pub(super) lease: Duration,
    pub(super) send_deadline: Duration,
    pub(super) stop_deadline: Duration,
    pub(super) poll_min: Duration,
    pub(super) poll_max: Duration,
    pub(super) retry_min: Duration,
    pub(super) retry_max: Duration,
    pub(super) retry_for: Duration,
    pub(super) on_refused: OnRefused,
}

/// Sets the bounds of a [`Relay`], and where it sends.
#[must_use = "a builder does nothing until `build`"]
pub struct RelayBuilder {
    db: Db,
    sinks: Vec<Arc<dyn Sink>>,
    settings: Settings,
    clock: SharedClock,
    rng: SharedRng,
    offset: TimeOffset,
}

impl RelayBuilder {
    pub(super) fn new(db: &Db) -> Self {
        let secs = Duration::from_secs;
        Self {
            db: db.clone(),
            sinks: Vec::new(),
            settings: Settings {
                batch_max: 256,
                batch_bytes_max: 1024 * 1024,
                batches_max: 4,
                lease: secs(15),
                send_deadline: secs(10),
                stop_deadline: secs(10),
                poll_min: Duration::from_millis(25),
                poll_max: secs(1),
                retry_min: Duration::from_millis(100),
                retry_max: secs(60),
                retry_for: secs(3 * 24 * 60 * 60),
                on_refused: OnRefused::Skip,
            },
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
            offset: TimeOffset::default(),
        }
    }

    /// Sends to `sink` as well.
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sinks.push(sink);
        self
    }

    /// Messages that are handed to a sink at once, 1 to 1000. Default 256.
    pub fn batch_max(mut self, messages: u32) -> Self {
        self.settings.batch_max = messages;
        self
    }

    /// Bytes of headers and bodies after which a batch takes no more messages, at least 1. Default
    /// 1 MiB. A message that is larger goes alone.
    pub fn batch_bytes_max(mut self, bytes: u64) -> Self {
        self.settings.batch_bytes_max = bytes;
        self
    }

    /// Batches that are on their way to one sink at the same time, 1 to 64; never two with the same
    /// key. Default 4.
    pub fn batches_max(mut self, batches: u32) -> Self {
        self.settings.batches_max = batches;
        self
    }

    /// How long after its last sign of life another relay takes over from one, 3 s to 10 min.
    /// Default 15 s. One that is stopped gives its leases back at once.
    pub fn lease(mut self, time: Duration) -> Self {
        self.settings.lease = time;
        self
    }

    /// How long a sink may take for a batch. Default 10 s. Past it the call is dropped, and every
    /// message of it comes again.
    pub fn send_deadline(mut self, time: Duration) -> Self {
        self.settings.send_deadline = time;
        self
    }

    /// How long [`Relay::stop`] waits for batches on their way. Default 10 s.
    pub fn stop_deadline(mut self, time: Duration) -> Self {
        self.settings.stop_deadline = time;
        self
    }

    /// How often to look for messages without being woken: `min` after there were some, up to `max`
    /// while there are none. Default 25 ms and 1 s; `max` is at most 1 s.
    pub fn poll(mut self, min: Duration, max: Duration) -> Self {
        self.settings.poll_min = min;
        self.settings.poll_max = max;
        self
    }

    /// How long a message that failed waits: about `min`, doubled after each failure up to `max`,
    /// less up to a half by chance. Default 100 ms and 60 s.
    pub fn retry(mut self, min: Duration, max: Duration) -> Self {
        self.settings.retry_min = min;
        self.settings.retry_max = max;
        self
    }

    /// How long a message is tried before it is parked. Default 3 days. An outage of the whole sink
    /// does not park messages: while every one of eight and more fails, none is counted.
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.settings.retry_for = time;
        self
    }

    /// What becomes of the messages behind one that was refused. Default: they are sent.
    pub fn on_refused(mut self, on_refused: OnRefused) -> Self {
        self.settings.on_refused = on_refused;
        self
    }

    /// By which clock to wait.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the chance in waits comes from.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// What is added to the database's clock: for tests.
    pub fn time_offset(mut self, offset: TimeOffset) -> Self {
        self.offset = offset;
        self
    }

    /// Checks every option, then makes the relay. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`RelayOptionError`] for the first option out of its bounds, a sink whose name is none, or
    /// two of one name.
    pub fn build(self) -> Result<Relay, RelayOptionError> {
        self.settings.check()?;
        let mut names = BTreeSet::new();
        for sink in &self.sinks {
            if check_sink(sink.name()).is_err() || !names.insert(sink.name().to_owned()) {
                let expected =
                    "sinks of different names, of 1 to 63 of the characters a-z 0-9 _ - .";
                return Err(RelayOptionError {
                    option: "sink",
                    expected,
                });
            }
        }
        let core = Core {
            words: words(&self.db),
            db: self.db,
            settings: self.settings,
            clock: self.clock,
            rng: self.rng,
            offset: self.offset,
        };
        Ok(Relay::new(core, self.sinks))
    }
}

impl Settings {
    /// How long to wait before the next look, after one that was preceded by `last`.
    pub(super) fn next_poll(&self, last: Duration, found: bool) -> Duration {
        if found {
            return self.poll_min;
        }
        (last * 2).min(self.poll_max)
    }

    fn check(&self) -> Result<(), RelayOptionError> {
        let (secs, none) = (Duration::from_secs, Duration::ZERO);
        let checks = [
            (
                "batch_max",
                "1 to 1000",
                (1..=1000).contains(&self.batch_max),
            ),
            ("batch_bytes_max", "at least 1", self.batch_bytes_max >= 1),
            (
                "batches_max",
                "1 to 64",
                (1..=64).contains(&self.batches_max),
            ),
            (
                "lease",
                "3 s to 10 min",
                (secs(3)..=secs(600)).contains(&self.lease),
            ),
            ("send_deadline", "more than 0", self.send_deadline > none),
            ("stop_deadline", "more than 0", self.stop_deadline > none),
            (
                "poll",
                "more than 0, from the shorter to the longer, at most 1 s",
                none < self.poll_min && self.poll_min <= self.poll_max && self.poll_max <= secs(1),
            ),
            (
                "retry",
                "more than 0, from the shorter to the longer",
                none < self.retry_min && self.retry_min <= self.retry_max,
            ),
        ];
        match checks.into_iter().find(|(_, _, good)| !good) {
            Some((option, expected, _)) => Err(RelayOptionError { option, expected }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for RelayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayBuilder")
            .field("sinks", &self.sinks.len())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
