//! Limits on routes, groups and paths.

use std::{net::SocketAddr, sync::LazyLock};

use axum::{body::Body, extract::ConnectInfo};
use http::{HeaderName, Request};
use purlin_base::{ErrorClass, Principal};
use purlin_http::{
    Controller, Edge, Guard, GuardRequest, Mount, NoContent, Problem, Route, Router, Routes,
    controller,
    limit::{Limit, LimitBy, LimitRule, RateLimits},
    openapi,
};

use super::*;
use crate::support::{Answer, ask, request, served};

pub(super) fn limit(quota: Quota) -> (purlin_http::limit::LimitBuilder, ManualClock) {
    let clock = clock();
    let builder = Limit::builder(quota).clock(Arc::new(clock.clone()));
    (builder, clock)
}

pub(super) fn from(address: &str, uri: &str) -> Request<Body> {
    let mut asked = request("GET", uri);
    let peer: SocketAddr = format!("{address}:4711").parse().unwrap();
    asked.extensions_mut().insert(ConnectInfo(peer));
    asked
}

pub(super) fn open(path: &str, limit: impl Into<Limit>) -> Routes {
    let route = Route::get(path).limit(limit).public();
    Routes::at("/").route(route.handler(async || NoContent))
}

async fn statuses(router: &Router, asked: impl Fn() -> Request<Body>, times: u32) -> Vec<u16> {
    let mut seen = Vec::new();
    for _ in 0..times {
        seen.push(ask(router, asked()).await.status.as_u16());
    }
    seen
}

/// Lets pass whom `x-user` names, and refuses others.
struct UserGuard;

impl Guard for UserGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let name = request.header("x-user").map(str::to_owned);
        let Some(name) = name else {
            return Err(Problem::new(ErrorClass::Unauthenticated, "USER_MISSING"));
        };
        request.identify(Principal::new(&name, ["reader"]));
        Ok(())
    }
}

fn guarded(limit: &Limit) -> Router {
    let route = Route::get("/").limit(limit).guard(Arc::new(UserGuard));
    served(Routes::at("/").route(route.handler(async || NoContent)))
}

fn by_user(user: &str, address: &str) -> Request<Body> {
    let mut asked = from(address, "/");
    asked.headers_mut().insert("x-user", user.parse().unwrap());
    asked
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_refused_with_a_problem_and_told_when_to_come_back() {
    let (builder, clock) = limit(Quota::per_minute(2));
    let router = served(open("/a", builder.build().unwrap()));
    assert_eq!(
        statuses(&router, || from("1.2.3.4", "/a"), 2).await,
        [204, 204]
    );
    let refused = ask(&router, from("1.2.3.4", "/a")).await;
    assert_eq!(refused.problem(429), "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), "30");
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("2-in-1min")
    );
    assert_eq!(ask(&router, from("5.6.7.8", "/a")).await.status, 204);
    clock.advance(millis(30_000));
    assert_eq!(
        statuses(&router, || from("1.2.3.4", "/a"), 2).await,
        [204, 429]
    );
}

#[tokio::test]
async fn to_come_back_is_never_said_to_be_now() {
    let (builder, clock) = limit(Quota::per_minute(1));
    let router = served(open("/a", builder.build().unwrap()));
    statuses(&router, || from("1.2.3.4", "/a"), 1).await;
    clock.advance(Duration::from_micros(59_999_999));
    let refused = ask(&router, from("1.2.3.4", "/a")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, "1")
    );
}

#[tokio::test]
async fn a_spoofed_x_forwarded_for_gives_no_new_quota() {
    let (builder, _) = limit(Quota::per_minute(2));
    let router = served(open("/a", builder.build().unwrap()));
    for number in 0..5_u32 {
        let mut asked = from("1.2.3.4", "/a");
        let spoofed = format!("6.6.6.{number}").parse().unwrap();
        asked.headers_mut().insert("x-forwarded-for", spoofed);
        let expected = if number < 2 { 204 } else { 429 };
        assert_eq!(ask(&router, asked).await.status, expected);
    }
}

#[tokio::test]
async fn users_are_counted_by_who_they_are_wherever_they_come_from() {
    let (builder, _) = limit(Quota::per_minute(2));
    let limit = builder.by(LimitBy::user()).build().unwrap();
    let router = guarded(&limit);
    for (user, address, status) in [
        ("ada", "1.1.1.1", 204),
        ("ada", "2.2.2.2", 204),
        ("ada", "3.3.3.3", 429),
        ("eve", "1.1.1.1", 204),
    ] {
        assert_eq!(ask(&router, by_user(user, address)).await.status, status);
    }
}

#[tokio::test]
async fn whom_a_guard_refuses_counts_by_address_and_takes_nothing_from_users() {
    let (builder, _) = limit(Quota::per_minute(2));
    let router = guarded(&builder.by(LimitBy::user()).build().unwrap());
    let refused = statuses(&router, || from("1.1.1.1", "/"), 3).await;
    assert_eq!(refused, [401, 401, 429]);
    assert_eq!(ask(&router, by_user("ada", "1.1.1.1")).await.status, 204);
    // A user cannot be named so that he is an address.
    assert_eq!(
        ask(&router, by_user("1.1.1.1", "2.2.2.2")).await.status,
        204
    );
}

#[tokio::test]
async fn a_limit_by_address_refuses_before_a_guard_is_asked() {
    let (builder, _) = limit(Quota::per_minute(1));
    let router = guarded(&builder.build().unwrap());
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/"), 2).await,
        [401, 429]
    );
}

