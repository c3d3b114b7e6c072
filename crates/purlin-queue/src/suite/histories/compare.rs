//! What the engine tells, held against what the model tells.

use std::{collections::BTreeSet, fmt::Debug};

use purlin_base::Timestamp;

use super::run::{Outcome, Run, code};
use crate::{
    JobRecord, QueueError, State,
    job::Start,
    store::{ChildOutcome, JobsQuery},
    suite::subject::near,
};

/// The same answer, or a failure of the same code.
pub(super) fn same_answer<T: Debug + PartialEq>(
    what: &str,
    engine: Result<T, QueueError>,
    model: Result<T, QueueError>,
) -> Outcome {
    let same = match (&engine, &model) {
        (Ok(engine), Ok(model)) => engine == model,
        (Err(engine), Err(model)) => code(engine) == code(model),
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(format!("{what}: {engine:?}\nmodel: {model:?}"))
}

/// Everything that can be asked of the queues of a run.
pub(super) async fn compare(run: &Run<'_>) -> Outcome {
    for queue in run.queues {
        jobs(run, queue).await?;
        children(run, queue).await?;
        let store = &run.subject.store;
        let model = run.model.schedules(queue);
        same_answer("schedules", store.schedules(queue).await, Ok(model))?;
        same_answer(
            "counts",
            store.counts(queue).await,
            Ok(run.model.counts(queue)),
        )?;
    }
    let model = run.model.summaries();
    let engine = run.subject.store.queues().await.map(|mut queues| {
        queues.retain(|queue| run.queues.contains(&queue.name));
        queues
    });
    same_answer("queues", engine, Ok(model))
}

async fn jobs(run: &Run<'_>, queue: &str) -> Outcome {
    let query = JobsQuery {
        queue: queue.to_owned(),
        states: Vec::new(),
        tag: None,
        name: None,
        offset: 0,
        max: 1000,
    };
    let model = run.model.jobs(&query);
    let told = run.subject.store.jobs(query).await;
    let told = told.map_err(|error| error.to_string())?;
    let ids = |jobs: &[JobRecord]| -> Vec<(State, String)> {
        jobs.iter().map(|job| (job.state, job.id.clone())).collect()
    };
    if ids(&told) != ids(&model) {
        return Err(format!(
            "jobs of {queue}: {:?}\nmodel: {:?}",
            ids(&told),
            ids(&model)
        ));
    }
    told.iter()
        .zip(&model)
        .try_for_each(|(told, model)| same_record(told, model))
}

async fn children(run: &Run<'_>, queue: &str) -> Outcome {
    for id in run.model.parents_of(queue) {
        let model = run.model.children(queue, &id);
        let engine = run.subject.store.children(queue, &id).await;
        let engine = engine.map_err(|error| error.to_string())?;
        if engine != model {
            let pending = |outcome: &ChildOutcome| matches!(outcome, ChildOutcome::Pending);
            let open = model.iter().filter(|child| pending(&child.outcome)).count();
            return Err(format!(
                "children of {queue}:{id}: {engine:?}\nmodel, {open} of them open: {model:?}"
            ));
        }
    }
    Ok(())
}

/// The same record: moments within half a minute, parents in any order, and without what was
/// said of the start, which has been by now.
pub(super) fn same_record(told: &JobRecord, model: &JobRecord) -> Outcome {
    let mut told = told.clone();
    told.options.start = Start::Now;
    told.parents.sort();
    let mut model = model.clone();
    model.options.start = Start::Now;
    model.parents.sort();
    model.created_at = as_told(told.created_at, model.created_at);
    for (told, model) in [
        (told.delayed_until, &mut model.delayed_until),
        (told.processed_at, &mut model.processed_at),
        (told.finished_at, &mut model.finished_at),
    ] {
        if let (Some(told), Some(at)) = (told, *model) {
            *model = Some(as_told(told, at));
        }
    }
    if told == model {
        return Ok(());
    }
    Err(format!(
        "{}:{}: {}",
        told.queue,
        told.id,
        unlike(&told, &model)
    ))
}

/// What differs, line by line.
fn unlike(told: &JobRecord, model: &JobRecord) -> String {
    let (told, model) = (format!("{told:#?}"), format!("{model:#?}"));
    let known: BTreeSet<&str> = told.lines().collect();
    let other: BTreeSet<&str> = model.lines().collect();
    let only = |lines: &BTreeSet<&str>, without: &BTreeSet<&str>| -> Vec<String> {
        let lines = lines.difference(without);
        lines.map(|line| line.trim().to_owned()).collect()
    };
    format!(
        "{:?}\nmodel: {:?}",
        only(&known, &other),
        only(&other, &known)
    )
}

fn as_told(told: Timestamp, model: Timestamp) -> Timestamp {
    if near(told, model) { told } else { model }
}
