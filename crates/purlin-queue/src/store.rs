//! The contract of an engine.
//!
//! A store keeps jobs and answers commands; everything that runs, waits and renews is above it.
//! What it must do is the table of [`crate::state`] and the words below; the in-memory model does
//! it in the plainest way, and one suite holds every engine to the model. A case never names an
//! engine: what an engine cannot do it leaves out of its [`Capabilities`], and asking for it is
//! refused, never emulated.
//!
//! Time is the store's: the database's clock in production. Every method is bounded: no call
//! touches more rows than its request says.

use std::time::Duration;

use purlin_base::{BoxFuture, Timestamp};
use purlin_sql::Tx;

use crate::{QueueError, job::JobRecord};

mod add;
mod capabilities;
mod look;
mod operate;
mod schedule;
mod work;

pub use add::{Added, NewJob, OnChildFailure};
pub use capabilities::{Capabilities, Capability};
pub use look::{
    Child, ChildOutcome, Counts, Event, EventKind, JobsQuery, LogPage, MinuteCount, QueueSummary,
    Worker,
};
pub use operate::{Change, Control, Limits, Rate, Retention};
pub use schedule::{Misfire, Overlap, Repeat, Schedule, ScheduleState};
pub use work::{
    Annotation, Claim, ClaimedJob, Ending, Finish, Finished, Lease, Renewal, Turn, Turned,
};

