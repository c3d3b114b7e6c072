//! One-time tokens, second factors and the audit, each case on every engine.

mod audit;
mod one_time;
mod totp;

use purlin_base::time::{ManualClock, Timestamp};

/// 2025-11-24, at the beginning of a half minute.
fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000))
}
