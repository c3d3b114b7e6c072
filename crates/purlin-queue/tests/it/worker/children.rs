//! Jobs that wait for others.

use purlin_queue::{
    Batch, Flow, Job, JobContext, JobError, QueueError, State, Worker,
    store::{ChildOutcome, OnChildFailure},
};
use serde::{Deserialize, Serialize};

use super::yard::{HOUR, MS, SECOND, Sum, Yard, add_up, sum};

/// Adds up what its children return.
#[derive(Serialize, Deserialize)]
struct Total;

impl Job for Total {
    const NAME: &'static str = "total";
    const QUEUE: &'static str = "totals";
    type Output = u32;
}

async fn total(_: Total, context: JobContext) -> Result<u32, JobError> {
    Ok(context.children_values::<u32>().await?.iter().sum())
}

/// A worker for each of the two queues.
async fn workers(yard: &Yard) -> [Worker; 2] {
    let totals = yard.queue.queues().of::<Total>().unwrap();
    let of_totals = Worker::of(&totals).lease(HOUR).poll(5 * MS, 50 * MS);
    [
        yard.worker()
            .concurrency(4)
            .processor::<Sum, _>(add_up)
            .start()
            .await
            .unwrap(),
        of_totals
            .processor::<Total, _>(total)
            .start()
            .await
            .unwrap(),
    ]
}

async fn stop(workers: [Worker; 2]) {
    for worker in workers {
        worker.stop(SECOND).await;
    }
}

#[tokio::test]
async fn a_parent_waits_for_its_children_in_other_queues_and_reads_what_they_returned() {
    let yard = Yard::new();
    let flow = Flow::new(Total)
        .child(Flow::new(sum(1, 2)))
        .child(Flow::new(sum(3, 4)).delay(100 * MS))
        .child(Flow::new(Total).child(Flow::new(sum(10, 20))));
    let added = yard.queue.queues().add_flow(flow).await.unwrap();
    assert_eq!(added.others.len(), 4);
    let totals = added.job.queue().clone();
    let top = totals.job(&added.job.id).await.unwrap().unwrap();
    assert_eq!(top.state, State::WaitingChildren);
    let workers = workers(&yard).await;
    yard.until("the top is completed", async || {
        totals.job(&added.job.id).await.unwrap().unwrap().state == State::Completed
    })
    .await;
    let outcome = added.job.wait_until_finished(SECOND).await.unwrap();
    assert_eq!(outcome, 40);
    stop(workers).await;
}

#[tokio::test]
async fn a_shared_child_is_one_job_with_two_parents() {
    let yard = Yard::new();
    let shared = Flow::new(sum(2, 3)).shared();
    let flow = Flow::new(Total)
        .child(Flow::new(Total).child(shared.clone()))
        .child(Flow::new(Total).child(shared));
    let added = yard.queue.queues().add_flow(flow).await.unwrap();
    assert_eq!(added.others.len(), 3);
    assert_eq!(yard.queue.counts().await.unwrap().waiting, 1);
    let workers = workers(&yard).await;
    let totals = added.job.queue().clone();
    yard.until("the top is completed", async || {
        totals.job(&added.job.id).await.unwrap().unwrap().state == State::Completed
    })
    .await;
    assert_eq!(added.job.wait_until_finished(SECOND).await.unwrap(), 10);
    stop(workers).await;
}

