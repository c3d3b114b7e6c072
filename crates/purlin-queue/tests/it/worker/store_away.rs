//! A store that is away, comes back, or chokes on one result.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use purlin_queue::{JobContext, State};
use tokio::sync::Notify;

use super::yard::{MS, SECOND, Sum, Yard, add_up, sum};

/// A processor that ends when it is let go.
fn gated(gate: &Arc<Notify>) -> impl purlin_queue::Processor<Sum> + use<> {
    let gate = Arc::clone(gate);
    move |job: Sum, _: JobContext| {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            Ok(job.a)
        }
    }
}

#[tokio::test]
async fn results_are_kept_while_the_store_is_away_and_work_goes_on_within_seconds() {
    let yard = Yard::new();
    let gate = Arc::new(Notify::new());
    let worker = yard
        .worker()
        .processor::<Sum, _>(gated(&gate))
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(7, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    yard.store.is_away.store(true, SeqCst);
    let turns = yard.store.turns.load(SeqCst);
    gate.notify_one();
    let went_away = yard.clock.clone();
    yard.until("it was tried for a while", async || {
        yard.store.turns.load(SeqCst) >= turns + 8
    })
    .await;
    // 50 ms, doubled up to 2 s: it is not hammered.
    let tried = yard.store.turns.load(SeqCst) - turns;
    assert!(tried < 12, "{tried} turns");
    assert_eq!(yard.job(&added.id).await.state, State::Active);
    yard.store.is_away.store(false, SeqCst);
    let came_back = purlin_base::time::Clock::now(&went_away);
    gate.notify_one();
    let next = yard.queue.add(sum(8, 1)).await.unwrap();
    yard.reaches(&added.id, State::Completed).await;
    yard.reaches(&next.id, State::Completed).await;
    let waited = purlin_base::time::Clock::now(&went_away).since(came_back);
    assert!(waited < 5 * SECOND, "{waited:?}");
    let job = yard.job(&added.id).await;
    assert_eq!((job.attempts_started, job.attempts_made), (1, 1));
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_result_is_given_up_when_its_lease_runs_out_before_the_store_is_back() {
    let yard = Yard::new();
    let gate = Arc::new(Notify::new());
    let worker = yard
        .worker()
        .lease(10 * SECOND)
        .processor::<Sum, _>(gated(&gate));
    let worker = worker.start().await.unwrap();
    let added = yard.queue.add(sum(7, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    yard.store.is_away.store(true, SeqCst);
    yard.store.is_deaf.store(true, SeqCst);
    gate.notify_one();
    yard.until("it has ended", async || worker.running() == 0)
        .await;
    yard.clock.advance(11 * SECOND);
    yard.until("it is reaped", async || {
        yard.job(&added.id).await.state == State::Waiting
    })
    .await;
    yard.store.is_away.store(false, SeqCst);
    yard.store.is_deaf.store(false, SeqCst);
    yard.until("it runs again", async || worker.running() == 1)
        .await;
    gate.notify_one();
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!((job.attempts_made, job.crashes, job.fence), (1, 1, 2));
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn one_result_that_the_store_never_takes_holds_up_nobody_and_becomes_a_failure() {
    let yard = Yard::new();
    *yard.store.chokes_on.lock().unwrap() = Some("13".to_owned());
    let worker = yard.worker().concurrency(20).processor::<Sum, _>(add_up);
    let worker = worker.start().await.unwrap();
    let adds = (0..20).map(|a| yard.queue.add(sum(a, 0)));
    let added = yard.queue.add_bulk(adds).await.unwrap();
    for (a, added) in added.iter().enumerate() {
        let state = if a == 13 {
            State::Failed
        } else {
            State::Completed
        };
        yard.reaches(&added.id, state).await;
    }
    let failure = yard.job(&added[13].id).await.failure.unwrap();
    assert!(
        failure.reason.contains("option result: not this one"),
        "{failure:?}"
    );
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_store_that_is_away() {
    let yard = Yard::new();
    let gate = Arc::new(Notify::new());
    let worker = yard
        .worker()
        .processor::<Sum, _>(gated(&gate))
        .start()
        .await
        .unwrap();
    yard.queue.add(sum(7, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    yard.store.is_away.store(true, SeqCst);
    gate.notify_one();
    yard.until("it has ended", async || worker.running() == 0)
        .await;
    let before = purlin_base::time::Clock::monotonic(&yard.clock);
    let stopped = std::sync::atomic::AtomicBool::new(false);
    let stop = async {
        worker.stop(SECOND).await;
        stopped.store(true, SeqCst);
    };
    tokio::join!(stop, async {
        yard.until_by(10 * MS, "it has stopped", async || stopped.load(SeqCst))
            .await;
    });
    let took = purlin_base::time::Clock::monotonic(&yard.clock) - before;
    assert!(took < Duration::from_secs(6), "{took:?}");
}
