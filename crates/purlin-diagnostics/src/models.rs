//! The hand-made synchronisation of this crate, in every order in which its threads can run.
//!
//! The files under test are compiled here a second time, on loom's locks and atomics in place of the
//! standard library's. `cargo xtask loom` runs them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "of what is compiled here a second time, the models need a part"
)]

mod sync {
    pub(crate) use loom::sync::{Mutex, MutexGuard};

    pub(crate) mod atomic {
        pub(crate) use loom::sync::atomic::{
            AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering,
        };
    }
}

#[path = "heap/filter.rs"]
mod filter;
#[path = "cache/flight.rs"]
mod flight;
#[path = "stack/request.rs"]
mod request;

use std::sync::Arc;

use loom::{
    sync::{
        Mutex,
        atomic::{AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

use self::{filter::Filter, flight::Flights, request::Request};

/// How often a thread is interrupted where it need not be, in one order. Most mistakes show at two.
const PREEMPTIONS_MAX: usize = 3;

/// Runs `model` in every order.
fn every_order(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTIONS_MAX);
    builder.check(model);
}

fn request() -> Arc<Request<2>> {
    let frames = std::array::from_fn(|_| AtomicUsize::new(0));
    Arc::new(Request::of(AtomicU64::new(0), AtomicUsize::new(0), frames))
}

/// The answer of `thread`, waited for; `None` if it could be given up.
fn answer_or_none(request: &Request<2>, thread: u32) -> Option<Vec<usize>> {
    if request.give_up(thread) {
        return None;
    }
    loop {
        if let Some(frames) = request.take(thread) {
            return Some(frames);
        }
        thread::yield_now();
    }
}

fn walk_of(frame: usize) -> impl FnOnce(&mut dyn FnMut(usize) -> bool) {
    move |note| while note(frame) {}
}

#[test]
fn a_stack_that_is_answered_is_whole_and_of_the_thread_that_was_asked() {
    every_order(|| {
        let request = request();
        request.ask(7);
        let asked = Arc::clone(&request);
        let seventh = thread::spawn(move || asked.answer(7, walk_of(70)));
        let first = answer_or_none(&request, 7);
        assert!(first.is_none_or(|frames| frames == [70, 70]));
        // The seventh may only come now: it is not asked any more.
        request.ask(9);
        let asked = Arc::clone(&request);
        let ninth = thread::spawn(move || asked.answer(9, walk_of(90)));
        let second = answer_or_none(&request, 9);
        assert!(second.is_none_or(|frames| frames == [90, 90]));
        seventh.join().unwrap();
        ninth.join().unwrap();
    });
}

#[test]
fn a_thread_that_frees_finds_its_sample_whatever_others_do_to_the_same_count() {
    every_order(|| {
        let filter = Arc::new(Filter::of([AtomicU16::new(0)]));
        let (hand_on, handed_on) = mpsc::channel();
        let (adding, others) = (Arc::clone(&filter), Arc::clone(&filter));
        let allocates = thread::spawn(move || {
            adding.add(1);
            hand_on.send(()).unwrap();
        });
        let comes_and_goes = thread::spawn(move || {
            others.add(2);
            others.remove(2);
        });
        handed_on.recv().unwrap();
        assert!(filter.may_hold(1));
        filter.remove(1);
        allocates.join().unwrap();
        comes_and_goes.join().unwrap();
        assert!(!filter.may_hold(1));
    });
}

#[test]
fn the_last_of_those_who_want_the_same_ends_the_flight() {
    every_order(|| {
        let flights = Arc::new(Flights::default());
        let joining = Arc::clone(&flights);
        let other = thread::spawn(move || drop(joining.join(&1_u8)));
        drop(flights.join(&1));
        other.join().unwrap();
        assert_eq!(flights.count(), 0);
    });
}

#[test]
fn what_was_read_before_a_change_is_not_kept_after_it() {
    every_order(|| {
        let (flights, source) = (Arc::new(Flights::default()), Arc::new(AtomicU32::new(1)));
        let kept = Arc::new(Mutex::new(None));
        let (voiding, changing, clearing) =
            (Arc::clone(&flights), Arc::clone(&source), Arc::clone(&kept));
        let changes = thread::spawn(move || {
            changing.store(2, Relaxed);
            voiding.void(&1_u8);
            *clearing.lock().unwrap() = None;
        });
        // As the cache loads.
        let flight = flights.join(&1);
        let value = source.load(Relaxed);
        let mut entry = kept.lock().unwrap();
        if !flight.is_void() {
            *entry = Some(value);
        }
        drop(entry);
        drop(flight);
        changes.join().unwrap();
        assert_ne!(*kept.lock().unwrap(), Some(1));
        assert_eq!(flights.count(), 0);
    });
}
