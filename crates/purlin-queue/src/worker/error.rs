//! How a processor says that it did not succeed.

use std::{fmt, time::Duration};

use purlin_base::BoxError;

/// Why a processor did not succeed, and what is to become of the job.
///
/// Every error turns into [`Failed`](Self::Failed) by `?`. For that to be possible this is no
/// [`std::error::Error`] itself.
///
/// ```
/// use purlin_queue::JobError;
///
/// fn size(text: &str) -> Result<u32, JobError> {
///     if text.is_empty() {
///         return Err(JobError::unrecoverable("there is nothing to read"));
///     }
///     Ok(text.parse()?)
/// }
///
/// assert!(matches!(size("?"), Err(JobError::Failed(_))));
/// assert!(matches!(size(""), Err(JobError::Unrecoverable(_))));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum JobError {
    /// The attempt failed: another follows if there is one left.
    Failed(BoxError),
    /// The attempt failed, and another would be of no use.
    Unrecoverable(BoxError),
    /// The job is wanted again after this time. Does not count as an attempt.
    Snooze(Duration),
    /// The job waits for the children that it has added, and is then run again. Does not count as an
    /// attempt.
    AwaitChildren,
    /// The job has stopped because it was [cancelled](crate::JobContext::cancelled).
    Cancelled,
}

impl JobError {
    /// The attempt failed: another follows if there is one left.
    pub fn failed(why: impl Into<BoxError>) -> Self {
        Self::Failed(why.into())
    }

    /// The attempt failed, and another would be of no use.
    pub fn unrecoverable(why: impl Into<BoxError>) -> Self {
        Self::Unrecoverable(why.into())
    }

    /// The job is wanted again after this time.
    pub fn snooze(wait: Duration) -> Self {
        Self::Snooze(wait)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) | Self::Unrecoverable(why) => f.write_str(&chain(&**why)),
            Self::Snooze(wait) => write!(f, "wanted again in {wait:?}"),
            Self::AwaitChildren => f.write_str("waits for its children"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

/// An error and its causes: `the mail was not sent: connection refused`.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Many errors repeat their cause in their own words.
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
