//! From the call that adds to the start of the job, on an idle queue.

use std::time::{Duration, Instant};

use purlin_base::id::IdMaker;
use purlin_queue::{Store, sql::SqlStore};
use tokio::sync::mpsc;

use crate::{
    Failure,
    load::{job, turn, wait},
};

pub(crate) async fn measure(store: &SqlStore, jobs: usize) -> Result<String, Failure> {
    let (started, mut starts) = mpsc::channel(1);
    let working = store.clone();
    let worker = purlin_runtime::spawn(async move {
        let (mut running, mut ended) = (Vec::new(), 0);
        while ended < jobs {
            ended += running.len();
            running = working.turn(turn(running, 1)).await?.claimed;
            if running.is_empty() {
                wait(&working).await;
            } else {
                started.send(Instant::now()).await?;
            }
        }
        Ok::<_, Failure>(())
    });
    let ids = IdMaker::default();
    let mut waits = Vec::with_capacity(jobs);
    for _ in 0..jobs {
        let began = Instant::now();
        store.add(vec![job(&ids)]).await?;
        let start = starts.recv().await.ok_or("the worker has stopped")?;
        waits.push(start.saturating_duration_since(began));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    worker.await??;
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    Ok(format!(
        r#"{{"jobs":{jobs},"p50_ms":{:.3},"p99_ms":{:.3},"max_ms":{:.3}}}"#,
        at(0.5),
        at(0.99),
        at(1.0)
    ))
}
