//! What a processor knows of its job, and can say of it.

use std::{
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_base::{
    BoxFuture,
    time::{Clock as _, SharedClock},
};
use purlin_sql::Tx;
use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use super::{
    attempt::{Attempt, Halt},
    shared::Shared,
    steps::Steps,
};
use crate::{
    JobRecord, Payload, QueueError, Queues,
    crypt::Cipher,
    store::{Annotation, Capability, Ending, Finish, Finished},
};

/// What a processor knows of the job it does, and can say of it. Cheap to clone; clones are the same
/// attempt, and of no use once that has ended.
#[derive(Clone)]
pub struct JobContext(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    attempt: Arc<Attempt>,
    job: JobRecord,
    deadline: Instant,
    steps: Steps,
}

/// A line of a log or a reason, at most: what is longer is cut.
const LINE_BYTES_MAX: usize = 4096;

impl JobContext {
    pub(super) fn new(
        shared: Arc<Shared>,
        attempt: Arc<Attempt>,
        job: JobRecord,
        deadline: Instant,
    ) -> Self {
        let steps = Steps::default();
        Self(Arc::new(Inner {
            shared,
            attempt,
            job,
            deadline,
            steps,
        }))
    }

    /// The job's id.
    pub fn id(&self) -> &str {
        &self.0.job.id
    }

    /// The name of its type.
    pub fn name(&self) -> &str {
        &self.0.job.name
    }

    /// The queue it is in.
    pub fn queue(&self) -> &str {
        &self.0.job.queue
    }

    /// Everything that the store told of the job when this attempt began. The payload may be sealed.
    pub fn record(&self) -> &JobRecord {
        &self.0.job
    }

    /// Which attempt this is, from 1: attempts that were snoozed or handed back do not count.
    pub fn attempt(&self) -> u32 {
        self.0.job.attempts_made + 1
    }

    /// Attempts that have failed before.
    pub fn attempts_made(&self) -> u32 {
        self.0.job.attempts_made
    }

    /// Whether no attempt follows if this one fails.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt() >= self.0.job.options.attempts
    }

    /// Bytes of the payload, as it is stored.
    pub fn data_bytes(&self) -> usize {
        self.0.job.data.as_str().len()
    }

    /// The same for every attempt of this job, and for no other job: hand it to whatever must not be
    /// done twice.
    pub fn idempotency_key(&self) -> String {
        // Neither a queue's name nor an id has a colon.
        format!("{}:{}", self.queue(), self.id())
    }

    /// The fencing token: greater with each attempt of the job. Hand it to whatever must not take
    /// orders from an attempt that was overtaken.
    pub fn fence(&self) -> u64 {
        self.0.attempt.lease.fence
    }

    /// When the attempt has taken as long as it may.
    pub fn deadline(&self) -> Instant {
        self.0.deadline
    }

    /// The queues of the store that the job came from, to add others.
    pub fn queues(&self) -> &Queues {
        self.0.shared.home.queues()
    }

    /// Ends when the attempt is to stop: somebody cancelled the job, it took too long, its lease was
    /// lost, or the worker stops. The future of the processor is dropped after the worker's grace.
    ///
    /// # Cancel safety
    ///
    /// Dropping it changes nothing.
    pub async fn cancelled(&self) {
        self.0.attempt.token.cancelled().await;
    }

    /// Whether the attempt is to stop. For code that computes: ask between two pieces of work.
    pub fn is_cancelled(&self) -> bool {
        self.0.attempt.token.is_cancelled()
    }

    /// What [`cancelled`](Self::cancelled) waits for, to hand on.
    pub fn token(&self) -> CancellationToken {
        self.0.attempt.token.child_token()
    }

    /// Ends when the lease was lost: another attempt may be running, and what this one returns is
    /// discarded.
    ///
    /// # Cancel safety
    ///
    /// Dropping it changes nothing.
    pub async fn lease_lost(&self) {
        self.0.attempt.lost.cancelled().await;
    }

    /// Says how far the job is, by anything that serde can write.
    ///
    /// # Errors
    ///
    /// [`QueueError::LeaseLost`], [`QueueError::Payload`], [`QueueError::TooLarge`]; those of the
    /// store.
    pub fn progress<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> impl Future<Output = Result<(), QueueError>> + Send + use<T> {
        let (this, value) = (self.clone(), self.payload(value));
        async move { this.annotate(Annotation::Progress(value?)).await }
    }

    /// Adds a line to the job's log, cut at 4 KiB. The newest 1000 are kept.
    ///
    /// # Errors
    ///
    /// [`QueueError::LeaseLost`]; those of the store.
    pub fn log<L: Into<String>>(
        &self,
        line: L,
    ) -> impl Future<Output = Result<(), QueueError>> + Send + use<L> {
        let (this, line) = (self.clone(), cut(line.into()));
        async move { this.annotate(Annotation::Log(line)).await }
    }

    /// Runs a piece of the job once, whatever the number of attempts: its result is stored, and a
    /// later attempt is given that instead of running it again. At most 100 steps a job.
    ///
    /// A crash between the end of `work` and the storing of its result runs it again.
    ///
    /// # Errors
    ///
    /// What `work` returns, and is then not stored; [`QueueError`] as a failure.
    ///
    /// # Examples
    ///
    /// ```
    /// # use purlin_queue::{JobContext, JobError};
    /// # async fn charge() -> Result<String, JobError> { Ok(String::new()) }
    /// # async fn example(context: JobContext) -> Result<(), JobError> {
    /// let receipt: String = context.step("charge", async || charge().await).await?;
    /// # Ok(()) }
    /// ```
    pub async fn step<T, F, W>(&self, name: &str, work: F) -> Result<T, super::JobError>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> W,
        W: Future<Output = Result<T, super::JobError>>,
    {
        if let Some(stored) = self.0.steps.find(self, name).await? {
            return Ok(stored.decode()?);
        }
        let value = work().await?;
        let result = self.payload(&value)?;
        self.0.steps.keep(self, name, result).await?;
        Ok(value)
    }

    /// Completes the job as a part of `tx`: what else is done in it and the completion commit
    /// together, so that the effect happens once. Return the same output from the processor
    /// afterwards; the worker does not complete the job again.
    ///
    /// If the transaction is rolled back, return an error: a processor that returns `Ok` then leaves
    /// the job to be taken for crashed when its lease runs out.
    ///
    /// # Errors
    ///
    /// [`QueueError::LeaseLost`]: return it, so that the transaction is rolled back.
    /// [`QueueError::NotOffered`] by a store whose jobs are not in the database of the transaction.
    ///
    /// # Examples
    ///
    /// ```
    /// # use purlin_queue::{JobContext, JobError};
    /// # use purlin_sql::Db;
    /// # async fn example(db: Db, context: JobContext) -> Result<u32, JobError> {
    /// db.transaction(async |tx| {
    ///     tx.query("update books set sold = sold + 1 where id = $1").bind(7).execute().await?;
    ///     context.complete_in(tx, &1).await?;
    ///     Ok::<_, JobError>(1)
    /// })
    /// .await
    /// # }
    /// ```
    pub fn complete_in<'a, T: Serialize + ?Sized>(
        &self,
        tx: &'a mut Tx,
        output: &T,
    ) -> impl Future<Output = Result<(), QueueError>> + Send + use<'a, T> {
        let (this, output) = (self.clone(), self.payload(output));
        async move {
            let finish = Finish {
                lease: this.0.attempt.lease.clone(),
                ending: Ending::Complete(output?),
            };
            this.finish_in(tx, finish).await
        }
    }

    /// Whether the store of the job offers it.
    pub(super) fn offers(&self, capability: Capability) -> bool {
        self.0.shared.store.capabilities().has(capability)
    }

    async fn finish_in(&self, tx: &mut Tx, finish: Finish) -> Result<(), QueueError> {
        let store = &self.0.shared.store;
        let within = store.transactional().ok_or(QueueError::NotOffered {
            engine: store.engine(),
            capability: Capability::CompleteWithin.name(),
            reason: "its jobs are not in the database of the transaction",
        })?;
        match within.finish_within(tx, finish).await? {
            Finished::Done(_) => {
                self.0.attempt.set_ended_within();
                Ok(())
            }
            Finished::LeaseLost => Err(self.lost()),
        }
    }

    pub(super) async fn annotate(&self, what: Annotation) -> Result<(), QueueError> {
        let lease = self.0.attempt.lease.clone();
        let noted = self.0.shared.store.annotate(lease, what).await;
        if let Err(QueueError::LeaseLost { .. }) = noted {
            return Err(self.lost());
        }
        noted
    }

    fn lost(&self) -> QueueError {
        self.0.attempt.halt(Halt::Lost);
        QueueError::LeaseLost {
            id: self.id().to_owned(),
        }
    }

    pub(super) fn payload(&self, value: &(impl Serialize + ?Sized)) -> Result<Payload, QueueError> {
        let value = Payload::of(value).map_err(|error| QueueError::Payload {
            name: self.name().to_owned(),
            reason: error.to_string(),
        })?;
        let (size, max) = (value.as_str().len(), self.0.shared.result_bytes_max());
        match size <= max {
            true => Ok(value),
            false => Err(QueueError::TooLarge { size, max }),
        }
    }

    pub(super) fn stored_steps(&self) -> BoxFuture<'_, Result<Vec<(String, Payload)>, QueueError>> {
        self.0.shared.store.steps(self.0.attempt.lease.clone())
    }

    pub(super) fn cipher(&self) -> Option<&Arc<dyn Cipher>> {
        self.queues().config().cipher.as_ref()
    }

    pub(super) fn clock(&self) -> SharedClock {
        Arc::clone(&self.0.shared.clock)
    }

    /// Waits, by the worker's clock.
    ///
    /// # Cancel safety
    ///
    /// Dropping it changes nothing.
    pub async fn sleep(&self, wait: Duration) {
        self.0.shared.clock.sleep(wait).await;
    }
}

/// `line` up to a bound, at a character's boundary.
pub(super) fn cut(mut line: String) -> String {
    line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
    line
}

impl fmt::Debug for JobContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobContext")
            .field("queue", &self.queue())
            .field("id", &self.id())
            .field("name", &self.name())
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
