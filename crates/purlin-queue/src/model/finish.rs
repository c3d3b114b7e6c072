//! What the worker that runs a job says.

use std::time::Duration;

use purlin_base::Timestamp;

use super::{Entry, Key, Model, Place, cut, end::shortened, flow::failed_child};
use crate::{
    Payload, QueueError, State,
    job::Failure,
    state::{Answer, Command, answer},
    store::{Annotation, Ending, EventKind, Finish, Finished, Lease, Renewal},
};

/// Lines of a job's log that are kept.
const LINES_MAX: usize = 1000;

/// Steps that a job has at most.
const STEPS_MAX: usize = 100;

impl Model {
    /// Ends an attempt.
    pub(crate) fn finish(&mut self, finish: Finish, now: Timestamp) -> Finished {
        let Some(key) = self.held(&finish.lease, command(&finish.ending)) else {
            return Finished::LeaseLost;
        };
        match finish.ending {
            Ending::Complete(result) => {
                self.at(&key).job.attempts_made += 1;
                self.move_to_completed(&key, result, now);
                return Finished::Done(State::Completed);
            }
            Ending::Fail(failure) => return self.fail(&key, failure, now),
            Ending::Retry { failure, after } => {
                let job = &self.at(&key).job;
                if job.attempts_made + 1 >= job.options.attempts {
                    return self.fail(&key, failure, now);
                }
                self.retry(&key, failure, after, now);
            }
            Ending::Snooze { after, reason } => self.snooze(&key, after, reason, now),
            Ending::Release => {
                self.at(&key).job.attempts_started -= 1;
                self.move_to_ready(&key, Place::Old, now);
            }
            Ending::AwaitChildren => return self.await_children(&key, now),
        }
        Finished::Done(self.at(&key).job.state)
    }

    fn fail(&mut self, key: &Key, failure: Failure, now: Timestamp) -> Finished {
        self.at(key).job.attempts_made += 1;
        self.move_to_failed(key, failure, now);
        Finished::Done(State::Failed)
    }

    fn retry(&mut self, key: &Key, failure: Failure, after: Duration, now: Timestamp) {
        let job = &mut self.at(key).job;
        job.attempts_made += 1;
        job.failure = Some(shortened(failure));
        self.move_to_delayed(key, now.saturating_add(after), now);
        self.woken.insert(key.0.clone());
    }

    fn snooze(&mut self, key: &Key, after: Duration, reason: Option<String>, now: Timestamp) {
        let entry = self.at(key);
        entry.job.attempts_started -= 1;
        if let Some(reason) = reason {
            entry.log(reason);
        }
        self.move_to_delayed(key, now.saturating_add(after), now);
        self.woken.insert(key.0.clone());
    }

    fn await_children(&mut self, key: &Key, now: Timestamp) -> Finished {
        let entry = self.at(key);
        entry.job.attempts_started -= 1;
        entry.job.state = State::WaitingChildren;
        entry.lease_until = None;
        self.note(key, EventKind::WaitingChildren, now);
        self.woken.insert(key.0.clone());
        if let Some(child) = self.fatal_child(key) {
            self.move_to_failed(key, failed_child(&child), now);
            return Finished::Done(State::Failed);
        }
        self.settle(key, now);
        Finished::Done(self.at(key).job.state)
    }

    /// Extends leases.
    pub(crate) fn renew(
        &mut self,
        leases: &[Lease],
        lease: Duration,
        now: Timestamp,
    ) -> Vec<Renewal> {
        leases
            .iter()
            .map(|held| match self.held(held, Command::Renew) {
                None => Renewal::Lost,
                Some(key) => {
                    let entry = self.at(&key);
                    entry.lease_until = Some(now.saturating_add(lease));
                    if entry.job.cancel_requested {
                        Renewal::CancelRequested
                    } else {
                        Renewal::Kept
                    }
                }
            })
            .collect()
    }

    /// Notes something about a running attempt.
    pub(crate) fn annotate(
        &mut self,
        lease: &Lease,
        what: Annotation,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let key = self
            .held(lease, Command::Annotate)
            .ok_or_else(|| lost(lease))?;
        let entry = self.at(&key);
        match what {
            Annotation::Progress(progress) => {
                entry.job.progress = Some(progress.clone());
                self.note(&key, EventKind::Progress(progress), now);
            }
            Annotation::Log(line) => entry.log(line),
            Annotation::Data(data) => entry.job.data = data,
            Annotation::Step { name, result } => {
                if entry.steps.len() >= STEPS_MAX && !entry.steps.contains_key(&name) {
                    return Err(QueueError::Option {
                        option: "steps",
                        rule: "at most 100 a job",
                    });
                }
                entry.steps.insert(name, result);
            }
        }
        Ok(())
    }

    /// The results of a job's steps, by their names.
    pub(crate) fn steps(&self, lease: &Lease) -> Result<Vec<(String, Payload)>, QueueError> {
        let key = self
            .held(lease, Command::Annotate)
            .ok_or_else(|| lost(lease))?;
        let steps = self.entry(&key)?.steps.iter();
        Ok(steps
            .map(|(name, result)| (name.clone(), result.clone()))
            .collect())
    }

    /// The job of a lease, if the table lets the worker that holds it do this.
    fn held(&self, lease: &Lease, command: Command) -> Option<Key> {
        let key = (lease.queue.clone(), lease.id.clone());
        let job = &self.jobs.get(&key)?.job;
        let holds = job.fence == lease.fence && answer(job.state, command) != Answer::LeaseLost;
        holds.then_some(key)
    }
}

impl Entry {
    fn log(&mut self, line: String) {
        self.logs.push_back(cut(line));
        if self.logs.len() > LINES_MAX {
            self.logs.pop_front();
        }
    }
}

fn command(ending: &Ending) -> Command {
    match ending {
        Ending::Complete(_) => Command::Complete,
        Ending::Retry { .. } => Command::Retry,
        Ending::Fail(_) => Command::Fail,
        Ending::Snooze { .. } => Command::Snooze,
        Ending::Release => Command::Release,
        Ending::AwaitChildren => Command::AwaitChildren,
    }
}

fn lost(lease: &Lease) -> QueueError {
    QueueError::LeaseLost {
        id: lease.id.clone(),
    }
}
