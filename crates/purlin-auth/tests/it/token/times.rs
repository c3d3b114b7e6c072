//! When a token is good.

use std::time::Duration;

use purlin_auth::token::TokenError;
use serde_json::{Value, json};

use super::support::{Forger, NOW, builder, claims, clock, with};

const SKEW: i64 = 30;

/// What becomes of a good token with `claim` set to `value`.
fn verify(claim: &str, value: Value) -> Result<(), TokenError> {
    let (clock, forger) = (clock(), Forger::hmac());
    let tokens = builder(forger.ring(), &clock).skew(Duration::from_secs(SKEW as u64));
    let token = forger.claiming(&with(claims(), claim, value));
    tokens.build().unwrap().verify(&token).map(drop)
}

#[test]
fn a_token_ends_with_the_skew_after_its_exp() {
    let claims = |exp: i64| with(with(claims(), "iat", json!(NOW - 900)), "exp", json!(exp));
    let (clock, forger) = (clock(), Forger::hmac());
    let tokens = builder(forger.ring(), &clock).skew(Duration::from_secs(SKEW as u64));
    let tokens = tokens.build().unwrap();
    let verify = |exp| tokens.verify(&forger.claiming(&claims(exp))).map(drop);
    assert_eq!(verify(NOW - SKEW + 1), Ok(()));
    assert_eq!(verify(NOW - SKEW), Err(TokenError::Expired));
    assert_eq!(verify(0), Err(TokenError::Expired));
}

#[test]
fn a_token_begins_with_the_skew_before_its_nbf_and_iat() {
    for claim in ["nbf", "iat"] {
        assert_eq!(verify(claim, json!(NOW + SKEW)), Ok(()), "{claim}");
        assert_eq!(
            verify(claim, json!(NOW + SKEW + 1)),
            Err(TokenError::NotYetValid),
            "{claim}"
        );
    }
}

#[test]
fn a_time_may_have_a_fraction_which_is_dropped() {
    assert_eq!(verify("exp", json!(NOW as f64 + 900.9)), Ok(()));
    assert_eq!(verify("iat", json!(NOW as f64 + 30.9)), Ok(()));
}

#[test]
fn what_is_no_time_is_refused() {
    for claim in ["exp", "iat", "nbf"] {
        for value in [
            json!("1764000900"),
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(253_402_300_800_i64),
            json!([NOW]),
            json!({}),
            json!(true),
        ] {
            let refused = verify(claim, value.clone());
            let expected = Err(TokenError::Claim { claim });
            assert_eq!(refused, expected, "{claim}: {value}");
        }
    }
}

#[test]
fn a_token_that_ends_before_it_begins_is_refused() {
    assert_eq!(
        verify("exp", json!(NOW - 1)),
        Err(TokenError::Claim { claim: "exp" })
    );
}
