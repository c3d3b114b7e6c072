//! When a job that is added is one that is there already.

use purlin_base::Timestamp;

use super::{Held, Key, Model};
use crate::{Dedup, State, store::NewJob};

impl Model {
    /// The job that stands in the place of `job` by its deduplication key; `None`: it is to be
    /// added, and holds the key.
    pub(super) fn deduplicate(&mut self, job: &NewJob, now: Timestamp) -> Option<String> {
        let dedup = job.options.dedup.as_ref()?;
        let ends = dedup.ttl.map(|ttl| now.saturating_add(ttl));
        let held = self.queue(&job.queue).dedup.get(&dedup.key);
        let Some(held) = held.filter(|held| held.until.is_none_or(|until| until > now)) else {
            self.hold(job, ends);
            return None;
        };
        let (holder, until) = (held.job.clone(), held.until);
        let until = if dedup.extend && ends.is_some() {
            ends
        } else {
            until
        };
        if self.replaces(dedup, &(job.queue.clone(), holder.clone()), now) {
            self.hold(job, until);
            return None;
        }
        self.ignore(job, dedup, &holder, until);
        Some(holder)
    }

    /// Whether a job with `dedup` takes the place of `holder`, which is then gone.
    fn replaces(&mut self, dedup: &Dedup, holder: &Key, now: Timestamp) -> bool {
        let is_delayed =
            |key| self.jobs.get(key).map(|entry| entry.job.state) == Some(State::Delayed);
        let replaces = dedup.replace && is_delayed(holder);
        if replaces {
            self.remove_job(holder, now);
        }
        replaces
    }

    fn hold(&mut self, job: &NewJob, until: Option<Timestamp>) {
        let key = job.options.dedup.as_ref().map(|dedup| dedup.key.clone());
        let held = Held {
            job: job.id.clone(),
            until,
            kept: None,
        };
        self.queue(&job.queue)
            .dedup
            .insert(key.unwrap_or_default(), held);
    }

    /// `job` is not added; it may be kept until `holder` has ended.
    fn ignore(&mut self, job: &NewJob, dedup: &Dedup, holder: &str, until: Option<Timestamp>) {
        let key = (job.queue.clone(), holder.to_owned());
        let state = self.jobs.get(&key).map(|entry| entry.job.state);
        let held = self.queue(&job.queue).dedup.get_mut(&dedup.key);
        let held = held.expect("the key was found before");
        held.until = until;
        if dedup.keep_last_if_active && state == Some(State::Active) {
            held.kept = Some(NewJob {
                parents: Vec::new(),
                awaits_children: false,
                ..job.clone()
            });
        }
    }

    /// A job has ended: its key is free unless time holds it, and what was kept is added.
    pub(super) fn key_ended(&mut self, key: &Key, now: Timestamp) {
        let Some((name, held)) = self.held_by(key) else {
            return;
        };
        let kept = held.kept.take();
        if kept.is_some() || held.until.is_none() {
            self.queue(&key.0).dedup.remove(&name);
        }
        if let Some(kept) = kept {
            self.add_one(kept, None, now);
        }
    }

    /// A job is removed: its key is free, and what was kept is dropped with it.
    pub(super) fn key_removed(&mut self, key: &Key) {
        if let Some((name, _)) = self.held_by(key) {
            self.queue(&key.0).dedup.remove(&name);
        }
    }

    /// The key that a job holds.
    fn held_by(&mut self, key: &Key) -> Option<(String, &mut Held)> {
        let dedup = self.jobs.get(key)?.job.options.dedup.as_ref()?;
        let name = dedup.key.clone();
        let held = self.queues.get_mut(&key.0)?.dedup.get_mut(&name)?;
        (held.job == key.1).then_some((name, held))
    }
}
