//! What a loop does at its bounds, and with what misbehaves.

use std::{cell::Cell, rc::Rc};

use purlin_base::Classified;
use purlin_runtime::{EventLoop, event_loop::LoopHandle};

#[test]
fn a_loop_takes_so_many_messages_before_it_runs_and_no_more() {
    let event_loop = EventLoop::builder().build().unwrap();
    let handle = event_loop.handle();
    for _ in 0..LoopHandle::MESSAGES_MAX {
        handle.post(|_| {}).unwrap();
    }
    let refused = handle.post(|_| {}).unwrap_err();
    assert_eq!(refused.code(), "LOOP_NOT_SENT");
    assert!(refused.to_string().ends_with("is full"), "{refused}");
}

#[test]
fn a_message_sent_before_the_run_is_kept_for_it() {
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop.handle().post(EventLoop::stop).unwrap();
    event_loop
        .run(|event_loop| {
            event_loop.spawn_local(std::future::pending::<std::io::Result<()>>());
        })
        .unwrap();
}

#[test]
fn what_a_callback_held_is_freed_when_the_loop_ends_early() {
    let held = Rc::new(Cell::new(0));
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop
        .run(|event_loop| {
            let (a, b, c) = (held.clone(), held.clone(), held.clone());
            event_loop.set_immediate(move |_| a.set(1));
            event_loop.next_tick(move |_| b.set(1));
            event_loop.queue_close(move |_| c.set(1));
            event_loop.stop();
        })
        .unwrap();
    assert_eq!((held.get(), Rc::strong_count(&held)), (0, 1));
}

#[test]
fn two_loops_take_turns_on_one_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let order = Rc::new(Cell::new(0));
    runtime.block_on(async {
        let (outer, inner) = (
            EventLoop::builder().build().unwrap(),
            EventLoop::builder().build().unwrap(),
        );
        let (first, second) = (order.clone(), order.clone());
        let (outer, inner) = tokio::join!(
            outer.run_async(move |event_loop| {
                event_loop.set_immediate(move |_| first.set(first.get() + 1));
            }),
            inner.run_async(move |event_loop| {
                event_loop.next_tick(move |_| second.set(second.get() + 10));
            })
        );
        outer.unwrap();
        inner.unwrap();
    });
    assert_eq!(order.get(), 11);
}
