//! Pages of other origins that read answers: nobody, unless listed.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, header};
use purlin_base::Classified;
use purlin_http::{
    Edge, Json, NoContent, Route, Router, Routes,
    cors::{Cors, CorsError},
};

use crate::support::{Answer, ask, served_by};

fn router(cors: Option<Cors>) -> Router {
    let routes = Routes::at("/")
        .route(Route::get("/books").public().handler(async || Json(1)))
        .route(Route::delete("/books").public().handler(async || NoContent));
    let edge = Edge::new();
    served_by(&cors.map_or(edge.clone(), |cors| edge.cors(cors)), routes)
}

fn app() -> Cors {
    Cors::builder()
        .origin("https://app.example")
        .below("https://partners.example")
        .credentials()
        .headers(["authorization", "if-match"])
        .expose(["etag", "link"])
        .build()
        .unwrap()
}

async fn send(router: &Router, method: Method, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri("/books");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    ask(router, request.body(Body::empty()).unwrap()).await
}

fn says_nothing(answer: &Answer) -> bool {
    let mut names = answer.headers.keys();
    !names.any(|name| name.as_str().starts_with("access-control-"))
}

const PREFLIGHT: (&str, &str) = ("access-control-request-method", "DELETE");

#[tokio::test]
async fn by_default_no_answer_says_anything_to_other_origins() {
    let router = router(None);
    let origin = ("origin", "https://app.example");
    let read = send(&router, Method::GET, &[origin]).await;
    assert!(read.status == 200 && says_nothing(&read));
    assert!(!read.headers.contains_key("vary"));
    let asked = send(&router, Method::OPTIONS, &[origin, PREFLIGHT]).await;
    assert!(asked.status == 204 && says_nothing(&asked));
}

#[tokio::test]
async fn an_origin_that_is_listed_may_read_and_no_other_that_looks_like_it() {
    let router = router(Some(app()));
    for origin in [
        "https://app.example",
        "https://a.partners.example",
        "https://a.b-c.partners.example",
    ] {
        let answer = send(&router, Method::GET, &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(answer.header("access-control-expose-headers"), "etag, link");
        assert_eq!(answer.header("vary"), "origin");
    }
    for origin in [
        "null",
        "",
        "*",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "https://evil-app.example",
        "https://sub.app.example",
        "https://APP.example",
        "https://partners.example",
        "https://evilpartners.example",
        "https://.partners.example.evil.example",
        "https://evil.example/.partners.example",
        "https://evil.example#.partners.example",
        "https://user@.partners.example",
        "https://evil.example:1.partners.example",
        "http://a.partners.example",
        "https://.partners.example:444",
    ] {
        let answer = send(&router, Method::GET, &[("origin", origin)]).await;
        assert!(says_nothing(&answer), "{origin}");
        assert_eq!(
            (answer.status.as_u16(), answer.header("vary")),
            (200, "origin")
        );
    }
    let two = [
        ("origin", "https://app.example"),
        ("origin", "https://evil.example"),
    ];
    assert!(says_nothing(&send(&router, Method::GET, &two).await));
    let nobody = send(&router, Method::GET, &[]).await;
    assert!(says_nothing(&nobody) && nobody.header("vary") == "origin");
}

#[tokio::test]
async fn a_preflight_is_answered_with_the_methods_that_the_path_has() {
    let router = router(Some(app()));
    let origin = ("origin", "https://app.example");
    let headers = ("access-control-request-headers", "if-match");
    let answer = send(&router, Method::OPTIONS, &[origin, PREFLIGHT, headers]).await;
    assert_eq!(answer.status, 204);
    let methods = answer.header("access-control-allow-methods");
    assert_eq!(methods, answer.header("allow"));
    assert!(methods.contains("DELETE") && !methods.contains("PUT"));
    let allowed = answer.header("access-control-allow-headers");
    assert_eq!(allowed, "content-type, authorization, if-match");
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    let vary = "origin, access-control-request-method, access-control-request-headers";
    assert_eq!(answer.header("vary"), vary);
    // Who asks for what the path has not, or who is not listed, hears nothing.
    let put = ("access-control-request-method", "PUT");
    assert!(says_nothing(
        &send(&router, Method::OPTIONS, &[origin, put]).await
    ));
    let evil = ("origin", "https://evil.example");
    let refused = send(&router, Method::OPTIONS, &[evil, PREFLIGHT]).await;
    assert!(says_nothing(&refused));
    assert_eq!(refused.header("vary"), vary);
    let nowhere = Request::options("/nowhere")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET");
    let nowhere = ask(&router, nowhere.body(Body::empty()).unwrap()).await;
    assert!(nowhere.status == 404 && says_nothing(&nowhere));
}

#[tokio::test]
async fn a_failure_can_be_read_by_who_may_read() {
    let router = router(Some(app()));
    let fields = [("origin", "https://app.example"), ("accept", "image/png")];
    let mut request = Request::builder().uri("/nowhere");
    for (name, value) in fields {
        request = request.header(name, value);
    }
    let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example"
    );
}

