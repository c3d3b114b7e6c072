//! Compression and decompression, and what a damaged stream comes to.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use purlin_base::Classified;
use purlin_runtime::stream::{Gunzip, Gzip, Readable, Stage, StreamError, Transform, pipeline};

use super::kit::{odd_chunks, prose};
use crate::gate::small_pool;

async fn through<S>(chunks: Vec<Bytes>, stage: S) -> Result<Vec<u8>, StreamError>
where
    S: Stage<'static, Bytes, Out = Bytes>,
{
    let made = pipeline(Readable::iter(chunks))
        .through(stage)
        .collect(100_000)
        .await?;
    Ok(made.concat())
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn any_gunzip_reads_what_gzip_writes_at_every_level() {
    let text = prose(300_000, 1);
    for level in 0..=9 {
        let packed = through(odd_chunks(&text), Gzip::level(level).unwrap())
            .await
            .unwrap();
        let mut read = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut read).unwrap();
        assert!(read == text, "level {level}");
    }
    assert!(matches!(
        Gzip::level(10),
        Err(StreamError::Option {
            option: "level",
            ..
        })
    ));
}

#[tokio::test]
async fn gunzip_reads_members_one_after_the_other_and_padding_behind_them() {
    let text = prose(200_000, 2);
    let (first, second) = text.split_at(70_000);
    let packed = [gzipped(first), gzipped(second), vec![0; 512]].concat();
    assert!(through(odd_chunks(&packed), Gunzip::new()).await.unwrap() == text);
    // Byte by byte, so that every border is one of a chunk too.
    let small = [gzipped(b"one"), gzipped(b""), gzipped(b"two"), vec![0; 3]].concat();
    let bytes = small.iter().map(|byte| Bytes::from(vec![*byte])).collect();
    assert_eq!(through(bytes, Gunzip::new()).await.unwrap(), b"onetwo");
}

