//! Processors of any type behind one pointer, and which of them a job goes to.

use std::{collections::HashMap, marker::PhantomData, sync::Arc};

use purlin_base::{BoxFuture, work::Label};
use purlin_runtime::CpuPool;

use super::{JobContext, JobError, Processor, RawJob, RawProcessor, error::chain};
use crate::{Job, JobRecord, Payload, queue::read_payload};

/// One call of a processor.
pub(crate) struct Call {
    pub(crate) context: JobContext,
}

impl Call {
    /// The payload as a `J`.
    pub(super) fn decode<J: Job>(&self) -> Result<J, Fault> {
        let job = self.context.record();
        let cipher = self.context.cipher();
        read_payload(cipher, &job.queue, &job.name, &job.data).map_err(Fault::Undecodable)
    }

    fn open(&self) -> Result<Payload, Fault> {
        let job = self.context.record();
        let cipher = self.context.cipher();
        let opened = crate::crypt::open(cipher, &job.queue, &job.name, &job.data);
        opened.map_err(Fault::Undecodable)
    }
}

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The payload cannot be read.
    Undecodable(String),
    /// The processor panicked, with these words.
    Panicked(String),
    /// The processor said so.
    Job(JobError),
}

/// A processor whose types are forgotten.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>>;
}

/// The processors of a worker.
#[derive(Default)]
pub(crate) struct Handlers {
    by_name: HashMap<String, Registered>,
    fallback: Option<Arc<dyn Handler>>,
}

struct Registered {
    /// The newest form of the payload that it knows.
    version: u32,
    label: Label,
    handler: Arc<dyn Handler>,
}

impl Handlers {
    /// `false` if the name has a processor already.
    pub(super) fn insert(&mut self, name: &str, version: u32, handler: Arc<dyn Handler>) -> bool {
        let registered = Registered {
            version,
            label: Label::job(name),
            handler,
        };
        self.by_name.insert(name.to_owned(), registered).is_none()
    }

    pub(super) fn set_fallback(&mut self, handler: Arc<dyn Handler>) {
        self.fallback = Some(handler);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.fallback.is_none()
    }

    /// The processor of a job and what its work is called, or why there is none, for people.
    pub(super) fn find(&self, job: &JobRecord) -> Result<(&Arc<dyn Handler>, Label), String> {
        match (self.by_name.get(&job.name), &self.fallback) {
            (Some(known), _) if job.version <= known.version => Ok((&known.handler, known.label)),
            (_, Some(fallback)) => Ok((fallback, Label::job("fallback"))),
            (Some(known), None) => Err(format!(
                "version {} of {:?} is newer than version {}, which the worker knows",
                job.version, job.name, known.version
            )),
            (None, None) => Err(format!("the worker has no processor of {:?}", job.name)),
        }
    }
}

/// A [`Processor`].
pub(super) struct Typed<J, P> {
    processor: Arc<P>,
    of: PhantomData<fn() -> J>,
}

impl<J, P> Typed<J, P> {
    pub(super) fn new(processor: P) -> Self {
        Self {
            processor: Arc::new(processor),
            of: PhantomData,
        }
    }
}

impl<J: Job, P: Processor<J>> Handler for Typed<J, P> {
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let processor = Arc::clone(&self.processor);
        Box::pin(async move {
            let job: J = call.decode()?;
            let output = processor.process(job, call.context).await;
            write_output::<J>(output)
        })
    }
}

/// A [`RawProcessor`].
pub(super) struct Raw<P>(Arc<P>);

impl<P> Raw<P> {
    pub(super) fn new(processor: P) -> Self {
        Self(Arc::new(processor))
    }
}

impl<P: RawProcessor> Handler for Raw<P> {
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let processor = Arc::clone(&self.0);
        Box::pin(async move {
            let job = RawJob {
                name: call.context.name().to_owned(),
                version: call.context.record().version,
                data: call.open()?,
            };
            let outcome = processor.process(job, call.context).await;
            outcome.map_err(Fault::Job)
        })
    }
}

/// A function that computes, on a pool.
pub(super) struct OnPool<J, F> {
    pool: CpuPool,
    work: Arc<F>,
    of: PhantomData<fn() -> J>,
}

impl<J, F> OnPool<J, F> {
    pub(super) fn new(pool: CpuPool, work: F) -> Self {
        Self {
            pool,
            work: Arc::new(work),
            of: PhantomData,
        }
    }
}

impl<J, F> Handler for OnPool<J, F>
where
    J: Job,
    F: Fn(J, &JobContext) -> Result<J::Output, JobError> + Send + Sync + 'static,
{
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let (pool, work) = (self.pool.clone(), Arc::clone(&self.work));
        Box::pin(async move {
            let run = pool.run(J::NAME, move || {
                let job: J = call.decode()?;
                write_output::<J>(work(job, &call.context))
            });
            match run.await {
                Ok(outcome) => outcome,
                Err(purlin_runtime::CpuError::Panicked { message, .. }) => {
                    Err(Fault::Panicked(message))
                }
                Err(error) => Err(Fault::Job(error.into())),
            }
        })
    }
}

pub(super) fn write_output<J: Job>(output: Result<J::Output, JobError>) -> Result<Payload, Fault> {
    let output = output.map_err(Fault::Job)?;
    Payload::of(&output).map_err(|error| {
        let words = format!("the result has no form in JSON: {}", chain(&error));
        Fault::Job(JobError::unrecoverable(words))
    })
}
