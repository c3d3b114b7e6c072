use std::borrow::Cow;

use proptest::prelude::*;
use purlin_base::{Classified, ErrorClass, Timestamp};
use uuid::Uuid;

use super::*;
use crate::Value;

fn signer(byte: u8) -> CursorSigner {
    CursorSigner::new([byte; 32]).unwrap()
}

fn place(keys: Vec<Value>) -> Place {
    let walk = Walk {
        is_backward: true,
        is_inclusive: false,
    };
    let (sort, filter) = ([9; 8], FilterHash::of("all"));
    Place {
        walk,
        sort,
        filter,
        keys,
    }
}

fn keys() -> Vec<Value> {
    vec![
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Real(0.1 + 0.2),
        Value::Text(Cow::Borrowed("Ünïcode")),
        Value::Bytes(vec![0, 255]),
        Value::Uuid(Uuid::from_u128(u128::MAX - 1)),
        Value::Time(Timestamp::from_unix_micros(1_764_000_000_123_456)),
    ]
}

#[test]
fn every_kind_of_key_comes_back_in_full_precision() {
    let cursor = signer(1).sign(&place(keys())).unwrap();
    assert_eq!(signer(1).open(&cursor), Ok(place(keys())));
}

#[test]
fn a_cursor_of_an_old_secret_is_taken_while_the_old_one_is_accepted() {
    let cursor = signer(1).sign(&place(keys())).unwrap();
    let rotated = signer(2).accept([1; 32]).unwrap();
    assert_eq!(rotated.open(&cursor), Ok(place(keys())));
    assert_eq!(signer(2).open(&cursor), Err(CursorError::Forged));
    assert_ne!(rotated.sign(&place(keys())).unwrap(), cursor);
}

#[test]
fn a_signer_takes_eight_secrets_and_shows_none() {
    let mut all = signer(0);
    for byte in 1..8 {
        all = all.accept([byte; 32]).unwrap();
    }
    assert_eq!(format!("{all:?}"), "CursorSigner { secrets: 8, .. }");
    assert_eq!(all.accept([9; 32]).err(), Some(SecretError::TooMany));
}

#[test]
fn another_version_is_told_apart_from_a_forgery() {
    let mut bytes = place(keys()).to_bytes().unwrap();
    bytes[0] = 2;
    let tag = signer(1).keys[0].clone().chain_update(&bytes).finalize();
    bytes.extend_from_slice(&tag.into_bytes());
    let cursor = URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(signer(1).open(&cursor), Err(CursorError::Version));
}

#[test]
fn a_cursor_is_bounded_both_ways() {
    let long = "x".repeat(CURSOR_CHARS_MAX + 1);
    assert_eq!(signer(1).open(&long), Err(CursorError::TooLong));
    assert_eq!(signer(1).sign(&place(vec![Value::Text(long.into())])), None);
    let fits = place(vec![Value::Bytes(vec![1; 1400])]);
    let cursor = signer(1).sign(&fits).unwrap();
    assert_eq!(signer(1).open(&cursor), Ok(fits));
}

#[test]
fn the_faults_of_a_cursor_are_the_callers() {
    for (error, code) in [
        (CursorError::TooLong, "CURSOR_TOO_LONG"),
        (CursorError::Malformed, "CURSOR_MALFORMED"),
        (CursorError::Forged, "CURSOR_FORGED"),
        (CursorError::Version, "CURSOR_VERSION"),
        (CursorError::OtherSort, "CURSOR_OTHER_SORT"),
        (CursorError::OtherFilter, "CURSOR_OTHER_FILTER"),
        (CursorError::Keys, "CURSOR_KEYS"),
    ] {
        assert_eq!(
            (error.class(), error.code()),
            (ErrorClass::BadRequest, code)
        );
        assert_eq!(error.fields().len(), 1);
    }
}

#[test]
fn filters_that_look_alike_when_put_together_are_different() {
    use crate::Query;
    let hash = |values: [&str; 2]| {
        FilterHash::of_query(
            &Query::new("a = $1 and b = $2")
                .bind(values[0])
                .bind(values[1]),
        )
    };
    assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    assert_ne!(
        FilterHash::of_query(&Query::new("x = $1").bind(1)),
        FilterHash::of_query(&Query::new("x = $1").bind("1")),
    );
    // Pinned: cursors must live on through a new version of the compiler.
    let pinned = FilterHash::of("").0;
    assert_eq!(pinned[..4], [0xe3, 0xb0, 0xc4, 0x42]);
}

proptest! {
    #[test]
    fn random_text_is_never_a_cursor(text in ".{0,300}") {
        prop_assert!(signer(1).open(&text).is_err());
    }

    #[test]
    fn random_bytes_are_never_a_cursor(bytes in proptest::collection::vec(any::<u8>(), 0..1800)) {
        let cursor = URL_SAFE_NO_PAD.encode(&bytes);
        prop_assert!(signer(1).open(&cursor).is_err());
    }

    /// Whoever holds the secret can sign anything: reading it must not panic either.
    #[test]
    fn a_signed_payload_of_any_bytes_is_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
        has_head in any::<bool>(),
    ) {
        let mut payload = if has_head { place(vec![]).to_bytes().unwrap() } else { vec![1] };
        payload.extend(bytes);
        if let Ok(read) = Place::from_bytes(&payload) {
            prop_assert_eq!(read.to_bytes().map(|bytes| bytes.len()), Some(payload.len()));
        }
    }

    #[test]
    fn a_changed_cursor_never_verifies(at in any::<prop::sample::Index>(), with in any::<char>()) {
        let cursor = signer(1).sign(&place(keys())).unwrap();
        let mut changed: Vec<char> = cursor.chars().collect();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != with);
        changed[at] = with;
        let changed: String = changed.into_iter().collect();
        prop_assert!(signer(1).open(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn a_cursor_cut_short_or_made_longer_never_verifies(
        length in any::<prop::sample::Index>(),
        more in "[A-Za-z0-9_=-]{1,40}",
    ) {
        let cursor = signer(1).sign(&place(keys())).unwrap();
        prop_assert!(signer(1).open(&cursor[..length.index(cursor.len())]).is_err());
        let longer = cursor + &more;
        prop_assert!(signer(1).open(&longer).is_err());
    }
}
