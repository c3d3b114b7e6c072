//! Keys that come from elsewhere.

use aws_lc_rs::{rsa::KeySize, signature::KeyPair};
use purlin_auth::token::{Algorithm, KeyError, KeyRing, TokenKey};
use purlin_base::random::OsRng;
use serde_json::{Value, json};

use super::support::{Forger, clock, pem, reader, rsa_pem, tokens, with};

/// RFC 8037, appendix A.
fn ed() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

/// RFC 7515, appendix A.3.
fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    })
}

/// The public key of RFC 7638 §3.1, whose thumbprint is given there.
const RSA_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

fn read(algorithm: Algorithm, jwk: &Value) -> Result<TokenKey, KeyError> {
    TokenKey::from_jwk(algorithm, &jwk.to_string())
}

fn is_invalid(key: Result<TokenKey, KeyError>) -> bool {
    matches!(key, Err(KeyError::Invalid { .. }))
}

#[test]
fn keys_are_named_by_the_thumbprints_of_the_standard() {
    let rsa = json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"});
    let rsa = read(Algorithm::Rs256, &rsa).unwrap();
    assert_eq!(rsa.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert!(!rsa.can_sign());
    let ed = read(Algorithm::EdDsa, &ed()).unwrap();
    assert_eq!(ed.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let named = with(ec(), "kid", json!("mine"));
    assert_eq!(read(Algorithm::Es256, &named).unwrap().kid(), "mine");
}

#[test]
fn the_public_half_of_a_key_verifies_and_does_not_sign() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256] {
        let whole = TokenKey::generate(algorithm, &OsRng).unwrap();
        let jwk = serde_json::to_string(&whole.jwk()).unwrap();
        let half = TokenKey::from_jwk(algorithm, &jwk).unwrap();
        assert_eq!((half.kid(), half.can_sign()), (whole.kid(), false));
        let signer = tokens(KeyRing::new([whole]).unwrap(), &clock());
        let verifier = tokens(KeyRing::new([half]).unwrap(), &clock());
        let token = signer.issue(&reader(), None).unwrap().token;
        assert!(verifier.verify(&token).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn private_keys_in_jwk_sign() {
    for (algorithm, jwk) in [(Algorithm::EdDsa, ed()), (Algorithm::Es256, ec())] {
        let tokens = tokens(
            KeyRing::new([read(algorithm, &jwk).unwrap()]).unwrap(),
            &clock(),
        );
        let token = tokens.issue(&reader(), None).unwrap().token;
        assert!(tokens.verify(&token).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn public_keys_in_pem_are_read() {
    let spki = |head: &[u8], key: &[u8]| pem("PUBLIC KEY", &[head, key].concat());
    let ed25519 = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    let seed = [7; 32];
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let text = spki(&ed25519, pair.public_key().as_ref());
    let key = TokenKey::from_pem(Algorithm::EdDsa, &text).unwrap();
    assert!(!key.can_sign());
    assert!(is_invalid(TokenKey::from_pem(Algorithm::Es256, &text)));
    assert!(is_invalid(TokenKey::from_pem(Algorithm::Rs256, &text)));
    assert!(is_invalid(TokenKey::from_pem(Algorithm::Hs256, &text)));
}

#[test]
fn a_key_of_another_algorithm_is_refused() {
    for jwk in [ed(), ec()] {
        assert!(is_invalid(read(Algorithm::Rs256, &jwk)));
        assert!(is_invalid(read(Algorithm::Hs256, &jwk)));
    }
    assert!(is_invalid(read(Algorithm::Es256, &ed())));
    assert!(is_invalid(read(Algorithm::EdDsa, &ec())));
    assert!(is_invalid(read(
        Algorithm::EdDsa,
        &with(ed(), "alg", json!("ES256"))
    )));
    assert!(is_invalid(read(
        Algorithm::EdDsa,
        &with(ed(), "use", json!("enc"))
    )));
    assert!(is_invalid(read(
        Algorithm::Es256,
        &with(ec(), "crv", json!("P-384"))
    )));
    let named = with(with(ed(), "alg", json!("Ed25519")), "use", json!("sig"));
    assert!(read(Algorithm::EdDsa, &named).is_ok());
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let other = |jwk: Value, member| {
        let x = "aZCVhtHzEuzI7pbY0l5NSm_xmDpLhSlS1f6VcHhNg7g";
        with(jwk, member, json!(x))
    };
    assert!(is_invalid(read(Algorithm::EdDsa, &other(ed(), "x"))));
    assert!(is_invalid(read(Algorithm::EdDsa, &other(ed(), "d"))));
    assert!(is_invalid(read(Algorithm::Es256, &other(ec(), "d"))));
    // Not on the curve, with and without a private half.
    let off = other(ec(), "y");
    assert!(is_invalid(read(Algorithm::Es256, &off)));
    assert!(is_invalid(read(
        Algorithm::Es256,
        &with(off, "d", Value::Null)
    )));
}

#[test]
fn a_weak_key_is_refused() {
    let weak = |key: Result<TokenKey, KeyError>| matches!(key, Err(KeyError::Weak { .. }));
    assert!(weak(TokenKey::from_secret(&[7; 31], "short")));
    assert!(TokenKey::from_secret(&[7; 32], "long enough").is_ok());
    // A modulus of 2047 bits: the one of 2048 with its top bits moved away.
    let short = json!({"kty": "RSA", "e": "AQAB", "n": RSA_N.replacen('0', "P", 1)});
    assert!(weak(read(Algorithm::Rs256, &short)));
    let tiny = json!({"kty": "RSA", "e": "AQAB", "n": &RSA_N[..172]});
    assert!(weak(read(Algorithm::Rs256, &tiny)));
    for e in ["AQ", "Ag", "AA", "AQAAAAAB"] {
        let odd = json!({"kty": "RSA", "e": e, "n": RSA_N});
        assert!(is_invalid(read(Algorithm::Rs256, &odd)), "{e}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for text in [
        "",
        "{}",
        "null",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
        r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
        r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","x":"AAAA"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#,
        r#"{"kty":"RSA","n":"","e":""}"#,
        r#"{"kty":"oct","k":"AAAA"}"#,
    ] {
        for algorithm in [
            Algorithm::EdDsa,
            Algorithm::Es256,
            Algorithm::Rs256,
            Algorithm::Hs256,
        ] {
            assert!(TokenKey::from_jwk(algorithm, text).is_err(), "{text}");
            assert!(TokenKey::from_pem(algorithm, text).is_err(), "{text}");
        }
    }
}

#[test]
fn a_symmetric_key_has_a_name_and_nothing_to_publish() {
    let k =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let jwk = json!({"kty": "oct", "k": k, "kid": "2026"});
    let key = read(Algorithm::Hs256, &jwk).unwrap();
    assert_eq!((key.kid(), key.can_sign()), ("2026", true));
    assert_eq!(key.jwk(), None);
    assert!(is_invalid(read(
        Algorithm::Hs256,
        &with(jwk, "kid", Value::Null)
    )));
    for kid in ["", "a\nb", &"x".repeat(129)] {
        assert!(is_invalid(TokenKey::from_secret(&[7; 32], kid)), "{kid}");
    }
}

#[test]
fn rsa_is_read_in_both_its_forms_of_pem() {
    let pkcs8 = rsa_pem(KeySize::Rsa2048);
    let pkcs1 = jsonwebtoken::EncodingKey::from_rsa_pem(pkcs8.as_bytes()).unwrap();
    let pkcs1 = pem("RSA PRIVATE KEY", pkcs1.as_bytes());
    let (a, b) = (
        TokenKey::from_pem(Algorithm::Rs256, &pkcs8).unwrap(),
        TokenKey::from_pem(Algorithm::Rs256, &pkcs1).unwrap(),
    );
    assert_eq!(a.kid(), b.kid());
    assert!(a.can_sign() && b.can_sign());
    assert!(Forger::ed().key.can_sign());
}