#[tokio::test]
async fn who_may_read_with_cookies_may_not_write_unless_csrf_trusts_it() {
    let router = router(Some(app()));
    let fields = [
        ("origin", "https://app.example"),
        ("sec-fetch-site", "cross-site"),
        ("cookie", "sid=1"),
    ];
    let answer = send(&router, Method::DELETE, &fields).await;
    assert_eq!(answer.problem(403), "CSRF_CROSS_ORIGIN");
    // Nor by a bearer token that it has made up, which the rule lets it send.
    let made_up = [&fields[..], &[("authorization", "Bearer x")]].concat();
    let refused = send(&router, Method::DELETE, &made_up).await;
    assert_eq!(refused.problem(403), "CSRF_CROSS_ORIGIN");
    let bearer = [fields[0], fields[1], ("authorization", "Bearer x")];
    assert_eq!(send(&router, Method::DELETE, &bearer).await.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example"
    );
}

#[tokio::test]
async fn any_origin_may_read_what_is_public_and_never_with_cookies() {
    let router = router(Some(Cors::builder().any_origin().build().unwrap()));
    let answer = send(&router, Method::GET, &[("origin", "https://x.example")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        !answer
            .headers
            .contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
    );
    assert!(!answer.headers.contains_key("vary"));
}

#[test]
fn a_rule_that_lets_in_more_than_it_says_is_not_built() {
    let refused = |builder: purlin_http::cors::CorsBuilder| builder.build().unwrap_err();
    let new = Cors::builder;
    let app = || new().origin("https://app.example");
    assert_eq!(refused(new()), CorsError::Nobody);
    assert_eq!(
        refused(new().any_origin().credentials()),
        CorsError::CredentialsForAny
    );
    for bad in [
        "*",
        "null",
        "app.example",
        "https://app.example/",
        "https://*.example",
    ] {
        assert_eq!(
            refused(app().origin(bad)).code(),
            "CORS_NOT_AN_ORIGIN",
            "{bad}"
        );
        assert_eq!(
            refused(app().below(bad)).code(),
            "CORS_NOT_AN_ORIGIN",
            "{bad}"
        );
    }
    for wide in [
        "https://com",
        "https://10.0.0.1",
        "https://com.",
        "https://[::1]",
    ] {
        assert_eq!(refused(app().below(wide)).code(), "CORS_TOO_WIDE", "{wide}");
    }
    for bad in ["*", "a b", "", "x:y"] {
        assert_eq!(refused(app().headers([bad])), CorsError::NotAField(bad));
        assert_eq!(refused(app().expose([bad])), CorsError::NotAField(bad));
    }
    let day = Duration::from_secs(86_400);
    assert!(app().max_age(day).build().is_ok());
    assert_eq!(
        refused(app().max_age(day + Duration::from_secs(1))),
        CorsError::MaxAge
    );
}
