//! What several do at once.

use std::time::Duration;

use purlin_queue::{
    Dedup, JobOptions, Payload, QueueError, State, Store,
    job::Parent,
    sql::SqlStore,
    store::{Added, Ending, Misfire, NewJob, OnChildFailure, Overlap, Repeat, Schedule},
};
use tokio::sync::oneshot;

use super::{claim, complete, end, engine, job};

fn keyed(id: &str, dedup: Dedup) -> NewJob {
    let mut job = job("q", id);
    job.options.dedup = Some(dedup);
    job
}

/// Adds `first` in a transaction, and `second` while that is open; then it rolls back, or commits.
async fn race(store: &SqlStore, first: NewJob, second: NewJob, commits: bool) -> Added {
    let (taken, is_taken) = oneshot::channel();
    let transaction = store.db().transaction(async |tx| {
        let within = store.transactional().unwrap();
        let added = within.add_within(tx, vec![first]).await?;
        assert!(added[0].is_new);
        taken.send(()).unwrap();
        wait_for_a_waiter(tx).await;
        match commits {
            true => Ok(()),
            false => Err(QueueError::Closed),
        }
    });
    let meanwhile = async {
        is_taken.await.unwrap();
        store.add(vec![second]).await.unwrap().remove(0)
    };
    let (outcome, added) = tokio::join!(transaction, meanwhile);
    assert_eq!(outcome.is_ok(), commits);
    added
}

