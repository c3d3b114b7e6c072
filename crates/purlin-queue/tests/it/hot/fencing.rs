//! Attempts, and the tokens that prove them.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use purlin_queue::{
    Payload, QueueError, State, Store,
    sql::SqlStore,
    store::{Annotation, ClaimedJob, Ending, Finish, Finished, Renewal, Turn},
};

use crate::tables::{claim, complete, job, jobs};

const LEASE: Duration = Duration::from_secs(30);

fn done(claimed: &ClaimedJob) -> Turn {
    Turn {
        finish: vec![Finish {
            lease: claimed.lease.clone(),
            ending: Ending::Complete(Payload::null()),
        }],
        claim: None,
    }
}

pub(super) async fn an_attempt_whose_lease_was_reaped_changes_nothing(store: &SqlStore) {
    store.add(vec![job("q", "a")]).await.unwrap();
    let [stale] = claim(store, "q", 1).await.try_into().unwrap();
    store.advance(2 * LEASE);
    assert_eq!(store.upkeep("q", 10).await.unwrap().reaped, 1);
    let [newer] = claim(store, "q", 1).await.try_into().unwrap();
    assert!(newer.lease.fence > stale.lease.fence);

    let ended = store.turn(done(&stale)).await.unwrap().finished;
    assert_eq!(ended, [Finished::LeaseLost]);
    let renewed = store.renew(vec![stale.lease.clone()], LEASE).await.unwrap();
    assert_eq!(renewed, [Renewal::Lost]);
    let noted = store
        .annotate(stale.lease.clone(), Annotation::Log("late".to_owned()))
        .await;
    assert!(matches!(noted, Err(QueueError::LeaseLost { .. })));
    let within = store.db().transaction(async |tx| {
        let finish = done(&stale).finish.remove(0);
        let within = store.transactional().unwrap();
        within.finish_within(tx, finish).await
    });
    assert!(matches!(within.await, Err(QueueError::LeaseLost { .. })));

    let renewed = store.renew(vec![newer.lease.clone()], LEASE).await.unwrap();
    assert_eq!(renewed, [Renewal::Kept]);
    complete(store, &newer).await;
    let record = store.job("q", "a").await.unwrap().unwrap();
    assert_eq!((record.state, record.attempts_made), (State::Completed, 1));
    assert_eq!((record.attempts_started, record.crashes), (2, 1));
}

pub(super) async fn an_end_that_is_sent_twice_counts_once(store: &SqlStore) {
    store.add(jobs("q", 20)).await.unwrap();
    let claimed = claim(store, "q", 20).await;
    let mut both = done(&claimed[0]);
    both.finish.extend(done(&claimed[0]).finish);
    let finished = store.turn(both).await.unwrap().finished;
    let counted = Finished::Done(State::Completed);
    assert_eq!(finished, [counted.clone(), Finished::LeaseLost]);

    let twice = claimed[1..].iter().flat_map(|job| [done(job), done(job)]);
    let turns = join_all(twice.map(|turn| store.turn(turn))).await;
    let finished = turns
        .into_iter()
        .map(|turned| turned.unwrap().finished.remove(0));
    let times = finished.filter(|finished| *finished == counted).count();
    assert_eq!(times, 19);
    assert_eq!(store.counts("q").await.unwrap().completed, 20);
}

pub(super) async fn an_attempt_is_ended_or_reaped_and_never_both(store: &SqlStore) {
    for round in 0..20 {
        let id = format!("job-{round}");
        store.add(vec![job("q", &id)]).await.unwrap();
        let [claimed] = claim(store, "q", 1).await.try_into().unwrap();
        store.advance(2 * LEASE);
        let (turned, upkeep) = tokio::join!(store.turn(done(&claimed)), store.upkeep("q", 10));
        let ended = turned.unwrap().finished == [Finished::Done(State::Completed)];
        let reaped = upkeep.unwrap().reaped == 1;
        let state = store.job("q", &id).await.unwrap().unwrap().state;
        assert_eq!((state == State::Completed, !reaped), (ended, ended));
        if reaped {
            let [again] = claim(store, "q", 1).await.try_into().unwrap();
            complete(store, &again).await;
        }
    }
}

pub(super) async fn no_job_is_taken_twice(store: &SqlStore) {
    store.add(jobs("q", 500)).await.unwrap();
    let workers = (0..8).map(|_| async {
        let mut ids = Vec::new();
        loop {
            let taken = claim(store, "q", 7).await;
            if taken.is_empty() {
                return ids;
            }
            ids.extend(taken.into_iter().map(|claimed| claimed.job.id));
        }
    });
    let ids: Vec<String> = join_all(workers).await.into_iter().flatten().collect();
    let all: BTreeSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), all.len()), (500, 500));
}
