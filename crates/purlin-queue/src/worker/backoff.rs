//! How long a failed job waits for its next attempt.

use std::{sync::Arc, time::Duration};

use super::shared::Shared;
use crate::{
    JobRecord,
    job::{BackoffKind, Failure},
};

/// An attempt that has failed, for a backoff of the worker's own.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// The job as it was when the attempt began.
    pub job: &'a JobRecord,
    /// Attempts made, this one included.
    pub attempts_made: u32,
    /// Why it failed.
    pub failure: &'a Failure,
    /// The wait that the job's options name.
    pub delay: Duration,
}

/// The name of the backoff for all names that have none.
const OTHERS: &str = "*";

/// A backoff of the worker's own.
pub(crate) type BackoffFn = Arc<dyn Fn(&FailedAttempt<'_>) -> Duration + Send + Sync>;

/// The wait before the next attempt of `job`.
pub(super) fn wait(shared: &Shared, job: &JobRecord, made: u32, failure: &Failure) -> Duration {
    let Some(backoff) = &job.options.backoff else {
        return Duration::ZERO;
    };
    if let BackoffKind::Custom(name) = &backoff.kind
        && let Some(custom) = shared
            .backoffs
            .get(name)
            .or_else(|| shared.backoffs.get(OTHERS))
    {
        let failed = FailedAttempt {
            job,
            attempts_made: made,
            failure,
            delay: backoff.delay,
        };
        return custom(&failed).min(backoff.ceiling);
    }
    backoff.wait(made, &*shared.rng)
}
