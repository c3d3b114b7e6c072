//! Adding jobs.

use std::collections::{BTreeMap, VecDeque};

use purlin_base::Timestamp;

use super::{Entry, Key, Model};
use crate::{
    JobRecord, QueueError, State,
    job::Start,
    store::{Added, EventKind, NewJob},
};

impl Model {
    /// Adds jobs, all or none.
    pub(crate) fn add(
        &mut self,
        jobs: Vec<NewJob>,
        now: Timestamp,
    ) -> Result<Vec<Added>, QueueError> {
        self.check_flow(&jobs)?;
        let mut actual: BTreeMap<Key, Key> = BTreeMap::new();
        let mut links = Vec::new();
        let (mut keys, mut added) = (Vec::new(), Vec::new());
        for mut job in jobs {
            let given = (job.queue.clone(), job.id.clone());
            let parents = std::mem::take(&mut job.parents);
            let answer = self.add_one(job, None, now);
            let key = (given.0.clone(), answer.id.clone());
            links.extend(parents.into_iter().map(|parent| (parent, key.clone())));
            actual.insert(given, key.clone());
            keys.push(key);
            added.push(answer);
        }
        self.link(links, &actual, now);
        for key in keys {
            self.settle(&key, now);
        }
        Ok(added)
    }

    /// Adds one job without its parents, unless another one stands in its place.
    pub(super) fn add_one(
        &mut self,
        job: NewJob,
        schedule: Option<String>,
        now: Timestamp,
    ) -> Added {
        let key = (job.queue.clone(), job.id.clone());
        self.queue(&job.queue);
        let stands = match self.jobs.contains_key(&key) {
            true => Some(job.id.clone()),
            false => self.deduplicate(&job, now),
        };
        if let Some(id) = stands {
            let there = (key.0, id.clone());
            self.note(&there, EventKind::Deduplicated, now);
            return Added { id, is_new: false };
        }
        self.insert(job, schedule, now);
        let id = key.1;
        Added { id, is_new: true }
    }

    fn insert(&mut self, job: NewJob, schedule: Option<String>, now: Timestamp) {
        let key = (job.queue.clone(), job.id.clone());
        let due = due(&job.options.start, now);
        let awaits_children = job.awaits_children;
        self.seq += 1;
        let entry = Entry {
            seq: self.seq,
            position: 0,
            lease_until: None,
            has_parents: false,
            logs: VecDeque::new(),
            steps: BTreeMap::new(),
            job: record(job, schedule, now),
        };
        self.jobs.insert(key.clone(), entry);
        self.note(&key, EventKind::Added, now);
        if awaits_children {
            self.at(&key).job.state = State::WaitingChildren;
            self.note(&key, EventKind::WaitingChildren, now);
        } else {
            self.move_to_delayed(&key, due, now);
        }
    }
}

/// When a job that starts so may start.
pub(super) fn due(start: &Start, now: Timestamp) -> Timestamp {
    match start {
        Start::Now => now,
        Start::After(wait) => now.saturating_add(*wait),
        Start::At(time) => *time,
    }
}

fn record(job: NewJob, schedule: Option<String>, now: Timestamp) -> JobRecord {
    JobRecord {
        queue: job.queue,
        id: job.id,
        name: job.name,
        version: job.version,
        data: job.data,
        options: job.options,
        state: State::Waiting,
        created_at: now,
        delayed_until: None,
        processed_at: None,
        finished_at: None,
        attempts_started: 0,
        attempts_made: 0,
        crashes: 0,
        fence: 0,
        progress: None,
        result: None,
        failure: None,
        parents: Vec::new(),
        schedule,
        traceparent: job.traceparent,
        cancel_requested: false,
    }
}
