//! How late and how busy an executor is.

use std::time::Duration;

use purlin_diagnostics::{DelayMonitor, Utilization};
use tokio::{runtime::Handle, time::sleep};

use crate::block_for;

const MS: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_thread_that_is_held_up_shows_as_a_delay() {
    let monitor = DelayMonitor::start(5 * MS);
    while monitor.histogram().count() == 0 {
        sleep(MS).await;
    }
    block_for(60 * MS);
    let before = monitor.histogram().count();
    while monitor.histogram().count() == before {
        sleep(MS).await;
    }
    assert!(
        monitor.histogram().max() >= 54 * MS,
        "{:?}",
        monitor.histogram()
    );
}

#[tokio::test(start_paused = true)]
async fn an_executor_with_nothing_to_do_has_no_delay() {
    let monitor = DelayMonitor::start(10 * MS);
    sleep(Duration::from_secs(1)).await;
    let histogram = monitor.histogram();
    assert!(histogram.count() >= 90, "{histogram:?}");
    assert!(histogram.max() <= MS, "{histogram:?}");
}

#[tokio::test]
async fn a_monitor_that_was_dropped_measures_no_more() {
    let monitor = DelayMonitor::start(MS);
    while monitor.histogram().count() == 0 {
        sleep(MS).await;
    }
    let tasks = || Handle::current().metrics().num_alive_tasks();
    assert_eq!(tasks(), 1);
    drop(monitor);
    while tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_busy_worker_is_told_from_an_idle_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let earlier = Utilization::now(runtime.handle());
    runtime.block_on(async {
        purlin_runtime::spawn(async { block_for(50 * MS) })
            .await
            .unwrap();
    });
    let worked = || {
        let workers = Utilization::now(runtime.handle()).since(&earlier);
        workers.iter().map(|it| it.busy).fold(0.0, f64::max)
    };
    // Counted once the worker has nothing to do any more.
    while worked() < 0.049 {
        std::thread::yield_now();
    }
    let workers = Utilization::now(runtime.handle()).since(&earlier);
    assert_eq!(workers.len(), 2);
    for worker in workers {
        assert!((0.0..=1.0).contains(&worker.utilization), "{worker:?}");
        let idle_and_busy = worker.idle + worker.busy;
        assert!(idle_and_busy > 0.0, "{worker:?}");
    }
}
