//! A cache that cannot become a leak.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use purlin_base::{
    live,
    time::{ManualClock, Timestamp},
};
use purlin_diagnostics::{Cache, DiagnosticsError};
use tokio::sync::Notify;

const MINUTE: Duration = Duration::from_secs(60);

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::UNIX_EPOCH)
}

#[test]
fn what_was_unused_longest_goes_first() {
    let cache = Cache::builder().entries_max(2).build().unwrap();
    cache.insert("a", 1);
    cache.insert("b", 2);
    assert_eq!(cache.get(&"a"), Some(1));
    cache.insert("c", 3);
    assert_eq!(
        ["a", "b", "c"].map(|key| cache.get(&key)),
        [Some(1), None, Some(3)]
    );
    let stats = cache.stats();
    assert_eq!(
        (stats.entries, stats.evictions, stats.hits, stats.misses),
        (2, 1, 3, 1)
    );
}

#[test]
fn an_entry_is_good_until_its_time_and_its_memory_is_given_back() {
    let clock = clock();
    let cache = Cache::builder()
        .ttl(MINUTE)
        .clock(clock.clone())
        .build()
        .unwrap();
    cache.insert(1, "one");
    clock.advance(MINUTE - Duration::from_nanos(1));
    assert_eq!(cache.get(&1), Some("one"));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(cache.get(&1), None);
    (0..100).for_each(|key| cache.insert(key, "old"));
    clock.advance(MINUTE);
    cache.insert(1_000, "new");
    assert_eq!(cache.stats().entries, 1);
}

#[test]
fn the_weight_is_bounded_and_what_is_too_heavy_is_not_kept() {
    let cache = Cache::builder().weight_max(10, |_, value: &Vec<u8>| value.len() as u64);
    let cache = cache.build().unwrap();
    cache.insert("a", vec![0; 6]);
    cache.insert("b", vec![0; 4]);
    assert_eq!(cache.stats().weight, 10);
    cache.insert("c", vec![0; 1]);
    assert_eq!((cache.get(&"a"), cache.stats().weight), (None, 5));
    cache.insert("b", vec![0; 11]);
    assert_eq!((cache.get(&"b"), cache.stats().weight), (None, 1));
}

#[tokio::test]
async fn those_who_miss_together_load_once() {
    let cache: Cache<u8, u8> = Cache::builder().build().unwrap();
    let (loads, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let ask = || {
        let (cache, loads, gate) = (cache.clone(), Arc::clone(&loads), Arc::clone(&gate));
        purlin_runtime::spawn(async move {
            let load = async || {
                loads.fetch_add(1, SeqCst);
                gate.notified().await;
                Ok::<_, Infallible>(7)
            };
            cache.get_or_load(&1, load).await
        })
    };
    let callers: Vec<_> = (0..20).map(|_| ask()).collect();
    while loads.load(SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(7));
    }
    assert_eq!(loads.load(SeqCst), 1);
}

#[tokio::test]
async fn a_failure_is_the_callers_own_and_the_next_loads_again() {
    let cache: Cache<u8, u8> = Cache::builder().build().unwrap();
    assert_eq!(
        cache.get_or_load(&1, async || Err("away")).await,
        Err("away")
    );
    assert_eq!(
        cache.get_or_load(&1, async || Ok::<_, &str>(2)).await,
        Ok(2)
    );
    assert_eq!(cache.get(&1), Some(2));
}

#[tokio::test]
async fn a_load_that_is_dropped_lets_the_next_one_load() {
    let cache: Cache<u8, u8> = Cache::builder().build().unwrap();
    let hangs = cache.get_or_load(&1, async || std::future::pending::<Result<u8, ()>>().await);
    let dropped = tokio::time::timeout(Duration::ZERO, hangs).await;
    assert!(dropped.is_err());
    assert_eq!(cache.get_or_load(&1, async || Ok::<_, ()>(3)).await, Ok(3));
}

#[tokio::test]
async fn what_was_removed_while_it_was_loaded_is_not_kept() {
    let cache: Cache<u8, u8> = Cache::builder().build().unwrap();
    let stale = cache.get_or_load(&1, async || {
        cache.remove(&1);
        Ok::<_, ()>(1)
    });
    assert_eq!(stale.await, Ok(1));
    assert_eq!(cache.get(&1), None);
    let overtaken = cache.get_or_load(&1, async || {
        cache.insert(1, 9);
        Ok::<_, ()>(1)
    });
    assert_eq!(overtaken.await, Ok(1));
    assert_eq!(cache.get(&1), Some(9));
}

#[test]
fn entries_are_counted_under_the_line_that_built_the_cache() {
    let (cache, line) = (Cache::builder().entries_max(3).build().unwrap(), line!());
    let count = || {
        let counts = live::counts().into_iter();
        let here = |it: &live::LiveCount| {
            it.is_at(file!()) && it.place.is_some_and(|place| place.line() == line)
        };
        counts.filter(here).map(|it| it.live).sum::<u64>()
    };
    (0..10).for_each(|key| cache.insert(key, ()));
    assert_eq!(count(), 3);
    cache.remove(&9);
    assert_eq!(count(), 2);
    let clone = cache.clone();
    drop(cache);
    assert_eq!(count(), 2);
    drop(clone);
    assert_eq!(count(), 0);
}

#[test]
fn an_option_out_of_its_bounds_is_refused_with_the_allowed_range() {
    let builder = Cache::<u8, u8>::builder;
    let refused = [
        builder().entries_max(0).build(),
        builder().ttl(Duration::ZERO).build(),
        builder().weight_max(0, |_, _| 1).build(),
    ];
    for refused in refused {
        assert!(
            matches!(refused, Err(DiagnosticsError::Option { .. })),
            "{refused:?}"
        );
    }
}
