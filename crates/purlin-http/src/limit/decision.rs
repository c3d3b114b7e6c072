//! What a check comes to.

use std::time::Duration;

/// Whether a request may pass, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Whether it may pass. Where not, nothing was taken.
    pub allowed: bool,
    /// The limit of one window.
    pub limit: u32,
    /// What may still pass at this moment.
    pub remaining: u32,
    /// When the same request would pass if nothing else came; zero if it passed. A cost greater
    /// than the burst never passes.
    pub retry_after: Duration,
    /// When everything that was used is forgotten.
    pub reset_after: Duration,
}

impl Decision {
    pub(super) fn from_micros(allowed: bool, limit: u32, [left, retry, reset]: [u64; 3]) -> Self {
        Self {
            allowed,
            limit,
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            retry_after: Duration::from_micros(retry),
            reset_after: Duration::from_micros(reset),
        }
    }

    /// What is said where nothing is counted.
    pub(super) fn uncounted(limit: u32) -> Self {
        Self::from_micros(true, limit, [limit.into(), 0, 0])
    }
}
