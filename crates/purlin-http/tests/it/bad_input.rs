//! Requests that are wrong: the right 4xx, always as a problem.

use axum::body::Body;
use garde::Validate;
use http::Request;
use purlin_http::{Json, NoContent, Path, Query, Raw, Route, Router, Routes, Valid};

use crate::support::{Answer, ask, get, request, send, served};

#[derive(Debug, serde::Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Author {
    #[garde(length(chars, min = 1, max = 5))]
    name: String,
}

#[derive(Debug, serde::Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Book {
    #[garde(length(chars, min = 1, max = 10))]
    title: String,
    #[garde(length(min = 1, max = 2), dive)]
    authors: Vec<Author>,
    #[garde(range(min = -3000, max = 2100))]
    year: i32,
    price: Option<f64>,
    language: Option<Language>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Language {
    En,
}

#[derive(Debug, serde::Deserialize)]
struct Filter {
    year: Option<i32>,
    subject: Option<String>,
}

fn router() -> Router {
    let create = Route::post("/books")
        .public()
        .handler(async |Valid(book): Valid<Book>| {
            assert!(!book.title.contains('\0') && book.year < 2101 && !book.authors.is_empty());
            assert!(
                book.price.is_none_or(f64::is_finite)
                    && matches!(book.language, None | Some(Language::En))
            );
            assert!(book.authors.iter().all(|author| author.name.len() < 21));
            NoContent
        });
    let list = Route::get("/books")
        .public()
        .handler(async |Query(filter): Query<Filter>| Json((filter.year, filter.subject)));
    let read = Route::get("/books/{id}")
        .public()
        .handler(async |Path(id): Path<u32>| Json(id));
    let text = Route::get("/text/{text}")
        .public()
        .handler(async |Path(text): Path<String>| Json(text));
    let axum = Route::post("/axum")
        .public()
        .handler(async |_: axum::Json<u32>| NoContent);
    let raw = Route::get("/raw")
        .public()
        .handler(async || Raw(http::Response::new("ok".into())));
    served(
        Routes::at("/")
            .route(create)
            .route(list)
            .route(read)
            .route(text)
            .route(axum)
            .route(raw),
    )
}

async fn post(body: impl Into<Body>) -> Answer {
    send(&router(), "POST", "/books", body).await
}

const GOOD: &str = r#"{"title":"Emma","authors":[{"name":"Jane"}],"year":1815}"#;

#[tokio::test]
async fn a_good_book_is_taken() {
    assert_eq!(post(GOOD).await.status, 204);
    assert_eq!(
        post(GOOD.replace("Emma", r"\\u0000")).await.status,
        204,
        "an escaped backslash"
    );
}

#[tokio::test]
async fn malformed_json_is_400_whatever_else_is_wrong_with_it() {
    let cases: [&[u8]; 10] = [
        b"{",
        b"{\"title\": 5, \"year\"",
        b"{\"title\": \"a\",}",
        b"[1, 2",
        b"nul",
        b"{\"title\": \"\xff\xfe\"}",
        b"{\"title\": \"\\ud800\"}",
        b"{\"title\": \"a\0b\"}",
        b"{} {}",
        b"\xef\xbb\xbf{}",
    ];
    for body in cases {
        let answer = post(body.to_vec()).await;
        assert_eq!(
            answer.problem(400),
            "HTTP_JSON_MALFORMED",
            "{}",
            body.escape_ascii()
        );
    }
}

