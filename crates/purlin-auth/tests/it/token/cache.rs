//! What is remembered of tokens, and for how long.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_auth::token::{AccessTokens, KeyRing, TokenError};

use super::support::{builder, clock, key, reader, tokens};

fn issue(tokens: &AccessTokens) -> String {
    tokens.issue(&reader(), None).unwrap().token
}

fn is_remembered(tokens: &AccessTokens, token: &str) -> bool {
    let first = tokens.verify(token).unwrap();
    Arc::ptr_eq(&first, &tokens.verify(token).unwrap())
}

#[test]
fn a_token_that_is_remembered_ends_when_it_expires() {
    let clock = clock();
    let tokens = tokens(KeyRing::new([key(1)]).unwrap(), &clock);
    let token = issue(&tokens);
    assert!(is_remembered(&tokens, &token));
    clock.advance(Duration::from_secs(900 + 4));
    assert!(is_remembered(&tokens, &token));
    clock.advance(Duration::from_secs(1));
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
}

#[test]
fn a_token_that_is_remembered_ends_with_its_key() {
    let clock = clock();
    let ring = KeyRing::new([key(1)]).unwrap();
    let tokens = tokens(ring.clone(), &clock);
    let token = issue(&tokens);
    assert!(is_remembered(&tokens, &token));
    ring.replace([key(2), key(1)]).unwrap();
    assert!(is_remembered(&tokens, &token));
    ring.replace([key(2)]).unwrap();
    assert_eq!(tokens.verify(&token), Err(TokenError::UnknownKey));
    ring.replace([key(3).with_kid(key(1).kid()).unwrap()])
        .unwrap();
    assert_eq!(tokens.verify(&token), Err(TokenError::Signature));
}

#[test]
fn nothing_is_remembered_of_bad_tokens() {
    let clock = clock();
    let tokens = tokens(KeyRing::new([key(1)]).unwrap(), &clock);
    let good = issue(&tokens);
    for at in 0..1000 {
        tokens.verify(&format!("{good}{at}")).unwrap_err();
    }
    assert_eq!(tokens.remembered(), (0, 0));
}

#[test]
fn no_more_is_remembered_than_may_be() {
    let clock = clock();
    let ring = KeyRing::new([key(1)]).unwrap();
    for (entries, bytes) in [(50, 1 << 20), (1_000_000, 1 << 20), (1600, 64 << 20)] {
        let tokens = builder(ring.clone(), &clock)
            .remember_max(entries)
            .remember_bytes_max(bytes)
            .build()
            .unwrap();
        for _ in 0..2500 {
            tokens.verify(&issue(&tokens)).unwrap();
        }
        let (kept, kept_bytes) = tokens.remembered();
        assert!(
            kept <= entries && kept_bytes <= bytes,
            "{kept} {kept_bytes}"
        );
        assert!(kept >= 50, "{kept}");
        assert!(kept_bytes >= kept * 300, "{kept} {kept_bytes}");
    }
}

#[test]
fn who_asks_often_stays_while_others_come_and_go() {
    let clock = clock();
    let ring = KeyRing::new([key(1)]).unwrap();
    let tokens = builder(ring, &clock).remember_max(20).build().unwrap();
    let token = issue(&tokens);
    let first = tokens.verify(&token).unwrap();
    for _ in 0..200 {
        tokens.verify(&issue(&tokens)).unwrap();
        let again = tokens.verify(&token).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }
}

#[test]
fn nothing_need_be_remembered() {
    let clock = clock();
    let ring = KeyRing::new([key(1)]).unwrap();
    let tokens = builder(ring, &clock).remember_max(0).build().unwrap();
    assert!(!is_remembered(&tokens, &issue(&tokens)));
    assert_eq!(tokens.remembered(), (0, 0));
}

#[test]
fn every_thread_is_told_the_same_while_keys_come_and_go() {
    let clock = clock();
    let ring = KeyRing::new([key(1)]).unwrap();
    let tokens = builder(ring.clone(), &clock).remember_max(8).build();
    let tokens = tokens.unwrap();
    let mine: Vec<String> = (0..16).map(|_| issue(&tokens)).collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..100 {
                    for token in &mine {
                        let verified = tokens.verify(token);
                        let gone = verified == Err(TokenError::UnknownKey);
                        assert!(verified.is_ok() || gone, "{round}: {verified:?}");
                    }
                }
            });
        }
        for round in 0..100 {
            ring.replace([key(1 + round % 2)]).unwrap();
        }
    });
    assert!(began.elapsed() < Duration::from_secs(60), "it got stuck");
    ring.replace([key(2)]).unwrap();
    for token in &mine {
        assert_eq!(tokens.verify(token), Err(TokenError::UnknownKey));
    }
}
