//! The jobs of a history.

use purlin_base::random::{Rng, SeededRng};

use crate::{
    Dedup, JobOptions, Keep,
    job::{Parent, Start},
    store::{Capabilities, Capability, NewJob, OnChildFailure},
    suite::subject::{MINUTE, json},
};

/// A job to be added.
#[derive(Clone, Debug)]
pub(super) struct JobSpec {
    queue: usize,
    /// An id that others may have too, or none: it gets one of its own.
    id: Option<u64>,
    minutes: u32,
    priority: u32,
    lifo: bool,
    attempts: u32,
    crashes_max: u32,
    dedup: Option<(u64, u64)>,
    tenant: u64,
    key: u64,
    is_kept: bool,
    awaits: bool,
    /// The jobs it is a child of: one of the call, or one added before.
    parents: Vec<(Above, OnChildFailure)>,
}

#[derive(Clone, Copy, Debug)]
enum Above {
    Call(usize),
    Before(usize),
}

/// A job that is the `at`th of its call.
pub(super) fn random_job(rng: &SeededRng, offers: Capabilities, at: usize) -> JobSpec {
    let one_in = |n| rng.below(n) == 0;
    let policy = || {
        use OnChildFailure::{Continue, Fail, Ignore, Remove, Wait};
        [Fail, Ignore, Continue, Remove, Wait][rng.below(5) as usize]
    };
    let mut parents = Vec::new();
    if at > 0 && one_in(2) {
        parents.push((Above::Call(rng.below(at as u64) as usize), policy()));
    }
    let more = offers.has(Capability::Dag) || parents.is_empty();
    if more && one_in(6) {
        parents.push((Above::Before(rng.below(8) as usize), policy()));
    }
    JobSpec {
        queue: rng.below(8) as usize / 7,
        id: one_in(5).then(|| rng.below(8)),
        minutes: if one_in(4) { rng.below(4) as u32 } else { 0 },
        priority: if one_in(3) { rng.below(3) as u32 } else { 0 },
        lifo: one_in(8),
        attempts: 1 + rng.below(3) as u32,
        crashes_max: 1 + rng.below(3) as u32,
        dedup: one_in(5).then(|| (rng.below(2), rng.below(6))),
        tenant: if offers.has(Capability::Tenants) {
            rng.below(8)
        } else {
            0
        },
        key: if offers.has(Capability::KeyLimits) {
            rng.below(6)
        } else {
            0
        },
        is_kept: !one_in(8),
        awaits: one_in(3),
        parents,
    }
}

impl JobSpec {
    /// The job, by the names of a run: `fresh` is an id nobody has, `call` the jobs of the call
    /// so far, and `before` the jobs added, the newest first.
    pub(super) fn job(
        &self,
        queues: &[String],
        fresh: String,
        call: &[NewJob],
        before: &[(String, String)],
    ) -> NewJob {
        let id = self.id.map_or(fresh, |id| format!("shared-{id}"));
        let mut parents: Vec<Parent> = Vec::new();
        for (above, on_failure) in &self.parents {
            let above = match above {
                Above::Call(at) => call.get(*at).map(|job| (job.queue.clone(), job.id.clone())),
                Above::Before(at) => before.get(*at).cloned(),
            };
            let Some((queue, id)) = above else { continue };
            if parents
                .iter()
                .all(|known| (&known.queue, &known.id) != (&queue, &id))
            {
                let on_failure = *on_failure;
                parents.push(Parent {
                    queue,
                    id,
                    on_failure,
                });
            }
        }
        NewJob {
            queue: queues[self.queue].clone(),
            options: self.options(&id),
            id,
            name: "job".to_owned(),
            version: 1,
            data: json("1"),
            parents,
            awaits_children: self.awaits,
            traceparent: None,
        }
    }

    fn options(&self, id: &str) -> JobOptions {
        let named = |number: u64, of: u64| (number < of).then(|| format!("n{number}"));
        JobOptions {
            start: match self.minutes {
                0 => Start::Now,
                minutes => Start::After(minutes * MINUTE),
            },
            priority: self.priority,
            lifo: self.lifo,
            attempts: self.attempts,
            id: Some(id.to_owned()),
            dedup: self.dedup.map(|(key, mode)| dedup(format!("k{key}"), mode)),
            tenant: named(self.tenant.wrapping_sub(1), 2),
            key: named(self.key.wrapping_sub(1), 2),
            keep_completed: (!self.is_kept).then_some(Keep::NOTHING),
            keep_failed: (!self.is_kept).then_some(Keep::NOTHING),
            crashes_max: self.crashes_max,
            ..JobOptions::default()
        }
    }
}

fn dedup(key: String, mode: u64) -> Dedup {
    match mode {
        0 => Dedup::simple(key),
        1 => Dedup::throttle(key, 3 * MINUTE),
        2 => Dedup::debounce(key, 2 * MINUTE),
        3 => Dedup::replace(key),
        4 => Dedup::keep_last_if_active(key),
        _ => Dedup {
            ttl: Some(4 * MINUTE),
            ..Dedup::keep_last_if_active(key)
        },
    }
}
