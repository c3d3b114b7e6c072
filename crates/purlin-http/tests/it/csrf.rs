//! Forged requests: what browsers are made to send by pages of others, and what stands against it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::body::Body;
use http::{HeaderMap, Method, Request, Uri};
use purlin_base::{
    Classified, ErrorClass,
    random::{Rng, SeededRng},
};
use purlin_http::{
    Edge, Form, Guard, GuardRequest, Html, Json, NoContent, Problem, Reply, Route, Router, Routes,
    csrf::{CrossOrigin, CsrfBinding, CsrfError, CsrfForm, CsrfToken, CsrfTokens},
};

use crate::support::{Answer, ask, get, request, served_by};

mod random;

const SECRET: &str = "a secret for tests, of more than 32 bytes";

fn tokens() -> CsrfTokens {
    CsrfTokens::new(SECRET).unwrap()
}

/// Lets in who shows `sid=…`, or the bearer token `good`.
struct SessionGuard {
    tokens: Arc<CsrfTokens>,
}

impl Guard for SessionGuard {
    const FIELDS: &'static [&'static str] = &["cookie", "authorization"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        if request.bearer() == Some("good") {
            return Ok(());
        }
        let cookie = request.header("cookie").unwrap_or_default();
        let Some(id) = cookie.strip_prefix("sid=") else {
            return Err(Problem::new(ErrorClass::Unauthenticated, "NOBODY"));
        };
        let binding = CsrfBinding::new(Arc::clone(&self.tokens), id);
        request.parts().extensions.insert(binding);
        Ok(())
    }
}

/// Signs in: gives a cookie, and so asks by itself where the request comes from.
struct SignInGuard;

impl Guard for SignInGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let (method, uri) = (request.method(), request.uri());
        CrossOrigin::current().check_at(method, uri, request.headers())?;
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

/// A router, and how often one of its handlers was called.
fn router(edge: &Edge) -> (Router, Arc<AtomicUsize>) {
    let guard = || {
        Arc::new(SessionGuard {
            tokens: Arc::new(tokens()),
        })
    };
    let calls = Arc::new(AtomicUsize::new(0));
    let count = || {
        let calls = Arc::clone(&calls);
        move || _ = calls.fetch_add(1, SeqCst)
    };
    // None of the handlers has heard of tokens.
    let (raw, json, form, public) = (count(), count(), count(), count());
    let routes =
        Routes::at("/")
            .route(Route::post("/raw").guard(guard()).handler(async move || {
                raw();
                NoContent
            }))
            .route(Route::put("/json").guard(guard()).handler(
                async move |Json(name): Json<Name>| {
                    json();
                    Json(name.name)
                },
            ))
            .route(Route::post("/form").guard(guard()).handler(
                async move |Form(form_of): Form<Name>| {
                    form();
                    Json(form_of.name)
                },
            ))
            .route(
                Route::get("/page")
                    .guard(guard())
                    .handler(async |token: CsrfToken| -> Html {
                        Html::builder()
                            .html(&token.field())
                            .html(&token.meta())
                            .build()
                    }),
            )
            .route(
                Route::post("/session")
                    .guard(Arc::new(SignInGuard))
                    .handler(async || NoContent),
            )
            .route(Route::post("/public").public().handler(async move || {
                public();
                NoContent
            }))
            .route(Route::get("/public").public().handler(async || NoContent));
    (served_by(edge, routes), calls)
}

fn post(path: &str, fields: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!(answer.problem(403), code);
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// What browsers say, and whether it passes: Go's own table.
const SITES: &[(&[(&str, &str)], bool)] = &[
    (&[("sec-fetch-site", "same-origin")], true),
    (&[("sec-fetch-site", "none")], true),
    (&[("sec-fetch-site", "cross-site")], false),
    (&[("sec-fetch-site", "same-site")], false),
    (&[("sec-fetch-site", "")], false),
    (&[("sec-fetch-site", "Same-Origin")], false),
    (
        &[
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "cross-site"),
        ],
        false,
    ),
    (&[], true),
    (&[("origin", "https://shop.example")], true),
    (&[("origin", "http://shop.example")], true),
    (&[("origin", "https://SHOP.example")], true),
    (&[("origin", "https://shop.example:8443")], false),
    (&[("origin", "https://evil.example")], false),
    (&[("origin", "https://shop.example.evil.example")], false),
    (&[("origin", "https://evil-shop.example")], false),
    (&[("origin", "https://user@shop.example")], false),
    (&[("origin", "null")], false),
    (&[("origin", "")], false),
    (&[("origin", "shop.example")], false),
    (
        &[
            ("origin", "https://shop.example"),
            ("origin", "https://evil.example"),
        ],
        false,
    ),
    (
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://evil.example"),
        ],
        true,
    ),
    (
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://shop.example"),
        ],
        false,
    ),
];

