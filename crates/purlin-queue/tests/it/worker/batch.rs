//! Several jobs in one call.

use std::sync::{Arc, Mutex};

use purlin_queue::{BatchedJob, JobError, State};

use super::yard::{MS, SECOND, Sum, Yard, sum};

type Answers = Result<Vec<Result<u32, JobError>>, JobError>;

#[tokio::test]
async fn jobs_are_gathered_up_to_the_bound_or_the_wait_and_each_has_its_own_answer() {
    let yard = Yard::new();
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let process = {
        let sizes = Arc::clone(&sizes);
        move |jobs: Vec<BatchedJob<Sum>>| {
            sizes.lock().unwrap().push(jobs.len());
            let answer = |it: BatchedJob<Sum>| match it.job.a {
                2 => Err(JobError::unrecoverable("not this one")),
                a => Ok(a),
            };
            std::future::ready(Answers::Ok(jobs.into_iter().map(answer).collect()))
        }
    };
    let worker = yard.worker().concurrency(3);
    let worker = worker
        .batch_processor::<Sum, _>(3, 200 * MS, process)
        .start()
        .await
        .unwrap();
    let adds = (0..4).map(|a| yard.queue.add(sum(a, 0)));
    let added = yard.queue.add_bulk(adds).await.unwrap();
    for (a, added) in added.iter().enumerate() {
        let state = if a == 2 {
            State::Failed
        } else {
            State::Completed
        };
        let job = yard.reaches(&added.id, state).await;
        if state == State::Completed {
            assert_eq!(job.result.unwrap().decode::<usize>().unwrap(), a);
        }
    }
    assert_eq!(*sizes.lock().unwrap(), [3, 1]);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn an_error_a_panic_or_a_wrong_number_of_answers_fails_each() {
    let yard = Yard::new();
    let process = async |jobs: Vec<BatchedJob<Sum>>| match jobs[0].job.a {
        0 => Answers::Err(JobError::failed("all of them")),
        1 => panic!("at the first"),
        _ => Ok(vec![]),
    };
    let worker = yard.worker().concurrency(2).prefetch(0);
    let worker = worker
        .batch_processor::<Sum, _>(2, SECOND, process)
        .start()
        .await
        .unwrap();
    let expected = [
        "all of them",
        "panicked: at the first",
        "the batch of 2 jobs had 0 answers",
    ];
    for (a, reason) in expected.into_iter().enumerate() {
        let adds = (0..2).map(|_| yard.queue.add(sum(a as u32, 0)));
        for added in yard.queue.add_bulk(adds).await.unwrap() {
            let job = yard.reaches(&added.id, State::Failed).await;
            assert_eq!(job.failure.unwrap().reason, reason);
        }
    }
    worker.stop(SECOND).await;
}
