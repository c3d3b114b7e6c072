//! What is done to one job.

use std::time::Duration;

use purlin_base::Timestamp;

use super::{Entry, Key, Model, Place, ready_state};
use crate::{
    QueueError, State,
    job::{Failure, FailureCause, PRIORITY_MAX},
    state::{Answer, Command},
    store::Change,
};

impl Model {
    /// Does something to one job.
    pub(crate) fn change(
        &mut self,
        queue: &str,
        id: &str,
        change: Change,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let key = (queue.to_owned(), id.to_owned());
        match change {
            Change::Cancel => self.cancel(&key, now),
            Change::Promote => {
                self.ask(&key, Command::Promote, "promoted")?;
                self.move_to_ready(&key, Place::Fresh, now);
                Ok(())
            }
            Change::Redrive => self.redrive(&key, now),
            Change::Bury { reason } => {
                self.ask(&key, Command::Bury, "moved to the dead letters")?;
                self.move_to_failed(&key, ended(FailureCause::Buried, reason), now);
                Ok(())
            }
            Change::Remove => {
                self.ask(&key, Command::Remove, "removed")?;
                self.remove_with_children(&key, now);
                Ok(())
            }
            Change::Data(data) => {
                self.amendable(&key)?.job.data = data;
                Ok(())
            }
            Change::Priority(priority) => self.set_priority(&key, priority),
            Change::Delay(wait) => self.set_delay(&key, wait, now),
        }
    }

    fn cancel(&mut self, key: &Key, now: Timestamp) -> Result<(), QueueError> {
        match self.ask(key, Command::Cancel, "cancelled")? {
            Answer::Flagged => self.at(key).job.cancel_requested = true,
            _ => self.move_to_failed(key, ended(FailureCause::Cancelled, "cancelled".into()), now),
        }
        Ok(())
    }

    /// Runs a finished job again, from its first attempt.
    pub(super) fn redrive(&mut self, key: &Key, now: Timestamp) -> Result<(), QueueError> {
        self.ask(key, Command::Redrive, "retried")?;
        let entry = self.at(key);
        if entry.job.state == State::Completed {
            entry.steps.clear();
        }
        let job = &mut entry.job;
        (job.attempts_started, job.attempts_made, job.crashes) = (0, 0, 0);
        (job.result, job.failure, job.finished_at) = (None, None, None);
        self.move_to_ready(key, Place::Fresh, now);
        self.child_redriven(key);
        Ok(())
    }

    /// Removes a job and its children that have not been started and that nobody else waits for.
    fn remove_with_children(&mut self, key: &Key, now: Timestamp) {
        let children = self.links.get(key).into_iter().flatten();
        let children: Vec<Key> = children.map(|(child, _)| child.clone()).collect();
        self.remove_job(key, now);
        for child in children {
            let fresh = self.jobs.get(&child).is_some_and(|entry| {
                entry.job.processed_at.is_none() && !entry.job.state.is_finished()
            });
            if fresh && self.parents(&child).is_empty() {
                self.remove_with_children(&child, now);
            }
        }
    }

    fn set_priority(&mut self, key: &Key, priority: u32) -> Result<(), QueueError> {
        if priority > PRIORITY_MAX {
            return Err(QueueError::Option {
                option: "priority",
                rule: "0 to 2097151",
            });
        }
        let entry = self.amendable(key)?;
        entry.job.options.priority = priority;
        if entry.job.state.is_ready() {
            entry.job.state = ready_state(&entry.job);
        }
        Ok(())
    }

    fn set_delay(&mut self, key: &Key, wait: Duration, now: Timestamp) -> Result<(), QueueError> {
        let entry = self.amendable(key)?;
        if entry.job.state != State::Delayed {
            return Err(QueueError::State {
                id: key.1.clone(),
                state: entry.job.state.name(),
                wanted: "delayed",
            });
        }
        entry.job.delayed_until = Some(now.saturating_add(wait));
        Ok(())
    }

    fn amendable(&mut self, key: &Key) -> Result<&mut Entry, QueueError> {
        self.ask(key, Command::Amend, "changed")?;
        Ok(self.at(key))
    }
}

fn ended(cause: FailureCause, reason: String) -> Failure {
    Failure { cause, reason }
}
