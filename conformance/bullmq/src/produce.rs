//! Adds what a plan says.

use std::time::Instant;

use purlin_base::id::IdMaker;
use purlin_queue::{
    Payload, Queue, QueueError,
    job::{JobOptions, Parent, check_id, check_name},
    redis::JsOptions,
    store::{NewJob, OnChildFailure},
};
use serde_json::{json, value::RawValue};
use tokio::task::JoinSet;

use crate::{
    error::Failure,
    plan::{Entry, Many, Node, Scheduler, Step},
    repeat,
};

/// Adds of `addMany` that wait for their answers at once.
pub(crate) const IN_FLIGHT: usize = 500;

/// Does a step; the lines it is answered with.
pub(crate) async fn run(queue: &Queue, step: Step) -> Result<Vec<String>, Failure> {
    match step {
        Step::Add(entry) => add(queue, vec![entry]).await,
        Step::Bulk(entries) => add(queue, entries).await,
        Step::Flow(root) => flow(queue, root).await,
        Step::Scheduler(scheduler) => schedule(queue, scheduler).await,
        Step::AddMany(many) => add_many(queue, many).await,
    }
}

async fn add(queue: &Queue, entries: Vec<Entry>) -> Result<Vec<String>, Failure> {
    let ids = IdMaker::default();
    let jobs = entries.into_iter().map(|entry| job(queue, &ids, entry));
    let added = queue
        .queues()
        .add_all(jobs.collect::<Result<_, _>>()?)
        .await?;
    Ok(added.iter().map(|added| id_line(&added.id)).collect())
}

/// The tree is added as one, the parents before their children.
async fn flow(queue: &Queue, root: Node) -> Result<Vec<String>, Failure> {
    let ids = IdMaker::default();
    let mut jobs = Vec::new();
    let mut open = vec![(root, None::<String>)];
    while let Some((node, parent)) = open.pop() {
        let entry = Entry {
            name: node.name,
            data: node.data,
            opts: node.opts,
        };
        let on_failure = JsOptions::read(&entry.opts)?.on_child_failure;
        let mut job = job(queue, &ids, entry)?;
        job.awaits_children = !node.children.is_empty();
        if let Some(id) = parent {
            job.parents = vec![child_of(queue.name(), id, on_failure)];
        }
        let children = node.children.into_iter().rev();
        open.extend(children.map(|child| (child, Some(job.id.clone()))));
        jobs.push(job);
    }
    let added = queue.queues().add_all(jobs).await?;
    Ok(added
        .first()
        .map(|top| id_line(&top.id))
        .into_iter()
        .collect())
}

async fn schedule(queue: &Queue, scheduler: Scheduler) -> Result<Vec<String>, Failure> {
    let line = id_line(&scheduler.id);
    let plan = repeat::schedule(queue, scheduler).await?;
    if let Some(now) = plan.now {
        queue.queues().add_all(vec![now]).await?;
    }
    queue.store().upsert_schedule(plan.schedule).await?;
    Ok(vec![line])
}

async fn add_many(queue: &Queue, many: Many) -> Result<Vec<String>, Failure> {
    let begun = Instant::now();
    let mut adding = JoinSet::new();
    for lane in 0..IN_FLIGHT {
        let jobs = many.count / IN_FLIGHT + usize::from(lane < many.count % IN_FLIGHT);
        let (queue, name) = (queue.clone(), many.name.clone());
        adding.spawn(async move {
            for _ in 0..jobs {
                let data = Payload::from_json("{}");
                queue.add_raw(&name, data, JobOptions::default()).await?;
            }
            Ok::<_, QueueError>(jobs)
        });
    }
    let mut added = 0;
    while let Some(lane) = adding.join_next().await {
        added += lane.map_err(|error| Failure::Refused(error.to_string()))??;
    }
    let ms = begun.elapsed().as_millis();
    Ok(vec![format!("{{\"added\": {added}, \"ms\": {ms}}}")])
}

/// A job as it is given to a store, checked as BullMQ checks.
pub(crate) fn job(queue: &Queue, ids: &IdMaker, entry: Entry) -> Result<NewJob, Failure> {
    let read = JsOptions::read(&entry.opts)?;
    read.options.check()?;
    check_name("job name", &entry.name)?;
    let data = payload(&entry.data, read.size_limit)?;
    let id = match &read.options.id {
        Some(id) => check_id(id).map(|()| id.clone())?,
        None => ids.make().to_string(),
    };
    let parents = read.parent.map(|(of_queue, id)| {
        let name = of_queue.rsplit(':').next().unwrap_or(&of_queue);
        child_of(name, id, read.on_child_failure)
    });
    Ok(NewJob {
        queue: queue.name().to_owned(),
        id,
        name: entry.name,
        version: 1,
        data,
        options: read.options,
        parents: parents.into_iter().collect(),
        awaits_children: false,
        traceparent: None,
    })
}

fn child_of(queue: &str, id: String, on_failure: OnChildFailure) -> Parent {
    Parent {
        queue: queue.to_owned(),
        id,
        on_failure,
    }
}

pub(crate) fn payload(data: &RawValue, max: Option<usize>) -> Result<Payload, Failure> {
    let text = compact(data.get());
    match max {
        Some(max) if text.len() > max => Err(QueueError::TooLarge {
            size: text.len(),
            max,
        }
        .into()),
        _ => Ok(Payload::from_json(text)),
    }
}

/// JSON without the spaces between its parts, its keys in their order: as JavaScript writes it.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut in_text, mut is_escaped) = (false, false);
    for c in json.chars() {
        if in_text || !c.is_ascii_whitespace() {
            text.push(c);
        }
        in_text ^= c == '"' && !is_escaped;
        is_escaped = in_text && c == '\\' && !is_escaped;
    }
    text
}

fn id_line(id: &str) -> String {
    format!("{{\"id\": {}}}", json!(id))
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn spaces_go_from_between_the_parts_only() {
        let text = r#" { "b" : "a \" b " , "a" : [ 1 , 2 ] } "#;
        assert_eq!(compact(text), r#"{"b":"a \" b ","a":[1,2]}"#);
    }
}
