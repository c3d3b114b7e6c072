//! Tokens of forms and scripts, which the route asks for and no handler.

use http::Method;
use purlin_http::{Reply, csrf::CsrfForm};

use super::*;
use crate::support::{ask, get, request};

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
