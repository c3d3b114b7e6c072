//! The bus: order, isolation, subscriptions, threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use purlin_base::Classified;
use purlin_runtime::events::{Events, ListenerError};

use super::SharedNotes;

#[derive(Clone, Copy)]
struct Placed(u32);

#[test]
fn listeners_hear_their_own_type_in_the_order_in_which_they_were_added() {
    let (events, notes) = (Events::new(), SharedNotes::default());
    let kept = [
        events.on(notes.listener::<Placed>("a")),
        events.on(notes.listener::<Placed>("b")),
        events.prepend(notes.listener::<Placed>("first")),
        events.on(notes.listener::<String>("another type")),
    ];
    assert_eq!(events.emit(&Placed(1)).heard(), 3);
    assert_eq!(notes.take(), ["first", "a", "b"]);
    drop(kept);
    assert_eq!(events.emit(&Placed(1)).heard(), 0);
}

#[test]
fn a_listener_that_fails_or_panics_hurts_no_other_and_is_told_of_with_its_place() {
    let told = SharedNotes::default();
    let (telling, notes) = (told.clone(), SharedNotes::default());
    let hook = move |failure: &purlin_runtime::events::ListenerFailure| {
        telling.add(failure.error.to_string());
        panic!("the hook panics too");
    };
    let events = Events::builder().on_failure(hook).build();
    let kept = [
        events.on(|_: &Placed| Err("no paper")),
        events.on(|_: &Placed| -> () { panic!("no ink") }),
        events.on(notes.listener::<Placed>("after")),
    ];
    let delivery = events.emit(&Placed(1));
    assert_eq!(notes.take(), ["after"]);
    assert_eq!(delivery.heard(), 3);
    let [failed, panicked] = delivery.failures() else {
        panic!("{delivery:?}");
    };
    assert!(matches!(failed.error, ListenerError::Failed(_)));
    assert_eq!(panicked.error.code(), "EVENTS_PANICKED");
    assert!(failed.to_string().contains("bus.rs"), "{failed}");
    assert_eq!(
        told.take(),
        ["the listener failed", "the listener panicked: no ink"]
    );
    assert!(delivery.into_result().is_err());
    drop(kept);
}

#[test]
fn with_nodes_rule_a_failure_ends_the_emit_and_a_panic_goes_on() {
    let notes = SharedNotes::default();
    let events = Events::builder().stop_at_failure().build();
    let failing = events.on(|_: &Placed| Err("no paper"));
    let after = events.on(notes.listener::<Placed>("after"));
    let delivery = events.emit(&Placed(1));
    assert_eq!((delivery.heard(), delivery.failures().len()), (1, 1));
    drop(failing);
    let panicking = events.prepend(|_: &Placed| -> () { panic!("no ink") });
    let emit = AssertUnwindSafe(|| events.emit(&Placed(1)));
    assert_eq!(
        catch_unwind(emit).unwrap_err().downcast_ref(),
        Some(&"no ink")
    );
    drop((after, panicking));
    assert_eq!(notes.take(), [""; 0]);
}

#[test]
fn what_a_listener_holds_is_freed_with_its_subscription() {
    let (events, held) = (Events::new(), Arc::new(()));
    let holding = Arc::clone(&held);
    let subscription = events.on(move |_: &Placed| _ = &holding);
    events.emit(&Placed(1));
    assert_eq!(Arc::strong_count(&held), 2);
    drop(subscription);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_subscription_that_is_kept_lives_as_long_as_the_bus() {
    let (events, held) = (Events::new(), Arc::new(()));
    let holding = Arc::clone(&held);
    events.on(move |_: &Placed| _ = &holding).keep();
    assert_eq!(events.emit(&Placed(1)).heard(), 1);
    drop(events);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_subscription_may_outlive_the_bus() {
    let events = Events::new();
    let subscription = events.on(|_: &Placed| ());
    drop(events);
    drop(subscription);
}

#[test]
fn a_listener_may_end_itself_add_others_and_emit() {
    let (events, notes) = (Events::new(), SharedNotes::default());
    let own = Arc::new(Mutex::new(None));
    let (mine, inside, bus) = (Arc::clone(&own), notes.clone(), events.clone());
    let listener = move |placed: &Placed| {
        inside.add(format!("first {}", placed.0));
        drop(mine.lock().unwrap().take());
        let inside = inside.clone();
        bus.on(move |placed: &Placed| inside.add(format!("added {}", placed.0)))
            .keep();
        bus.emit(&Placed(placed.0 + 1));
    };
    *own.lock().unwrap() = Some(events.on(listener));
    events.emit(&Placed(1));
    assert_eq!(notes.take(), ["first 1", "added 2"]);
}

#[test]
fn once_is_once_however_many_threads_emit() {
    let (events, calls) = (Events::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..200 {
        let counting = Arc::clone(&calls);
        let subscription = events.once(move |_: &Placed| _ = counting.fetch_add(1, SeqCst));
        let meet = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    meet.wait();
                    events.emit(&Placed(1));
                });
            }
        });
        drop(subscription);
    }
    assert_eq!(calls.load(SeqCst), 200);
    assert_eq!(events.listener_count::<Placed>(), 0);
}

#[test]
fn listeners_that_stay_hear_every_event_while_others_come_and_go() {
    let (events, heard) = (Events::new(), Arc::new(AtomicUsize::new(0)));
    let counting = Arc::clone(&heard);
    let stays = events.on(move |_: &Placed| _ = counting.fetch_add(1, SeqCst));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..2_000).for_each(|_| drop(events.on(|_: &Placed| ()))));
            scope.spawn(|| {
                for _ in 0..2_000 {
                    events.emit(&Placed(1));
                }
            });
        }
    });
    assert_eq!(heard.load(SeqCst), 4_000);
    assert_eq!(events.listener_count::<Placed>(), 1);
    drop(stays);
}

#[test]
fn emits_that_never_end_fail_before_the_stack_does() {
    let events = Events::new();
    let bus = events.clone();
    let depth = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&depth);
    let subscription = events.on(move |_: &Placed| {
        counting.fetch_add(1, SeqCst);
        bus.emit(&Placed(1)).into_result().map(drop)
    });
    let delivery = events.emit(&Placed(1));
    assert_eq!(delivery.failures().len(), 1);
    assert_eq!(depth.load(SeqCst), 256);
    drop(subscription);
}

#[test]
fn clones_and_channels_are_the_same_bus() {
    let events = Events::new();
    let channel = events.clone().channel::<Placed>();
    let subscription = events.on(|_: &Placed| ());
    assert_eq!(
        (channel.emit(&Placed(1)).heard(), channel.listener_count()),
        (1, 1)
    );
    drop(subscription);
    assert_eq!(events.channel::<Placed>().listener_count(), 0);
}
