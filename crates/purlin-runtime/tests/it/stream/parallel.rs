//! Gzip on every core.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use purlin_runtime::{
    CpuPool,
    stream::{Gunzip, Gzip, ParallelGzip, Readable, Stage, StreamError, pipeline},
};

use super::kit::{Dropped, odd_chunks, prose};
use crate::gate::{poll_once, small_pool};

async fn through<S>(chunks: Vec<Bytes>, stage: S) -> Vec<u8>
where
    S: Stage<'static, Bytes, Out = Bytes>,
{
    let made = pipeline(Readable::iter(chunks))
        .through(stage)
        .collect(100_000);
    made.await.unwrap().concat()
}

fn pool(threads: usize) -> CpuPool {
    CpuPool::builder().threads(threads).build().unwrap()
}

#[tokio::test]
async fn one_member_comes_out_that_any_gunzip_reads() {
    let pool = pool(3);
    let block = ParallelGzip::BLOCK_BYTES;
    let text = prose(5 * block + 17, 11);
    // Nothing, less than a block, whole blocks, and a rest.
    for length in [
        0,
        1,
        1000,
        block - 1,
        block,
        block + 1,
        2 * block,
        text.len(),
    ] {
        for level in [0, 1, 6, 9] {
            let gzip = ParallelGzip::level(level, &pool).unwrap();
            let packed = through(odd_chunks(&text[..length]), gzip).await;
            let mut read = Vec::new();
            let mut decoder = GzDecoder::new(&packed[..]);
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == text[..length], "{length} bytes at level {level}");
            assert!(decoder.into_inner().is_empty(), "more than one member");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_made_smaller_goes_through_too() {
    let mut state = 0x9e37_79b9_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(1_000_000)
    .collect();
    // At level 1 the compressor does not look whether storing would be shorter.
    for (level, percent) in [(0, 1), (1, 6), (9, 1)] {
        let gzip = ParallelGzip::level(level, &pool(2)).unwrap();
        let packed = through(odd_chunks(&noise), gzip).await;
        assert!(packed.len() < noise.len() + noise.len() * percent / 100);
        assert!(through(vec![packed.into()], Gunzip::new()).await == noise);
    }
}

#[tokio::test]
async fn it_is_as_small_as_from_one_thread_within_three_percent_whatever_the_threads() {
    let text = prose(3_000_000, 12);
    let single = through(odd_chunks(&text), Gzip::level(6).unwrap()).await;
    let mut packed = Vec::new();
    for threads in [1, 4] {
        let gzip = ParallelGzip::level(6, &pool(threads)).unwrap();
        packed.push(through(odd_chunks(&text), gzip).await);
    }
    assert!(packed[0] == packed[1]);
    let (single, parallel) = (single.len(), packed[0].len());
    assert!(
        parallel * 100 <= single * 103,
        "{parallel} bytes, {single} from one thread"
    );
}

#[tokio::test]
async fn no_more_blocks_are_read_than_may_be_there_at_once() {
    let pool = small_pool(100);
    let gate = crate::gate::Gate::hold(&pool).await;
    let mut given = 0;
    let endless = std::iter::from_fn(|| {
        given += 1;
        Some(Bytes::from(vec![0; ParallelGzip::BLOCK_BYTES]))
    });
    let gzip = ParallelGzip::level(1, &pool).unwrap();
    let mut collecting = Box::pin(pipeline(Readable::iter(endless)).through(gzip).collect(9));
    for _ in 0..10 {
        assert!(poll_once(&mut collecting).await.is_none());
    }
    drop(collecting);
    assert_eq!(given, 2, "twice the one thread");
    gate.open().await;
}

#[tokio::test]
async fn a_source_that_fails_ends_it_and_frees_everything() {
    let dropped = Dropped::default();
    let teller = dropped.teller();
    let blocks = (0..3).map(move |n| {
        let _held = &teller;
        match n {
            2 => Err(StreamError::PrematureClose),
            _ => Ok(Bytes::from(vec![0; ParallelGzip::BLOCK_BYTES])),
        }
    });
    let source = Readable::stream(futures_util::stream::iter(blocks));
    let gzip = ParallelGzip::level(1, &pool(2)).unwrap();
    let error = pipeline(source).through(gzip).collect(9).await.unwrap_err();
    assert!(matches!(error, StreamError::PrematureClose));
    assert!(dropped.get());
}

#[tokio::test]
async fn a_chunk_of_any_size_is_cut_into_no_more_blocks_at_once() {
    let pool = small_pool(100);
    let gate = crate::gate::Gate::hold(&pool).await;
    let large = Bytes::from(vec![0; 20 * ParallelGzip::BLOCK_BYTES]);
    let gzip = ParallelGzip::level(1, &pool).unwrap();
    let mut collecting = Box::pin(pipeline(Readable::iter([large])).through(gzip).collect(99));
    for _ in 0..10 {
        assert!(poll_once(&mut collecting).await.is_none());
    }
    assert_eq!(pool.queued(), 2);
    gate.open().await;
    assert_eq!(
        collecting.await.unwrap().len(),
        20 + 2,
        "a head, blocks, and a trailer"
    );
}
