//! What a program says to its queues: adds jobs, looks at them, operates them.
//!
//! Thin over [`Store`]: names and options are checked here, payloads are written and bounded here,
//! and everything else is the store's.

use std::{fmt, sync::Arc};

use crate::{
    Job, Payload, QueueError, Store,
    job::{JobOptions, check_queue},
    local::Local,
    store::{NewJob, QueueSummary},
};

mod add;
mod added;
mod bulk;
mod config;
mod look;
mod operate;
mod prepare;
mod schedules;
mod setters;
mod wait;

pub use add::Add;
pub use added::AddedJob;
pub use config::{DELAY_MAX, PAYLOAD_BYTES_MAX, QueueConfig};
pub use schedules::{Schedules, UpsertSchedule};

pub(crate) use prepare::{Draft, read_payload};
pub(crate) use setters::job_option_setters;

/// All queues of one store. Cheap to clone.
#[derive(Clone)]
pub struct Queues(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) config: QueueConfig,
}

/// One queue. Cheap to clone.
///
/// # Examples
///
/// ```no_run
/// # use std::{sync::Arc, time::Duration};
/// # use purlin_queue::{Job, Queue, QueueError, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize)]
/// struct Welcome {
///     to: String,
/// }
///
/// impl Job for Welcome {
///     const NAME: &'static str = "welcome";
///     const QUEUE: &'static str = "mails";
///     type Output = ();
/// }
///
/// # async fn example(store: Arc<dyn Store>) -> Result<(), QueueError> {
/// let mails = Queue::new(store, "mails")?;
/// let added = mails
///     .add(Welcome { to: "ada@example.org".to_owned() })
///     .delay(Duration::from_secs(60))
///     .attempts(5)
///     .await?;
/// assert!(added.is_new);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Queue {
    queues: Queues,
    name: Arc<str>,
    /// Shared with the workers of the queue in this process.
    local: Arc<Local>,
}

impl Queues {
    /// The queues of `store`, with [`QueueConfig::default`].
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with_config(store, QueueConfig::default())
    }

    /// The queues of `store`.
    pub fn with_config(store: Arc<dyn Store>, config: QueueConfig) -> Self {
        Self(Arc::new(Shared { store, config }))
    }

    /// The queue `name`. It need not exist: it does as soon as it has a job.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`].
    pub fn queue(&self, name: impl AsRef<str>) -> Result<Queue, QueueError> {
        check_queue(name.as_ref())?;
        Ok(self.checked(name.as_ref()))
    }

    /// The queue that jobs of this type go to.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`] if the type names none.
    pub fn of<J: Job>(&self) -> Result<Queue, QueueError> {
        self.queue(J::QUEUE)
    }

    /// Adds a job to the queue of its type. See [`Queue::add`].
    pub fn add<J: Job>(&self, job: J) -> Add<J> {
        Add::new(self.clone(), J::QUEUE.into(), job)
    }

    /// Every queue that there is, by name.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn list(&self) -> Result<Vec<QueueSummary>, QueueError> {
        self.store().queues().await
    }

    /// Pauses every queue that there is; how many.
    ///
    /// # Errors
    ///
    /// Those of the store; some queues may be paused then.
    pub async fn pause_all(&self) -> Result<usize, QueueError> {
        let all = self.list().await?;
        for queue in &all {
            self.checked(&queue.name).pause().await?;
        }
        Ok(all.len())
    }

    /// Resumes every queue that there is; how many.
    ///
    /// # Errors
    ///
    /// Those of the store; some queues may be resumed then.
    pub async fn resume_all(&self) -> Result<usize, QueueError> {
        let all = self.list().await?;
        for queue in &all {
            self.checked(&queue.name).resume().await?;
        }
        Ok(all.len())
    }

    /// The store behind them.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The settings.
    pub fn config(&self) -> &QueueConfig {
        &self.0.config
    }

    fn checked(&self, name: &str) -> Queue {
        Queue {
            local: Local::of(&self.0.store, name),
            queues: self.clone(),
            name: name.into(),
        }
    }
}

impl Queue {
    /// The queue `name` of `store`, with [`QueueConfig::default`]. It need not exist: it does as
    /// soon as it has a job.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`].
    pub fn new(store: Arc<dyn Store>, name: impl AsRef<str>) -> Result<Self, QueueError> {
        Queues::new(store).queue(name)
    }

    /// The queue's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All queues of the same store.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The store behind it.
    pub fn store(&self) -> &Arc<dyn Store> {
        self.queues.store()
    }

    /// Adds a job to this queue, whatever the queue of its type. Set options on the answer, then
    /// `.await` it, or put it into a transaction by [`Add::within`].
    pub fn add<J: Job>(&self, job: J) -> Add<J> {
        Add::new(self.queues.clone(), Arc::clone(&self.name), job)
    }

    /// Adds a job whose type is not known here: its name, its payload as JSON, its options.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`], [`QueueError::Option`], [`QueueError::TooLarge`], and those of the
    /// store.
    pub async fn add_raw(
        &self,
        name: &str,
        data: Payload,
        options: JobOptions,
    ) -> Result<AddedJob<()>, QueueError> {
        let new = self.draft(name, 1, data, options)?;
        let mut added = self.queues.add_prepared(vec![new]).await?;
        Ok(AddedJob::new(self.clone(), added.remove(0)))
    }

    pub(crate) fn draft(
        &self,
        name: &str,
        version: u32,
        data: Payload,
        options: JobOptions,
    ) -> Result<NewJob, QueueError> {
        let queue = self.name().to_owned();
        let draft = Draft {
            queue,
            name: name.to_owned(),
            version,
            data,
            options,
        };
        draft.prepare(&self.queues)
    }

    pub(crate) fn local(&self) -> &Arc<Local> {
        &self.local
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = self.store().engine();
        f.debug_struct("Queues")
            .field("engine", &engine)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("name", &self.name)
            .field("engine", &self.store().engine())
            .finish_non_exhaustive()
    }
}