#[tokio::test]
async fn a_gzip_stream_that_is_cut_anywhere_is_truncated() {
    let packed = gzipped(&prose(5_000, 3));
    for length in 0..packed.len() {
        let error = through(
            vec![Bytes::copy_from_slice(&packed[..length])],
            Gunzip::new(),
        )
        .await;
        assert!(
            matches!(error, Err(StreamError::Truncated { format: "gzip" })),
            "cut at {length}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_changed_byte_in_a_gzip_stream_never_changes_what_is_read() {
    let text = prose(5_000, 4);
    let packed = gzipped(&text);
    // The time, the flags of the compressor and the system stand in the head and mean nothing.
    let meaningless = 4..10;
    for at in (0..packed.len()).filter(|at| !meaningless.contains(at)) {
        let mut changed = packed.clone();
        changed[at] ^= 0x10;
        let read = through(vec![changed.into()], Gunzip::new()).await;
        // Some changes lead to the same text: a reference to the same word elsewhere.
        assert!(read.is_err() || read.unwrap() == text, "byte {at}");
    }
    let mut changed = packed.clone();
    let checksum = packed.len() - 8;
    changed[checksum] ^= 1;
    let error = through(vec![changed.into()], Gunzip::new())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "STREAM_CORRUPT");
    assert!(
        error.to_string().contains("incorrect data check"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_no_gzip_is_corrupt_and_what_follows_it_is_garbage() {
    let error = through(vec![Bytes::from_static(b"plain text")], Gunzip::new()).await;
    assert!(matches!(
        error,
        Err(StreamError::Corrupt { format: "gzip", .. })
    ));
    let followed = [gzipped(b"text"), b"and more".to_vec()].concat();
    let error = through(vec![followed.into()], Gunzip::new()).await;
    assert!(matches!(
        error,
        Err(StreamError::TrailingGarbage { format: "gzip" })
    ));
}

#[tokio::test]
async fn a_bomb_comes_out_in_small_pieces_and_ends_at_its_bound() {
    let bomb = gzipped(&vec![0; 20_000_000]);
    assert!(bomb.len() < 30_000);
    let mut gunzip = Gunzip::new().bytes_max(10_000_000);
    gunzip.write(bomb.clone().into()).unwrap();
    let mut total = 0;
    let error = loop {
        match gunzip.read() {
            Ok(piece) => {
                let length = piece.expect("the bound is reached first").len();
                assert!(length <= 64 * 1024);
                total += length;
            }
            Err(error) => break error,
        }
    };
    assert!(total <= 10_000_000);
    assert!(matches!(
        error,
        StreamError::TooLarge {
            bytes_max: 10_000_000,
            ..
        }
    ));
    let exact = Gunzip::new().bytes_max(20_000_000);
    assert_eq!(
        through(vec![bomb.into()], exact).await.unwrap().len(),
        20_000_000
    );
}

#[tokio::test]
async fn on_the_pool_the_same_comes_out_in_the_same_order() {
    let text = prose(1_000_000, 5);
    let pool = small_pool(4);
    let packed = through(odd_chunks(&text), Gzip::level(1).unwrap().on(&pool))
        .await
        .unwrap();
    let here = through(odd_chunks(&text), Gzip::level(1).unwrap())
        .await
        .unwrap();
    assert!(packed == here);
    let read = through(odd_chunks(&packed), Gunzip::new().on(&pool))
        .await
        .unwrap();
    assert!(read == text);
    let cut = odd_chunks(&packed[..packed.len() - 1]);
    let error = through(cut, Gunzip::new().on(&pool)).await;
    assert!(matches!(error, Err(StreamError::Truncated { .. })));
}

#[tokio::test]
async fn a_slow_stream_is_decompressed_as_it_comes() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(b"first").unwrap();
    encoder.flush().unwrap();
    let mut gunzip = Gunzip::new();
    gunzip.write(encoder.get_ref().clone().into()).unwrap();
    assert_eq!(gunzip.read().unwrap().unwrap(), "first");
}

struct Panics;

impl Transform for Panics {
    type In = Bytes;
    type Out = Bytes;

    fn write(&mut self, _: Bytes) -> Result<(), StreamError> {
        panic!("a fault of the transform")
    }

    fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_transform_that_panics_on_the_pool_ends_its_pipeline_alone() {
    let pool = small_pool(4);
    let error = through(vec![Bytes::from_static(b"x")], Panics.on(&pool))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "CPU_POOL_JOB_PANICKED");
    assert_eq!(pool.run("next", || 1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_closed_pool_ends_the_pipeline() {
    let pool = small_pool(4);
    pool.close().await;
    let gzip = Gzip::level(1).unwrap().on(&pool);
    let error = through(vec![Bytes::from_static(b"x")], gzip)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "CPU_POOL_CLOSED");
}

#[cfg(feature = "brotli")]
#[tokio::test]
async fn brotli_goes_there_and_back_and_its_damage_is_told() {
    use purlin_runtime::stream::{Brotli, Unbrotli};

    let text = prose(300_000, 6);
    let packed = through(odd_chunks(&text), Brotli::level(4).unwrap())
        .await
        .unwrap();
    assert!(packed.len() < text.len() / 2);
    assert!(through(odd_chunks(&packed), Unbrotli::new()).await.unwrap() == text);
    let cut = odd_chunks(&packed[..packed.len() - 1]);
    let error = through(cut, Unbrotli::new()).await;
    assert!(
        matches!(error, Err(StreamError::Truncated { format: "brotli" })),
        "{error:?}"
    );
    let error = through(vec![Bytes::from_static(&[0xff; 64])], Unbrotli::new()).await;
    assert!(
        matches!(
            error,
            Err(StreamError::Corrupt {
                format: "brotli",
                ..
            })
        ),
        "{error:?}"
    );
    let followed = [packed, b"more".to_vec()].concat();
    let error = through(vec![followed.into()], Unbrotli::new()).await;
    assert!(
        matches!(error, Err(StreamError::TrailingGarbage { .. })),
        "{error:?}"
    );
    let bomb = through(vec![vec![0; 5_000_000].into()], Brotli::level(4).unwrap())
        .await
        .unwrap();
    let error = through(vec![bomb.into()], Unbrotli::new().bytes_max(1_000_000)).await;
    assert!(
        matches!(error, Err(StreamError::TooLarge { .. })),
        "{error:?}"
    );
}

#[cfg(feature = "zstd")]
#[tokio::test]
async fn zstd_goes_there_and_back_and_its_damage_is_told() {
    use purlin_runtime::stream::{Unzstd, Zstd};

    let text = prose(300_000, 7);
    let packed = through(odd_chunks(&text), Zstd::level(3).unwrap())
        .await
        .unwrap();
    assert!(packed.len() < text.len() / 2);
    let twice = [packed.clone(), packed.clone()].concat();
    let read = through(odd_chunks(&twice), Unzstd::new().unwrap())
        .await
        .unwrap();
    assert!(read == [text.clone(), text].concat());
    for length in [0, 1, 100, packed.len() / 2, packed.len() - 1] {
        let cut = vec![Bytes::copy_from_slice(&packed[..length])];
        let error = through(cut, Unzstd::new().unwrap()).await;
        assert!(
            matches!(error, Err(StreamError::Truncated { .. })),
            "{length}: {error:?}"
        );
    }
    let mut changed = packed.clone();
    changed[packed.len() - 1] ^= 1;
    let error = through(vec![changed.into()], Unzstd::new().unwrap()).await;
    assert!(
        matches!(error, Err(StreamError::Corrupt { format: "zstd", .. })),
        "{error:?}"
    );
    let bomb = through(vec![vec![0; 5_000_000].into()], Zstd::level(1).unwrap())
        .await
        .unwrap();
    let unzstd = Unzstd::new().unwrap().bytes_max(1_000_000);
    let error = through(vec![bomb.into()], unzstd).await;
    assert!(
        matches!(error, Err(StreamError::TooLarge { .. })),
        "{error:?}"
    );
}
