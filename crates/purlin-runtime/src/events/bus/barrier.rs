//! Barriers of two sides, one of which is to cost nothing.
//!
//! Each side writes, passes its barrier, and reads what the other writes: at least one of them then
//! sees the other. Where the operating system can hold up every thread of the process for that
//! (`membarrier` on Linux), the side that does so seldom pays for both, and the side that does so
//! often only keeps the compiler from changing its order.

use std::sync::atomic::compiler_fence;

use super::sync::atomic::{Ordering::SeqCst, fence};

/// How the two sides meet: the same for all threads that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barrier {
    /// Each side has a fence of its own.
    Fences,
    /// The rare side brings one to every thread.
    ProcessWide,
}

impl Barrier {
    /// The better one of those that this process can have. Ask once, and keep the answer.
    pub(super) fn best() -> Self {
        if membarrier::is_ready() {
            Self::ProcessWide
        } else {
            Self::Fences
        }
    }

    /// That of the side that passes often.
    #[inline]
    pub(super) fn often(self) {
        match self {
            Self::ProcessWide => compiler_fence(SeqCst),
            Self::Fences => fence(SeqCst),
        }
    }

    /// That of the side that passes seldom; `false` if the system refused, and there was none.
    pub(super) fn seldom(self) -> bool {
        fence(SeqCst);
        match self {
            Self::ProcessWide => membarrier::pass(),
            Self::Fences => true,
        }
    }
}

#[cfg(target_os = "linux")]
mod membarrier {
    use rustix::thread::{MembarrierCommand, membarrier, membarrier_query};

    pub(super) fn is_ready() -> bool {
        membarrier_query().contains_command(MembarrierCommand::PrivateExpedited)
            && membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    pub(super) fn pass() -> bool {
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod membarrier {
    pub(super) fn is_ready() -> bool {
        false
    }

    pub(super) fn pass() -> bool {
        false
    }
}
