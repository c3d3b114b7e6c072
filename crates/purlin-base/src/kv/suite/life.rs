//! Cases: time passes.

use std::time::Duration;

use crate::kv::{Claim, suite::Subject};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

impl Subject {
    async fn has(&self, key: &str) -> bool {
        let found = self.store.get(key).await.unwrap().is_some();
        let of_many = self.store.get_many(&[key]).await.unwrap();
        assert_eq!(of_many[0].is_some(), found, "two reads disagree");
        found
    }

    async fn ttl_left(&self, key: &str) -> Option<Duration> {
        self.store.get(key).await.unwrap().unwrap().ttl_left
    }
}

pub async fn an_entry_is_there_until_the_moment_its_time_is_over(subject: Subject) {
    subject
        .store
        .set("key", b"value", Some(SECOND))
        .await
        .unwrap();
    subject.advance(SECOND - MILLI);
    assert!(subject.has("key").await, "gone before its time");
    subject.advance(MILLI);
    assert!(!subject.has("key").await, "there after its time");
    assert!(!subject.store.delete("key").await.unwrap());
}

pub async fn an_entry_without_an_end_stays(subject: Subject) {
    subject.store.set("key", b"value", None).await.unwrap();
    subject.advance(1_000 * 86_400 * SECOND);
    assert!(subject.has("key").await);
}

pub async fn a_new_value_replaces_the_time_that_was_left(subject: Subject) {
    let store = &subject.store;
    store.set("longer", b"1", Some(SECOND)).await.unwrap();
    store.set("longer", b"2", Some(3 * SECOND)).await.unwrap();
    store.set("endless", b"1", Some(SECOND)).await.unwrap();
    store.set("endless", b"2", None).await.unwrap();
    let version = store.set("shorter", b"1", Some(9 * SECOND)).await.unwrap();
    let exchanged = store.compare_and_set("shorter", version, b"2", Some(SECOND));
    assert!(exchanged.await.unwrap().is_some());
    subject.advance(2 * SECOND);
    assert!(subject.has("longer").await);
    assert!(subject.has("endless").await);
    assert!(!subject.has("shorter").await);
}

pub async fn the_time_left_grows_shorter(subject: Subject) {
    subject
        .store
        .set("key", b"value", Some(10 * SECOND))
        .await
        .unwrap();
    assert_eq!(subject.ttl_left("key").await, Some(10 * SECOND));
    subject.advance(4 * SECOND);
    assert_eq!(subject.ttl_left("key").await, Some(6 * SECOND));
}

pub async fn a_life_is_prolonged_shortened_and_made_endless(subject: Subject) {
    let store = &subject.store;
    let version = store.set("key", b"value", Some(SECOND)).await.unwrap();
    assert!(store.expire("key", Some(5 * SECOND)).await.unwrap());
    subject.advance(2 * SECOND);
    assert!(store.expire("key", None).await.unwrap());
    assert_eq!(subject.ttl_left("key").await, None);
    subject.advance(100 * SECOND);
    assert!(store.expire("key", Some(SECOND)).await.unwrap());
    let entry = store.get("key").await.unwrap().unwrap();
    assert_eq!((&*entry.value, entry.version), (&b"value"[..], version));
    subject.advance(SECOND);
    assert!(!subject.has("key").await);
}

pub async fn a_life_that_is_over_is_not_prolonged(subject: Subject) {
    let store = &subject.store;
    let version = store.set("key", b"value", Some(SECOND)).await.unwrap();
    subject.advance(SECOND);
    assert!(!store.expire("key", Some(SECOND)).await.unwrap());
    let exchanged = store.compare_and_set("key", version, b"new", None);
    assert_eq!(exchanged.await.unwrap(), None);
    assert!(!store.delete_if("key", version).await.unwrap());
}

pub async fn an_expired_key_may_be_claimed_again(subject: Subject) {
    let store = &subject.store;
    let claim = || store.set_if_absent("key", b"value", Some(SECOND));
    assert!(matches!(claim().await.unwrap(), Claim::Set(_)));
    subject.advance(SECOND - MILLI);
    assert!(matches!(claim().await.unwrap(), Claim::Present(_)));
    subject.advance(MILLI);
    assert!(matches!(claim().await.unwrap(), Claim::Set(_)));
    subject.advance(SECOND - MILLI);
    assert!(
        subject.has("key").await,
        "the second claim has a life of its own"
    );
}

pub async fn a_version_from_before_the_end_of_a_life_never_matches_again(subject: Subject) {
    let store = &subject.store;
    let before = store.set("key", b"same", Some(SECOND)).await.unwrap();
    subject.advance(SECOND);
    store.set("key", b"same", Some(SECOND)).await.unwrap();
    assert!(!store.delete_if("key", before).await.unwrap());
}

pub async fn a_counters_window_does_not_grow_with_its_use(subject: Subject) {
    let store = &subject.store;
    let count = || store.increment("n", 1, Some(SECOND));
    assert_eq!(count().await.unwrap(), 1);
    subject.advance(SECOND / 2);
    assert_eq!(count().await.unwrap(), 2);
    assert_eq!(subject.ttl_left("n").await, Some(SECOND / 2));
    subject.advance(SECOND / 2);
    assert_eq!(
        count().await.unwrap(),
        1,
        "a new window begins from nothing"
    );

    store.set("endless", b"1", None).await.unwrap();
    store.increment("endless", 1, Some(SECOND)).await.unwrap();
    assert_eq!(subject.ttl_left("endless").await, None);
}

pub async fn a_ttl_is_rounded_up_to_whole_milliseconds(subject: Subject) {
    let ttl = MILLI + Duration::from_nanos(1);
    subject.store.set("key", b"value", Some(ttl)).await.unwrap();
    subject.advance(MILLI);
    assert!(subject.has("key").await, "gone before its time");
    subject.advance(MILLI);
    assert!(!subject.has("key").await);
}
