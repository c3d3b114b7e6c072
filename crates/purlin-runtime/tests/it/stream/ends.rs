//! Sources, destinations, and the streams in between that have two ends.

use std::io;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use purlin_runtime::stream::{Duplex, Readable, StreamError, Writable, pass_through, pipeline};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::kit::told;
use crate::gate::poll_once;

#[tokio::test]
async fn a_sender_that_is_dropped_before_its_end_is_no_end() {
    let (mut sender, readable) = pass_through(16);
    sender.send(1).await.unwrap();
    drop(sender);
    let error = pipeline(readable).collect(16).await.unwrap_err();
    assert!(matches!(error, StreamError::PrematureClose));
}

#[tokio::test]
async fn what_was_sent_before_the_end_is_read_and_then_the_end() {
    let (mut sender, readable) = pass_through(16);
    sender.send(1).await.unwrap();
    sender.end();
    assert_eq!(pipeline(readable).collect(16).await.unwrap(), [1]);
}

#[tokio::test]
async fn a_sender_can_fail_and_the_reader_is_told_why() {
    let (sender, readable) = pass_through::<u8>(16);
    sender.fail(StreamError::failed("no more paper"));
    let error = pipeline(readable).collect(16).await.unwrap_err();
    assert!(told(&error).contains("no more paper"));
}

#[tokio::test]
async fn a_sender_waits_for_room_and_goes_on_when_there_is_some() {
    let (mut sender, mut readable) = pass_through(2);
    sender.send(1).await.unwrap();
    sender.send(2).await.unwrap();
    let mut third = Box::pin(sender.send(3));
    assert!(poll_once(&mut third).await.is_none());
    assert_eq!(readable.next().await.unwrap().unwrap(), 1);
    assert!(poll_once(&mut third).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_sender_is_told_when_nobody_reads_any_more() {
    let (mut sender, readable) = pass_through(1);
    sender.send(1).await.unwrap();
    let mut stuck = Box::pin(sender.send(2));
    assert!(poll_once(&mut stuck).await.is_none());
    drop(readable);
    assert!(matches!(stuck.await, Err(StreamError::PrematureClose)));
}

#[tokio::test]
async fn a_pipeline_into_a_reader_that_goes_away_ends_though_its_source_is_silent() {
    let (sender, readable) = pass_through::<u8>(1);
    let silent = Readable::stream(futures_util::stream::pending::<io::Result<u8>>());
    let mut running = pipeline(silent).into(sender.into());
    assert!(poll_once(&mut running).await.is_none());
    drop(readable);
    assert!(matches!(running.await, Err(StreamError::PrematureClose)));
}

#[tokio::test]
async fn a_writable_takes_nothing_after_its_end() {
    let mut writable = Writable::for_each(|_: u8| Ok::<_, io::Error>(()));
    writable.send(1).await.unwrap();
    writable.close().await.unwrap();
    assert!(matches!(
        writable.send(2).await,
        Err(StreamError::WriteAfterEnd)
    ));
}

#[tokio::test]
async fn an_io_error_of_a_reader_stays_one() {
    let broken = tokio_test_reader();
    let error = pipeline(broken).collect(16).await.unwrap_err();
    match error {
        StreamError::Io(cause) => assert_eq!(cause.kind(), io::ErrorKind::ConnectionReset),
        other => panic!("{other:?}"),
    }
}

fn tokio_test_reader() -> Readable<'static, Bytes> {
    let reset = || Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset));
    Readable::stream(futures_util::stream::once(async move { reset() }))
}

#[tokio::test]
async fn a_writer_that_takes_no_more_ends_the_pipeline() {
    // A pipe of 8 bytes whose far end is closed after the first.
    let (near, mut far) = tokio::io::duplex(8);
    let source = Readable::iter([Bytes::from_static(b"twelve bytes")]);
    let running = pipeline(source).into(Writable::writer(near));
    let read = async move {
        far.read_u8().await.unwrap();
        drop(far);
    };
    let (moved, ()) = tokio::join!(running, read);
    assert!(
        matches!(moved, Err(StreamError::Io(cause)) if cause.kind() == io::ErrorKind::BrokenPipe)
    );
}

#[tokio::test]
async fn a_duplex_is_written_to_and_read_from_at_the_same_time() {
    let (near, far) = tokio::io::duplex(16);
    let (mut read_far, mut write_far) = tokio::io::split(far);
    // An echo, whose pipe is far smaller than what goes through.
    let echo = purlin_runtime::spawn(async move {
        tokio::io::copy(&mut read_far, &mut write_far)
            .await
            .unwrap();
        write_far.shutdown().await.unwrap();
    });
    let text = Bytes::from(vec![b'x'; 10_000]);
    let chunks = pipeline(Readable::iter([text.clone()]))
        .through(Duplex::io(near))
        .collect(10_000)
        .await
        .unwrap();
    assert_eq!(chunks.concat(), text);
    echo.await.unwrap();
}

#[tokio::test]
async fn a_duplex_that_ends_before_it_was_written_to_the_end_closes_too_early() {
    let (near, far) = Duplex::<u8, u8>::pair(4);
    let (heard, mut answer) = (far.readable, far.writable);
    answer.close().await.unwrap();
    let silent = Readable::stream(futures_util::stream::pending::<io::Result<u8>>());
    let error = pipeline(silent).through(near).collect(1).await.unwrap_err();
    assert!(matches!(error, StreamError::PrematureClose));
    drop(heard);
}

#[tokio::test]
async fn finished_tells_of_the_end_of_the_error_and_of_a_drop() {
    let (readable, finished) = Readable::iter([1]).finished();
    let (writable, written) = Writable::for_each(|_| Ok::<_, io::Error>(())).finished();
    pipeline(readable).into(writable).await.unwrap();
    assert!(finished.await.is_ok() && written.await.is_ok());

    let (readable, finished) = Readable::iter([1]).finished();
    let (writable, written) = Writable::for_each(|_| Err("full")).finished();
    pipeline(readable).into(writable).await.unwrap_err();
    // The source ended with the pipeline, and not by itself.
    assert!(matches!(finished.await, Err(StreamError::PrematureClose)));
    assert!(matches!(written.await, Err(StreamError::Failed(_))));
}

#[tokio::test]
async fn a_file_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    let text = super::kit::prose(1_000_000, 7);
    std::fs::write(&from, &text).unwrap();
    let moved = pipeline(Readable::open(&from).await.unwrap())
        .into(Writable::create(&to).await.unwrap())
        .await
        .unwrap();
    assert_eq!(moved.written, text.len() as u64);
    assert!(std::fs::read(&to).unwrap() == text);
    let error = Readable::open(folder.path().join("none"))
        .await
        .unwrap_err();
    assert!(matches!(error, StreamError::Io(_)));
}
