//! HEAD, OPTIONS, and the methods that a path does not have.

use axum::routing;
use purlin_http::{Created, Edge, Json, Mount, NoContent, Route, Router, Routes};

use crate::support::{ask, get, request};

/// `/both` is served by a route and by a raw router; `/raw` and `/raw/only` by the raw one alone.
fn router() -> Router {
    let routes = Routes::at("/")
        .route(Route::get("/things").public().handler(async || Json("all")))
        .route(Route::post("/things").public().handler(async || NoContent))
        .route(
            Route::get("/things/new")
                .public()
                .handler(async || Json("form")),
        )
        .route(
            Route::put("/things/{id}")
                .public()
                .handler(async || NoContent),
        )
        .route(
            Route::delete("/things/{id}")
                .public()
                .handler(async || NoContent),
        )
        .route(Route::post("/both").public().handler(async || NoContent))
        .route(
            Route::post("/made")
                .public()
                .handler(async || Created::at("/a\r\nx: y\"<>\u{e9}", 1)),
        );
    let raw = Router::new()
        .route("/both", routing::get(async || "raw"))
        .route("/raw", routing::get(async || "raw").patch(async || ""))
        .route(
            "/own",
            routing::get(async || "raw").options(async || "mine"),
        );
    let mounted = Mount::new().routes(routes).raw("raw", raw).build().unwrap();
    Edge::new().router(mounted.router)
}

fn sorted(allow: &str) -> String {
    let mut names: Vec<&str> = allow.split(',').map(str::trim).collect();
    names.sort_unstable();
    names.join(" ")
}

#[tokio::test]
async fn every_path_tells_its_methods_to_options_and_to_a_method_it_has_not() {
    for (uri, methods) in [
        ("/things", "GET HEAD OPTIONS POST"),
        ("/things/7", "DELETE OPTIONS PUT"),
        ("/things/new", "GET HEAD OPTIONS"),
        ("/both", "GET HEAD OPTIONS POST"),
        ("/raw", "GET HEAD OPTIONS PATCH"),
    ] {
        let options = ask(&router(), request("OPTIONS", uri)).await;
        assert_eq!(
            (options.status.as_u16(), options.body.len()),
            (204, 0),
            "{uri}"
        );
        assert_eq!(sorted(options.header("allow")), methods, "{uri}");
        let refused = ask(&router(), request("TRACE", uri)).await;
        assert_eq!(refused.problem(405), "HTTP_METHOD_NOT_ALLOWED");
        assert_eq!(sorted(refused.header("allow")), methods, "{uri}");
    }
    let own = ask(&router(), request("OPTIONS", "/own")).await;
    assert_eq!((own.status.as_u16(), &*own.body), (200, &b"mine"[..]));
    ask(&router(), request("OPTIONS", "/nothing"))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_mount_without_the_layer_answers_options_too() {
    let routes = Routes::at("/").route(Route::get("/things").public().handler(async || Json(1)));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let options = ask(&router, request("OPTIONS", "/things")).await;
    assert_eq!(
        (options.status.as_u16(), options.header("allow")),
        (204, "GET,HEAD")
    );
    assert_eq!(ask(&router, request("PUT", "/things")).await.status, 405);
}

#[tokio::test]
async fn options_of_a_star_asks_about_the_server() {
    let answer = ask(&router(), request("OPTIONS", "*")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        sorted(answer.header("allow")),
        "DELETE GET HEAD OPTIONS PATCH POST PUT"
    );
    ask(&router(), request("GET", "*")).await.problem(404);
}

#[tokio::test]
async fn head_has_the_fields_of_get_wherever_get_is_answered() {
    for uri in [
        "/things",
        "/things/new",
        "/both",
        "/raw",
        "/nothing",
        "/things/7?%00",
    ] {
        let (get, head) = (
            get(&router(), uri).await,
            ask(&router(), request("HEAD", uri)).await,
        );
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{uri}");
        for (name, value) in &get.headers {
            if name != "x-request-id" && name != "content-length" {
                assert_eq!(head.headers.get(name), Some(value), "{uri}: {name}");
            }
        }
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{uri}"
        );
    }
    assert_eq!(ask(&router(), request("HEAD", "/made")).await.status, 405);
}

#[tokio::test]
async fn a_method_that_nobody_knows_is_501_everywhere() {
    for uri in ["/things", "/raw", "/nothing", "*"] {
        for method in ["BREW", "get", "PROPFIND"] {
            let answer = ask(&router(), request(method, uri)).await;
            assert_eq!(answer.problem(501), "HTTP_METHOD_UNKNOWN", "{method} {uri}");
        }
    }
}

#[tokio::test]
async fn a_location_holds_nothing_that_ends_or_breaks_a_field() {
    let answer = ask(&router(), request("POST", "/made")).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/a%0D%0Ax:%20y%22%3C%3E%C3%A9");
    assert_eq!(answer.header("x"), "");
}
