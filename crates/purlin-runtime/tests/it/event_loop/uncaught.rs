//! Errors and panics: where they go, and what still runs.

use std::{cell::RefCell, rc::Rc};

use purlin_base::Classified;
use purlin_runtime::{
    EventLoop,
    event_loop::{LoopError, Origin},
};

use super::{Lines, ms, run};

fn fail(message: &str) -> Result<(), std::io::Error> {
    Err(std::io::Error::other(message.to_owned()))
}

#[test]
fn ticks_left_by_a_callback_that_raised_are_drained_after_the_next_callback() {
    let order = run(|event_loop, lines, _| {
        let inner = lines.clone();
        event_loop.set_immediate(move |event_loop| {
            event_loop.next_tick(inner.log("tick"));
            event_loop.queue_microtask(inner.log("micro"));
            fail("a")
        });
        event_loop.set_immediate(lines.log("b"));
        event_loop.set_immediate(lines.log("c"));
    });
    assert_eq!(order, "uncaught-a b tick micro c");
}

#[test]
fn after_the_last_of_a_batch_has_raised_those_queued_meanwhile_run_in_the_same_phase() {
    let order = run(|event_loop, lines, clock| {
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.set_immediate(move |event_loop| {
            event_loop.set_immediate(inner.log("same-phase"));
            event_loop.set_timeout(ms(1), inner.log("timer"));
            clock.spin(5);
            fail("a")
        });
    });
    assert_eq!(order, "uncaught-a same-phase timer");
}

#[test]
fn a_timer_that_raises_is_drained_at_the_end_of_its_phase() {
    let order = run(|event_loop, lines, _| {
        let inner = lines.clone();
        event_loop.set_timeout(ms(5), move |event_loop: &EventLoop| {
            event_loop.set_immediate(inner.log("immediate"));
            event_loop.next_tick(inner.log("tick"));
            fail("t")
        });
    });
    assert_eq!(order, "uncaught-t tick immediate");
}

#[test]
fn an_interval_that_raises_runs_again() {
    let order = run(|event_loop, _, _| {
        let mut left = 2;
        event_loop.set_interval(ms(5), move |_, timer| {
            left -= 1;
            if left == 0 {
                timer.clear();
            }
            fail("i")
        });
    });
    assert_eq!(order, "uncaught-i uncaught-i");
}

#[test]
fn main_is_drained_even_if_it_raises_and_a_microtask_that_raises_stops_no_other() {
    let (lines, clock) = (Lines::default(), super::Jumping::new());
    let event_loop = super::on(&clock).build().unwrap();
    let seen = lines.clone();
    event_loop.on_uncaught(move |_, it| seen.add(format!("{}-{}", it.origin, it.raised)));
    let main = |event_loop: &EventLoop| {
        event_loop.next_tick(lines.log("tick"));
        event_loop.queue_microtask(|_: &EventLoop| fail("m"));
        event_loop.queue_microtask(lines.log("micro"));
        fail("out")
    };
    event_loop.run(main).unwrap();
    assert_eq!(lines.joined(), "main-out tick microtask-m micro");
}

#[test]
fn a_tick_that_raises_leaves_the_others_to_the_next_check_phase() {
    let order = run(|event_loop, lines, _| {
        event_loop.next_tick(|_: &EventLoop| fail("a"));
        event_loop.next_tick(lines.log("tick"));
        event_loop.queue_microtask(lines.log("micro"));
        event_loop.set_immediate(lines.log("immediate"));
    });
    assert_eq!(order, "uncaught-a tick micro immediate");
}

#[test]
fn a_panic_stays_in_its_callback_and_goes_where_errors_go() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let event_loop = EventLoop::builder().build().unwrap();
    let sees = Rc::clone(&seen);
    event_loop.on_uncaught(move |_, it| sees.borrow_mut().push(it));
    let after = Rc::clone(&seen);
    let line = line!() + 3;
    event_loop
        .run(|event_loop| {
            event_loop.set_immediate(|_: &EventLoop| -> () { panic!("no {}", "luck") });
            event_loop.set_immediate(move |_| assert_eq!(after.borrow().len(), 1));
        })
        .unwrap();
    let seen = seen.borrow();
    let [uncaught] = &seen[..] else {
        panic!("one was raised: {seen:?}");
    };
    assert!(uncaught.raised.is_panic());
    assert_eq!(uncaught.raised.to_string(), "panicked: no luck");
    assert_eq!(
        (uncaught.origin, uncaught.place.line()),
        (Origin::Immediate, line)
    );
}

#[test]
fn without_a_handler_the_loop_ends_and_names_the_line() {
    let event_loop = EventLoop::builder().build().unwrap();
    let lines = Lines::default();
    let ended = event_loop.run(|event_loop| {
        event_loop.next_tick(|_: &EventLoop| fail("lost"));
        event_loop.set_immediate(lines.log("never"));
    });
    let error = ended.unwrap_err();
    assert_eq!(error.code(), "LOOP_UNCAUGHT");
    let message = error.to_string();
    assert!(
        message.contains("uncaught.rs") && message.ends_with("raised: lost"),
        "{message}"
    );
    assert_eq!(lines.joined(), "");
}

#[test]
fn a_handler_that_fails_ends_the_loop() {
    let event_loop = EventLoop::builder().build().unwrap();
    event_loop.on_uncaught(|_, _| panic!("the handler too"));
    let ended = event_loop.run(|_| fail("first"));
    let Err(LoopError::Handler(uncaught)) = ended else {
        panic!("the handler failed: {ended:?}");
    };
    assert_eq!(uncaught.raised.to_string(), "panicked: the handler too");
}
