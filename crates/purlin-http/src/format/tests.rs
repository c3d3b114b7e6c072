//! The media type of a version, which the layer of versions notes; here it is noted by hand.

use axum::{body::Body, response::Response};
use http::{Request, header};
use tower::{ServiceExt, service_fn};

use super::*;
use crate::{Edge, Json, Mount, Route, Routes};

/// Asks a route that answers its body again, with the media type of version 2 noted.
async fn ask(xml: bool, accept: &str, body: Option<(&str, &'static str)>) -> Response {
    let route = Route::post("/").answers::<Json<String>>().public();
    let route = if xml {
        route.xml("word", "words")
    } else {
        route
    };
    let routes = Routes::at("/").route(route.handler(async |Json(word): Json<String>| Json(word)));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let noted = service_fn(move |request| {
        current::set_vendor_type(&Arc::from("application/vnd.bookshop.v2"));
        router.clone().oneshot(request)
    });
    let (kind, body) = body.unwrap_or(("application/json", "\"a\""));
    let request = Request::post("/")
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body));
    let answer = Edge::new().around(noted).oneshot(request.unwrap()).await;
    answer.unwrap()
}

fn kind(answer: &Response) -> &str {
    answer.headers()[header::CONTENT_TYPE].to_str().unwrap()
}

#[tokio::test]
async fn the_media_type_of_a_version_is_understood_and_sent_back() {
    let (json, xml) = (
        "application/vnd.bookshop.v2+json",
        "application/vnd.bookshop.v2+xml",
    );
    for (accept, sent) in [
        (json, json),
        (xml, xml),
        (
            "application/vnd.bookshop.v2+json, application/json;q=0.9",
            json,
        ),
        (
            "application/vnd.bookshop.v2+json;q=0.5, application/xml",
            "application/xml",
        ),
        ("application/*", json),
        ("Application/Vnd.Bookshop.V2+XML", xml),
    ] {
        let answer = ask(true, accept, None).await;
        assert_eq!(
            (answer.status().as_u16(), kind(&answer)),
            (200, sent),
            "{accept}"
        );
        assert_eq!(answer.headers()[header::VARY], "accept", "{accept}");
    }
}

#[tokio::test]
async fn the_media_type_of_a_version_is_read_in_both_formats() {
    for (kind, body) in [
        ("application/vnd.bookshop.v2+json", "\"a\""),
        ("application/vnd.bookshop.v2+xml", "<word>a</word>"),
    ] {
        let answer = ask(true, "application/json", Some((kind, body))).await;
        assert_eq!(answer.status(), 200, "{kind}");
    }
    let xml = ("application/vnd.bookshop.v2+xml", "<word>a</word>");
    assert_eq!(
        ask(false, "application/json", Some(xml)).await.status(),
        415
    );
}

#[tokio::test]
async fn the_media_type_of_a_version_in_a_format_that_is_not_spoken_is_refused() {
    let xml = "application/vnd.bookshop.v2+xml";
    let refused = ask(false, xml, None).await;
    assert_eq!(
        (refused.status().as_u16(), kind(&refused)),
        (406, crate::problem::PROBLEM_XML)
    );
    for accept in [
        "application/vnd.bookshop.v1+json",
        "application/vnd.bookshop.v2",
        "text/html",
    ] {
        let refused = ask(true, accept, None).await;
        assert_eq!(refused.status(), 406, "{accept}");
        assert_eq!(kind(&refused), crate::problem::PROBLEM_JSON, "{accept}");
    }
}
