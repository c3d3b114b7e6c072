//! Why a command ended.

use purlin_queue::QueueError;
use purlin_sql::OpenError;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The plan is not well-formed.
    #[error("the plan cannot be read: {0}")]
    Plan(#[from] serde_json::Error),
    /// A variable of the environment is missing or is none.
    #[error("{variable}: {rule}")]
    Setting {
        /// Its name.
        variable: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// What BullMQ would refuse too.
    #[error("{0}")]
    Refused(String),
    /// The queue refused it, or its store failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file, or a signal, failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
