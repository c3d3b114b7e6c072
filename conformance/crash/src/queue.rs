//! The job queue: producers, workers whose effect commits with the completion, limits, unique keys.
//!
//! | in the ledger | when |
//! | --- | --- |
//! | `T` | before a job is added |
//! | `A` | after the call that added it has answered, or the transaction around it was committed |
//! | `R` | after the transaction around it was rolled back |
//! | `D` | after the call has answered that another job of its key is there |
//! | `C` | after the effect and the completion were committed |
//! | `V` | when a look at the queue showed more than its limits allow; its number is how many |

use std::{collections::HashMap, sync::Arc, time::Duration};

use purlin_base::{
    BoxError, BoxFuture,
    id::IdMaker,
    random::Rng,
    time::{Clock, SystemClock},
};
use purlin_queue::{
    Dedup, JobOptions, JobRecord, Payload, QueueError, State, Store,
    job::{Failure, FailureCause, Keep},
    sql::{MIGRATIONS, SqlStore},
    store::{
        Claim, ClaimedJob, Control, Ending, Finish, JobsQuery, Limits, NewJob, Retention, Turn,
    },
};
use purlin_sql::{Db, Migration, Migrations, SqlError, Tx, crash_point};

use crate::{
    ledger::Line,
    subject::{Findings, Subject, Task, World},
};

mod check;

const QUEUE: &str = "crash";
const PRODUCERS: u64 = 2;
const WORKERS: u64 = 2;
const CLAIM_MAX: u32 = 4;
const CONCURRENCY: u32 = 6;
const KEY_CONCURRENCY: u32 = 2;
const LEASE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(10);

/// The effects of jobs. Nothing in the table keeps one from being there twice.
const TABLES: Migrations = Migrations::new(
    "crash_queue",
    &[Migration {
        version: 1,
        name: "effects",
        sqlite: "create table job_effects (id text not null) strict",
        postgres: "create table job_effects (id text not null)",
    }],
);

/// Producers and workers.
pub(crate) struct Jobs;

impl Subject for Jobs {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn points(&self) -> &'static [&'static str] {
        &[
            "producer.within",
            "producer.added",
            "worker.claimed",
            "worker.handled",
            "worker.completed",
            "worker.failed",
        ]
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn work(&self, world: World) -> BoxFuture<'static, Result<(), BoxError>> {
        Box::pin(work(world))
    }

    fn check<'a>(
        &'a self,
        ledger: &'a [Line],
        db: &'a Db,
    ) -> BoxFuture<'a, Result<Findings, BoxError>> {
        Box::pin(check::check(ledger, db))
    }
}

async fn work(world: World) -> Result<(), BoxError> {
    world.db.migrate(&MIGRATIONS).await?;
    world.db.migrate(&TABLES).await?;
    let store = SqlStore::new(world.db.clone(), Arc::new(SystemClock));
    store.advance(Duration::from_micros(world.offset.micros().unsigned_abs()));
    let limits = Limits {
        concurrency: Some(CONCURRENCY),
        key_concurrency: Some(KEY_CONCURRENCY),
        ..Limits::default()
    };
    patiently(|| store.control(QUEUE, Control::Limit(limits.clone()))).await?;
    // Every one that is completed is counted at the end.
    let all = Retention {
        completed: Keep::default(),
        failed: Keep::default(),
    };
    patiently(|| store.control(QUEUE, Control::Retain(all))).await?;
    let load = world.task == Task::Load;
    let child = Arc::new(Child {
        world,
        store,
        ids: IdMaker::default(),
    });
    let mut tasks = Vec::new();
    for _ in 0..WORKERS {
        tasks.push(purlin_runtime::spawn(child.clone().run_jobs()));
    }
    if load {
        for _ in 0..PRODUCERS {
            tasks.push(purlin_runtime::spawn(child.clone().produce()));
        }
    }
    tasks.push(purlin_runtime::spawn(child.clone().keep_up()));
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// Calls until the database answers: another process may hold the file for too long.
async fn patiently<'a, T>(
    call: impl Fn() -> BoxFuture<'a, Result<T, QueueError>>,
) -> Result<T, QueueError> {
    loop {
        match call().await {
            Err(QueueError::Sql(error)) if error.is_retryable() => SystemClock.sleep(PAUSE).await,
            done => return done,
        }
    }
}

