//! Options out of their bounds.

use std::time::Duration;

use purlin_auth::token::{AccessTokens, AccessTokensBuilder, KeyError, KeyRing};
use purlin_base::Classified;

use super::support::{builder, clock, key};

fn refused(set: impl FnOnce(AccessTokensBuilder) -> AccessTokensBuilder) -> &'static str {
    let ring = KeyRing::new([key(1)]).unwrap();
    let error = set(builder(ring, &clock())).build().unwrap_err();
    assert_eq!(error.code(), "TOKEN_OPTION");
    match error {
        KeyError::Option { option, .. } => option,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_option_out_of_its_bounds_is_named() {
    let secs = Duration::from_secs;
    assert_eq!(refused(|it| it.ttl(secs(0))), "ttl");
    assert_eq!(refused(|it| it.ttl(secs(24 * 3600 + 1))), "ttl");
    assert_eq!(refused(|it| it.ttl(Duration::from_millis(1500))), "ttl");
    assert_eq!(refused(|it| it.skew(secs(61))), "skew");
    assert_eq!(refused(|it| it.client_id("")), "client_id");
    assert_eq!(refused(|it| it.remember_max(1_000_001)), "remember_max");
    assert_eq!(refused(|it| it.remember_bytes_max(1)), "remember_bytes_max");
    let long = "x".repeat(257);
    let ring = || KeyRing::new([key(1)]).unwrap();
    for (issuer, audience) in [
        ("", "shop"),
        ("shop", ""),
        (&*long, "shop"),
        ("shop", &*long),
    ] {
        assert!(
            AccessTokens::builder(issuer, audience, ring())
                .build()
                .is_err()
        );
    }
}

#[test]
fn the_ends_of_the_bounds_are_taken() {
    let secs = Duration::from_secs;
    let ring = KeyRing::new([key(1)]).unwrap();
    let built = builder(ring, &clock())
        .ttl(secs(24 * 3600))
        .skew(secs(60))
        .remember_max(1_000_000)
        .build();
    assert!(built.is_ok());
}

#[test]
fn a_ring_has_a_bounded_number_of_keys_each_with_its_own_name() {
    let keys = |count: u64| (0..count).map(key);
    assert!(KeyRing::new(keys(16)).is_ok());
    assert!(matches!(KeyRing::new(keys(17)), Err(KeyError::Ring)));
    assert!(matches!(
        KeyRing::new([key(1), key(1)]),
        Err(KeyError::Ring)
    ));
    let ring = KeyRing::new(keys(3)).unwrap();
    assert!(ring.replace([key(1), key(1)]).is_err());
    assert_eq!(ring.jwks(Default::default()).keys.len(), 3);
}
