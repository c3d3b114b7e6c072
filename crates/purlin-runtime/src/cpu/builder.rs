//! What can be set on a CPU pool.

use std::{sync::Arc, thread};

use purlin_base::{Classified, ErrorClass};

use super::{CpuPool, Owner, work_off};
use crate::queue::Queue;

/// Makes a [`CpuPool`]. Every option is checked by [`build`](Self::build).
#[derive(Clone, Debug)]
pub struct CpuPoolBuilder {
    name: String,
    threads: usize,
    queue_max: usize,
    niceness: u8,
}

/// Why a pool could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CpuPoolError {
    /// An option is out of its bounds.
    #[error("`{option}` of the CPU pool is {given}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The operating system gave no thread.
    #[error("no thread could be started for the CPU pool")]
    Thread(#[source] std::io::Error),
}

impl Classified for CpuPoolError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Option { .. } => "CPU_POOL_OPTION",
            Self::Thread(_) => "CPU_POOL_THREAD",
        }
    }
}

impl Default for CpuPoolBuilder {
    fn default() -> Self {
        Self {
            name: "cpu".into(),
            threads: thread::available_parallelism().map_or(1, usize::from),
            queue_max: 1_024,
            niceness: 0,
        }
    }
}

impl CpuPoolBuilder {
    /// The name of the threads, which get a number each: 1 to 64 bytes. Default: `cpu`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Threads, and so jobs that run at once: 1 to 1024. Default: the cores available.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Jobs that may wait at once: 1 to 1 048 576. Default: 1024.
    pub fn queue_max(mut self, jobs: usize) -> Self {
        self.queue_max = jobs;
        self
    }

    /// How far the threads stand back when the cores are contended: 0 to 19, where 19 takes what
    /// others leave. Default: 0, as any thread.
    ///
    /// Set it where jobs are long and others must not wait for them, such as password hashes beside
    /// a server. Has an effect on Linux alone.
    pub fn niceness(mut self, niceness: u8) -> Self {
        self.niceness = niceness;
        self
    }

    /// Checks every option, then starts the threads.
    ///
    /// # Errors
    ///
    /// - [`CpuPoolError::Option`] for an option out of its bounds.
    /// - [`CpuPoolError::Thread`] if the operating system gives no thread; those that were
    ///   started end again.
    pub fn build(self) -> Result<CpuPool, CpuPoolError> {
        self.check()?;
        let Self {
            name,
            threads,
            queue_max,
            niceness,
        } = self;
        let queue = Arc::new(Queue::new(queue_max));
        let pool = CpuPool(Arc::new(Owner { queue, threads }));
        for number in 0..threads {
            let thread = thread::Builder::new().name(format!("{name}-{number}"));
            let queue = Arc::clone(&pool.0.queue);
            let started = pool
                .0
                .queue
                .start_thread(thread, move || work_off(&queue, niceness));
            started.map_err(CpuPoolError::Thread)?;
        }
        Ok(pool)
    }

    fn check(&self) -> Result<(), CpuPoolError> {
        let option = |option, given, expected| {
            Err(CpuPoolError::Option {
                option,
                given,
                expected,
            })
        };
        if !(1..=1_024).contains(&self.threads) {
            return option("threads", self.threads.to_string(), "1 to 1024");
        }
        if !(1..=1_048_576).contains(&self.queue_max) {
            return option("queue_max", self.queue_max.to_string(), "1 to 1048576");
        }
        if self.niceness > 19 {
            return option("niceness", self.niceness.to_string(), "0 to 19");
        }
        if !(1..=64).contains(&self.name.len()) || self.name.contains('\0') {
            let given = format!("{:?}", self.name);
            return option("name", given, "1 to 64 bytes, none of them NUL");
        }
        Ok(())
    }
}
