//! Callbacks of the event loop a second, on one thread, the watchdog on as by default. The peer is
//! `benches/loop/node.cjs`: the same work, the best of three rounds.
//!
//! `cargo run --release -p purlin-benches --bin event_loop`

#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use purlin_runtime::{EventLoop, event_loop::LoopError};

const COUNT: u64 = 2_000_000;
const ROUNDS: usize = 3;

fn main() -> Result<(), LoopError> {
    measure("ticks, each queues the next", |event_loop, left| {
        fn again(event_loop: &EventLoop, left: Rc<Cell<u64>>) {
            if take(&left) {
                event_loop.next_tick(move |event_loop: &EventLoop| again(event_loop, left));
            }
        }
        again(event_loop, left);
    })?;
    measure("ticks, all queued at once", |event_loop, left| {
        for _ in 0..COUNT {
            let left = Rc::clone(&left);
            event_loop.next_tick(move |_| _ = take(&left));
        }
    })?;
    measure("microtasks, each queues the next", |event_loop, left| {
        fn again(event_loop: &EventLoop, left: Rc<Cell<u64>>) {
            if take(&left) {
                event_loop.queue_microtask(move |event_loop: &EventLoop| again(event_loop, left));
            }
        }
        again(event_loop, left);
    })?;
    measure("immediates, each queues the next", |event_loop, left| {
        fn again(event_loop: &EventLoop, left: Rc<Cell<u64>>) {
            if take(&left) {
                event_loop.set_immediate(move |event_loop| again(event_loop, left));
            }
        }
        again(event_loop, left);
    })?;
    measure("immediates, all queued at once", |event_loop, left| {
        for _ in 0..COUNT {
            let left = Rc::clone(&left);
            event_loop.set_immediate(move |_| _ = take(&left));
        }
    })?;
    measure("timers, all set at once", |event_loop, left| {
        for _ in 0..COUNT {
            let left = Rc::clone(&left);
            event_loop.set_timeout(Duration::from_millis(1), move |_: &EventLoop| {
                _ = take(&left)
            });
        }
    })?;
    measure("timers, set and cleared", |event_loop, left| {
        for _ in 0..COUNT {
            take(&left);
            event_loop
                .set_timeout(Duration::from_secs(30), |_: &EventLoop| {})
                .clear();
        }
    })
}

/// One less; whether there was one left.
fn take(left: &Cell<u64>) -> bool {
    let before = left.get();
    left.set(before.saturating_sub(1));
    before > 0
}

fn measure(name: &str, work: impl Fn(&EventLoop, Rc<Cell<u64>>) + Copy) -> Result<(), LoopError> {
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let left = Rc::new(Cell::new(COUNT));
        let event_loop = EventLoop::builder().build()?;
        let counts = Rc::clone(&left);
        let started = Instant::now();
        event_loop.run(move |event_loop| work(event_loop, counts))?;
        assert_eq!(left.get(), 0, "all have run");
        best = best.max(COUNT as f64 / started.elapsed().as_secs_f64() / 1e6);
    }
    println!("{name}: {best:.1} million a second");
    Ok(())
}
