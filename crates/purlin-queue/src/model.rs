//! The contract in its plainest form: everything in maps, one command after another.
//!
//! No clock, no chance, no I/O: the moment is an argument. [`MemoryStore`](crate::MemoryStore) is
//! this behind a lock, and the suite holds every other engine to it. Where the words of
//! [`crate::store`] leave something open, what is done here is what they mean.
//!
//! Every change of a job's state goes through the table of [`crate::state`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use purlin_base::Timestamp;

use crate::{
    JobRecord, Payload, QueueError, State,
    state::{Answer, Command, answer},
    store::{Event, EventKind, Limits, NewJob, Retention, ScheduleState, Worker},
};

mod add;
mod change;
mod claim;
mod control;
mod dedup;
mod end;
mod finish;
mod flow;
mod limits;
mod look;
mod schedule;
mod upkeep;

/// Events that a queue keeps.
const EVENTS_MAX: usize = 10_000;

/// Bytes of a reason or a log line that are kept.
const TEXT_MAX: usize = 4096;

/// A job's queue and id.
pub(crate) type Key = (String, String);

/// Every queue and job there is.
#[derive(Debug, Default)]
pub(crate) struct Model {
    jobs: BTreeMap<Key, Entry>,
    queues: BTreeMap<String, Queue>,
    /// Parents, their children, and what became of them.
    links: BTreeMap<Key, BTreeMap<Key, Link>>,
    /// Jobs added so far.
    seq: u64,
    /// The last position that was given.
    position: i64,
    /// Queues in which there may be something new to claim, or to do for the next upkeep.
    woken: BTreeSet<String>,
}

/// A job and what is not told of it.
#[derive(Clone, Debug)]
struct Entry {
    /// Its parents are in [`Model::links`] only.
    job: JobRecord,
    /// The order of insertion.
    seq: u64,
    /// Among ready jobs of one priority, the least is next.
    position: i64,
    lease_until: Option<Timestamp>,
    /// Others wait, or waited, for it, and not for a job that had its id before.
    has_parents: bool,
    logs: VecDeque<String>,
    steps: BTreeMap<String, Payload>,
}

/// What a parent knows of a child.
#[derive(Clone, Debug, PartialEq)]
struct Link {
    on_failure: crate::store::OnChildFailure,
    outcome: crate::store::ChildOutcome,
}

/// A queue without its jobs.
#[derive(Debug, Default)]
struct Queue {
    paused: bool,
    limits: Limits,
    retention: Option<Retention>,
    schedules: BTreeMap<String, Scheduled>,
    dedup: BTreeMap<String, Held>,
    /// The windows of the rates, by limit key; the queue's own under no key.
    rates: BTreeMap<Option<String>, Window>,
    /// The tenants' turns so far: the least is next.
    passes: BTreeMap<String, u64>,
    workers: BTreeMap<String, (Worker, Timestamp)>,
    events: VecDeque<(u64, Event)>,
    events_so_far: u64,
    /// Completed and failed by the minute, in minutes since 1970.
    minutes: BTreeMap<i64, (u64, u64)>,
}

#[derive(Debug)]
struct Scheduled {
    state: ScheduleState,
    last_job: Option<String>,
}

/// A deduplication key that holds.
#[derive(Debug)]
struct Held {
    /// The job that stands for it.
    job: String,
    /// `None`: until that job has ended.
    until: Option<Timestamp>,
    /// What is to be added when that job ends.
    kept: Option<NewJob>,
}

/// Starts in the window that ends at `ends_at`.
#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: Timestamp,
    starts: u32,
}

/// Where a job goes among those that are ready.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Behind all that came before; for `lifo` in front of them.
    Fresh,
    /// As if it had come at that moment.
    Since(Timestamp),
    /// Where it was.
    Old,
}

