//! What a processor knows and says.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering::SeqCst},
};
use std::time::Duration;

use purlin_base::{Context, context::TraceContext, work::Label};
use purlin_queue::{JobContext, JobError, QueueError, State};
use purlin_runtime::CpuPool;

use super::yard::{SECOND, Sum, Yard, sum};

#[tokio::test]
async fn progress_and_log_lines_can_be_read_while_it_runs() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| {
        context.progress(&50).await?;
        context.log("half way").await?;
        context.log("é".repeat(4000)).await?;
        context.cancelled().await;
        Ok(0)
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("two lines are there", async || {
        yard.queue.logs(&added.id, 0, 10).await.unwrap().total == 2
    })
    .await;
    assert_eq!(yard.job(&added.id).await.progress.unwrap().as_str(), "50");
    let log = yard.queue.logs(&added.id, 0, 10).await.unwrap();
    assert_eq!(log.lines[0], "half way");
    assert_eq!(log.lines[1], "é".repeat(2048));
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_step_that_was_done_is_not_done_again_by_a_later_attempt() {
    let yard = Yard::new();
    let charged = Arc::new(AtomicU32::new(0));
    let process = {
        let charged = Arc::clone(&charged);
        move |_: Sum, context: JobContext| {
            let charged = Arc::clone(&charged);
            async move {
                let receipt: String = context
                    .step("charge", async || {
                        charged.fetch_add(1, SeqCst);
                        Ok(format!("receipt {}", context.attempt()))
                    })
                    .await?;
                assert_eq!(receipt, "receipt 1");
                let again: String = context
                    .step("charge", async || panic!("done twice"))
                    .await?;
                assert_eq!(again, receipt);
                match context.is_last_attempt() {
                    true => Ok(1),
                    false => Err(JobError::failed("after the step")),
                }
            }
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).attempts(3).await.unwrap();
    yard.reaches(&added.id, State::Completed).await;
    assert_eq!(charged.load(SeqCst), 1);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn steps_are_bounded_by_a_hundred() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| {
        for at in 0..100 {
            context.step(&format!("step {at}"), async || Ok(at)).await?;
        }
        assert_eq!(context.step("step 7", async || Ok(0)).await?, 7);
        context.step("one more", async || Ok(0)).await
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    assert_eq!(
        job.failure.unwrap().reason,
        "option steps: at most 100 a job"
    );
    worker.stop(SECOND).await;
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Around>>>);

/// The trace, the span, the label, and whether it outlives its caller.
type Around = (String, String, String, bool);

#[tokio::test]
async fn a_job_runs_in_a_context_of_its_own_below_the_trace_of_whoever_added_it() {
    let yard = Yard::new();
    let seen = Seen::default();
    let process = {
        let seen = seen.clone();
        move |_: Sum, context: JobContext| {
            let seen = seen.clone();
            async move {
                let around = Context::current().unwrap();
                assert!(around.principal().is_none());
                assert_eq!(around.request_id(), context.id());
                assert_eq!(around.deadline(), Some(context.deadline()));
                seen.0.lock().unwrap().push((
                    around.trace().trace_id(),
                    around.trace().span_id(),
                    Label::current().to_string(),
                    around.outlives_caller(),
                ));
                Ok(0)
            }
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let caller = Context::builder().trace(trace.unwrap()).build();
    let added = caller
        .scope(async { yard.queue.add(sum(1, 1)).await.unwrap() })
        .await;
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!(job.traceparent, trace.map(|it| it.to_string()));
    let (trace_id, span_id, label, outlives) = seen.0.lock().unwrap().pop().unwrap();
    assert_eq!(trace_id, trace.unwrap().trace_id());
    assert_ne!(span_id, trace.unwrap().span_id());
    assert_eq!(label, "job sum");
    assert!(outlives);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn the_key_is_the_same_for_every_attempt_and_the_fence_is_not() {
    let yard = Yard::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let process = {
        let seen = Arc::clone(&seen);
        move |_: Sum, context: JobContext| {
            seen.lock()
                .unwrap()
                .push((context.idempotency_key(), context.fence()));
            std::future::ready(Err::<u32, _>(JobError::failed("once more")))
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard
        .queue
        .add(sum(1, 1))
        .id("bill-7")
        .attempts(2)
        .await
        .unwrap();
    yard.reaches(&added.id, State::Failed).await;
    let seen = seen.lock().unwrap().clone();
    assert_eq!((&*seen[0].0, &*seen[1].0), ("sums:bill-7", "sums:bill-7"));
    assert!(seen[0].1 < seen[1].1);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn work_that_computes_runs_on_the_pool_and_its_panic_is_a_failed_attempt() {
    let yard = Yard::new();
    let pool = CpuPool::builder().threads(1).name("sums").build().unwrap();
    let worker = yard
        .worker()
        .cpu_processor::<Sum, _>(&pool, |job, context| {
            assert_eq!(std::thread::current().name(), Some("sums-0"));
            assert!(!context.is_cancelled());
            assert!(job.a > 0, "nothing to add");
            Ok(job.a + job.b)
        })
        .start()
        .await
        .unwrap();
    let good = yard.queue.add(sum(1, 2)).await.unwrap();
    let bad = yard.queue.add(sum(0, 2)).await.unwrap();
    let job = yard.reaches(&good.id, State::Completed).await;
    assert_eq!(job.result.unwrap().as_str(), "3");
    let job = yard.reaches(&bad.id, State::Failed).await;
    assert_eq!(job.failure.unwrap().reason, "panicked: nothing to add");
    worker.stop(SECOND).await;
    pool.close().await;
}

#[tokio::test]
async fn an_engine_without_transactions_says_so() {
    let yard = Yard::new();
    let db = purlin_sql::Db::connect("sqlite::memory:").await.unwrap();
    let refused = db
        .transaction(async |tx| {
            let added = yard.queue.add(sum(1, 1)).within(tx).await;
            Ok::<_, purlin_sql::SqlError>(added.unwrap_err())
        })
        .await
        .unwrap();
    assert!(
        matches!(refused, QueueError::NotOffered { engine: "tap", .. }),
        "{refused}"
    );
    assert_eq!(yard.queue.counts().await.unwrap().waiting, 0);
}
