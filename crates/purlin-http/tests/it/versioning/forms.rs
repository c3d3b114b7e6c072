//! Asking for a version, by each form and by several.

use axum::response::IntoResponse;
use purlin_http::{Raw, Route, Routes};

use super::*;

const ONE: &str = "list of 1";
const LATER: &str = "list of 2 and 3";

#[tokio::test]
async fn each_form_gives_the_version_that_it_names() {
    let shop = shop(all_forms());
    for (uri, field, expected) in [
        ("/api/books", None, LATER),
        ("/api/v1/books", None, ONE),
        ("/api/v3/books", None, LATER),
        ("/api/books?version=1", None, ONE),
        ("/api/books?a=b&version=1&c", None, ONE),
        ("/api/books?%76ersion=%31", None, ONE),
        ("/api/books", Some(("x-api-version", "1")), ONE),
        ("/api/books", Some(("x-api-version", " 2 ")), LATER),
        (
            "/api/books",
            Some(("accept", "application/vnd.shop.v1+json")),
            ONE,
        ),
        (
            "/api/books",
            Some(("accept", "application/vnd.shop.v2+json")),
            LATER,
        ),
        ("/api/books", Some(("accept", "*/*")), LATER),
        ("/api/books", Some(("host", "v1.localhost")), ONE),
        ("/api/books", Some(("host", "V1.LocalHost:3000")), ONE),
        ("/api/books", Some(("host", "localhost:3000")), LATER),
        (
            "http://v1.shop.example/api/books",
            Some(("host", "v2.shop.example")),
            ONE,
        ),
    ] {
        let answer = get(&shop, uri, field.as_slice()).await;
        assert_eq!(answer.status, 200, "{uri} {field:?}");
        assert_eq!(answer.json(), expected, "{uri} {field:?}");
    }
}

#[tokio::test]
async fn an_unknown_version_is_refused_as_its_form_asks() {
    let shop = shop(all_forms());
    for (uri, field, status, code) in [
        ("/api/v4/books", None, 404, "HTTP_VERSION_NOT_FOUND"),
        ("/api/v4", None, 404, "HTTP_VERSION_NOT_FOUND"),
        ("/api/v1.0/books", None, 404, "HTTP_VERSION_NOT_FOUND"),
        (
            "/api/books",
            Some(("host", "v4.localhost")),
            404,
            "HTTP_VERSION_NOT_FOUND",
        ),
        ("/api/books?version=4", None, 400, "HTTP_VERSION_UNKNOWN"),
        ("/api/books?version=", None, 400, "HTTP_VERSION_UNKNOWN"),
        ("/api/books?version=v2", None, 400, "HTTP_VERSION_UNKNOWN"),
        (
            "/api/books",
            Some(("x-api-version", "4")),
            400,
            "HTTP_VERSION_UNKNOWN",
        ),
        (
            "/api/books",
            Some(("x-api-version", "")),
            400,
            "HTTP_VERSION_UNKNOWN",
        ),
        (
            "/api/books",
            Some(("accept", "application/vnd.shop.v4+json")),
            406,
            "HTTP_VERSION_NOT_ACCEPTABLE",
        ),
    ] {
        let answer = get(&shop, uri, field.as_slice()).await;
        assert_eq!(answer.problem(status), code, "{uri} {field:?}");
    }
    let by_query = get(&shop, "/api/books?version=4", &[]).await;
    assert_eq!(by_query.fault(), ("version".into(), "unknown".into()));
    let by_header = get(&shop, "/api/books", &[("x-api-version", "4")]).await;
    assert_eq!(
        by_header.fault(),
        ("x-api-version".into(), "unknown".into())
    );
}

/// Asks for `versions` by every pair of forms.
async fn in_pairs(shop: &Router, versions: [&str; 2]) -> Vec<(usize, usize, Answer)> {
    let mut answers = Vec::new();
    for first in 0..5 {
        for second in (0..5).filter(|second| *second != first) {
            let (mut path, mut query) = (String::new(), String::new());
            let mut named = Vec::new();
            for (form, version) in [(first, versions[0]), (second, versions[1])] {
                match form {
                    0 => path = format!("/v{version}"),
                    1 => query = format!("?version={version}"),
                    2 => named.push(("x-api-version", version.to_owned())),
                    3 => named.push(("accept", format!("application/vnd.shop.v{version}+json"))),
                    _ => named.push(("host", format!("v{version}.localhost"))),
                }
            }
            let named: Vec<_> = named
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            let uri = format!("/api{path}/books{query}");
            answers.push((first, second, get(shop, &uri, &named).await));
        }
    }
    answers
}

