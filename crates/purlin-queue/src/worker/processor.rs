//! What people write: the code that does a job.

use std::future::Future;

use super::{JobContext, JobError};
use crate::{Job, Payload};

/// Does the jobs of one type. Written for `async` functions and closures of a job and its
/// [`JobContext`], and for types that hold what they need.
///
/// A job may be run more than once: after a crash, or when a lease was lost. What it does outside of
/// the store's own database must stand being done twice; [`JobContext::idempotency_key`] helps.
///
/// # Examples
///
/// ```
/// # use purlin_queue::{Job, JobContext, JobError, Processor};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Welcome { to: String }
/// # impl Job for Welcome {
/// #     const NAME: &'static str = "welcome";
/// #     const QUEUE: &'static str = "mails";
/// #     type Output = ();
/// # }
/// struct Mailer {
///     from: String,
/// }
///
/// impl Processor<Welcome> for Mailer {
///     async fn process(&self, job: Welcome, context: JobContext) -> Result<(), JobError> {
///         context.log(format!("from {} to {}", self.from, job.to)).await?;
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not process jobs of type `{J}`",
    note = "write `async fn(job: {J}, context: JobContext) -> Result<Output, JobError>`, or implement `Processor<{J}>`"
)]
pub trait Processor<J: Job>: Send + Sync + 'static {
    /// Does one job.
    ///
    /// # Errors
    ///
    /// [`JobError`] says what is to become of the job. A panic is a failed attempt.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the attempt takes longer than it may, or is cancelled and does not
    /// end by itself within the worker's grace: it must be safe to drop at any `await`.
    fn process(
        &self,
        job: J,
        context: JobContext,
    ) -> impl Future<Output = Result<J::Output, JobError>> + Send;
}

impl<J, F, W> Processor<J> for F
where
    J: Job,
    F: Fn(J, JobContext) -> W + Send + Sync + 'static,
    W: Future<Output = Result<J::Output, JobError>> + Send,
{
    fn process(
        &self,
        job: J,
        context: JobContext,
    ) -> impl Future<Output = Result<J::Output, JobError>> + Send {
        self(job, context)
    }
}

/// Does several jobs of one type in one call.
pub trait BatchProcessor<J: Job>: Send + Sync + 'static {
    /// Does jobs, and answers for each of them in their order.
    ///
    /// # Errors
    ///
    /// An error instead of a list is the failure of each. So is a list of another length, and a
    /// panic.
    ///
    /// # Cancel safety
    ///
    /// Each job has its own bound of time and may be cancelled alone: its answer is then not waited
    /// for. The call itself is not dropped before the worker is.
    fn process(
        &self,
        jobs: Vec<BatchedJob<J>>,
    ) -> impl Future<Output = Result<Vec<Result<J::Output, JobError>>, JobError>> + Send;
}

impl<J, F, W> BatchProcessor<J> for F
where
    J: Job,
    F: Fn(Vec<BatchedJob<J>>) -> W + Send + Sync + 'static,
    W: Future<Output = Result<Vec<Result<J::Output, JobError>>, JobError>> + Send,
{
    fn process(
        &self,
        jobs: Vec<BatchedJob<J>>,
    ) -> impl Future<Output = Result<Vec<Result<J::Output, JobError>>, JobError>> + Send {
        self(jobs)
    }
}

/// One of several jobs that are done in one call.
#[derive(Debug)]
pub struct BatchedJob<J> {
    /// The job.
    pub job: J,
    /// Its context.
    pub context: JobContext,
}

/// A job whose type is not known. Its context tells the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJob {
    /// The name of its type.
    pub name: String,
    /// The version of its payload's form.
    pub version: u32,
    /// Its payload, opened if it was sealed.
    pub data: Payload,
}

/// Does jobs whose types are not known. Written for `async` functions and closures of a [`RawJob`] and
/// its [`JobContext`].
pub trait RawProcessor: Send + Sync + 'static {
    /// Does one job.
    ///
    /// # Errors
    ///
    /// As [`Processor::process`].
    ///
    /// # Cancel safety
    ///
    /// As [`Processor::process`].
    fn process(
        &self,
        job: RawJob,
        context: JobContext,
    ) -> impl Future<Output = Result<Payload, JobError>> + Send;
}

impl<F, W> RawProcessor for F
where
    F: Fn(RawJob, JobContext) -> W + Send + Sync + 'static,
    W: Future<Output = Result<Payload, JobError>> + Send,
{
    fn process(
        &self,
        job: RawJob,
        context: JobContext,
    ) -> impl Future<Output = Result<Payload, JobError>> + Send {
        self(job, context)
    }
}
