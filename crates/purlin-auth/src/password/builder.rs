//! What can be set on passwords.

use std::{sync::Arc, thread};

use purlin_base::random::{OsRng, SharedRng};
use purlin_runtime::CpuPool;
use tokio::sync::Semaphore;

use super::{
    Argon2Params, Inner, PasswordOptionError, PasswordPolicy, Passwords,
    engine::{Engine, HASH_BYTES},
};

/// Makes [`Passwords`]. Every option is checked by [`build`](Self::build).
pub struct PasswordsBuilder {
    cpu: CpuPool,
    params: Argon2Params,
    policy: PasswordPolicy,
    rng: SharedRng,
    concurrency: usize,
    queue_max: usize,
}

impl PasswordsBuilder {
    pub(super) fn new(cpu: CpuPool) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let concurrency = (cores.min(cpu.threads()) / 2).clamp(1, 1_024);
        Self {
            cpu,
            params: Argon2Params::default(),
            policy: PasswordPolicy::default(),
            rng: Arc::new(OsRng),
            concurrency,
            queue_max: 64,
        }
    }

    /// What a new hash costs. Default: 19 456 KiB, 2 passes, 1 lane.
    pub fn argon2(mut self, params: Argon2Params) -> Self {
        self.params = params;
        self
    }

    /// Which new passwords are taken. Default: 12 to 128 code points, none of the common ones.
    pub fn policy(mut self, policy: PasswordPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Where salts come from. Default: the operating system. Another is for tests alone.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// Hashes that are computed at once: 1 to 1024, and not more than the pool has threads.
    /// Default: half of the cores, or of the pool's threads if they are fewer, at least 1, so that
    /// hashes leave room for the other requests.
    pub fn concurrency(mut self, hashes: usize) -> Self {
        self.concurrency = hashes;
        self
    }

    /// Callers that may wait for their turn: 0 to 65 536. Default: 64.
    pub fn queue_max(mut self, callers: usize) -> Self {
        self.queue_max = callers;
        self
    }

    /// Checks every option. No hash is made yet.
    ///
    /// # Errors
    ///
    /// [`PasswordOptionError`] for an option out of its bounds.
    pub fn build(self) -> Result<Passwords, PasswordOptionError> {
        let threads = self.cpu.threads();
        PasswordOptionError::unless(
            (1..=threads.min(1_024)).contains(&self.concurrency),
            "concurrency",
            self.concurrency,
            "1 to 1024, and at most the threads of the CPU pool",
        )?;
        let (queue_max, expected) = (self.queue_max, "0 to 65536");
        PasswordOptionError::unless(queue_max <= 65_536, "queue_max", queue_max, expected)?;
        let engine = Engine::new(self.params).ok_or_else(|| PasswordOptionError {
            option: "argon2",
            given: format!("{:?}", self.params),
            expected: "parameters that Argon2 is defined for",
        })?;
        let mut nobody = [0; HASH_BYTES];
        self.rng.fill(&mut nobody);
        Ok(Passwords(Arc::new(Inner {
            places: Arc::new(Semaphore::new(self.concurrency + queue_max)),
            turns: Arc::new(Semaphore::new(self.concurrency)),
            concurrency: self.concurrency,
            queue_max,
            cpu: self.cpu,
            policy: self.policy,
            rng: self.rng,
            engine,
            nobody,
        })))
    }
}
