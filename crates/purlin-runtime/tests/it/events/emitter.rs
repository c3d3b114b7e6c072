//! Node's rules of order, snapshots and removal; random scenarios are in `conformance/events`.

use purlin_runtime::events::{
    AddOptions, Event, EventEmitter, Listener, NEW_LISTENER, REMOVE_LISTENER,
};

use super::Notes;

const X: Event<u32> = Event::new("x");

#[test]
fn listeners_are_called_in_the_order_in_which_they_were_added() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    emitter.on(X, notes.listener("a")).unwrap();
    emitter.on(X, notes.listener("b")).unwrap();
    emitter.prepend(X, notes.listener("first")).unwrap();
    assert!(emitter.emit(X, &1).unwrap());
    assert_eq!(notes.take(), ["first", "a", "b"]);
}

#[test]
fn an_event_without_listeners_is_not_heard() {
    assert!(!EventEmitter::new().emit(X, &1).unwrap());
}

#[test]
fn a_listener_added_while_an_event_is_emitted_is_called_from_the_next_time_on() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let (weak, late) = (emitter.downgrade(), notes.clone());
    emitter
        .once(X, move |_| {
            let emitter = weak.upgrade().unwrap();
            emitter.on(X, late.listener("late")).map(drop)
        })
        .unwrap();
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), [""; 0]);
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), ["late"]);
}

#[test]
fn a_listener_removed_while_an_event_is_emitted_is_still_called_this_time() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let second = Listener::new(notes.listener("second"));
    let (weak, removed) = (emitter.downgrade(), second.clone());
    let remove = move |_: &u32| weak.upgrade().unwrap().off(X, &removed).map(drop);
    emitter.on(X, remove).unwrap();
    emitter.add(X, &second, AddOptions::default()).unwrap();
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), ["second"]);
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), [""; 0]);
}

#[test]
fn a_listener_may_remove_itself_and_emit_its_own_event() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let (weak, inside) = (emitter.downgrade(), notes.clone());
    let once = move |number: &u32| {
        inside.add(format!("once {number}"));
        weak.upgrade().unwrap().emit(X, &(number + 1)).map(drop)
    };
    emitter.once(X, once).unwrap();
    let always = notes.clone();
    emitter
        .on(X, move |number| always.add(format!("always {number}")))
        .unwrap();
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), ["once 1", "always 2", "always 1"]);
    assert_eq!(emitter.listener_count(X), 1);
}

#[test]
fn off_removes_the_last_added_of_one_that_was_added_twice() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let twice = Listener::new(notes.listener("twice"));
    emitter.add(X, &twice, AddOptions::default()).unwrap();
    emitter.on(X, notes.listener("between")).unwrap();
    emitter.add(X, &twice, AddOptions::default()).unwrap();
    assert!(emitter.off(X, &twice).unwrap());
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), ["twice", "between"]);
    assert!(emitter.off(X, &twice).unwrap());
    assert!(!emitter.off(X, &twice).unwrap());
}

#[test]
fn lists_show_listeners_in_order_and_which_end_with_their_first_call() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let always = emitter.on(X, notes.listener("always")).unwrap();
    let once = emitter.prepend_once(X, notes.listener("once")).unwrap();
    assert_eq!(
        emitter.listeners(X),
        [once.any().clone(), always.any().clone()]
    );
    let raw = emitter.raw_listeners(X);
    assert_eq!(
        raw.iter().map(|it| it.once).collect::<Vec<_>>(),
        [true, false]
    );
    emitter.on("y", |_: &()| ()).unwrap();
    assert_eq!(emitter.event_names(), ["x", "y"]);
    emitter.remove_all_of("x").unwrap();
    assert_eq!(emitter.event_names(), ["y"]);
    assert_eq!(
        (emitter.listener_count(X), emitter.listener_count("y")),
        (0, 1)
    );
}

