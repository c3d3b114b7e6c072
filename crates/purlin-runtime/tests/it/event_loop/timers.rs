//! Timers: Node's finer rules.

use std::{cell::OnceCell, rc::Rc, time::Duration};

use purlin_runtime::{
    EventLoop,
    event_loop::{Timer, delay_from_millis},
};

use super::{ms, run};

#[test]
fn timers_of_one_duration_run_in_the_order_they_were_set_and_others_by_their_end() {
    let order = run(|event_loop, lines, clock| {
        event_loop.set_timeout(ms(40), lines.log("forty"));
        event_loop.set_timeout(ms(10), lines.log("ten-a"));
        event_loop.set_timeout(ms(10), lines.log("ten-b"));
        clock.spin(5);
        event_loop.set_timeout(ms(10), lines.log("ten-c"));
    });
    assert_eq!(order, "ten-a ten-b ten-c forty");
}

#[test]
fn a_timer_set_by_a_timer_waits_for_the_next_turn_even_if_a_spin_has_made_it_due() {
    let order = run(|event_loop, lines, clock| {
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.set_timeout(ms(5), move |event_loop: &EventLoop| {
            event_loop.set_timeout(ms(1), inner.log("inner-timer"));
            event_loop.set_immediate(inner.log("immediate"));
            clock.spin(30);
        });
    });
    assert_eq!(order, "immediate inner-timer");
}

#[test]
fn an_interval_counts_from_the_start_of_its_run_and_makes_up_for_nothing() {
    let order = run(|event_loop, lines, clock| {
        let (inner, clock, mut left) = (lines.clone(), clock.clone(), 3);
        event_loop.set_interval(ms(10), move |_, timer| {
            inner.add(format!("at-{}", clock.millis()));
            clock.spin(35);
            left -= 1;
            if left == 0 {
                timer.clear();
            }
        });
    });
    assert_eq!(order, "at-10 at-45 at-80");
}

#[test]
fn a_delay_is_whole_milliseconds_and_at_least_one() {
    let order = run(|event_loop, lines, _| {
        event_loop.set_timeout(Duration::from_micros(1_999), lines.log("a"));
        event_loop.set_timeout(Duration::ZERO, lines.log("b"));
        event_loop.set_timeout(ms(1), lines.log("c"));
    });
    assert_eq!(order, "a b c");
    let read = [f64::NAN, -1.0, 0.5, 2_147_483_648.0, f64::INFINITY].map(delay_from_millis);
    assert_eq!(read, [ms(1); 5]);
    assert_eq!(delay_from_millis(2_147_483_647.0), ms(2_147_483_647));
}

#[test]
fn a_refresh_begins_the_countdown_anew_also_after_the_timeout_has_run() {
    let order = run(|event_loop, lines, clock| {
        let (inner, clock) = (lines.clone(), clock.clone());
        let at = move |_: &EventLoop| inner.add(format!("at-{}", clock.millis()));
        let timer = event_loop.set_timeout(ms(10), at);
        let early = timer.clone();
        event_loop.set_timeout(ms(5), move |_: &EventLoop| _ = early.refresh());
        event_loop.set_timeout(ms(50), move |_: &EventLoop| _ = timer.refresh());
    });
    assert_eq!(order, "at-15 at-60");
}

#[test]
fn a_cleared_timer_stays_cleared_and_frees_what_it_held() {
    let held = Rc::new(());
    let weak = Rc::downgrade(&held);
    let order = run(|event_loop, lines, _| {
        let timer = event_loop.set_timeout(ms(5), move |_: &EventLoop| drop(Rc::clone(&held)));
        timer.clear();
        assert!(
            weak.upgrade().is_none(),
            "freed at once, though the handle lives"
        );
        timer.refresh();
        lines.add(format!("{:?}", timer.has_ref()));
    });
    assert_eq!(order, "true");
}

#[test]
fn a_timeout_cleared_after_it_ran_and_refreshed_holds_the_loop_and_runs_nothing() {
    let order = run(|event_loop, lines, clock| {
        let timer = event_loop.set_timeout(ms(20), lines.log("once"));
        event_loop.set_timeout(ms(30), move |_: &EventLoop| {
            timer.clear();
            timer.refresh();
        });
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.on_before_exit(move |_| inner.add(format!("end-{}", clock.millis())));
    });
    assert_eq!(order, "once end-50");
}

#[test]
fn an_unrefd_timer_does_not_hold_the_loop() {
    let order = run(|event_loop, lines, _| {
        event_loop.set_timeout(ms(50), lines.log("never")).unref();
        let kept = event_loop.set_timeout(ms(10), lines.log("kept"));
        assert!(kept.unref().ref_().has_ref());
        event_loop.set_timeout(ms(5), lines.log("early")).unref();
    });
    assert_eq!(order, "early kept");
}

#[test]
fn a_tick_can_clear_the_timer_that_is_next() {
    let order = run(|event_loop, lines, clock| {
        let slot = Rc::new(OnceCell::<Timer>::new());
        let (second, inner) = (Rc::clone(&slot), lines.clone());
        event_loop.set_timeout(ms(1), move |event_loop: &EventLoop| {
            inner.add("first");
            let second = Rc::clone(&second);
            event_loop.next_tick(move |_: &EventLoop| second.get().unwrap().clear());
        });
        let _ = slot.set(event_loop.set_timeout(ms(1), lines.log("second")));
        event_loop.set_timeout(ms(1), lines.log("third"));
        clock.spin(3);
    });
    assert_eq!(order, "first third");
}

#[test]
fn what_a_tick_behind_the_last_timer_makes_due_runs_before_immediates() {
    // libuv looks at its alarm again with the time that the last timer to be set has read.
    let order = run(|event_loop, lines, clock| {
        let (inner, clock) = (lines.clone(), clock.clone());
        event_loop.set_timeout(ms(60), move |event_loop: &EventLoop| {
            event_loop.set_timeout(ms(10), inner.log("late"));
            event_loop.set_immediate(inner.log("immediate"));
            let clock = clock.clone();
            event_loop.next_tick(move |event_loop: &EventLoop| {
                clock.spin(30);
                event_loop.set_timeout(ms(1), |_: &EventLoop| {});
            });
        });
    });
    assert_eq!(order, "late immediate");
}

#[test]
fn thousands_of_cleared_timers_leave_no_gaps_behind() {
    let order = run(|event_loop, lines, _| {
        let first = event_loop.set_timeout(ms(30_000), lines.log("first"));
        for _ in 0..10_000 {
            event_loop
                .set_timeout(ms(30_000), |_: &EventLoop| {})
                .clear();
        }
        event_loop.set_timeout(ms(30_000), lines.log("last"));
        first.refresh();
    });
    assert_eq!(order, "last first");
}
