//! Points at which a test kills the process.
//!
//! Compiled only with the feature `crash-points`, for the crash harness.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use rustix::process::{Signal, getpid, kill_process};

/// Names the point and the pass at which the process dies: `outbox.sent:3`.
pub const VARIABLE: &str = "PURLIN_CRASH_AT";

/// Passes `point`. The process kills itself with SIGKILL if [`VARIABLE`] says so.
pub fn pass(point: &str) {
    static PASSES: AtomicU64 = AtomicU64::new(0);
    let Some((name, at)) = chosen() else { return };
    if name == point && PASSES.fetch_add(1, Relaxed) + 1 == *at {
        // The signal ends the process before the call returns.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

fn chosen() -> Option<&'static (String, u64)> {
    static CHOSEN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    let read = || {
        let text = env::var(VARIABLE).ok()?;
        let (name, at) = text.rsplit_once(':')?;
        Some((name.to_owned(), at.parse().ok()?))
    };
    CHOSEN.get_or_init(read).as_ref()
}
