//! Processors that belong together, as `#[processor]` finds them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{Job, Processor, WorkerBuilder};

/// Something whose methods process jobs. `#[processor]` writes this:
///
/// ```
/// use std::sync::Arc;
/// use purlin_queue::{Job, JobContext, JobError, ProcessorSet, Processors};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Welcome { to: String }
/// # impl Job for Welcome {
/// #     const NAME: &'static str = "welcome";
/// #     const QUEUE: &'static str = "mails";
/// #     type Output = ();
/// # }
///
/// struct Mailer;
///
/// impl Mailer {
///     async fn welcome(&self, job: Welcome, context: JobContext) -> Result<(), JobError> {
///         context.log(format!("to {}", job.to)).await?;
///         Ok(())
///     }
/// }
///
/// impl Processors for Mailer {
///     fn processors(this: Arc<Self>) -> ProcessorSet {
///         ProcessorSet::new().processor::<Welcome, _>(move |job: Welcome, context: JobContext| {
///             let this = Arc::clone(&this);
///             async move { this.welcome(job, context).await }
///         })
///     }
/// }
///
/// let set = Mailer::processors(Arc::new(Mailer));
/// assert_eq!(set.queues().collect::<Vec<_>>(), ["mails"]);
/// ```
pub trait Processors: Send + Sync + 'static {
    /// Its processors.
    fn processors(this: Arc<Self>) -> ProcessorSet;
}

type Apply = Box<dyn FnOnce(WorkerBuilder) -> WorkerBuilder + Send>;

/// Processors of any number of job types, by the queues of those.
#[derive(Default)]
#[must_use = "a set processes nothing until a worker has it"]
pub struct ProcessorSet(BTreeMap<&'static str, Vec<Apply>>);

impl ProcessorSet {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more, for jobs of type `J`.
    pub fn processor<J: Job, P: Processor<J>>(mut self, processor: P) -> Self {
        let apply: Apply = Box::new(|builder| builder.processor::<J, P>(processor));
        self.0.entry(J::QUEUE).or_default().push(apply);
        self
    }

    /// Those of `other` too.
    pub fn and(mut self, other: Self) -> Self {
        for (queue, applies) in other.0 {
            self.0.entry(queue).or_default().extend(applies);
        }
        self
    }

    /// The queues of its job types, by name.
    pub fn queues(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Gives `builder` the processors of one queue, and keeps the others.
    pub fn equip(&mut self, queue: &str, builder: WorkerBuilder) -> WorkerBuilder {
        let applies = self.0.remove(queue).unwrap_or_default();
        applies
            .into_iter()
            .fold(builder, |builder, apply| apply(builder))
    }
}

impl fmt::Debug for ProcessorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.queues()).finish()
    }
}
