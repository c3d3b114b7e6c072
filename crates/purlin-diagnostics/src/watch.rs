//! Which route, job or task held its thread up, and with which stack.
//!
//! Every poll under a [`Label`] is timed by its own thread. Beside them one thread looks at what
//! the others are doing, a hundred times a second: it is there to take the stack of a poll *while*
//! it blocks, and to tell of one that never ends.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use purlin_base::work::{self, Busy, Label, LongPoll, Watcher, Watching, busy_threads};
use serde::Serialize;

use crate::DiagnosticsError;

mod lookout;
mod sighting;

use sighting::{Sighting, Stack};

/// Watches every poll in the process that runs under a [`Label`], and names those that take too
/// long.
///
/// A poll that takes long is a mistake: work that computes belongs on a
/// [`CpuPool`](purlin_runtime::CpuPool), calls that block on `spawn_blocking`. What was waited for
/// with `.await` does not count. A thread that the operating system did not let run does, so on a
/// machine that is overloaded there are culprits without guilt.
///
/// Dropping the watch ends it.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use purlin_base::work::Label;
/// use purlin_diagnostics::PollWatch;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let watch = PollWatch::start(Duration::from_millis(10))?;
/// let report = async {
///     let began = Instant::now();
///     while began.elapsed() < Duration::from_millis(15) {} // The mistake.
/// };
/// Label::job("report").scope(report).await;
/// let culprits = watch.culprits();
/// assert_eq!(culprits[0].name, "report");
/// assert!(culprits[0].longest >= 0.015);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "dropping it ends the watch"]
pub struct PollWatch {
    book: Arc<Book>,
    watching: Option<Watching>,
    lookout: Option<JoinHandle<()>>,
}

/// What held a thread too long, over all of its polls that did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Culprit {
    /// What kind of work: `route`, `job`, `message`, `task`, `unnamed`.
    pub kind: &'static str,
    /// Its name: `GET /api/v2/books/{id}`.
    pub name: String,
    /// Polls that took too long.
    pub polls: u64,
    /// Seconds that they took together.
    pub total: f64,
    /// Seconds that the longest took.
    pub longest: f64,
    /// The thread that the last one ran on.
    pub thread: String,
    /// What the thread was doing in one of them, innermost first. Needs the feature `stacks`, and a
    /// poll that took twice the limit or so: a shorter one is over before anybody has looked.
    pub stack: Vec<String>,
}

/// A thread that is held up at this moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Blocked {
    /// What kind of work.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Seconds so far.
    pub busy: f64,
    /// The thread.
    pub thread: String,
}

/// What is known of long polls; shared by the threads that poll and the lookout.
struct Book {
    limit: Duration,
    /// A row for each label, which bounds it.
    rows: Mutex<HashMap<Label, Row>>,
    /// The last sighting of each thread.
    sightings: Mutex<HashMap<u64, Sighting>>,
    /// Rung after each long poll; what comes while it is full is logged with the next.
    bell: Mutex<Option<SyncSender<Label>>>,
}

#[derive(Default)]
struct Row {
    polls: u64,
    total: Duration,
    longest: Duration,
    last: Duration,
    thread: Arc<str>,
    stack: Stack,
    logged: Logged,
}

/// What the log has been told of a row.
#[derive(Default)]
struct Logged {
    at: Option<std::time::Instant>,
    polls: u64,
}

impl PollWatch {
    /// How long a poll may take, unless told otherwise. Nothing should take a tenth of it; but a
    /// busy machine takes a thread from its processor for some milliseconds, and that is no fault.
    pub const LIMIT_DEFAULT: Duration = Duration::from_millis(10);