#[tokio::test]
async fn an_empty_body_is_400() {
    for body in ["", "  \n\t"] {
        assert_eq!(post(body).await.problem(400), "HTTP_BODY_EMPTY");
    }
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_400() {
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for body in [
        deep(200),
        deep(100_000),
        "[".repeat(500_000),
        format!("{{\"title\":{}}}", deep(5000)),
    ] {
        assert_eq!(post(body).await.problem(400), "HTTP_JSON_TOO_DEEP");
    }
}

#[tokio::test]
async fn a_wrong_field_is_422_with_its_pointer_and_a_stable_word() {
    let with = |field: &str| GOOD.replace("}],", &format!("}}],{field},"));
    let cases = [
        (GOOD.replace("\"Emma\"", "5"), "#/title", "type"),
        (GOOD.replace("\"Jane\"", "null"), "#/authors/0/name", "type"),
        (GOOD.replace("1815", "\"1815\""), "#/year", "type"),
        (GOOD.replace("1815", "18.5"), "#/year", "type"),
        (GOOD.replace("1815", "99999999999"), "#/year", "range"),
        (GOOD.replace("1815", &"9".repeat(400)), "#/year", "range"),
        (with("\"price\": 1e999"), "#/price", "range"),
        (
            with("\"language\": \"xx\""),
            "#/language",
            "unknown_variant",
        ),
        (with("\"extra\": 1"), "#/extra", "unknown_field"),
        (with("\"a/b~c d\": 1"), "#/a~1b~0c%20d", "unknown_field"),
        (
            GOOD.replace("\"name\"", "\"nom\""),
            "#/authors/0/nom",
            "unknown_field",
        ),
        (
            GOOD.replace(",\"year\":1815", ""),
            "#/year",
            "missing_field",
        ),
        (
            GOOD.replace("\"name\":\"Jane\"", ""),
            "#/authors/0/name",
            "missing_field",
        ),
        (with("\"year\": 1"), "#/year", "duplicate_field"),
        (GOOD.replace("Emma", r"a\u0000b"), "#/title", "nul"),
        (GOOD.replace("Jane", r"\\\u0000"), "#/authors/0/name", "nul"),
        ("5".into(), "#", "type"),
        ("[]".into(), "#", "length"),
    ];
    for (body, pointer, code) in cases {
        let answer = post(body.clone()).await;
        assert_eq!(answer.problem(422), "HTTP_BODY_INVALID", "{body}");
        assert_eq!(answer.fault(), (pointer.into(), code.into()), "{body}");
    }
}

#[tokio::test]
async fn every_broken_rule_is_told_at_once() {
    let body = r#"{"title":"","authors":[{"name":"a"},{"name":"too long"}],"year":3000}"#;
    let answer = post(body).await;
    assert_eq!(answer.problem(422), "HTTP_BODY_INVALID");
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let mut told: Vec<_> = errors
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("#/authors/1/name", "length"),
            ("#/title", "length"),
            ("#/year", "range")
        ]
    );
}

#[tokio::test]
async fn a_refusal_does_not_send_a_long_body_back() {
    let long = GOOD.replace("1815", &format!("\"{}\"", "x".repeat(500_000)));
    assert!(post(long).await.body.len() < 2000);
    let name = GOOD.replace("\"year\"", &format!("\"{}\"", "y".repeat(500_000)));
    assert!(post(name).await.body.len() < 2000);
}

