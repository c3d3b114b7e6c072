//! What callers are told of a version or a route that should no longer be used.

use purlin_http::{NoContent, Route, Routes};

use super::*;

fn links(answer: &Answer) -> Vec<&str> {
    let fields = answer.headers.get_all("link").iter();
    fields.map(|field| field.to_str().unwrap()).collect()
}

#[tokio::test]
async fn answers_of_a_deprecated_version_tell_since_when_until_when_and_what_comes_after() {
    let shop = shop(all_forms());
    for (uri, successor) in [
        ("/api/v1/books", "/api/v2/books"),
        ("/api/books?version=1&a=b", "/api/v2/books?a=b"),
        ("/api/v1/books/%C3%A9?x=1", "/api/v2/books/%C3%A9?x=1"),
    ] {
        let answer = get(&shop, uri, &[]).await;
        assert_eq!(answer.status, 200, "{uri}");
        assert_eq!(answer.header("deprecation"), "@1782864000", "{uri}");
        assert_eq!(
            answer.header("sunset"),
            "Thu, 01 Jul 2027 00:00:00 GMT",
            "{uri}"
        );
        let expected = format!("<{successor}>; rel=\"successor-version\"");
        assert_eq!(links(&answer), [expected], "{uri}");
    }
    for uri in [
        "/api/v2/books",
        "/api/books",
        "/api/v3/books",
        "/books/7",
        "/api/auth/me",
    ] {
        let answer = get(&shop, uri, &[]).await;
        assert_eq!(answer.header("deprecation"), "", "{uri}");
        assert!(links(&answer).is_empty(), "{uri}");
    }
}

#[tokio::test]
async fn refusals_of_a_deprecated_version_tell_of_it_too() {
    let shop = shop(all_forms());
    for (method, uri) in [("POST", "/api/v1/books"), ("GET", "/api/v1/nowhere")] {
        let answer = send(&shop, method, uri, &[]).await;
        assert_eq!(answer.header("deprecation"), "@1782864000", "{uri}");
        assert_eq!(answer.header("sunset"), "Thu, 01 Jul 2027 00:00:00 GMT");
        assert!(links(&answer).is_empty(), "nothing is known to come after");
    }
}

/// One route of versions 1 to 3 with this deprecation.
async fn answer_of(versioning: Versioning, deprecation: Deprecation, uri: &str) -> Answer {
    let route = Route::get("/{id}").version("1"..).deprecation(deprecation);
    let routes = Routes::at("/api/books").route(route.public().handler(async || NoContent));
    let mount = Mount::new().versioning(versioning).routes(routes);
    get(&mount.build().unwrap().router, uri, &[]).await
}

#[tokio::test]
async fn a_route_may_say_more_than_its_version() {
    let own = Deprecation::since("2026-01-01")
        .info("https://shop.example/moved")
        .successor("/api/v3/works");
    let answer = answer_of(all_forms(), own, "/api/v1/books/7").await;
    assert_eq!(answer.header("deprecation"), "@1767225600");
    assert_eq!(
        answer.header("sunset"),
        "",
        "that of the version is not the route's"
    );
    let expected = [
        "<https://shop.example/moved>; rel=\"deprecation\"; type=\"text/html\"",
        "</api/v3/works>; rel=\"successor-version\"",
    ];
    assert_eq!(links(&answer), expected);
}

#[tokio::test]
async fn a_route_that_is_deprecated_everywhere_has_no_successor() {
    let own = Deprecation::since("2026-01-01");
    let answer = answer_of(all_forms(), own, "/api/v2/books/7").await;
    assert_eq!(answer.header("deprecation"), "@1767225600");
    assert!(links(&answer).is_empty());
}

#[tokio::test]
async fn the_successor_is_the_nearest_later_version_that_has_the_path_and_is_alive() {
    let old = Deprecation::since(ONE_SINCE);
    let shop = shop(all_forms().deprecated("2", old));
    let answer = get(&shop, "/api/v1/books/7", &[]).await;
    assert_eq!(
        links(&answer),
        ["</api/v3/books/7>; rel=\"successor-version\""]
    );
    let last = get(&shop, "/api/v2/books/strict", &[]).await;
    assert_eq!(last.header("deprecation"), "@1782864000");
    assert!(links(&last).is_empty(), "it is in no later version");
}

#[tokio::test]
async fn without_versions_in_paths_the_successor_is_found_by_the_query_if_at_all() {
    let by_query = shop(formless().query("version"));
    let answer = get(&by_query, "/api/books/7?version=1&a=b", &[]).await;
    assert_eq!(
        links(&answer),
        ["</api/books/7?version=2&a=b>; rel=\"successor-version\""]
    );
    let by_header = shop(formless().header("version"));
    let answer = get(&by_header, "/api/books/7", &[("version", "1")]).await;
    assert_eq!(answer.header("deprecation"), "@1782864000");
    assert!(links(&answer).is_empty());
}

#[tokio::test]
async fn a_route_without_versions_may_be_deprecated() {
    let route = Route::get("/old").deprecation(Deprecation::since("1970-01-02").successor("/new"));
    let routes = Routes::at("/").route(route.public().handler(async || NoContent));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let answer = get(&router, "/old", &[]).await;
    assert_eq!(answer.header("deprecation"), "@86400");
    assert_eq!(links(&answer), ["</new>; rel=\"successor-version\""]);
}

#[test]
fn version_and_deprecation_of_each_mounted_route_are_known() {
    let mounted = mounted(all_forms());
    let known = mounted.routes.iter().map(|info| {
        let deprecated = info.deprecation.is_some();
        (info.operation, &*info.template, info.version, deprecated)
    });
    let known: Vec<_> = known.collect();
    for expected in [
        ("list_old", "/api/v1/books", Some("1"), true),
        ("list", "/api/v2/books", Some("2"), false),
        ("list", "/api/v3/books", Some("3"), false),
        ("read", "/api/v3/books/{id}", Some("3"), false),
        ("me", "/api/auth/me", None, false),
        ("page", "/books/{id}", None, false),
    ] {
        assert!(known.contains(&expected), "{expected:?} in {known:#?}");
    }
    assert_eq!(known.len(), 1 + 2 + 3 + 2 + 2 + 1 + 1);
}
