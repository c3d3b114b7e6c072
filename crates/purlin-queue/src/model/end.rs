//! How jobs finish and go.

use purlin_base::Timestamp;

use super::{Key, Model, cut};
use crate::{Keep, Payload, State, job::Failure, store::EventKind};

/// Finished jobs that one ending drops at most.
const TRIM_MAX: usize = 1000;

impl Model {
    /// Moves a job to `completed`.
    pub(super) fn move_to_completed(&mut self, key: &Key, result: Payload, now: Timestamp) {
        let job = &mut self.at(key).job;
        job.failure = None;
        job.result = Some(result.clone());
        self.note(key, EventKind::Completed(result), now);
        self.move_to_finished(key, State::Completed, now);
    }

    /// Moves a job to `failed`: the dead letters.
    pub(super) fn move_to_failed(&mut self, key: &Key, failure: Failure, now: Timestamp) {
        let failure = shortened(failure);
        self.at(key).job.failure = Some(failure.clone());
        self.note(key, EventKind::Failed(failure), now);
        self.move_to_finished(key, State::Failed, now);
    }

    /// What every end brings: its key is free, its parents hear of it, old jobs go.
    fn move_to_finished(&mut self, key: &Key, state: State, now: Timestamp) {
        let entry = self.at(key);
        entry.lease_until = None;
        entry.job.state = state;
        entry.job.finished_at = Some(now);
        entry.job.delayed_until = None;
        entry.job.cancel_requested = false;
        let keep = match state {
            State::Completed => entry.job.options.keep_completed,
            _ => entry.job.options.keep_failed,
        };
        self.count_minute(&key.0, state, now);
        self.key_ended(key, now);
        self.child_ended(key, now);
        // A place under the limits is free.
        self.woken.insert(key.0.clone());
        match keep {
            Some(keep) if keep.count == Some(0) => self.drop_entry(key, now),
            Some(keep) => drop(self.trim(&key.0, state, keep, TRIM_MAX, now)),
            None => {}
        }
    }

    fn count_minute(&mut self, queue: &str, state: State, now: Timestamp) {
        let minute = now.unix_seconds().div_euclid(60);
        let (completed, failed) = self.queue(queue).minutes.entry(minute).or_default();
        match state {
            State::Completed => *completed += 1,
            _ => *failed += 1,
        }
    }

    /// Drops finished jobs that are not to be kept, the oldest first; how many.
    pub(super) fn trim(
        &mut self,
        queue: &str,
        state: State,
        keep: Keep,
        max: usize,
        now: Timestamp,
    ) -> u32 {
        let finished = self.sorted(queue, state, |entry| (entry.job.finished_at, entry.seq));
        let count = keep.count.and_then(|count| usize::try_from(count).ok());
        let over = finished.len().saturating_sub(count.unwrap_or(usize::MAX));
        let oldest = keep.age.map(|age| now.saturating_sub(age));
        let mut dropped = 0;
        for (at, key) in finished.iter().enumerate().take(max) {
            let is_old =
                oldest.is_some_and(|oldest| self.jobs[key].job.finished_at <= Some(oldest));
            if at < over || is_old {
                self.drop_entry(key, now);
                dropped += 1;
            }
        }
        dropped
    }

    /// Removes a job by somebody's wish.
    pub(super) fn remove_job(&mut self, key: &Key, now: Timestamp) {
        self.key_removed(key);
        self.drop_entry(key, now);
        self.woken.insert(key.0.clone());
    }

    /// Takes a job away. Parents that still wait for it, as for one that failed and was to be
    /// retried, wait no more.
    fn drop_entry(&mut self, key: &Key, now: Timestamp) {
        let gone = self.jobs.remove(key);
        self.links.remove(key);
        self.note(key, EventKind::Removed, now);
        if gone.is_some_and(|gone| gone.has_parents) {
            self.child_gone(key, now);
        }
    }
}

/// A failure, its reason cut to what is kept.
pub(super) fn shortened(failure: Failure) -> Failure {
    Failure {
        reason: cut(failure.reason),
        ..failure
    }
}
