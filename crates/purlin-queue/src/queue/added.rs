//! A job that was added.

use std::{fmt, marker::PhantomData, time::Duration};

use super::Queue;
use crate::{Job, QueueError, store::Added};

/// A job that was added, or the one that stands in its place.
pub struct AddedJob<J> {
    /// The id of the job that is there now.
    pub id: String,
    /// Whether it is the one that was given, and not one that was there.
    pub is_new: bool,
    queue: Queue,
    of: PhantomData<fn() -> J>,
}

impl<J> AddedJob<J> {
    pub(crate) fn new(queue: Queue, added: Added) -> Self {
        Self {
            id: added.id,
            is_new: added.is_new,
            queue,
            of: PhantomData,
        }
    }

    /// The queue it is in.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }
}

impl<J: Job> AddedJob<J> {
    /// Waits for what the job returns. See [`Queue::wait_until_finished`].
    ///
    /// # Errors
    ///
    /// As [`Queue::wait_until_finished`].
    pub async fn wait_until_finished(&self, timeout: Duration) -> Result<J::Output, QueueError> {
        self.queue.wait_until_finished::<J>(&self.id, timeout).await
    }
}

impl<J> Clone for AddedJob<J> {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            is_new: self.is_new,
            queue: self.queue.clone(),
            of: PhantomData,
        }
    }
}

impl<J> fmt::Debug for AddedJob<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddedJob")
            .field("queue", &self.queue.name())
            .field("id", &self.id)
            .field("is_new", &self.is_new)
            .finish()
    }
}
