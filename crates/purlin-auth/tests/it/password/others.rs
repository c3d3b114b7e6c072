//! Hashes that other systems left behind.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use purlin_auth::password::Verdict;

use super::support::{PASSWORD, assert_outdated, passwords, verify};

/// Characters that tell truncation from repetition: 33 to 122, over and over.
fn ramp(length: usize) -> String {
    (0..length)
        .map(|i| char::from(33 + (i % 90) as u8))
        .collect()
}

/// Made by npm's bcrypt 6.0.0 with the salt `abcdefghijklmnopqrstuu` and cost 4.
const FULL: &str = "abcdefghijklmnopqrstuuRp1NUc1x3qElKIZdAOlSOxWQ3U78pQG";

#[tokio::test]
async fn bcrypt_of_every_version_is_verified_and_replaced() {
    for version in ["2a", "2b", "2y"] {
        let stored = format!("${version}$04${FULL}");
        assert_outdated(&ramp(72), &stored).await;
        assert_eq!(verify(&ramp(71), &stored).await, Verdict::Wrong);
    }
}

#[tokio::test]
async fn bcrypt_counts_72_bytes_and_no_more_as_npms_does() {
    for length in [73, 100, 254] {
        assert_outdated(&ramp(length), &format!("$2a$04${FULL}")).await;
    }
    for length in [73, 255, 256, 300] {
        assert_outdated(&ramp(length), &format!("$2b$04${FULL}")).await;
    }
}

#[tokio::test]
async fn bcrypt_2a_starts_the_length_again_at_256_as_npms_does() {
    let wrapped = [
        (255, "M3Xr2YrU5dn20m.aE9N8Q674gj70zmK"),
        (256, "M3Xr2YrU5dn20m.aE9N8Q674gj70zmK"),
        (300, "10n9diL8bxVW6mp02/krh5f7EBpPEAK"),
    ];
    for (length, hash) in wrapped {
        let stored = format!("$2a$04$abcdefghijklmnopqrstuu{hash}");
        assert_outdated(&ramp(length), &stored).await;
    }
}

#[tokio::test]
async fn bcrypt_takes_the_empty_password_and_a_nul_within_one_as_npms_does() {
    let cases = [
        ("", "byCG3zY1GIXMyxfivm.ClDiInHzxjiq"),
        ("a", "MFdJu9yVgmagVAIC24fOZkaFqd3s9JC"),
        ("a\0b", "sjHI0zQHpOe3SFDK1IriYv6N79Gzr32"),
    ];
    for (password, hash) in cases {
        let stored = format!("$2b$04$abcdefghijklmnopqrstuu{hash}");
        assert_outdated(password, &stored).await;
        assert_eq!(verify("a\0c", &stored).await, Verdict::Wrong);
    }
}

#[tokio::test]
async fn scrypt_of_rfc_7914_is_verified_and_replaced() {
    // RFC 7914, section 12: "pleaseletmein", "SodiumChloride", N=16384, r=8, p=1.
    let stored = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$\
        cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw";
    assert_outdated("pleaseletmein", stored).await;
    assert_eq!(verify("pleaseletmein!", stored).await, Verdict::Wrong);
}

#[tokio::test]
async fn argon2_of_every_kind_and_version_is_verified_and_replaced_unless_it_is_ours() {
    for algorithm in [Algorithm::Argon2d, Algorithm::Argon2i, Algorithm::Argon2id] {
        for version in [Version::V0x10, Version::V0x13] {
            let params = Params::new(64, 1, 1, Some(32)).unwrap();
            let other = Argon2::new(algorithm, version, params);
            let salt = b"sixteen bytes ok";
            let stored = other
                .hash_password_with_salt(PASSWORD.as_bytes(), salt)
                .unwrap();
            let stored = stored.to_string();
            if (algorithm, version) == (Algorithm::Argon2id, Version::V0x13) {
                assert_eq!(verify(PASSWORD, &stored).await, Verdict::Right);
            } else {
                assert_outdated(PASSWORD, &stored).await;
            }
        }
    }
}

#[tokio::test]
async fn a_hash_from_before_there_was_a_version_is_read_as_the_first_one() {
    let params = Params::new(64, 1, 1, Some(32)).unwrap();
    let other = Argon2::new(Algorithm::Argon2id, Version::V0x10, params);
    let salt = b"sixteen bytes ok";
    let stored = other
        .hash_password_with_salt(PASSWORD.as_bytes(), salt)
        .unwrap();
    assert_outdated(PASSWORD, &stored.to_string().replace("v=16$", "")).await;
}

#[tokio::test]
async fn a_salt_or_a_hash_of_another_length_is_outdated() {
    for (salt, length) in [(&b"12345678"[..], 32), (b"sixteen bytes ok", 16)] {
        let params = Params::new(64, 1, 1, Some(length)).unwrap();
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stored = other
            .hash_password_with_salt(PASSWORD.as_bytes(), salt)
            .unwrap();
        assert_outdated(PASSWORD, &stored.to_string()).await;
    }
}

#[tokio::test]
async fn a_hash_that_others_made_without_normalising_is_verified_and_replaced() {
    let decomposed = "cre\u{300}me at noon";
    let params = Params::new(64, 1, 1, Some(32)).unwrap();
    let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = b"sixteen bytes ok";
    let stored = other
        .hash_password_with_salt(decomposed.as_bytes(), salt)
        .unwrap();
    assert_outdated(decomposed, &stored.to_string()).await;
    let composed = passwords()
        .verify("cr\u{e8}me at noon", Some(&stored.to_string()))
        .await;
    assert_eq!(
        composed.unwrap(),
        Verdict::Wrong,
        "only they could say that it was this one"
    );
}
