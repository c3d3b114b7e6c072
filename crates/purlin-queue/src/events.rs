//! What happens in a queue, as it happens.

use std::{collections::VecDeque, time::Duration};

use crate::{Queue, QueueError, store::Event};

/// Events that are read at once, and so held.
const READ_MAX: u32 = 1000;

/// How soon the store is asked again: at first, and at most.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// A subscription to the events of a queue, from all processes, in their order.
///
/// A store keeps about the last 10 000 events: who reads too slowly misses the oldest, and nobody
/// waits for them. Nothing is held here beyond what was read at once, 1000 events.
#[derive(Debug)]
pub struct QueueEvents {
    queue: Queue,
    mark: String,
    read: VecDeque<Event>,
}

impl Queue {
    /// Subscribes to what happens in this queue from now on.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn events(&self) -> Result<QueueEvents, QueueError> {
        let (_, mark) = self.store().events(self.name(), None, 1).await?;
        Ok(QueueEvents {
            queue: self.clone(),
            mark,
            read: VecDeque::new(),
        })
    }

    /// Goes on where a subscription stopped that had come to `mark`.
    pub fn events_after(&self, mark: impl Into<String>) -> QueueEvents {
        QueueEvents {
            queue: self.clone(),
            mark: mark.into(),
            read: VecDeque::new(),
        }
    }
}

impl QueueEvents {
    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// Those of the store; the next call asks again.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no event.
    pub async fn next(&mut self) -> Result<Event, QueueError> {
        let mut wait = ASK_AGAIN.0;
        loop {
            if let Some(event) = self.read.pop_front() {
                return Ok(event);
            }
            if self.read_more().await? {
                continue;
            }
            self.queue.queues().config().clock.sleep(wait).await;
            wait = (wait * 2).min(ASK_AGAIN.1);
        }
    }

    /// The events there are already, without waiting for others; at most 1000.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn ready(&mut self) -> Result<Vec<Event>, QueueError> {
        if self.read.is_empty() {
            self.read_more().await?;
        }
        Ok(self.read.drain(..).collect())
    }

    /// Where the reading is: after the last event that was read from the store, of which some may
    /// not have been answered yet.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    async fn read_more(&mut self) -> Result<bool, QueueError> {
        let after = Some(self.mark.clone());
        let asked = self
            .queue
            .store()
            .events(self.queue.name(), after, READ_MAX);
        let (events, mark) = asked.await?;
        self.mark = mark;
        self.read.extend(events);
        Ok(!self.read.is_empty())
    }
}
