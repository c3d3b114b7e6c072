//! The fields that tell browsers to be careful with an answer.

use axum::{http::header, response::IntoResponse, routing::get as axum_get};
use http::HeaderValue;
use purlin_http::{
    Edge, Html, Json, NoContent, Route, Router, Routes, html::HtmlPolicy,
    security_headers::SecurityHeaders,
};

use crate::support::{Answer, get, request};

/// What `helmet()` of npm helmet 8 adds, as it was seen on an answer.
const HELMET: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';\
         frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';\
         script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("referrer-policy", "no-referrer"),
    (
        "strict-transport-security",
        "max-age=31536000; includeSubDomains",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-download-options", "noopen"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-xss-protection", "0"),
];

fn typed(kind: &'static str) -> axum::routing::MethodRouter {
    axum_get(move || async move { ([(header::CONTENT_TYPE, kind)], "x").into_response() })
}

fn router(fields: SecurityHeaders) -> Router {
    let routes = Routes::at("/")
        .route(Route::get("/json").public().handler(async || Json(1)))
        .route(
            Route::get("/page")
                .public()
                .handler(async || Html::text("x")),
        )
        .route(Route::get("/empty").public().handler(async || NoContent));
    let raw = Router::new()
        .route("/svg", typed("image/svg+xml"))
        .route("/xml", typed("application/xml"))
        .route("/html", typed("text/html"))
        .route("/text", typed("text/plain"))
        .route("/unheard", typed("application/jsonx"))
        .route(
            "/vendor",
            typed("application/vnd.shop.v2+json; charset=utf-8"),
        )
        .route("/JSON", typed("Application/JSON; charset=utf-8"))
        .route("/csv", typed("text/csv; charset=utf-8"))
        .route("/events", typed("text/event-stream"));
    let mount = purlin_http::Mount::new().routes(routes).raw("raw", raw);
    Edge::new()
        .security_headers(fields)
        .router(mount.build().unwrap().router)
}

fn present(answer: &Answer) -> Vec<(&str, &str)> {
    let of_set = |(name, _): &&(&'static str, &str)| answer.headers.contains_key(*name);
    let names = HELMET.iter().filter(of_set);
    names
        .map(|(name, _)| (*name, answer.header(name)))
        .collect()
}

#[tokio::test]
async fn a_document_over_https_has_helmets_set_exactly() {
    let router = router(SecurityHeaders::of_url("https://shop.example"));
    for path in ["/svg", "/xml", "/html", "/text", "/unheard"] {
        assert_eq!(present(&get(&router, path).await), HELMET, "{path}");
    }
}

#[tokio::test]
async fn without_https_nothing_speaks_of_it() {
    let router = router(SecurityHeaders::of_url("http://localhost:3000"));
    let answer = get(&router, "/html").await;
    let expected: Vec<_> = HELMET
        .iter()
        .filter(|(name, _)| *name != "strict-transport-security")
        .map(|(name, value)| (*name, value.trim_end_matches(";upgrade-insecure-requests")))
        .collect();
    assert_eq!(present(&answer), expected);
    for address in ["", "https", "é", "HTTPS:/", "ftp://https://"] {
        assert_eq!(
            SecurityHeaders::of_url(address),
            SecurityHeaders::new(),
            "{address}"
        );
    }
    assert_eq!(
        SecurityHeaders::of_url("HTTPS://a"),
        SecurityHeaders::new().https()
    );
}

#[tokio::test]
async fn data_has_those_alone_that_mean_something_there() {
    let nosniff = ("x-content-type-options", "nosniff");
    let plain = router(SecurityHeaders::new());
    let secure = router(SecurityHeaders::new().https());
    for path in [
        "/json", "/vendor", "/JSON", "/csv", "/events", "/empty", "/nowhere",
    ] {
        assert_eq!(present(&get(&plain, path).await), [nosniff], "{path}");
        let strict = (
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        );
        assert_eq!(
            present(&get(&secure, path).await),
            [strict, nosniff],
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_keeps_its_own_stricter_policy() {
    let answer = get(&router(SecurityHeaders::new()), "/page").await;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("script-src 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(
        answer
            .headers
            .get_all("content-security-policy")
            .iter()
            .count(),
        1
    );
}

#[tokio::test]
async fn each_field_can_be_set_and_left_out() {
    let fields = SecurityHeaders::new()
        .document(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"))
        .everywhere(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        )
        .without(&header::X_XSS_PROTECTION)
        .without(&header::X_CONTENT_TYPE_OPTIONS);
    let router = router(fields);
    let page = get(&router, "/html").await;
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(!page.headers.contains_key("x-xss-protection"));
    let json = get(&router, "/json").await;
    assert_eq!(present(&json), [("referrer-policy", "same-origin")]);
    let none = self::router(SecurityHeaders::none());
    assert_eq!(present(&get(&none, "/html").await), []);
}

#[tokio::test]
async fn what_a_handler_sets_stays() {
    let handler = async || ([(header::X_FRAME_OPTIONS, "ALLOWALL")], Html::text("x"));
    let router = Edge::new().router(Router::new().route("/", axum_get(handler)));
    let answer = get(&router, "/").await;
    let values: Vec<_> = answer.headers.get_all("x-frame-options").iter().collect();
    assert_eq!(values, ["ALLOWALL"]);
}

#[tokio::test]
async fn a_refusal_of_the_layer_has_them_too() {
    let router = router(SecurityHeaders::new().https());
    let answer = crate::support::ask(&router, request("FOO", "/page")).await;
    answer.problem(501);
    assert_eq!(present(&answer).len(), 2);
}

#[test]
fn trusted_types_are_demanded_with_the_names_of_policies() {
    let policy = |policy: HtmlPolicy| {
        let html = Html::text("x").policy(policy.into());
        let answer = purlin_http::Reply::reply(html);
        let field = &answer.headers()["content-security-policy"];
        field.to_str().unwrap().to_owned()
    };
    let named = policy(HtmlPolicy::default().trusted_types("shop default").unwrap());
    let demand = "; require-trusted-types-for 'script'; trusted-types ";
    assert!(named.ends_with(&format!("{demand}shop default")), "{named}");
    let none = policy(HtmlPolicy::default().trusted_types("").unwrap());
    assert!(none.ends_with(&format!("{demand}'none'")), "{none}");
    assert!(
        HtmlPolicy::default()
            .trusted_types("a; script-src *")
            .is_err()
    );
}
