//! Back-pressure, errors, the end, and being taken down.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use purlin_base::{Classified, ErrorClass};
use purlin_runtime::stream::{Map, Progress, Readable, StreamError, Writable, pipeline};
use tokio_util::sync::CancellationToken;

use super::kit::{Dropped, Numbers, Takes, Then, told};
use crate::gate::poll_once;

#[tokio::test]
async fn a_slow_destination_holds_the_source_back_at_the_high_water_mark() {
    let dropped = Dropped::default();
    let source = Numbers::new(&dropped);
    let given = Arc::clone(&source.given);
    let mut running = pipeline(Readable::stream(source))
        .high_water(5)
        .into(Writable::sink(Takes::new(3, Then::Stalls, &dropped)));
    for _ in 0..10 {
        assert!(poll_once(&mut running).await.is_none());
    }
    // Three were taken, and five wait.
    assert_eq!(given.load(SeqCst), 3 + 5);
}

#[tokio::test]
async fn without_a_mark_of_its_own_a_pipeline_of_objects_waits_at_sixteen() {
    let dropped = Dropped::default();
    let source = Numbers::new(&dropped);
    let given = Arc::clone(&source.given);
    let mut running = pipeline(Readable::stream(source)).into(Writable::sink(Takes::new(
        0,
        Then::Stalls,
        &dropped,
    )));
    assert!(poll_once(&mut running).await.is_none());
    assert_eq!(given.load(SeqCst), 16);
}

#[tokio::test]
async fn when_the_source_fails_everything_is_freed_before_its_error_is_told() {
    let (source_gone, sink_gone) = (Dropped::default(), Dropped::default());
    let mut source = Numbers::new(&source_gone);
    source.fails_after = 10;
    let sink = Takes::new(usize::MAX, Then::Stalls, &sink_gone);
    let closed = Arc::clone(&sink.closed);
    let mut running = pipeline(Readable::stream(source)).into(Writable::sink(sink));
    let error = (&mut running).await.unwrap_err();
    assert!(told(&error).contains("the source broke"), "{error:?}");
    assert_eq!(error.code(), "STREAM_FAILED");
    assert!(source_gone.get() && sink_gone.get());
    assert!(!closed.load(SeqCst), "a broken stream must not look whole");
}

#[tokio::test]
async fn when_the_destination_fails_half_way_the_source_is_freed() {
    let (source_gone, sink_gone) = (Dropped::default(), Dropped::default());
    let source = Readable::stream(Numbers::new(&source_gone));
    let sink = Writable::sink(Takes::new(7, Then::Fails, &sink_gone));
    let error = pipeline(source).into(sink).await.unwrap_err();
    assert!(told(&error).contains("the destination broke"), "{error:?}");
    assert!(source_gone.get() && sink_gone.get());
}

#[tokio::test]
async fn when_a_transform_fails_both_ends_are_freed_and_nothing_more_is_asked_of_it() {
    let (source_gone, sink_gone) = (Dropped::default(), Dropped::default());
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    let third_fails = move |n: usize| {
        seen.fetch_add(1, SeqCst);
        if n == 3 { Err("three") } else { Ok(n) }
    };
    let sink = Takes::new(usize::MAX, Then::Stalls, &sink_gone);
    let error = pipeline(Readable::stream(Numbers::new(&source_gone)))
        .through(Map::new(third_fails))
        .into(Writable::sink(sink))
        .await
        .unwrap_err();
    assert!(told(&error).contains("three"), "{error:?}");
    assert!(source_gone.get() && sink_gone.get());
    assert_eq!(asked.load(SeqCst), 3);
}

#[tokio::test]
async fn a_cancelled_token_takes_a_stalled_pipeline_down() {
    let (source_gone, sink_gone) = (Dropped::default(), Dropped::default());
    let token = CancellationToken::new();
    let mut running = pipeline(Readable::stream(Numbers::new(&source_gone)))
        .cancelled_by(token.clone())
        .into(Writable::sink(Takes::new(1, Then::Stalls, &sink_gone)));
    assert!(poll_once(&mut running).await.is_none());
    token.cancel();
    let error = (&mut running).await.unwrap_err();
    assert!(matches!(error, StreamError::Aborted));
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert!(source_gone.get() && sink_gone.get());
}

#[tokio::test]
async fn a_dropped_pipeline_frees_both_ends() {
    let (source_gone, sink_gone) = (Dropped::default(), Dropped::default());
    let mut running = pipeline(Readable::stream(Numbers::new(&source_gone)))
        .into(Writable::sink(Takes::new(1, Then::Stalls, &sink_gone)));
    assert!(poll_once(&mut running).await.is_none());
    drop(running);
    assert!(source_gone.get() && sink_gone.get());
}

#[tokio::test]
async fn a_pipeline_is_done_only_when_its_destination_is_closed() {
    let dropped = Dropped::default();
    let sink = Takes::new(3, Then::Stalls, &dropped);
    let closed = Arc::clone(&sink.closed);
    let moved = pipeline(Readable::iter([1, 2, 3]))
        .into(Writable::sink(sink))
        .await
        .unwrap();
    assert_eq!((moved.read, moved.written), (3, 3));
    assert!(closed.load(SeqCst) && dropped.get());
}

#[tokio::test]
async fn a_pipeline_that_never_has_to_wait_gives_others_their_turn() {
    let dropped = Dropped::default();
    let sink = Takes::new(usize::MAX, Then::Stalls, &dropped);
    let mut running = pipeline(Readable::stream(Numbers::new(&dropped))).into(Writable::sink(sink));
    // It would never come back otherwise.
    assert!(poll_once(&mut running).await.is_none());
    assert!(poll_once(&mut running).await.is_none());
}

#[tokio::test]
async fn progress_is_told_in_what_was_read_and_written() {
    let mut told = Vec::new();
    let source = Readable::iter(["ab", "cde"].map(bytes::Bytes::from));
    let mut file = Vec::new();
    let moved = pipeline(source)
        .progress(|progress| told.push(progress))
        .into(Writable::writer(&mut file))
        .await
        .unwrap();
    let of = |read, written| Progress { read, written };
    assert_eq!(moved, of(5, 5));
    assert_eq!(told.last(), Some(&of(5, 5)));
    assert_eq!(told.len(), 2);
    assert_eq!(file, b"abcde");
}

#[tokio::test]
async fn more_than_was_to_be_gathered_is_an_error() {
    let error = pipeline(Readable::iter(1..=4))
        .collect(3)
        .await
        .unwrap_err();
    assert!(matches!(error, StreamError::TooMany { chunks_max: 3 }));
    assert_eq!(
        pipeline(Readable::iter(1..=3)).collect(3).await.unwrap(),
        [1, 2, 3]
    );
}
