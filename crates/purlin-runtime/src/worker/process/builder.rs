//! What can be set on a pool of processes.

use std::{
    env,
    ffi::{OsStr, OsString},
    marker::PhantomData,
    path::PathBuf,
    process, thread,
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};

use super::{ProcessPool, ProcessTask, limits::Start};
use crate::worker::{WorkerBuildError, error::within};

const MIB: u64 = 1024 * 1024;

/// Makes a [`ProcessPool`]. Every option is checked by [`build`](Self::build).
#[derive(Clone, Debug)]
pub struct ProcessPoolBuilder<In, Out> {
    settings: Settings,
    types: PhantomData<fn(In) -> Out>,
}

/// What every process of a pool is started with.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) task: &'static str,
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) processes: usize,
    pub(super) queue_max: usize,
    pub(super) time_max: Duration,
    pub(super) jobs_max: u32,
    pub(super) message_bytes_max: usize,
    pub(super) close_within: Duration,
    memory_bytes_max: u64,
    cpu_time_max: Duration,
    stack_bytes: usize,
    inherits_descriptors: bool,
}

impl Settings {
    /// What the process is told, as JSON.
    pub(super) fn start(&self) -> String {
        let whole_seconds = self.cpu_time_max + Duration::from_nanos(999_999_999);
        let start = Start {
            task: self.task.to_owned(),
            parent: process::id()
                .try_into()
                .expect("a process's number is an i32"),
            memory_bytes_max: self.memory_bytes_max,
            cpu_seconds_max: whole_seconds.as_secs(),
            message_bytes_max: self.message_bytes_max,
            stack_bytes: self.stack_bytes,
            inherits_descriptors: self.inherits_descriptors,
        };
        serde_json::to_string(&start).expect("texts and numbers are JSON")
    }
}

impl<In, Out> ProcessPoolBuilder<In, Out> {
    pub(super) fn of(task: &ProcessTask<In, Out>) -> Self {
        let settings = Settings {
            task: task.name(),
            // This very binary, even if another was put in its place since.
            program: PathBuf::from("/proc/self/exe"),
            args: Vec::new(),
            environment: Vec::new(),
            processes: thread::available_parallelism().map_or(1, usize::from),
            queue_max: 1_024,
            time_max: Duration::from_secs(30),
            jobs_max: 1_000,
            message_bytes_max: 16 * 1024 * 1024,
            close_within: Duration::from_secs(5),
            memory_bytes_max: 512 * MIB,
            cpu_time_max: Duration::from_secs(30),
            stack_bytes: 8 * 1024 * 1024,
            inherits_descriptors: false,
        };
        Self {
            settings,
            types: PhantomData,
        }
    }

    /// Processes, and so jobs that run at once: 1 to 256. Default: the cores available.
    pub fn processes(mut self, processes: usize) -> Self {
        self.settings.processes = processes;
        self
    }

    /// Jobs that may wait at once: 1 to 1 048 576. Default: 1024.
    pub fn queue_max(mut self, jobs: usize) -> Self {
        self.settings.queue_max = jobs;
        self
    }

    /// How long a job may run, by the clock on the wall: 1 ms to 24 h. Default: 30 s. Then its
    /// process is killed.
    pub fn time_max(mut self, time: Duration) -> Self {
        self.settings.time_max = time;
        self
    }

    /// How much CPU time a job may use, over all its threads, up to whole seconds and to within one:
    /// 1 s to 24 h. Default: 30 s.
    pub fn cpu_time_max(mut self, time: Duration) -> Self {
        self.settings.cpu_time_max = time;
        self
    }

    /// How much address space a process may have, its binary and its stacks included: 64 MiB to
    /// 1 TiB. Default: 512 MiB.
    pub fn memory_bytes_max(mut self, bytes: u64) -> Self {
        self.settings.memory_bytes_max = bytes;
        self
    }

    /// The stack of the task's thread, 64 KiB to 1 GiB, part of the memory. Default: 8 MiB.
    pub fn stack_bytes(mut self, bytes: usize) -> Self {
        self.settings.stack_bytes = bytes;
        self
    }

    /// How long an input or an answer may be as JSON: 1 KiB to 1 GiB. Default: 16 MiB.
    pub fn message_bytes_max(mut self, bytes: usize) -> Self {
        self.settings.message_bytes_max = bytes;
        self
    }

    /// After how many jobs a process is replaced, so that what it leaks is given back: 1 to
    /// 4 294 967 295. Default: 1000.
    pub fn jobs_max(mut self, jobs: u32) -> Self {
        self.settings.jobs_max = jobs;
        self
    }

    /// How long jobs may go on when the application stops. Default: 5 s. See [`ProcessPool::close`].
    pub fn close_within(mut self, within: Duration) -> Self {
        self.settings.close_within = within;
        self
    }

    /// Another program, whose `main` calls [`entry`](super::entry) with this task. Default: this
    /// binary.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.settings.program = program.into();
        self
    }

    /// Arguments for the program. Default: none.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.settings.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a variable to the environment of the processes, which is empty otherwise.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.settings.environment.push((name.into(), value.into()));
        self
    }

    /// Adds a variable of our own environment as it is now, if we have it.
    pub fn inherit_env(self, name: impl AsRef<OsStr>) -> Self {
        match env::var_os(name.as_ref()) {
            Some(value) => self.env(name.as_ref(), value),
            None => self,
        }
    }

    /// Lets the processes have descriptors that are open in this one and not close-on-exec: what C
    /// code has opened, or whoever started this program has left open. Without it they are closed.
    pub fn inherit_descriptors(mut self) -> Self {
        self.settings.inherits_descriptors = true;
        self
    }

    /// Checks every option. Processes are started when there are jobs for them.
    ///
    /// # Errors
    ///
    /// [`WorkerBuildError::Option`].
    pub fn build(self) -> Result<ProcessPool<In, Out>, WorkerBuildError>
    where
        In: Serialize,
        Out: DeserializeOwned,
    {
        let (day, it) = (Duration::from_secs(86_400), &self.settings);
        within("processes", it.processes, 1..=256, "1 to 256")?;
        within("queue_max", it.queue_max, 1..=1_048_576, "1 to 1048576")?;
        within("jobs_max", it.jobs_max, 1..=u32::MAX, "1 to 4294967295")?;
        let memory = 64 * MIB..=MIB * MIB;
        within(
            "memory_bytes_max",
            it.memory_bytes_max,
            memory,
            "67108864 to 1099511627776",
        )?;
        within(
            "stack_bytes",
            it.stack_bytes,
            1 << 16..=1 << 30,
            "65536 to 1073741824",
        )?;
        let message = 1 << 10..=1 << 30;
        within(
            "message_bytes_max",
            it.message_bytes_max,
            message,
            "1024 to 1073741824",
        )?;
        if !(Duration::from_millis(1)..=day).contains(&it.time_max) {
            return Err(("time_max", format!("{:?}", it.time_max), "1 ms to 24 h").into());
        }
        if !(Duration::from_secs(1)..=day).contains(&it.cpu_time_max) {
            return Err((
                "cpu_time_max",
                format!("{:?}", it.cpu_time_max),
                "1 s to 24 h",
            )
                .into());
        }
        Ok(ProcessPool::new(self.settings))
    }
}