/// What the tasks of one process share.
struct Child {
    world: World,
    store: SqlStore,
    ids: IdMaker,
}

impl Child {
    /// Adds jobs, alone or within a transaction, until the process is killed.
    async fn produce(self: Arc<Self>) -> Result<(), BoxError> {
        loop {
            let jobs: Vec<NewJob> = (0..=self.world.rng.below(3)).map(|_| self.job()).collect();
            let lines: Vec<Line> = jobs.iter().map(|job| line('T', job)).collect();
            self.world.ledger.note(&lines)?;
            let verdicts = match self.world.rng.below(3) {
                0 => self.add_within(jobs).await,
                _ => self.store.add(jobs).await.map(|added| kinds(&added)),
            };
            crash_point!("producer.added");
            // An error is no answer: the jobs may be there or not.
            let Ok(kinds) = verdicts else { continue };
            let verdicts: Vec<Line> = lines
                .iter()
                .zip(kinds)
                .map(|(line, kind)| line.of(kind))
                .collect();
            self.world.ledger.note(&verdicts)?;
        }
    }

    async fn add_within(&self, jobs: Vec<NewJob>) -> Result<Vec<char>, QueueError> {
        let (count, keeps) = (jobs.len(), self.world.rng.below(3) > 0);
        let store = self.store.transactional().expect("SQL is transactional");
        let work = async |tx: &mut Tx| {
            let added = store.add_within(tx, jobs).await?;
            crash_point!("producer.within");
            if keeps {
                Ok(kinds(&added))
            } else {
                Err(SqlError::NoRow.into())
            }
        };
        match self.world.db.transaction(work).await {
            Err(QueueError::Sql(SqlError::NoRow)) => Ok(vec!['R'; count]),
            done => done,
        }
    }

    fn job(&self) -> NewJob {
        let rng = &self.world.rng;
        let dedup = (rng.below(4) == 0).then(|| Dedup::simple(format!("u{}", rng.below(3))));
        NewJob {
            queue: QUEUE.to_owned(),
            id: self.ids.make().to_string(),
            name: "effect".to_owned(),
            version: 1,
            data: Payload::null(),
            options: JobOptions {
                attempts: 1000,
                crashes_max: 100,
                key: Some(format!("k{}", rng.below(4))),
                dedup,
                keep_completed: Some(Keep::default()),
                ..JobOptions::default()
            },
            parents: Vec::new(),
            awaits_children: false,
            traceparent: None,
        }
    }

    /// Runs jobs until the process is killed, or until none is left.
    async fn run_jobs(self: Arc<Self>) -> Result<(), BoxError> {
        loop {
            let claim = Turn {
                finish: Vec::new(),
                claim: Some(Claim {
                    queue: QUEUE.to_owned(),
                    max: CLAIM_MAX,
                    lease: LEASE,
                    worker: "crash".to_owned(),
                }),
            };
            let turned = patiently(|| self.store.turn(claim.clone())).await?;
            crash_point!("worker.claimed");
            if turned.claimed.is_empty() {
                if self.world.task == Task::Finish && self.is_done().await? {
                    return Ok(());
                }
                SystemClock.sleep(PAUSE).await;
            }
            for claimed in turned.claimed {
                self.run_job(claimed).await?;
            }
        }
    }

