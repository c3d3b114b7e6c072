//! Calls that share a commit.

use futures_util::future::join_all;
use purlin_queue::{
    Payload, QueueError, State, Store,
    job::Parent,
    sql::SqlStore,
    store::{Claim, Ending, Finish, OnChildFailure, Turn},
};

use crate::tables::{claim, job, jobs};

async fn commits(store: &SqlStore) -> i64 {
    let count = store
        .db()
        .read()
        .query("select count(*) from purlin_queue_events");
    count.fetch_one::<(i64,)>().await.unwrap().0
}

pub(super) async fn calls_of_many_callers_share_commits(store: &SqlStore) {
    let adds = jobs("q", 300).into_iter().map(|job| store.add(vec![job]));
    for added in join_all(adds).await {
        assert!(added.unwrap()[0].is_new);
    }
    assert_eq!(store.counts("q").await.unwrap().waiting, 300);
    assert!(commits(store).await < 30, "a row of events is a commit");
}

pub(super) async fn a_call_that_is_refused_does_not_harm_its_neighbours(store: &SqlStore) {
    let mut orphan = job("q", "orphan");
    orphan.parents.push(Parent {
        queue: "q".to_owned(),
        id: "nobody".to_owned(),
        on_failure: OnChildFailure::Fail,
    });
    let mut broken = job("q", "broken");
    broken.data = Payload::from_json("\"\0\"");
    let (orphan, broken, good) = tokio::join!(
        store.add(vec![job("q", "with-orphan"), orphan]),
        store.add(vec![broken]),
        join_all(jobs("q", 20).into_iter().map(|job| store.add(vec![job]))),
    );
    assert!(matches!(orphan, Err(QueueError::Flow { .. })), "{orphan:?}");
    assert!(matches!(broken, Err(QueueError::Sql(_))), "{broken:?}");
    assert!(good.into_iter().all(|added| added.unwrap()[0].is_new));
    assert_eq!(store.counts("q").await.unwrap().waiting, 20);
}

pub(super) async fn a_call_larger_than_a_commits_bound_is_one_commit(store: &SqlStore) {
    let added = store.add(jobs("q", 700)).await.unwrap();
    assert_eq!(added.len(), 700);
    assert_eq!(commits(store).await, 1);
    let ids: Vec<String> = added.into_iter().map(|added| added.id).collect();
    let taken = claim(store, "q", 1000).await;
    let taken: Vec<String> = taken.into_iter().map(|claimed| claimed.job.id).collect();
    assert_eq!(taken, ids);
}

pub(super) async fn a_caller_that_goes_away_leaves_all_of_its_jobs_or_none(store: &SqlStore) {
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let store = store.clone();
            let jobs = jobs(&format!("q{n}"), 5);
            purlin_runtime::spawn(async move { store.add(jobs).await })
        })
        .collect();
    for (n, call) in calls.iter().enumerate() {
        if n % 2 == 0 {
            call.abort();
        }
        tokio::task::yield_now().await;
    }
    for (n, call) in calls.into_iter().enumerate() {
        let acknowledged = matches!(call.await, Ok(Ok(_)));
        // An answer to this one comes after everything that was begun before it.
        store
            .add(vec![job("after", &format!("after-{n}"))])
            .await
            .unwrap();
        let there = store.counts(&format!("q{n}")).await.unwrap().waiting;
        assert!(there == 5 || (there == 0 && !acknowledged), "{there} of 5");
    }
}

pub(super) async fn what_is_finished_and_added_can_be_claimed_by_the_same_commit(store: &SqlStore) {
    let limits = purlin_queue::store::Limits {
        concurrency: Some(1),
        ..Default::default()
    };
    let limit = purlin_queue::store::Control::Limit(limits);
    store.control("q", limit).await.unwrap();
    store.add(jobs("q", 2)).await.unwrap();
    let [first] = claim(store, "q", 5).await.try_into().unwrap();
    assert!(claim(store, "q", 5).await.is_empty());
    let turn = Turn {
        finish: vec![Finish {
            lease: first.lease,
            ending: Ending::Complete(Payload::null()),
        }],
        claim: Some(Claim {
            queue: "q".to_owned(),
            max: 5,
            lease: std::time::Duration::from_secs(30),
            worker: "test".to_owned(),
        }),
    };
    let turned = store.turn(turn).await.unwrap();
    assert_eq!(turned.claimed.len(), 1);
    assert_eq!(turned.claimed[0].job.state, State::Active);
}
