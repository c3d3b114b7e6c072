//! Entity tags: 304 for those who have it, 412 and 428 against lost updates.

use axum::body::Body;
use http::Request;
use purlin_http::{ETag, IfMatch, Json, NoContent, Reply, Route, Router, Routes, Tagged};

use crate::support::{Answer, ask, served};

fn router() -> Router {
    let read = Route::get("/book")
        .public()
        .handler(async || Tagged::new(ETag::strong(7), Json("Emma")).cache_control("no-cache"));
    let replace = Route::put("/book")
        .public()
        .handler(async |seen: IfMatch| seen.check(&ETag::strong(7)).map(|()| NoContent).reply());
    served(Routes::at("/").route(read).route(replace))
}

async fn with(method: &str, name: &str, value: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri("/book");
    if let Some(value) = value {
        request = request.header(name, value);
    }
    ask(&router(), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn who_has_the_present_state_gets_304() {
    for wanted in ["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"] {
        for method in ["GET", "HEAD"] {
            let answer = with(method, "if-none-match", Some(wanted)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.len()),
                (304, 0),
                "{wanted}"
            );
            assert_eq!(answer.header("etag"), "\"7\"");
            assert_eq!(answer.header("cache-control"), "no-cache");
            assert_eq!(answer.header("content-type"), "");
        }
    }
}

#[tokio::test]
async fn who_has_another_state_gets_the_whole() {
    for wanted in [None, Some("\"8\""), Some("7"), Some("\"7")] {
        let answer = with("GET", "if-none-match", wanted).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (200, "Emma".into()),
            "{wanted:?}"
        );
    }
}

#[tokio::test]
async fn a_replacement_needs_the_present_state() {
    for (seen, status) in [("\"7\"", 204), ("*", 204), ("\"1\", \"7\"", 204)] {
        assert_eq!(
            with("PUT", "if-match", Some(seen)).await.status,
            status,
            "{seen}"
        );
    }
    for stale in ["\"6\"", "W/\"7\""] {
        let answer = with("PUT", "if-match", Some(stale)).await;
        assert_eq!(answer.problem(412), "HTTP_IF_MATCH_FAILED");
    }
    assert_eq!(
        with("PUT", "if-match", None).await.problem(428),
        "HTTP_IF_MATCH_MISSING"
    );
    for bad in ["7", "", "\"7"] {
        let answer = with("PUT", "if-match", Some(bad)).await;
        assert_eq!(answer.problem(400), "HTTP_IF_MATCH_MALFORMED", "{bad}");
    }
}
