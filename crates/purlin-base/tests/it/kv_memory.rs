//! The store in memory: the suite of all engines, and what happens when it is full.

use std::{sync::Arc, time::Duration};

use purlin_base::{
    Classified, ErrorClass, Timestamp,
    kv::{KeyValue, KvError, MemoryStore, MemoryStoreBuilder, OnFull, suite::Subject},
    time::ManualClock,
};

const SECOND: Duration = Duration::from_secs(1);

fn at_hand(builder: MemoryStoreBuilder) -> (MemoryStore, ManualClock) {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    (builder.clock(clock.clone()).build().unwrap(), clock)
}

fn subject(builder: MemoryStoreBuilder) -> Subject {
    let (store, clock) = at_hand(builder);
    Subject::new(Arc::new(store), move |by| clock.advance(by))
}

async fn new_memory_store() -> Subject {
    subject(MemoryStore::builder())
}

/// With room enough for every case, so that nothing is evicted.
async fn new_evicting_store() -> Subject {
    subject(MemoryStore::builder().on_full(OnFull::EvictOldest))
}

/// With as many shards as there can be.
async fn new_sharded_store() -> Subject {
    subject(MemoryStore::builder().value_bytes_max(4_096))
}

purlin_base::kv_conformance!(memory, new_memory_store);
purlin_base::kv_conformance!(memory_evicting, new_evicting_store);
purlin_base::kv_conformance!(memory_sharded, new_sharded_store);

#[tokio::test]
async fn a_full_store_refuses_one_entry_more_and_forgets_none() {
    let (store, _) = at_hand(MemoryStore::builder().entries_max(2));
    store.set("a", b"1", None).await.unwrap();
    store.set("b", b"1", Some(SECOND)).await.unwrap();
    let refused = [
        store.set("c", b"1", None).await.err(),
        store.set_if_absent("c", b"1", None).await.err(),
        store.increment("c", 1, None).await.err(),
    ];
    for error in refused {
        let error = error.unwrap();
        assert!(matches!(error, KvError::Full), "{error:?}");
        assert_eq!(error.class(), ErrorClass::Unavailable);
    }
    store.set("a", b"2", None).await.unwrap(); // What is there may be replaced.
    assert!(store.get("b").await.unwrap().is_some());
    assert_eq!(store.entries(), 2);
}

#[tokio::test]
async fn what_has_expired_makes_room() {
    for on_full in [OnFull::Refuse, OnFull::EvictOldest] {
        let (store, clock) = at_hand(MemoryStore::builder().entries_max(2).on_full(on_full));
        store.set("old", b"1", None).await.unwrap();
        store.set("short", b"1", Some(SECOND)).await.unwrap();
        clock.advance(SECOND);
        store.set("new", b"1", None).await.unwrap();
        assert!(store.get("old").await.unwrap().is_some(), "{on_full:?}");
    }
}

#[tokio::test]
async fn as_much_of_what_has_expired_makes_room_as_is_needed() {
    let builder = MemoryStore::builder().value_bytes_max(1_000);
    let (store, clock) = at_hand(builder.bytes_max(640 + 1_000));
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        store.set(key, b"1", Some(SECOND)).await.unwrap();
    }
    clock.advance(SECOND);
    store.set("large", &[0; 1_000], None).await.unwrap();
    assert!(store.get("large").await.unwrap().is_some());
}

#[tokio::test]
async fn an_evicting_store_drops_what_has_been_unused_longest() {
    let builder = MemoryStore::builder().entries_max(3);
    let (store, _) = at_hand(builder.on_full(OnFull::EvictOldest));
    for key in ["a", "b", "c"] {
        store.set(key, b"1", None).await.unwrap();
    }
    store.get("a").await.unwrap(); // A use: now `b` has been unused longest.
    store.set("d", b"1", None).await.unwrap();
    let found = store.get_many(&["a", "b", "c", "d"]).await.unwrap();
    let found: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(found, [true, false, true, true]);
    assert!(store.capabilities().evicts);
}

#[tokio::test]
async fn bytes_are_bounded_too() {
    let bytes_max = 640 + 1_000;
    let builder = || {
        MemoryStore::builder()
            .value_bytes_max(1_000)
            .bytes_max(bytes_max)
    };
    let (refusing, _) = at_hand(builder());
    refusing.set("a", &[0; 1_000], None).await.unwrap();
    assert_eq!(refusing.bytes(), 128 + 1 + 1_000);
    let error = refusing.set("b", &[0; 1_000], None).await.unwrap_err();
    assert!(matches!(error, KvError::Full));
    refusing.set("a", &[0; 10], None).await.unwrap();
    refusing.set("b", &[0; 1_000], None).await.unwrap();
    assert!(matches!(
        refusing.set("a", &[0; 1_000], None).await,
        Err(KvError::Full)
    ));
    let kept = refusing.get("a").await.unwrap().unwrap();
    assert_eq!(
        kept.value.len(),
        10,
        "a refused replacement lost what was there"
    );

    let (evicting, _) = at_hand(builder().on_full(OnFull::EvictOldest));
    evicting.set("a", &[0; 1_000], None).await.unwrap();
    evicting.set("b", &[0; 1_000], None).await.unwrap();
    assert_eq!(evicting.entries(), 1);
    assert!(evicting.bytes() <= bytes_max);
}

#[tokio::test]
async fn a_store_that_is_written_to_lets_go_of_what_has_expired() {
    let (store, clock) = at_hand(MemoryStore::builder().entries_max(2_000));
    for number in 0..1_000 {
        let key = number.to_string();
        store.set(&key, b"1", Some(SECOND)).await.unwrap();
    }
    clock.advance(SECOND);
    for _ in 0..500 {
        store.set("busy", b"1", None).await.unwrap();
    }
    assert_eq!(store.entries(), 1);
    store.delete("busy").await.unwrap();
    assert_eq!((store.entries(), store.bytes()), (0, 0));
}

#[test]
fn options_out_of_bounds_are_refused_with_the_bounds() {
    let refused = |builder: MemoryStoreBuilder| builder.build().unwrap_err().to_string();
    let store = MemoryStore::builder;
    assert_eq!(
        refused(store().entries_max(0)),
        "`entries_max` of the store is 0, expected 1 to 100000000"
    );
    assert_eq!(
        refused(store().bytes_max(1_000)),
        "`bytes_max` of the store is 1000, expected value_bytes_max and 640 bytes more"
    );
    refused(store().value_bytes_max(0));
    refused(store().value_bytes_max(usize::MAX));
}

#[tokio::test]
async fn neither_keys_nor_values_are_shown_for_debugging() {
    let (store, _) = at_hand(MemoryStore::builder());
    store
        .set("s3cret-key", b"s3cret-value", None)
        .await
        .unwrap();
    let entry = store.get("s3cret-key").await.unwrap();
    let shown = format!("{store:?} {entry:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("115, 51"),
        "{shown}"
    );
}
