//! Our own hashes.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use purlin_auth::password::{Argon2Params, PASSWORD_BYTES_MAX, PasswordError, Verdict};
use purlin_base::{
    Classified,
    random::{Rng, SeededRng},
};

use super::support::{PASSWORD, builder, passwords, verify};

#[tokio::test]
async fn the_password_is_right_and_any_other_is_wrong() {
    let passwords = passwords();
    let stored = passwords.hash(PASSWORD).await.unwrap();
    for (offered, right) in [
        (PASSWORD, true),
        ("a quiet harbour at dusK", false),
        ("a quiet harbour at dusk ", false),
        ("", false),
    ] {
        let verdict = passwords.verify(offered, Some(&stored)).await.unwrap();
        assert_eq!(verdict.is_right(), right, "{offered:?}");
    }
}

#[tokio::test]
async fn the_default_hash_has_the_parameters_salt_and_length_that_owasp_asks_for() {
    let passwords = builder().argon2(Argon2Params::default()).build().unwrap();
    let stored = passwords.hash(PASSWORD).await.unwrap();
    let rest = stored.strip_prefix("$argon2id$v=19$m=19456,t=2,p=1$");
    let (salt, hash) = rest.unwrap().split_once('$').unwrap();
    assert_eq!(
        (salt.len(), hash.len()),
        (22, 43),
        "16 and 32 bytes in base64"
    );
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let passwords = passwords();
    let (one, other) = (
        passwords.hash(PASSWORD).await,
        passwords.hash(PASSWORD).await,
    );
    assert_ne!(one.unwrap(), other.unwrap());
}

#[tokio::test]
async fn a_password_is_the_same_composed_decomposed_and_with_a_space_of_another_kind() {
    let composed = "cr\u{e8}me br\u{fb}l\u{e9}e at noon";
    let decomposed = "cre\u{300}me bru\u{302}le\u{301}e at noon";
    let spaced = "cr\u{e8}me\u{a0}br\u{fb}l\u{e9}e\u{3000}at noon";
    let stored = passwords().hash(decomposed).await.unwrap();
    for form in [composed, decomposed, spaced] {
        assert_eq!(verify(form, &stored).await, Verdict::Right, "{form:?}");
    }
}

#[tokio::test]
async fn what_stands_behind_a_nul_counts() {
    let stored = passwords().hash("harbour\0 at dusk").await.unwrap();
    assert_eq!(verify("harbour\0 at dawn", &stored).await, Verdict::Wrong);
    assert_eq!(verify("harbour", &stored).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_hash_of_other_parameters_is_replaced_by_one_of_todays() {
    let old = passwords().hash(PASSWORD).await.unwrap();
    let today = builder().argon2(Argon2Params::default()).build().unwrap();
    let verdict = today.verify(PASSWORD, Some(&old)).await.unwrap();
    let Verdict::RightOutdated(new) = verdict else {
        panic!("{verdict:?}");
    };
    let again = today.verify(PASSWORD, Some(&new)).await.unwrap();
    assert_eq!(again, Verdict::Right);
    let wrong = today.verify("another", Some(&old)).await.unwrap();
    assert_eq!(wrong, Verdict::Wrong);
}

#[tokio::test]
async fn a_new_password_above_the_bound_is_refused_as_the_callers_fault() {
    let longest = "x".repeat(PASSWORD_BYTES_MAX);
    assert!(passwords().hash(&longest).await.is_ok());
    let error = passwords().hash(&format!("{longest}x")).await.unwrap_err();
    assert!(matches!(error, PasswordError::TooLong { .. }));
    assert_eq!(error.class().status(), 422);
}

#[tokio::test]
async fn our_hashes_are_those_of_another_implementation_over_random_inputs() {
    let seed = purlin_base::random::OsRng.next_u64();
    let rng = SeededRng::new(seed);
    for (memory, passes) in [
        (7_168, 5),
        (9_216, 4),
        (12_288, 3),
        (19_456, 2),
        (47_104, 1),
    ] {
        let params = Argon2Params::new(memory, passes, 1 + rng.below(4) as u32).unwrap();
        let seeded = Arc::new(SeededRng::new(rng.next_u64()));
        let ours = builder().argon2(params).rng(seeded).build().unwrap();
        // Twice: the second works in memory that the first has used.
        for _ in 0..2 {
            let password = "p".repeat(rng.below(200) as usize);
            let stored = ours.hash(&password).await.unwrap();
            assert!(
                other_verifies(&password, &stored, params),
                "seed {seed}: {stored}"
            );
        }
    }
}

fn other_verifies(password: &str, stored: &str, params: Argon2Params) -> bool {
    let (memory, passes, lanes) = (params.memory_kib(), params.passes(), params.lanes());
    let params = Params::new(memory, passes, lanes, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let phc = argon2::PasswordHash::new(stored).unwrap();
    let (salt, mut hash) = (phc.salt.unwrap(), [0; 32]);
    let salt: &[u8] = salt.as_ref();
    argon2
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .unwrap();
    phc.hash.unwrap().as_bytes() == hash
}

#[tokio::test]
async fn no_hash_and_no_password_shows_in_debug() {
    let passwords = passwords();
    let outdated = Verdict::RightOutdated("$argon2id$secret".into());
    assert!(!format!("{outdated:?} {passwords:?}").contains("secret"));
}