/// An engine that keeps jobs.
///
/// # Cancel safety
///
/// A future that is dropped may have done its work or not, as a whole.
pub trait Store: Send + Sync + 'static {
    /// `memory`, `sqlite`, `postgres` or `redis`.
    fn engine(&self) -> &'static str;

    /// What it offers beyond adding, claiming and finishing.
    fn capabilities(&self) -> Capabilities;

    /// Adds jobs, all or none, in their order; one that is a duplicate by its id or its
    /// deduplication key is not added, and its answer names the job that is there. Parents named
    /// by [`NewJob::parents`] must be among `jobs`, or be `active` or `waiting-children`: a job
    /// that runs may add children of its own and then wait for them.
    ///
    /// A child that was there already, by its id or its key, becomes a child all the same: one that
    /// has ended counts at once. A parent that is left without an unfinished child is ready.
    ///
    /// # Errors
    ///
    /// [`QueueError::Flow`] for a cycle, a parent that is not there, or a job of a flow that is
    /// twice in `jobs`.
    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, Result<Vec<Added>, QueueError>>;

    /// Ends attempts and takes jobs, in one commit where the engine can: what is finished frees its
    /// place under the limits before anything is claimed.
    fn turn(&self, turn: Turn) -> BoxFuture<'_, Result<Turned, QueueError>>;

    /// Extends leases to `lease` from now. Goes before everything else that waits.
    fn renew(
        &self,
        leases: Vec<Lease>,
        lease: Duration,
    ) -> BoxFuture<'_, Result<Vec<Renewal>, QueueError>>;

    /// Notes something about a running attempt.
    ///
    /// # Errors
    ///
    /// [`QueueError::LeaseLost`].
    fn annotate(&self, lease: Lease, what: Annotation) -> BoxFuture<'_, Result<(), QueueError>>;

    /// The results of a job's steps, by their names.
    fn steps(
        &self,
        lease: Lease,
    ) -> BoxFuture<'_, Result<Vec<(String, crate::Payload)>, QueueError>>;

    /// What time brings to `queue`: jobs that are due become ready, expired leases are reaped, due
    /// ticks of schedules are added, retention is applied; each at most `max` at a time. Any
    /// number of processes may do it at once.
    fn upkeep(&self, queue: &str, max: u32) -> BoxFuture<'_, Result<Upkeep, QueueError>>;

    /// Ends when there may be something to claim in `queue`, or a delayed job or a schedule was
    /// added, so that the next upkeep may be nearer: a hint, never the truth. What happens after the
    /// call counts, though the future is polled later. `None`: this store has no hints.
    fn woken(&self, queue: &str) -> Option<BoxFuture<'static, ()>>;

    /// Adds or replaces a schedule; the time of its next tick. The ticks made so far still count,
    /// and one that repeats as before keeps a tick that is due: see
    /// [`replaced`](crate::schedule::replaced).
    ///
    /// # Errors
    ///
    /// [`QueueError::Schedule`] for a pattern that is none or that names no moment to come.
    fn upsert_schedule(&self, schedule: Schedule) -> BoxFuture<'_, Result<Timestamp, QueueError>>;

    /// Removes a schedule, and the job of its last tick if that is ready or delayed; whether it was
    /// there.
    fn remove_schedule(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<bool, QueueError>>;

    /// The schedules of a queue, by id.
    fn schedules(&self, queue: &str) -> BoxFuture<'_, Result<Vec<ScheduleState>, QueueError>>;

    /// Does something to a whole queue; how many jobs it touched. A bulk command touches at most
    /// its `max` and is to be called again while it answers `max`.
    fn control(&self, queue: &str, control: Control) -> BoxFuture<'_, Result<u64, QueueError>>;

    /// Does something to one job.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`].
    fn change(
        &self,
        queue: &str,
        id: &str,
        change: Change,
    ) -> BoxFuture<'_, Result<(), QueueError>>;

    /// A job.
    fn job(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Option<JobRecord>, QueueError>>;

    /// Jobs of a queue: those that are ready in the order they would be claimed, then delayed ones by
    /// their moment, active ones and those that wait for children by their age, then finished ones,
    /// the newest first.
    fn jobs(&self, query: JobsQuery) -> BoxFuture<'_, Result<Vec<JobRecord>, QueueError>>;

    /// How many jobs are in each state.
    fn counts(&self, queue: &str) -> BoxFuture<'_, Result<Counts, QueueError>>;

    /// Lines of a job's log, oldest first.
    fn logs(
        &self,
        queue: &str,
        id: &str,
        from: u64,
        max: u32,
    ) -> BoxFuture<'_, Result<LogPage, QueueError>>;

    /// The children of a job and what became of them, by queue and id.
    fn children(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Vec<Child>, QueueError>>;

    /// Every queue there is, by name.
    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueSummary>, QueueError>>;

    /// Says that a worker is there, and is to be taken for gone at `until`.
    fn beat(&self, worker: Worker, until: Duration) -> BoxFuture<'_, Result<(), QueueError>>;

    /// Says that a worker is gone.
    fn leave(&self, queue: &str, worker: &str) -> BoxFuture<'_, Result<(), QueueError>>;

    /// The workers of a queue that are there.
    fn workers(&self, queue: &str) -> BoxFuture<'_, Result<Vec<Worker>, QueueError>>;

    /// Events of a queue after `after` (`None`: only those to come), oldest first, with the mark to
    /// go on from. Old events are dropped: a reader that is too late misses them.
    fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> BoxFuture<'_, Result<(Vec<Event>, String), QueueError>>;

    /// Jobs completed and failed in each of the last `minutes` minutes (at most 1440), this one and
    /// those without a job too, oldest first.
    fn rates(
        &self,
        queue: &str,
        minutes: u32,
    ) -> BoxFuture<'_, Result<Vec<MinuteCount>, QueueError>>;

    /// The store's time.
    fn now(&self) -> BoxFuture<'_, Result<Timestamp, QueueError>>;

    /// The way into the caller's transaction, where jobs live in a database of ours.
    fn transactional(&self) -> Option<&dyn Transactional> {
        None
    }
}

/// What a store can do inside the caller's transaction.
pub trait Transactional: Send + Sync {
    /// [`Store::add`] as a part of `tx`: the jobs are there if and only if it commits.
    fn add_within<'a>(
        &'a self,
        tx: &'a mut Tx,
        jobs: Vec<NewJob>,
    ) -> BoxFuture<'a, Result<Vec<Added>, QueueError>>;

    /// Ends an attempt as a part of `tx`: the effect and the completion commit together.
    ///
    /// # Errors
    ///
    /// [`QueueError::LeaseLost`]: return it, so that the transaction is rolled back.
    fn finish_within<'a>(
        &'a self,
        tx: &'a mut Tx,
        finish: Finish,
    ) -> BoxFuture<'a, Result<Finished, QueueError>>;
}

/// What [`Store::upkeep`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Delayed jobs that became ready.
    pub promoted: u32,
    /// Attempts whose lease had run out.
    pub reaped: u32,
    /// Ticks of schedules that were added.
    pub ticks: u32,
    /// Finished jobs that were dropped.
    pub dropped: u32,
    /// When time brings something next, from now; `None`: nothing is known to come.
    pub next: Option<Duration>,
}