#[tokio::test]
async fn two_jobs_of_one_id_and_flows_too_deep_are_refused() {
    let yard = Yard::new();
    let queues = yard.queue.queues();
    let cycle = Flow::new(sum(1, 1))
        .id("a")
        .child(Flow::new(sum(1, 1)).id("a"));
    let error = queues.add_flow(cycle).await.unwrap_err();
    assert!(matches!(error, QueueError::Flow { .. }), "{error}");
    assert!(
        error.to_string().contains("two jobs with the id \"a\""),
        "{error}"
    );
    let mut deep = Flow::new(sum(0, 0));
    for _ in 0..200 {
        deep = Flow::new(sum(0, 0)).child(deep);
    }
    let error = queues.add_flow(deep).await.unwrap_err();
    let said = "the flow is refused: it is more than 100 jobs deep";
    assert_eq!(error.to_string(), said);
    assert_eq!(yard.queue.counts().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn a_batch_runs_its_callback_when_all_have_ended_and_that_reads_who_failed() {
    let yard = Yard::new();
    let one_fails = async |job: Sum, _: JobContext| match job.a {
        1 => Err(JobError::unrecoverable("no")),
        a => Ok(a),
    };
    let report = async |_: Total, context: JobContext| {
        let children = context.children().await?;
        let failed = children
            .iter()
            .filter(|it| matches!(it.outcome, ChildOutcome::Failed(_)));
        Ok(failed.count() as u32 * 100 + children.len() as u32)
    };
    let queues = yard.queue.queues();
    let totals = queues.of::<Total>().unwrap();
    let first = yard
        .worker()
        .processor::<Sum, _>(one_fails)
        .start()
        .await
        .unwrap();
    let second = Worker::of(&totals)
        .lease(HOUR)
        .processor::<Total, _>(report);
    let second = second.start().await.unwrap();
    let batch = Batch::new(Total).jobs((0..3).map(|a| sum(a, 0)));
    let added = batch.add_to(queues).await.unwrap();
    yard.until("the callback has run", async || {
        totals.job(&added.job.id).await.unwrap().unwrap().state == State::Completed
    })
    .await;
    assert_eq!(added.job.wait_until_finished(SECOND).await.unwrap(), 103);
    stop([first, second]).await;
}

#[tokio::test]
async fn a_child_that_fails_fails_its_parent_unless_it_may() {
    let yard = Yard::new();
    let fails = async |_: Sum, _: JobContext| Err::<u32, _>(JobError::unrecoverable("no"));
    let worker = yard
        .worker()
        .processor::<Sum, _>(fails)
        .start()
        .await
        .unwrap();
    let queues = yard.queue.queues();
    let strict = Flow::new(Total).child(Flow::new(sum(1, 1)));
    let strict = queues.add_flow(strict).await.unwrap();
    let lax = Flow::new(Total).child_with(OnChildFailure::Continue, Flow::new(sum(1, 1)));
    let lax = queues.add_flow(lax).await.unwrap();
    let totals = queues.of::<Total>().unwrap();
    let state = async |id: &str| totals.job(id).await.unwrap().unwrap().state;
    yard.until("the strict one fails", async || {
        state(&strict.job.id).await == State::Failed
    })
    .await;
    yard.until("the lax one is ready", async || {
        state(&lax.job.id).await == State::Waiting
    })
    .await;
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_job_adds_children_while_it_runs_and_is_run_again_when_they_have_ended() {
    let yard = Yard::new();
    let split = async |job: Total, context: JobContext| {
        if context.children().await?.is_empty() {
            for a in 1..=3 {
                context.add_child(Flow::new(sum(a, 0))).await?;
            }
            return Err(JobError::AwaitChildren);
        }
        total(job, context).await
    };
    let queues = yard.queue.queues();
    let totals = queues.of::<Total>().unwrap();
    let second = Worker::of(&totals).lease(HOUR).processor::<Total, _>(split);
    let workers = [
        yard.worker()
            .processor::<Sum, _>(add_up)
            .start()
            .await
            .unwrap(),
        second.start().await.unwrap(),
    ];
    let added = queues.add(Total).await.unwrap();
    yard.until("it is completed", async || {
        totals.job(&added.id).await.unwrap().unwrap().state == State::Completed
    })
    .await;
    let job = totals.job(&added.id).await.unwrap().unwrap();
    assert_eq!(job.result.unwrap().as_str(), "6");
    assert_eq!(job.attempts_made, 1);
    stop(workers).await;
}
