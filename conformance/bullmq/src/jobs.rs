//! What the jobs do, by their names.

use std::time::Duration;

use purlin_queue::{JobContext, JobError, Payload, RawJob, store::ChildOutcome};
use serde_json::{Number, Value, json};

pub(crate) async fn process(job: RawJob, context: JobContext) -> Result<Payload, JobError> {
    match job.name.as_str() {
        "echo" => Ok(job.data),
        "noop" => Ok(Payload::null()),
        "sum" => sum(&job.data),
        "flaky" => flaky(&job.data, &context),
        "fatal" => Err(JobError::unrecoverable("never again")),
        "slow" => slow(&job.data, &context).await,
        "progress" => progress(&context).await,
        "parent" => parent(&context).await,
        name => Ok(Payload::of(&json!({ "name": name }))?),
    }
}

fn sum(data: &Payload) -> Result<Payload, JobError> {
    let data: Value = data.decode()?;
    Ok(Payload::of(
        &json!({ "sum": plus(&data["a"], &data["b"]) }),
    )?)
}

/// JavaScript's `a + b`, of numbers and texts.
fn plus(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) if a.checked_add(b).is_some() => (a + b).into(),
            _ => float(a.as_f64().unwrap_or(0.0) + b.as_f64().unwrap_or(0.0)),
        },
        _ => format!("{}{}", text(a), text(b)).into(),
    }
}

/// A number as JavaScript writes it: whole ones without a fraction.
fn float(number: f64) -> Value {
    let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
    match is_whole {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        true => (number as i64).into(),
        false => Number::from_f64(number).map_or(Value::Null, Value::Number),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn flaky(data: &Payload, context: &JobContext) -> Result<Payload, JobError> {
    let data: Value = data.decode()?;
    let failures = data["failures"].as_u64().unwrap_or(0);
    let made = u64::from(context.attempts_made());
    if made < failures {
        return Err(JobError::failed(format!("try {}", made + 1)));
    }
    Ok(Payload::of(&json!({ "made": made }))?)
}

async fn slow(data: &Payload, context: &JobContext) -> Result<Payload, JobError> {
    let data: Value = data.decode()?;
    let wait = Duration::from_millis(data["ms"].as_u64().unwrap_or(0));
    context.sleep(wait).await;
    Ok(Payload::of("slept")?)
}

async fn progress(context: &JobContext) -> Result<Payload, JobError> {
    context.progress(&50).await?;
    context.log("half way").await?;
    context.progress(&json!({ "done": 100 })).await?;
    Ok(Payload::null())
}

async fn parent(context: &JobContext) -> Result<Payload, JobError> {
    let children = context.children().await?;
    let values = children.iter().filter_map(|child| match &child.outcome {
        ChildOutcome::Completed(value) => Some(value.as_str()),
        _ => None,
    });
    let mut texts: Vec<&str> = values.collect();
    texts.sort_unstable();
    Ok(Payload::of(&json!({ "children": texts }))?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plus;

    #[test]
    fn numbers_add_and_texts_join() {
        assert_eq!(plus(&json!(1), &json!(2)), json!(3));
        assert_eq!(plus(&json!(0.5), &json!(1.5)), json!(2));
        assert_eq!(plus(&json!("a"), &json!("b")), json!("ab"));
        assert_eq!(plus(&json!("a"), &json!(1)), json!("a1"));
    }
}
