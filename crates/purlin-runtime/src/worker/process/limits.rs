//! What a process takes upon itself before any code of the user runs.

use std::{io, time::Duration};

use rustix::process::{Pid, Resource, Rlimit, Signal, getppid, setrlimit};
use serde::{Deserialize, Serialize};

/// Where a process is told that it is a worker, and under which limits.
pub(super) const VARIABLE: &str = "PURLIN_PROCESS_WORKER";

/// What a process is told at its start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) task: String,
    pub(super) parent: i32,
    pub(super) memory_bytes_max: u64,
    pub(super) cpu_seconds_max: u64,
    pub(super) message_bytes_max: usize,
    pub(super) stack_bytes: usize,
    pub(super) inherits_descriptors: bool,
}

impl Start {
    /// Takes the limits that hold for the whole life of the process.
    ///
    /// Errors are words for whoever started it.
    pub(super) fn take_limits(&self) -> Result<(), String> {
        die_with(self.parent).map_err(|error| said("it cannot die with its parent", error))?;
        let memory = self.memory_bytes_max;
        limit(Resource::Core, 0).map_err(|error| said("core dumps cannot be ruled out", error))?;
        limit(Resource::As, memory).map_err(|error| said("its memory cannot be limited", error))
    }

    /// Gives one job its CPU time, on top of what the process has used.
    pub(super) fn limit_cpu_of_job(&self) -> io::Result<()> {
        let used = cpu_time_used().as_secs() + 1;
        let most = used.saturating_add(self.cpu_seconds_max);
        let hard = rustix::process::getrlimit(Resource::Cpu).maximum;
        let new = Rlimit {
            current: Some(hard.map_or(most, |hard| hard.min(most))),
            maximum: hard,
        };
        Ok(setrlimit(Resource::Cpu, new)?)
    }
}

fn said(what: &str, error: io::Error) -> String {
    format!("{what}: {error}")
}

/// Lower than what stands already, never higher: both are hard, so that the code cannot raise them.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let standing = rustix::process::getrlimit(resource).maximum;
    let most = Some(standing.map_or(most, |hard| hard.min(most)));
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    Ok(setrlimit(resource, limit)?)
}

/// The signal comes when the *thread* that started this process ends, which is one that never does.
fn die_with(parent: i32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before it was said.
    if getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(parent) {
        return Err(io::Error::other(
            "the parent is gone, or another has started this",
        ));
    }
    Ok(())
}

fn cpu_time_used() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(used).unwrap_or_default()
}
