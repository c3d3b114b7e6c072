//! Cases: what is out of bounds.

use std::time::Duration;

use crate::kv::{KEY_BYTES_MAX, KEYS_MAX, KvError, TTL_MAX, TTL_MIN, Version, suite::Subject};

pub async fn keys_out_of_bounds_are_refused(subject: Subject) {
    let store = subject.store;
    let longest = "k".repeat(KEY_BYTES_MAX);
    store.set(&longest, b"value", None).await.unwrap();
    assert!(store.get(&longest).await.unwrap().is_some());

    let any = Version::from_number(1);
    let too_long = "ä".repeat(KEY_BYTES_MAX / 2 + 1);
    for key in ["", "nul\0", &too_long] {
        let refused = [
            store.get(key).await.err(),
            store.get_many(&["fine", key]).await.err(),
            store.set(key, b"", None).await.err(),
            store.set_if_absent(key, b"", None).await.err(),
            store.compare_and_set(key, any, b"", None).await.err(),
            store.delete(key).await.err(),
            store.delete_if(key, any).await.err(),
            store.increment(key, 1, None).await.err(),
            store.expire(key, None).await.err(),
        ];
        for error in refused {
            assert!(
                matches!(error, Some(KvError::InvalidKey { .. })),
                "{error:?}"
            );
        }
    }
}

pub async fn values_beyond_the_bound_are_refused_and_those_at_it_kept(subject: Subject) {
    let store = subject.store;
    let value_bytes_max = store.capabilities().value_bytes_max;
    let mut value = vec![7; value_bytes_max];
    let version = store.set("key", &value, None).await.unwrap();
    value.push(7);
    let refused = [
        store.set("key", &value, None).await.err(),
        store.set_if_absent("new", &value, None).await.err(),
        store
            .compare_and_set("key", version, &value, None)
            .await
            .err(),
    ];
    for error in refused {
        assert!(matches!(error, Some(KvError::TooLarge { .. })), "{error:?}");
    }
    let entry = store.get("key").await.unwrap().unwrap();
    assert_eq!(
        (entry.value.len(), entry.version),
        (value_bytes_max, version)
    );
    assert_eq!(store.get("new").await.unwrap(), None);
}

pub async fn lives_out_of_bounds_are_refused(subject: Subject) {
    let store = subject.store;
    let version = store.set("key", b"1", Some(TTL_MAX)).await.unwrap();
    store.set("short", b"1", Some(TTL_MIN)).await.unwrap();
    let nano = Duration::from_nanos(1);
    for ttl in [
        Duration::ZERO,
        TTL_MIN - nano,
        TTL_MAX + nano,
        Duration::MAX,
    ] {
        let ttl = Some(ttl);
        let refused = [
            store.set("key", b"2", ttl).await.err(),
            store.set_if_absent("new", b"2", ttl).await.err(),
            store.compare_and_set("key", version, b"2", ttl).await.err(),
            store.increment("key", 1, ttl).await.err(),
            store.expire("key", ttl).await.err(),
        ];
        for error in refused {
            assert!(
                matches!(error, Some(KvError::InvalidTtl { .. })),
                "{error:?}"
            );
        }
    }
    let entry = store.get("key").await.unwrap().unwrap();
    assert_eq!((&*entry.value, entry.version), (&b"1"[..], version));
}

pub async fn too_many_keys_at_once_are_refused(subject: Subject) {
    let keys = vec!["key"; KEYS_MAX + 1];
    let most = subject.store.get_many(&keys[1..]).await.unwrap();
    assert_eq!(most.len(), KEYS_MAX);
    let error = subject.store.get_many(&keys).await.unwrap_err();
    assert!(matches!(error, KvError::TooManyKeys { .. }), "{error:?}");
}

pub async fn a_failed_change_changes_nothing(subject: Subject) {
    let store = subject.store;
    let hour = Some(Duration::from_secs(3_600));
    let other = store.set("other", b"", None).await.unwrap();
    store.set("key", b"text", hour).await.unwrap();
    let before = store.get("key").await.unwrap();
    let _ = store.set_if_absent("key", b"2", None).await.unwrap();
    let _ = store
        .compare_and_set("key", other, b"2", None)
        .await
        .unwrap();
    let _ = store.delete_if("key", other).await.unwrap();
    let _ = store.increment("key", 1, None).await.unwrap_err();
    assert_eq!(store.get("key").await.unwrap(), before);
}
