//! Leases: who keeps them, and what happens when they are lost.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use purlin_base::time::SystemClock;
use purlin_queue::{JobContext, JobError, State, Store as _, Worker};
use tokio::sync::oneshot;

use super::yard::{HOUR, MS, SECOND, Sum, Yard, sum};

/// The only thread of the runtime is blocked by the processor until three renewals were heard: if
/// they needed that thread, they would never come.
#[tokio::test]
async fn code_that_blocks_every_thread_does_not_lose_its_lease() {
    let yard = Yard::with(|config| config.clock = Arc::new(SystemClock));
    let heard = Mutex::new(yard.store.hear_renewals());
    let process = move |_: Sum, context: JobContext| {
        let heard = heard.lock().unwrap();
        let three: Result<Vec<()>, _> = (0..3).map(|_| heard.recv_timeout(30 * SECOND)).collect();
        std::future::ready(match (three, context.is_cancelled()) {
            (Ok(_), false) => Ok(3),
            (heard, cancelled) => Err(JobError::failed(format!("{heard:?} {cancelled}"))),
        })
    };
    let worker = Worker::of(&yard.queue)
        .lease(300 * MS)
        .processor::<Sum, _>(process);
    let worker = worker.start().await.unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    let result = added.wait_until_finished(30 * SECOND).await;
    assert_eq!(result.unwrap(), 3);
    let job = yard.job(&added.id).await;
    assert_eq!((job.attempts_started, job.crashes), (1, 0));
    worker.stop(SECOND).await;
}

/// What the first attempt of a job waits for.
type Gate = Arc<Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<u32>)>>>;

#[tokio::test]
async fn a_lost_lease_stops_the_attempt_and_leaves_the_newer_one_untouched() {
    let yard = Yard::new();
    let (told, is_told) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let gate: Gate = Arc::new(Mutex::new(Some((told, answered))));
    let first = {
        let gate = Arc::clone(&gate);
        move |_: Sum, context: JobContext| {
            let gate = gate.lock().unwrap().take().unwrap();
            async move {
                context.lease_lost().await;
                assert!(context.is_cancelled());
                let noted = context.progress(&"too late").await;
                assert!(matches!(
                    noted,
                    Err(purlin_queue::QueueError::LeaseLost { .. })
                ));
                gate.0.send(()).unwrap();
                Ok(gate.1.await?)
            }
        }
    };
    let one = yard.worker().grace(60 * SECOND).lease(10 * SECOND);
    let one = one.processor::<Sum, _>(first).start().await.unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || one.running() == 1).await;

    yard.store.is_deaf.store(true, SeqCst);
    let (second, runs) = Held::new();
    let two = yard
        .worker()
        .processor::<Sum, _>(second)
        .start()
        .await
        .unwrap();
    yard.clock.advance(11 * SECOND);
    yard.until("the second attempt runs", async || two.running() == 1)
        .await;
    is_told.await.unwrap();
    let job = yard.job(&added.id).await;
    assert_eq!((job.crashes, job.state), (1, State::Active));

    yard.store.is_deaf.store(false, SeqCst);
    answer.send(111).unwrap();
    yard.until("the first has ended", async || one.running() == 0)
        .await;
    one.stop(SECOND).await;
    assert_eq!(yard.job(&added.id).await.state, State::Active);
    runs.send(222).unwrap();
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!(job.result.unwrap().as_str(), "222");
    two.stop(SECOND).await;
}

/// A processor that returns what it is sent.
struct Held(Mutex<Option<oneshot::Receiver<u32>>>);

impl Held {
    fn new() -> (Self, oneshot::Sender<u32>) {
        let (send, receive) = oneshot::channel();
        (Self(Mutex::new(Some(receive))), send)
    }
}

impl purlin_queue::Processor<Sum> for Held {
    async fn process(&self, _: Sum, _: JobContext) -> Result<u32, JobError> {
        let held = self.0.lock().unwrap().take().unwrap();
        Ok(held.await?)
    }
}

#[tokio::test]
async fn a_job_whose_processes_die_is_poison_after_three_times() {
    let yard = Yard::new();
    let added = yard.queue.add(sum(1, 1)).attempts(9).await.unwrap();
    for crash in 1..=3 {
        let claim = purlin_queue::store::Claim {
            queue: "sums".to_owned(),
            max: 1,
            lease: SECOND,
            worker: "dies".to_owned(),
        };
        let turn = purlin_queue::store::Turn {
            finish: vec![],
            claim: Some(claim),
        };
        assert_eq!(yard.store.turn(turn).await.unwrap().claimed.len(), 1);
        yard.clock.advance(2 * SECOND);
        yard.store.upkeep("sums", 10).await.unwrap();
        assert_eq!(yard.job(&added.id).await.crashes, crash);
    }
    let job = yard.job(&added.id).await;
    assert_eq!(job.state, State::Failed);
    assert_eq!(
        job.failure.unwrap().cause,
        purlin_queue::job::FailureCause::Poison
    );
}

#[tokio::test]
async fn a_worker_is_listed_while_it_is_there_with_what_it_runs() {
    let yard = Yard::new();
    let (held, runs) = Held::new();
    let worker = yard
        .worker()
        .name("adder")
        .concurrency(3)
        .processor::<Sum, _>(held);
    let worker = worker.start().await.unwrap();
    yard.until("it is listed", async || {
        yard.queue.workers().await.unwrap().len() == 1
    })
    .await;
    let listed = yard.queue.workers().await.unwrap().remove(0);
    assert_eq!(
        (&*listed.name, &*listed.id, listed.concurrency),
        ("adder", worker.id(), 3)
    );
    yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until_by(HOUR / 100, "it says that it runs one", async || {
        yard.queue
            .workers()
            .await
            .unwrap()
            .iter()
            .any(|it| it.running == 1)
    })
    .await;
    runs.send(1).unwrap();
    worker.stop(SECOND).await;
    assert!(yard.queue.workers().await.unwrap().is_empty());
}

#[tokio::test]
async fn leases_of_many_jobs_are_renewed_in_one_call() {
    let yard = Yard::new();
    let started = Arc::new(AtomicU32::new(0));
    let process = {
        let started = Arc::clone(&started);
        move |_: Sum, context: JobContext| {
            started.fetch_add(1, SeqCst);
            async move {
                context.cancelled().await;
                Err::<u32, _>(JobError::Cancelled)
            }
        }
    };
    let heard: mpsc::Receiver<()> = yard.store.hear_renewals();
    let worker = yard.worker().concurrency(20).processor::<Sum, _>(process);
    let worker = worker.start().await.unwrap();
    yard.queue
        .add_bulk((0..20).map(|at| yard.queue.add(sum(at, 0))))
        .await
        .unwrap();
    yard.until("all run", async || started.load(SeqCst) == 20)
        .await;
    let before = yard.store.renewals.load(SeqCst);
    yard.until_by(Duration::from_secs(60), "they are renewed", async || {
        heard.try_recv().is_ok()
    })
    .await;
    assert_eq!(yard.store.renewals.load(SeqCst), before + 1);
    worker.stop(Duration::ZERO).await;
}
