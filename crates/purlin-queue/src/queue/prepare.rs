//! Makes of what a caller gave what a store takes: checked, bounded, sealed, with an id and a trace.

use std::sync::Arc;

use purlin_base::Context;
use serde::{Serialize, de::DeserializeOwned};

use super::{DELAY_MAX, QueueConfig, Queues};
use crate::{
    QueueError,
    crypt::{self, Cipher},
    job::{JobOptions, Payload, Start, check_name, check_queue},
    store::{Added, NewJob},
};

/// What is to become a job.
pub(crate) struct Draft {
    pub(crate) queue: String,
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) data: Payload,
    pub(crate) options: JobOptions,
}

impl Draft {
    /// Checks everything, and gives it an id if it has none.
    pub(crate) fn prepare(self, queues: &Queues) -> Result<NewJob, QueueError> {
        let Self {
            queue,
            name,
            version,
            data,
            options,
        } = self;
        let config = queues.config();
        check_queue(&queue)?;
        check_job_name(&name)?;
        options.check()?;
        check_start(options.start)?;
        check_size(&data, config)?;
        let data = seal(config.cipher.as_ref(), &queue, &name, data)?;
        let id = match &options.id {
            Some(id) => id.clone(),
            None => config.ids.make().to_string(),
        };
        Ok(NewJob {
            queue,
            id,
            name,
            version,
            data,
            options,
            parents: Vec::new(),
            awaits_children: false,
            traceparent: traceparent(),
        })
    }
}

impl Queues {
    /// Adds what was prepared, and says so to those who want to know.
    pub(crate) async fn add_prepared(&self, jobs: Vec<NewJob>) -> Result<Vec<Added>, QueueError> {
        self.check_bulk(jobs.len())?;
        let sent = self.sent(&jobs);
        let added = self.store().add(jobs).await;
        self.tell_sent(sent, added.is_ok());
        added
    }

    pub(crate) fn check_bulk(&self, jobs: usize) -> Result<(), QueueError> {
        if jobs <= self.config().bulk_max {
            return Ok(());
        }
        Err(QueueError::Option {
            option: "bulk",
            rule: "at most `QueueConfig::bulk_max` jobs in one call",
        })
    }

    /// Queue and name of each job, if anybody wants to know.
    fn sent(&self, jobs: &[NewJob]) -> Vec<(String, String)> {
        if self.config().observer.is_none() {
            return Vec::new();
        }
        let names = jobs.iter().map(|job| (job.queue.clone(), job.name.clone()));
        names.collect()
    }

    fn tell_sent(&self, sent: Vec<(String, String)>, is_ok: bool) {
        let Some(observer) = &self.config().observer else {
            return;
        };
        for (queue, name) in &sent {
            observer.sent(queue, name, is_ok);
        }
    }
}

/// `value` as the payload of the job `name`.
pub(crate) fn write_payload(
    name: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<Payload, QueueError> {
    Payload::of(value).map_err(|error| payload_error(name, &error))
}

/// `data` as a `T`, opened first if it is sealed. What is wrong with it, for people.
pub(crate) fn read_payload<T: DeserializeOwned>(
    cipher: Option<&Arc<dyn Cipher>>,
    queue: &str,
    name: &str,
    data: &Payload,
) -> Result<T, String> {
    let opened = crypt::open(cipher, queue, name, data)?;
    opened.decode().map_err(|error| error.to_string())
}

fn seal(
    cipher: Option<&Arc<dyn Cipher>>,
    queue: &str,
    name: &str,
    data: Payload,
) -> Result<Payload, QueueError> {
    let sealed = crypt::seal(cipher, queue, name, data);
    sealed.map_err(|reason| QueueError::Payload {
        name: name.to_owned(),
        reason,
    })
}

pub(crate) fn payload_error(name: &str, error: &serde_json::Error) -> QueueError {
    QueueError::Payload {
        name: name.to_owned(),
        reason: error.to_string(),
    }
}

pub(crate) fn check_size(data: &Payload, config: &QueueConfig) -> Result<(), QueueError> {
    let (size, max) = (data.as_str().len(), config.payload_bytes_max);
    if size <= max {
        return Ok(());
    }
    Err(QueueError::TooLarge { size, max })
}

/// A job's name: as other names, and up to 128 characters.
fn check_job_name(name: &str) -> Result<(), QueueError> {
    check_name("job", name)?;
    if name.chars().count() <= 128 {
        return Ok(());
    }
    Err(QueueError::Name {
        what: "job",
        given: name.chars().take(80).collect(),
        rule: "1 to 128 characters, no control character",
    })
}

pub(crate) fn check_start(start: Start) -> Result<(), QueueError> {
    match start {
        Start::After(wait) if wait > DELAY_MAX => Err(QueueError::Option {
            option: "delay",
            rule: "at most a hundred years",
        }),
        _ => Ok(()),
    }
}

/// The trace of whoever adds a job, if it is in one.
pub(crate) fn traceparent() -> Option<String> {
    let trace = Context::with_current(|context| *context.trace())?;
    trace.is_some().then(|| trace.to_string())
}
