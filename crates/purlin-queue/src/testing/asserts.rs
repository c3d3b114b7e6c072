//! What was added, and assertions about it.

use futures_util::FutureExt as _;

use super::TestQueues;
use crate::{Job, JobRecord, State, queue::read_payload, store::JobsQuery};

/// The states of a job that has not begun.
const NOT_BEGUN: [State; 4] = [
    State::Waiting,
    State::Prioritized,
    State::Delayed,
    State::WaitingChildren,
];

impl TestQueues {
    /// The jobs of this type that have not begun, in every queue that there is; at most 1000 a queue.
    ///
    /// # Panics
    ///
    /// If a payload of that name is not of the type.
    pub fn enqueued<J: Job>(&self) -> Vec<J> {
        let config = self.queues().config();
        let records = self.enqueued_records(Some(J::NAME));
        let read = records.iter().map(|job| {
            let read = read_payload(config.cipher.as_ref(), &job.queue, &job.name, &job.data);
            read.unwrap_or_else(|reason| panic!("job {} cannot be read: {reason}", job.id))
        });
        read.collect()
    }

    /// What the store tells of the jobs that have not begun, of this name or of any.
    pub fn enqueued_records(&self, name: Option<&str>) -> Vec<JobRecord> {
        let store = self.queues().store();
        let queues = store.queues().now_or_never();
        let queues = queues.and_then(Result::ok).unwrap_or_default();
        let jobs = |queue: String| {
            let query = JobsQuery {
                queue,
                states: NOT_BEGUN.to_vec(),
                tag: None,
                name: name.map(str::to_owned),
                offset: 0,
                max: 1000,
            };
            let jobs = store.jobs(query).now_or_never();
            jobs.and_then(Result::ok).unwrap_or_default()
        };
        queues.into_iter().flat_map(|it| jobs(it.name)).collect()
    }

    /// The jobs that have not begun, one a line, for messages.
    #[doc(hidden)]
    pub fn describe(&self) -> String {
        let records = self.enqueued_records(None);
        if records.is_empty() {
            return "  nothing".to_owned();
        }
        let line = |job: &JobRecord| {
            let (queue, name, data) = (&job.queue, &job.name, job.data.as_str());
            format!("  {queue}: {name} {data} ({})", job.state)
        };
        records.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Asserts that a job was added to [`TestQueues`](crate::testing::TestQueues) and has not begun:
/// one that equals a value, or one of a type for which something is true.
///
/// ```
/// # use purlin_queue::{Job, assert_enqueued, assert_not_enqueued, testing::TestQueues};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// # struct Welcome { to: String }
/// # impl Job for Welcome {
/// #     const NAME: &'static str = "welcome";
/// #     const QUEUE: &'static str = "mails";
/// #     type Output = ();
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), purlin_queue::QueueError> {
/// let test = TestQueues::fake();
/// test.queues().add(Welcome { to: "ada".to_owned() }).await?;
/// assert_enqueued!(test, Welcome { to: "ada".to_owned() });
/// assert_enqueued!(test, Welcome, |it| it.to.len() == 3);
/// assert_not_enqueued!(test, Welcome, |it| it.to == "eve");
/// # Ok(()) }
/// ```
///
/// # Panics
///
/// If there is none; the message lists what there is.
#[macro_export]
macro_rules! assert_enqueued {
    ($queues:expr, $job:expr $(,)?) => {{
        let (queues, wanted) = (&$queues, $job);
        let found = $crate::testing::TestQueues::enqueued(queues);
        assert!(
            found.contains(&wanted),
            "{} was not added; there is\n{}",
            stringify!($job),
            queues.describe(),
        );
    }};
    ($queues:expr, $job:ty, $is_it:expr $(,)?) => {{
        let queues = &$queues;
        let is_it: fn(&$job) -> bool = $is_it;
        assert!(
            queues.enqueued::<$job>().iter().any(is_it),
            "no {} for which {} was added; there is\n{}",
            stringify!($job),
            stringify!($is_it),
            queues.describe(),
        );
    }};
}

/// Asserts the opposite of [`assert_enqueued!`].
///
/// # Panics
///
/// If there is one; the message lists what there is.
#[macro_export]
macro_rules! assert_not_enqueued {
    ($queues:expr, $job:ty, $is_it:expr $(,)?) => {{
        let queues = &$queues;
        let is_it: fn(&$job) -> bool = $is_it;
        assert!(
            !queues.enqueued::<$job>().iter().any(is_it),
            "a {} for which {} was added; there is\n{}",
            stringify!($job),
            stringify!($is_it),
            queues.describe(),
        );
    }};
}
