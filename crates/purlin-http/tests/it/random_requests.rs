//! Whatever is asked, no answer blames us and none stays out.

use std::time::Duration;

use axum::body::Body;
use garde::Validate;
use http::Request;
use proptest::prelude::*;
use purlin_http::{
    ETag, IfMatch, Json, NoContent, PageRequest, Path, Query, Reply, Route, Router, Routes, Tagged,
    Valid, conditional::States,
};

use crate::support::{ask, served};

#[derive(Debug, serde::Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "it is only read")]
struct Thing {
    #[garde(length(chars, min = 1, max = 5))]
    name: String,
    #[garde(range(max = 10))]
    count: u8,
    #[garde(length(max = 3), dive)]
    parts: Vec<Thing>,
    #[garde(skip)]
    price: Option<f32>,
}

#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "it is only read")]
struct Filter {
    q: Option<String>,
    year: Option<i16>,
}

fn router() -> Router {
    let list = async |_: Query<Filter>, _: PageRequest| NoContent;
    let read = async |_: Path<(u64, String)>| {
        let modified = purlin_base::Timestamp::from_unix_micros(784_111_777_500_000);
        Tagged::new((ETag::strong("a,"), modified), Json("one"))
    };
    let create = async |_: Valid<Thing>| NoContent;
    let replace = async |seen: IfMatch, _: Json<serde_json::Value>| {
        let _any: States<i64> = seen.states();
        seen.check(ETag::strong("a,")).map(|()| NoContent).reply()
    };
    served(
        Routes::at("/things")
            .route(Route::get("/").public().handler(list))
            .route(Route::post("/").public().handler(create))
            .route(Route::get("/{id}/{name}").public().handler(read))
            .route(Route::put("/{id}/{name}").public().handler(replace)),
    )
}

fn address() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("things".to_owned()),
        "[0-9]{1,25}",
        "[a-z%.~-]{0,8}",
        "(%[0-9a-fA-F]{2}){1,4}",
    ];
    let path =
        prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("/{}", pieces.join("/")));
    let name = "(limit|cursor|offset|page|q|year|[a-z]{0,3})";
    let pair = (name, "[0-9a-z%+-]{0,12}").prop_map(|(name, value)| format!("{name}={value}"));
    let query = prop::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"));
    (path, query).prop_map(|(path, query)| format!("{path}?{query}"))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let text = "[\\[\\]{}\",:a-z0-9.eE+ \\\\-]{0,60}".prop_map(String::into_bytes);
    let field =
        r#"("name"|"count"|"parts"|"price"|"other"):(1|-1|1e999|null|"a"|"\\u0000"|\[\]|\{\}|300)"#;
    let near = prop::collection::vec(field, 0..6)
        .prop_map(|fields| format!("{{{}}}", fields.join(",")).into_bytes());
    prop_oneof![prop::collection::vec(any::<u8>(), 0..80), text, near]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_answered_with_5xx_or_not_at_all(
        method in "(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE)",
        address in address(),
        body in body(),
        kind in "(application/json|application/json;x|text/plain|[!-~]{0,10})",
        date in "((Sun|Sunday)[, ]{1,2}(06|99|31)[ -]Nov[ -](1994|94|9999|0000) 08:49:37 GMT|[ -~]{0,20})",
        tag in "(\\*|\"[a-z,]{0,3}\"(, )?|W/|[ -~]{0,10}){1,3}",
    ) {
        let Ok(request) = Request::builder()
            .method(&*method)
            .uri(&*address)
            .header("content-type", kind)
            .header("if-match", &*tag)
            .header("if-none-match", tag)
            .header("if-modified-since", &*date)
            .header("if-unmodified-since", date)
            .body(Body::from(body))
        else {
            return Ok(());
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let answer = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(10), ask(&router(), request)).await
        });
        let answer = answer.expect("an answer comes");
        prop_assert!(answer.status.as_u16() < 500, "{answer:?}");
        if answer.status.as_u16() >= 400 && method != "HEAD" {
            prop_assert_eq!(answer.json()["status"].as_u64(), Some(answer.status.as_u16().into()));
        }
    }
}
