//! BullMQ's `repeat`, as a schedule.

use std::time::Duration;

use purlin_base::{Timestamp, id::IdMaker};
use purlin_queue::{
    Queue,
    redis::JsOptions,
    store::{Misfire, NewJob, Overlap, Repeat, Schedule},
};
use serde_json::Value;

use crate::{
    error::Failure,
    plan::{Entry, Scheduler, Template},
    produce::{job, payload},
};

/// How far ahead the first tick of one that comes every so often is: BullMQ's comes at once.
const AT_ONCE: Duration = Duration::from_millis(20);

/// A schedule, and the job to add at once (`immediately`).
pub(crate) struct Plan {
    pub(crate) schedule: Schedule,
    pub(crate) now: Option<NewJob>,
}

pub(crate) async fn schedule(queue: &Queue, scheduler: Scheduler) -> Result<Plan, Failure> {
    let Scheduler {
        id,
        repeat,
        template,
    } = scheduler;
    let read = JsOptions::read(&template.opts)?;
    read.options.check()?;
    let start = match date(&repeat["startDate"], "startDate")? {
        Some(start) => Some(start),
        None => begin(queue, &repeat).await?,
    };
    let name = template.name.clone().unwrap_or_else(|| id.clone());
    let at_once = repeat["immediately"] == true && repeat["pattern"].is_string();
    let now = if at_once {
        Some(first_job(queue, &name, &template)?)
    } else {
        None
    };
    let schedule = Schedule {
        queue: queue.name().to_owned(),
        id,
        repeat: times(&repeat)?,
        start,
        end: date(&repeat["endDate"], "endDate")?,
        limit: repeat["limit"].as_u64(),
        misfire: Misfire::One,
        overlap: Overlap::Allow,
        name,
        version: 1,
        data: payload(&template.data, read.size_limit)?,
        options: read.options,
    };
    Ok(Plan { schedule, now })
}

fn first_job(queue: &Queue, name: &str, template: &Template) -> Result<NewJob, Failure> {
    let entry = Entry {
        name: name.to_owned(),
        data: template.data.clone(),
        opts: template.opts.clone(),
    };
    job(queue, &IdMaker::default(), entry)
}

fn times(repeat: &Value) -> Result<Repeat, Failure> {
    let every = repeat["every"].as_f64();
    match (repeat["pattern"].as_str(), every) {
        (Some(_), Some(_)) => Err(refused("both .pattern and .every are given")),
        (None, None) => Err(refused("neither .pattern nor .every is given")),
        (Some(pattern), None) => Ok(Repeat::Cron {
            pattern: pattern.to_owned(),
            tz: repeat["tz"].as_str().map(str::to_owned),
        }),
        (None, Some(every)) => Duration::try_from_secs_f64(every / 1_000.0)
            .map(Repeat::Every)
            .map_err(|_| refused(".every is no time")),
    }
}

/// When the ticks of one that comes every so often begin: at its offset, or now.
async fn begin(queue: &Queue, repeat: &Value) -> Result<Option<Timestamp>, Failure> {
    if !repeat["every"].is_number() {
        return Ok(None);
    }
    if let Some(offset) = repeat["offset"].as_i64() {
        return Ok(Some(Timestamp::from_unix_micros(offset * 1_000)));
    }
    let now = queue.store().now().await?;
    Ok(Some(now.saturating_add(AT_ONCE)))
}

/// A date: milliseconds, or a text.
fn date(value: &Value, what: &str) -> Result<Option<Timestamp>, Failure> {
    let none = || refused(&format!(".{what} is no date"));
    match value {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| none()),
        number => {
            let millis = number.as_i64().ok_or_else(none)?;
            Ok(Some(Timestamp::from_unix_micros(
                millis.saturating_mul(1_000),
            )))
        }
    }
}

fn refused(why: &str) -> Failure {
    Failure::Refused(why.to_owned())
}
