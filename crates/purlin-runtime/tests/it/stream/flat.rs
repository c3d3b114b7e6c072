//! Memory that stays flat, whatever the size.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use bytes::Bytes;
use purlin_runtime::{
    CpuPool,
    stream::{
        Chunks, Gunzip, Gzip, Hash, Lines, ParallelGzip, Readable, Stage, Transform, Writable,
        pipeline,
    },
};

/// Chunks that count how many bytes of them are alive.
#[derive(Clone, Default)]
struct Alive {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct Chunk {
    bytes: Vec<u8>,
    now: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.now.fetch_sub(self.bytes.len(), SeqCst);
    }
}

const CHUNK_BYTES: usize = 64 * 1024;

impl Alive {
    fn chunk(&self) -> Bytes {
        let now = self.now.fetch_add(CHUNK_BYTES, SeqCst) + CHUNK_BYTES;
        self.most.fetch_max(now, SeqCst);
        Bytes::from_owner(Chunk {
            bytes: b"0123456789abcde\n".repeat(CHUNK_BYTES / 16),
            now: Arc::clone(&self.now),
        })
    }
}

/// Chunks of 64 KiB that were alive at once while 32 MiB went through `stage`.
async fn most_alive<S: Stage<'static, Bytes>>(stage: S) -> usize
where
    S::Out: Send + 'static,
{
    let alive = Alive::default();
    let source = alive.clone();
    let chunks = (0..512).map(move |_| source.chunk());
    let nothing = Writable::for_each(|_| Ok::<_, std::io::Error>(()));
    let running = pipeline(Readable::iter(chunks))
        .through(stage)
        .into(nothing);
    let moved = running.await.unwrap();
    assert_eq!(moved.read, 512 * CHUNK_BYTES as u64);
    assert_eq!(alive.now.load(SeqCst), 0, "something was kept");
    alive.most.load(SeqCst) / CHUNK_BYTES
}

#[tokio::test]
async fn a_stage_holds_a_chunk_or_two_of_what_goes_through() {
    let pool = CpuPool::builder().threads(2).build().unwrap();
    assert!(most_alive(Gzip::level(1).unwrap()).await <= 2);
    assert!(most_alive(Hash::sha256().0).await <= 2);
    assert!(most_alive(Lines::new()).await <= 2);
    assert!(most_alive(Chunks::of(1_000_000)).await <= 2);
    // One is worked on, one is read meanwhile.
    assert!(most_alive(Gzip::level(1).unwrap().on(&pool)).await <= 3);
    // Gathered into blocks of its own.
    assert!(most_alive(ParallelGzip::level(1, &pool).unwrap()).await <= 2);
}

#[tokio::test]
async fn a_bomb_in_front_of_a_slow_reader_is_expanded_no_further_than_the_mark() {
    let pool = CpuPool::builder().threads(1).build().unwrap();
    let zeros = (0..1024).map(|_| Bytes::from(vec![0; CHUNK_BYTES]));
    let bomb = pipeline(Readable::iter(zeros)).through(Gzip::level(1).unwrap());
    let bomb = Bytes::from(bomb.collect(99).await.unwrap().concat());
    let expanded = Arc::new(AtomicUsize::new(0));
    let counted = Counted(Gunzip::new(), Arc::clone(&expanded));
    let (mut sender, slow) = purlin_runtime::stream::pass_through(1);
    sender.send(Bytes::new()).await.unwrap(); // No room.
    let running = pipeline(Readable::iter([bomb]))
        .through(counted.on(&pool))
        .into(sender.into());
    let idle = async {
        // The pool has nothing to do once nobody takes what it made.
        while expanded.load(SeqCst) == 0 || pool.running() + pool.queued() > 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        drop(slow);
    };
    let (moved, ()) = tokio::join!(running, idle);
    moved.unwrap_err();
    assert!(
        expanded.load(SeqCst) <= 5 * CHUNK_BYTES,
        "{} bytes",
        expanded.load(SeqCst)
    );
}

struct Counted(Gunzip, Arc<AtomicUsize>);

impl Transform for Counted {
    type In = Bytes;
    type Out = Bytes;

    fn write(&mut self, chunk: Bytes) -> Result<(), purlin_runtime::stream::StreamError> {
        self.0.write(chunk)
    }

    fn end(&mut self) -> Result<(), purlin_runtime::stream::StreamError> {
        self.0.end()
    }

    fn read(&mut self) -> Result<Option<Bytes>, purlin_runtime::stream::StreamError> {
        let piece = self.0.read()?;
        self.1
            .fetch_add(piece.as_ref().map_or(0, Bytes::len), SeqCst);
        Ok(piece)
    }
}
