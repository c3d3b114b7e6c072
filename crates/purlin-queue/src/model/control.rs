//! What is done to a whole queue.

use std::time::Duration;

use purlin_base::Timestamp;

use super::{Entry, Key, Model, Place, claim::order};
use crate::{
    QueueError, State,
    store::{Control, EventKind},
};

impl Model {
    /// Does something to a whole queue; how many jobs it touched.
    pub(crate) fn control(
        &mut self,
        queue: &str,
        control: Control,
        now: Timestamp,
    ) -> Result<u64, QueueError> {
        match control {
            Control::Pause => self.pause(queue, true, now),
            Control::Resume => self.pause(queue, false, now),
            Control::Limit(limits) => {
                self.queue(queue).limits = limits;
                self.woken.insert(queue.to_owned());
            }
            Control::Retain(retention) => self.queue(queue).retention = Some(retention),
            Control::Drain { delayed, max } => return Ok(self.drain(queue, delayed, max, now)),
            Control::Clean { state, grace, max } => {
                return self.clean(queue, state, grace, max, now);
            }
            Control::RetryAll { state, max } => return self.retry_all(queue, state, max, now),
            Control::PromoteAll { max } => return Ok(self.promote_all(queue, max, now)),
            Control::Obliterate { force, max } => {
                return self.obliterate(queue, force, max, now);
            }
        }
        Ok(0)
    }

    fn pause(&mut self, queue: &str, pause: bool, now: Timestamp) {
        let was = std::mem::replace(&mut self.queue(queue).paused, pause);
        if was == pause {
            return;
        }
        let kind = if pause {
            EventKind::Paused
        } else {
            EventKind::Resumed
        };
        self.note(&(queue.to_owned(), String::new()), kind, now);
        self.woken.insert(queue.to_owned());
    }

    fn drain(&mut self, queue: &str, delayed: bool, max: u32, now: Timestamp) -> u64 {
        let mut waiting = self.sorted(queue, State::Waiting, order);
        waiting.extend(self.sorted(queue, State::Prioritized, order));
        if delayed {
            waiting.extend(self.sorted(queue, State::Delayed, by_age));
        }
        waiting.retain(|key| self.jobs[key].job.schedule.is_none());
        self.remove_some(waiting, max, now)
    }

    fn clean(
        &mut self,
        queue: &str,
        state: State,
        grace: Duration,
        max: u32,
        now: Timestamp,
    ) -> Result<u64, QueueError> {
        if state == State::Active {
            return Err(wrong_state("any but active"));
        }
        let oldest = now.saturating_sub(grace);
        let since = |entry: &Entry| entry.job.finished_at.unwrap_or(entry.job.created_at);
        let mut old = self.sorted(queue, state, |entry| (since(entry), entry.seq));
        old.retain(|key| since(&self.jobs[key]) <= oldest);
        Ok(self.remove_some(old, max, now))
    }

    fn remove_some(&mut self, keys: Vec<Key>, max: u32, now: Timestamp) -> u64 {
        let mut removed = 0;
        for key in keys.into_iter().take(max as usize) {
            // It may have gone, or gone on, with one before it.
            if self.jobs.contains_key(&key) {
                self.remove_job(&key, now);
                removed += 1;
            }
        }
        removed
    }

    fn retry_all(
        &mut self,
        queue: &str,
        state: State,
        max: u32,
        now: Timestamp,
    ) -> Result<u64, QueueError> {
        if !state.is_finished() {
            return Err(wrong_state("completed or failed"));
        }
        let order = |entry: &Entry| (entry.job.finished_at, entry.seq);
        let keys = self
            .sorted(queue, state, order)
            .into_iter()
            .take(max as usize);
        let mut retried = 0;
        for key in keys.collect::<Vec<_>>() {
            self.redrive(&key, now)?;
            retried += 1;
        }
        Ok(retried)
    }

    fn promote_all(&mut self, queue: &str, max: u32, now: Timestamp) -> u64 {
        let order = |entry: &Entry| (entry.job.delayed_until, entry.seq);
        let keys = self
            .sorted(queue, State::Delayed, order)
            .into_iter()
            .take(max as usize);
        let mut promoted = 0;
        for key in keys.collect::<Vec<_>>() {
            self.move_to_ready(&key, Place::Fresh, now);
            promoted += 1;
        }
        promoted
    }

    fn obliterate(
        &mut self,
        queue: &str,
        force: bool,
        max: u32,
        now: Timestamp,
    ) -> Result<u64, QueueError> {
        let active = self.sorted(queue, State::Active, by_age);
        if let Some((_, id)) = active.first().filter(|_| !force) {
            return Err(QueueError::State {
                id: id.clone(),
                state: State::Active.name(),
                wanted: "obliterated",
            });
        }
        let all: Vec<Key> = self.of_queue(queue).map(|(key, _)| key.clone()).collect();
        let is_last = all.len() <= max as usize;
        let removed = self.remove_some(all, max, now);
        if is_last {
            self.queues.remove(queue);
        }
        Ok(removed)
    }
}

fn by_age(entry: &Entry) -> u64 {
    entry.seq
}

fn wrong_state(rule: &'static str) -> QueueError {
    QueueError::Option {
        option: "state",
        rule,
    }
}