#[test]
fn additions_are_told_before_and_removals_after_with_the_listener_itself() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    for event in [NEW_LISTENER, REMOVE_LISTENER] {
        let (notes, weak) = (notes.clone(), emitter.downgrade());
        let note = move |change: &purlin_runtime::events::ListenerChange| {
            let count = weak.upgrade().unwrap().listener_count(X);
            notes.add(format!("{} {} {count}", event.name(), change.event()));
        };
        emitter.on(event, note).unwrap();
    }
    assert_eq!(notes.take(), ["newListener removeListener 0"]);
    let listener = emitter.on(X, |_| ()).unwrap();
    emitter.off(X, &listener).unwrap();
    assert_eq!(notes.take(), ["newListener x 0", "removeListener x 0"]);
}

#[test]
fn a_panic_goes_through_the_emit_and_leaves_the_emitter_as_it_was() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    emitter
        .once(X, |_| -> () { panic!("out of paper") })
        .unwrap();
    emitter.on(X, notes.listener("after")).unwrap();
    let emit = std::panic::AssertUnwindSafe(|| emitter.emit(X, &1));
    let payload = std::panic::catch_unwind(emit).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"out of paper"));
    assert_eq!(notes.take(), [""; 0]);
    emitter.emit(X, &1).unwrap();
    assert_eq!(notes.take(), ["after"]);
}

#[test]
fn what_a_listener_holds_is_freed_when_it_is_removed_even_by_itself() {
    let emitter = EventEmitter::new();
    let held = std::rc::Rc::new(());
    let holding = std::rc::Rc::clone(&held);
    emitter.once(X, move |_| _ = &holding).unwrap();
    emitter.emit(X, &1).unwrap();
    assert_eq!(std::rc::Rc::strong_count(&held), 1);
}

#[test]
fn what_is_dropped_with_a_listener_may_use_the_emitter() {
    struct EmitsWhenDropped(purlin_runtime::events::WeakEmitter, Notes);
    impl Drop for EmitsWhenDropped {
        fn drop(&mut self) {
            let emitter = self.0.upgrade().unwrap();
            self.1
                .add(format!("dropped, {} left", emitter.listener_count(X)));
            emitter.emit(X, &1).unwrap();
        }
    }
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let holding = EmitsWhenDropped(emitter.downgrade(), notes.clone());
    emitter.on(X, move |_| _ = &holding).unwrap();
    emitter.on(X, notes.listener("other")).unwrap();
    emitter.remove_all().unwrap();
    assert_eq!(notes.take(), ["dropped, 0 left"]);
}

#[test]
fn a_key_sees_every_change_and_keeps_no_listener_alive() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    let key = emitter.key(X);
    assert!(!key.emit(&1).unwrap());
    let held = std::rc::Rc::new(());
    let holding = std::rc::Rc::clone(&held);
    let first = emitter.on(X, move |_| _ = &holding).unwrap();
    assert!(key.emit(&1).unwrap());
    emitter.off(X, &first).unwrap();
    drop(first);
    assert_eq!(std::rc::Rc::strong_count(&held), 1);
    assert!(!key.emit(&1).unwrap());
    emitter.on(X, notes.listener("a")).unwrap();
    key.emit(&1).unwrap();
    emitter.prepend_once(X, notes.listener("once")).unwrap();
    key.emit(&1).unwrap();
    key.emit(&1).unwrap();
    assert_eq!(notes.take(), ["a", "once", "a", "a"]);
    emitter.remove_all().unwrap();
    assert!(!key.emit(&1).unwrap());
}

#[test]
fn a_key_knows_the_rules_of_error_and_of_types() {
    let emitter = EventEmitter::new();
    let errors = emitter.key(purlin_runtime::events::ERROR);
    let error = purlin_runtime::events::SharedError::from(purlin_base::BoxError::from("e"));
    errors.emit(&error).unwrap_err();
    emitter.on("x", |_: &u32| ()).unwrap();
    assert!(emitter.key::<u32>("x").emit(&1).unwrap());
    emitter.key::<u64>("x").emit(&1).unwrap_err();
}