impl Model {
    /// The queues in which something may have become claimable, or time may bring something
    /// sooner, since this was last asked.
    pub(crate) fn take_woken(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.woken)
    }

    fn entry(&self, key: &Key) -> Result<&Entry, QueueError> {
        self.jobs.get(key).ok_or_else(|| not_found(key))
    }

    /// A job that is known to be there.
    fn at(&mut self, key: &Key) -> &mut Entry {
        self.jobs.get_mut(key).expect("the job was found before")
    }

    fn queue(&mut self, name: &str) -> &mut Queue {
        if !self.queues.contains_key(name) {
            self.queues.insert(name.to_owned(), Queue::default());
        }
        self.queues.get_mut(name).expect("it was just put in")
    }

    /// The jobs of a queue.
    fn of_queue<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = (&'a Key, &'a Entry)> {
        let first = (queue.to_owned(), String::new());
        self.jobs
            .range(first..)
            .take_while(move |((name, _), _)| name == queue)
    }

    /// The jobs of a queue in `state`, the least by `order` first.
    fn sorted<K: Ord>(&self, queue: &str, state: State, order: impl Fn(&Entry) -> K) -> Vec<Key> {
        let mut found: Vec<(K, Key)> = self
            .of_queue(queue)
            .filter(|(_, entry)| entry.job.state == state)
            .map(|(key, entry)| (order(entry), key.clone()))
            .collect();
        found.sort();
        found.into_iter().map(|(_, key)| key).collect()
    }

    /// What the table says of `command` now; a refusal is an error.
    fn ask(&self, key: &Key, command: Command, wanted: &'static str) -> Result<Answer, QueueError> {
        let state = self.entry(key)?.job.state;
        match answer(state, command) {
            Answer::Refused => Err(QueueError::State {
                id: key.1.clone(),
                state: state.name(),
                wanted,
            }),
            allowed => Ok(allowed),
        }
    }

    /// Makes a job ready, at that place.
    fn move_to_ready(&mut self, key: &Key, place: Place, now: Timestamp) {
        let fresh = self.position.saturating_add(1).max(now.unix_micros());
        let entry = self.at(key);
        let position = match place {
            Place::Fresh => Some(fresh),
            Place::Since(time) => Some(time.unix_micros()),
            Place::Old => None,
        };
        let sign = if entry.job.options.lifo { -1 } else { 1 };
        entry.position = position.map_or(entry.position, |position| sign * position);
        entry.lease_until = None;
        entry.job.delayed_until = None;
        entry.job.state = ready_state(&entry.job);
        if matches!(place, Place::Fresh) {
            self.position = fresh;
        }
        self.woken.insert(key.0.clone());
        self.note(key, EventKind::Waiting, now);
    }

    /// Makes a job wait until `until`; one that has come already makes it ready.
    fn move_to_delayed(&mut self, key: &Key, until: Timestamp, now: Timestamp) {
        if until <= now {
            return self.move_to_ready(key, Place::Fresh, now);
        }
        let entry = self.at(key);
        entry.lease_until = None;
        entry.job.state = State::Delayed;
        entry.job.delayed_until = Some(until);
        self.woken.insert(key.0.clone());
        self.note(key, EventKind::Delayed, now);
    }

    fn note(&mut self, key: &Key, kind: EventKind, now: Timestamp) {
        let job = key.1.clone();
        let queue = self.queue(&key.0);
        queue.events_so_far += 1;
        let event = Event { at: now, job, kind };
        queue.events.push_back((queue.events_so_far, event));
        if queue.events.len() > EVENTS_MAX {
            queue.events.pop_front();
        }
    }
}

/// The ready state that a job's priority asks for.
fn ready_state(job: &JobRecord) -> State {
    if job.options.priority == 0 {
        State::Waiting
    } else {
        State::Prioritized
    }
}

fn not_found(key: &Key) -> QueueError {
    QueueError::NotFound {
        queue: key.0.clone(),
        id: key.1.clone(),
    }
}

/// `text`, cut to [`TEXT_MAX`] bytes between two characters.
fn cut(text: String) -> String {
    if text.len() <= TEXT_MAX {
        return text;
    }
    text[..text.floor_char_boundary(TEXT_MAX)].to_owned()
}
