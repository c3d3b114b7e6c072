//! What an issued token says.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use purlin_auth::token::{Algorithm, KeyRing, TokenError, TokenKey};
use purlin_base::{Classified, ErrorClass, Principal, random::OsRng};
use serde_json::{Value, json};

use super::support::{AUDIENCE, FAMILY, ISSUER, NOW, builder, clock, key, reader, tokens};

fn part(token: &str, at: usize) -> Value {
    let text = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[test]
fn a_token_says_who_for_whom_and_until_when() {
    let clock = clock();
    let key = key(1);
    let ring = KeyRing::new([key.clone()]).unwrap();
    let tokens = builder(ring, &clock).client_id("web").build().unwrap();
    let issued = tokens.issue(&reader(), Some(FAMILY.parse().unwrap()));
    let issued = issued.unwrap();

    let header = part(&issued.token, 0);
    assert_eq!(
        header,
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid()})
    );
    let mut claims = part(&issued.token, 1);
    let jti = claims["jti"].take();
    assert_eq!(
        claims,
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "iat": NOW, "exp": NOW + 900,
            "jti": null, "client_id": "web", "roles": ["reader"], "sid": FAMILY,
        })
    );
    assert_eq!(issued.expires_in.as_secs(), 900);

    let verified = tokens.verify(&issued.token).unwrap();
    assert_eq!(verified.principal, reader());
    assert_eq!(*verified.id, *jti.as_str().unwrap());
    assert_eq!(verified.family, Some(FAMILY.parse().unwrap()));
    assert_eq!(verified.issued_at.unix_seconds(), NOW);
    assert_eq!(verified.expires_at.unix_seconds(), NOW + 900);
}

#[test]
fn no_two_tokens_have_one_name() {
    let clock = clock();
    let tokens = tokens(KeyRing::new([key(1)]).unwrap(), &clock);
    let id = || {
        let issued = tokens.issue(&reader(), None).unwrap();
        tokens.verify(&issued.token).unwrap().id.clone()
    };
    assert_ne!(id(), id());
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for algorithm in [
        Algorithm::EdDsa,
        Algorithm::Ed25519,
        Algorithm::Es256,
        Algorithm::Rs256,
        Algorithm::Hs256,
    ] {
        let clock = clock();
        let key = TokenKey::generate(algorithm, &OsRng).unwrap();
        let tokens = tokens(KeyRing::new([key]).unwrap(), &clock);
        let issued = tokens.issue(&reader(), None).unwrap();
        assert_eq!(part(&issued.token, 0)["alg"], algorithm.name());
        let verified = tokens.verify(&issued.token).unwrap();
        assert_eq!(
            (verified.principal.id(), verified.family),
            ("user-7", None),
            "{algorithm:?}"
        );
    }
}

#[test]
fn what_verification_would_refuse_is_not_issued() {
    let clock = clock();
    let tokens = tokens(KeyRing::new([key(1)]).unwrap(), &clock);
    let long = "x".repeat(257);
    let many = vec!["role"; 65];
    for principal in [
        Principal::new("", ["reader"]),
        Principal::new(&long, ["reader"]),
        Principal::new("user-7", [&long[..129]]),
        Principal::new("user-7", [""]),
        Principal::new("user-7", many),
        // Within every bound but that of the whole.
        Principal::new("user-7", vec![&long[..128]; 64]),
    ] {
        assert_eq!(
            tokens.issue(&principal, None),
            Err(TokenError::Unissuable),
            "{principal:?}"
        );
    }
}

#[test]
fn without_a_key_that_signs_nothing_is_issued() {
    let clock = clock();
    let public = serde_json::to_string(&key(1).jwk()).unwrap();
    let public = TokenKey::from_jwk(Algorithm::EdDsa, &public).unwrap();
    let tokens = tokens(KeyRing::new([public]).unwrap(), &clock);
    let refused = tokens.issue(&reader(), None).unwrap_err();
    assert_eq!(
        (refused.code(), refused.class()),
        ("TOKEN_NO_SIGNING_KEY", ErrorClass::Internal)
    );
}

#[test]
fn debug_shows_neither_tokens_nor_keys() {
    let clock = clock();
    let secret = "0123456789abcdef0123456789abcdef";
    let key = TokenKey::from_secret(secret.as_bytes(), "hmac").unwrap();
    let tokens = tokens(KeyRing::new([key.clone()]).unwrap(), &clock);
    let issued = tokens.issue(&reader(), None).unwrap();
    let shown = format!("{key:?} {tokens:?} {issued:?}");
    assert!(shown.contains("hmac"), "{shown}");
    assert!(!shown.contains(secret), "{shown}");
    assert!(!shown.contains("eyJ"), "{shown}");
    let bytes = format!("{:?}", &secret.as_bytes()[..4]);
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}
