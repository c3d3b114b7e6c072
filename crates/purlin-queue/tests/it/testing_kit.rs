//! The kit that users test with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use purlin_queue::{
    Backoff, Flow, Job, JobContext, JobError, State, assert_enqueued, assert_not_enqueued,
    store::Repeat,
    testing::{Drained, TestQueues},
};
use serde::{Deserialize, Serialize};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Mail {
    to: String,
}

impl Job for Mail {
    const NAME: &'static str = "mail";
    const QUEUE: &'static str = "mails";
    type Output = String;
}

fn mail(to: &str) -> Mail {
    Mail { to: to.to_owned() }
}

/// Sends, and says so by another job where the address says `and …`.
async fn send(job: Mail, context: JobContext) -> Result<String, JobError> {
    if let Some((_, rest)) = job.to.split_once(" and ") {
        context.queues().add(mail(rest)).await?;
    }
    Ok(job.to)
}

#[tokio::test]
async fn jobs_run_when_they_are_drained_and_so_do_those_that_they_add() {
    let test = TestQueues::builder().processor::<Mail, _>(send).build();
    let added = test
        .queues()
        .add(mail("ada and bea and cleo"))
        .await
        .unwrap();
    assert_eq!(test.queue("mails").counts().await.unwrap().waiting, 1);
    let drained = test.drain().await;
    let expected = Drained {
        attempts: 3,
        completed: 3,
        failed: 0,
    };
    assert_eq!(drained, expected);
    let result = added.wait_until_finished(HOUR).await.unwrap();
    assert_eq!(result, "ada and bea and cleo");
    assert_eq!(test.drain().await, Drained::default());
}

#[tokio::test]
async fn inline_jobs_have_run_before_whoever_added_them_goes_on() {
    let test = TestQueues::builder()
        .processor::<Mail, _>(send)
        .inline()
        .build();
    let added = test.queues().add(mail("ada and bea")).await.unwrap();
    let job = test.queue("mails").job(&added.id).await.unwrap().unwrap();
    assert_eq!(job.state, State::Completed);
    assert_eq!(test.queue("mails").counts().await.unwrap().completed, 2);
    test.queues().add(mail("late")).delay(HOUR).await.unwrap();
    assert_enqueued!(test, mail("late"));
}

#[tokio::test]
async fn time_moves_from_one_thing_that_is_due_to_the_next() {
    let test = TestQueues::builder().processor::<Mail, _>(send).build();
    let queue = test.queue("mails");
    test.queues()
        .add(mail("soon"))
        .delay(HOUR * 2)
        .await
        .unwrap();
    test.fail_next::<Mail>(2);
    let failing = test.queues().add(mail("twice")).attempts(3);
    failing.backoff(Backoff::exponential(HOUR)).await.unwrap();
    // It fails at 0 and 1 o'clock; the other one comes at 2, and it again at 3.
    let drained = test.advance(HOUR * 4).await;
    assert_eq!(
        (drained.attempts, drained.completed, drained.failed),
        (4, 2, 0)
    );
    let every = Repeat::Every(HOUR * 6);
    queue
        .schedules()
        .upsert("news", every, mail("all"))
        .await
        .unwrap();
    let drained = test.advance(HOUR * 20).await;
    assert_eq!((drained.attempts, drained.completed), (4, 4));
    let mut at: Vec<i64> = Vec::new();
    for job in queue.jobs(&[State::Completed], 0, 100).await.unwrap() {
        at.push(job.processed_at.unwrap().unix_seconds() % (24 * 3600) / 3600);
    }
    at.sort_unstable();
    assert_eq!(at, [0, 2, 3, 6, 12, 18]);
}

#[tokio::test]
async fn what_was_added_is_found_by_value_and_by_what_is_true_of_it() {
    let test = TestQueues::fake();
    test.queues().add(mail("ada")).priority(3).await.unwrap();
    let flow = Flow::new(mail("top")).child(Flow::new(mail("below")));
    test.queues().add_flow(flow).await.unwrap();
    assert_enqueued!(test, mail("ada"));
    assert_enqueued!(test, Mail, |it| it.to == "top");
    assert_not_enqueued!(test, Mail, |it| it.to == "eve");
    assert_eq!(test.enqueued::<Mail>().len(), 3);
}

#[tokio::test]
#[should_panic(
    expected = "mail(\"eve\") was not added; there is\n  mails: mail {\"to\":\"ada\"} (waiting)"
)]
async fn what_was_not_added_is_said_with_what_was() {
    let test = TestQueues::fake();
    test.queues().add(mail("ada")).await.unwrap();
    assert_enqueued!(test, mail("eve"));
}

#[tokio::test]
async fn attempts_that_are_made_to_fail_do_not_reach_the_processor() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = {
        let calls = Arc::clone(&calls);
        move |job: Mail, _: JobContext| {
            calls.fetch_add(1, SeqCst);
            std::future::ready(Ok(job.to))
        }
    };
    let test = TestQueues::builder().processor::<Mail, _>(counted).build();
    test.fail_next::<Mail>(1);
    let failed = test.queues().add(mail("ada")).await.unwrap();
    let sent = test.queues().add(mail("bea")).await.unwrap();
    let drained = test.drain().await;
    assert_eq!((drained.failed, drained.completed), (1, 1));
    assert_eq!(calls.load(SeqCst), 1);
    let job = test.queue("mails").job(&failed.id).await.unwrap().unwrap();
    assert_eq!(job.failure.unwrap().reason, "made to fail by the test");
    assert_eq!(sent.wait_until_finished(HOUR).await.unwrap(), "bea");
}
