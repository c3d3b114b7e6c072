//! The job that sends a mail.

use std::{sync::Arc, time::Duration};

use purlin::{
    prelude::*,
    queue::{Backoff, JobContext, JobError, Keep, processor},
};
use purlin_base::time::Clock;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Sends a mail of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Job)]
#[job(
    queue = "mails",
    name = "mail.send",
    attempts = 8,
    backoff = Backoff::exponential(Duration::from_secs(2)).jitter(0.5),
    timeout = Duration::from_secs(30),
    keep_completed = Keep::NOTHING
)]
pub struct SendMail {
    /// The mail.
    pub mail: Uuid,
}

/// Sends mails. There is no mail server: a mail is sent once it is marked so, and it is read in the
/// table `mails`.
#[injectable]
pub struct MailProcessor {
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
}

#[processor]
impl MailProcessor {
    /// That it is sent and that the job has ended is one commit: it is sent once, whatever is killed.
    #[process]
    async fn send(&self, job: SendMail, context: JobContext) -> Result<(), JobError> {
        let now = self.clock.now();
        let sent = context.effect(&self.db, async |tx| {
            let sent = tx.query("update mails set sent_at = $2 where id = $1 and sent_at is null");
            sent.bind(job.mail).bind(now).execute().await?;
            Ok(())
        });
        sent.await?;
        Ok(())
    }
}
