//! Cases: many callers at once.

use std::{future::Future, sync::Arc};

use tokio::task::JoinSet;

use crate::kv::{Claim, SharedKeyValue, suite::Subject};

const CALLERS: i64 = 16;

/// Runs `call` for each of [`CALLERS`] at once, each in a task of its own.
async fn all_at_once<T, F>(
    store: &SharedKeyValue,
    call: impl Fn(SharedKeyValue, i64) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let calls = (0..CALLERS).map(|caller| call(Arc::clone(store), caller));
    calls.collect::<JoinSet<T>>().join_all().await
}

pub async fn of_many_claims_at_once_one_wins(subject: Subject) {
    let claims = all_at_once(&subject.store, |store, caller| async move {
        let value = caller.to_string();
        store
            .set_if_absent("key", value.as_bytes(), None)
            .await
            .unwrap()
    });
    let claims = claims.await;
    let kept = subject.store.get("key").await.unwrap().unwrap();
    let won = |claim: &&Claim| matches!(claim, Claim::Set(_));
    assert_eq!(claims.iter().filter(won).count(), 1);
    for claim in claims {
        match claim {
            Claim::Set(version) => assert_eq!(version, kept.version),
            Claim::Present(entry) => assert_eq!(entry, kept),
        }
    }
}

pub async fn no_increment_is_lost_when_many_come_at_once(subject: Subject) {
    const EACH: i64 = 20;
    let counts = all_at_once(&subject.store, |store, _| async move {
        let mut seen = Vec::new();
        for _ in 0..EACH {
            seen.push(store.increment("n", 1, None).await.unwrap());
        }
        seen
    });
    let mut counts = counts.await.concat();
    counts.sort_unstable();
    let each_once: Vec<i64> = (1..=CALLERS * EACH).collect();
    assert_eq!(counts, each_once);
}

pub async fn no_exchange_is_lost_when_many_come_at_once(subject: Subject) {
    subject.store.set("list", b"", None).await.unwrap();
    let added = all_at_once(&subject.store, |store, caller| async move {
        let byte = b'a' + caller as u8;
        loop {
            let entry = store.get("list").await.unwrap().unwrap();
            let longer = [&*entry.value, &[byte]].concat();
            let exchanged = store.compare_and_set("list", entry.version, &longer, None);
            if exchanged.await.unwrap().is_some() {
                return;
            }
        }
    });
    added.await;
    let mut list = subject
        .store
        .get("list")
        .await
        .unwrap()
        .unwrap()
        .value
        .to_vec();
    list.sort_unstable();
    assert_eq!(list, b"abcdefghijklmnop");
}
