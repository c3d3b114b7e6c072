//! What cases do again and again.

use std::{io::Write, sync::Arc, time::Duration};

use super::Harness;
use crate::{
    JobOptions, JobRecord, Payload, QueueError, State, Store,
    job::{Failure, FailureCause, Parent},
    store::{
        Added, Capability, Change, Child, Claim, ClaimedJob, Control, Ending, Finish, Finished,
        NewJob, OnChildFailure, Turn, Turned, Upkeep,
    },
};

/// The queue of most cases.
pub(super) const QUEUE: &str = "q";

/// The lease of most cases, and the grain of their time: an engine whose clock runs on while it is
/// tested is never near the moments that cases look at.
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// An empty store that a case may do with as it likes.
pub struct Subject<'a> {
    harness: &'a dyn Harness,
    /// The store.
    pub store: Arc<dyn Store>,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

impl<'a> Subject<'a> {
    /// A case's view of an engine.
    pub fn new(harness: &'a dyn Harness) -> Self {
        let store = harness.store();
        Self { harness, store }
    }

    /// Whether the engine offers it; if not, a line says that the case is skipped.
    pub(super) fn offers(&self, capability: Capability) -> bool {
        let offers = self.store.capabilities().has(capability);
        if !offers {
            let (engine, name) = (self.store.engine(), capability.name());
            let line = format!("skipped: {engine} does not offer {name}\n");
            std::io::stdout().lock().write_all(line.as_bytes()).ok();
        }
        offers
    }

    pub(super) async fn advance(&self, by: Duration) {
        self.harness.advance(by).await;
    }

    /// Lets time pass, and does what it brings.
    pub(super) async fn pass(&self, by: Duration) -> Upkeep {
        self.advance(by).await;
        self.upkeep().await
    }

    pub(super) async fn upkeep(&self) -> Upkeep {
        self.store.upkeep(QUEUE, 1000).await.unwrap()
    }

    pub(super) async fn add(&self, jobs: impl IntoIterator<Item = NewJob>) -> Vec<Added> {
        self.store.add(jobs.into_iter().collect()).await.unwrap()
    }

    pub(super) async fn add_one(&self, job: NewJob) -> Added {
        self.add([job]).await.remove(0)
    }

    /// Adds plain jobs, each by a call of its own.
    pub(super) async fn add_ids(&self, ids: &[&str]) {
        for id in ids {
            self.add_one(job(id)).await;
        }
    }

    pub(super) async fn turn(&self, finish: Vec<Finish>, max: u32) -> Turned {
        let claim = (max > 0).then(|| claim_of(QUEUE, max));
        self.store.turn(Turn { finish, claim }).await.unwrap()
    }

    pub(super) async fn claim_from(&self, queue: &str, max: u32) -> Vec<ClaimedJob> {
        let claim = Some(claim_of(queue, max));
        let finish = Vec::new();
        let turned = self.store.turn(Turn { finish, claim }).await.unwrap();
        turned.claimed
    }

    pub(super) async fn claim(&self, max: u32) -> Vec<ClaimedJob> {
        self.claim_from(QUEUE, max).await
    }

    /// Claims the one job that is there to be claimed.
    pub(super) async fn claim_one(&self) -> ClaimedJob {
        let mut claimed = self.claim(2).await;
        assert_eq!(claimed.len(), 1, "one job can be claimed");
        claimed.remove(0)
    }

    pub(super) async fn claim_ids(&self, max: u32) -> Vec<String> {
        ids(&self.claim(max).await)
    }

    pub(super) async fn end(&self, claimed: &ClaimedJob, ending: Ending) -> Finished {
        let lease = claimed.lease.clone();
        let turned = self.turn(vec![Finish { lease, ending }], 0).await;
        turned.finished[0].clone()
    }

    pub(super) async fn complete(&self, claimed: &ClaimedJob) {
        let ended = self.end(claimed, Ending::Complete(json("1"))).await;
        assert_eq!(ended, Finished::Done(State::Completed));
    }

