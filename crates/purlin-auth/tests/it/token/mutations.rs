//! No change of a good token makes another good one.

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use purlin_auth::token::{AccessTokens, Algorithm, KeyRing, TokenKey};
use purlin_base::random::OsRng;

use super::support::{builder, clock, reader};

/// A verifier and a good token, of each algorithm.
fn good() -> &'static [(AccessTokens, String)] {
    static GOOD: OnceLock<Vec<(AccessTokens, String)>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let algorithms = [
            Algorithm::EdDsa,
            Algorithm::Es256,
            Algorithm::Rs256,
            Algorithm::Hs256,
        ];
        let make = |algorithm| {
            let key = TokenKey::generate(algorithm, &OsRng).unwrap();
            // Chance of its own, so that no two of the tokens say the same.
            let tokens = builder(KeyRing::new([key]).unwrap(), &clock()).rng(Arc::new(OsRng));
            let tokens = tokens.build().unwrap();
            let token = tokens.issue(&reader(), None).unwrap().token;
            // Remembered, so that what is like it meets what is remembered.
            tokens.verify(&token).unwrap();
            (tokens, token)
        };
        algorithms.map(make).to_vec()
    })
}

/// One change; positions are taken modulo the length.
#[derive(Clone, Debug)]
enum Change {
    Put(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Swap(usize, usize),
    Cut(usize),
    Repeat(usize, usize),
}

impl Change {
    fn apply(&self, token: &mut Vec<u8>) {
        let len = token.len().max(1);
        match *self {
            Self::Put(at, byte) if !token.is_empty() => token[at % len] = byte,
            Self::Insert(at, byte) => token.insert(at % len, byte),
            Self::Remove(at) if !token.is_empty() => drop(token.remove(at % len)),
            Self::Swap(a, b) if !token.is_empty() => token.swap(a % len, b % len),
            Self::Cut(at) => token.truncate(at % len),
            Self::Repeat(from, to) if !token.is_empty() => {
                let (from, to) = (from % len, to % len);
                let piece = token[from.min(to)..from.max(to)].to_vec();
                token.extend(piece);
            }
            _ => {}
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let letter = prop_oneof![
        prop::sample::select(
            &b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ "[..]
        ),
        0_u8..128,
    ];
    let at = any::<usize>();
    prop_oneof![
        4 => (at, letter.clone()).prop_map(|(at, byte)| Change::Put(at, byte)),
        2 => (at, letter).prop_map(|(at, byte)| Change::Insert(at, byte)),
        2 => at.prop_map(Change::Remove),
        2 => (at, at).prop_map(|(a, b)| Change::Swap(a, b)),
        1 => at.prop_map(Change::Cut),
        1 => (at, at).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_that_was_changed_is_never_good(
        which in 0_usize..4,
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let (tokens, good) = &good()[which];
        let mut changed = good.clone().into_bytes();
        for change in &changes {
            change.apply(&mut changed);
        }
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != *good);
        prop_assert!(tokens.verify(&changed).is_err(), "{changed}");
        prop_assert!(tokens.verify(good).is_ok());
    }

    #[test]
    fn parts_of_two_good_tokens_do_not_make_a_third(a in 0_usize..4, b in 0_usize..4, mask in 1_u8..7) {
        prop_assume!(a != b);
        let (tokens, one) = &good()[a];
        let (_, other) = &good()[b];
        let mixed: Vec<&str> = one.split('.').zip(other.split('.')).enumerate()
            .map(|(at, (one, other))| if mask >> at & 1 == 1 { other } else { one })
            .collect();
        prop_assert!(tokens.verify(&mixed.join(".")).is_err());
    }
}