#[tokio::test]
async fn a_request_with_a_cookie_that_a_page_of_another_origin_sent_is_refused_on_every_route() {
    let (router, calls) = router(&Edge::new());
    for (fields, passes) in SITES {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let mut request = post("/public", fields, "");
            *request.method_mut() = method.parse().unwrap();
            let headers = request.headers_mut();
            headers.insert("host", "shop.example".parse().unwrap());
            headers.insert("cookie", "sid=1".parse().unwrap());
            let before = calls.load(SeqCst);
            let answer = ask(&router, request).await;
            if !passes {
                assert_refused(&answer, "CSRF_CROSS_ORIGIN");
                assert_eq!(calls.load(SeqCst), before);
                continue;
            }
            let expected = if method == "POST" { 204 } else { 405 };
            assert_eq!(answer.status, expected, "{method} {fields:?}");
        }
    }
}

#[tokio::test]
async fn reads_bearer_tokens_and_requests_without_cookies_pass_from_everywhere() {
    let (router, _) = router(&Edge::new());
    let far = ("sec-fetch-site", "cross-site");
    let mut read = post("/public", &[far, ("cookie", "sid=1")], "");
    *read.method_mut() = Method::GET;
    assert_eq!(ask(&router, read).await.status, 204);
    for fields in [
        &[far][..],
        &[far, ("cookie", "a=b"), ("authorization", "Bearer good")],
    ] {
        assert_eq!(ask(&router, post("/public", fields, "")).await.status, 204);
    }
    // What a browser sends by itself, or what is no token, is no excuse.
    for authorization in ["Basic YTpi", "Bearer ", "Bearer", "Digest x", ""] {
        let fields = [far, ("authorization", authorization), ("cookie", "sid=1")];
        assert_refused(
            &ask(&router, post("/public", &fields, "")).await,
            "CSRF_CROSS_ORIGIN",
        );
    }
    let password = [far, ("authorization", "Basic YTpi")];
    assert_refused(
        &ask(&router, post("/public", &password, "")).await,
        "CSRF_CROSS_ORIGIN",
    );
    let two = [
        far,
        ("authorization", "Bearer good"),
        ("authorization", "Bearer good"),
    ];
    assert_refused(
        &ask(&router, post("/public", &two, "")).await,
        "CSRF_CROSS_ORIGIN",
    );
}

#[tokio::test]
async fn a_websocket_that_a_page_of_another_origin_opens_with_a_cookie_is_refused() {
    let (router, _) = router(&Edge::new());
    for (origin, passes) in [
        ("https://shop.example", true),
        ("https://evil.example", false),
    ] {
        let fields = [
            ("origin", origin),
            ("host", "shop.example"),
            ("cookie", "sid=1"),
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
        ];
        let mut request = post("/public", &fields, "");
        *request.method_mut() = Method::GET;
        let answer = ask(&router, request).await;
        match passes {
            true => assert_eq!(answer.status, 204),
            false => assert_refused(&answer, "CSRF_CROSS_ORIGIN"),
        }
    }
}

#[tokio::test]
async fn sign_in_refuses_other_sites_though_no_cookie_is_sent() {
    let (router, _) = router(&Edge::new());
    let far = [("sec-fetch-site", "cross-site")];
    assert_refused(
        &ask(&router, post("/session", &far, "")).await,
        "CSRF_CROSS_ORIGIN",
    );
    let null = [("origin", "null"), ("host", "shop.example")];
    assert_refused(
        &ask(&router, post("/session", &null, "")).await,
        "CSRF_CROSS_ORIGIN",
    );
    let near = [("sec-fetch-site", "same-origin")];
    assert_eq!(ask(&router, post("/session", &near, "")).await.status, 204);
    assert_eq!(ask(&router, post("/session", &[], "")).await.status, 204);
}

