//! What is never let go of is told with the line that made it.

use std::{future::pending, panic::Location, time::Duration};

use purlin_diagnostics::{Cache, Diagnostics, growth::Growth};
use purlin_runtime::{EventLoop, Events};

/// Looks that a leak takes to be told of, and a few more.
const LOOKS: u64 = 30;
/// Things that are leaked between two looks: more than the least that is told of, over all of them.
const EACH: u64 = 100;

const EVERY: Duration = Duration::from_secs(1);

/// The line that makes what leaks.
type Made = &'static Location<'static>;

/// Calls `make`, and says where it was called from: what it makes has the same place.
#[track_caller]
fn here(make: impl FnOnce()) -> Made {
    make();
    Location::caller()
}

fn is_named(growing: &[Growth], what: &str, made: Made) -> bool {
    let who = format!("{}:{}", made.file(), made.line());
    growing.iter().any(|it| it.what == what && it.who == who)
}

/// Leaks by `leak` for long enough, then asks who grows.
async fn growing_after(mut leak: impl FnMut(u64) -> Made) -> (Vec<Growth>, Made) {
    let diagnostics = Diagnostics::builder().growth_every(EVERY).start().unwrap();
    let mut made = Location::caller();
    for look in 0..LOOKS {
        for number in 0..EACH {
            made = leak(look * EACH + number);
        }
        tokio::time::sleep(EVERY).await;
    }
    (diagnostics.snapshot().growing, made)
}

#[tokio::test(start_paused = true)]
async fn listeners_that_pile_up_are_told_with_their_line() {
    let events = Events::builder().max_listeners(0).build();
    let (growing, made) = growing_after(|_| here(|| events.on(|_: &u8| ()).keep())).await;
    assert!(is_named(&growing, "listener", made), "{growing:?}");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_pile_up_are_told_with_their_line() {
    let events = Events::builder().max_listeners(0).build();
    let mut kept = Vec::new();
    let (growing, made) = growing_after(|_| here(|| kept.push(events.stream::<u16>(1)))).await;
    assert!(is_named(&growing, "subscription", made), "{growing:?}");
}

#[tokio::test(start_paused = true)]
async fn timers_that_pile_up_are_told_with_their_line_and_those_that_are_cleared_are_not() {
    let event_loop = EventLoop::builder().build().unwrap();
    let mut cleared = None;
    let (growing, made) = growing_after(|_| {
        cleared = Some(here(|| event_loop.set_interval(EVERY, |_, _| ()).clear()));
        here(|| _ = event_loop.set_interval(EVERY, |_, _| ()))
    })
    .await;
    assert!(is_named(&growing, "timer", made), "{growing:?}");
    assert!(
        !is_named(&growing, "timer", cleared.unwrap()),
        "{growing:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn entries_that_pile_up_are_told_with_the_line_of_their_cache() {
    let cache = Cache::builder().entries_max(1_000_000);
    let mut built = None;
    let made = here(|| built = cache.build().ok());
    let cache = built.unwrap();
    let (growing, _) = growing_after(|number| here(|| cache.insert(number, ()))).await;
    assert!(is_named(&growing, "cache_entry", made), "{growing:?}");
}

#[tokio::test(start_paused = true)]
async fn tasks_that_pile_up_are_told_with_their_line() {
    let (growing, made) =
        growing_after(|_| here(|| drop(purlin_runtime::spawn(pending::<()>())))).await;
    assert!(is_named(&growing, "task", made), "{growing:?}");
}
