//! What is added.

use serde::{Deserialize, Serialize};

use crate::job::{JobOptions, Parent, Payload};

/// A job to be added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewJob {
    /// The queue.
    pub queue: String,
    /// The id. It is known before anything is stored.
    pub id: String,
    /// The name of its type.
    pub name: String,
    /// The version of its payload's form.
    pub version: u32,
    /// The payload.
    pub data: Payload,
    /// Its options, checked. `options.id` is `Some` if the caller chose the id.
    pub options: JobOptions,
    /// The jobs that wait for this one.
    pub parents: Vec<Parent>,
    /// It begins in `waiting-children`: jobs that name it as their parent are in the same call.
    pub awaits_children: bool,
    /// The W3C trace context of the caller.
    pub traceparent: Option<String>,
}

/// What became of a job that was to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The id of the job that is there now.
    pub id: String,
    /// Whether it is the one that was given, and not one that was there.
    pub is_new: bool,
}

/// What happens to a parent when its child fails for good.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum OnChildFailure {
    /// The parent fails too. BullMQ: `failParentOnFailure`.
    #[default]
    Fail,
    /// The parent goes on without it once the others have ended; the failure can be read.
    /// BullMQ: `ignoreDependencyOnFailure`.
    Ignore,
    /// The parent goes on at once, though others have not ended. BullMQ: `continueParentOnFailure`.
    Continue,
    /// As if it had never been a child. BullMQ: `removeDependencyOnFailure`.
    Remove,
    /// The parent waits until somebody retries or removes the child. BullMQ's default.
    Wait,
}
