//! Why a worker or a pool of them could not be made, or ended.

use std::{io, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use crate::thread::OutOfBounds;

/// Why a worker or a pool of them could not be made. Nothing of it was left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerBuildError {
    /// An option is out of its bounds.
    #[error("`{option}` of the worker is {given}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The operating system gave no thread.
    #[error("no thread could be started for the worker")]
    Thread(#[source] io::Error),
}

impl From<OutOfBounds> for WorkerBuildError {
    fn from((option, given, expected): OutOfBounds) -> Self {
        Self::Option {
            option,
            given,
            expected,
        }
    }
}

/// `given` within `bounds`, or the error that says so.
pub(super) fn within<T: PartialOrd + ToString + Copy>(
    option: &'static str,
    given: T,
    bounds: std::ops::RangeInclusive<T>,
    expected: &'static str,
) -> Result<(), WorkerBuildError> {
    if bounds.contains(&given) {
        return Ok(());
    }
    Err((option, given.to_string(), expected).into())
}

impl Classified for WorkerBuildError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Option { .. } => "WORKER_OPTION",
            Self::Thread(_) => "WORKER_THREAD",
        }
    }
}

/// The thread did not end in time: it does not ask whether to stop. It runs on and keeps its core;
/// code that may do so belongs in a process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the worker `{worker}` was asked to stop and still ran {within:?} later")]
pub struct WorkerStillRunning {
    /// Its name.
    pub worker: String,
    /// How long it was waited for.
    pub within: Duration,
}

impl Classified for WorkerStillRunning {
    fn class(&self) -> ErrorClass {
        ErrorClass::Timeout
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Timeout.into()
    }

    fn code(&self) -> &'static str {
        "WORKER_STILL_RUNNING"
    }
}
