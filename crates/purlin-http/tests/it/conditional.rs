//! Conditions of reads, and of any form: 304 for those who have it, 412 for those who want another.

use axum::body::Body;
use http::{Request, StatusCode};
use purlin_base::Timestamp;
use purlin_http::{
    Created, ETag, Edge, IfMatch, Json, Mount, NoContent, Path, Preconditions, Problem, Raw, Reply,
    Route, Router, Routes, Tagged,
};

use crate::support::{Answer, ask, served};

/// Sun, 06 Nov 1994 08:49:37 GMT and a fraction of a second.
const MODIFIED: Timestamp = Timestamp::from_unix_micros(784_111_777_500_000);
pub(crate) const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
pub(crate) const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sunday, 06-Nov-94 08:49:38 GMT";
pub(crate) const FAR: &str = "Fri, 31 Dec 9999 23:59:59 GMT";

fn raw(status: u16, fields: &[(&str, &str)]) -> Raw {
    let mut response = http::Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    Raw(response.body("whole".into()).unwrap())
}

/// `/book` is in the state 7, `/dated` was changed at [`MODIFIED`], `/both` is both.
fn router() -> Router {
    let tag = || ETag::strong(7);
    let read = async || Tagged::new(ETag::strong(7), Json("Emma"));
    let replace = async |seen: IfMatch| seen.check(ETag::strong(7)).map(|()| NoContent).reply();
    let dated = async || Tagged::new(MODIFIED, Json("Emma"));
    let both = move || async move { Tagged::new((tag(), MODIFIED), Json("Emma")) };
    let write = async |asked: Preconditions| -> Result<NoContent, Problem> {
        asked.required()?;
        asked.check((ETag::strong(7), MODIFIED))?;
        Ok(NoContent)
    };
    let create =
        async |Path(name): Path<String>, asked: Preconditions| -> Result<Created<()>, Problem> {
            match &*name {
                "taken" => asked.check(ETag::strong(1))?,
                _ => asked.check_absent()?,
            }
            Ok(Created::at(format!("/names/{name}"), ()).tagged(ETag::strong(1)))
        };
    let full = async || {
        let fields = [
            ("etag", "\"7\""),
            ("last-modified", SAME),
            ("cache-control", "max-age=1"),
            ("content-location", "/x"),
            ("date", AFTER),
            ("expires", FAR),
            ("vary", "Accept"),
            ("content-type", "text/plain"),
            ("content-language", "en"),
            ("content-encoding", "x"),
            ("x-other", "kept"),
        ];
        raw(200, &fields)
    };
    let status = async |Path(status): Path<u16>| raw(status, &[("etag", "\"7\"")]);
    served(
        Routes::at("/")
            .route(Route::get("/book").public().handler(read))
            .route(Route::put("/book").public().handler(replace))
            .route(Route::get("/dated").public().handler(dated))
            .route(Route::get("/both").public().handler(both))
            .route(Route::put("/both").public().handler(write))
            .route(Route::delete("/both").public().handler(write))
            .route(Route::put("/names/{name}").public().handler(create))
            .route(Route::get("/full").public().handler(full))
            .route(Route::get("/bare").public().handler(async || Json("Emma")))
            .route(
                Route::get("/weak")
                    .public()
                    .handler(async || Tagged::new(ETag::weak(7), Json("Emma"))),
            )
            .route(Route::get("/status/{status}").public().handler(status)),
    )
}

