//! Whose page has sent a request, by what browsers say.

use http::{HeaderMap, Method, Uri};
use purlin_base::Classified;
use purlin_http::csrf::CsrfError;

use super::*;
use crate::support::ask;

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
