//! Forms: what is read, and how each fault is told.

use axum::body::Body;
use http::Request;
use purlin_http::{Form, Json, Route, Router, Routes};

use crate::support::{Answer, ask, served};

#[derive(serde::Deserialize, serde::Serialize)]
struct Sale {
    title: String,
    count: u8,
    #[serde(default)]
    note: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    title: String,
}

fn router() -> Router {
    let routes = Routes::at("/")
        .route(
            Route::post("/sales")
                .public()
                .body_bytes_max(200)
                .handler(async |Form(sale): Form<Sale>| Json(sale)),
        )
        .route(
            Route::post("/strict")
                .public()
                .handler(async |Form(strict): Form<Strict>| Json(strict.title)),
        );
    served(routes)
}

async fn send(path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", kind);
    ask(&router(), request.body(body.into()).unwrap()).await
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_form_is_read_as_a_page_sends_it() {
    let body = "title=War+%26+Peace+%C3%A4&count=3&note=&other=1";
    for kind in [FORM, "Application/X-WWW-Form-Urlencoded; charset=utf-8"] {
        let answer = send("/sales", kind, body).await;
        assert_eq!(answer.status, 200, "{kind}");
        assert_eq!(answer.json()["title"], "War & Peace ä");
        assert_eq!(answer.json()["note"], "");
    }
    let strict = send("/strict", FORM, "_csrf=x&title=a").await;
    assert_eq!(strict.json(), "a");
}

#[tokio::test]
async fn another_type_is_415_and_the_answer_says_which_is_read() {
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let answer = send("/sales", kind, "title=a&count=1").await;
        assert_eq!(answer.problem(415), "HTTP_BODY_NOT_FORM", "{kind}");
        assert_eq!(answer.header("accept"), FORM);
    }
    let mut coded = Request::post("/sales").header("content-type", FORM);
    coded = coded.header("content-encoding", "gzip");
    let answer = ask(&router(), coded.body(Body::from("x")).unwrap()).await;
    assert_eq!(answer.problem(415), "HTTP_BODY_CODED");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_400_and_a_long_one_413() {
    for body in [
        &b"title=%zz"[..],
        b"title=%",
        b"title=%C3",
        b"title=\xff",
        b"%ff=1",
    ] {
        let answer = send("/sales", FORM, body.to_vec()).await;
        assert_eq!(answer.problem(400), "HTTP_FORM_MALFORMED", "{body:?}");
    }
    let long = send("/sales", FORM, format!("title={}", "a".repeat(200))).await;
    assert_eq!(long.problem(413), "HTTP_BODY_TOO_LARGE");
}

#[tokio::test]
async fn each_field_at_fault_is_422_with_its_name() {
    for (path, body, pointer, code) in [
        ("/sales", "count=1", "#/title", "missing_field"),
        ("/sales", "", "#/title", "missing_field"),
        (
            "/sales",
            "title=a&count=1&count=2",
            "#/count",
            "duplicate_field",
        ),
        ("/sales", "title=a&count=x", "#/count", "type"),
        ("/sales", "title=a&count=300", "#/count", "range"),
        ("/sales", "title=a&count=-1", "#/count", "type"),
        ("/sales", "title=a%00b&count=1", "#/title", "nul"),
        ("/strict", "title=a&other=1", "#/other", "unknown_field"),
    ] {
        let answer = send(path, FORM, body).await;
        assert_eq!(answer.problem(422), "HTTP_BODY_INVALID", "{body}");
        assert_eq!(
            answer.fault(),
            (pointer.to_owned(), code.to_owned()),
            "{body}"
        );
    }
}