#[tokio::test]
async fn a_body_over_its_limit_is_413() {
    let body = format!("\"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(post(body.clone()).await.problem(413), "HTTP_BODY_TOO_LARGE");
    let chunks = body
        .into_bytes()
        .chunks(1000)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>();
    let stream = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
    assert_eq!(
        post(Body::from_stream(stream)).await.problem(413),
        "HTTP_BODY_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_400() {
    let broken = [Ok("{\"title\":"), Err(std::io::Error::other("reset"))];
    let answer = post(Body::from_stream(futures_util::stream::iter(broken))).await;
    assert_eq!(answer.problem(400), "HTTP_BODY_INCOMPLETE");
}

#[tokio::test]
async fn a_body_of_another_type_or_of_none_is_415() {
    for kind in [
        None,
        Some("text/plain"),
        Some("application/xml"),
        Some("application/jsonx"),
        Some(""),
    ] {
        let mut request = Request::post("/books");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = ask(&router(), request.body(GOOD.into()).unwrap()).await;
        assert_eq!(answer.problem(415), "HTTP_BODY_NOT_JSON", "{kind:?}");
        assert_eq!(answer.header("accept"), "application/json");
    }
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.x+json",
    ] {
        let request = Request::post("/books").header("content-type", kind);
        assert_eq!(
            ask(&router(), request.body(GOOD.into()).unwrap())
                .await
                .status,
            204,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_bad_parameter_is_400_with_its_name() {
    for (query, name, code) in [
        ("year=abc", "year", "invalid"),
        ("year=99999999999", "year", "range"),
        ("year=1&year=2", "year", "duplicate"),
        ("year=", "year", "invalid"),
    ] {
        let answer = get(&router(), &format!("/books?{query}")).await;
        assert_eq!(answer.problem(400), "HTTP_PARAMETER_INVALID", "{query}");
        assert_eq!(answer.fault(), (name.into(), code.into()), "{query}");
    }
    assert_eq!(
        get(&router(), "/books?utm_source=x&year=-5").await.json()[0],
        -5
    );
}

#[tokio::test]
async fn nul_in_an_address_is_400() {
    for uri in ["/text/a%00b", "/books?subject=%00", "/%00", "/books/%00"] {
        assert_eq!(
            get(&router(), uri).await.problem(400),
            "HTTP_URI_NUL",
            "{uri}"
        );
    }
    assert_eq!(get(&router(), "/text/a%2500b").await.json(), "a%00b");
}

#[tokio::test]
async fn a_path_that_cannot_be_read_is_400_and_one_of_another_type_404() {
    assert_eq!(
        get(&router(), "/text/%ff").await.problem(400),
        "HTTP_PATH_ENCODING"
    );
    for uri in ["/books/abc", "/books/-1", "/books/99999999999999999999"] {
        assert_eq!(
            get(&router(), uri).await.problem(404),
            "HTTP_NOT_FOUND",
            "{uri}"
        );
    }
}

#[tokio::test]
async fn an_address_or_header_that_is_too_long_is_refused() {
    let long = format!("/books/{}", "x".repeat(8 * 1024));
    assert_eq!(
        get(&router(), &long).await.problem(414),
        "HTTP_URI_TOO_LONG"
    );
    let mut large = request("GET", "/books");
    for n in 0..4 {
        let name = http::HeaderName::try_from(format!("x-{n}")).unwrap();
        large
            .headers_mut()
            .insert(name, "x".repeat(8 * 1024).parse().unwrap());
    }
    assert_eq!(
        ask(&router(), large).await.problem(431),
        "HTTP_HEADERS_TOO_LARGE"
    );
}

#[tokio::test]
async fn an_unknown_address_is_404_an_unfit_method_405_an_unknown_method_501() {
    let answer = get(&router(), "/nothing?x=1").await;
    assert_eq!(answer.problem(404), "HTTP_NOT_FOUND");
    assert_eq!(answer.json()["instance"], "/nothing");
    get(&router(), "/books/").await.problem(404);
    let answer = ask(&router(), request("DELETE", "/books")).await;
    assert_eq!(answer.problem(405), "HTTP_METHOD_NOT_ALLOWED");
    let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
    allow.sort_unstable();
    assert_eq!(allow, ["GET", "HEAD", "OPTIONS", "POST"]);
    ask(&router(), request("TRACE", "/books"))
        .await
        .problem(405);
    for uri in ["/books", "/nothing"] {
        let answer = ask(&router(), request("BREW", uri)).await;
        assert_eq!(answer.problem(501), "HTTP_METHOD_UNKNOWN");
    }
}

#[tokio::test]
async fn head_is_get_without_its_body_and_options_tells_the_methods() {
    let (get, head) = (
        get(&router(), "/books/7").await,
        ask(&router(), request("HEAD", "/books/7")).await,
    );
    assert_eq!((head.status, head.body.len()), (get.status, 0));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    let refused = ask(&router(), request("HEAD", "/nothing")).await;
    assert_eq!((refused.status.as_u16(), refused.body.len()), (404, 0));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let options = ask(&router(), request("OPTIONS", "/books")).await;
    assert_eq!(
        (options.status.as_u16(), options.header("allow")),
        (204, "POST,GET,HEAD,OPTIONS")
    );
}

#[tokio::test]
async fn the_refusals_of_axums_own_extractors_are_problems_too() {
    let answer = send(&router(), "POST", "/axum", "nul").await;
    assert_eq!(answer.problem(400), "HTTP_BAD_REQUEST");
    let answer = send(&router(), "POST", "/axum", "\"a\"").await;
    answer.problem(422);
    assert_eq!(
        ask(&router(), request("POST", "/axum")).await.problem(415),
        "HTTP_UNSUPPORTED_MEDIA_TYPE"
    );
}

#[tokio::test]
async fn a_query_that_does_not_decode_is_400_with_its_parameter() {
    for (query, code) in [
        ("subject=%ff", "encoding"),
        ("subject=%zz", "encoding"),
        ("subject=100%", "encoding"),
        ("subject=%c3", "encoding"),
        ("subject=a%00", "nul"),
    ] {
        let answer = get(&router(), &format!("/books?{query}")).await;
        answer.problem(400);
        assert_eq!(answer.fault(), ("subject".into(), code.into()), "{query}");
    }
}
