//! The queue of the pools of threads, and the flag by which work is asked to stop.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use loom::{future::block_on, thread};

use super::{
    every_order,
    queue::{Priority, Queue, Refused},
    stop::{Flag, RaiseOnDrop, StopToken},
};

/// A thread of a pool: counts the jobs that it ran.
fn work_off(queue: &Arc<Queue<()>>, ran: &Arc<AtomicUsize>) -> thread::JoinHandle<()> {
    let (queue, ran) = (Arc::clone(queue), Arc::clone(ran));
    thread::spawn(move || {
        while queue.take().is_some() {
            ran.fetch_add(1, SeqCst);
            queue.done();
        }
    })
}

#[test]
fn a_job_is_run_or_cancelled_and_never_both() {
    every_order(|| {
        let (queue, ran) = (Arc::new(Queue::new(1)), Arc::default());
        let worker = work_off(&queue, &ran);
        let slot = queue.try_slot().unwrap();
        let ticket = queue.push(slot, Priority::Normal, ()).unwrap();
        let cancelled = ticket.cancel();
        queue.close();
        worker.join().unwrap();
        assert_eq!(ran.load(SeqCst), usize::from(!cancelled));
        assert_eq!((queue.queued(), queue.running()), (0, 0));
    });
}

#[test]
fn a_close_ends_every_thread_after_what_was_accepted() {
    every_order(|| {
        let (queue, ran) = (Arc::new(Queue::new(1)), Arc::default());
        let workers = [work_off(&queue, &ran), work_off(&queue, &ran)];
        let slot = queue.try_slot().unwrap();
        let ticket = queue.push(slot, Priority::Normal, ()).unwrap();
        queue.close();
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!(ran.load(SeqCst), 1);
        drop(ticket);
    });
}

#[test]
fn no_more_jobs_wait_than_there_are_slots() {
    every_order(|| {
        let (queue, ran) = (Arc::new(Queue::new(1)), Arc::default());
        let worker = work_off(&queue, &ran);
        let mut tickets = Vec::new();
        for _ in 0..2 {
            match queue.try_slot() {
                Ok(slot) => tickets.push(queue.push(slot, Priority::Normal, ()).unwrap()),
                Err(refused) => assert_eq!(refused, Refused::Full),
            }
            assert!(queue.queued() <= 1);
        }
        queue.close();
        worker.join().unwrap();
        assert_eq!(ran.load(SeqCst), tickets.len());
    });
}

#[test]
fn a_job_that_comes_beside_the_close_is_run_or_refused() {
    every_order(|| {
        let (queue, ran) = (Arc::new(Queue::new(1)), Arc::default());
        let closing = Arc::clone(&queue);
        let closer = thread::spawn(move || closing.close());
        let worker = work_off(&queue, &ran);
        let slot = queue.try_slot();
        let pushed = slot.and_then(|slot| queue.push(slot, Priority::Normal, ()));
        closer.join().unwrap();
        worker.join().unwrap();
        assert_eq!(ran.load(SeqCst), usize::from(pushed.is_ok()));
        assert_eq!(queue.queued(), 0);
    });
}

#[test]
fn whoever_waits_for_a_flag_is_woken_by_its_raise() {
    every_order(|| {
        let flag = Arc::new(Flag::default());
        let raising = RaiseOnDrop(Arc::clone(&flag));
        let raiser = thread::spawn(move || drop(raising));
        block_on(flag.raised());
        assert!(StopToken::never().below(&flag).is_stopped());
        raiser.join().unwrap();
    });
}
