//! What somebody who means harm sends or stores.

use purlin_auth::password::{PASSWORD_BYTES_MAX, PasswordError, Verdict};
use purlin_base::Classified;

use super::support::{PASSWORD, passwords, verify};

const SALT_AND_HASH: &str = "c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn refusal(stored: &str) -> PasswordError {
    let verdict = passwords().verify(PASSWORD, Some(stored)).await;
    verdict.expect_err(stored)
}

#[tokio::test]
async fn a_stored_hash_cannot_ask_for_gigabytes_or_hours() {
    for params in [
        "argon2id$v=19$m=4194304,t=1,p=1",
        "argon2id$v=19$m=262145,t=1,p=1",
        "argon2id$v=19$m=4294967295,t=4294967295,p=1",
        "argon2id$v=19$m=64,t=4294967295,p=1",
        "argon2id$v=19$m=262144,t=9,p=1",
        "argon2id$v=19$m=65536,t=1,p=17",
        "argon2id$v=19$m=7,t=1,p=1",
        "argon2id$v=19$m=64,t=0,p=1",
        "argon2id$v=19$m=64,t=1,p=0",
        "scrypt$ln=63,r=8,p=1",
        "scrypt$ln=300,r=8,p=1",
        "scrypt$ln=20,r=8,p=1",
        "scrypt$ln=14,r=4294967295,p=4294967295",
        "scrypt$ln=14,r=8,p=17",
        "scrypt$ln=0,r=8,p=1",
    ] {
        let error = refusal(&format!("${params}${SALT_AND_HASH}")).await;
        assert!(
            matches!(error, PasswordError::StoredTooCostly),
            "{params}: {error}"
        );
        assert_eq!(error.class().status(), 500);
    }
    let costly = format!("$2b$16${}", "a".repeat(53));
    assert!(matches!(
        refusal(&costly).await,
        PasswordError::StoredTooCostly
    ));
}

#[tokio::test]
async fn what_is_no_hash_is_a_fault_that_does_not_show_it() {
    for stored in [
        "",
        "!",
        PASSWORD,
        "$",
        "$2b$",
        "$2b$10$short",
        "$2x$04$abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG",
        "$2b$4$abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG",
        "$2b$+4$abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG",
        "$2b$03$abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG",
        "$2b$04$abcdefghijklmnopqrstuéRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG",
        "$2b$04$abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQGG",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlcyBvaw",
        "$argon2id$v=20$m=64,t=1,p=1$c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,t=1,p=1,x=1$c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,t=1$c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=64,m=64,p=1$c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAA",
        "$pbkdf2-sha256$i=1000$c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAA",
        &"$argon2id".repeat(100_000),
    ] {
        let error = refusal(stored).await;
        assert!(
            matches!(error, PasswordError::StoredUnreadable),
            "{stored:.60}: {error}"
        );
        assert_eq!(error.public_detail(), None);
        assert!(stored.len() < 6 || !format!("{error} {error:?}").contains(stored));
    }
}

#[tokio::test]
async fn a_hash_that_is_the_start_of_the_right_one_is_not_it() {
    let stored = passwords().hash(PASSWORD).await.unwrap();
    // 16 bytes of the 32: a hash of another length is another hash.
    let half = &stored[..stored.len() - 43 + 22];
    match passwords().verify(PASSWORD, Some(half)).await {
        Ok(verdict) => assert_eq!(verdict, Verdict::Wrong),
        Err(error) => assert!(matches!(error, PasswordError::StoredUnreadable)),
    }
}

#[tokio::test]
async fn nobody_has_no_password_that_is_right() {
    for password in ["", PASSWORD, "\0"] {
        let verdict = passwords().verify(password, None).await.unwrap();
        assert_eq!(verdict, Verdict::Wrong);
    }
}

#[tokio::test]
async fn a_password_of_a_megabyte_is_wrong_for_somebody_and_for_nobody_without_a_hash() {
    // No place for a hash at all: what needs one is told to come back.
    let passwords = super::bounds::Full::new().await;
    let stored = super::support::passwords().hash(PASSWORD).await.unwrap();
    for length in [PASSWORD_BYTES_MAX + 1, 1_000_000] {
        let password = "x".repeat(length);
        for stored in [None, Some(stored.as_str())] {
            let verdict = passwords.passwords.verify(&password, stored).await;
            assert_eq!(verdict.unwrap(), Verdict::Wrong);
        }
    }
    for stored in [None, Some(stored.as_str())] {
        let refused = passwords.passwords.verify(PASSWORD, stored).await;
        assert!(matches!(refused, Err(PasswordError::Busy { .. })));
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_takes_a_hash_as_one_that_does() {
    use std::time::{Duration, Instant};
    let params = purlin_auth::password::Argon2Params::default();
    let passwords = super::support::builder().argon2(params).build().unwrap();
    let stored = passwords.hash(PASSWORD).await.unwrap();
    let mut least = [Duration::MAX; 2];
    for _ in 0..15 {
        for (least, stored) in least.iter_mut().zip([None, Some(stored.as_str())]) {
            let begun = Instant::now();
            passwords.verify("not the password", stored).await.unwrap();
            *least = (*least).min(begun.elapsed());
        }
    }
    // The least of each leaves the noise of a busy machine out; without a hash it is a 100th.
    let ratio = least[0].as_secs_f64() / least[1].as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{least:?}");
}

#[tokio::test]
async fn a_long_password_in_a_costly_form_stays_bounded() {
    // Each of these becomes three times as long in NFC.
    let password = "\u{1d160}".repeat(PASSWORD_BYTES_MAX / 4);
    let stored = passwords().hash(&password).await.unwrap();
    assert_eq!(verify(&password, &stored).await, Verdict::Right);
}
