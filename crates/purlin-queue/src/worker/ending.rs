//! Decides what becomes of a job whose processor has ended, or was dropped.

use std::any::Any;

use super::{
    JobError,
    attempt::{Attempt, Halt},
    backoff,
    context::cut,
    error::chain,
    handler::Fault,
    run::panic_words,
    shared::Shared,
};
use crate::{
    JobRecord, Payload,
    job::{Failure, FailureCause},
    store::Ending,
};

/// How the call of a processor ended.
pub(super) enum Outcome {
    /// With a result.
    Done(Payload),
    /// Without one.
    Fault(Fault),
    /// It was dropped, as it did not end in time after it was told to stop.
    Dropped,
}

impl From<Result<Result<Payload, Fault>, Box<dyn Any + Send>>> for Outcome {
    fn from(called: Result<Result<Payload, Fault>, Box<dyn Any + Send>>) -> Self {
        match called {
            Ok(Ok(result)) => Self::Done(result),
            Ok(Err(fault)) => Self::Fault(fault),
            Err(panic) => Self::Fault(Fault::Panicked(panic_words(&*panic))),
        }
    }
}

/// What the store is told of an attempt. Nothing: the attempt is lost, or has ended within a
/// transaction.
pub(super) fn of(
    shared: &Shared,
    job: &JobRecord,
    attempt: &Attempt,
    outcome: Outcome,
) -> Option<Ending> {
    let halted = attempt.halted();
    match (halted, outcome) {
        (Halt::Lost, _) => None,
        (_, Outcome::Done(_)) if attempt.ended_within() => None,
        (_, Outcome::Done(result)) => Some(complete(shared, result)),
        (_, Outcome::Fault(Fault::Undecodable(reason))) => {
            Some(fail(FailureCause::Undecodable, reason))
        }
        (_, Outcome::Fault(Fault::Job(JobError::Snooze(after)))) => Some(Ending::Snooze {
            after,
            reason: None,
        }),
        (_, Outcome::Fault(Fault::Job(JobError::AwaitChildren))) => Some(Ending::AwaitChildren),
        (Halt::Stopping, _) => Some(Ending::Release),
        (Halt::Cancelled, _) => Some(cancelled()),
        (Halt::TimedOut, _) => {
            let bound = job.options.timeout.unwrap_or(shared.settings.timeout);
            let reason = format!("the attempt took longer than {bound:?}");
            Some(again(shared, job, failure(FailureCause::Timeout, reason)))
        }
        (Halt::None, Outcome::Fault(fault)) => Some(failed(shared, job, fault)),
        (Halt::None, Outcome::Dropped) => Some(Ending::Release),
    }
}

fn complete(shared: &Shared, result: Payload) -> Ending {
    let (size, max) = (result.as_str().len(), shared.result_bytes_max());
    if size <= max {
        return Ending::Complete(result);
    }
    let reason = format!("the result of {size} bytes is over the bound of {max}");
    fail(FailureCause::Unrecoverable, reason)
}

fn failed(shared: &Shared, job: &JobRecord, fault: Fault) -> Ending {
    match fault {
        Fault::Job(JobError::Failed(why)) => {
            again(shared, job, failure(FailureCause::Error, chain(&*why)))
        }
        Fault::Panicked(words) => {
            let reason = format!("panicked: {words}");
            again(shared, job, failure(FailureCause::Error, reason))
        }
        Fault::Job(JobError::Unrecoverable(why)) => fail(FailureCause::Unrecoverable, chain(&*why)),
        Fault::Job(JobError::Cancelled) => cancelled(),
        Fault::Job(JobError::Snooze(after)) => Ending::Snooze {
            after,
            reason: None,
        },
        Fault::Job(JobError::AwaitChildren) => Ending::AwaitChildren,
        Fault::Undecodable(reason) => fail(FailureCause::Undecodable, reason),
    }
}

/// Another attempt, if there is one left.
fn again(shared: &Shared, job: &JobRecord, failure: Failure) -> Ending {
    let made = job.attempts_made + 1;
    if made >= job.options.attempts {
        return Ending::Fail(failure);
    }
    let after = backoff::wait(shared, job, made, &failure);
    Ending::Retry { failure, after }
}

fn cancelled() -> Ending {
    fail(FailureCause::Cancelled, "cancelled while it ran".to_owned())
}

fn fail(cause: FailureCause, reason: String) -> Ending {
    Ending::Fail(failure(cause, reason))
}

fn failure(cause: FailureCause, reason: String) -> Failure {
    Failure {
        cause,
        reason: cut(reason),
    }
}
