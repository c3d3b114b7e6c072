//! Taking jobs.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use purlin_base::Timestamp;

use super::{Entry, Key, Model, limits::Room};
use crate::{
    JobRecord, State,
    state::{Answer, Command, answer},
    store::{Claim, ClaimedJob, EventKind, Lease, Turn, Turned},
};

/// What a turn costs a tenant of weight 1.
const STRIDE: u64 = 1_000_000;

/// The ready jobs of each tenant, in their order; no tenant is `""`.
type Lanes = BTreeMap<String, VecDeque<Key>>;

impl Model {
    /// Ends attempts, then takes jobs.
    pub(crate) fn turn(&mut self, turn: Turn, now: Timestamp) -> Turned {
        let mut finished = Vec::new();
        for finish in turn.finish {
            finished.push(self.finish(finish, now));
        }
        let mut turned = turn
            .claim
            .map_or_else(Turned::default, |claim| self.claim(&claim, now));
        turned.finished = finished;
        turned
    }

    fn claim(&mut self, claim: &Claim, now: Timestamp) -> Turned {
        let mut room = self.room(&claim.queue, now);
        let mut lanes = self.lanes(&claim.queue);
        let mut claimed = Vec::new();
        while claimed.len() < claim.max as usize {
            let Some(key) = self.next(&claim.queue, &mut lanes, &room) else {
                break;
            };
            self.pass_turn(&key, lanes.keys());
            claimed.push(self.take(&key, &mut room, claim.lease, now));
        }
        let is_full = claimed.len() == claim.max as usize;
        Turned {
            finished: Vec::new(),
            claimed,
            again_in: if is_full {
                None
            } else {
                self.again_in(&claim.queue, &lanes, now)
            },
        }
    }

    /// Takes just this job, if it is one that could be next: between tenants an engine may choose.
    #[cfg(feature = "testing")]
    pub(crate) fn claim_this(
        &mut self,
        key: &Key,
        lease: Duration,
        now: Timestamp,
    ) -> Option<ClaimedJob> {
        let mut room = self.room(&key.0, now);
        let is_next = self.claimable(&key.0, now).contains(key);
        is_next.then(|| self.take(key, &mut room, lease, now))
    }

    /// The jobs that could be next: of each tenant the first that the limits allow.
    #[cfg(feature = "testing")]
    pub(crate) fn claimable(&self, queue: &str, now: Timestamp) -> Vec<Key> {
        let room = self.room(queue, now);
        let open = |key: &&Key| room.has(self.jobs[*key].job.options.key.as_ref());
        let lanes = self.lanes(queue).into_values();
        lanes
            .filter_map(|lane| lane.iter().find(open).cloned())
            .collect()
    }

    fn lanes(&self, queue: &str) -> Lanes {
        let ready = self
            .of_queue(queue)
            .filter(|(_, entry)| entry.job.state.is_ready());
        let mut ready: Vec<(&Key, &Entry)> = ready.collect();
        ready.sort_by_key(|(_, entry)| order(entry));
        let mut lanes = Lanes::new();
        for (key, entry) in ready {
            let tenant = entry.job.options.tenant.clone().unwrap_or_default();
            lanes.entry(tenant).or_default().push_back(key.clone());
        }
        lanes
    }

    /// The next job of the tenant whose turn it is, out of `lanes`.
    fn next(&self, queue: &str, lanes: &mut Lanes, room: &Room) -> Option<Key> {
        let passes = &self.queues.get(queue)?.passes;
        let open = |key: &Key| room.has(self.jobs[key].job.options.key.as_ref());
        let (_, tenant, at) = lanes
            .iter()
            .filter_map(|(tenant, lane)| {
                let at = lane.iter().position(open)?;
                Some((*passes.get(tenant).unwrap_or(&0), tenant.clone(), at))
            })
            .min()?;
        lanes.get_mut(&tenant)?.remove(at)
    }

    /// Stride scheduling: each turn costs a tenant the less, the more its weight. One that had
    /// nothing to do saves up no turns: it begins where the others are.
    fn pass_turn<'a>(&mut self, key: &Key, tenants: impl Iterator<Item = &'a String>) {
        let tenant = self.jobs[key]
            .job
            .options
            .tenant
            .clone()
            .unwrap_or_default();
        let tenants: Vec<String> = tenants.cloned().collect();
        let queue = self.queue(&key.0);
        queue.passes.retain(|known, _| tenants.contains(known));
        let least = queue.passes.values().min().copied().unwrap_or(0);
        for other in tenants {
            queue.passes.entry(other).or_insert(least);
        }
        let weight = queue
            .limits
            .tenant_weights
            .get(&tenant)
            .copied()
            .unwrap_or(1);
        *queue.passes.entry(tenant).or_insert(least) += STRIDE / u64::from(weight.clamp(1, 1000));
    }

    /// Begins an attempt.
    fn take(&mut self, key: &Key, room: &mut Room, lease: Duration, now: Timestamp) -> ClaimedJob {
        let entry = self.at(key);
        debug_assert_eq!(answer(entry.job.state, Command::Claim), Answer::Active);
        let lease_until = now.saturating_add(lease);
        entry.lease_until = Some(lease_until);
        entry.job.state = State::Active;
        entry.job.processed_at = Some(now);
        entry.job.attempts_started += 1;
        entry.job.fence += 1;
        let fence = entry.job.fence;
        let limit_key = entry.job.options.key.clone();
        room.take(limit_key.as_ref());
        self.count_start(&key.0, limit_key.as_ref(), now);
        self.note(key, EventKind::Active, now);
        ClaimedJob {
            lease: Lease {
                queue: key.0.clone(),
                id: key.1.clone(),
                fence,
                token: String::new(),
            },
            lease_until,
            job: self.told(key),
        }
    }

    /// When it is of use to ask again, if that is known: a full window ends, or a job is due.
    fn again_in(&self, queue: &str, lanes: &Lanes, now: Timestamp) -> Option<Duration> {
        let state = self.queues.get(queue)?;
        let waits = lanes.values().any(|lane| !lane.is_empty());
        let by_rate_alone = state.limits.key_concurrency.is_none() && !self.is_crowded(queue);
        if state.paused || (waits && !by_rate_alone) {
            return None;
        }
        let rate = state.rate_opens_in(now).filter(|_| waits);
        let due = self
            .of_queue(queue)
            .filter_map(|(_, entry)| entry.job.delayed_until);
        let due = due.map(|until| until.since(now)).min();
        [rate, due].into_iter().flatten().min()
    }

    /// The jobs that run are as many as may run at once: any that ends makes room.
    fn is_crowded(&self, queue: &str) -> bool {
        let active = self.sorted(queue, State::Active, |entry| entry.seq).len();
        let limit = self
            .queues
            .get(queue)
            .and_then(|queue| queue.limits.concurrency);
        limit.is_some_and(|limit| active >= limit as usize)
    }

    /// What is told of a job.
    pub(super) fn told(&self, key: &Key) -> JobRecord {
        let mut job = self.jobs[key].job.clone();
        job.parents = self.parents(key);
        job
    }
}

/// The order of ready jobs.
pub(super) fn order(entry: &Entry) -> (u32, i64, u64) {
    (entry.job.options.priority, entry.position, entry.seq)
}
