//! Cases: one caller, no time passes.

use crate::kv::{Claim, KvError, Version, suite::Subject};

pub async fn a_value_is_read_as_written(subject: Subject) {
    let store = subject.store;
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [b"".as_slice(), b"text", &every_byte] {
        let version = store.set("key", value, None).await.unwrap();
        let entry = store.get("key").await.unwrap().unwrap();
        assert_eq!((&*entry.value, entry.version), (value, version));
        assert_eq!(entry.ttl_left, None);
    }
}

pub async fn nothing_is_found_where_nothing_was_written(subject: Subject) {
    let store = subject.store;
    assert_eq!(store.get("key").await.unwrap(), None);
    assert!(!store.delete("key").await.unwrap());
    assert!(!store.expire("key", None).await.unwrap());
    let any = Version::from_number(1);
    assert!(!store.delete_if("key", any).await.unwrap());
    let exchanged = store.compare_and_set("key", any, b"value", None).await;
    assert_eq!(exchanged.unwrap(), None);
    assert_eq!(store.get("key").await.unwrap(), None);
}

pub async fn the_last_value_written_is_the_one_that_is_read(subject: Subject) {
    let store = subject.store;
    let first = store.set("key", b"first", None).await.unwrap();
    let second = store.set("key", b"second", None).await.unwrap();
    assert_ne!(first, second);
    let entry = store.get("key").await.unwrap().unwrap();
    assert_eq!((&*entry.value, entry.version), (&b"second"[..], second));
}

pub async fn many_keys_are_read_in_the_order_asked_for(subject: Subject) {
    let store = subject.store;
    store.set("a", b"1", None).await.unwrap();
    store.set("b", b"2", None).await.unwrap();
    let found = store.get_many(&["b", "none", "a", "b"]).await.unwrap();
    let values: Vec<_> = found
        .iter()
        .map(|entry| entry.as_ref().map(|entry| &*entry.value))
        .collect();
    assert_eq!(values, [Some(&b"2"[..]), None, Some(b"1"), Some(b"2")]);
    assert_eq!(store.get_many(&[]).await.unwrap(), []);
}

pub async fn a_deleted_key_is_gone_and_a_second_delete_finds_nothing(subject: Subject) {
    let store = subject.store;
    store.set("key", b"value", None).await.unwrap();
    assert!(store.delete("key").await.unwrap());
    assert_eq!(store.get("key").await.unwrap(), None);
    assert!(!store.delete("key").await.unwrap());
}

pub async fn keys_differ_by_every_byte(subject: Subject) {
    let store = subject.store;
    // Case, trailing and leading space, composed and decomposed, wildcards and quotes.
    let keys = [
        "k", "K", "k ", " k", "é", "e\u{301}", "k%", "k_", "k*", "'", "\\", "\n",
    ];
    for key in keys {
        store.set(key, key.as_bytes(), None).await.unwrap();
    }
    for key in keys {
        let entry = store.get(key).await.unwrap().unwrap();
        assert_eq!(&*entry.value, key.as_bytes(), "key {key:?}");
    }
}

pub async fn a_key_is_claimed_once_and_the_loser_sees_the_value_of_the_winner(subject: Subject) {
    let store = subject.store;
    let Claim::Set(version) = store.set_if_absent("key", b"winner", None).await.unwrap() else {
        panic!("the store was empty");
    };
    let Claim::Present(entry) = store.set_if_absent("key", b"loser", None).await.unwrap() else {
        panic!("the key was claimed twice");
    };
    assert_eq!((&*entry.value, entry.version), (&b"winner"[..], version));
    assert_eq!(store.get("key").await.unwrap(), Some(entry));
}

pub async fn a_value_is_replaced_only_if_it_is_of_the_version_expected(subject: Subject) {
    let store = subject.store;
    let first = store.set("key", b"first", None).await.unwrap();
    let replace = |version, value| store.compare_and_set("key", version, value, None);
    let second = replace(first, b"second").await.unwrap();
    let second = second.expect("it was of the version expected");
    assert_eq!(replace(first, b"third").await.unwrap(), None);
    let entry = store.get("key").await.unwrap().unwrap();
    assert_eq!((&*entry.value, entry.version), (&b"second"[..], second));
}

pub async fn a_version_from_before_a_delete_never_matches_again(subject: Subject) {
    let store = subject.store;
    let before = store.set("key", b"same", None).await.unwrap();
    store.delete("key").await.unwrap();
    store.set("key", b"same", None).await.unwrap();
    let exchanged = store.compare_and_set("key", before, b"new", None).await;
    assert_eq!(exchanged.unwrap(), None);
    assert!(!store.delete_if("key", before).await.unwrap());
}

pub async fn a_key_is_deleted_only_if_it_is_of_the_version_expected(subject: Subject) {
    let store = subject.store;
    let first = store.set("key", b"first", None).await.unwrap();
    let second = store.set("key", b"second", None).await.unwrap();
    assert!(!store.delete_if("key", first).await.unwrap());
    assert!(store.get("key").await.unwrap().is_some());
    assert!(store.delete_if("key", second).await.unwrap());
    assert_eq!(store.get("key").await.unwrap(), None);
}

pub async fn a_number_is_counted_from_nothing_and_read_as_decimal_text(subject: Subject) {
    let store = subject.store;
    assert_eq!(store.increment("n", 5, None).await.unwrap(), 5);
    assert_eq!(store.increment("n", -12, None).await.unwrap(), -7);
    assert_eq!(store.increment("n", 0, None).await.unwrap(), -7);
    let entry = store.get("n").await.unwrap().unwrap();
    assert_eq!(&*entry.value, b"-7");

    store.set("n", b"41", None).await.unwrap();
    let before = store.get("n").await.unwrap().unwrap().version;
    assert_eq!(store.increment("n", 1, None).await.unwrap(), 42);
    let after = store.get("n").await.unwrap().unwrap().version;
    assert_ne!(before, after, "counting is writing");
}

pub async fn what_is_no_number_cannot_be_counted(subject: Subject) {
    let store = subject.store;
    let no_numbers = [
        &b""[..],
        b" 1",
        b"1 ",
        b"+1",
        b"01",
        b"-0",
        b"1.0",
        b"1e3",
        b"0x1",
        b"one",
        b"\xff",
        b"9223372036854775808",
    ];
    for value in no_numbers {
        store.set("n", value, None).await.unwrap();
        let counted = store.increment("n", 1, None).await;
        assert!(
            matches!(counted, Err(KvError::NotANumber)),
            "{value:?}: {counted:?}"
        );
        let entry = store.get("n").await.unwrap().unwrap();
        assert_eq!(&*entry.value, value, "a failed count changed the value");
    }
}

pub async fn a_sum_beyond_64_bits_is_refused_and_the_number_stays(subject: Subject) {
    let store = subject.store;
    for (start, by) in [(i64::MAX, 1), (i64::MIN, -1), (i64::MAX, i64::MAX)] {
        store.delete("n").await.unwrap();
        assert_eq!(store.increment("n", start, None).await.unwrap(), start);
        let counted = store.increment("n", by, None).await;
        assert!(matches!(counted, Err(KvError::Overflow)), "{counted:?}");
        assert_eq!(store.increment("n", 0, None).await.unwrap(), start);
    }
}
