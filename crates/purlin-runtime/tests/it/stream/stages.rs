//! Lines, chunks, hashes, a second destination, and a pace.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_base::time::{ManualClock, Timestamp};
use purlin_runtime::stream::{
    Batches, Chunks, Hash, Lines, Readable, StreamError, Tee, Throttle, Writable, pipeline,
};

use super::kit::{Dropped, Takes, Then, odd_chunks, prose};
use crate::gate::poll_once;

#[tokio::test]
async fn lines_are_the_same_however_the_bytes_were_cut() {
    let text = prose(200_000, 21);
    let expected: Vec<&[u8]> = text
        .strip_suffix(b"\n")
        .unwrap_or(&text)
        .split(|b| *b == b'\n')
        .collect();
    let lines = pipeline(Readable::iter(odd_chunks(&text))).through(Lines::new());
    assert!(lines.collect(usize::MAX).await.unwrap() == expected);
    for (bytes, expected) in [
        ("", &[][..]),
        ("\n", &[""][..]),
        ("a\r\nb", &["a", "b"][..]),
        ("a\r\n", &["a"][..]),
        ("\r\n\r\n", &["", ""][..]),
    ] {
        let each = bytes.bytes().map(|byte| Bytes::from(vec![byte]));
        let lines = pipeline(Readable::iter(each)).through(Lines::new());
        assert_eq!(lines.collect(9).await.unwrap(), expected, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_line_without_an_end_is_an_error_at_the_bound_and_not_in_memory() {
    let just = pipeline(Readable::reader(&b"12345678\r\n1\n"[..]));
    let lines = just
        .through(Lines::new().bytes_max(8))
        .collect(9)
        .await
        .unwrap();
    assert_eq!(lines, ["12345678", "1"]);
    let mut given = 0;
    let endless = std::iter::from_fn(|| {
        given += 1;
        Some(Bytes::from_static(&[b'x'; 1000]))
    });
    let error = pipeline(Readable::iter(endless))
        .through(Lines::new().bytes_max(10_000))
        .collect(9)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        StreamError::RecordTooLong {
            record: 1,
            bytes_max: 10_000
        }
    ));
    assert!(given <= 12, "{given} chunks of 1000 bytes were read");
}

#[tokio::test]
async fn chunks_have_one_length_however_the_bytes_were_cut() {
    let text = prose(300_000, 22);
    for bytes in [1_000, 65_536, 100_001] {
        let chunks = pipeline(Readable::iter(odd_chunks(&text))).through(Chunks::of(bytes));
        let chunks = chunks.collect(usize::MAX).await.unwrap();
        assert!(chunks.iter().eq(text.chunks(bytes)), "{bytes}");
    }
}

#[tokio::test]
async fn batches_hold_what_they_should_and_the_last_the_rest() {
    let batches = pipeline(Readable::iter(0..7)).through(Batches::of(3));
    let batches = batches.collect(9).await.unwrap();
    assert_eq!(batches, [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
}

#[tokio::test]
async fn a_hash_is_told_at_the_end_and_never_of_a_part() {
    let (hash, hashed) = Hash::sha512();
    let text = Readable::iter(["a", "b", "c"].map(Bytes::from));
    let passed = pipeline(text).through(hash).collect(9).await.unwrap();
    assert_eq!(passed.concat(), b"abc");
    // FIPS 180-2, appendix C.1.
    assert_eq!(hashed.bytes().unwrap()[..4], [0xdd, 0xaf, 0x35, 0xa1]);

    let (hash, hashed) = Hash::sha256();
    let broken = [
        Ok(Bytes::from_static(b"a")),
        Err(StreamError::PrematureClose),
    ];
    let source = Readable::stream(futures_util::stream::iter(broken));
    pipeline(source).through(hash).collect(9).await.unwrap_err();
    assert_eq!(hashed.bytes(), None);
}

#[tokio::test]
async fn a_tee_goes_at_the_pace_of_the_slower_and_fails_with_either() {
    let dropped = Dropped::default();
    let mut given = 0;
    let numbers = std::iter::from_fn(|| {
        given += 1;
        Some(given)
    });
    let slow = Writable::sink(Takes::new(5, Then::Stalls, &dropped));
    let tee = pipeline(Readable::iter(numbers)).through(Tee::to(slow));
    let mut collecting = Box::pin(tee.collect(1000));
    assert!(poll_once(&mut collecting).await.is_none());
    drop(collecting);
    assert_eq!(given, 5);
    assert!(dropped.get());

    let broken = Writable::sink(Takes::new(2, Then::Fails, &Dropped::default()));
    let tee = pipeline(Readable::iter(0..9)).through(Tee::to(broken));
    assert!(matches!(tee.collect(9).await, Err(StreamError::Failed(_))));
}

#[tokio::test]
async fn a_tee_closes_its_other_destination_before_the_end_goes_on() {
    let dropped = Dropped::default();
    let other = Takes::new(9, Then::Stalls, &dropped);
    let closed = Arc::clone(&other.closed);
    let tee = pipeline(Readable::iter(0..3)).through(Tee::to(Writable::sink(other)));
    assert_eq!(tee.collect(3).await.unwrap(), [0, 1, 2]);
    assert!(closed.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn a_throttle_lets_through_what_its_time_allows_and_no_more() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let throttle = Throttle::new(1_000, Arc::new(clock.clone()));
    let source = Readable::iter([Bytes::from(vec![1; 1_000])]);
    let mut passed = 0;
    let mut running =
        pipeline(source)
            .through(throttle)
            .into(Writable::for_each(|chunk: Bytes| {
                passed += chunk.len();
                Ok::<_, StreamError>(())
            }));
    let mut done = Vec::new();
    for _ in 0..10 {
        done.push(poll_once(&mut running).await.is_some());
        clock.advance(Duration::from_millis(50));
        done.push(poll_once(&mut running).await.is_some());
        clock.advance(Duration::from_millis(50));
    }
    drop(running);
    assert_eq!(passed, 1_000);
    // A tenth passes at once, so the last begins after nine tenths of the second.
    assert_eq!(done.iter().position(|done| *done), Some(18));
}
