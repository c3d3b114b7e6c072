//! What a thread of ours is made with: its name, its stack, its core, and how far it stands back.

use std::thread;

/// The least stack: below it the runtime of the language itself has no room.
pub(crate) const STACK_BYTES_MIN: usize = 64 * 1024;

/// The largest stack.
pub(crate) const STACK_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// The stack of a thread that nobody said anything about, as the standard library has it.
pub(crate) const STACK_BYTES: usize = 2 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct ThreadOptions {
    pub(crate) name: String,
    pub(crate) stack_bytes: usize,
    pub(crate) niceness: u8,
    pub(crate) core: Option<usize>,
}

/// An option out of its bounds: its name, what was given, what is allowed.
pub(crate) type OutOfBounds = (&'static str, String, &'static str);

impl ThreadOptions {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stack_bytes: STACK_BYTES,
            niceness: 0,
            core: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), OutOfBounds> {
        check_name(&self.name)?;
        if !(STACK_BYTES_MIN..=STACK_BYTES_MAX).contains(&self.stack_bytes) {
            let given = self.stack_bytes.to_string();
            return Err(("stack_bytes", given, "65536 to 1073741824"));
        }
        if self.niceness > 19 {
            return Err(("niceness", self.niceness.to_string(), "0 to 19"));
        }
        match self.core {
            Some(core) if !is_allowed(core) => {
                let expected = "a core that this process may use, on Linux";
                Err(("core", core.to_string(), expected))
            }
            _ => Ok(()),
        }
    }

    /// The thread by these options; `number` tells the threads of a pool apart.
    pub(crate) fn builder(&self, number: Option<usize>) -> thread::Builder {
        let name = match number {
            Some(number) => format!("{}-{number}", self.name),
            None => self.name.clone(),
        };
        thread::Builder::new()
            .name(name)
            .stack_size(self.stack_bytes)
    }

    /// What a thread can only do to itself, at its beginning.
    pub(crate) fn settle(&self) {
        stand_back(self.niceness);
        if let Some(core) = self.core {
            stay_on(core);
        }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), OutOfBounds> {
    if (1..=64).contains(&name.len()) && !name.contains('\0') {
        return Ok(());
    }
    let expected = "1 to 64 bytes, none of them NUL";
    Err(("name", format!("{name:?}"), expected))
}

/// Lowers the priority of this thread. Where that is refused the thread works on as any other.
#[cfg(target_os = "linux")]
pub(crate) fn stand_back(niceness: u8) {
    if niceness > 0 {
        // On Linux the number of a process that is called none is this thread's.
        let _ = rustix::process::setpriority_process(None, niceness.into());
    }
}

/// Elsewhere the priority is the whole process's, which must keep its own.
#[cfg(not(target_os = "linux"))]
pub(crate) fn stand_back(_niceness: u8) {}

#[cfg(target_os = "linux")]
fn is_allowed(core: usize) -> bool {
    use rustix::thread::{CpuSet, sched_getaffinity};
    core < CpuSet::MAX_CPU && sched_getaffinity(None).is_ok_and(|allowed| allowed.is_set(core))
}

#[cfg(not(target_os = "linux"))]
fn is_allowed(_core: usize) -> bool {
    false
}

/// A core that was taken away since it was checked leaves the thread where it is.
#[cfg(target_os = "linux")]
fn stay_on(core: usize) {
    let mut only = rustix::thread::CpuSet::new();
    only.set(core);
    if let Err(error) = rustix::thread::sched_setaffinity(None, &only) {
        tracing::warn!(core, %error, "a thread could not be kept on its core");
    }
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_core: usize) {}
