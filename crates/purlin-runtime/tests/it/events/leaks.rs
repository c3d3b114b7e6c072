//! Listeners that pile up are told of, with the place that adds them.

use std::sync::{Arc, Mutex};

use purlin_runtime::events::{self, Event, EventEmitter, Events, LeakWarning};

const X: Event<()> = Event::new("x");

/// Warnings that were given.
type Warnings = Arc<Mutex<Vec<LeakWarning>>>;

fn noting(warnings: &Warnings) -> impl Fn(&LeakWarning) + Send + Sync + 'static {
    let warnings = Arc::clone(warnings);
    move |warning| warnings.lock().unwrap().push(warning.clone())
}

#[test]
fn the_eleventh_listener_is_told_of_once_with_the_place_that_adds_them() {
    let warnings = Warnings::default();
    let emitter = EventEmitter::builder().on_leak(noting(&warnings)).build();
    emitter.on(X, |()| ()).unwrap();
    let mut line = 0;
    for _ in 0..12 {
        line = line!() + 1;
        emitter.on(X, |()| ()).unwrap();
    }
    let warnings = warnings.lock().unwrap();
    let [warning] = &**warnings else {
        panic!("{warnings:?}");
    };
    assert_eq!((warning.listeners, warning.max_listeners), (11, 10));
    assert_eq!((warning.most_at.0.line(), warning.most_at.1), (line, 10));
    assert!(warning.place.file().ends_with("leaks.rs"));
}

#[test]
fn the_bus_tells_of_leaks_by_type_with_their_place() {
    let warnings = Warnings::default();
    let builder = Events::builder().max_listeners(2);
    let events = builder.on_leak(noting(&warnings)).build();
    let kept: Vec<_> = (0..5).map(|_| events.on(|_: &u8| ())).collect();
    let other = events.on(|_: &u16| ());
    let warnings = warnings.lock().unwrap();
    let [warning] = &**warnings else {
        panic!("{warnings:?}");
    };
    assert_eq!((&*warning.event, warning.listeners), ("u8", 3));
    assert!(warning.most_at.0.file().ends_with("leaks.rs"));
    drop((kept, other));
}

#[test]
fn zero_turns_the_warning_off() {
    let warnings = Warnings::default();
    let emitter = EventEmitter::builder().on_leak(noting(&warnings)).build();
    emitter.set_max_listeners(0);
    for _ in 0..50 {
        emitter.on(X, |()| ()).unwrap();
    }
    assert_eq!(warnings.lock().unwrap().len(), 0);
}

#[test]
fn live_listeners_are_counted_by_the_place_that_added_them() {
    let emitter = EventEmitter::builder().name("counted").build();
    let listener = emitter.on(X, |()| ()).unwrap();
    emitter.once(X, |()| ()).unwrap();
    let of = |name: &str| events::stats().into_iter().find(|it| it.name == name);
    assert_eq!(of("counted").map(|it| it.listeners), Some(2));
    emitter.emit(X, &()).unwrap();
    let stats = of("counted").unwrap();
    assert_eq!((stats.listeners, stats.places.len()), (1, 1));
    assert_eq!(stats.places[0].0, listener.place());
    emitter.off(X, &listener).unwrap();
    assert_eq!(of("counted").map(|it| it.listeners), Some(0));
    drop(emitter);
    assert!(of("counted").is_none());
}

#[test]
fn the_bus_counts_its_listeners_too() {
    let bus = Events::builder().name("counted bus").build();
    let subscription = bus.on(|_: &u8| ());
    let count = || {
        let all = events::stats().into_iter();
        all.filter(|it| it.name == "counted bus")
            .map(|it| it.listeners)
            .sum::<usize>()
    };
    assert_eq!((count(), bus.stats().listeners), (1, 1));
    drop(subscription);
    assert_eq!(count(), 0);
}
