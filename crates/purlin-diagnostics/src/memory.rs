//! What the operating system says of this process's memory.

use std::fs;

use serde::Serialize;

/// The memory of this process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProcessMemory {
    /// In memory now.
    pub resident: u64,
    /// The most that was ever in memory.
    pub resident_peak: u64,
    /// The part of it that belongs to no file: heap and stacks.
    pub anonymous: u64,
    /// Moved out to disk.
    pub swapped: u64,
    /// Threads.
    pub threads: u64,
    /// What the container may have; `None` without a bound.
    pub limit: Option<u64>,
}

impl ProcessMemory {
    /// Asks the operating system, which takes some ten microseconds. `None` where it does not say
    /// (anywhere but on Linux).
    ///
    /// ```
    /// use purlin_diagnostics::memory::ProcessMemory;
    ///
    /// if let Some(memory) = ProcessMemory::now() {
    ///     assert!(memory.resident > 0 && memory.resident_peak >= memory.resident);
    /// }
    /// ```
    pub fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let kib = |name| field(&status, name).map_or(0, |kib| kib * 1024);
        let resident = field(&status, "VmRSS")? * 1024;
        Some(Self {
            resident,
            // The kernel brings its numbers together now and then only.
            resident_peak: kib("VmHWM").max(resident),
            anonymous: kib("RssAnon"),
            swapped: kib("VmSwap"),
            threads: field(&status, "Threads").unwrap_or(0),
            limit: container_limit(),
        })
    }
}

fn field(status: &str, name: &str) -> Option<u64> {
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// As version 2 of control groups has it; `max` is no bound.
fn container_limit() -> Option<u64> {
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?;
    limit.trim().parse().ok()
}
