//! The snapshots of the bus, and the mailbox of its streams.
#![allow(unsafe_code, reason = "a cell that loom watches is shared on purpose")]

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use loom::{cell::UnsafeCell, future::block_on, thread};

use super::{
    barrier::Barrier,
    every_order,
    mailbox::{Letter, mailbox},
    readers::{Reader, Readers},
    snapshot::Snapshot,
};

/// What is known of a value: loom sees who looks, and that the end comes after all of that.
#[derive(Default)]
struct Record {
    looked_at: UnsafeCell<()>,
    freed: AtomicUsize,
}

// SAFETY: nothing is in the cell, and loom runs one thread at a time; it fails the model if two of
// them could use the cell at once.
unsafe impl Sync for Record {}
// SAFETY: as above.
unsafe impl Send for Record {}

/// A value that must not be freed while somebody looks.
struct Probe(Arc<Record>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.looked_at.with_mut(|_| ());
        self.0.freed.fetch_add(1, SeqCst);
    }
}

impl Probe {
    fn look(&self) {
        self.0.looked_at.with(|_| ());
    }
}

/// A snapshot, those who read it, and the records of its first and its second value.
struct Scene {
    readers: Readers,
    snapshot: Snapshot<Probe>,
    first: Arc<Record>,
    second: Arc<Record>,
}

impl Scene {
    fn new() -> Arc<Self> {
        let first = Arc::<Record>::default();
        Arc::new(Self {
            readers: Readers::new(Barrier::Fences),
            snapshot: Snapshot::new(Probe(Arc::clone(&first))),
            first,
            second: Arc::default(),
        })
    }

    fn replace(&self) {
        let second = Probe(Arc::clone(&self.second));
        drop(self.snapshot.replace(&self.readers, |_| second));
    }

    fn read(&self, reader: &Reader, work: impl Fn()) {
        self.snapshot.read(reader, 0, |probe| {
            probe.look();
            work();
            probe.look();
        });
    }

    /// A thread that reads, and reads no more, but keeps its place.
    fn reader(self: &Arc<Self>) -> thread::JoinHandle<()> {
        let scene = Arc::clone(self);
        let reader = self.readers.join();
        thread::spawn(move || {
            scene.read(&reader, || ());
        })
    }

    fn freed(&self) -> (usize, usize) {
        let freed = |record: &Record| record.freed.load(SeqCst);
        (freed(&self.first), freed(&self.second))
    }
}

#[test]
fn what_is_replaced_is_freed_once_and_after_all_reads_of_it() {
    every_order(|| {
        let scene = Scene::new();
        let reader = scene.reader();
        scene.replace();
        reader.join().unwrap();
        assert_eq!(scene.freed(), (1, 0));
    });
}

#[test]
fn of_two_readers_the_last_one_frees_what_was_replaced() {
    every_order(|| {
        let scene = Scene::new();
        let readers = [scene.reader(), scene.reader()];
        scene.replace();
        for reader in readers {
            reader.join().unwrap();
        }
        assert_eq!(scene.freed(), (1, 0));
    });
}

#[test]
fn a_reader_that_replaces_what_it_reads_frees_it_at_its_end() {
    every_order(|| {
        let scene = Scene::new();
        let other = scene.reader();
        let reader = scene.readers.join();
        scene.read(&reader, || {
            scene.replace();
            // Inside of the first: the new one.
            scene.snapshot.read(&reader, 1, Probe::look);
            assert_eq!(scene.freed(), (0, 0));
        });
        other.join().unwrap();
        assert_eq!(scene.freed(), (1, 0));
    });
}

#[test]
fn what_is_replaced_between_reads_is_freed_at_once() {
    every_order(|| {
        let scene = Scene::new();
        let reader = scene.readers.join();
        scene.read(&reader, || ());
        scene.replace();
        assert_eq!(scene.freed(), (1, 0));
    });
}

#[test]
fn a_thread_that_ends_leaves_nothing() {
    every_order(|| {
        let scene = Scene::new();
        let leaving = Arc::clone(&scene);
        let reader = scene.readers.join();
        let thread = thread::spawn(move || {
            leaving.read(&reader, || ());
            leaving.readers.leave(&reader);
        });
        scene.replace();
        thread.join().unwrap();
        assert_eq!(scene.freed(), (1, 0));
    });
}

#[test]
fn changes_beside_each_other_are_all_kept() {
    every_order(|| {
        let scene = Arc::new((Readers::new(Barrier::Fences), Snapshot::new(0_u32)));
        let adding = Arc::clone(&scene);
        let add = |(readers, sum): &(Readers, Snapshot<u32>)| {
            drop(sum.replace(readers, |sum| sum + 1));
        };
        let other = thread::spawn(move || add(&adding));
        add(&scene);
        other.join().unwrap();
        assert_eq!(*scene.1.load(), 2);
    });
}

#[test]
fn a_mailbox_gives_every_event_or_counts_it_as_missed() {
    every_order(|| {
        let (sender, receiver) = mailbox::<u8>(1);
        let sending = thread::spawn(move || {
            sender.send(1);
            sender.send(2);
        });
        let events_of = |letter| match letter {
            Letter::Event(_) => 1,
            Letter::Missed(missed) => missed,
            Letter::Failed(_) => 0,
        };
        let mut told = 0;
        while let Some(letter) = block_on(poll_fn(|cx| receiver.poll(cx))) {
            told += events_of(letter);
        }
        assert_eq!(told, 2);
        sending.join().unwrap();
    });
}
