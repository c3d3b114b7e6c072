//! A job that is kept until the one before it has ended.

use serde::{Deserialize, Serialize};

use crate::{JobOptions, Payload, QueueError, store::NewJob};

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    name: String,
    version: u32,
    /// A text within the text, so that it comes out as it went in.
    data: String,
    options: JobOptions,
    traceparent: Option<String>,
}

/// `job` as its row keeps it. Its parents wait for the job that stands in its place.
pub(super) fn text(job: &NewJob) -> String {
    let kept = Kept {
        id: job.id.clone(),
        name: job.name.clone(),
        version: job.version,
        data: job.data.as_str().to_owned(),
        options: job.options.clone(),
        traceparent: job.traceparent.clone(),
    };
    serde_json::to_string(&kept).expect("a job has a form in JSON")
}

/// The job that `text` keeps.
pub(super) fn job(queue: &str, text: &str) -> Result<NewJob, QueueError> {
    let kept: Kept = serde_json::from_str(text).map_err(|error| QueueError::Payload {
        name: "kept".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(NewJob {
        queue: queue.to_owned(),
        id: kept.id,
        name: kept.name,
        version: kept.version,
        data: Payload::from_json(kept.data),
        options: kept.options,
        parents: Vec::new(),
        awaits_children: false,
        traceparent: kept.traceparent,
    })
}
