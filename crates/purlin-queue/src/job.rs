//! What a job is.

use serde::{Serialize, de::DeserializeOwned};

mod backoff;
mod dedup;
mod options;
mod payload;
mod record;

pub use backoff::{Backoff, BackoffKind};
pub use dedup::Dedup;
pub use options::{JobOptions, Keep, PRIORITY_MAX, Start};
pub use payload::Payload;
pub use record::{Failure, FailureCause, JobRecord, Parent};

use crate::QueueError;

/// A type of job: its payload is the type itself, its processor returns [`Output`](Self::Output).
///
/// `#[derive(Job)]` writes this.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The name by which processors know it. 1 to 128 characters.
    const NAME: &'static str;
    /// The version of the payload's form. A worker that knows only older ones leaves the job for a
    /// newer worker.
    const VERSION: u32 = 1;
    /// The queue it goes to.
    const QUEUE: &'static str;
    /// What the processor returns and is stored as the job's result.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// What holds for each job of this type unless the call that adds it says otherwise.
    fn options() -> JobOptions {
        JobOptions::default()
    }
}

/// What a job is known by: 1 to 255 characters without `:` and control characters, and not a
/// whole number (an engine may number jobs itself). Made by the caller or by the queue (UUIDv7).
///
/// # Errors
///
/// [`QueueError::Name`].
pub fn check_id(id: &str) -> Result<(), QueueError> {
    let fits = (1..=255).contains(&id.chars().count());
    let clean = !id.chars().any(|c| c == ':' || c.is_control());
    if fits && clean && id.parse::<u64>().is_err() {
        return Ok(());
    }
    Err(refused(
        "job id",
        id,
        "1 to 255 characters, no `:` or control character, not a whole number",
    ))
}

/// A name of a queue: 1 to 128 characters of `A-Z a-z 0-9 . _ -`.
///
/// # Errors
///
/// [`QueueError::Name`].
pub fn check_queue(name: &str) -> Result<(), QueueError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=128).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(refused(
        "queue",
        name,
        "1 to 128 characters of A-Z a-z 0-9 . _ -",
    ))
}

/// A name of a job, tag, tenant, limit key, deduplication key or schedule: 1 to 255 characters,
/// none of them a control character.
///
/// # Errors
///
/// [`QueueError::Name`].
pub fn check_name(what: &'static str, name: &str) -> Result<(), QueueError> {
    let fits = (1..=255).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(refused(
        what,
        name,
        "1 to 255 characters, no control character",
    ))
}

fn refused(what: &'static str, given: &str, rule: &'static str) -> QueueError {
    QueueError::Name {
        what,
        given: given.chars().take(80).collect(),
        rule,
    }
}
