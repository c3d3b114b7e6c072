//! Blocking work beside the loop, and its end in the poll phase.

use std::{future::Future, panic::Location, pin::pin, sync::OnceLock};

use super::{EventLoop, LoopError, Outcome, Raised, callback::Place, tasks::next_poll_phase};
use crate::cpu::{CpuError, CpuPool};

/// Jobs that may wait for the [`blocking_pool`] at once.
const QUEUE_MAX: usize = 65_536;

/// Threads of the [`blocking_pool`] unless `UV_THREADPOOL_SIZE` says otherwise.
const THREADS: usize = 4;

/// The pool of all loops of this process for work that blocks: four threads, or as many as the
/// variable `UV_THREADPOOL_SIZE` says, read at the first use. Jobs begin in the order they came.
///
/// # Errors
///
/// [`LoopError::Thread`] if the operating system gave no threads.
///
/// # Source
///
/// libuv's pool: a number over 1024 is 1024; what is no number, and 0, is 1.
pub fn blocking_pool() -> Result<&'static CpuPool, LoopError> {
    static POOL: OnceLock<CpuPool> = OnceLock::new();
    if let Some(pool) = POOL.get() {
        return Ok(pool);
    }
    let size = std::env::var("UV_THREADPOOL_SIZE").ok();
    let pool = CpuPool::builder()
        .name("blocking")
        .threads(size.map_or(THREADS, |size| threads_of(&size)))
        .queue_max(QUEUE_MAX)
        .build();
    match pool {
        // Another thread may have been quicker; then this pool ends again.
        Ok(pool) => Ok(POOL.get_or_init(|| pool)),
        Err(error) => Err(LoopError::Thread(std::sync::Arc::new(
            std::io::Error::other(error),
        ))),
    }
}

/// Reads a size as C's `atoi` does: as many digits as there are, behind blanks and a sign.
fn threads_of(size: &str) -> usize {
    let size = size.trim_start();
    if size
        .strip_prefix('-')
        .is_some_and(|rest| threads_digits(rest) > 0)
    {
        return 1_024; // A number without a sign, and so a large one.
    }
    threads_digits(size.strip_prefix('+').unwrap_or(size)).clamp(1, 1_024)
}

fn threads_digits(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold(0_usize, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'))
    })
}

impl EventLoop {
    /// Runs `work` on the [`blocking_pool`], then `done` with its answer in the poll phase. Holds
    /// the loop until then.
    ///
    /// # Errors
    ///
    /// `done` is told of [`CpuError::Panicked`], [`CpuError::Full`] and [`CpuError::Timeout`] in place
    /// of an answer; the call itself fails by [`LoopError::Thread`] alone.
    ///
    /// # Panics
    ///
    /// As [`CpuPool::try_run`].
    #[track_caller]
    pub fn spawn_blocking<T, R>(
        &self,
        job: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(&Self, Result<T, CpuError>) -> R + 'static,
    ) -> Result<(), LoopError>
    where
        T: Send + 'static,
        R: Outcome,
    {
        let place = Location::caller();
        self.begin_blocking(blocking_pool()?, job, work, done, place);
        Ok(())
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on a pool of your own.
    ///
    /// # Panics
    ///
    /// As [`CpuPool::try_run`].
    #[track_caller]
    pub fn spawn_blocking_on<T, R>(
        &self,
        pool: &CpuPool,
        job: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(&Self, Result<T, CpuError>) -> R + 'static,
    ) where
        T: Send + 'static,
        R: Outcome,
    {
        self.begin_blocking(pool, job, work, done, Location::caller());
    }

    fn begin_blocking<T, R>(
        &self,
        pool: &CpuPool,
        job: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(&Self, Result<T, CpuError>) -> R + 'static,
        place: Place,
    ) where
        T: Send + 'static,
        R: Outcome,
    {
        let run = pool.try_run(job, work);
        let remote = std::sync::Arc::clone(&self.core.remote);
        let number = self.next_task();
        let task = async move {
            let mut run = pin!(tokio::task::unconstrained(run));
            let mut is_first = true;
            let mut at_once = false;
            let answer = std::future::poll_fn(|cx| {
                let polled = run.as_mut().poll(cx);
                at_once = std::mem::take(&mut is_first) && polled.is_ready();
                polled
            })
            .await;
            if at_once {
                // A refusal comes in the poll phase like any answer, never before this call ends.
                next_poll_phase(&remote, number).await;
            }
            let done = |current: &Self| done(current, answer).into_result();
            Self::with_current(done).unwrap_or(Ok(()))
        };
        self.begin_task(Box::pin(task), place, job);
        // It raises nothing before the poll phase.
        let _: Result<(), Raised> = self.first_poll(number);
    }
}

#[cfg(test)]
mod tests {
    use super::threads_of;

    #[test]
    fn the_size_of_the_pool_is_read_as_libuv_reads_it() {
        let sizes = ["4", "0", "-1", "2000", "many", " 8 threads", "", "+3"];
        let threads = sizes.map(threads_of);
        assert_eq!(threads, [4, 1, 1_024, 1_024, 1, 8, 1, 3]);
    }
}
