//! Gathers jobs for a processor that does several in one call.

use std::{
    marker::PhantomData,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use purlin_base::BoxFuture;
use tokio::sync::oneshot;

use super::{
    BatchProcessor, BatchedJob, JobContext, JobError,
    handler::{Call, Fault, Handler, write_output},
    run::panic_words,
};
use crate::{Job, Payload};

/// A [`BatchProcessor`], and the jobs that wait for the next call of it.
pub(super) struct Batched<J: Job, P>(Arc<Gatherer<J, P>>);

struct Gatherer<J: Job, P> {
    processor: P,
    max: usize,
    wait: Duration,
    gathered: Mutex<Gathered<J>>,
    of: PhantomData<fn() -> J>,
}

struct Gathered<J: Job> {
    jobs: Vec<Waiting<J>>,
    /// Counts the batches, so that a timer knows whether its own is still being gathered.
    round: u64,
}

struct Waiting<J: Job> {
    job: J,
    context: JobContext,
    answer: oneshot::Sender<Result<Payload, Fault>>,
}

impl<J: Job, P: BatchProcessor<J>> Batched<J, P> {
    pub(super) fn new(processor: P, max: usize, wait: Duration) -> Self {
        Self(Arc::new(Gatherer {
            processor,
            max,
            wait,
            gathered: Mutex::new(Gathered {
                jobs: Vec::new(),
                round: 0,
            }),
            of: PhantomData,
        }))
    }
}

impl<J: Job, P: BatchProcessor<J>> Handler for Batched<J, P> {
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let gatherer = Arc::clone(&self.0);
        Box::pin(async move {
            let job: J = call.decode()?;
            let (answer, answered) = oneshot::channel();
            gatherer.add(Waiting {
                job,
                context: call.context,
                answer,
            });
            let gone = || {
                Err(Fault::Panicked(
                    "the batch ended without an answer".to_owned(),
                ))
            };
            answered.await.unwrap_or_else(|_| gone())
        })
    }
}

impl<J: Job, P: BatchProcessor<J>> Gatherer<J, P> {
    /// The first of a batch begins its timer; the last one begins the call.
    fn add(self: &Arc<Self>, waiting: Waiting<J>) {
        let mut gathered = self.lock();
        gathered.jobs.push(waiting);
        if gathered.jobs.len() >= self.max {
            let jobs = gathered.take();
            drop(gathered);
            purlin_runtime::spawn(Arc::clone(self).run(jobs));
        } else if gathered.jobs.len() == 1 {
            let round = gathered.round;
            let clock = gathered.jobs[0].context.clock();
            drop(gathered);
            let this = Arc::clone(self);
            purlin_runtime::spawn(async move {
                clock.sleep(this.wait).await;
                let jobs = this.lock().take_round(round);
                this.run(jobs).await;
            });
        }
    }

    async fn run(self: Arc<Self>, waiting: Vec<Waiting<J>>) {
        let mut jobs = Vec::with_capacity(waiting.len());
        let mut answers = Vec::with_capacity(waiting.len());
        for Waiting {
            job,
            context,
            answer,
        } in waiting
        {
            // One that was cancelled while it waited is not begun.
            if !answer.is_closed() {
                jobs.push(BatchedJob { job, context });
                answers.push(answer);
            }
        }
        if jobs.is_empty() {
            return;
        }
        let call = AssertUnwindSafe(async { self.processor.process(jobs).await });
        let outcomes = outcomes::<J>(call.catch_unwind().await, answers.len());
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            let _ = answer.send(outcome); // It may have been cancelled.
        }
    }

    fn lock(&self) -> MutexGuard<'_, Gathered<J>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J: Job> Gathered<J> {
    fn take(&mut self) -> Vec<Waiting<J>> {
        self.round += 1;
        std::mem::take(&mut self.jobs)
    }

    fn take_round(&mut self, round: u64) -> Vec<Waiting<J>> {
        match self.round == round {
            true => self.take(),
            false => Vec::new(),
        }
    }
}

type Called<J> = Result<
    Result<Vec<Result<<J as Job>::Output, JobError>>, JobError>,
    Box<dyn std::any::Any + Send>,
>;

/// One outcome for each of `count` jobs.
fn outcomes<J: Job>(called: Called<J>, count: usize) -> Vec<Result<Payload, Fault>> {
    let all = |fault: &dyn Fn() -> Fault| (0..count).map(|_| Err(fault())).collect();
    match called {
        Ok(Ok(outcomes)) if outcomes.len() == count => {
            outcomes.into_iter().map(write_output::<J>).collect()
        }
        Ok(Ok(outcomes)) => {
            let words = format!("the batch of {count} jobs had {} answers", outcomes.len());
            all(&|| Fault::Job(JobError::failed(words.clone())))
        }
        Ok(Err(error)) => all(&|| Fault::Job(same(&error))),
        Err(panic) => {
            let words = panic_words(&*panic);
            all(&|| Fault::Panicked(words.clone()))
        }
    }
}

/// The same error once more, in its words.
fn same(error: &JobError) -> JobError {
    match error {
        JobError::Failed(_) => JobError::failed(error.to_string()),
        JobError::Unrecoverable(_) => JobError::unrecoverable(error.to_string()),
        JobError::Snooze(wait) => JobError::Snooze(*wait),
        JobError::AwaitChildren => JobError::AwaitChildren,
        JobError::Cancelled => JobError::Cancelled,
    }
}
