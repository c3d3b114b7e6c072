//! What other threads bring to a loop, and what they see of it.

use std::sync::Arc;

use loom::{
    future::block_on,
    sync::atomic::{
        AtomicBool,
        Ordering::{Acquire, Release},
    },
    thread,
};

use super::{
    Origin, every_order,
    inbox::Inbox,
    pulse::{Beats, Pulse},
    wake_flag::WakeFlag,
};

/// The poll phase of a loop that has nothing else to wait for.
fn wait_and_take<M>(inbox: &Inbox<M>) -> usize {
    while !inbox.has_any() {
        block_on(inbox.arrived());
    }
    inbox.take().len()
}

#[test]
fn a_loop_that_waits_misses_no_message() {
    every_order(|| {
        let inbox = Arc::new(Inbox::default());
        let send = || {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.send((), usize::MAX).is_ok())
        };
        let senders = [send(), send()];
        let mut arrived = 0;
        while arrived < 2 {
            arrived += wait_and_take(&inbox);
        }
        for sender in senders {
            assert!(sender.join().unwrap());
        }
    });
}

#[test]
fn a_message_is_given_back_or_stands_in_the_queue_when_a_loop_ends() {
    every_order(|| {
        let inbox = Arc::new(Inbox::default());
        let sending = Arc::clone(&inbox);
        let sender = thread::spawn(move || sending.send((), usize::MAX).is_ok());
        let waited = inbox.close().len();
        let sent = sender.join().unwrap();
        assert_eq!(waited, usize::from(sent));
        assert!(!inbox.has_any());
        assert_eq!(inbox.state(), (0, true));
    });
}

#[test]
fn a_future_that_is_woken_is_polled_after_what_it_was_woken_for() {
    every_order(|| {
        let inbox = Arc::new(Inbox::default());
        let (flag, ready) = (
            Arc::new(WakeFlag::raised()),
            Arc::new(AtomicBool::new(false)),
        );
        let (waking, telling, wake) = (Arc::clone(&flag), Arc::clone(&ready), Arc::clone(&inbox));
        let waker = thread::spawn(move || {
            telling.store(true, Release);
            if waking.raise() {
                assert!(wake.send((), usize::MAX).is_ok());
            }
        });
        // One poll after the other, until one finds it ready.
        loop {
            flag.lower();
            if ready.load(Acquire) {
                break;
            }
            assert_eq!(wait_and_take(&inbox), 1);
        }
        waker.join().unwrap();
    });
}

#[test]
fn a_watchdog_knows_every_callback_that_it_sees() {
    every_order(|| {
        let pulse = Arc::new(Pulse::default());
        let looking = Arc::clone(&pulse);
        let watchdog = thread::spawn(move || {
            let beat = looking.look();
            let known = looking.known(beat);
            assert_eq!(known.is_some(), beat.callback != 0);
            assert!(known.is_none_or(|it| ["tick", "timer"].contains(&it.name)));
        });
        let beats = Beats::new(pulse);
        let place = std::panic::Location::caller();
        beats.begin(Origin::Tick, place, || "tick");
        beats.begin(Origin::Timer, place, || "timer");
        beats.rest();
        watchdog.join().unwrap();
    });
}
