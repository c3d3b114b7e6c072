//! Node's order, as measured on Node 20.

use purlin_runtime::EventLoop;

use super::{ms, run};

#[test]
fn ticks_come_before_microtasks_and_both_before_timers_and_immediates() {
    let order = run(|event_loop, lines, clock| {
        event_loop.set_timeout(ms(0), lines.log("timeout"));
        event_loop.set_immediate(lines.log("immediate"));
        event_loop.next_tick(lines.log("tick1"));
        let inner = lines.clone();
        event_loop.queue_microtask(move |event_loop: &EventLoop| {
            inner.add("p1");
            event_loop.next_tick(inner.log("tick-from-p"));
            event_loop.queue_microtask(inner.log("p-from-p"));
        });
        event_loop.queue_microtask(lines.log("qm"));
        let inner = lines.clone();
        event_loop.next_tick(move |event_loop: &EventLoop| {
            inner.add("tick2");
            event_loop.queue_microtask(inner.log("p-from-tick"));
            event_loop.next_tick(inner.log("tick-from-tick"));
        });
        lines.add("sync");
        clock.spin(3);
    });
    assert_eq!(
        order,
        "sync tick1 tick2 tick-from-tick p1 qm p-from-tick p-from-p tick-from-p timeout immediate"
    );
}

#[test]
fn ticks_and_microtasks_are_drained_between_two_callbacks_of_a_phase() {
    let order = run(|event_loop, lines, _| {
        for name in ["a", "b"] {
            let lines = lines.clone();
            event_loop.set_immediate(move |event_loop| {
                lines.add(name);
                event_loop.queue_microtask(lines.log("micro"));
                event_loop.next_tick(lines.log("tick"));
            });
        }
    });
    assert_eq!(order, "a tick micro b tick micro");
}

#[test]
fn an_immediate_queued_by_an_immediate_waits_for_the_next_turn() {
    let order = run(|event_loop, lines, clock| {
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.set_immediate(move |event_loop| {
            inner.add("first");
            event_loop.set_immediate(inner.log("next-turn"));
            event_loop.set_timeout(ms(0), inner.log("timer"));
            clock.spin(3);
        });
        event_loop.set_immediate(lines.log("second"));
    });
    assert_eq!(order, "first second timer next-turn");
}

#[test]
fn an_immediate_of_the_same_batch_can_be_cleared() {
    let order = run(|event_loop, lines, _| {
        let slot = std::rc::Rc::new(std::cell::OnceCell::new());
        let (cleared, inner) = (slot.clone(), lines.clone());
        event_loop.set_immediate(move |_| {
            inner.add("a");
            let cleared: &purlin_runtime::event_loop::Immediate = cleared.get().unwrap();
            cleared.clear();
        });
        let b = event_loop.set_immediate(lines.log("b"));
        slot.set(b).unwrap();
        event_loop.set_immediate(lines.log("c"));
    });
    assert_eq!(order, "a c");
}

#[test]
fn close_callbacks_run_after_immediates_and_the_last_queued_first() {
    let order = run(|event_loop, lines, clock| {
        event_loop.set_timeout(ms(1), lines.log("timer"));
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.set_immediate(move |event_loop| {
            let tick = inner.clone();
            event_loop.queue_close(move |event_loop| {
                tick.add("close-a");
                event_loop.next_tick(tick.log("tick"));
            });
            event_loop.queue_close(inner.log("close-b"));
            event_loop.set_immediate(inner.log("next-turn"));
            clock.spin(3);
        });
    });
    assert_eq!(order, "close-b close-a tick timer next-turn");
}

#[test]
fn an_unrefd_immediate_runs_only_if_the_loop_turns_for_another_reason() {
    let order = run(|event_loop, lines, _| {
        event_loop.set_immediate(lines.log("alone")).unref();
    });
    assert_eq!(order, "");
    let order = run(|event_loop, lines, _| {
        let immediate = event_loop.set_immediate(lines.log("taken-along"));
        assert!(immediate.has_ref());
        assert!(!immediate.unref().has_ref());
        event_loop.set_timeout(ms(5), lines.log("timer"));
    });
    assert_eq!(order, "taken-along timer");
}

#[test]
fn before_exit_runs_when_nothing_is_left_and_may_queue_more() {
    let order = run(|event_loop, lines, _| {
        let (inner, left) = (lines.clone(), std::cell::Cell::new(1));
        event_loop.on_before_exit(move |event_loop| {
            inner.add("before-exit");
            if left.replace(0) > 0 {
                event_loop.set_immediate(inner.log("more"));
            }
        });
        event_loop.next_tick(lines.log("tick"));
    });
    assert_eq!(order, "tick before-exit more before-exit");
}

#[test]
fn a_loop_that_is_stopped_runs_nothing_more_and_can_be_run_again() {
    let (lines, clock) = (super::Lines::default(), super::Jumping::new());
    let event_loop = super::on(&clock).build().unwrap();
    for _ in 0..2 {
        event_loop
            .run(|event_loop| {
                event_loop.set_immediate(lines.log("never"));
                event_loop.next_tick(lines.log("never"));
                let inner = lines.clone();
                event_loop.queue_microtask(lines.log("never"));
                event_loop.next_tick(move |_: &EventLoop| inner.add("never"));
                event_loop.stop();
                lines.add("stopped");
            })
            .unwrap();
    }
    assert_eq!(lines.joined(), "stopped stopped");
}
