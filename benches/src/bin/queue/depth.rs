//! What a turn takes on an empty table, and on a full one.

use std::time::{Duration, Instant};

use purlin_base::id::IdMaker;
use purlin_queue::{JobOptions, Store, job::Start, sql::SqlStore, store::NewJob};

use crate::{
    Failure,
    load::{job, turn},
};

const TURNS: usize = 300;

pub(crate) async fn measure(store: &SqlStore, jobs: usize) -> Result<String, Failure> {
    let empty = turns(store).await?;
    fill(store, jobs, Start::Now).await?;
    finish(store, jobs).await?;
    fill(store, jobs, Start::After(Duration::from_secs(24 * 3600))).await?;
    fill(store, jobs, Start::Now).await?;
    let full = turns(store).await?;
    Ok(format!(
        r#"{{"jobs":{jobs},"empty_us":{empty:.0},"full_us":{full:.0},"ratio":{:.2}}}"#,
        full / empty
    ))
}

/// The median of turns that end ten jobs and take ten, with ten added before each.
async fn turns(store: &SqlStore) -> Result<f64, Failure> {
    let ids = IdMaker::default();
    let (mut running, mut times) = (Vec::new(), Vec::with_capacity(TURNS));
    for _ in 0..TURNS {
        store.add((0..10).map(|_| job(&ids)).collect()).await?;
        let began = Instant::now();
        running = store.turn(turn(running, 10)).await?.claimed;
        times.push(began.elapsed());
    }
    store.turn(turn(running, 0)).await?;
    times.sort_unstable();
    Ok(times[TURNS / 2].as_secs_f64() * 1e6)
}

async fn fill(store: &SqlStore, jobs: usize, start: Start) -> Result<(), Failure> {
    let ids = IdMaker::default();
    let new = || NewJob {
        options: JobOptions {
            start,
            ..JobOptions::default()
        },
        ..job(&ids)
    };
    for first in (0..jobs).step_by(1000) {
        let some = (first..jobs.min(first + 1000)).map(|_| new()).collect();
        store.add(some).await?;
    }
    Ok(())
}

async fn finish(store: &SqlStore, jobs: usize) -> Result<(), Failure> {
    let (mut running, mut ended) = (Vec::new(), 0);
    while ended < jobs {
        ended += running.len();
        running = store.turn(turn(running, 500)).await?.claimed;
        if running.is_empty() {
            break;
        }
    }
    Ok(())
}
