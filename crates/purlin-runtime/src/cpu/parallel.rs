//! One piece of work done to many items at once, as one thing that ends as a whole.
//!
//! It stands on the CPU pool and not on threads of its own: two sets of threads on the same cores
//! would slow each other down, and the pool's bounds would hold for one of them alone. Each item is
//! a job, so that jobs of others have their turn in between.

use std::{convert::Infallible, sync::Arc};

use futures_util::{StreamExt, stream};
use purlin_base::{Classified, ErrorClass, ErrorClasses};
use tokio::sync::mpsc;

use super::{CpuError, CpuPool};
use crate::stop::{Flag, RaiseOnDrop, StopToken};

/// Why [`CpuPool::parallel_map`] has no answer: the first item that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParallelError<E> {
    /// The work said no.
    #[error("item {index} failed: {error}")]
    Item {
        /// Which item, from 0.
        index: usize,
        /// What the work said.
        error: E,
    },
    /// The item was not computed: the work panicked, the deadline passed, or the pool is closed.
    #[error("item {index} was not computed: {error}")]
    Job {
        /// Which item, from 0.
        index: usize,
        /// What the pool said.
        error: CpuError,
    },
}

impl<E> Classified for ParallelError<E>
where
    E: Classified + std::error::Error,
    Self: std::error::Error,
{
    fn class(&self) -> ErrorClass {
        match self {
            Self::Item { error, .. } => error.class(),
            Self::Job { error, .. } => error.class(),
        }
    }

    fn classes() -> ErrorClasses {
        E::classes().and(CpuError::classes())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Item { error, .. } => error.code(),
            Self::Job { error, .. } => error.code(),
        }
    }
}

impl CpuPool {
    /// Does `work` to every item, on as many threads as the pool has, and gives back the answers in
    /// the order of the items.
    ///
    /// At most [`threads`](Self::threads) items are in the pool at once; the others wait in `items`,
    /// which is asked for one when there is room. At the first failure no other item begins, items
    /// that wait leave the queue, and `work` that runs is asked to stop by its [`StopToken`]. The
    /// answer comes when all that had begun has ended: nothing goes on behind the caller's back.
    /// An item costs about as much as a call of [`run`](Self::run), a few microseconds: let an item
    /// be worth it.
    ///
    /// # Errors
    ///
    /// The first failure, in time: [`ParallelError::Item`] if `work` returned an error,
    /// [`ParallelError::Job`] if it panicked, or was not begun by the deadline of the
    /// [`Context`](purlin_base::Context), or the pool is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes what waits out of the queue and asks what runs to stop; it is not
    /// waited for.
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_runtime::CpuPool;
    ///
    /// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
    /// # rt.block_on(async {
    /// let pool = CpuPool::builder().threads(2).build()?;
    /// let texts = ["1", "2", "3"];
    /// let numbers = pool
    ///     .parallel_map("parse", texts, |text, _stop| text.parse::<u32>())
    ///     .await?;
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn parallel_map<I, T, E, F>(
        &self,
        job: &'static str,
        items: I,
        work: F,
    ) -> Result<Vec<T>, ParallelError<E>>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
        F: Fn(I::Item, &StopToken) -> Result<T, E> + Send + Sync + 'static,
    {
        let flag = RaiseOnDrop(Arc::new(Flag::default()));
        let token = StopToken::of(Arc::clone(&flag.0));
        let (alive, mut all_ended) = mpsc::channel::<Infallible>(1);
        let work = Arc::new(work);
        let jobs = items.into_iter().enumerate().map(|(index, item)| {
            let (work, token, alive) = (Arc::clone(&work), token.clone(), alive.clone());
            // It goes with the answer, which is let go of when the job is no longer counted.
            let answer = self.run(job, move || (work(item, &token), alive));
            async move { (index, answer.await.map(|(answer, _alive)| answer)) }
        });
        let mut answers = Box::pin(stream::iter(jobs).buffer_unordered(self.threads()));
        let mut done = Vec::new();
        let failure = loop {
            match answers.next().await {
                Some((index, Ok(Ok(answer)))) => done.push((index, answer)),
                Some((index, Ok(Err(error)))) => break ParallelError::Item { index, error },
                Some((index, Err(error))) => break ParallelError::Job { index, error },
                None => return Ok(in_order(done)),
            }
        };
        flag.0.raise();
        drop(answers); // Takes what has not begun out of the queue.
        drop(alive);
        all_ended.recv().await;
        Err(failure)
    }
}

fn in_order<T>(mut done: Vec<(usize, T)>) -> Vec<T> {
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, answer)| answer).collect()
}