pub(crate) async fn with(method: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, value.as_bytes());
    }
    ask(&router(), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn who_has_the_present_state_gets_304() {
    for wanted in [
        "\"7\"",
        "W/\"7\"",
        "\"6\", \"7\"",
        "*",
        "\"a,\",\"7\"",
        ",, \"7\" ,",
    ] {
        for method in ["GET", "HEAD"] {
            let answer = with(method, "/book", &[("if-none-match", wanted)]).await;
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
    let several = [("if-none-match", "\"6\""), ("if-none-match", "\"7\"")];
    assert_eq!(with("GET", "/book", &several).await.status, 304);
    assert_eq!(
        with("GET", "/bare", &[("if-none-match", "*")]).await.status,
        304
    );
    assert_eq!(
        with("GET", "/weak", &[("if-none-match", "\"7\"")])
            .await
            .status,
        304
    );
}

#[tokio::test]
async fn who_has_another_state_gets_the_whole() {
    for wanted in [
        "\"8\"",
        "7",
        "\"7",
        "\"7,\"",
        "w/\"7\"",
        "\"7;staff\"",
        "\"7\" \"7\"",
        "*,\"7\"",
    ] {
        let answer = with("GET", "/book", &[("if-none-match", wanted)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (200, "Emma".into()),
            "{wanted:?}"
        );
    }
    assert_eq!(
        with("GET", "/bare", &[("if-none-match", "\"7\"")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn who_has_the_state_of_that_time_gets_304() {
    for (since, status) in [
        (BEFORE, 200),
        (SAME, 304),
        (AFTER, 304),
        (FAR, 304),
        ("yesterday", 200),
        ("", 200),
    ] {
        let answer = with("GET", "/dated", &[("if-modified-since", since)]).await;
        assert_eq!(answer.status, status, "{since}");
        assert_eq!(answer.header("last-modified"), SAME);
        assert_eq!(
            with("HEAD", "/dated", &[("if-modified-since", since)])
                .await
                .status,
            status
        );
        assert_eq!(
            with("GET", "/book", &[("if-modified-since", since)])
                .await
                .status,
            200
        );
    }
    let twice = [("if-modified-since", SAME), ("if-modified-since", SAME)];
    assert_eq!(with("GET", "/dated", &twice).await.status, 200);
}

#[tokio::test]
async fn a_read_can_ask_for_one_state() {
    for (field, value, status) in [
        ("if-match", "\"7\"", 200),
        ("if-match", "*", 200),
        ("if-match", "\"6\"", 412),
        ("if-match", "W/\"7\"", 412),
        ("if-match", "7", 400),
        ("if-unmodified-since", BEFORE, 412),
        ("if-unmodified-since", SAME, 200),
        ("if-unmodified-since", "never", 200),
    ] {
        let answer = with("GET", "/both", &[(field, value)]).await;
        assert_eq!(answer.status, status, "{field}: {value}");
        if status >= 400 {
            answer.problem(status);
            assert_eq!(answer.header("etag"), "");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    let bare = with("GET", "/bare", &[("if-match", "\"7\"")]).await;
    assert_eq!(bare.problem(412), "HTTP_IF_MATCH_FAILED");
    assert_eq!(
        with("GET", "/bare", &[("if-unmodified-since", BEFORE)])
            .await
            .status,
        200
    );
    assert_eq!(
        with("GET", "/weak", &[("if-match", "\"7\"")]).await.status,
        412
    );
}

#[tokio::test]
async fn conditions_count_in_the_order_of_the_rfc() {
    type Fields = &'static [(&'static str, &'static str)];
    let cases: [(&str, Fields, u16); 9] = [
        // `If-Match` counts, and so the date beside it does not.
        (
            "GET",
            &[("if-match", "\"7\""), ("if-unmodified-since", BEFORE)],
            200,
        ),
        (
            "GET",
            &[("if-match", "\"6\""), ("if-none-match", "\"7\"")],
            412,
        ),
        (
            "GET",
            &[("if-match", "\"7\""), ("if-none-match", "\"7\"")],
            304,
        ),
        (
            "GET",
            &[("if-unmodified-since", BEFORE), ("if-none-match", "\"7\"")],
            412,
        ),
        // `If-None-Match` counts, and so the date beside it does not.
        (
            "GET",
            &[("if-none-match", "\"6\""), ("if-modified-since", SAME)],
            200,
        ),
        (
            "GET",
            &[("if-none-match", "\"7\""), ("if-modified-since", BEFORE)],
            304,
        ),
        ("PUT", &[("if-match", "\"7\""), ("if-none-match", "*")], 412),
        (
            "PUT",
            &[("if-match", "\"7\""), ("if-none-match", "\"6\"")],
            204,
        ),
        (
            "PUT",
            &[("if-match", "\"7\""), ("if-modified-since", SAME)],
            204,
        ),
    ];
    for (method, fields, status) in cases {
        let answer = with(method, "/both", fields).await;
        assert_eq!(answer.status, status, "{method} {fields:?}");
    }
}

#[tokio::test]
async fn conditions_are_ignored_where_there_would_be_no_2xx() {
    for status in [204, 302, 404, 410, 500] {
        let uri = format!("/status/{status}");
        for (field, value) in [
            ("if-none-match", "\"7\""),
            ("if-match", "\"6\""),
            ("if-match", "6"),
        ] {
            assert_eq!(with("GET", &uri, &[(field, value)]).await.status, status);
        }
    }
    assert_eq!(
        with("GET", "/status/206", &[("if-none-match", "\"7\"")])
            .await
            .status,
        304
    );
    assert_eq!(
        with("GET", "/nothing", &[("if-none-match", "*")])
            .await
            .status,
        404
    );
    let missing = with("PUT", "/names/{bad%ff}", &[("if-none-match", "*")]).await;
    assert_eq!(missing.problem(400), "HTTP_PATH_ENCODING");
}

#[tokio::test]
async fn a_304_keeps_what_brings_the_copy_up_to_date_and_nothing_of_the_body() {
    let answer = with("GET", "/full", &[("if-none-match", "\"7\"")]).await;
    assert_eq!(
        (answer.status, answer.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    for (name, value) in [
        ("etag", "\"7\""),
        ("cache-control", "max-age=1"),
        ("content-location", "/x"),
        ("date", AFTER),
        ("expires", FAR),
        ("vary", "Accept"),
        ("x-other", "kept"),
        ("last-modified", ""),
        ("content-type", ""),
        ("content-language", ""),
        ("content-encoding", ""),
        ("content-length", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn hostile_conditions_are_answered_like_any_other() {
    let tags = |count: usize| {
        (0..count)
            .map(|n| format!("\"x{n}\""))
            .collect::<Vec<_>>()
            .join(",")
    };
    let (thousand, many, few) = (tags(1000), tags(65), tags(64));
    let long = format!("\"{}\"", "x".repeat(8 * 1024));
    let found = format!("{thousand}, \"7\"");
    for (method, field, value, status) in [
        ("GET", "if-none-match", &*thousand, 200),
        ("GET", "if-none-match", &*found, 304),
        ("GET", "if-match", &*thousand, 412),
        ("GET", "if-match", &*found, 200),
        ("PUT", "if-match", &*many, 400),
        ("PUT", "if-match", &*few, 412),
        ("PUT", "if-match", &*long, 412),
        ("PUT", "if-match", &",".repeat(8 * 1024), 412),
        ("PUT", "if-match", &"\"".repeat(8 * 1024), 400),
        ("PUT", "if-match", &"W/".repeat(4 * 1024), 400),
        ("GET", "if-none-match", &"\"".repeat(8 * 1024), 200),
        ("GET", "if-modified-since", &"9".repeat(8 * 1024), 200),
    ] {
        let answer = with(method, "/both", &[(field, value)]).await;
        assert_eq!(answer.status, status, "{method} {field}: {value:.40}");
    }
}

#[tokio::test]
async fn a_time_that_no_field_can_hold_is_not_sent() {
    for micros in [i64::MIN, -1, i64::MAX] {
        let answer = Tagged::new(Timestamp::from_unix_micros(micros), Json(1)).reply();
        assert!(!answer.headers().contains_key("last-modified"));
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn raw_routes_have_conditions_too() {
    let raw = Router::new().route(
        "/raw",
        axum::routing::get(async || ([("etag", "\"7\"")], "whole")),
    );
    let router = Edge::new().router(Mount::new().raw("files", raw).build().unwrap().router);
    for (field, value, status) in [("if-none-match", "\"7\"", 304), ("if-match", "\"6\"", 412)] {
        let request = Request::get("/raw")
            .header(field, value)
            .body(Body::empty());
        assert_eq!(ask(&router, request.unwrap()).await.status, status);
    }
}
