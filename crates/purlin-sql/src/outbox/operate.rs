//! What operators ask, and what they may do.

use std::time::Duration;

use uuid::Uuid;

use crate::{FromRow, Query, Row, RowError, SqlError, Tx};

use super::{CHANNEL, Outbox, StoredMessage, elapsed, latest, tables};

/// What one sink has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkDepth {
    /// The sink.
    pub sink: String,
    /// Messages that will be sent.
    pub waiting: u64,
    /// Messages that will not be sent before somebody decides.
    pub parked: u64,
    /// How long the oldest of those waiting has been there since it was put or requeued.
    pub oldest_age: Option<Duration>,
}

impl FromRow for SinkDepth {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self {
            sink: row.get("sink")?,
            waiting: row.get("waiting")?,
            parked: row.get("parked")?,
            oldest_age: row.get::<Option<i64>>("oldest")?.map(elapsed),
        })
    }
}

/// What a message belongs to.
type Place = (String, String, Option<String>);

impl Outbox {
    /// What there is to do, by sink; sinks without messages are left out. It counts rows, so it is
    /// for people and for a metric every few seconds, not for each request.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn depths(&self) -> Result<Vec<SinkDepth>, SqlError> {
        let depths = Query::new(self.words.depths).bind(self.offset.micros());
        latest(&self.db, depths).await
    }

    /// Up to `limit` messages of a sink that are parked, those behind `after` in the order of
    /// sending: 0, then the [`seq`](StoredMessage::seq) of the last one seen.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn parked(
        &self,
        sink: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, SqlError> {
        let parked = Query::new(self.words.parked).bind(sink);
        latest(&self.db, parked.bind(after).bind(limit)).await
    }

    /// Sends a parked message again, as if it were new; in its old place, so before those of its
    /// key that were held back. False: there is none parked with that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn requeue(&self, id: Uuid) -> Result<bool, SqlError> {
        let requeue = Query::new(self.words.requeue).bind(id);
        self.decide(requeue.bind(self.offset.micros())).await
    }

    /// Deletes a parked message: it is never sent. Those of its key that were held back go on.
    /// False: there is none parked with that id.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn discard(&self, id: Uuid) -> Result<bool, SqlError> {
        self.decide(Query::new(tables::DISCARD).bind(id)).await
    }

    /// Does what was decided about a parked message, and lets its key go on.
    async fn decide(&self, decision: Query) -> Result<bool, SqlError> {
        let work = async |tx: &mut Tx| {
            let decided = tx.query(decision).fetch_optional::<Place>().await?;
            let Some((sink, destination, key)) = decided else {
                return Ok(false);
            };
            if let Some(key) = key {
                let unhold = tx.query(tables::UNHOLD_IF_NONE_PARKED).bind(sink);
                unhold.bind(destination).bind(key).execute().await?;
            }
            tx.notify(CHANNEL);
            Ok::<_, SqlError>(true)
        };
        self.db.transaction(work).await
    }
}
