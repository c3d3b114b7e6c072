//! A shared store that is away: what is done, and how it shows.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};

use purlin_base::{BoxFuture, Classified, ErrorClass};
use purlin_http::limit::{Limit, StoreAway, WhenAway};

use super::*;

/// A store that a test takes away.
struct Fickle {
    inner: MemoryStore,
    away: AtomicBool,
    asked: AtomicU32,
}

impl LimitStore for Fickle {
    fn take<'a>(
        &'a self,
        key: StoreKey<'a>,
        quota: &'a Quota,
        cost: u32,
    ) -> BoxFuture<'a, Result<Decision, StoreAway>> {
        self.asked.fetch_add(1, Relaxed);
        Box::pin(async move {
            match self.away.load(Relaxed) {
                true => Err(StoreAway("gone".into())),
                false => Ok(self.inner.take(key, quota, cost)),
            }
        })
    }
}

fn fickle(when_away: WhenAway) -> (Arc<Fickle>, Limit, ManualClock) {
    let clock = clock();
    let store = Arc::new(Fickle {
        inner: MemoryStore::with(1_000, Arc::new(clock.clone())),
        away: AtomicBool::new(false),
        asked: AtomicU32::new(0),
    });
    let limit = Limit::builder(Quota::per_hour(3))
        .name("api")
        .shared(Arc::clone(&store) as _);
    let limit = limit.clock(Arc::new(clock.clone())).when_away(when_away);
    (store, limit.build().unwrap(), clock)
}

async fn passed(limit: &Limit, times: u32) -> u32 {
    let mut passed = 0;
    for _ in 0..times {
        passed += u32::from(limit.check("ada").await.is_ok());
    }
    passed
}

#[tokio::test]
async fn the_process_limits_alone_while_the_store_is_away() {
    let (store, limit, _) = fickle(WhenAway::Local);
    assert_eq!(passed(&limit, 2).await, 2);
    store.away.store(true, Relaxed);
    assert_eq!(passed(&limit, 10).await, 3);
    let seen = limit.snapshot();
    assert!(seen.away);
    assert_eq!((seen.store_failures, seen.without_store), (1, 10));
    assert_eq!((seen.allowed, seen.refused), (5, 7));
}

#[tokio::test]
async fn everything_passes_where_that_was_chosen() {
    let (store, limit, _) = fickle(WhenAway::Open);
    store.away.store(true, Relaxed);
    assert_eq!(passed(&limit, 10).await, 10);
}

#[tokio::test]
async fn everything_is_refused_as_unavailable_where_that_was_chosen() {
    let (store, limit, _) = fickle(WhenAway::Closed);
    store.away.store(true, Relaxed);
    let error = limit.check("ada").await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert_eq!(error.code(), "RATE_LIMIT_STORE_AWAY");
    assert_eq!(error.retry_after(), Some(millis(1_000)));
}

#[tokio::test]
async fn an_absent_store_is_asked_once_a_second_and_used_again_when_it_is_back() {
    let (store, limit, clock) = fickle(WhenAway::Open);
    store.away.store(true, Relaxed);
    passed(&limit, 50).await;
    assert_eq!(store.asked.load(Relaxed), 1);
    clock.advance(millis(1_000));
    passed(&limit, 50).await;
    assert_eq!(store.asked.load(Relaxed), 2);
    store.away.store(false, Relaxed);
    clock.advance(millis(1_000));
    assert_eq!(passed(&limit, 50).await, 3);
    assert!(!limit.snapshot().away);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_change_is_logged_once() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let (store, limit, clock) = fickle(WhenAway::Local);
    store.away.store(true, Relaxed);
    for _ in 0..3 {
        passed(&limit, 5).await;
        clock.advance(millis(1_000));
    }
    store.away.store(false, Relaxed);
    passed(&limit, 5).await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("is away").count(), 1, "{text}");
    assert_eq!(
        text.matches("each process limits alone").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("is back").count(), 1, "{text}");
}
