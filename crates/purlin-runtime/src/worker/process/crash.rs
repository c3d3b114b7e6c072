//! How a process came to its end.

use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus};

use rustix::process::Signal;

/// How a process came to its end without an answer.
///
/// A stack that overflows and memory that runs out both end in an abort, and are told from it by
/// what Rust writes to standard error. Code in another language may not write that; then it is an
/// abort or a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Crash {
    /// It aborted.
    Aborted,
    /// Its stack overflowed.
    StackOverflow,
    /// It asked for more memory than it may have.
    OutOfMemory,
    /// It used more CPU time for one job than it may.
    CpuLimit,
    /// A signal killed it: 9 is often the system, which was out of memory.
    Signal(i32),
    /// It called `exit` with this code.
    Exited(i32),
}

impl Crash {
    pub(super) fn of(status: ExitStatus, last_words: &str) -> Self {
        match status.signal() {
            None => Self::Exited(status.code().unwrap_or_default()),
            Some(signal) if signal == Signal::XCPU.as_raw() => Self::CpuLimit,
            Some(signal) if signal == Signal::ABORT.as_raw() => Self::by_words(last_words),
            Some(signal) => Self::Signal(signal),
        }
    }

    fn by_words(last_words: &str) -> Self {
        if last_words.contains("has overflowed its stack") {
            Self::StackOverflow
        } else if last_words.contains("memory allocation of") {
            Self::OutOfMemory
        } else {
            Self::Aborted
        }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted => f.write_str("aborted"),
            Self::StackOverflow => f.write_str("overflowed its stack"),
            Self::OutOfMemory => f.write_str("asked for more memory than it may have"),
            Self::CpuLimit => f.write_str("used more CPU time than it may"),
            Self::Signal(signal) => write!(f, "was killed by the signal {signal}"),
            Self::Exited(code) => write!(f, "exited with {code}"),
        }
    }
}
