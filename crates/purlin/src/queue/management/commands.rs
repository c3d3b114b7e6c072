//! What can be done.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
};
use purlin_queue::{
    QueueError, State,
    job::check_queue,
    store::{Change, Control, Limits, Retention},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, DONE, Named, NamedJob, TheStore};

/// Jobs that one request touches, if nothing is said, and at most.
const MAX_DEFAULT: u32 = 1000;
const MAX_MAX: u32 = 10_000;

/// What a command may be told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    max: Option<u32>,
    state: Option<String>,
    /// Seconds.
    older: Option<u64>,
    #[serde(default)]
    delayed: bool,
    #[serde(default)]
    force: bool,
    reason: Option<String>,
}

impl Told {
    fn max(&self) -> u32 {
        self.max.unwrap_or(MAX_DEFAULT).clamp(1, MAX_MAX)
    }

    fn state(&self, usual: State) -> Result<State, QueueError> {
        let Some(name) = &self.state else {
            return Ok(usual);
        };
        State::by_name(name).ok_or(QueueError::Option {
            option: "state",
            rule: "the name of a state",
        })
    }
}

pub(super) async fn of_queue(
    Shared(store): TheStore,
    Path((queue, command)): NamedJob,
    Query(told): Query<Told>,
) -> Answer<Result<Json<Value>, StatusCode>> {
    check_queue(&queue)?;
    let max = told.max();
    let control = match &*command {
        "pause" => Control::Pause,
        "resume" => Control::Resume,
        "drain" => Control::Drain {
            delayed: told.delayed,
            max,
        },
        "retry" => Control::RetryAll {
            state: told.state(State::Failed)?,
            max,
        },
        "promote" => Control::PromoteAll { max },
        "clean" => Control::Clean {
            state: told.state(State::Completed)?,
            grace: Duration::from_secs(told.older.unwrap_or(0)),
            max,
        },
        "obliterate" => Control::Obliterate {
            force: told.force,
            max,
        },
        _ => return Ok(Err(StatusCode::NOT_FOUND)),
    };
    let is_bulk = !matches!(control, Control::Pause | Control::Resume);
    let jobs = store.control(&queue, control).await?;
    Ok(match is_bulk {
        true => Ok(Json(json!({ "jobs": jobs, "max": max }))),
        false => Err(DONE),
    })
}

pub(super) async fn of_job(
    Shared(store): TheStore,
    Path((queue, id, command)): Path<(String, String, String)>,
    Query(told): Query<Told>,
) -> Answer<StatusCode> {
    check_queue(&queue)?;
    let change = match &*command {
        "cancel" => Change::Cancel,
        "promote" => Change::Promote,
        "retry" => Change::Redrive,
        "bury" => Change::Bury {
            reason: told.reason.unwrap_or_else(|| "by an operator".to_owned()),
        },
        _ => return Ok(StatusCode::NOT_FOUND),
    };
    store.change(&queue, &id, change).await?;
    Ok(DONE)
}

pub(super) async fn remove(
    Shared(store): TheStore,
    Path((queue, id)): NamedJob,
) -> Answer<StatusCode> {
    check_queue(&queue)?;
    store.change(&queue, &id, Change::Remove).await?;
    Ok(DONE)
}

pub(super) async fn limits(
    Shared(store): TheStore,
    Path(queue): Named,
    Json(limits): Json<Limits>,
) -> Answer<StatusCode> {
    check_queue(&queue)?;
    store.control(&queue, Control::Limit(limits)).await?;
    Ok(DONE)
}

pub(super) async fn retention(
    Shared(store): TheStore,
    Path(queue): Named,
    Json(retention): Json<Retention>,
) -> Answer<StatusCode> {
    check_queue(&queue)?;
    store.control(&queue, Control::Retain(retention)).await?;
    Ok(DONE)
}
