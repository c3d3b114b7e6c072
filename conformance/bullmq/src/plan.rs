//! A plan: what is to be added, in BullMQ's words.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// One step of a plan.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Step {
    /// `queue.add`.
    Add(Entry),
    /// `queue.addBulk`.
    Bulk(Vec<Entry>),
    /// `flow.add`, all in this queue.
    Flow(Node),
    /// `queue.upsertJobScheduler`.
    Scheduler(Scheduler),
    /// Many jobs, one by one, [`IN_FLIGHT`](crate::produce::IN_FLIGHT) at a time.
    AddMany(Many),
}

/// A job.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// As it is written; without one, BullMQ stores `{}`.
    #[serde(default = "nothing")]
    pub(crate) data: Box<RawValue>,
    #[serde(default)]
    pub(crate) opts: Value,
}

/// A job, and those it waits for.
#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) name: String,
    #[serde(default = "nothing")]
    pub(crate) data: Box<RawValue>,
    #[serde(default)]
    pub(crate) opts: Value,
    #[serde(default)]
    pub(crate) children: Vec<Node>,
}

/// A job that comes again and again.
#[derive(Debug, Deserialize)]
pub(crate) struct Scheduler {
    pub(crate) id: String,
    pub(crate) repeat: Value,
    #[serde(default)]
    pub(crate) template: Template,
}

/// What each job of a scheduler is.
#[derive(Debug, Deserialize)]
pub(crate) struct Template {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default = "nothing")]
    pub(crate) data: Box<RawValue>,
    #[serde(default)]
    pub(crate) opts: Value,
}

/// So many jobs of one name.
#[derive(Debug, Deserialize)]
pub(crate) struct Many {
    pub(crate) name: String,
    pub(crate) count: usize,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            name: None,
            data: nothing(),
            opts: Value::Null,
        }
    }
}

fn nothing() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("it is JSON")
}

pub(crate) fn read(text: &str) -> Result<Vec<Step>, serde_json::Error> {
    serde_json::from_str(text)
}
