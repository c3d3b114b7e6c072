//! What waits for the writer: two lanes, both bounded, the urgent one first.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::{SqlConfig, SqlError};

use super::{job::Job, session::Request};

/// Which lane something waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Renewals of leases: they must not wait behind ordinary work.
    Urgent,
    /// Everything else.
    Normal,
}

/// What the writer is asked to do.
pub(super) enum Entry {
    /// A small write, which shares a commit with its neighbours.
    Write(Box<dyn Job>),
    /// A transaction whose statements come one by one.
    Session(Request),
    /// Work that needs the connection for itself, outside of a transaction.
    Exclusive(Box<dyn FnOnce(&mut Connection) + Send>),
}

/// A place in the queue; given back when the writer takes up the entry.
pub(super) type Slot = OwnedSemaphorePermit;

/// What waits for the writer.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    normal_slots: Arc<Semaphore>,
    urgent_slots: Arc<Semaphore>,
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct Waiting {
    urgent: VecDeque<(Entry, Slot)>,
    normal: VecDeque<(Entry, Slot)>,
    closed: bool,
}

/// The writer's next piece of work.
pub(super) enum Work {
    /// Small writes, at least one.
    Group(Vec<Box<dyn Job>>),
    /// A transaction.
    Session(Request),
    /// Work that needs the connection for itself.
    Exclusive(Box<dyn FnOnce(&mut Connection) + Send>),
}

impl Queue {
    pub(super) fn new(config: &SqlConfig) -> Self {
        let slots = || Arc::new(Semaphore::new(config.writer_queue as usize));
        Self {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            normal_slots: slots(),
            urgent_slots: slots(),
            ended: watch::Sender::new(false),
        }
    }

    /// Waits up to `timeout` for a place.
    pub(super) async fn slot(&self, lane: Lane, timeout: Duration) -> Result<Slot, SqlError> {
        let slots = match lane {
            Lane::Urgent => &self.urgent_slots,
            Lane::Normal => &self.normal_slots,
        };
        if let Ok(slot) = slots.clone().try_acquire_owned() {
            return Ok(slot);
        }
        match tokio::time::timeout(timeout, slots.clone().acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) => Err(SqlError::Closed),
            Err(_) => Err(SqlError::Exhausted),
        }
    }

    pub(super) fn push(&self, lane: Lane, entry: Entry, slot: Slot) -> Result<(), SqlError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(SqlError::Closed);
        }
        match lane {
            Lane::Urgent => waiting.urgent.push_back((entry, slot)),
            Lane::Normal => waiting.normal.push_back((entry, slot)),
        }
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for work; `None` once the queue is closed and everything accepted was handed out.
    ///
    /// Small writes come together, up to `group_max`, but never past something that was there
    /// before them and must be alone.
    pub(super) fn next(&self, group_max: usize) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            if let Some(work) = waiting.take(group_max) {
                return Some(work);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.arrived.wait(waiting).expect(POISON);
        }
    }

    /// Accepts nothing more; what was accepted is still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.normal_slots.close();
        self.urgent_slots.close();
        self.arrived.notify_one();
    }

    /// The writer is gone. What still waits is answered as closed.
    pub(super) fn end(&self) {
        self.close();
        let mut waiting = self.lock();
        let left = (
            std::mem::take(&mut waiting.urgent),
            std::mem::take(&mut waiting.normal),
        );
        drop(waiting);
        drop(left);
        self.ended.send_replace(true);
    }

    /// Waits until the writer is gone.
    pub(super) async fn ended(&self) {
        // The sender lives as long as the queue.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Whether anything would be accepted.
    pub(super) fn check(&self) -> Result<(), SqlError> {
        if self.lock().closed {
            Err(SqlError::Closed)
        } else {
            Ok(())
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect(POISON)
    }
}

const POISON: &str = "nothing panics while it holds the queue";

impl Waiting {
    fn take(&mut self, group_max: usize) -> Option<Work> {
        let mut group = Vec::new();
        for lane in [&mut self.urgent, &mut self.normal] {
            while group.len() < group_max {
                match lane.pop_front() {
                    Some((Entry::Write(job), _slot)) => group.push(job),
                    Some(alone) if group.is_empty() => return Some(alone.0.into()),
                    Some(alone) => {
                        lane.push_front(alone);
                        break;
                    }
                    None => break,
                }
            }
        }
        (!group.is_empty()).then_some(Work::Group(group))
    }
}

impl From<Entry> for Work {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Write(job) => Self::Group(vec![job]),
            Entry::Session(request) => Self::Session(request),
            Entry::Exclusive(work) => Self::Exclusive(work),
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Order = Arc<Mutex<Vec<&'static str>>>;

    fn queue(writer_queue: u32) -> Queue {
        Queue::new(&SqlConfig {
            writer_queue,
            ..SqlConfig::default()
        })
    }

    async fn push(queue: &Queue, lane: Lane, name: &'static str, order: &Order) {
        let order = order.clone();
        let work = move |_: &mut Connection| order.lock().unwrap().push(name);
        let slot = queue.slot(lane, Duration::ZERO).await.unwrap();
        let pushed = queue.push(lane, Entry::Exclusive(Box::new(work)), slot);
        pushed.unwrap();
    }

    #[tokio::test]
    async fn what_is_urgent_goes_first_and_each_lane_keeps_its_order() {
        let (queue, order) = (queue(8), Order::default());
        for name in ["first", "second"] {
            push(&queue, Lane::Normal, name, &order).await;
        }
        for name in ["renewal", "another"] {
            push(&queue, Lane::Urgent, name, &order).await;
        }
        queue.close();
        let mut connection = Connection::open_in_memory().unwrap();
        while let Some(work) = queue.next(1) {
            let Work::Exclusive(work) = work else {
                panic!("nothing else was pushed");
            };
            work(&mut connection);
        }
        let order = order.lock().unwrap();
        assert_eq!(*order, ["renewal", "another", "first", "second"]);
    }

    #[tokio::test]
    async fn a_full_lane_leaves_the_urgent_one_free() {
        let (queue, order) = (queue(1), Order::default());
        push(&queue, Lane::Normal, "first", &order).await;
        let full = queue.slot(Lane::Normal, Duration::ZERO).await;
        assert!(matches!(full, Err(SqlError::Exhausted)));
        push(&queue, Lane::Urgent, "renewal", &order).await;
        let full = queue.slot(Lane::Urgent, Duration::ZERO).await;
        assert!(matches!(full, Err(SqlError::Exhausted)));
        // A place is given back when the writer takes up what was in it.
        assert!(queue.next(1).is_some());
        push(&queue, Lane::Urgent, "next", &order).await;
    }
}
