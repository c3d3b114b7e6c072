//! Asynchronous listeners: bounds, deadlines, failures.

use std::{future::pending, sync::Arc, time::Duration};

use purlin_base::Context;
use purlin_runtime::events::{ERROR, Event, EventEmitter, Events, ListenerFailure};
use tokio::{
    sync::{mpsc, oneshot},
    task::LocalSet,
};

use super::Notes;

const X: Event<u32> = Event::new("x");
const MINUTE: Duration = Duration::from_secs(60);

async fn panics() {
    panic!("no ink")
}

/// A bus whose failures are sent on.
fn telling(
    builder: purlin_runtime::events::EventsBuilder,
) -> (Events, mpsc::UnboundedReceiver<String>) {
    let (failed, failures) = mpsc::unbounded_channel();
    let hook = move |failure: &ListenerFailure| failed.send(failure.error.to_string()).unwrap();
    (builder.on_failure(hook).build(), failures)
}

#[tokio::test]
async fn an_asynchronous_listener_runs_in_the_context_of_who_emits() {
    let events = Events::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let subscription = events.on_async(move |number: u32| {
        let tell = tell.clone();
        async move {
            let id = Context::with_current(|context| context.request_id().to_owned());
            tell.send((number, id)).unwrap();
        }
    });
    let context = Context::builder().request_id("r-1").build();
    assert_eq!(context.sync_scope(|| events.emit(&7_u32).heard()), 1);
    assert_eq!(told.recv().await, Some((7, Some("r-1".to_owned()))));
    drop(subscription);
}

#[tokio::test]
async fn the_failures_of_asynchronous_listeners_are_told() {
    let (events, mut failures) = telling(Events::builder());
    let failing = events.on_async(|_: u8| async { Err("no paper") });
    let panicking = events.on_async(|_: u16| panics());
    assert_eq!(events.emit(&1_u8).failures().len(), 0);
    assert_eq!(failures.recv().await.unwrap(), "the listener failed");
    events.emit(&1_u16);
    assert_eq!(
        failures.recv().await.unwrap(),
        "the listener panicked: no ink"
    );
    drop((failing, panicking));
}

#[tokio::test(start_paused = true)]
async fn an_asynchronous_listener_that_never_ends_is_dropped_at_its_deadline() {
    let (events, mut failures) = telling(Events::builder().async_deadline(MINUTE));
    let held = Arc::new(());
    let holding = Arc::clone(&held);
    let subscription = events.on_async(move |_: u8| {
        let holding = Arc::clone(&holding);
        async move {
            pending::<()>().await;
            drop(holding);
        }
    });
    events.emit(&1_u8);
    assert_eq!(
        failures.recv().await.unwrap(),
        "the listener was not done after 60s"
    );
    drop(subscription);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test]
async fn one_more_than_may_run_at_once_is_not_begun_and_is_told() {
    let events = Events::builder().async_max(1).build();
    let (done, wait) = oneshot::channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    let subscription = events.on_async(move |_: u8| {
        let wait = wait.lock().unwrap().take();
        async move {
            if let Some(wait) = wait {
                wait.await.unwrap();
            }
        }
    });
    assert_eq!(events.emit(&1_u8).failures().len(), 0);
    let refused = events.emit(&2_u8).into_result().unwrap_err();
    assert_eq!(
        refused.error.to_string(),
        "1 asynchronous listeners run, as many as may"
    );
    done.send(()).unwrap();
    while !events.emit(&3_u8).failures().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(subscription);
}

#[tokio::test]
async fn a_captured_rejection_is_emitted_as_an_error_later() {
    let tasks = LocalSet::new();
    let (emitter, notes) = (
        EventEmitter::builder().capture_rejections(true).build(),
        Notes::default(),
    );
    let noting = notes.clone();
    emitter
        .on(ERROR, move |error| noting.add(error.to_string()))
        .unwrap();
    emitter.on_async(X, |_| async { Err("no paper") }).unwrap();
    tasks
        .run_until(async {
            emitter.emit(X, &1).unwrap();
            assert_eq!(notes.take(), [""; 0]);
        })
        .await;
    tasks.await;
    assert_eq!(notes.take(), ["no paper"]);
}

#[tokio::test]
async fn a_rejection_of_a_listener_of_a_captured_error_is_not_captured_again() {
    let tasks = LocalSet::new();
    let (emitter, notes) = (
        EventEmitter::builder().capture_rejections(true).build(),
        Notes::default(),
    );
    let noting = notes.clone();
    emitter
        .on_async(ERROR, move |error| {
            noting.add(error.to_string());
            async { Err("failed again") }
        })
        .unwrap();
    emitter.on_async(X, |_| panics()).unwrap();
    tasks
        .run_until(async { emitter.emit(X, &1).unwrap() })
        .await;
    tasks.await;
    assert_eq!(notes.take(), ["the listener panicked: no ink"]);
}

#[tokio::test(start_paused = true)]
async fn the_rejection_hook_is_told_of_deadlines_and_bounds_with_the_event() {
    let tasks = LocalSet::new();
    let notes = Notes::default();
    let noting = notes.clone();
    let emitter = EventEmitter::builder()
        .capture_rejections(true)
        .on_rejection(move |event, error| noting.add(format!("{event}: {error}")))
        .async_max(1)
        .async_deadline(MINUTE)
        .build();
    emitter.on_async(X, |_| pending::<()>()).unwrap();
    tasks
        .run_until(async {
            emitter.emit(X, &1).unwrap();
            emitter.emit(X, &2).unwrap();
        })
        .await;
    tasks.await;
    assert_eq!(
        notes.take(),
        [
            "x: 1 asynchronous listeners run, as many as may",
            "x: the listener was not done after 60s"
        ]
    );
}
