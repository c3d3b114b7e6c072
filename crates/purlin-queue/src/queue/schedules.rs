//! Jobs that come again and again.

use std::{future::IntoFuture, time::Duration};

use purlin_base::{BoxFuture, Timestamp};

use super::{Draft, Queue, job_option_setters, prepare::write_payload};
use crate::{
    Job, JobOptions, QueueError,
    job::check_name,
    store::{Misfire, Overlap, Repeat, Schedule, ScheduleState},
};

/// The schedules of a queue.
#[derive(Clone, Debug)]
pub struct Schedules(Queue);

/// A schedule that is about to be added or replaced: set options, then `.await` it for the moment
/// of its next tick.
#[must_use = "nothing is scheduled until it is awaited"]
#[derive(Debug)]
pub struct UpsertSchedule<J> {
    queue: Queue,
    id: String,
    repeat: Repeat,
    job: J,
    options: JobOptions,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    limit: Option<u64>,
    misfire: Misfire,
    overlap: Overlap,
}

impl Queue {
    /// The schedules of this queue.
    pub fn schedules(&self) -> Schedules {
        Schedules(self.clone())
    }
}

impl Schedules {
    /// Adds the schedule `id`, or replaces it. Any number of processes may do it at every start: a
    /// tick exists once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use purlin_queue::{Job, Queue, QueueError, store::Repeat};
    /// # async fn example<J: Job>(queue: Queue, report: J) -> Result<(), QueueError> {
    /// let every_morning = Repeat::Cron {
    ///     pattern: "0 7 * * *".to_owned(),
    ///     tz: Some("Europe/Berlin".to_owned()),
    /// };
    /// let next = queue.schedules().upsert("report", every_morning, report).attempts(3).await?;
    /// # Ok(()) }
    /// ```
    pub fn upsert<J: Job>(
        &self,
        id: impl Into<String>,
        repeat: Repeat,
        job: J,
    ) -> UpsertSchedule<J> {
        UpsertSchedule {
            queue: self.0.clone(),
            id: id.into(),
            repeat,
            job,
            options: J::options(),
            start: None,
            end: None,
            limit: None,
            misfire: Misfire::default(),
            overlap: Overlap::default(),
        }
    }

    /// Removes a schedule and its tick that waits; whether it was there.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn remove(&self, id: &str) -> Result<bool, QueueError> {
        self.0.store().remove_schedule(self.0.name(), id).await
    }

    /// Every schedule of the queue, by id.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn list(&self) -> Result<Vec<ScheduleState>, QueueError> {
        self.0.store().schedules(self.0.name()).await
    }
}

impl<J: Job> UpsertSchedule<J> {
    job_option_setters!();

    /// The first moment that counts.
    pub fn start(mut self, first: Timestamp) -> Self {
        self.start = Some(first);
        self
    }

    /// The last moment that counts.
    pub fn end(mut self, last: Timestamp) -> Self {
        self.end = Some(last);
        self
    }

    /// Ticks at most.
    pub fn limit(mut self, ticks: u64) -> Self {
        self.limit = Some(ticks);
        self
    }

    /// What becomes of ticks that were missed. Default: one is made for all of them.
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    /// What becomes of a tick while the job of an earlier one has not ended. Default: both run.
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    fn options_mut(&mut self) -> &mut JobOptions {
        &mut self.options
    }

    fn schedule(self) -> Result<(Queue, Schedule), QueueError> {
        check_name("schedule", &self.id)?;
        check_repeat(&self.repeat)?;
        check_own(&self.options)?;
        let draft = Draft {
            queue: self.queue.name().to_owned(),
            name: J::NAME.to_owned(),
            version: J::VERSION,
            data: write_payload(J::NAME, &self.job)?,
            options: self.options,
        };
        let job = draft.prepare(self.queue.queues())?;
        let schedule = Schedule {
            queue: job.queue,
            id: self.id,
            repeat: self.repeat,
            start: self.start,
            end: self.end,
            limit: self.limit,
            misfire: self.misfire,
            overlap: self.overlap,
            name: job.name,
            version: job.version,
            data: job.data,
            options: job.options,
        };
        Ok((self.queue, schedule))
    }
}

impl<J: Job> IntoFuture for UpsertSchedule<J> {
    type Output = Result<Timestamp, QueueError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// Adds or replaces it; the moment of its next tick.
    ///
    /// # Errors
    ///
    /// [`QueueError::Schedule`] for a pattern that is none, or that names no moment to come; those
    /// of adding a job.
    fn into_future(self) -> Self::IntoFuture {
        let made = self.schedule();
        Box::pin(async move {
            let (queue, schedule) = made?;
            queue.store().upsert_schedule(schedule).await
        })
    }
}

/// The moments and the ids of ticks are the schedule's own.
fn check_own(options: &JobOptions) -> Result<(), QueueError> {
    let rule = "ticks have moments and ids of their own";
    if options.id.is_some() {
        return Err(QueueError::Option { option: "id", rule });
    }
    if options.start != crate::job::Start::Now {
        let option = "delay";
        return Err(QueueError::Option { option, rule });
    }
    Ok(())
}

fn check_repeat(repeat: &Repeat) -> Result<(), QueueError> {
    match repeat {
        Repeat::Every(every) if *every < Duration::from_millis(1) => Err(QueueError::Option {
            option: "every",
            rule: "at least a millisecond",
        }),
        _ => Ok(()),
    }
}
