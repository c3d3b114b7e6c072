//! A job as staff sees it.

use purlin::queue::JobRecord;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A job as staff sees it: what it is about is not shown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct JobView {
    id: String,
    /// What kind of job it is: `cover.thumbnails`.
    name: String,
    state: JobState,
    /// How far it is, as the job itself says: a number up to 100, or more about it. 0 before it has
    /// said anything.
    progress: Value,
    /// Why its last attempt failed.
    failed_reason: Option<String>,
}

/// Where a job is, by BullMQ's names.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum JobState {
    Waiting,
    Prioritized,
    Delayed,
    Active,
    WaitingChildren,
    Completed,
    Failed,
}

impl From<purlin::queue::State> for JobState {
    fn from(state: purlin::queue::State) -> Self {
        use purlin::queue::State;
        match state {
            State::Waiting => Self::Waiting,
            State::Prioritized => Self::Prioritized,
            State::Delayed => Self::Delayed,
            State::Active => Self::Active,
            State::WaitingChildren => Self::WaitingChildren,
            State::Completed => Self::Completed,
            State::Failed => Self::Failed,
        }
    }
}

impl From<JobRecord> for JobView {
    fn from(job: JobRecord) -> Self {
        let progress = job.progress.and_then(|progress| progress.decode().ok());
        Self {
            id: job.id,
            name: job.name,
            state: job.state.into(),
            progress: progress.unwrap_or(Value::from(0)),
            failed_reason: job.failure.map(|failure| failure.reason),
        }
    }
}
