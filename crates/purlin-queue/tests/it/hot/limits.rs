//! Limits and turns under races.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use purlin_queue::{
    Store,
    sql::SqlStore,
    store::{Claim, ClaimedJob, Control, Limits, NewJob, Rate, Turn},
};

use crate::tables::{claim, complete, job, jobs};

async fn limit(store: &SqlStore, limits: Limits) {
    store.control("q", Control::Limit(limits)).await.unwrap();
}

fn keyed(id: &str, key: &str) -> NewJob {
    let mut job = job("q", id);
    job.options.key = Some(key.to_owned());
    job
}

fn of(id: &str, tenant: &str) -> NewJob {
    let mut job = job("q", id);
    job.options.tenant = Some(tenant.to_owned());
    job
}

/// What runs now, by limit key: each worker says before it claims nothing, and after.
#[derive(Default)]
struct Running(Mutex<BTreeMap<String, u32>>);

impl Running {
    fn begun(&self, claimed: &ClaimedJob) {
        let mut running = self.0.lock().unwrap();
        let key = claimed.job.options.key.clone().unwrap();
        let of_key = running.entry(key).or_default();
        *of_key += 1;
        assert!(*of_key <= 2, "two of a key at once at most");
        assert!(running.values().sum::<u32>() <= 5, "five at once at most");
    }

    fn ends(&self, claimed: &ClaimedJob) {
        let key = claimed.job.options.key.as_ref().unwrap();
        *self.0.lock().unwrap().get_mut(key).unwrap() -= 1;
    }
}

pub(super) async fn limits_are_not_exceeded_by_many_claims_at_once(store: &SqlStore) {
    limit(
        store,
        Limits {
            concurrency: Some(5),
            key_concurrency: Some(2),
            ..Limits::default()
        },
    )
    .await;
    let id = |n: u32| keyed(&format!("job-{n}"), &format!("key-{}", n % 4));
    store.add((0..120).map(id).collect()).await.unwrap();
    let running = Arc::new(Running::default());
    let workers = (0..6).map(|_| async {
        let mut ended = 0;
        while store.counts("q").await.unwrap().completed < 120 {
            let claimed = claim(store, "q", 3).await;
            claimed.iter().for_each(|claimed| running.begun(claimed));
            tokio::task::yield_now().await;
            for claimed in claimed {
                // Until the end is committed it counts; said before, so that none is counted twice.
                running.ends(&claimed);
                complete(store, &claimed).await;
                ended += 1;
            }
        }
        ended
    });
    let ended: u32 = join_all(workers).await.into_iter().sum();
    assert_eq!(ended, 120);
}

pub(super) async fn a_full_window_says_when_it_opens(store: &SqlStore) {
    let per = Duration::from_secs(3600);
    limit(
        store,
        Limits {
            rate: Some(Rate { max: 3, per }),
            ..Limits::default()
        },
    )
    .await;
    store.add(jobs("q", 10)).await.unwrap();
    let turn = |max| Turn {
        finish: Vec::new(),
        claim: Some(Claim {
            queue: "q".to_owned(),
            max,
            lease: Duration::from_secs(30),
            worker: "test".to_owned(),
        }),
    };
    let turned = store.turn(turn(10)).await.unwrap();
    assert_eq!(turned.claimed.len(), 3);
    let again_in = turned.again_in.unwrap();
    assert!(again_in <= per && again_in > per / 2, "{again_in:?}");
    assert!(claim(store, "q", 10).await.is_empty());
    store.advance(per);
    assert_eq!(claim(store, "q", 10).await.len(), 3);
}

pub(super) async fn a_plain_job_takes_its_turn_among_tenants(store: &SqlStore) {
    for n in 0..30 {
        store.add(vec![of(&format!("a-{n}"), "a")]).await.unwrap();
    }
    store.add(vec![of("b-0", "b")]).await.unwrap();
    store.add(vec![job("q", "plain")]).await.unwrap();
    let ids = |claimed: Vec<ClaimedJob>| -> Vec<String> {
        claimed.into_iter().map(|claimed| claimed.job.id).collect()
    };
    let mut first = ids(claim(store, "q", 3).await);
    first.sort();
    assert_eq!(first, ["a-0", "b-0", "plain"]);
    assert_eq!(ids(claim(store, "q", 2).await), ["a-1", "a-2"]);
}

pub(super) async fn a_key_that_is_full_does_not_hold_back_others(store: &SqlStore) {
    limit(
        store,
        Limits {
            key_concurrency: Some(1),
            ..Limits::default()
        },
    )
    .await;
    let mut jobs: Vec<NewJob> = (0..40)
        .map(|n| keyed(&format!("full-{n}"), "full"))
        .collect();
    jobs.push(keyed("other", "other"));
    jobs.push(job("q", "plain"));
    store.add(jobs).await.unwrap();
    let claimed = claim(store, "q", 10).await;
    let ids: Vec<&str> = claimed
        .iter()
        .map(|claimed| claimed.job.id.as_str())
        .collect();
    assert_eq!(ids, ["full-0", "other", "plain"]);
    complete(store, &claimed[0]).await;
    assert_eq!(claim(store, "q", 10).await[0].job.id, "full-1");
}