#[tokio::test]
async fn callers_are_told_apart_by_a_field_or_by_anything_in_the_head() {
    let field = LimitBy::header(HeaderName::from_static("x-api-key"));
    let tenant = LimitBy::head(|parts| {
        let key = parts.headers.get("x-api-key")?;
        key.to_str().ok().map(str::to_owned)
    });
    for by in [field, tenant] {
        let (builder, _) = limit(Quota::per_minute(1));
        let router = served(open("/a", builder.by(by).build().unwrap()));
        let keyed = |key: &str| {
            let mut asked = from("1.1.1.1", "/a");
            asked
                .headers_mut()
                .insert("x-api-key", key.parse().unwrap());
            asked
        };
        assert_eq!(statuses(&router, || keyed("one"), 2).await, [204, 429]);
        assert_eq!(statuses(&router, || keyed("two"), 2).await, [204, 429]);
        assert_eq!(
            statuses(&router, || from("1.1.1.1", "/a"), 2).await,
            [204, 429]
        );
    }
}

#[tokio::test]
async fn a_route_may_cost_more_and_counts_with_the_others() {
    let (builder, _) = limit(Quota::per_minute(10));
    let limit = builder.build().unwrap();
    let routes = open("/a", &limit).merge(open("/b", limit.cost(5)));
    let router = served(routes);
    assert_eq!(statuses(&router, || from("1.1.1.1", "/b"), 1).await, [204]);
    assert_eq!(statuses(&router, || from("1.1.1.1", "/a"), 1).await, [204]);
    assert_eq!(statuses(&router, || from("1.1.1.1", "/b"), 1).await, [429]);
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/a"), 5).await,
        [204, 204, 204, 204, 429]
    );
}

#[tokio::test]
async fn a_group_is_limited_as_one_whenever_its_routes_were_added() {
    let (builder, _) = limit(Quota::per_minute(2));
    let limit = builder.build().unwrap();
    let route = |path: &str| Route::get(path).public().handler(async || NoContent);
    let group = Routes::at("/g")
        .route(route("/a"))
        .limit(&limit)
        .route(route("/b"));
    let router = served(group);
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/g/a"), 1).await,
        [204]
    );
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/g/b"), 2).await,
        [204, 429]
    );
}

#[tokio::test]
async fn rules_hold_below_their_paths_and_not_beside_them() {
    let (builder, _) = limit(Quota::per_minute(1));
    let rule = LimitRule::below(["/api", "/graphql"], builder.build().unwrap());
    let limits = RateLimits::new().rule(rule.except("/api/auth"));
    let paths = [
        "/api/books",
        "/graphql",
        "/api/auth/login",
        "/apis",
        "/api/authors",
    ];
    let routes = paths.iter().fold(Routes::at("/"), |routes, path| {
        routes.route(Route::get(*path).public().handler(async || NoContent))
    });
    let mounted = Mount::new().limits(limits).routes(routes).build().unwrap();
    let limited = mounted.routes.iter().map(|info| info.limits.len());
    assert_eq!(limited.collect::<Vec<_>>(), [1, 1, 0, 0, 1]);
    let router = Edge::new().router(mounted.router);
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/api/books"), 1).await,
        [204]
    );
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/graphql"), 1).await,
        [429]
    );
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/api/auth/login"), 2).await,
        [204, 204]
    );
}

static NOTES: LazyLock<Limit> = LazyLock::new(|| {
    let quota = Quota::per_hour(1);
    Limit::builder(quota).build().expect("the quota is fine")
});

struct Notes;

#[controller("/notes")]
#[limit(&*NOTES)]
impl Notes {
    #[get("/")]
    #[public]
    async fn list(&self) -> NoContent {
        NoContent
    }
}

#[tokio::test]
async fn a_controller_names_its_limit_in_an_attribute() {
    let router = served(Notes::routes(Arc::new(Notes), ()));
    assert_eq!(
        statuses(&router, || from("1.1.1.1", "/notes"), 2).await,
        [204, 429]
    );
}

#[tokio::test]
async fn a_body_is_not_read_for_a_caller_who_is_refused() {
    let (builder, _) = limit(Quota::per_minute(1));
    let route = Route::post("/a").limit(builder.build().unwrap()).public();
    let routes = Routes::at("/").route(route.handler(async |_: String| NoContent));
    let router = served(routes);
    let send = |body: Body| async {
        let mut asked = from("1.1.1.1", "/a").map(|_| body);
        *asked.method_mut() = http::Method::POST;
        let answer: Answer = ask(&router, asked).await;
        answer.status.as_u16()
    };
    assert_eq!(send(Body::from("once")).await, 204);
    // This body never ends: to wait for it would be to hang.
    let endless = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    assert_eq!(send(Body::from_stream(endless)).await, 429);
}

#[tokio::test]
async fn a_document_says_that_a_limited_route_may_refuse() {
    let (builder, _) = limit(Quota::per_minute(1));
    let free = Route::get("/free").operation("free").public();
    let routes = open("/a", builder.build().unwrap()).route(free.handler(async || NoContent));
    let routes = Mount::new().routes(routes).build().unwrap().routes;
    let document = openapi::documents(&routes, "Test")[0].json.to_string();
    assert!(document.contains("\"429\""), "{document}");
    assert_eq!(document.matches("\"429\":").count(), 1);
    assert!(document.contains("RateLimit-Policy"));
}
