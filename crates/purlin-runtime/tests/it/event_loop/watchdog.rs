//! What holds a loop up is told of, while it still does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc::{self, Receiver},
    },
    time::Duration,
};

use purlin_base::Classified;
use purlin_runtime::{
    EventLoop,
    event_loop::{Origin, Stall, StallKind},
};

fn watched() -> (EventLoop, Receiver<Stall>) {
    let (send, stalls) = mpsc::channel();
    let event_loop = EventLoop::builder()
        .name("watched")
        .watchdog(Some(Duration::from_millis(20)))
        .on_stall(move |stall| send.send(stall.clone()).unwrap())
        .build();
    (event_loop.unwrap(), stalls)
}

#[test]
fn a_callback_that_does_not_end_is_named_with_its_line() {
    let (event_loop, stalls) = watched();
    let line = line!() + 4;
    event_loop
        .run(|event_loop| {
            // It ends only because it was told of.
            event_loop.set_immediate(move |_| {
                let stall = stalls.recv().unwrap();
                assert_eq!(
                    (stall.kind, stall.origin),
                    (StallKind::Callback, Origin::Immediate)
                );
                assert_eq!(stall.place.line(), line);
                assert!(
                    stall.name.contains("a_callback_that_does_not_end"),
                    "{}",
                    stall.name
                );
                assert!(stall.lasted >= Duration::from_millis(20));
                assert!(stall.to_string().contains("watchdog.rs"), "{stall}");
                assert!(stalls.try_recv().is_err(), "it is told of once");
            });
        })
        .unwrap();
}

#[test]
fn ticks_that_queue_ticks_are_told_of_as_starvation() {
    let (send, stalls) = mpsc::channel();
    let told = Arc::new(AtomicBool::new(false));
    let tells = Arc::clone(&told);
    let event_loop = EventLoop::builder()
        .watchdog(Some(Duration::from_millis(20)))
        .on_stall(move |stall| {
            tells.store(true, SeqCst);
            send.send(stall.clone()).unwrap();
        })
        .build()
        .unwrap();
    fn again(event_loop: &EventLoop, told: Arc<AtomicBool>) {
        if !told.load(SeqCst) {
            event_loop.next_tick(move |event_loop: &EventLoop| again(event_loop, told));
        }
    }
    event_loop
        .run(|event_loop| again(event_loop, told))
        .unwrap();
    let stall = stalls.recv().unwrap();
    assert_eq!(
        (stall.kind, stall.origin),
        (StallKind::Starvation, Origin::Tick)
    );
    assert!(stall.name.contains("again"), "{}", stall.name);
}

#[test]
fn a_limit_out_of_its_bounds_is_refused() {
    let refused = EventLoop::builder().watchdog(Some(Duration::ZERO)).build();
    assert_eq!(refused.unwrap_err().code(), "LOOP_OPTION");
    let refused = EventLoop::builder().name("").build();
    assert_eq!(refused.unwrap_err().code(), "LOOP_OPTION");
}
