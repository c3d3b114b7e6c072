//! How many things are alive that must be let go of by hand: listeners, timers, subscriptions,
//! entries of caches, tasks; and who made them.
//!
//! A leak is such a number that only grows. Each is counted under the line that made it, so that
//! whoever looks at the numbers sees where to go.
//!
//! ```
//! use purlin_base::live::{self, Live, LiveKind};
//!
//! let listener = Live::begin(LiveKind::Listener);
//! let here = live::counts().into_iter().find(|count| count.is_at(file!())).unwrap();
//! assert_eq!((here.live, here.made), (1, 1));
//! drop(listener);
//! # let here = live::counts().into_iter().find(|count| count.is_at(file!())).unwrap();
//! # assert_eq!((here.live, here.made), (0, 1));
//! ```

use std::{
    collections::HashMap,
    fmt,
    panic::Location,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LiveKind {
    /// A listener of events.
    Listener,
    /// A timer that has not fired, or that repeats.
    Timer,
    /// A subscription to a stream or a topic.
    Subscription,
    /// An entry of a cache.
    CacheEntry,
    /// A task that has not ended.
    Task,
}

impl LiveKind {
    /// The kind in one word, for metrics: `listener`, `timer`, `subscription`, `cache_entry`,
    /// `task`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listener => "listener",
            Self::Timer => "timer",
            Self::Subscription => "subscription",
            Self::CacheEntry => "cache_entry",
            Self::Task => "task",
        }
    }
}

/// Places that are told apart, in a process. What is made elsewhere is counted by its kind alone.
pub const PLACES_MAX: usize = 1_024;

#[derive(Debug, Default)]
struct Counts {
    live: AtomicU64,
    made: AtomicU64,
}

type Place = Option<&'static Location<'static>>;

/// By kind and the address of the place; 0 is elsewhere.
type Table = HashMap<(LiveKind, usize), (Place, Arc<Counts>)>;

static TABLE: LazyLock<RwLock<Table>> = LazyLock::new(RwLock::default);

/// Counts things of one kind that are made in one place. Clones count together.
#[derive(Clone, Debug)]
pub struct LiveCounter(Arc<Counts>);

impl LiveCounter {
    /// The counter of things of `kind` that are made by the caller.
    #[track_caller]
    pub fn here(kind: LiveKind) -> Self {
        Self::at(kind, Location::caller())
    }

    /// The counter of things of `kind` that are made at `place`.
    pub fn at(kind: LiveKind, place: &'static Location<'static>) -> Self {
        let address = std::ptr::from_ref(place).addr();
        let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counts)) = table.get(&(kind, address)) {
            return Self(Arc::clone(counts));
        }
        drop(table);
        let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
        let (key, place) = match table.len() < PLACES_MAX {
            true => ((kind, address), Some(place)),
            false => ((kind, 0), None),
        };
        let (_, counts) = table.entry(key).or_insert_with(|| (place, Arc::default()));
        Self(Arc::clone(counts))
    }

    /// Counts one more, until the answer is dropped.
    pub fn one(&self) -> Live {
        self.add(1);
        Live(self.clone())
    }

    /// Counts `more` that were made, for those who keep count themselves.
    pub fn add(&self, more: u64) {
        self.0.live.fetch_add(more, Relaxed);
        self.0.made.fetch_add(more, Relaxed);
    }

    /// Counts `fewer` that have ended: no more than were added.
    pub fn remove(&self, fewer: u64) {
        self.0.live.fetch_sub(fewer, Relaxed);
    }
}

/// One thing that is alive; it ends when this is dropped.
#[derive(Debug)]
#[must_use = "it is counted until this is dropped"]
pub struct Live(LiveCounter);

impl Live {
    /// One more of `kind`, made by the caller.
    #[track_caller]
    pub fn begin(kind: LiveKind) -> Self {
        LiveCounter::here(kind).one()
    }

    /// One more of `kind`, made at `place`.
    pub fn begin_at(kind: LiveKind, place: &'static Location<'static>) -> Self {
        LiveCounter::at(kind, place).one()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.remove(1);
    }
}

/// How many things of one kind from one place there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveCount {
    /// What they are.
    pub kind: LiveKind,
    /// Where they were made; `None` for all places beyond [`PLACES_MAX`].
    pub place: Option<&'static Location<'static>>,
    /// How many are alive.
    pub live: u64,
    /// How many were ever made.
    pub made: u64,
}

impl LiveCount {
    /// Whether they were made in this file.
    pub fn is_at(&self, file: &str) -> bool {
        self.place.is_some_and(|place| place.file() == file)
    }
}

/// `listener src/mail.rs:12: 12 live, 40 made`.
impl fmt::Display for LiveCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind, live, made, ..
        } = self;
        let kind = kind.as_str();
        match self.place {
            Some(place) => {
                let (file, line) = (place.file(), place.line());
                write!(f, "{kind} {file}:{line}: {live} live, {made} made")
            }
            None => write!(f, "{kind} elsewhere: {live} live, {made} made"),
        }
    }
}

/// Every counter, by kind and place.
pub fn counts() -> Vec<LiveCount> {
    let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
    let count =
        |(&(kind, _), (place, counts)): (&(LiveKind, usize), &(Place, Arc<Counts>))| LiveCount {
            kind,
            place: *place,
            live: counts.live.load(Relaxed),
            made: counts.made.load(Relaxed),
        };
    let mut all: Vec<LiveCount> = table.iter().map(count).collect();
    drop(table);
    all.sort_by_key(|count| {
        (
            count.kind,
            count.place.map(|it| (it.file(), it.line(), it.column())),
        )
    });
    all
}