#[tokio::test]
async fn trusted_origins_and_exempt_paths_pass_and_nothing_beside_them() {
    let rule = CrossOrigin::new()
        .trust("https://app.example")
        .and_then(|rule| rule.exempt("/public", "a payment provider's page comes back by it"))
        .unwrap();
    let listed: Vec<_> = rule.exemptions().collect();
    assert_eq!(
        listed,
        [("/public", "a payment provider's page comes back by it")]
    );
    let (router, _) = router(&Edge::new().cross_origin(rule));
    let cookie = ("cookie", "sid=1");
    let far = [
        cookie,
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(ask(&router, post("/public", &far, "")).await.status, 204);
    assert_refused(
        &ask(&router, post("/session", &far, "")).await,
        "CSRF_CROSS_ORIGIN",
    );
    for (origin, passes) in [
        ("https://app.example", true),
        ("http://app.example", false),
        ("https://app.example:444", false),
        ("https://app.example.evil.example", false),
    ] {
        let fields = [cookie, ("sec-fetch-site", "cross-site"), ("origin", origin)];
        let answer = ask(&router, post("/session", &fields, "")).await;
        assert_eq!(answer.status == 204, passes, "{origin}");
    }
}

#[test]
fn what_is_no_origin_cannot_be_trusted_nor_a_path_exempt_without_a_reason() {
    for bad in [
        "null",
        "*",
        "app.example",
        "https://app.example/",
        "https://APP.example",
    ] {
        let refusal = CrossOrigin::new().trust(bad).unwrap_err();
        assert_eq!(refusal.code(), "CSRF_NOT_AN_ORIGIN", "{bad}");
    }
    for (path, reason) in [("hooks", "x"), ("/hooks", ""), ("/{", "x")] {
        let refusal = CrossOrigin::new().exempt(path, reason).unwrap_err();
        assert_eq!(refusal, CsrfError::Exemption(path));
    }
}

#[test]
fn the_host_of_http_2_is_that_of_the_address() {
    let uri: Uri = "https://shop.example/session".parse().unwrap();
    let mut headers = HeaderMap::new();
    let rule = CrossOrigin::new();
    headers.insert("origin", "https://shop.example".parse().unwrap());
    assert!(rule.check_at(&Method::POST, &uri, &headers).is_ok());
    assert!(rule.check(&Method::POST, &headers).is_err());
    // A field that says something else counts.
    headers.insert("host", "evil.example".parse().unwrap());
    assert!(rule.check_at(&Method::POST, &uri, &headers).is_err());
    assert!(rule.check_at(&Method::GET, &uri, &headers).is_ok());
}

fn token(id: &str) -> String {
    tokens().issue(id, &SeededRng::new(7))
}

#[tokio::test]
async fn a_session_by_cookie_needs_its_token_though_the_handler_has_heard_of_none() {
    let (router, calls) = router(&Edge::new());
    let cookie = ("cookie", "sid=alice");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    for (path, kind, body) in [
        ("/raw", form, ""),
        ("/raw", json, "{}"),
        ("/raw", ("content-type", "text/plain"), "_csrf=x"),
        (
            "/raw",
            ("content-type", "multipart/form-data; boundary=x"),
            "--x--",
        ),
        ("/form", form, "name=a"),
    ] {
        let answer = ask(&router, post(path, &[cookie, kind], body)).await;
        assert_refused(&answer, "CSRF_TOKEN_MISSING");
    }
    assert_refused(
        &ask(&router, post("/raw", &[cookie], "")).await,
        "CSRF_TOKEN_MISSING",
    );
    assert_eq!(calls.load(SeqCst), 0);
}

#[tokio::test]
async fn the_token_is_taken_from_the_header_or_from_the_form_which_the_handler_still_gets() {
    let (router, calls) = router(&Edge::new());
    let cookie = ("cookie", "sid=alice");
    let form = (
        "content-type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    );
    let good = token("alice");
    let header = ("x-csrf-token", good.as_str());
    let fields = format!("name=a%26b&_csrf={good}");
    let by_form = ask(&router, post("/form", &[cookie, form], &fields)).await;
    assert_eq!(
        (by_form.status.as_u16(), by_form.json()),
        (200, "a&b".into())
    );
    let by_header = ask(&router, post("/form", &[cookie, form, header], "name=a")).await;
    assert_eq!(
        (by_header.status.as_u16(), by_header.json()),
        (200, "a".into())
    );
    assert_eq!(
        ask(&router, post("/raw", &[cookie, form], &fields))
            .await
            .status,
        204
    );
    let mut put = post(
        "/json",
        &[cookie, header, ("content-type", "application/json")],
        "",
    );
    *put.method_mut() = Method::PUT;
    *put.body_mut() = Body::from("{\"name\":\"a\"}");
    assert_eq!(ask(&router, put).await.status, 200);
    assert_eq!(calls.load(SeqCst), 4);
}

#[tokio::test]
async fn a_token_that_is_not_of_this_session_is_refused_wherever_it_stands() {
    let (router, calls) = router(&Edge::new());
    let form = ("content-type", "application/x-www-form-urlencoded");
    let good = token("alice");
    let other = CsrfTokens::new("another secret, also of 32 bytes or more").unwrap();
    let upper = good.to_uppercase();
    let swapped = {
        let (mac, _) = good.split_once('.').unwrap();
        format!("{mac}.{}", "0".repeat(64))
    };
    let long = "a".repeat(8000);
    let bad = [
        // Of another session; an attacker's own, beside the victim's cookie.
        token("mallory"),
        // From before the sign-in, used after it.
        token("visitor-4711"),
        other.issue("alice", &SeededRng::new(7)),
        upper,
        swapped,
        String::new(),
        ".".to_owned(),
        good[..128].to_owned(),
        format!("{good}0"),
        long,
    ];
    for bad in &bad {
        let fields = [("cookie", "sid=alice"), ("x-csrf-token", bad)];
        assert_refused(
            &ask(&router, post("/raw", &fields, "")).await,
            "CSRF_TOKEN_INVALID",
        );
        let fields = [("cookie", "sid=alice"), form];
        let body = format!("_csrf={bad}");
        assert_refused(
            &ask(&router, post("/raw", &fields, &body)).await,
            "CSRF_TOKEN_INVALID",
        );
    }
    // Double submit proves nothing here: a tossed cookie with the same token does not help.
    let mallory = token("mallory");
    let tossed = format!("sid=alice; csrf={mallory}; _csrf={mallory}");
    let fields = [("cookie", tossed.as_str()), ("x-csrf-token", &mallory)];
    assert_refused(
        &ask(&router, post("/raw", &fields, "")).await,
        "CSRF_TOKEN_INVALID",
    );
    // Two of them, one of which is right: which one counts is not guessed.
    let twice = format!("_csrf={good}&_csrf={mallory}");
    let fields = [("cookie", "sid=alice"), form];
    assert_refused(
        &ask(&router, post("/raw", &fields, &twice)).await,
        "CSRF_TOKEN_INVALID",
    );
    let fields = [
        ("cookie", "sid=alice"),
        ("x-csrf-token", &good),
        ("x-csrf-token", &good),
    ];
    assert_refused(
        &ask(&router, post("/raw", &fields, "")).await,
        "CSRF_TOKEN_INVALID",
    );
    // A bad header is not healed by a good form.
    let fields = [("cookie", "sid=alice"), form, ("x-csrf-token", "x")];
    let body = format!("_csrf={good}");
    assert_refused(
        &ask(&router, post("/raw", &fields, &body)).await,
        "CSRF_TOKEN_INVALID",
    );
    // In the address it would be in logs and in histories.
    let in_address = post(
        &format!("/raw?_csrf={good}"),
        &[("cookie", "sid=alice")],
        "",
    );
    assert_refused(&ask(&router, in_address).await, "CSRF_TOKEN_MISSING");
    assert_eq!(calls.load(SeqCst), 0);
}

#[tokio::test]
async fn bearer_tokens_need_no_token_and_nobody_is_asked_for_one_before_the_guards() {
    let (router, _) = router(&Edge::new());
    let bearer = [("authorization", "Bearer good")];
    assert_eq!(ask(&router, post("/raw", &bearer, "")).await.status, 204);
    assert_eq!(
        ask(&router, post("/raw", &[], "")).await.problem(401),
        "NOBODY"
    );
}

#[tokio::test]
async fn a_form_that_is_read_for_its_token_has_the_bound_of_its_route() {
    let (router, calls) = router(&Edge::new().body_bytes_max(256));
    let fields = [
        ("cookie", "sid=alice"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("_csrf={}&name={}", token("alice"), "a".repeat(200));
    let answer = ask(&router, post("/raw", &fields, &body)).await;
    assert_eq!(answer.problem(413), "HTTP_BODY_TOO_LARGE");
    assert_eq!(calls.load(SeqCst), 0);
}

#[tokio::test]
async fn a_page_holds_a_token_for_its_forms_and_its_scripts() {
    let (router, _) = router(&Edge::new());
    let mut asked = request("GET", "/page");
    asked
        .headers_mut()
        .insert("cookie", "sid=alice".parse().unwrap());
    let answer = ask(&router, asked).await;
    let page = String::from_utf8(answer.body.clone()).unwrap();
    let token = page.split("name=\"_csrf\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    assert!(tokens().verify("alice", token));
    assert!(page.contains(&format!("<meta name=\"csrf-token\" content=\"{token}\">")));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let fields = [("cookie", "sid=alice"), ("x-csrf-token", token)];
    assert_eq!(ask(&router, post("/raw", &fields, "")).await.status, 204);
}

#[tokio::test]
async fn a_form_in_a_bare_router_is_refused_unless_something_binds_its_token() {
    let handler = async |CsrfForm(name): CsrfForm<Name>| Json(name.name).reply();
    let bare = Router::new().route("/", axum::routing::post(handler));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("name=a&_csrf={}", token("alice"));
    let answer = ask(&Edge::new().router(bare.clone()), post("/", &[form], &body)).await;
    assert_eq!(answer.problem(500), "CSRF_NOT_BOUND");

    let binding = CsrfBinding::new(Arc::new(tokens()), "alice");
    let bound = Edge::new().router(bare.layer(axum::Extension(binding)));
    let answer = ask(&bound, post("/", &[form], &body)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, "a".into()));
    assert_refused(
        &ask(&bound, post("/", &[form], "name=a")).await,
        "CSRF_TOKEN_MISSING",
    );
}

#[tokio::test]
async fn a_layer_that_binds_tokens_protects_public_routes_too() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let routes = Routes::at("/")
        .route(Route::get("/x").public().handler(async || NoContent))
        .route(Route::post("/x").public().handler(async move || {
            counted.fetch_add(1, SeqCst);
            NoContent
        }));
    let router = purlin_http::Mount::new()
        .routes(routes)
        .build()
        .unwrap()
        .router;
    let binding = CsrfBinding::new(Arc::new(tokens()), "visitor");
    let router = Edge::new().router(router.layer(axum::Extension(binding)));
    assert_eq!(get(&router, "/x").await.status, 204);
    assert_refused(
        &ask(&router, post("/x", &[], "")).await,
        "CSRF_TOKEN_MISSING",
    );
    let good = token("visitor");
    let answer = ask(&router, post("/x", &[("x-csrf-token", &good)], "")).await;
    assert_eq!((answer.status.as_u16(), calls.load(SeqCst)), (204, 1));
}

/// Chance that is always the same byte.
struct Fixed;

impl Rng for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x5a);
    }
}

