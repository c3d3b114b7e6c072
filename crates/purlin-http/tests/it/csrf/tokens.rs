//! What a token is, and whose.

use purlin_base::{Classified, random::Rng};

use super::*;

/// Chance that is always the same byte.
struct Fixed;

impl Rng for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x5a);
    }
}

#[test]
fn a_token_is_that_of_csrf_csrf() {
    // npm csrf-csrf 4.0.3 says that this one is right: HMAC-SHA256 of `5!alice!64!5a5a…`.
    let mac = "5f8dcad0c5fdcf8f15e4265fe23922ff9a079ddb2891232bd5bb5e270d1e163e";
    let token = format!("{mac}.{}", "5a".repeat(32));
    assert_eq!(tokens().issue("alice", &Fixed), token);
    assert!(tokens().verify("alice", &token));
    // And has made this one.
    let theirs = "041a33cc08d91d26a7332be3249e7d772b6740295c27bd6253937ab6b47cb42b.\
                  a0d2d6b6dfe35b364b467e7a484de48e3f422138971c4ad75da1cb071207bcb2";
    assert!(tokens().verify("alice", theirs));
}

#[test]
fn a_secret_has_32_bytes_or_more_and_can_be_replaced() {
    let short = CsrfTokens::new("x".repeat(31)).unwrap_err();
    assert_eq!(short.code(), "CSRF_SECRET_TOO_SHORT");
    assert!(CsrfTokens::derived("short").is_err());
    let before = token("alice");
    let new = CsrfTokens::new("the next secret, of 32 bytes or more").unwrap();
    assert!(!new.verify("alice", &before));
    let both = new.clone().retire(tokens());
    assert!(both.verify("alice", &before));
    assert!(new.verify("alice", &both.issue("alice", &SeededRng::new(1))));
    // A derived key is another than its secret.
    let derived = CsrfTokens::derived(SECRET).unwrap();
    assert!(!derived.verify("alice", &before));
    assert!(derived.verify("alice", &derived.issue("alice", &SeededRng::new(1))));
    // What everybody has binds nobody.
    assert!(!tokens().verify("", &token("")));
}

#[test]
fn no_secret_is_shown() {
    let token = CsrfBinding::new(Arc::new(tokens()), "alice");
    let shown = format!("{:?} {token:?}", tokens());
    assert_eq!(shown, "CsrfTokens CsrfBinding");
}