    /// One in eight attempts fails; the others commit their effect with the completion.
    async fn run_job(&self, claimed: ClaimedJob) -> Result<(), BoxError> {
        let (lease, id) = (claimed.lease, claimed.job.id);
        if self.world.task == Task::Load && self.world.rng.below(8) == 0 {
            let reason = "as the harness says".to_owned();
            let failure = Failure {
                cause: FailureCause::Error,
                reason,
            };
            let ending = Ending::Retry {
                failure,
                after: Duration::ZERO,
            };
            let turn = Turn {
                finish: vec![Finish { lease, ending }],
                claim: None,
            };
            patiently(|| self.store.turn(turn.clone())).await?;
            crash_point!("worker.failed");
            return Ok(());
        }
        let store = self.store.transactional().expect("SQL is transactional");
        let finish = Finish {
            lease,
            ending: Ending::Complete(Payload::null()),
        };
        loop {
            let work = async |tx: &mut Tx| {
                let effect = tx
                    .query("insert into job_effects (id) values ($1)")
                    .bind(&id);
                effect.execute().await?;
                store.finish_within(tx, finish.clone()).await?;
                crash_point!("worker.handled");
                Ok::<_, QueueError>(())
            };
            match self.world.db.transaction(work).await {
                Ok(()) => break,
                Err(QueueError::Sql(error)) if error.is_retryable() => {
                    SystemClock.sleep(PAUSE).await
                }
                // Another worker has it, or this one was too slow: it comes again.
                Err(QueueError::LeaseLost { .. } | QueueError::Sql(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        crash_point!("worker.completed");
        let done = Line {
            kind: 'C',
            id,
            key: "-".to_owned(),
            number: 0,
        };
        Ok(self.world.ledger.note(&[done])?)
    }

    /// Does what time brings, and looks whether the limits hold.
    async fn keep_up(self: Arc<Self>) -> Result<(), BoxError> {
        loop {
            patiently(|| self.store.upkeep(QUEUE, 100)).await?;
            let excess = self.excess().await?;
            if excess > 0 {
                let line = Line {
                    kind: 'V',
                    id: "-".to_owned(),
                    key: "-".to_owned(),
                    number: excess,
                };
                self.world.ledger.note(&[line])?;
            }
            if self.world.task == Task::Finish && self.is_done().await? {
                return Ok(());
            }
            SystemClock.sleep(PAUSE).await;
        }
    }

    /// How many jobs run beyond the limits.
    async fn excess(&self) -> Result<u64, BoxError> {
        let active = self.jobs(vec![State::Active]).await?;
        let mut by_key: HashMap<_, u32> = HashMap::new();
        for job in &active {
            *by_key.entry(job.options.key.clone()).or_default() += 1;
        }
        let beyond = active.len().saturating_sub(CONCURRENCY as usize) as u64;
        let of_keys = by_key
            .values()
            .map(|count| u64::from(count.saturating_sub(KEY_CONCURRENCY)));
        Ok(beyond + of_keys.sum::<u64>())
    }

    async fn jobs(&self, states: Vec<State>) -> Result<Vec<JobRecord>, QueueError> {
        let query = JobsQuery {
            queue: QUEUE.to_owned(),
            states,
            tag: None,
            name: None,
            offset: 0,
            max: 1000,
        };
        patiently(|| self.store.jobs(query.clone())).await
    }

    async fn is_done(&self) -> Result<bool, QueueError> {
        let counts = patiently(|| self.store.counts(QUEUE)).await?;
        Ok(counts.waiting + counts.prioritized + counts.delayed + counts.active == 0)
    }
}

fn kinds(added: &[purlin_queue::store::Added]) -> Vec<char> {
    let kind = |added: &purlin_queue::store::Added| if added.is_new { 'A' } else { 'D' };
    added.iter().map(kind).collect()
}

fn line(kind: char, job: &NewJob) -> Line {
    let key = job.options.key.clone().unwrap_or_default();
    Line {
        kind,
        id: job.id.clone(),
        key,
        number: 0,
    }
}
