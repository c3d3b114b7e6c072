//! Runs one attempt, from the payload to the word that the store is given.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use purlin_base::{Context, context::TraceContext, time::Clock as _, work::Label};
use tracing::Instrument as _;

use super::{
    JobContext,
    attempt::Attempt,
    ending::{self, Outcome},
    handler::{Call, Handler},
    shared::Shared,
};
use crate::{
    JobRecord,
    metrics::{Processed, ProcessedAs},
    store::{ClaimedJob, Ending},
};

/// How soon a job that no processor is for is looked at again, here or elsewhere.
pub(crate) const UNKNOWN_AGAIN: Duration = Duration::from_secs(30);

/// A job that was taken and has not begun.
pub(crate) struct Taken {
    pub(crate) attempt: Arc<Attempt>,
    pub(crate) job: JobRecord,
    /// When it was taken, by the worker's monotonic clock.
    pub(crate) at: Duration,
}

/// An attempt that has ended here, and that the store does not know of yet.
pub(crate) struct Ended {
    pub(crate) attempt: Arc<Attempt>,
    /// What the store is to be told; nothing if the attempt is lost, or has ended within a
    /// transaction.
    pub(crate) ending: Option<Ending>,
    /// How long the processor took.
    pub(crate) took: Duration,
}

impl Shared {
    /// Takes in a job that was claimed when the lease began at `now`, at the earliest.
    pub(crate) fn take(&self, claimed: ClaimedJob, now: Duration) -> Taken {
        let ClaimedJob { lease, job, .. } = claimed;
        let good_until = now + self.settings.lease;
        let attempt = Arc::new(Attempt::new(self.next_slot(), lease, good_until));
        self.attempts.insert(&attempt);
        Taken {
            attempt,
            job,
            at: now,
        }
    }
}

/// Runs one attempt to its end. Never panics, whatever the processor does.
pub(crate) async fn run(shared: Arc<Shared>, taken: Taken) -> Ended {
    let Taken { attempt, job, .. } = taken;
    if attempt.token.is_cancelled() {
        // It was told to stop while it waited for a free place.
        return Ended {
            ending: ending::of(&shared, &job, &attempt, Outcome::Dropped),
            attempt,
            took: Duration::ZERO,
        };
    }
    let (handler, label) = match shared.handlers.find(&job) {
        Ok((handler, label)) => (Arc::clone(handler), label),
        Err(reason) => {
            let queue = shared.queue();
            tracing::warn!(
                queue,
                job = job.id,
                reason,
                "a job is left for another worker"
            );
            return Ended {
                attempt,
                ending: Some(Ending::Snooze {
                    after: UNKNOWN_AGAIN,
                    reason: Some(reason),
                }),
                took: Duration::ZERO,
            };
        }
    };
    shared.running.fetch_add(1, Relaxed);
    let ended = run_by(&shared, attempt, job, handler, label).await;
    shared.running.fetch_sub(1, Relaxed);
    ended
}

/// As [`run`], by a handler that is known.
pub(crate) async fn run_by(
    shared: &Arc<Shared>,
    attempt: Arc<Attempt>,
    job: JobRecord,
    handler: Arc<dyn Handler>,
    label: Label,
) -> Ended {
    let bound = job.options.timeout.unwrap_or(shared.settings.timeout);
    let deadline = Instant::now() + bound;
    let trace = trace(shared, &job);
    let span = span(&job, &trace);
    let around = Context::builder()
        .request_id(&job.id)
        .trace(trace)
        .deadline(deadline)
        .outlives_caller(true)
        .build();
    let context = JobContext::new(Arc::clone(shared), Arc::clone(&attempt), job, deadline);
    let call = Call {
        context: context.clone(),
    };
    let began = shared.clock.monotonic();
    let work = async move { handler.handle(call).await };
    let work = AssertUnwindSafe(work).catch_unwind();
    let work = around.scope(label.scope(work.instrument(span)));
    let outcome = watch(shared, &attempt, bound, work).await;
    let took = shared.clock.monotonic().saturating_sub(began);
    let ending = ending::of(shared, context.record(), &attempt, outcome);
    observe(shared, context.record(), &attempt, ending.as_ref(), took);
    Ended {
        attempt,
        ending,
        took,
    }
}

/// Runs `work`, and drops it if it goes on for longer than the grace after it was told to stop.
async fn watch(
    shared: &Shared,
    attempt: &Attempt,
    bound: Duration,
    work: impl Future<
        Output = Result<Result<crate::Payload, super::handler::Fault>, Box<dyn Any + Send>>,
    >,
) -> Outcome {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return done.into(),
        () = attempt.token.cancelled() => {}
        () = shared.clock.sleep(bound) => attempt.halt(super::attempt::Halt::TimedOut),
    }
    tokio::select! {
        biased;
        done = &mut work => done.into(),
        () = shared.clock.sleep(shared.settings.grace) => Outcome::Dropped,
    }
}

fn trace(shared: &Shared, job: &JobRecord) -> TraceContext {
    let above = job.traceparent.as_deref().and_then(TraceContext::parse);
    match above {
        Some(above) => above.child(&*shared.rng),
        None => TraceContext::start(&*shared.rng),
    }
}

/// OpenTelemetry's names for messaging.
fn span(job: &JobRecord, trace: &TraceContext) -> tracing::Span {
    tracing::info_span!(
        "process",
        messaging.system = "purlin",
        messaging.operation.r#type = "process",
        messaging.destination.name = job.queue,
        messaging.message.id = job.id,
        job.name = job.name,
        job.attempt = job.attempts_made + 1,
        trace_id = %trace.trace_id(),
        parent = job.traceparent.as_deref().unwrap_or_default(),
    )
}

fn observe(
    shared: &Shared,
    job: &JobRecord,
    attempt: &Attempt,
    ending: Option<&Ending>,
    took: Duration,
) {
    let Some(observer) = &shared.observer else {
        return;
    };
    let outcome = match ending {
        Some(Ending::Complete(_)) => ProcessedAs::Completed,
        None if attempt.ended_within() => ProcessedAs::Completed,
        Some(Ending::Retry { .. }) => ProcessedAs::Retried,
        Some(Ending::Fail(_)) => ProcessedAs::Failed,
        Some(Ending::Snooze { .. } | Ending::Release | Ending::AwaitChildren) => {
            ProcessedAs::Postponed
        }
        None => ProcessedAs::Lost,
    };
    observer.processed(&Processed {
        queue: &job.queue,
        name: &job.name,
        outcome,
        took,
    });
}

/// What a panic said.
pub(super) fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    words.unwrap_or("(no message)").to_owned()
}
