//! Reading what other processes have written.

use std::sync::atomic::Ordering::Relaxed;

use purlin_sql::SqlError;

use super::{Standing, deny::Certainty, rows};

impl Standing {
    /// Reads the table every [`poll_every`](super::StandingBuilder::poll_every), until it is
    /// dropped. Spawn it, and abort it to stop.
    ///
    /// A reading that fails is counted, and tried again; the log says when the list becomes stale
    /// and when it is fresh again.
    ///
    /// # Cancel safety
    ///
    /// Dropped: nothing is lost; the next reading begins where the last whole one ended.
    pub async fn run(&self) {
        let mut warned = false;
        loop {
            self.0.clock.sleep(self.0.poll_every).await;
            let outcome = self.poll_once().await;
            match (&outcome, warned) {
                (Err(error), false) if self.is_stale() => {
                    warned = true;
                    tracing::error!(%error, age = ?self.age(), choice = ?self.0.when_stale,
                        "the deny-list of access tokens is stale");
                }
                (Ok(()), true) => {
                    warned = false;
                    tracing::info!("the deny-list of access tokens is fresh again");
                }
                _ => {}
            }
        }
    }

    /// Reads what was written since the last reading, and forgets what is over.
    ///
    /// # Errors
    ///
    /// [`SqlError`]: the list stays as it was.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn poll_once(&self) -> Result<(), SqlError> {
        let outcome = self.read_new().await;
        if outcome.is_err() {
            self.0.polls_failed.fetch_add(1, Relaxed);
        }
        outcome
    }

    async fn read_new(&self) -> Result<(), SqlError> {
        let mut seen = self.0.seen.lock().await;
        let began = self.0.clock.monotonic();
        // Some of what was read before found no room: everything again.
        let was_full = self.is_full();
        if was_full {
            self.0.deny.purge(self.0.clock.now(), began);
        }
        let mark = rows::mark(&self.0.db).await?;
        let fits = self.read_from(if was_full { 0 } else { *seen }).await?;
        *seen = mark;
        self.0.deny.purge(self.0.clock.now(), began);
        if was_full || !fits {
            self.set_full(!fits);
        }
        let micros = began.as_micros().try_into().unwrap_or(u64::MAX);
        self.0.read_at.store(micros, Relaxed);
        Ok(())
    }

    /// Whether everything found room.
    async fn read_from(&self, mark: i64) -> Result<bool, SqlError> {
        let (mut after, mut fits) = (0, true);
        loop {
            let page = rows::page(&self.0.db, mark, after, self.0.clock.now()).await?;
            let Some(last) = page.last() else {
                return Ok(fits);
            };
            after = last.seq;
            for row in page {
                let firm = Certainty::Firm { until: row.until };
                match &row.event {
                    Some(event) => fits &= self.0.deny.note(event, firm),
                    None => tracing::error!(seq = row.seq, "a row of auth_standing makes no sense"),
                }
            }
        }
    }
}
