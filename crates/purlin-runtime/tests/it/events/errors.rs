//! What fails, and who is told.

use std::sync::Arc;

use purlin_base::Classified;
use purlin_runtime::events::{
    ERROR, ERROR_MONITOR, EmitErrorKind, EventEmitter, NEW_LISTENER, SharedError,
};

use super::Notes;

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn a_listener_that_fails_ends_the_emit_and_its_error_comes_out() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    emitter.on("x", |_: &()| Err("out of paper")).unwrap();
    emitter.on("x", notes.listener::<()>("after")).unwrap();
    let error = emitter.emit("x", &()).unwrap_err();
    assert_eq!(error.code(), "EVENTS_LISTENER_FAILED");
    let told = chain(&error);
    assert!(
        told.contains("errors.rs") && told.ends_with("failed: out of paper"),
        "{told}"
    );
    assert_eq!(notes.take(), [""; 0]);
}

#[test]
fn an_error_of_an_emit_inside_an_emit_comes_out_as_it_is() {
    let emitter = EventEmitter::new();
    let weak = emitter.downgrade();
    emitter.on("inner", |_: &()| Err("deep down")).unwrap();
    emitter
        .on("outer", move |_: &()| {
            weak.upgrade().unwrap().emit("inner", &()).map(drop)
        })
        .unwrap();
    let error = emitter.emit("outer", &()).unwrap_err();
    assert!(
        matches!(error.kind(), EmitErrorKind::Listener { event, .. } if event == "inner"),
        "{error}"
    );
}

#[test]
fn an_error_that_nobody_listens_for_comes_out_of_the_emit() {
    let emitter = EventEmitter::new();
    let error = emitter.emit_error("disk full").unwrap_err();
    assert_eq!(error.code(), "EVENTS_UNHANDLED_ERROR");
    assert_eq!(chain(&error), "nobody listens for `error`: disk full");
}

#[test]
fn monitors_hear_errors_first_and_do_not_count_as_listeners() {
    let (emitter, notes) = (EventEmitter::new(), Notes::default());
    emitter
        .on(ERROR_MONITOR, notes.listener("monitor"))
        .unwrap();
    emitter.emit_error("unheard").unwrap_err();
    emitter.on(ERROR, notes.listener("listener")).unwrap();
    assert!(emitter.emit_error("heard").unwrap());
    assert_eq!(notes.take(), ["monitor", "monitor", "listener"]);
    assert_eq!(emitter.event_names(), ["error"]);
}

#[test]
fn a_type_that_the_event_does_not_carry_is_refused_with_both_types() {
    let emitter = EventEmitter::new();
    emitter.on("x", |_: &u64| ()).unwrap();
    let emitted = emitter.emit("x", &1_i32).unwrap_err();
    assert_eq!(emitted.code(), "EVENTS_WRONG_TYPE");
    assert_eq!(emitted.to_string(), "`x` carries u64, not i32");
    let added = emitter.on("x", |_: &i32| ()).unwrap_err();
    assert_eq!(added.to_string(), "`x` carries u64, not i32");
    let error: SharedError = Arc::from(purlin_base::BoxError::from("e"));
    emitter.on("error", |_: &u64| ()).unwrap_err();
    emitter.emit("error", &1_u64).unwrap_err();
    emitter.on("error", |_: &SharedError| ()).unwrap();
    assert!(emitter.emit("error", &error).unwrap());
}

#[test]
fn a_listener_of_new_listener_can_refuse_an_addition() {
    let emitter = EventEmitter::new();
    emitter.on(NEW_LISTENER, |_| Err("no more")).unwrap();
    emitter.on("x", |_: &()| ()).unwrap_err();
    assert_eq!(emitter.listener_count("x"), 0);
}

#[test]
fn emits_that_never_end_fail_before_the_stack_does() {
    let emitter = EventEmitter::new();
    let weak = emitter.downgrade();
    let again = move |_: &()| weak.upgrade().unwrap().emit("x", &()).map(drop);
    emitter.on("x", again).unwrap();
    let error = emitter.emit("x", &()).unwrap_err();
    assert_eq!(error.code(), "EVENTS_TOO_DEEP");
    emitter.remove_all().unwrap();
    assert!(!emitter.emit("x", &()).unwrap());
}
