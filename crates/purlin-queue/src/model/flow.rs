//! Parents and children.

use std::collections::{BTreeMap, BTreeSet};

use purlin_base::Timestamp;

use super::{Key, Link, Model, add::due};
use crate::{
    QueueError, State,
    job::{Failure, FailureCause, Parent},
    state::{Answer, Command, answer},
    store::{ChildOutcome, NewJob, OnChildFailure},
};

impl Model {
    /// Refuses a flow with a job below itself, two jobs of one id, or a parent that is not there.
    pub(super) fn check_flow(&self, jobs: &[NewJob]) -> Result<(), QueueError> {
        let in_flow = |job: &NewJob| job.awaits_children || !job.parents.is_empty();
        let mut seen: BTreeMap<Key, bool> = BTreeMap::new();
        for job in jobs {
            let before = seen.insert(key_of(job), in_flow(job));
            if before.is_some_and(|flow| flow || in_flow(job)) {
                return Err(refused(format!("job {:?} is in it twice", job.id)));
            }
        }
        let parents = jobs.iter().flat_map(|job| &job.parents);
        for parent in parents.map(|parent| (parent.queue.clone(), parent.id.clone())) {
            if !seen.contains_key(&parent) && !self.can_be_parent(&parent) {
                return Err(refused(format!("parent {:?} does not wait", parent.1)));
            }
        }
        self.check_cycles(jobs)
    }

    /// A parent runs, and will wait, or waits already.
    fn can_be_parent(&self, key: &Key) -> bool {
        let state = self.jobs.get(key).map(|entry| entry.job.state);
        matches!(state, Some(State::Active | State::WaitingChildren))
    }

    fn check_cycles(&self, jobs: &[NewJob]) -> Result<(), QueueError> {
        let mut below: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
        for (parent, children) in &self.links {
            let children = children.keys().cloned();
            below.entry(parent.clone()).or_default().extend(children);
        }
        for job in jobs {
            for parent in &job.parents {
                let parent = (parent.queue.clone(), parent.id.clone());
                below.entry(parent).or_default().insert(key_of(job));
            }
        }
        match jobs.iter().find(|job| reaches_itself(&below, &key_of(job))) {
            Some(job) => Err(refused(format!("job {:?} is below itself", job.id))),
            None => Ok(()),
        }
    }

    /// Ties children to their parents; a child that has ended already counts at once.
    pub(super) fn link(
        &mut self,
        links: Vec<(Parent, Key)>,
        actual: &BTreeMap<Key, Key>,
        now: Timestamp,
    ) {
        let (mut ended, mut without) = (Vec::new(), Vec::new());
        for (parent, child) in links {
            let given = (parent.queue, parent.id);
            let above = actual.get(&given).unwrap_or(&given).clone();
            // By deduplication a child may turn out to be one of those that wait for it.
            if above == child || self.is_below(&child, &above) {
                continue;
            }
            let Some(entry) = self.jobs.get_mut(&child) else {
                without.push(above);
                continue;
            };
            entry.has_parents = true;
            if entry.job.state.is_finished() {
                ended.push(child.clone());
            }
            let link = Link {
                on_failure: parent.on_failure,
                outcome: ChildOutcome::Pending,
            };
            let children = self.links.entry(above).or_default();
            children.entry(child).or_insert(link);
        }
        for child in ended {
            self.child_ended(&child, now);
        }
        for parent in without {
            self.settle(&parent, now);
        }
    }

    fn is_below(&self, above: &Key, key: &Key) -> bool {
        let children = self.links.get(above).into_iter().flatten();
        children
            .map(|(child, _)| child)
            .any(|child| child == key || self.is_below(child, key))
    }

    /// The jobs that wait, or waited, for `child`.
    pub(super) fn parents(&self, child: &Key) -> Vec<Parent> {
        if !self.jobs.get(child).is_some_and(|entry| entry.has_parents) {
            return Vec::new();
        }
        self.linked(child)
    }

    fn linked(&self, child: &Key) -> Vec<Parent> {
        self.links
            .iter()
            .filter_map(|((queue, id), children)| {
                let on_failure = children.get(child)?.on_failure;
                let (queue, id) = (queue.clone(), id.clone());
                Some(Parent {
                    queue,
                    id,
                    on_failure,
                })
            })
            .collect()
    }

    /// A child has finished: its parents hear of it.
    pub(super) fn child_ended(&mut self, child: &Key, now: Timestamp) {
        let job = &self.at(child).job;
        let outcome = match (&job.result, &job.failure) {
            (Some(result), _) => ChildOutcome::Completed(result.clone()),
            (None, Some(failure)) => ChildOutcome::Failed(failure.clone()),
            (None, None) => ChildOutcome::Pending,
        };
        for parent in self.parents(child) {
            let key = (parent.queue, parent.id);
            match &outcome {
                ChildOutcome::Failed(_) => {
                    let policy = parent.on_failure;
                    self.child_failed(&key, child, policy, Some(outcome.clone()), now);
                }
                _ => self.record(&key, child, Some(outcome.clone())),
            }
            self.settle(&key, now);
        }
    }

