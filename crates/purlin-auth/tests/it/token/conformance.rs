//! Tokens of npm's `jsonwebtoken` and `jose` here, and ours there.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use purlin_auth::token::{AccessTokens, Algorithm, KeyRing, TokenError, TokenKey};
use purlin_base::{random::OsRng, time::Clock};
use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, NOW, builder, claims, clock, reader, tokens, with};
use crate::node;

const SCRIPT: &str = "tokens.mjs";

/// Who signs what: `jsonwebtoken` knows no EdDSA.
const LIBRARIES: [(&str, &[Algorithm]); 2] = [
    (
        "jsonwebtoken",
        &[Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256],
    ),
    (
        "jose",
        &[
            Algorithm::Hs256,
            Algorithm::Rs256,
            Algorithm::Es256,
            Algorithm::EdDsa,
            Algorithm::Ed25519,
        ],
    ),
];

fn pairs() -> impl Iterator<Item = (&'static str, Algorithm)> {
    let pair = |(library, algorithms): (_, &'static [Algorithm])| {
        algorithms
            .iter()
            .map(move |algorithm| (library, *algorithm))
    };
    LIBRARIES.into_iter().flat_map(pair)
}

fn verifier(key: TokenKey) -> AccessTokens {
    tokens(KeyRing::new([key]).unwrap(), &clock())
}

#[test]
fn conformance_tokens_of_npm_verify_here() {
    let make = |(library, algorithm): (&str, Algorithm)| {
        let (alg, claims) = (algorithm.name(), claims());
        json!({"make": {"library": library, "alg": alg, "claims": claims}})
    };
    let Some(made) = node::ask(SCRIPT, &pairs().map(make).collect()) else {
        return;
    };
    for ((library, algorithm), made) in pairs().zip(made.as_array().unwrap()) {
        let token = made["token"].as_str().unwrap();
        for key in keys(algorithm, made) {
            let tokens = verifier(key.with_kid("npm").unwrap());
            let verified = tokens.verify(token);
            let verified = verified.unwrap_or_else(|e| panic!("{library} {algorithm:?}: {e}"));
            assert_eq!(verified.principal, reader());
        }
        let other = TokenKey::generate(algorithm, &OsRng).unwrap();
        let refused = verifier(other.with_kid("npm").unwrap()).verify(token);
        assert_eq!(refused, Err(TokenError::Signature), "{library}");
    }
}

/// The key of Node in every form that it was given in.
fn keys(algorithm: Algorithm, made: &Value) -> Vec<TokenKey> {
    if algorithm == Algorithm::Hs256 {
        let jwk = with(made["jwk"].clone(), "kid", json!("npm"));
        return vec![TokenKey::from_jwk(algorithm, &jwk.to_string()).unwrap()];
    }
    let pem = |name: &str| TokenKey::from_pem(algorithm, made[name].as_str().unwrap());
    let jwk = |name: &str| TokenKey::from_jwk(algorithm, &made[name].to_string());
    let keys = [
        pem("publicPem"),
        pem("privatePem"),
        jwk("jwk"),
        jwk("privateJwk"),
    ];
    let keys = keys.map(|key| key.unwrap_or_else(|error| panic!("{algorithm:?}: {error}")));
    for key in &keys {
        assert_eq!(key.kid(), made["thumbprint"], "{algorithm:?}");
    }
    assert!(!keys[0].can_sign() && keys[1].can_sign());
    assert!(!keys[2].can_sign() && keys[3].can_sign());
    for key in [&keys[1], &keys[3]] {
        let tokens = verifier(key.clone());
        let token = tokens.issue(&reader(), None).unwrap().token;
        assert!(tokens.verify(&token).is_ok(), "{algorithm:?}");
    }
    keys.to_vec()
}

#[test]
fn conformance_our_tokens_verify_with_npm() {
    let secret = [9; 48];
    let clock = clock();
    let now = clock.now();
    let mut requests = Vec::new();
    for (library, algorithm) in pairs() {
        let key = match algorithm {
            Algorithm::Hs256 => TokenKey::from_secret(&secret, "ours").unwrap(),
            _ => TokenKey::generate(algorithm, &OsRng).unwrap(),
        };
        let spare = TokenKey::generate(Algorithm::EdDsa, &OsRng).unwrap();
        let ring = KeyRing::new([key, spare]).unwrap();
        let tokens = builder(ring.clone(), &clock).ttl(Duration::from_secs(60));
        let token = tokens
            .build()
            .unwrap()
            .issue(&reader(), None)
            .unwrap()
            .token;
        let secret = (algorithm == Algorithm::Hs256).then(|| BASE64_URL_SAFE_NO_PAD.encode(secret));
        let verify = |token: &str, clock: i64, audience: &str| {
            json!({"verify": {
                "library": library, "token": token, "jwks": ring.jwks(now),
                "secret": secret, "issuer": ISSUER, "audience": audience, "clock": clock,
            }})
        };
        requests.push(verify(&token, NOW, AUDIENCE));
        requests.push(verify(&token, NOW + 61, AUDIENCE));
        requests.push(verify(&token, NOW, "other"));
    }
    let Some(answers) = node::ask(SCRIPT, &requests.into()) else {
        return;
    };
    for ((library, algorithm), answers) in pairs().zip(answers.as_array().unwrap().chunks(3)) {
        let name = format!("{library} {algorithm:?} {answers:?}");
        assert_eq!(answers[0]["claims"]["sub"], "user-7", "{name}");
        assert_eq!(answers[0]["claims"]["roles"], json!(["reader"]), "{name}");
        assert!(answers[1]["error"].is_string(), "{name}");
        assert!(answers[2]["error"].is_string(), "{name}");
    }
}
