//! What a soak does in each of its rounds: a little of everything.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use purlin::{
    diagnostics::Cache,
    runtime::{
        CpuPool, EventEmitter, Events, Worker, WorkerPool,
        event_loop::{EventLoop, EventLoopGroup, Raised},
        events::Event,
        stream::{Gunzip, Gzip, Lines, Readable, StreamError, Transform, Writable, pipeline},
    },
};
use tokio::sync::oneshot;

use crate::Outcome;

/// Keys that are asked for; the cache has room for a tenth.
const KEYS: u64 = 10_000;

const PLACED: Event<u64> = Event::new("placed");

const WITHIN: Duration = Duration::from_secs(10);

/// What lives as long as the soak.
pub(crate) struct Load {
    pool: CpuPool,
    workers: WorkerPool<u64>,
    events: Events,
    cache: Cache<u64, Arc<[u8]>>,
    loops: EventLoopGroup,
}

impl Load {
    pub(crate) fn begin() -> Outcome<Self> {
        // A loop that nothing holds would end.
        let hold = |event_loop: &EventLoop, _| {
            event_loop.set_interval(Duration::from_millis(10), |_, _| ());
        };
        Ok(Self {
            pool: CpuPool::builder().threads(2).build()?,
            workers: WorkerPool::builder("soak").threads(2).build(|| 0_u64)?,
            events: Events::new(),
            cache: Cache::builder().entries_max(KEYS as usize / 10).build()?,
            loops: EventLoopGroup::builder().loops(1).start(hold)?,
        })
    }

    /// One round; `number` makes it differ from the others.
    pub(crate) async fn round(&self, number: u64) -> Outcome<()> {
        self.turn_loop().await?;
        self.tell(number).await?;
        emit(number)?;
        self.stream(number).await?;
        self.work(number).await?;
        self.ask_cache(number).await?;
        Ok(())
    }

    /// Ends what the load began.
    pub(crate) async fn end(self) -> Outcome<()> {
        self.pool.close().await;
        self.workers.close(WITHIN).await?;
        self.loops.stop();
        for ended in self.loops.join() {
            ended?;
        }
        Ok(())
    }

    /// Ticks, microtasks, immediates, timers, some of which never fire, and a local future.
    async fn turn_loop(&self) -> Outcome<()> {
        let (done, ended) = oneshot::channel();
        let handle = self.loops.handles().next().ok_or("there is a loop")?;
        handle.post(move |event_loop| {
            for _ in 0..100 {
                event_loop.next_tick(|_| ());
                event_loop.queue_microtask(|_| ());
                event_loop.set_immediate(|_| ());
                event_loop.set_timeout(Duration::from_millis(1), |_| ());
                event_loop
                    .set_timeout(Duration::from_secs(3_600), |_| ())
                    .clear();
            }
            let here = event_loop.clone();
            event_loop.spawn_local(async move {
                here.sleep(Duration::from_millis(2)).await;
                let _ = done.send(());
                Ok::<_, Raised>(())
            });
        })?;
        Ok(ended.await?)
    }

    /// Listeners of the bus that come and go, a stream of events, and one that is waited for.
    async fn tell(&self, number: u64) -> Outcome<()> {
        let sum = Arc::new(AtomicU64::new(0));
        let add = |sum: &Arc<AtomicU64>| {
            let sum = Arc::clone(sum);
            move |number: &u64| _ = sum.fetch_add(*number, Relaxed)
        };
        let subscriptions: Vec<_> = (0..8).map(|_| self.events.on(add(&sum))).collect();
        let stream = self.events.stream::<u64>(4);
        let next = self.events.wait_for::<u64>();
        for _ in 0..100 {
            self.events.emit(&number);
        }
        drop((subscriptions, stream));
        let heard = next.await.ok_or("the bus is gone")?;
        match (heard == number, sum.load(Relaxed) == 800 * number) {
            (true, true) => Ok(()),
            _ => Err("an event was lost".into()),
        }
    }

    /// Lines through gzip and back, on the pool.
    async fn stream(&self, number: u64) -> Outcome<()> {
        let block = Bytes::from(format!("{number}\n").repeat(2_000));
        let mut lines = 0_u32;
        pipeline(Readable::iter((0..16).map(|_| block.clone())))
            .through(Gzip::level(1)?.on(&self.pool))
            .through(Gunzip::new().on(&self.pool))
            .through(Lines::new())
            .into(Writable::for_each(|_| {
                lines += 1;
                Ok::<_, StreamError>(())
            }))
            .await?;
        match lines {
            32_000 => Ok(()),
            _ => Err(format!("{lines} lines came through").into()),
        }
    }

    /// Jobs on both pools, and each twentieth time a worker that is begun and ends.
    async fn work(&self, number: u64) -> Outcome<()> {
        let count = |seen: &mut u64, _: &_| {
            *seen += 1;
            vec![1_u8; 4_096]
        };
        self.workers.run("count", count).await?;
        self.pool
            .run("sum", move || (0..number % 1_000).sum::<u64>())
            .await?;
        if !number.is_multiple_of(20) {
            return Ok(());
        }
        let builder = Worker::builder("visitor").inbox_max(2);
        let mut worker = builder.spawn((), |(), port| {
            while let Some(word) = port.recv() {
                let word: String = word;
                port.post(word.len())?;
            }
            Ok(())
        })?;
        worker.post("a word".to_owned()).await?;
        worker.close_inbox();
        while worker.next_event().await.is_some() {}
        Ok(())
    }

    /// More keys than there is room for, and tasks that want the same one.
    async fn ask_cache(&self, number: u64) -> Outcome<()> {
        for step in 0..100 {
            let key = (number * 31 + step * 97) % KEYS;
            let load = async || Ok::<_, Infallible>(vec![0; 1_024].into());
            self.cache.get_or_load(&key, load).await?;
        }
        let tasks: Vec<_> = (0..4).map(|_| self.ask_for(number)).collect();
        for task in tasks {
            task.await?;
        }
        Ok(())
    }

    fn ask_for(&self, number: u64) -> tokio::task::JoinHandle<()> {
        let cache = self.cache.clone();
        purlin::spawn(async move {
            let load = async || {
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Arc::from([0; 64]))
            };
            let Ok(_) = cache.get_or_load(&(KEYS + number), load).await;
        })
    }
}

/// An emitter that is made, listened to, and gone.
fn emit(number: u64) -> Outcome<()> {
    let emitter = EventEmitter::new();
    for _ in 0..4 {
        emitter.on(PLACED, |_| ())?;
        emitter.once(PLACED, |_| ())?;
    }
    for _ in 0..50 {
        emitter.emit(PLACED, &number)?;
    }
    Ok(())
}
