//! Streams: a file of any size goes through in flat memory, a slow reader holds the source back,
//! and when a part fails everything is closed and one error is told.
//!
//! `cargo run --release -p purlin-examples --example streams`. Give it a number of MiB, and see that
//! the memory does not follow.
#![allow(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use purlin::runtime::{
    CpuPool,
    stream::{
        Gunzip, Hash, Lines, ParallelGzip, Readable, StreamError, Transform, Writable,
        pass_through, pipeline,
    },
};

const LINE: &str = "{\"path\":\"/books\",\"status\":200,\"ms\":3}\n";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mebibytes: usize = std::env::args()
        .nth(1)
        .map_or(Ok(64), |text| text.parse())?;
    let folder =
        std::env::temp_dir().join(format!("purlin-example-streams-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let shown = show(&folder, mebibytes).await;
    std::fs::remove_dir_all(&folder)?;
    shown
}

async fn show(folder: &Path, mebibytes: usize) -> Result<(), Box<dyn Error>> {
    let pool = CpuPool::builder().build()?;
    let packed = folder.join("log.gz");
    let lines = mebibytes * 1024 * 1024 / LINE.len();
    let before = resident_kb();
    let written = pack(&packed, lines, &pool).await?;
    println!("{mebibytes} MiB of lines became {written} bytes of gzip");
    println!("and are {} lines again", count(&packed, &pool).await?);
    println!(
        "with {} KiB more memory",
        resident_kb().saturating_sub(before)
    );

    let (taken, given) = slow_reader().await?;
    println!("\na reader took {taken} chunks; the source was asked for {given}");

    let half = std::fs::read(&packed)?;
    std::fs::write(&packed, &half[..half.len() / 2])?;
    match count(&packed, &pool).await {
        Err(error @ StreamError::Truncated { .. }) => println!("\nhalf a file: {error}"),
        other => println!("\nhalf a file was taken for whole: {other:?}"),
    }
    pool.close().await;
    Ok(())
}

/// Lines, hashed and compressed on every core while they are made; the bytes that came out.
async fn pack(to: &Path, lines: usize, pool: &CpuPool) -> Result<u64, StreamError> {
    let (hash, hashed) = Hash::sha256();
    let block = LINE.repeat(1000);
    let blocks = (0..lines.div_ceil(1000)).map(move |n| {
        let lines_here = (lines - n * 1000).min(1000);
        bytes::Bytes::copy_from_slice(&block.as_bytes()[..lines_here * LINE.len()])
    });
    let moved = pipeline(Readable::iter(blocks))
        .through(hash.on(pool))
        .through(ParallelGzip::level(6, pool)?)
        .into(Writable::create(to).await?)
        .await?;
    let hash = hashed.bytes().unwrap_or_default();
    println!("SHA-256 of the lines: {:02x?}…", &hash[..hash.len().min(4)]);
    Ok(moved.written)
}

/// The lines of a compressed file, none of which are kept.
async fn count(packed: &Path, pool: &CpuPool) -> Result<usize, StreamError> {
    let mut lines = 0;
    pipeline(Readable::open(packed).await?)
        .through(Gunzip::new().on(pool))
        .through(Lines::new())
        .into(Writable::for_each(|_| {
            lines += 1;
            Ok::<_, StreamError>(())
        }))
        .await?;
    Ok(lines)
}

/// A source that could give without end, and a reader that takes three and goes: what it took, and
/// what the source was asked for.
async fn slow_reader() -> Result<(usize, usize), StreamError> {
    let given = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&given);
    let endless = std::iter::repeat_with(move || counter.fetch_add(1, Relaxed));
    let (sender, mut reader) = pass_through(4);
    let running = pipeline(Readable::iter(endless))
        .high_water(4)
        .into(sender.into());
    let reading = async move {
        use futures_util::StreamExt;
        let mut taken = 0;
        while taken < 3 && reader.next().await.is_some() {
            taken += 1;
        }
        taken // Here the reader is dropped.
    };
    let (moved, taken) = tokio::join!(running, reading);
    match moved {
        Err(StreamError::PrematureClose) => Ok((taken, given.load(Relaxed))),
        Err(error) => Err(error),
        Ok(_) => Ok((taken, usize::MAX)),
    }
}

/// Resident memory at its most; 0 where the system does not say.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        let name = format!("purlin-example-streams-test-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[tokio::test]
    async fn memory_stays_flat_and_half_a_file_is_told() {
        let folder = folder();
        let pool = CpuPool::builder().threads(2).build().unwrap();
        let packed = folder.join("log.gz");
        let lines = 64 * 1024 * 1024 / LINE.len();
        let before = resident_kb();
        pack(&packed, lines, &pool).await.unwrap();
        assert_eq!(count(&packed, &pool).await.unwrap(), lines);
        let grown = resident_kb().saturating_sub(before);
        assert!(
            grown < 32 * 1024,
            "64 MiB went through, and memory grew by {grown} KiB"
        );

        let whole = std::fs::read(&packed).unwrap();
        std::fs::write(&packed, &whole[..whole.len() / 2]).unwrap();
        let half = count(&packed, &pool).await;
        assert!(matches!(half, Err(StreamError::Truncated { .. })));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_slow_reader_holds_the_source_back() {
        let (taken, given) = slow_reader().await.unwrap();
        assert_eq!(taken, 3);
        assert!(given <= 3 + 4 + 4 + 1, "{given}");
    }
}