#[tokio::test]
async fn two_that_agree_are_fine_in_every_pair_of_forms() {
    for (first, second, answer) in in_pairs(&shop(all_forms()), ["1", "1"]).await {
        assert_eq!(answer.status, 200, "{first} {second}");
        assert_eq!(answer.json(), ONE, "{first} {second}");
    }
}

#[tokio::test]
async fn two_that_differ_are_refused_in_every_pair_of_forms() {
    for (first, second, answer) in in_pairs(&shop(all_forms()), ["1", "2"]).await {
        let code = answer.problem(400);
        assert_eq!(code, "HTTP_VERSION_CONTRADICTION", "{first} {second}");
    }
}

#[tokio::test]
async fn two_of_one_form_that_differ_are_refused_and_that_agree_are_fine() {
    let shop = shop(all_forms());
    let twice = |a, b| [("x-api-version", a), ("x-api-version", b)];
    for (uri, fields, status) in [
        ("/api/books?version=2&version=1", &[][..], 400),
        ("/api/books?version=1&version=1", &[], 200),
        ("/api/books", &twice("1", "2"), 400),
        ("/api/books", &twice("1", "1"), 200),
        ("/api/books", &[("x-api-version", "1, 2")], 400),
        ("/api/books", &[("x-api-version", "1,1")], 200),
        ("/api/books", &[("host", "v1.a.b"), ("host", "v2.a.b")], 400),
    ] {
        let answer = get(&shop, uri, fields).await;
        assert_eq!(answer.status, status, "{uri} {fields:?}");
    }
}

