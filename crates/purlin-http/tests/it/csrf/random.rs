//! Tokens at random.

use proptest::prelude::*;
use purlin_base::random::SeededRng;

use super::tokens;

proptest! {
    #[test]
    fn a_token_is_right_for_its_own_binding_alone(
        a in "\\PC{1,40}", b in "\\PC{0,40}", seed: u64
    ) {
        let token = tokens().issue(&a, &SeededRng::new(seed));
        prop_assert!(tokens().verify(&a, &token));
        prop_assert_eq!(tokens().verify(&b, &token), a == b);
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_wrong(at in 0usize..129, to in "[ -~]", seed: u64) {
        let token = tokens().issue("alice", &SeededRng::new(seed));
        let mut changed = token.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(tokens().verify("alice", &changed), changed == token);
    }

    #[test]
    fn any_text_is_looked_at_without_harm(shown in "\\PC{0,200}|[0-9a-f]{64}\\.[0-9a-f]{64}") {
        prop_assert!(!tokens().verify("alice", &shown));
    }
}