#[test]
fn a_token_is_that_of_csrf_csrf() {
    // npm csrf-csrf 4.0.3 says that this one is right: HMAC-SHA256 of `5!alice!64!5a5a…`.
    let mac = "5f8dcad0c5fdcf8f15e4265fe23922ff9a079ddb2891232bd5bb5e270d1e163e";
    let token = format!("{mac}.{}", "5a".repeat(32));
    assert_eq!(tokens().issue("alice", &Fixed), token);
    assert!(tokens().verify("alice", &token));
    // And has made this one.
    let theirs = "041a33cc08d91d26a7332be3249e7d772b6740295c27bd6253937ab6b47cb42b.\
                  a0d2d6b6dfe35b364b467e7a484de48e3f422138971c4ad75da1cb071207bcb2";
    assert!(tokens().verify("alice", theirs));
}

#[test]
fn a_secret_has_32_bytes_or_more_and_can_be_replaced() {
    let short = CsrfTokens::new("x".repeat(31)).unwrap_err();
    assert_eq!(short.code(), "CSRF_SECRET_TOO_SHORT");
    assert!(CsrfTokens::derived("short").is_err());
    let before = token("alice");
    let new = CsrfTokens::new("the next secret, of 32 bytes or more").unwrap();
    assert!(!new.verify("alice", &before));
    let both = new.clone().retire(tokens());
    assert!(both.verify("alice", &before));
    assert!(new.verify("alice", &both.issue("alice", &SeededRng::new(1))));
    // A derived key is another than its secret.
    let derived = CsrfTokens::derived(SECRET).unwrap();
    assert!(!derived.verify("alice", &before));
    assert!(derived.verify("alice", &derived.issue("alice", &SeededRng::new(1))));
    // What everybody has binds nobody.
    assert!(!tokens().verify("", &token("")));
}

#[tokio::test]
async fn who_is_bound_to_nothing_has_no_token_that_is_right() {
    let handler = async |CsrfForm(name): CsrfForm<Name>| Json(name.name).reply();
    let binding = CsrfBinding::new(Arc::new(tokens()), "");
    let bare = Router::new().route("/", axum::routing::post(handler));
    let router = Edge::new().router(bare.layer(axum::Extension(binding)));
    for shown in ["", "x", &token("")] {
        let answer = ask(&router, post("/", &[("x-csrf-token", shown)], "")).await;
        assert_refused(&answer, "CSRF_TOKEN_INVALID");
    }
}

#[test]
fn no_secret_is_shown() {
    let token = CsrfBinding::new(Arc::new(tokens()), "alice");
    let shown = format!("{:?} {token:?}", tokens());
    assert_eq!(shown, "CsrfTokens CsrfBinding");
}