#[tokio::test]
async fn who_accepts_other_types_besides_accepts_any_version_by_them() {
    let shop = shop(all_forms());
    for (uri, accept, status) in [
        (
            "/api/v2/books",
            "application/vnd.shop.v1+json, application/json;q=0.5",
            200,
        ),
        (
            "/api/books",
            "application/vnd.shop.v9+json, application/json;q=0.5",
            200,
        ),
        (
            "/api/v2/books",
            "application/vnd.shop.v1+json, application/vnd.shop.v2+json;q=0.1",
            200,
        ),
        (
            "/api/v2/books",
            "application/vnd.shop.v1+json, application/vnd.shop.v3+json",
            400,
        ),
        ("/api/v2/books", "application/vnd.shop.v9+json", 406),
    ] {
        let answer = get(&shop, uri, &[("accept", accept)]).await;
        assert_eq!(answer.status, status, "{uri} {accept}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_in_the_version_is_a_404_whatever_the_method() {
    let shop = shop(all_forms());
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"] {
        for uri in ["/api/v1/books/7/cover", "/api/books/7/cover?version=1"] {
            assert_eq!(
                send(&shop, method, uri, &[]).await.status,
                404,
                "{method} {uri}"
            );
        }
    }
    let there = send(&shop, "DELETE", "/api/v2/books/7/cover", &[]).await;
    assert_eq!(there.problem(405), "HTTP_METHOD_NOT_ALLOWED");
    assert_eq!(there.header("allow"), "PUT,OPTIONS");
    assert_eq!(
        send(&shop, "PUT", "/api/books/7/cover", &[]).await.json(),
        "covered"
    );
}

#[tokio::test]
async fn a_neutral_route_takes_no_notice_of_versions() {
    let shop = shop(all_forms());
    for (uri, field) in [
        ("/api/auth/me", None),
        ("/api/auth/me?version=9", None),
        ("/api/auth/me", Some(("x-api-version", "9"))),
        ("/api/auth/me", Some(("host", "v9.localhost"))),
        (
            "/api/auth/me",
            Some(("accept", "application/vnd.shop.v2+json")),
        ),
    ] {
        let answer = get(&shop, uri, field.as_slice()).await;
        assert_eq!(answer.json(), "you", "{uri} {field:?}");
    }
    assert_eq!(get(&shop, "/api/auth/me", &[]).await.header("vary"), "");
    for uri in ["/api/v2/auth/me", "/api/auth", "/api/auth/you"] {
        assert_eq!(get(&shop, uri, &[]).await.status, 404, "{uri}");
    }
    assert_eq!(send(&shop, "POST", "/api/auth/me", &[]).await.status, 405);
}

#[tokio::test]
async fn addresses_outside_of_the_api_have_no_version() {
    let shop = shop(all_forms());
    let answer = get(&shop, "/books/7?version=9", &[("host", "v9.localhost")]).await;
    assert_eq!(answer.json(), "7");
    assert_eq!(answer.header("vary"), "");
}

#[tokio::test]
async fn an_answer_says_what_it_depends_on_where_the_path_has_no_version() {
    let shop = shop(all_forms());
    let vary = |answer: &Answer| {
        let fields = answer.headers.get_all("vary").iter();
        fields
            .map(|field| field.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = ["accept, x-api-version, host"];
    let (host, accept) = (
        ("host", "v9.localhost"),
        ("accept", "application/vnd.shop.v9+json"),
    );
    for (uri, fields) in [
        ("/api/books", &[][..]),
        ("/api/books?version=1", &[]),
        ("/api/nowhere", &[]),
        ("/api/books", &[host]),
        ("/api/books", &[accept]),
    ] {
        assert_eq!(
            vary(&get(&shop, uri, fields).await),
            all,
            "{uri} {fields:?}"
        );
    }
    assert!(vary(&get(&shop, "/api/v2/books", &[]).await).is_empty());
    let echoed = [("accept", "application/vnd.shop.v2+json")];
    assert_eq!(
        vary(&get(&shop, "/api/v2/books", &echoed).await),
        ["accept"]
    );
}

#[tokio::test]
async fn the_address_as_it_was_asked_is_kept_for_links_and_problems() {
    let shop = shop(all_forms());
    let read = get(&shop, "/api/books/7?version=2&x=y", &[]).await;
    assert_eq!(
        read.json(),
        serde_json::json!(["7", "/api/books/7?version=2&x=y"])
    );
    let problem = get(&shop, "/api/nowhere?version=1", &[]).await;
    assert_eq!(problem.json()["instance"], "/api/nowhere");
}

#[tokio::test]
async fn a_handler_does_not_see_the_parameter_of_the_version() {
    let shop = shop(all_forms());
    for uri in [
        "/api/books/strict?version=2",
        "/api/v2/books/strict?version=2",
    ] {
        assert_eq!(get(&shop, uri, &[]).await.json(), "strict", "{uri}");
    }
    let other = get(&shop, "/api/books/strict?version=2&x=1", &[]).await;
    assert_eq!(other.fault(), ("x".into(), "unknown".into()));
}

#[tokio::test]
async fn a_form_that_is_off_names_nothing() {
    let shop = shop(formless().query("version"));
    assert_eq!(get(&shop, "/api/books?version=1", &[]).await.json(), ONE);
    for uri in ["/api/v1/books", "/api/v2/books", "/api/v9/books"] {
        assert_eq!(get(&shop, uri, &[]).await.status, 404, "{uri}");
    }
    let others = [("x-api-version", "1"), ("host", "v1.localhost")];
    let answer = get(&shop, "/api/books", &others).await;
    assert_eq!(answer.json(), LATER);
    assert_eq!(answer.header("vary"), "");
    // A media type like any other, and one that is not spoken.
    let vendor = [("accept", "application/vnd.shop.v1+json")];
    let refused = get(&shop, "/api/books", &vendor).await;
    assert_eq!(refused.problem(406), "HTTP_NOT_ACCEPTABLE");
}

#[tokio::test]
async fn an_api_may_be_everything_there_is() {
    let versioning = Versioning::below("/").version("1").version("2");
    let versioning = versioning.default_version("2").path("").header("Version");
    let greet = purlin_http::Route::get("/")
        .version("2")
        .public()
        .handler(async || Json("hello"));
    let health = purlin_http::Health::new();
    let mount = Mount::new().versioning(versioning).routes(health.routes());
    let routes = purlin_http::Routes::at("/").route(greet);
    let router = Edge::new().router(mount.routes(routes).build().unwrap().router);
    assert_eq!(get(&router, "/", &[]).await.json(), "hello");
    assert_eq!(get(&router, "/2", &[]).await.json(), "hello");
    assert_eq!(get(&router, "/healthz", &[]).await.status, 200);
    for uri in ["/1", "/3", "/2/", "//", "/2/2"] {
        assert_eq!(get(&router, uri, &[]).await.status, 404, "{uri}");
    }
}

#[tokio::test]
async fn what_an_answer_says_itself_that_it_depends_on_is_kept() {
    let reply = || Raw(([("vary", "Origin, accept")], "text").into_response());
    let route = Route::get("/api/x").version("2").public();
    let routes = Routes::at("/").route(route.handler(async move || reply()));
    let mount = Mount::new().versioning(all_forms()).routes(routes);
    let answer = get(&mount.build().unwrap().router, "/api/x", &[]).await;
    let fields: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(fields, ["Origin, accept, x-api-version, host"]);
}
