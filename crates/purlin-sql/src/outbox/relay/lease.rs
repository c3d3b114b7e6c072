//! Who sends to a sink.

use std::time::Duration;

use super::Core;
use crate::{Query, SqlError};

/// What share of its time after which a lease is renewed.
const RENEWALS: u32 = 3;

/// The longest time between two tries to take a lease that another relay holds.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// A lease on a sink, or the wish for one.
pub(super) struct Lease {
    sink: String,
    /// What the writes of this relay name. `None`: another relay holds the lease.
    token: Option<i64>,
    /// When to renew it or to try again, by the monotonic clock.
    next: Duration,
}

impl Lease {
    pub(super) fn new(sink: &str) -> Self {
        Self {
            sink: sink.to_owned(),
            token: None,
            next: Duration::ZERO,
        }
    }

    pub(super) fn token(&self) -> Option<i64> {
        self.token
    }

    /// Takes the lease or renews it where it is time to. `None`: it is another relay's.
    pub(super) async fn keep(&mut self, core: &Core) -> Result<Option<i64>, SqlError> {
        let now = core.clock.monotonic();
        if now < self.next {
            return Ok(self.token);
        }
        if let Some(token) = self.token {
            if self.extend(core, token, core.settings.lease).await? {
                self.next = now + core.settings.lease / RENEWALS;
                return Ok(self.token);
            }
            self.lose();
        }
        let acquire = core.db.write(core.words.acquire).bind(&self.sink);
        let acquire = acquire.bind(core.offset.after(core.settings.lease));
        let taken = acquire.bind(core.offset.micros()).urgent();
        let taken = taken.fetch_optional::<(i64,)>().await?;
        self.token = taken.map(|(token,)| token);
        self.next = now
            + match self.token {
                Some(_) => core.settings.lease / RENEWALS,
                None => TRY_EVERY,
            };
        Ok(self.token)
    }

    /// Another relay has it now: this one tries again at once, which it may win back only after the
    /// other's time.
    pub(super) fn lose(&mut self) {
        if self.token.take().is_some() {
            self.next = Duration::ZERO;
            tracing::warn!(target: "purlin::outbox", sink = self.sink, "the lease was lost to another relay");
        }
    }

    /// Gives it back, so that another relay need not wait.
    pub(super) async fn release(&mut self, core: &Core) -> Result<(), SqlError> {
        self.next = Duration::ZERO;
        match self.token.take() {
            Some(token) => self.extend(core, token, Duration::ZERO).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn extend(&self, core: &Core, token: i64, time: Duration) -> Result<bool, SqlError> {
        let renew = core.db.write(self.renewal(core, token, time));
        let renewed = renew.urgent().execute().await?;
        Ok(renewed == 1)
    }

    /// The statement that moves the end of the lease, and changes no row if it was lost.
    pub(super) fn renewal(&self, core: &Core, token: i64, time: Duration) -> Query {
        let renew = Query::new(core.words.renew).bind(&self.sink);
        renew.bind(token).bind(core.offset.after(time))
    }
}
