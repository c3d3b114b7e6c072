//! Streams of events, and waiting for one.

use std::sync::Arc;

use purlin_base::Classified;
use purlin_runtime::events::{ERROR, EmitErrorKind, Event, EventEmitter, Events, StreamError};

use crate::gate::poll_once;

const X: Event<u32> = Event::new("x");

#[tokio::test]
async fn the_next_event_is_waited_for_from_the_call_on() {
    let emitter = EventEmitter::new();
    let next = emitter.wait_for(X);
    assert_eq!(
        (emitter.listener_count(X), emitter.listener_count(ERROR)),
        (1, 1)
    );
    emitter.emit(X, &7).unwrap();
    // As in Node, an error that comes after the event is nobody's.
    assert_eq!(
        (emitter.listener_count(X), emitter.listener_count(ERROR)),
        (0, 0)
    );
    emitter.emit_error("later").unwrap_err();
    assert_eq!(next.await.unwrap(), 7);
}

#[tokio::test]
async fn an_error_ends_the_wait_for_another_event() {
    let emitter = EventEmitter::new();
    let next = emitter.wait_for(X);
    emitter.emit_error("disk full").unwrap();
    let error = next.await.unwrap_err();
    assert_eq!(error.code(), "EVENTS_ERROR_INSTEAD");
    assert_eq!(emitter.listener_count(X), 0);
}

#[tokio::test]
async fn an_error_itself_can_be_waited_for() {
    let emitter = EventEmitter::new();
    let next = emitter.wait_for(ERROR);
    emitter.emit_error("disk full").unwrap();
    assert_eq!(next.await.unwrap().to_string(), "disk full");
}

#[tokio::test]
async fn a_wait_that_is_dropped_leaves_no_listener() {
    let emitter = EventEmitter::new();
    let mut next = Box::pin(emitter.wait_for(X));
    assert!(poll_once(&mut next).await.is_none());
    drop(next);
    assert_eq!(emitter.event_names(), [""; 0]);
}

#[tokio::test]
async fn a_wait_ends_when_the_event_can_no_longer_come() {
    let emitter = EventEmitter::new();
    let next = emitter.wait_for(X);
    drop(emitter);
    let gone = next.await.unwrap_err();
    assert!(matches!(gone.kind(), EmitErrorKind::Gone));
}

#[tokio::test]
async fn a_stream_gives_events_in_order_and_ends_after_an_error() {
    let emitter = EventEmitter::new();
    let mut stream = emitter.stream(X, 8).unwrap();
    emitter.emit(X, &1).unwrap();
    emitter.emit(X, &2).unwrap();
    emitter.emit_error("disk full").unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    assert_eq!(stream.next().await.unwrap().unwrap(), 2);
    assert!(matches!(
        stream.next().await,
        Some(Err(StreamError::Error(_)))
    ));
    assert!(stream.next().await.is_none());
    drop(stream);
    assert_eq!(emitter.event_names(), [""; 0]);
}

#[tokio::test]
async fn a_slow_reader_loses_the_oldest_and_is_told_how_many() {
    let events = Events::new();
    let mut stream = events.stream::<u32>(2);
    for number in 1..=5_u32 {
        events.emit(&number);
    }
    let lagged = stream.next().await.unwrap().unwrap_err();
    assert!(
        matches!(lagged, StreamError::Lagged { missed: 3 }),
        "{lagged}"
    );
    assert_eq!(stream.next().await.unwrap().unwrap(), 4);
    assert_eq!(stream.next().await.unwrap().unwrap(), 5);
    drop(events);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_wakes_a_reader_of_another_task() {
    let events = Events::new();
    let mut stream = events.stream::<u32>(2);
    let reader = purlin_runtime::spawn(async move { stream.next().await.unwrap().unwrap() });
    tokio::task::yield_now().await; // The reader waits.
    events.emit(&7_u32);
    assert_eq!(reader.await.unwrap(), 7);
    assert_eq!(events.listener_count::<u32>(), 0);
}

#[tokio::test]
async fn a_wait_on_the_bus_is_dropped_with_its_listener_and_what_it_holds() {
    let events = Events::new();
    let value = Arc::new(());
    let next = events.wait_for::<Arc<()>>();
    events.emit(&value);
    assert_eq!(
        (
            events.listener_count::<Arc<()>>(),
            Arc::strong_count(&value)
        ),
        (0, 2)
    );
    drop(next);
    assert_eq!(Arc::strong_count(&value), 1);
    let next = events.wait_for::<u8>();
    drop(events);
    assert_eq!(next.await, None);
}
