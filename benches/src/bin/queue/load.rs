//! Adding and working as quickly as it goes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use purlin_base::{id::IdMaker, time::SystemClock};
use purlin_queue::{
    JobOptions, Payload, Store,
    sql::{MIGRATIONS, SqlStore},
    store::{Claim, ClaimedJob, Control, Ending, Finish, NewJob, Turn},
};
use purlin_sql::Db;

use crate::{Failure, PAYLOAD, rate};

pub(crate) const QUEUE: &str = "bench";

/// An empty queue in the database at `url`.
pub(crate) async fn store(url: &str) -> Result<SqlStore, Failure> {
    let db = Db::connect(url).await?;
    db.migrate(&MIGRATIONS).await?;
    let store = SqlStore::new(db, Arc::new(SystemClock));
    let clear = || {
        store.control(QUEUE, Control::Obliterate {
            force: true,
            max: 10_000,
        })
    };
    while clear().await? == 10_000 {}
    Ok(store)
}

pub(crate) fn job(ids: &IdMaker) -> NewJob {
    NewJob {
        queue: QUEUE.to_owned(),
        id: ids.make().to_string(),
        name: "mail".to_owned(),
        version: 1,
        data: Payload::from_json(PAYLOAD),
        options: JobOptions::default(),
        parents: Vec::new(),
        awaits_children: false,
        traceparent: None,
    }
}

pub(crate) fn turn(ended: Vec<ClaimedJob>, max: usize) -> Turn {
    let finish = |claimed: ClaimedJob| Finish {
        lease: claimed.lease,
        ending: Ending::Complete(Payload::null()),
    };
    Turn {
        finish: ended.into_iter().map(finish).collect(),
        claim: Some(Claim {
            queue: QUEUE.to_owned(),
            max: u32::try_from(max).unwrap_or(u32::MAX),
            lease: Duration::from_secs(30),
            worker: "bench".to_owned(),
        }),
    }
}

/// Adds jobs by that many callers, each of which waits for its own commit.
pub(crate) async fn add(
    store: &SqlStore,
    jobs: usize,
    callers: usize,
) -> Result<String, Failure> {
    let began = Instant::now();
    add_all(store, jobs, callers).await?;
    Ok(rate(jobs, began.elapsed().as_secs_f64()))
}

async fn add_all(store: &SqlStore, jobs: usize, callers: usize) -> Result<(), Failure> {
    let (ids, left) = (IdMaker::default(), Arc::new(AtomicUsize::new(jobs)));
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let (store, ids, left) = (store.clone(), ids.clone(), Arc::clone(&left));
            purlin_runtime::spawn(async move {
                let take = || left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
                while take().is_ok() {
                    store.add(vec![job(&ids)]).await?;
                }
                Ok::<_, Failure>(())
            })
        })
        .collect();
    for caller in callers {
        caller.await??;
    }
    Ok(())
}

/// Adds jobs a thousand at a time.
pub(crate) async fn fill(store: &SqlStore, jobs: usize) -> Result<(), Failure> {
    let ids = IdMaker::default();
    for first in (0..jobs).step_by(1000) {
        let some = (first..jobs.min(first + 1000)).map(|_| job(&ids)).collect();
        store.add(some).await?;
    }
    Ok(())
}

/// Works off jobs that are there.
pub(crate) async fn work(
    store: &SqlStore,
    jobs: usize,
    at_once: usize,
) -> Result<String, Failure> {
    fill(store, jobs).await?;
    let began = Instant::now();
    let ended = work_off(store, jobs, at_once).await?;
    Ok(rate(ended, began.elapsed().as_secs_f64()))
}

async fn work_off(store: &SqlStore, jobs: usize, at_once: usize) -> Result<usize, Failure> {
    let (mut running, mut ended) = (Vec::new(), 0);
    while ended < jobs {
        ended += running.len();
        let turned = store.turn(turn(running, at_once)).await?;
        running = turned.claimed;
        if running.is_empty() && ended < jobs {
            wait(store).await;
        }
    }
    Ok(ended)
}

/// Until there may be something to do, 25 ms at most.
pub(crate) async fn wait(store: &SqlStore) {
    if let Some(woken) = store.woken(QUEUE) {
        // A hint that does not come is no fault.
        let _ = tokio::time::timeout(Duration::from_millis(25), woken).await;
    }
}

/// Adds by 64 callers, and works off what they add.
pub(crate) async fn both(
    store: &SqlStore,
    jobs: usize,
    at_once: usize,
) -> Result<String, Failure> {
    let began = Instant::now();
    let adding = store.clone();
    let adding = purlin_runtime::spawn(async move { add_all(&adding, jobs, 64).await });
    let ended = work_off(store, jobs, at_once).await?;
    adding.await??;
    Ok(rate(ended, began.elapsed().as_secs_f64()))
}
