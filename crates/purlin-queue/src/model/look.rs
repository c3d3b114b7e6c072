//! What can be looked at.

use std::time::Duration;

use purlin_base::Timestamp;

use super::{Entry, Key, Model, claim::order};
use crate::{
    JobRecord, State,
    store::{Child, Counts, Event, JobsQuery, LogPage, MinuteCount, QueueSummary, Worker},
};

/// Jobs that one question names at most.
const JOBS_MAX: u32 = 1000;

/// Minutes that are counted back at most.
const MINUTES_MAX: u32 = 1440;

impl Model {
    pub(crate) fn job(&self, queue: &str, id: &str) -> Option<JobRecord> {
        let key = (queue.to_owned(), id.to_owned());
        self.jobs.contains_key(&key).then(|| self.told(&key))
    }

    pub(crate) fn jobs(&self, query: &JobsQuery) -> Vec<JobRecord> {
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let max = query.max.min(JOBS_MAX) as usize;
        State::ALL
            .into_iter()
            .filter(|state| query.states.is_empty() || query.states.contains(state))
            .flat_map(|state| self.in_order(&query.queue, state))
            .filter(|key| fits(&self.jobs[key], query))
            .skip(offset)
            .take(max)
            .map(|key| self.told(&key))
            .collect()
    }

    fn in_order(&self, queue: &str, state: State) -> Vec<Key> {
        let newest_first = |entry: &Entry| {
            let finished = entry.job.finished_at;
            (std::cmp::Reverse(finished), std::cmp::Reverse(entry.seq))
        };
        match state {
            State::Waiting | State::Prioritized => self.sorted(queue, state, order),
            State::Delayed => {
                self.sorted(queue, state, |entry| (entry.job.delayed_until, entry.seq))
            }
            State::Active | State::WaitingChildren => self.sorted(queue, state, |entry| entry.seq),
            State::Completed | State::Failed => self.sorted(queue, state, newest_first),
        }
    }

    pub(crate) fn counts(&self, queue: &str) -> Counts {
        let mut counts = Counts::default();
        for (_, entry) in self.of_queue(queue) {
            *counts.of_mut(entry.job.state) += 1;
        }
        counts
    }

    pub(crate) fn logs(&self, queue: &str, id: &str, from: u64, max: u32) -> LogPage {
        let key = (queue.to_owned(), id.to_owned());
        let Some(entry) = self.jobs.get(&key) else {
            return LogPage::default();
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let lines = entry.logs.iter().skip(from).take(max as usize);
        LogPage {
            lines: lines.cloned().collect(),
            total: entry.logs.len() as u64,
        }
    }

    pub(crate) fn children(&self, queue: &str, id: &str) -> Vec<Child> {
        let key = (queue.to_owned(), id.to_owned());
        let links = self.links.get(&key).into_iter().flatten();
        links
            .map(|((queue, id), link)| Child {
                queue: queue.clone(),
                id: id.clone(),
                on_failure: link.on_failure,
                outcome: link.outcome.clone(),
            })
            .collect()
    }

    /// The jobs of a queue that have, or had, children.
    #[cfg(feature = "testing")]
    pub(crate) fn parents_of(&self, queue: &str) -> Vec<String> {
        let of_queue = self.links.keys().filter(|(name, _)| name == queue);
        of_queue.map(|(_, id)| id.clone()).collect()
    }

    pub(crate) fn summaries(&self) -> Vec<QueueSummary> {
        let summary = |(name, queue): (&String, &super::Queue)| QueueSummary {
            name: name.clone(),
            paused: queue.paused,
            limits: queue.limits.clone(),
            retention: queue.retention.unwrap_or_default(),
        };
        self.queues.iter().map(summary).collect()
    }

    pub(crate) fn beat(&mut self, worker: Worker, until: Duration, now: Timestamp) {
        let until = now.saturating_add(until);
        let workers = &mut self.queue(&worker.queue.clone()).workers;
        workers.insert(worker.id.clone(), (worker, until));
    }

    pub(crate) fn leave(&mut self, queue: &str, worker: &str) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.workers.remove(worker);
        }
    }

    pub(crate) fn workers(&self, queue: &str, now: Timestamp) -> Vec<Worker> {
        let workers = self.queues.get(queue).map(|queue| queue.workers.values());
        let there = workers
            .into_iter()
            .flatten()
            .filter(|(_, until)| *until > now);
        there.map(|(worker, _)| worker.clone()).collect()
    }

    /// Events after a mark, and the mark to go on from. A mark that is none is the end.
    pub(crate) fn events(
        &self,
        queue: &str,
        after: Option<&str>,
        max: u32,
    ) -> (Vec<Event>, String) {
        let known = self.queues.get(queue);
        let end = known.map_or(0, |queue| queue.events_so_far);
        let after = after.and_then(|mark| mark.parse().ok()).unwrap_or(end);
        let all = known.into_iter().flat_map(|queue| &queue.events);
        let page: Vec<&(u64, Event)> = all.filter(|(n, _)| *n > after).take(max as usize).collect();
        let mark = page.last().map_or(after, |(n, _)| *n);
        let events = page.into_iter().map(|(_, event)| event.clone());
        (events.collect(), mark.to_string())
    }

    pub(crate) fn rates(&self, queue: &str, minutes: u32, now: Timestamp) -> Vec<MinuteCount> {
        let this = now.unix_seconds().div_euclid(60);
        let first = this - i64::from(minutes.min(MINUTES_MAX)) + 1;
        let known = self.queues.get(queue);
        let count = |minute: i64| {
            let counted = known.and_then(|queue| queue.minutes.get(&minute));
            let (completed, failed) = counted.copied().unwrap_or_default();
            MinuteCount {
                minute: Timestamp::from_unix_micros(minute * 60_000_000),
                completed,
                failed,
            }
        };
        (first..=this).map(count).collect()
    }
}

fn fits(entry: &Entry, query: &JobsQuery) -> bool {
    let job = &entry.job;
    let has_tag = |tag: &String| job.options.tags.contains(tag);
    let has_name = |name: &String| job.name == *name;
    query.tag.as_ref().is_none_or(has_tag) && query.name.as_ref().is_none_or(has_name)
}
