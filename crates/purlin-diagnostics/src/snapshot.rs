//! Everything at one moment, as data.

use serde::Serialize;

use crate::{
    Culprit, Distribution, WorkerUse, growth::Growth, memory::ProcessMemory,
    requests::RouteRequests, watch::Blocked,
};

/// Everything at one moment; serialises to JSON. Times are in seconds, sizes in bytes.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// How late the executor is.
    pub executor_delay: Distribution,
    /// How busy its threads were since the last snapshot, or since the start.
    pub workers: Vec<WorkerUse>,
    /// Tasks that have not ended, of whatever kind.
    pub tasks: usize,
    /// What held a thread too long, what did most first.
    pub culprits: Vec<Culprit>,
    /// The threads that are being held up now.
    pub blocked: Vec<Blocked>,
    /// What the operating system says of the memory; `None` where it does not.
    pub memory: Option<ProcessMemory>,
    /// For whom the heap is held; `None` without the allocator that knows.
    pub heap: Option<Heap>,
    /// How many listeners, timers, tasks … there are, and who made them.
    pub live: Vec<LivePlace>,
    /// What only grows.
    pub growing: Vec<Growth>,
    /// What each route answered.
    pub requests: Vec<RouteRequests>,
}

/// For whom the heap is held.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Heap {
    /// Bytes that Rust code holds, estimated.
    pub live: u64,
    /// Bytes that C code holds, such as SQLite; `None` where that is not known.
    pub c: Option<u64>,
    /// What is resident beyond both: code, stacks, and what allocators keep for later.
    pub rest: Option<u64>,
    /// By route, job and task; what holds most first.
    pub work: Vec<HeapWork>,
    /// What the system's allocator has taken from the operating system.
    pub arenas: Vec<HeapArena>,
}

/// One arena of the system's allocator.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct HeapArena {
    /// Its number; 0 is the first thread's, and shared.
    pub number: u32,
    /// Bytes taken from the operating system.
    pub taken: u64,
    /// Bytes of them that nothing is in.
    pub free: u64,
}

/// What is held for one route, job or task.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct HeapWork {
    /// What kind of work.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Bytes held.
    pub live: u64,
    /// Bytes ever allocated.
    pub allocated: u64,
}

/// How many things of one kind from one place there are.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LivePlace {
    /// What they are: `listener`, `task` ….
    pub kind: &'static str,
    /// Where they were made: `src/mail.rs:12`.
    pub place: String,
    /// How many are alive.
    pub live: u64,
    /// How many were ever made.
    pub made: u64,
}

/// Every counter of [`purlin_base::live`].
pub(crate) fn live_places() -> Vec<LivePlace> {
    let counts = purlin_base::live::counts().into_iter();
    counts
        .map(|count| LivePlace {
            kind: count.kind.as_str(),
            place: count.place.map_or_else(
                || "elsewhere".to_owned(),
                |place| format!("{}:{}", place.file(), place.line()),
            ),
            live: count.live,
            made: count.made,
        })
        .collect()
}

/// For whom the heap is held, of a process with this memory.
#[cfg(feature = "heap-profile")]
pub(crate) fn heap(memory: Option<ProcessMemory>) -> Option<Heap> {
    let profile = crate::heap::profile();
    let known = profile.live_bytes + profile.c_bytes.unwrap_or(0);
    profile.is_active.then(|| Heap {
        live: profile.live_bytes,
        c: profile.c_bytes,
        rest: memory.map(|memory| memory.resident.saturating_sub(known)),
        work: profile
            .work
            .iter()
            .map(|row| HeapWork {
                kind: row.label.kind().as_str(),
                name: row.label.name().to_string(),
                live: row.live_bytes,
                allocated: row.allocated_bytes,
            })
            .collect(),
        arenas: crate::heap::arenas()
            .into_iter()
            .map(|arena| HeapArena {
                number: arena.number,
                taken: arena.taken,
                free: arena.free,
            })
            .collect(),
    })
}

#[cfg(not(feature = "heap-profile"))]
pub(crate) fn heap(_: Option<ProcessMemory>) -> Option<Heap> {
    None
}
