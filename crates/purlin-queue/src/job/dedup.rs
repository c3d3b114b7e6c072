//! When a job that is added is one that is there already.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Two jobs of one queue with the same key are one job for a while.
///
/// | made by | a second add with the key |
/// | --- | --- |
/// | [`simple`](Self::simple) | is ignored until the first has ended |
/// | [`throttle`](Self::throttle) | is ignored until `ttl` has passed, even if the first has ended |
/// | [`debounce`](Self::debounce) | takes the place of the first while that is delayed, and the time begins anew |
/// | [`replace`](Self::replace) | takes the place of the first while that is delayed; the time goes on |
/// | [`keep_last_if_active`](Self::keep_last_if_active) | is ignored while the first waits; while it runs, the last one is kept and added when it ends |
///
/// A call that was ignored answers the id of the job that stands in its place. Removing that job by
/// hand frees the key and drops what was kept; retention does neither. With `extend`, a call that
/// was ignored begins `ttl` anew as well. What was kept has no parents.
///
/// # Source
///
/// BullMQ's `deduplication` with `id`, `ttl`, `extend`, `replace` and `keepLastIfActive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dedup {
    /// The key.
    pub key: String,
    /// How long the key holds. `None`: until the job has ended.
    #[serde(default)]
    pub ttl: Option<Duration>,
    /// A second add begins `ttl` anew.
    #[serde(default)]
    pub extend: bool,
    /// A second add takes the place of a delayed job.
    #[serde(default)]
    pub replace: bool,
    /// A second add while the job runs is kept, and added when it ends.
    #[serde(default)]
    pub keep_last_if_active: bool,
}

impl Dedup {
    /// Until the job has ended.
    pub fn simple(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            ttl: None,
            extend: false,
            replace: false,
            keep_last_if_active: false,
        }
    }

    /// Once in `ttl`.
    pub fn throttle(key: impl Into<String>, ttl: Duration) -> Self {
        Self {
            ttl: Some(ttl),
            ..Self::simple(key)
        }
    }

    /// The last of a burst, `ttl` after it. Give the job the same delay.
    pub fn debounce(key: impl Into<String>, ttl: Duration) -> Self {
        Self {
            ttl: Some(ttl),
            extend: true,
            replace: true,
            ..Self::simple(key)
        }
    }

    /// The last one, at its own moment; the key holds until the time of the first is over.
    pub fn replace(key: impl Into<String>) -> Self {
        Self {
            replace: true,
            ..Self::simple(key)
        }
    }

    /// One that runs and one that follows.
    pub fn keep_last_if_active(key: impl Into<String>) -> Self {
        Self {
            keep_last_if_active: true,
            ..Self::simple(key)
        }
    }
}
