//! What time brings.

use std::time::Duration;

use purlin_base::Timestamp;

use super::{Key, Model, Place};
use crate::{
    State,
    job::{Failure, FailureCause},
    state::{Answer, Command, answer},
    store::{EventKind, Upkeep},
};

impl Model {
    /// Does what has become due in a queue, each at most `max` times.
    pub(crate) fn upkeep(&mut self, queue: &str, max: u32, now: Timestamp) -> Upkeep {
        let mut done = Upkeep {
            promoted: self.promote_due(queue, max, now),
            reaped: self.reap(queue, max, now),
            ticks: self.tick(queue, max, now),
            dropped: self.retain(queue, max, now),
            next: None,
        };
        let lost = |queue: &mut super::Queue| queue.workers.retain(|_, (_, until)| *until > now);
        self.queues.get_mut(queue).map(lost);
        done.next = self.next_in(queue, now);
        done
    }

    fn promote_due(&mut self, queue: &str, max: u32, now: Timestamp) -> u32 {
        let order = |entry: &super::Entry| (entry.job.delayed_until, entry.seq);
        let due = self.sorted(queue, State::Delayed, order);
        let is_due = |key: &Key| self.jobs[key].job.delayed_until <= Some(now);
        let due: Vec<Key> = due.into_iter().filter(is_due).take(max as usize).collect();
        for key in &due {
            let since = self.at(key).job.delayed_until.unwrap_or(now);
            self.move_to_ready(key, Place::Since(since), now);
        }
        count(&due)
    }

    fn reap(&mut self, queue: &str, max: u32, now: Timestamp) -> u32 {
        let active = self.sorted(queue, State::Active, |entry| (entry.lease_until, entry.seq));
        let has_expired = |key: &Key| {
            let entry = &self.jobs[key];
            let reaped = answer(entry.job.state, Command::Reap) == Answer::ReadyOrPoison;
            reaped && entry.lease_until <= Some(now)
        };
        let expired: Vec<Key> = active
            .into_iter()
            .filter(has_expired)
            .take(max as usize)
            .collect();
        for key in &expired {
            self.note(key, EventKind::Stalled, now);
            let job = &mut self.at(key).job;
            job.crashes += 1;
            let crashes = job.crashes;
            if crashes >= job.options.crashes_max {
                self.move_to_failed(key, poison(crashes), now);
            } else {
                self.move_to_ready(key, Place::Old, now);
            }
        }
        count(&expired)
    }

    fn retain(&mut self, queue: &str, max: u32, now: Timestamp) -> u32 {
        let Some(state) = self.queues.get(queue) else {
            return 0;
        };
        let keep = state.retention.unwrap_or_default();
        let completed = self.trim(queue, State::Completed, keep.completed, max as usize, now);
        let left = max.saturating_sub(completed) as usize;
        completed + self.trim(queue, State::Failed, keep.failed, left, now)
    }

    /// When time brings something next.
    fn next_in(&self, queue: &str, now: Timestamp) -> Option<Duration> {
        let jobs = self.of_queue(queue).map(|(_, entry)| entry);
        let jobs = jobs.filter_map(|entry| entry.job.delayed_until.or(entry.lease_until));
        let open = self.queues.get(queue).filter(|queue| !queue.paused);
        let schedules = open.into_iter().flat_map(|queue| queue.schedules.values());
        let ticks = schedules.filter_map(|schedule| schedule.state.next);
        jobs.chain(ticks).map(|time| time.since(now)).min()
    }
}

fn poison(crashes: u32) -> Failure {
    Failure {
        cause: FailureCause::Poison,
        reason: format!("its process died {crashes} times"),
    }
}

fn count(keys: &[Key]) -> u32 {
    u32::try_from(keys.len()).unwrap_or(u32::MAX)
}