    pub(super) async fn fail(&self, claimed: &ClaimedJob) {
        let ended = self.end(claimed, Ending::Fail(failure("broken"))).await;
        assert_eq!(ended, Finished::Done(State::Failed));
    }

    /// Claims from a queue until it finds the job, and hands the others back.
    pub(super) async fn claim_this(&self, queue: &str, id: &str) -> ClaimedJob {
        let claimed = self.claim_from(queue, 1000).await;
        let (mut wanted, others): (Vec<_>, Vec<_>) =
            claimed.into_iter().partition(|one| one.lease.id == id);
        for other in others {
            self.end(&other, Ending::Release).await;
        }
        assert_eq!(wanted.len(), 1, "{queue}:{id} can be claimed");
        wanted.remove(0)
    }

    pub(super) async fn job(&self, id: &str) -> JobRecord {
        self.job_in(QUEUE, id).await
    }

    pub(super) async fn job_in(&self, queue: &str, id: &str) -> JobRecord {
        let job = self.store.job(queue, id).await.unwrap();
        job.unwrap_or_else(|| panic!("{queue}:{id} is there"))
    }

    pub(super) async fn state(&self, id: &str) -> Option<State> {
        let job = self.store.job(QUEUE, id).await.unwrap();
        job.map(|job| job.state)
    }

    pub(super) async fn change(&self, id: &str, change: Change) -> Result<(), QueueError> {
        self.store.change(QUEUE, id, change).await
    }

    pub(super) async fn control(&self, control: Control) -> u64 {
        self.store.control(QUEUE, control).await.unwrap()
    }

    pub(super) async fn children(&self, id: &str) -> Vec<Child> {
        self.store.children(QUEUE, id).await.unwrap()
    }
}

pub(super) fn claim_of(queue: &str, max: u32) -> Claim {
    Claim {
        queue: queue.to_owned(),
        max,
        lease: MINUTE,
        worker: "suite".to_owned(),
    }
}

/// A plain job.
pub(super) fn job(id: &str) -> NewJob {
    job_with(id, |_| {})
}

/// A job with these options.
pub(super) fn job_with(id: &str, set: impl FnOnce(&mut JobOptions)) -> NewJob {
    let mut options = JobOptions {
        id: Some(id.to_owned()),
        ..JobOptions::default()
    };
    set(&mut options);
    NewJob {
        queue: QUEUE.to_owned(),
        id: id.to_owned(),
        name: "job".to_owned(),
        version: 1,
        data: json("{}"),
        options,
        parents: Vec::new(),
        awaits_children: false,
        traceparent: None,
    }
}

/// A job that waits for children.
pub(super) fn parent(id: &str) -> NewJob {
    NewJob {
        awaits_children: true,
        ..job(id)
    }
}

/// `job` as a child of those.
pub(super) fn below(mut job: NewJob, parents: &[&str], on_failure: OnChildFailure) -> NewJob {
    let parents = parents.iter().map(|id| Parent {
        queue: QUEUE.to_owned(),
        id: (*id).to_owned(),
        on_failure,
    });
    job.parents.extend(parents);
    job
}

/// A plain child that fails its parent when it fails.
pub(super) fn child(id: &str, parents: &[&str]) -> NewJob {
    below(job(id), parents, OnChildFailure::Fail)
}

pub(super) fn json(text: &str) -> Payload {
    Payload::from_json(text)
}

pub(super) fn failure(reason: &str) -> Failure {
    Failure {
        cause: FailureCause::Error,
        reason: reason.to_owned(),
    }
}

pub(super) fn ids(claimed: &[ClaimedJob]) -> Vec<String> {
    claimed.iter().map(|one| one.lease.id.clone()).collect()
}

/// Within half a minute of each other: as near as an engine whose clock runs on can be held to.
pub(super) fn near(a: purlin_base::Timestamp, b: purlin_base::Timestamp) -> bool {
    a.since(b).max(b.since(a)) < MINUTE / 2
}
