//! The event loop: what runs when, and a callback that holds it up is named.
//!
//! Move `set_immediate` to the first line of `classic`: the order stays.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use purlin_runtime::{EventLoop, event_loop::LoopError};

fn main() -> Result<(), LoopError> {
    EventLoop::builder()
        .build()?
        .run(|event_loop| classic(event_loop, |line| println!("{line}")))?;
    println!("held up by {}", culprit()?);
    Ok(())
}

/// The order that is asked for in every interview.
fn classic(event_loop: &EventLoop, say: fn(&str)) {
    say("Start");
    event_loop.set_timeout(Duration::ZERO, move |_: &EventLoop| say("setTimeout"));
    event_loop.set_immediate(move |event_loop| {
        say("setImmediate");
        event_loop.set_immediate(move |_| say("setImmediate of the next turn"));
        event_loop.next_tick(move |_| say("nextTick of setImmediate"));
    });
    event_loop.queue_microtask(move |_| say("microtask"));
    event_loop.next_tick(move |_| say("nextTick"));
    say("End");
    // Makes the timeout due, so that its order is no matter of luck.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(3) {
        std::hint::spin_loop();
    }
}

/// The mistake: a callback that does not end. It is named while it still runs.
fn culprit() -> Result<String, LoopError> {
    let (tell, told) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let event_loop = EventLoop::builder()
        .watchdog(Some(Duration::from_millis(20)))
        .on_stall(move |stall| {
            let place = stall.place;
            let _ = tell.send(format!(
                "an {} of {}:{}",
                stall.origin,
                place.file(),
                place.line()
            ));
        })
        .build()?;
    event_loop.run(|event_loop| {
        event_loop.set_immediate(move |_| {
            if let Ok(culprit) = told.recv() {
                let _ = end.send(culprit);
            }
        });
    })?;
    Ok(ended.recv().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    #[test]
    fn the_classic_order_is_nodes() {
        let event_loop = EventLoop::builder().build().unwrap();
        let note = |line: &str| SAID.with_borrow_mut(|said| said.push(line.to_owned()));
        event_loop
            .run(move |event_loop| classic(event_loop, note))
            .unwrap();
        let order = [
            "Start",
            "End",
            "nextTick",
            "microtask",
            "setTimeout",
            "setImmediate",
            "nextTick of setImmediate",
            "setImmediate of the next turn",
        ];
        assert_eq!(SAID.with_borrow(Vec::clone), order);
    }

    #[test]
    fn the_callback_that_holds_the_loop_up_is_named() {
        assert!(
            culprit()
                .unwrap()
                .starts_with("an immediate of examples/event_loop.rs:")
        );
    }
}
