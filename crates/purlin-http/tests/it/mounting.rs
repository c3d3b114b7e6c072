//! Routes put together: what cannot stand beside each other is found before anything is served.

use axum::routing::get as axum_get;
use http::Method;
use purlin_http::{Json, Mount, NoContent, Route, Router, Routes, mount::MountError};

use crate::support::{get, served};

fn routes(method: Method, path: &str, operation: &'static str) -> Routes {
    let route = Route::new(method, path).operation(operation).public();
    Routes::at("/")
        .controller("Books")
        .route(route.handler(async move || Json(operation)))
}

fn refused(mount: Mount) -> (MountError, String) {
    let error = mount.build().unwrap_err();
    let text = error.to_string();
    (error, text)
}

#[test]
fn two_handlers_of_one_request_are_refused_by_name() {
    let mount = Mount::new()
        .nest("/api", routes(Method::GET, "/books/{id}", "read"))
        .routes(routes(Method::GET, "/api/books/{key}", "find"));
    let (error, text) = refused(mount);
    assert_eq!(error.code(), "HTTP_ROUTE_DUPLICATE");
    assert_eq!(
        text,
        "GET /api/books/{key} is answered twice: by `Books::read` and by `Books::find`"
    );
}

#[test]
fn one_path_with_two_names_for_its_parameter_is_refused() {
    let mount = Mount::new()
        .routes(routes(Method::GET, "/books/{id}", "read"))
        .routes(routes(Method::PUT, "/books/{key}", "replace"));
    let (error, text) = refused(mount);
    assert_eq!(error.code(), "HTTP_ROUTE_PARAMETER_NAMES");
    assert!(
        text.contains("Books::read") && text.contains("Books::replace"),
        "{text}"
    );
}

#[test]
fn a_bad_path_and_a_strange_method_are_refused() {
    let (error, text) = refused(Mount::new().routes(routes(Method::GET, "/books/:id", "read")));
    assert_eq!(error.code(), "HTTP_ROUTE_TEMPLATE");
    assert!(text.contains("`:id` is written `{id}`"), "{text}");
    let (error, _) = refused(Mount::new().routes(routes(Method::OPTIONS, "/books", "ask")));
    assert_eq!(error.code(), "HTTP_ROUTE_METHOD");
}

#[test]
fn what_axum_refuses_is_an_error_and_not_a_panic() {
    let raw = Router::new().route("/books/{id}", axum_get(async || ""));
    let mount = Mount::new()
        .routes(routes(Method::GET, "/books/{id}", "read"))
        .raw("legacy", raw);
    let (error, text) = refused(mount);
    assert_eq!(error.code(), "HTTP_ROUTE_OVERLAP");
    assert!(text.contains("legacy"), "{text}");
    let mount = Mount::new()
        .routes(routes(Method::GET, "/files/{*path}", "files"))
        .routes(routes(Method::GET, "/files/{name}", "file"));
    assert_eq!(refused(mount).0.code(), "HTTP_ROUTE_OVERLAP");
}

#[tokio::test]
async fn raw_routers_are_merged_and_listed() {
    let raw = Router::new().route("/legacy", axum_get(async || "old"));
    let mounted = Mount::new()
        .nest("/api/v2", routes(Method::GET, "/books", "list"))
        .raw("legacy pages", raw)
        .build()
        .unwrap();
    assert_eq!(mounted.raw, ["legacy pages"]);
    let templates: Vec<&str> = mounted
        .routes
        .iter()
        .map(|route| &*route.template)
        .collect();
    assert_eq!(templates, ["/api/v2/books"]);
    assert_eq!(get(&mounted.router, "/legacy").await.body, b"old");
    assert_eq!(get(&mounted.router, "/api/v2/books").await.json(), "list");
}

#[tokio::test]
async fn groups_nest_and_the_more_exact_path_wins() {
    let new = Route::get("/new").public().handler(async || Json("new"));
    let one = Route::get("/{id}").public().handler(async || Json("one"));
    let root = Route::get("/").public().handler(async || NoContent);
    let inner = Routes::at("/books").route(one).route(new).route(root);
    let router = served(Routes::at("/api").merge(Routes::at("/v2").merge(inner)));
    assert_eq!(get(&router, "/api/v2/books/new").await.json(), "new");
    assert_eq!(get(&router, "/api/v2/books/7").await.json(), "one");
    assert_eq!(get(&router, "/api/v2/books").await.status, 204);
}