/// On Postgres: until somebody waits for a lock that this transaction has. On SQLite nobody else
/// writes while it is open.
async fn wait_for_a_waiter(tx: &mut purlin_sql::Tx) {
    if tx.db().engine() == "sqlite" {
        return;
    }
    let (own,) = tx
        .query("select pg_backend_pid()")
        .fetch_one::<(i64,)>()
        .await
        .unwrap();
    let reader = tx.db().clone();
    for _ in 0..500 {
        let waiting = "select count(*) from pg_stat_activity \
                       where $1::bigint::int = any (pg_blocking_pids(pid))";
        let waiting = reader.read().query(waiting).bind(own);
        if waiting.fetch_one::<(i64,)>().await.unwrap().0 > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody waits for this transaction");
}

pub(super) async fn a_key_that_was_taken_by_a_transaction_that_rolled_back_is_free(
    store: &SqlStore,
) {
    let [first, second] = ["a", "b"].map(|id| keyed(id, Dedup::simple("key")));
    let added = race(store, first, second, false).await;
    assert_eq!((added.id.as_str(), added.is_new), ("b", true));
    assert_eq!(store.job("q", "a").await.unwrap(), None);
    assert!(store.job("q", "b").await.unwrap().is_some());
}

pub(super) async fn an_id_that_was_taken_by_a_transaction_that_rolled_back_is_free(
    store: &SqlStore,
) {
    let added = race(store, job("q", "a"), job("q", "a"), false).await;
    assert_eq!((added.id.as_str(), added.is_new), ("a", true));
    assert!(store.job("q", "a").await.unwrap().is_some());
}

pub(super) async fn a_key_that_was_taken_by_a_transaction_that_committed_is_taken(
    store: &SqlStore,
) {
    let [first, second] = ["a", "b"].map(|id| keyed(id, Dedup::simple("key")));
    let added = race(store, first, second, true).await;
    assert_eq!((added.id.as_str(), added.is_new), ("a", false));
    assert_eq!(store.job("q", "b").await.unwrap(), None);
}

pub(super) async fn of_many_that_want_a_key_at_once_one_has_it(store: &SqlStore) {
    let adds = (0..20).map(|n| {
        let job = keyed(
            &format!("job-{n}"),
            Dedup::throttle("key", Duration::from_secs(60)),
        );
        store.add(vec![job])
    });
    let added = futures_util::future::join_all(adds).await;
    let added: Vec<Added> = added.into_iter().flat_map(Result::unwrap).collect();
    let new: Vec<&Added> = added.iter().filter(|added| added.is_new).collect();
    assert_eq!(new.len(), 1);
    assert!(added.iter().all(|one| one.id == new[0].id));
    assert_eq!(store.counts("q").await.unwrap().waiting, 1);
}

pub(super) async fn the_last_of_those_that_came_while_a_job_ran_follows_it(store: &SqlStore) {
    let keep_last = |id: &str, data: &str| {
        let mut job = keyed(id, Dedup::keep_last_if_active("key"));
        job.data = Payload::from_json(data);
        job
    };
    for round in 0..10 {
        let id = |n: usize| format!("job-{round}-{n}");
        store.add(vec![keep_last(&id(0), "0")]).await.unwrap();
        let running = claim(store, "q", 1).await.remove(0);
        store.add(vec![keep_last(&id(1), "1")]).await.unwrap();
        let late = store.add(vec![keep_last(&id(2), r#"{ "n": 2 }"#)]);
        let (late, ()) = tokio::join!(late, complete(store, &running));
        let late = late.unwrap().remove(0);
        let next = claim(store, "q", 10).await;
        // The second one came while the job ran, or when the first one that was kept had followed.
        let follows: Vec<&str> = next.iter().map(|job| job.lease.id.as_str()).collect();
        match late.id {
            before if before == id(0) => assert_eq!(follows, [id(2)]),
            after => assert_eq!((after, follows), (id(1), vec![id(1).as_str()])),
        }
        for job in next {
            complete(store, &job).await;
        }
        for job in claim(store, "q", 10).await {
            complete(store, &job).await;
        }
    }
}

pub(super) async fn two_children_that_end_at_once_let_their_parent_go_on(store: &SqlStore) {
    let other = engine::store(store.db());
    for round in 0..20 {
        let parent_id = format!("parent-{round}");
        let parent = Parent {
            queue: "parents".into(),
            id: parent_id.clone(),
            on_failure: OnChildFailure::Ignore,
        };
        let child = |n: u32| {
            let mut child = job("q", &format!("child-{round}-{n}"));
            child.parents = vec![parent.clone()];
            child
        };
        let mut top = job("parents", &parent_id);
        top.awaits_children = true;
        store.add(vec![top, child(0), child(1)]).await.unwrap();
        let running = claim(store, "q", 2).await;
        let fail = || {
            Ending::Fail(purlin_queue::job::Failure {
                cause: purlin_queue::job::FailureCause::Error,
                reason: "no".into(),
            })
        };
        tokio::join!(
            complete(store, &running[0]),
            end(&other, &running[1], fail())
        );
        let parent = store.job("parents", &parent_id).await.unwrap().unwrap();
        assert_eq!(parent.state, State::Waiting, "round {round}");
    }
}

pub(super) async fn any_number_of_nodes_make_a_tick_once(store: &SqlStore) {
    let second = Duration::from_secs(1);
    let schedule = Schedule {
        queue: "q".into(),
        id: "every-second".into(),
        repeat: Repeat::Every(second),
        start: None,
        end: None,
        limit: None,
        misfire: Misfire::All(1000),
        overlap: Overlap::Allow,
        name: "tick".into(),
        version: 1,
        data: Payload::from_json(r#"{ "b": 1, "a": 2 }"#),
        options: JobOptions::default(),
    };
    let first = store.upsert_schedule(schedule.clone()).await.unwrap();
    let nodes = [
        engine::store(store.db()),
        engine::store(store.db()),
        store.clone(),
    ];
    for _ in 0..10 {
        for node in &nodes {
            node.advance(second);
        }
        let upkeep = nodes.iter().map(|node| node.upkeep("q", 1000));
        for outcome in futures_util::future::join_all(upkeep).await {
            outcome.unwrap();
        }
    }
    let state = store.schedules("q").await.unwrap().remove(0);
    assert_eq!(state.schedule, schedule);
    let next = state.next.unwrap();
    let passed = next.since(first).as_secs();
    assert!(passed >= 10);
    assert_eq!(state.ticks, passed, "one for each second that has passed");
    assert_eq!(store.counts("q").await.unwrap().waiting, passed);
}
