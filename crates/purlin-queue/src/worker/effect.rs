//! What a job does to a database, once.

use purlin_sql::{
    Db, Tx,
    inbox::{Inbox, Once},
};
use serde::Serialize;

use super::{JobContext, JobError};
use crate::store::Capability;

impl JobContext {
    /// Does `work` in a transaction of `db`, once for this job, wherever its jobs are kept.
    ///
    /// Where they are kept in `db` itself, the effect and the job's completion are one commit, as by
    /// [`complete_in`](Self::complete_in). Where they are kept elsewhere, the note that it was done
    /// goes into the [inbox](purlin_sql::inbox) in the same commit, under the queue's name and the
    /// job's id, and the job is completed by what the processor returns. `None`: it was done by an
    /// earlier attempt whose end was not told.
    ///
    /// # Errors
    ///
    /// What `work` returns, and then nothing is written; [`JobError::Failed`] with
    /// [`QueueError::LeaseLost`](crate::QueueError::LeaseLost) or what the database says.
    ///
    /// # Cancel safety
    ///
    /// As [`Db::transaction`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use purlin_queue::{JobContext, JobError};
    /// # use purlin_sql::Db;
    /// # async fn example(db: Db, context: JobContext) -> Result<(), JobError> {
    /// let charged = context.effect(&db, async |tx| {
    ///     tx.query("update books set sold = sold + 1 where id = $1").bind(7).execute().await?;
    ///     Ok(())
    /// });
    /// charged.await?;
    /// # Ok(()) }
    /// ```
    pub async fn effect<T, F>(&self, db: &Db, work: F) -> Result<Option<T>, JobError>
    where
        T: Serialize,
        F: AsyncFnOnce(&mut Tx) -> Result<T, JobError>,
    {
        let is_here = self.offers(Capability::CompleteWithin);
        db.transaction(async |tx| {
            if !is_here {
                let seen = Inbox::new(db).once(tx, self.queue(), self.id()).await?;
                if seen == Once::Seen {
                    return Ok(None);
                }
            }
            let done = work(tx).await?;
            if is_here {
                self.complete_in(tx, &done).await?;
            }
            Ok(Some(done))
        })
        .await
    }
}
