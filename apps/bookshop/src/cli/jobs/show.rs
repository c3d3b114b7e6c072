//! What `bookshop jobs` prints.

use purlin::queue::{JobRecord, Queue, QueueError, Queues, State};

use super::super::print;
use crate::jobs::QUEUES;

/// Jobs that are listed at most.
const LISTED_MAX: u32 = 50;

/// A line for each queue, under a head.
pub(super) async fn queues(queues: &Queues) -> Result<(), QueueError> {
    let known = queues.list().await?;
    let names = State::ALL.map(State::name);
    print(&format!("{:8}  {}  paused", "queue", names.join("  ")));
    for name in QUEUES {
        let counts = queues.queue(name)?.counts().await?;
        let paused = known.iter().any(|queue| queue.name == name && queue.paused);
        let cells: Vec<String> = State::ALL
            .iter()
            .map(|state| format!("{:>1$}", counts.of(*state), state.name().len()))
            .collect();
        let paused = if paused { "yes" } else { "no" };
        print(&format!("{name:8}  {}  {paused}", cells.join("  ")));
    }
    Ok(())
}

/// A line for each job.
pub(super) async fn list(queue: &Queue, state: Option<State>) -> Result<(), QueueError> {
    let states = state.map_or(State::ALL.to_vec(), |state| vec![state]);
    let jobs = queue.jobs(&states, 0, LISTED_MAX).await?;
    for job in &jobs {
        print(&line(job));
    }
    if jobs.len() == LISTED_MAX as usize {
        print("and there may be more");
    }
    Ok(())
}

fn line(job: &JobRecord) -> String {
    let failure = job.failure.as_ref();
    let why = failure.map_or("", |failure| &failure.reason);
    let why = why.lines().next().unwrap_or_default();
    let (made, most) = (job.attempts_made, job.options.attempts);
    let line = format!(
        "{}  {:16}  {made}/{most}  {}  {why}",
        job.id, job.state, job.name
    );
    line.trim_end().to_owned()
}

/// Everything of one job but what it is about.
pub(super) async fn one(queue: &Queue, id: &str) -> Result<(), QueueError> {
    let Some(job) = queue.job(id).await? else {
        print(&format!("{id} is gone"));
        return Ok(());
    };
    print(&line(&job));
    print(&format!("queue {}, added {}", job.queue, job.created_at));
    if let Some(progress) = &job.progress {
        print(&format!("progress {}", progress.as_str()));
    }
    for line in queue.logs(id, 0, LISTED_MAX).await?.lines {
        print(&format!("log {line}"));
    }
    Ok(())
}

/// A line for each worker.
pub(super) async fn workers(queues: &Queues) -> Result<(), QueueError> {
    for name in QUEUES {
        for worker in queues.queue(name)?.workers().await? {
            print(&format!(
                "{name}  {}  process {}  runs {} of {}  since {}",
                worker.name, worker.pid, worker.running, worker.concurrency, worker.started_at
            ));
        }
    }
    Ok(())
}
