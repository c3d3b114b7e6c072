//! Adding jobs.

use std::collections::HashMap;

use redis::Value;

use super::{
    connection::{ENGINE, unreadable},
    keys::Keys,
    options,
    reply::{array, int, text},
    scripts,
    store::Inner,
};
use crate::{
    QueueError,
    job::{JobOptions, Start},
    store::{Added, Capability, NewJob, OnChildFailure},
};

pub(super) fn refused(capability: Capability, reason: &'static str) -> QueueError {
    QueueError::NotOffered {
        engine: ENGINE,
        capability: capability.name(),
        reason,
    }
}

impl Inner {
    pub(super) async fn add(&self, jobs: Vec<NewJob>) -> Result<Vec<Added>, QueueError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        jobs.iter()
            .try_for_each(|job| fits(&job.options, job.parents.len()))?;
        jobs.iter().try_for_each(|job| may_be_named(&job.id))?;
        twice(&jobs)?;
        let mut call = scripts::ADD.prepare_invoke();
        call.key(self.keys.beginning(&jobs[0].queue))
            .arg(self.connections.offset());
        for job in &jobs {
            call.arg(self.keys.beginning(&job.queue))
                .arg(&job.id)
                .arg(&job.name)
                .arg(job.data.as_str())
                .arg(options::written(job, &self.keys))
                .arg(when(job))
                .arg(how(job))
                .arg(parent(job, &self.keys));
        }
        let answer: Value = self.connections.script(&call).await?;
        answers(answer, &jobs)
    }
}

/// What BullMQ calls the keys of a queue, beside which those of its jobs are.
const RESERVED: [&str; 17] = [
    "active",
    "completed",
    "delayed",
    "events",
    "failed",
    "id",
    "limiter",
    "marker",
    "meta",
    "paused",
    "pc",
    "prioritized",
    "repeat",
    "stalled",
    "stalled-check",
    "wait",
    "waiting-children",
];

/// A job of such an id would be kept where the queue keeps something else.
fn may_be_named(id: &str) -> Result<(), QueueError> {
    if !RESERVED.contains(&id) {
        return Ok(());
    }
    Err(QueueError::Name {
        what: "job id",
        given: id.to_owned(),
        rule: "not what BullMQ calls a key of the queue",
    })
}

/// Whether the layout has a place for all that is said of it.
pub(super) fn fits(options: &JobOptions, parents: usize) -> Result<(), QueueError> {
    let asks = [
        (
            parents > 1,
            Capability::Dag,
            "a job of BullMQ has one parent",
        ),
        (
            !options.tags.is_empty(),
            Capability::Tags,
            "BullMQ has no index of tags",
        ),
        (
            options.tenant.is_some(),
            Capability::Tenants,
            "BullMQ has no groups; give each tenant a queue",
        ),
        (
            options.key.is_some(),
            Capability::KeyLimits,
            "BullMQ limits whole queues; give each key a queue",
        ),
    ];
    match asks.into_iter().find(|(asked, ..)| *asked) {
        Some((_, capability, reason)) => Err(refused(capability, reason)),
        None => Ok(()),
    }
}

/// A job of a flow is in it once: which of two would be the parent?
fn twice(jobs: &[NewJob]) -> Result<(), QueueError> {
    let mut seen: HashMap<(&str, &str), bool> = HashMap::new();
    for job in jobs {
        let in_flow = job.awaits_children || !job.parents.is_empty();
        let before = seen.insert((&job.queue, &job.id), in_flow);
        if before.is_some_and(|flow| flow || in_flow) {
            return Err(QueueError::Flow {
                reason: format!("job {:?} is in it twice", job.id),
            });
        }
    }
    Ok(())
}

fn when(job: &NewJob) -> String {
    match job.options.start {
        Start::Now => "+0".to_owned(),
        Start::After(wait) => format!("+{}", wait.as_millis()),
        Start::At(moment) => format!("@{}", moment.unix_millis()),
    }
}

fn how(job: &NewJob) -> &'static str {
    match (job.awaits_children, job.options.lifo) {
        (true, _) => "children",
        (false, true) => "lifo",
        (false, false) => "",
    }
}

fn parent(job: &NewJob, keys: &Keys) -> String {
    let Some(parent) = job.parents.first() else {
        return String::new();
    };
    let mut text = serde_json::json!({"id": parent.id, "queueKey": keys.queue(&parent.queue)});
    if let Some((short, _)) = policy(parent.on_failure) {
        text[short] = true.into();
    }
    text.to_string()
}

/// BullMQ's words for what a child's failure does, in the layout and in JavaScript.
pub(super) fn policy(on_failure: OnChildFailure) -> Option<(&'static str, &'static str)> {
    POLICIES
        .iter()
        .find(|(policy, ..)| *policy == on_failure)
        .map(|(_, short, long)| (*short, *long))
}

pub(super) const POLICIES: [(OnChildFailure, &str, &str); 4] = [
    (OnChildFailure::Fail, "fpof", "failParentOnFailure"),
    (OnChildFailure::Continue, "cpof", "continueParentOnFailure"),
    (OnChildFailure::Ignore, "idof", "ignoreDependencyOnFailure"),
    (OnChildFailure::Remove, "rdof", "removeDependencyOnFailure"),
];

fn answers(answer: Value, jobs: &[NewJob]) -> Result<Vec<Added>, QueueError> {
    if let Value::Int(at) = answer {
        let job = usize::try_from(at - 1).ok().and_then(|at| jobs.get(at));
        let job = job.ok_or_else(|| unreadable("add"))?;
        return Err(QueueError::Flow {
            reason: format!(
                "the parent of job {:?} is not there, does not wait or is below it, or the job has another",
                job.id
            ),
        });
    }
    let mut values = array(answer, "add")?.into_iter();
    let mut added = Vec::with_capacity(jobs.len());
    while let (Some(id), Some(is_new)) = (values.next(), values.next()) {
        added.push(Added {
            id: text(id, "add")?,
            is_new: int(&is_new, "add")? == 1,
        });
    }
    Ok(added)
}
