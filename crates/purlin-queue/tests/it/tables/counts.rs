//! Counting.

use std::time::Duration;

use purlin_base::random::{Rng, SeededRng};
use purlin_queue::{
    Keep, Payload, State, Store,
    job::{Failure, FailureCause, Start},
    sql::SqlStore,
    store::{Change, ClaimedJob, Control, Counts, Ending, Retention},
};

use super::{claim, complete, end, job, jobs};

pub(super) async fn finished_jobs_are_counted_without_being_looked_at(store: &SqlStore) {
    store.add(jobs("q", 3)).await.unwrap();
    for job in claim(store, "q", 2).await {
        complete(store, &job).await;
    }
    let delete = "delete from purlin_jobs where queue = 'q'";
    store.db().write(delete).execute().await.unwrap();
    let counts = store.counts("q").await.unwrap();
    assert_eq!((counts.completed, counts.waiting), (2, 0));
}

pub(super) async fn counts_are_those_of_the_rows_whatever_happened(store: &SqlStore) {
    for seed in [1, 7, 4711] {
        let mut history = History {
            store,
            queue: format!("q{seed}"),
            rng: SeededRng::new(seed),
            running: Vec::new(),
            added: 0,
        };
        let keep = Keep {
            count: Some(5),
            age: Some(Duration::from_secs(60)),
        };
        let retention = Retention {
            completed: keep,
            failed: keep,
        };
        let retain = Control::Retain(retention);
        store.control(&history.queue, retain).await.unwrap();
        for step in 0..150 {
            let what = history.step().await;
            let (told, there) = history.counts().await;
            assert_eq!(told, there, "seed {seed}, step {step}: {what}");
        }
    }
}

/// Whatever comes.
struct History<'a> {
    store: &'a SqlStore,
    queue: String,
    rng: SeededRng,
    running: Vec<ClaimedJob>,
    added: u64,
}

impl History<'_> {
    async fn step(&mut self) -> &'static str {
        let (queue, below) = (self.queue.clone(), |max| self.rng.below(max));
        match below(10) {
            0..=2 => {
                self.add().await;
                "add"
            }
            3 | 4 => {
                self.running.extend(claim(self.store, &queue, 2).await);
                "claim"
            }
            5 | 6 => {
                self.finish().await;
                "finish"
            }
            7 => {
                self.change().await;
                "change"
            }
            8 => {
                self.store.advance(Duration::from_secs(below(20)));
                self.store.upkeep(&queue, 3).await.unwrap();
                "upkeep"
            }
            _ => {
                self.control().await;
                "control"
            }
        }
    }

    async fn add(&mut self) {
        self.added += 1;
        let mut job = job(&self.queue, &format!("job-{}", self.added));
        job.options.priority = self.rng.below(2) as u32;
        if self.rng.below(4) == 0 {
            job.options.start = Start::After(Duration::from_secs(10));
        }
        job.options.keep_completed = match self.rng.below(4) {
            0 => Some(Keep::NOTHING),
            1 => Some(Keep {
                count: Some(2),
                age: None,
            }),
            _ => None,
        };
        job.options.keep_failed = job.options.keep_completed;
        self.store.add(vec![job]).await.unwrap();
    }

    async fn finish(&mut self) {
        let Some(job) = self.running.pop() else {
            return;
        };
        let failure = Failure {
            cause: FailureCause::Error,
            reason: "no".into(),
        };
        let ending = match self.rng.below(4) {
            0 => Ending::Fail(failure),
            1 => Ending::Release,
            _ => Ending::Complete(Payload::null()),
        };
        end(self.store, &job, ending).await;
    }

    async fn change(&mut self) {
        let id = format!("job-{}", self.rng.below(self.added.max(1)) + 1);
        let change = match self.rng.below(4) {
            0 => Change::Redrive,
            1 => Change::Remove,
            2 => Change::Promote,
            _ => Change::Cancel,
        };
        // Many of these are refused, which is as good.
        let _ = self.store.change(&self.queue, &id, change).await;
    }

    async fn control(&mut self) {
        let (max, grace) = (2, Duration::from_secs(5));
        let control = match self.rng.below(4) {
            0 => Control::Drain { delayed: true, max },
            1 => Control::RetryAll {
                state: State::Failed,
                max,
            },
            2 => Control::PromoteAll { max },
            _ => Control::Clean {
                state: State::Completed,
                grace,
                max,
            },
        };
        self.store.control(&self.queue, control).await.unwrap();
    }

    /// What is told, and what there is.
    async fn counts(&self) -> (Counts, Counts) {
        let select = "select state, count(*) from purlin_jobs where queue = $1 group by state";
        let select = self.store.db().read().query(select).bind(&self.queue);
        let mut there = Counts::default();
        for (state, count) in select.fetch_all::<(u64, u64)>().await.unwrap() {
            *there.of_mut(State::ALL[state as usize]) = count;
        }
        (self.store.counts(&self.queue).await.unwrap(), there)
    }
}