    /// A child is gone: parents that still wait for it wait no more.
    pub(super) fn child_gone(&mut self, child: &Key, now: Timestamp) {
        for parent in self.linked(child) {
            let key = (parent.queue, parent.id);
            let link = self.links.get(&key).and_then(|links| links.get(child));
            if link.is_some_and(|link| link.outcome == ChildOutcome::Pending) {
                self.record(&key, child, None);
            }
            self.settle(&key, now);
        }
    }

    fn child_failed(
        &mut self,
        parent: &Key,
        child: &Key,
        policy: OnChildFailure,
        outcome: Option<ChildOutcome>,
        now: Timestamp,
    ) {
        match policy {
            OnChildFailure::Wait => {}
            OnChildFailure::Remove => self.record(parent, child, None),
            OnChildFailure::Ignore => self.record(parent, child, outcome),
            OnChildFailure::Continue => {
                self.record(parent, child, outcome);
                self.children_ended(parent, now);
            }
            OnChildFailure::Fail => {
                self.record(parent, child, outcome);
                self.fail_by_child(parent, child, now);
            }
        }
    }

    /// What became of a child; `None`: it never was one.
    fn record(&mut self, parent: &Key, child: &Key, outcome: Option<ChildOutcome>) {
        let children = self.links.entry(parent.clone()).or_default();
        match (children.get_mut(child), outcome) {
            (Some(link), Some(outcome)) => link.outcome = outcome,
            (_, None) => drop(children.remove(child)),
            (None, Some(_)) => {}
        }
    }

    /// A child runs again: a parent that still waits waits for it too.
    pub(super) fn child_redriven(&mut self, child: &Key) {
        for parent in self.parents(child) {
            let key = (parent.queue, parent.id);
            let state = self.jobs.get(&key).map(|entry| entry.job.state);
            if state == Some(State::WaitingChildren) {
                self.record(&key, child, Some(ChildOutcome::Pending));
            }
        }
    }

    /// Makes a parent ready whose children have all ended.
    pub(super) fn settle(&mut self, parent: &Key, now: Timestamp) {
        if !self.has_pending(parent) {
            self.children_ended(parent, now);
        }
    }

    pub(super) fn has_pending(&self, parent: &Key) -> bool {
        let mut links = self.links.get(parent).into_iter().flatten();
        links.any(|(_, link)| link.outcome == ChildOutcome::Pending)
    }

    /// The child whose failure fails the parent, if there is one.
    pub(super) fn fatal_child(&self, parent: &Key) -> Option<Key> {
        let mut links = self.links.get(parent).into_iter().flatten();
        let is_fatal = |link: &Link| {
            let has_failed = matches!(link.outcome, ChildOutcome::Failed(_));
            has_failed && link.on_failure == OnChildFailure::Fail
        };
        links
            .find(|(_, link)| is_fatal(link))
            .map(|(child, _)| child.clone())
    }

    /// The parent goes on, after the wait it was added with if it has never run.
    fn children_ended(&mut self, parent: &Key, now: Timestamp) {
        let Some(entry) = self.jobs.get(parent) else {
            return;
        };
        if answer(entry.job.state, Command::ChildrenEnded) == Answer::ReadyOrDelayed {
            let has_run = entry.job.fence > 0;
            let start = if has_run {
                now
            } else {
                due(&entry.job.options.start, now)
            };
            self.move_to_delayed(parent, start, now);
        }
    }

    pub(super) fn fail_by_child(&mut self, parent: &Key, child: &Key, now: Timestamp) {
        let Some(entry) = self.jobs.get(parent) else {
            return;
        };
        if answer(entry.job.state, Command::ChildFailed) == Answer::Failed {
            self.move_to_failed(parent, failed_child(child), now);
        }
    }
}

/// Why a parent fails whose child has failed.
pub(super) fn failed_child((queue, id): &Key) -> Failure {
    Failure {
        cause: FailureCause::Child,
        reason: format!("child {queue}:{id} failed"),
    }
}

fn reaches_itself(below: &BTreeMap<Key, BTreeSet<Key>>, key: &Key) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Key> = below.get(key).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if next == key {
            return true;
        }
        if seen.insert(next) {
            open.extend(below.get(next).into_iter().flatten());
        }
    }
    false
}

fn key_of(job: &NewJob) -> Key {
    (job.queue.clone(), job.id.clone())
}

fn refused(reason: String) -> QueueError {
    QueueError::Flow { reason }
}