    /// Begins to watch for polls that take `limit` or longer: 1 ms to 1 hour.
    ///
    /// # Errors
    ///
    /// [`DiagnosticsError`] for a limit out of its bounds, or if there is no thread to be had.
    pub fn start(limit: Duration) -> Result<Self, DiagnosticsError> {
        let bounds = Duration::from_millis(1)..=Duration::from_secs(3_600);
        if !bounds.contains(&limit) {
            return Err(DiagnosticsError::Option {
                option: "poll_limit",
                given: format!("{limit:?}"),
                expected: "1 ms to 1 h",
            });
        }
        let (bell, rung) = sync_channel(64);
        let book = Arc::new(Book::new(limit, bell));
        let lookout = lookout::start(Arc::clone(&book), rung);
        Ok(Self {
            lookout: Some(lookout.map_err(DiagnosticsError::Thread)?),
            watching: Some(work::watch(Arc::clone(&book) as _)),
            book,
        })
    }

    /// How long a poll may take.
    pub fn limit(&self) -> Duration {
        self.book.limit
    }

    /// What has held a thread too long so far, what did most first. At most [`Label::MAX`].
    pub fn culprits(&self) -> Vec<Culprit> {
        let rows = self.book.rows();
        let mut rows: Vec<_> = rows
            .iter()
            .map(|(label, row)| row.culprit(*label))
            .collect();
        rows.sort_by(|a, b| b.total.total_cmp(&a.total));
        rows
    }

    /// The threads that are being held up now.
    pub fn blocked(&self) -> Vec<Blocked> {
        let long = |busy: &Busy| busy.busy >= self.book.limit;
        let blocked = busy_threads().into_iter().filter(long);
        blocked.map(|busy| Blocked::of(&busy)).collect()
    }
}

impl Drop for PollWatch {
    fn drop(&mut self) {
        self.watching = None;
        // Without its bell the lookout ends.
        *self
            .book
            .bell
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(lookout) = self.lookout.take() {
            let _panicked = lookout.join();
        }
    }
}

impl Blocked {
    fn of(busy: &Busy) -> Self {
        Self {
            kind: busy.label.kind().as_str(),
            name: busy.label.name().to_string(),
            busy: busy.busy.as_secs_f64(),
            thread: busy.thread_name.to_string(),
        }
    }
}

impl Book {
    fn new(limit: Duration, bell: SyncSender<Label>) -> Self {
        Self {
            limit,
            rows: Mutex::default(),
            sightings: Mutex::default(),
            bell: Mutex::new(Some(bell)),
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Label, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sightings(&self) -> MutexGuard<'_, HashMap<u64, Sighting>> {
        self.sightings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, label: Label) {
        let bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = &*bell {
            let _full_or_ending = bell.try_send(label);
        }
    }
}

impl Watcher for Book {
    fn limit(&self) -> Duration {
        self.limit
    }

    fn took_long(&self, poll: &LongPoll) {
        let sighting = self.sightings().remove(&poll.thread);
        let seen = sighting.filter(|sighting| sighting.turn == poll.turn);
        let mut rows = self.rows();
        let row = rows.entry(poll.label).or_default();
        row.add(poll, seen.map(|sighting| sighting.stack));
        drop(rows);
        self.ring(poll.label);
    }
}

impl Row {
    fn add(&mut self, poll: &LongPoll, stack: Option<Stack>) {
        if let Some(stack) = stack.filter(|_| self.stack.is_empty() || poll.took > self.longest) {
            self.stack = stack;
        }
        self.polls += 1;
        self.total += poll.took;
        self.longest = self.longest.max(poll.took);
        self.last = poll.took;
        self.thread = Arc::clone(&poll.thread_name);
    }

    fn culprit(&self, label: Label) -> Culprit {
        Culprit {
            kind: label.kind().as_str(),
            name: label.name().to_string(),
            polls: self.polls,
            total: self.total.as_secs_f64(),
            longest: self.longest.as_secs_f64(),
            thread: self.thread.to_string(),
            stack: self.stack.lines(),
        }
    }
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Book")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// What rings at the lookout's.
type Rung = Receiver<Label>;
