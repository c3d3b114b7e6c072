//! The public keys, as others read them.

use std::sync::Arc;

use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use purlin_auth::token::{Algorithm, KeyRing, TokenKey};
use purlin_base::{random::OsRng, time::Timestamp};
use purlin_http::{Edge, Mount};
use serde_json::Value;
use tower::ServiceExt;

use super::support::{clock, key};

fn published(ring: &KeyRing) -> Value {
    serde_json::to_value(ring.jwks(Timestamp::UNIX_EPOCH)).unwrap()
}

#[test]
fn nothing_but_the_public_half_is_published() {
    for (algorithm, members) in [
        (Algorithm::EdDsa, "alg crv kid kty use x"),
        (Algorithm::Es256, "alg crv kid kty use x y"),
        (Algorithm::Rs256, "alg e kid kty n use"),
    ] {
        let key = TokenKey::generate(algorithm, &OsRng).unwrap();
        let jwks = published(&KeyRing::new([key.clone()]).unwrap());
        let jwk = jwks["keys"][0].as_object().unwrap();
        let mut names: Vec<&str> = jwk.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), members);
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!(jwk["kid"], key.kid());
        assert_eq!(jwk["use"], "sig");
    }
}

#[test]
fn symmetric_keys_are_not_published() {
    let secret = TokenKey::from_secret(&[7; 32], "hmac").unwrap();
    let jwks = published(&KeyRing::new([secret.clone()]).unwrap());
    assert_eq!(jwks, serde_json::json!({"keys": []}));
    let jwks = published(&KeyRing::new([secret, key(1)]).unwrap());
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_route_answers_anybody_and_may_be_kept_for_a_minute() {
    let ring = KeyRing::new([key(1), key(2)]).unwrap();
    let mounted = Mount::new()
        .routes(ring.routes(Arc::new(clock())))
        .build()
        .unwrap();
    let router = Edge::new().router(mounted.router);
    let request = Request::get("/.well-known/jwks.json").body(String::new());
    let (head, body) = router.oneshot(request.unwrap()).await.unwrap().into_parts();
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.headers[header::CACHE_CONTROL], "public, max-age=60");
    assert_eq!(head.headers[header::CONTENT_TYPE], "application/json");
    let body = body.collect().await.unwrap().to_bytes();
    let json: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json, published(&ring));
}
