//! Blocking work and messages from other threads: the poll phase.

use std::sync::mpsc;

use purlin_base::Classified;
use purlin_runtime::{CpuPool, EventLoop, cpu::CpuError, event_loop::blocking_pool};

use super::{Lines, ms};

fn pool_of_one(queue_max: usize) -> CpuPool {
    let pool = CpuPool::builder().threads(1).queue_max(queue_max);
    pool.build().unwrap()
}

#[test]
fn work_begins_in_its_order_and_its_end_holds_the_loop() {
    let lines = Lines::default();
    let pool = pool_of_one(8);
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop
        .run(|event_loop| {
            for number in 1..=3 {
                let lines = lines.clone();
                let done = move |event_loop: &EventLoop, answer: Result<u32, CpuError>| {
                    lines.add(answer.unwrap().to_string());
                    event_loop.next_tick(lines.log("tick"));
                };
                event_loop.spawn_blocking_on(&pool, "double", move || number * 2, done);
            }
        })
        .unwrap();
    assert_eq!(lines.joined(), "2 tick 4 tick 6 tick");
}

#[test]
fn in_the_poll_phase_an_immediate_comes_before_a_timer() {
    let lines = Lines::default();
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop
        .run(|event_loop| {
            let lines = lines.clone();
            event_loop.spawn_blocking(
                "read",
                || (),
                move |event_loop, _| {
                    event_loop.set_timeout(ms(0), lines.log("timeout"));
                    event_loop.set_immediate(lines.log("immediate"));
                },
            )
        })
        .unwrap();
    assert_eq!(lines.joined(), "immediate timeout");
}

#[test]
fn a_full_pool_is_told_of_in_the_poll_phase_and_never_at_once() {
    let lines = Lines::default();
    let pool = pool_of_one(1);
    let event_loop = EventLoop::builder().build().unwrap();
    let (open, opened) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel::<()>();
    event_loop
        .run(|event_loop| {
            let blocks = move || {
                begin.send(()).unwrap();
                opened.recv().unwrap();
            };
            event_loop.spawn_blocking_on(&pool, "blocks", blocks, |_, _| {});
            begun.recv().unwrap();
            event_loop.spawn_blocking_on(&pool, "queued", || (), |_, _| {});
            let inner = lines.clone();
            event_loop.spawn_blocking_on(
                &pool,
                "refused",
                || (),
                move |_, answer| {
                    inner.add(answer.unwrap_err().code());
                    open.send(()).unwrap();
                },
            );
            lines.add("main-ends");
        })
        .unwrap();
    assert_eq!(lines.joined(), "main-ends CPU_POOL_FULL");
}

#[test]
fn a_panic_of_the_work_is_its_answer_and_an_error_of_the_end_is_uncaught() {
    let lines = Lines::default();
    let pool = pool_of_one(8);
    let event_loop = EventLoop::builder().build().unwrap();
    let seen = lines.clone();
    event_loop.on_uncaught(move |_, it| seen.add(format!("{}-{}", it.origin, it.raised)));
    event_loop
        .run(|event_loop| {
            let work = || -> () { panic!("torn") };
            event_loop.spawn_blocking_on(&pool, "tear", work, |_, answer| answer);
        })
        .unwrap();
    assert_eq!(lines.joined(), "poll-the job `tear` panicked: torn");
}

#[test]
fn the_pool_of_all_loops_has_the_threads_that_libuv_would_give_it() {
    let expected = match std::env::var("UV_THREADPOOL_SIZE") {
        Ok(size) => size.parse().unwrap(),
        Err(_) => 4,
    };
    assert_eq!(blocking_pool().unwrap().threads(), expected);
}

#[test]
fn another_thread_reaches_the_loop_by_its_handle_and_stops_it() {
    let event_loop = EventLoop::builder().build().unwrap();
    let handle = event_loop.handle();
    let (send, receive) = mpsc::channel();
    event_loop
        .run(|event_loop| {
            event_loop.spawn_local(std::future::pending::<std::io::Result<()>>());
            std::thread::spawn(move || {
                handle.post(move |_| send.send("posted").unwrap()).unwrap();
                handle.stop();
            });
        })
        .unwrap();
    assert_eq!(receive.recv(), Ok("posted"));
    let late = event_loop.handle().post(|_| {});
    assert_eq!(late.unwrap_err().code(), "LOOP_NOT_SENT");
}
