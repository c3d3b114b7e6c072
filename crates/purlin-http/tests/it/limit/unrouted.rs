//! Limits of paths, for raw routers and for addresses that are no route.

use axum::{Router as Raw, body::Body, routing::get};
use http::{Method, Request};
use purlin_http::{
    Edge, Mount, NoContent, Route, Router, Routes,
    limit::{LimitBy, LimitRule, RateLimits},
    versioning::Versioning,
};

use super::{
    routes::{from, limit},
    *,
};
use crate::support::ask;

/// Two a minute below `/api`, but not below `/api/free`.
fn limits(by: LimitBy) -> RateLimits {
    let (builder, _) = limit(Quota::per_minute(2));
    let rule = LimitRule::below(["/api"], builder.by(by).build().unwrap());
    RateLimits::new().rule(rule.except("/api/free"))
}

fn books() -> Routes {
    Routes::at("/api").route(Route::get("/books").public().handler(async || NoContent))
}

fn raw(path: &str) -> Raw {
    Raw::new().route(path, get(async || "raw"))
}

fn served(mount: Mount) -> Router {
    Edge::new().router(mount.build().unwrap().router)
}

async fn status(router: &Router, method: Method, uri: &str) -> u16 {
    let mut asked: Request<Body> = from("1.1.1.1", uri);
    *asked.method_mut() = method;
    ask(router, asked).await.status.as_u16()
}

async fn gets(router: &Router, uris: &[&str]) -> Vec<u16> {
    let mut seen = Vec::new();
    for uri in uris {
        seen.push(status(router, Method::GET, uri).await);
    }
    seen
}

#[tokio::test]
async fn a_flood_of_addresses_that_are_no_route_counts_with_those_that_are() {
    let router = served(Mount::new().limits(limits(LimitBy::user())).routes(books()));
    let seen = gets(&router, &["/api/books", "/api/no", "/api/no", "/api/books"]).await;
    assert_eq!(seen, [204, 404, 429, 429]);
    // Beside the limited path, and in its exception.
    assert_eq!(gets(&router, &["/no"; 3]).await, [404; 3]);
    assert_eq!(gets(&router, &["/api/free/no"; 3]).await, [404; 3]);
    assert_eq!(gets(&router, &["/apis"; 3]).await, [404; 3]);
    let refused = ask(&router, from("1.1.1.1", "/api/no")).await;
    assert_eq!(refused.problem(429), "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), "30");
    let other = ask(&router, from("2.2.2.2", "/api/no")).await;
    assert_eq!(other.problem(404), "HTTP_NOT_FOUND");
    assert!(other.header("ratelimit").contains("r=1"), "{other:?}");
}

#[tokio::test]
async fn a_wrong_method_counts_and_a_question_for_the_right_ones_does_not() {
    let router = served(
        Mount::new()
            .limits(limits(LimitBy::address()))
            .routes(books()),
    );
    for _ in 0..5 {
        assert_eq!(status(&router, Method::OPTIONS, "/api/books").await, 204);
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(status(&router, Method::PATCH, "/api/books").await);
    }
    assert_eq!(seen, [405, 405, 429]);
}

#[tokio::test]
async fn a_raw_router_below_a_limited_path_is_limited_and_one_beside_it_is_not() {
    let mount = Mount::new()
        .limits(limits(LimitBy::address()))
        .routes(books())
        .raw("inside", raw("/api/raw"))
        .raw("nested", Raw::new().nest("/api/nested", raw("/deep")))
        .raw("beside", raw("/beside"));
    let router = served(mount);
    assert_eq!(gets(&router, &["/beside"; 3]).await, [200; 3]);
    let seen = gets(&router, &["/api/raw", "/api/nested/deep", "/api/raw"]).await;
    assert_eq!(seen, [200, 200, 429]);
    assert_eq!(
        gets(&router, &["/api/books"]).await,
        [429],
        "counted together"
    );
}

#[tokio::test]
async fn a_raw_router_keeps_its_fallback_and_its_methods_on_a_path_of_ours() {
    let own = Raw::new()
        .route("/api/books", axum::routing::put(async || "put"))
        .fallback(async || "the page of a fallback");
    let mount = Mount::new()
        .limits(limits(LimitBy::address()))
        .routes(books())
        .raw("own", own);
    let router = served(mount);
    assert_eq!(gets(&router, &["/other"; 3]).await, [200; 3]);
    assert_eq!(status(&router, Method::PUT, "/api/books").await, 200);
    assert_eq!(gets(&router, &["/api/other"; 2]).await, [200, 429]);
}

#[tokio::test]
async fn callers_of_raw_routers_are_told_apart_as_on_a_public_route() {
    let key = http::HeaderName::from_static("x-api-key");
    let mount = Mount::new()
        .limits(limits(LimitBy::header(key)))
        .routes(books())
        .raw("raw", raw("/api/raw"));
    let router = served(mount);
    let keyed = |key: &'static str, uri: &str| {
        let mut asked = from("1.1.1.1", uri);
        asked
            .headers_mut()
            .insert("x-api-key", key.parse().unwrap());
        asked
    };
    for key in ["one", "two"] {
        for expected in [200, 200, 429] {
            assert_eq!(ask(&router, keyed(key, "/api/raw")).await.status, expected);
        }
    }
    // Nothing there has looked at the key: whoever makes one up is counted by address.
    let mut seen = Vec::new();
    for key in ["three", "four", "five"] {
        seen.push(ask(&router, keyed(key, "/api/no")).await.status.as_u16());
    }
    assert_eq!(seen, [404, 404, 429]);
}

#[tokio::test]
async fn a_version_that_is_not_there_counts_too() {
    let route = Route::get("/books").version("1").public();
    let books = Routes::at("/api").route(route.handler(async || NoContent));
    let versioning = Versioning::below("/api").version("1").default_version("1");
    let mount = Mount::new()
        .versioning(versioning.path("v"))
        .limits(limits(LimitBy::address()))
        .routes(books);
    let router = served(mount);
    let seen = gets(
        &router,
        &["/api/v1/books", "/api/v9/books", "/api/v9/books"],
    )
    .await;
    assert_eq!(seen, [204, 404, 429]);
}

#[tokio::test]
async fn without_limits_nothing_is_limited() {
    let mount = Mount::new()
        .limits(RateLimits::off())
        .routes(books())
        .raw("raw", raw("/api/raw"));
    let router = served(mount);
    let seen = gets(&router, &["/api/raw", "/api/no", "/api/raw", "/api/no"]).await;
    assert_eq!(seen, [200, 404, 200, 404]);
}
