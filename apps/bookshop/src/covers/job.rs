//! The jobs of covers.

use std::{sync::Arc, time::Duration};

use purlin::{
    prelude::*,
    queue::{Backoff, JobContext, JobError, processor},
    runtime::CpuPool,
};
use purlin_base::time::Clock;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CoverStore, thumbnails};

/// Uploads that could not be made into thumbnails are kept so long, for who retries their jobs.
pub(super) const UPLOADS_KEPT: Duration = Duration::from_secs(14 * 24 * 3600);

/// Uploads that are cleared away in one statement at most.
const CLEARED_MAX: u32 = 100;

/// Makes the thumbnails of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Job)]
#[job(
    queue = "covers",
    name = "cover.thumbnails",
    attempts = 3,
    backoff = Backoff::exponential(Duration::from_secs(1)),
    timeout = Duration::from_secs(60)
)]
pub struct MakeThumbnails {
    /// The upload.
    pub upload: Uuid,
}

/// Clears away uploads that nobody made into thumbnails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Job)]
#[job(queue = "covers", name = "cover.clear-uploads", attempts = 3)]
pub struct ClearUploads {}

/// Works on the jobs of covers.
#[injectable]
pub struct CoverProcessor {
    covers: Arc<CoverStore>,
    pool: Arc<CpuPool>,
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
}

#[processor]
impl CoverProcessor {
    /// The thumbnails and the end of the job are one commit: they are made once, whatever is killed.
    #[process]
    async fn thumbnails(&self, job: MakeThumbnails, context: JobContext) -> Result<(), JobError> {
        let Some((book, file)) = self.covers.upload(job.upload).await? else {
            context
                .log("the upload is gone: it was done before, or its book was deleted")
                .await?;
            return Ok(());
        };
        context.progress(&10).await?;
        let made = self.pool.run("cover thumbnails", move || thumbnails(&file));
        // What cannot be read now cannot be read later.
        let made = made.await?.map_err(JobError::unrecoverable)?;
        context.progress(&100).await?;
        let done = context.effect(&self.db, async |tx| {
            self.covers.replace(tx, (job.upload, book), &made).await?;
            Ok(())
        });
        done.await?;
        Ok(())
    }

    #[process]
    async fn clear(&self, _job: ClearUploads, _context: JobContext) -> Result<(), JobError> {
        let before = self.clock.now().saturating_sub(UPLOADS_KEPT);
        while self.covers.clear(before, CLEARED_MAX).await? == u64::from(CLEARED_MAX) {}
        Ok(())
    }
}
