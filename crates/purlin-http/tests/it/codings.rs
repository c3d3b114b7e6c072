//! Compressed answers: which are, in what, and which never.

use std::{
    io::Read,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    response::IntoResponse,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use hyper::body::Frame;
use proptest::prelude::*;
use purlin_http::{
    ETag, Edge, IfMatch, Json, NoContent, Problem, Raw, Route, Router, Routes, Tagged,
};
use tokio::sync::mpsc;

use crate::support::{Answer, ask, served_by};

/// Decodes `body` as `coding` says.
fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let read = match coding {
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut out),
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut out),
        "zstd" => zstd::stream::read::Decoder::new(body)
            .unwrap()
            .read_to_end(&mut out),
        other => panic!("{other:?} is no coding"),
    };
    read.unwrap();
    out
}

fn text(length: usize) -> String {
    "It is a truth universally acknowledged. "
        .chars()
        .cycle()
        .take(length)
        .collect()
}

/// Answers with text of `length`, and with the fields, the status and the media type that the
/// request names.
fn echo(length: usize, asked: &HeaderMap) -> Raw {
    let mut response = text(length).into_response();
    for (name, value) in asked {
        if let Some(name) = name.as_str().strip_prefix("x-echo-") {
            let name: HeaderName = name.parse().unwrap();
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(status) = asked.get("x-status") {
        *response.status_mut() = status.to_str().unwrap().parse().unwrap();
    }
    if let Some(kind) = asked.get("x-kind") {
        response.headers_mut().insert("content-type", kind.clone());
    }
    Raw(response)
}

fn routes() -> Routes {
    let read = async || Tagged::new(ETag::strong(7), Json(text(5000)));
    let write = async |seen: IfMatch| {
        seen.check(ETag::strong(7))
            .map_err(Problem::from)
            .map(|()| NoContent)
    };
    let failed = async || {
        Err::<NoContent, _>(Problem::new(purlin_base::ErrorClass::Conflict, "X").detail(text(5000)))
    };
    let echoes = [100, 1023, 1024, 10_000, 300_000].map(|length| {
        let path = format!("/{length}");
        Route::get(path)
            .public()
            .handler(async move |asked: HeaderMap| echo(length, &asked))
    });
    echoes
        .into_iter()
        .fold(Routes::at("/"), Routes::route)
        .route(
            Route::get("/thing")
                .xml("thing", "things")
                .public()
                .handler(read),
        )
        .route(Route::put("/thing").public().handler(write))
        .route(Route::get("/failed").public().handler(failed))
}

fn router() -> Router {
    served_by(&Edge::new().compression(true), routes())
}

async fn fetch(router: &Router, method: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .body(Body::empty());
    let mut request = request.unwrap();
    for (name, value) in fields {
        let (name, value): (HeaderName, _) = (name.parse().unwrap(), HeaderValue::from_str(value));
        request.headers_mut().append(name, value.unwrap());
    }
    ask(router, request).await
}

async fn get(uri: &str, fields: &[(&str, &str)]) -> Answer {
    fetch(&router(), "GET", uri, fields).await
}

const GZIP: (&str, &str) = ("accept-encoding", "gzip");

#[tokio::test]
async fn an_answer_is_coded_as_the_caller_likes_best_and_is_the_same_when_decoded() {
    for (accepts, coding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=0.9, gzip", "gzip"),
        ("*", "zstd"),
    ] {
        for length in [1024, 10_000, 300_000] {
            let answer = get(&format!("/{length}"), &[("accept-encoding", accepts)]).await;
            assert_eq!(answer.header("content-encoding"), coding, "{accepts}");
            assert_eq!(answer.header("vary"), "accept-encoding");
            assert_eq!(
                decoded(coding, &answer.body),
                text(length).as_bytes(),
                "{coding} {length}"
            );
            assert!(
                answer.body.len() < length / 4,
                "{coding} {length}: {}",
                answer.body.len()
            );
            // What is said of the length is true of the coded bytes.
            if let Some(said) = answer.headers.get("content-length") {
                assert_eq!(said, &HeaderValue::from(answer.body.len()));
            }
        }
    }
}

#[tokio::test]
async fn without_a_coding_that_is_accepted_the_answer_is_as_it_is_and_says_on_what_it_depends() {
    for fields in [
        &[][..],
        &[("accept-encoding", "identity")],
        &[("accept-encoding", "deflate")],
        &[("accept-encoding", "")],
        &[("accept-encoding", "gzip;q=0")],
        &[("accept-encoding", "identity, gzip;q=0.5")],
    ] {
        let answer = get("/10000", fields).await;
        assert_eq!(answer.header("content-encoding"), "", "{fields:?}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{fields:?}");
        assert_eq!(answer.body, text(10_000).as_bytes());
    }
    let two_lines = [("accept-encoding", "br;q=0.1"), GZIP];
    assert_eq!(
        get("/10000", &two_lines).await.header("content-encoding"),
        "gzip"
    );
}

#[tokio::test]
async fn what_is_small_is_coded_only_if_nothing_else_will_do() {
    for (uri, accepts, coding) in [
        ("/1023", "gzip", ""),
        ("/1024", "gzip", "gzip"),
        ("/100", "gzip", ""),
        ("/100", "gzip, identity;q=0", "gzip"),
        ("/100", "gzip, *;q=0", "gzip"),
        ("/100", "identity;q=0", ""),
    ] {
        let answer = get(uri, &[("accept-encoding", accepts)]).await;
        assert_eq!(answer.header("content-encoding"), coding, "{uri} {accepts}");
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn only_text_is_coded() {
    for (kind, coding) in [
        ("text/csv; charset=utf-8", "gzip"),
        ("application/json", "gzip"),
        ("application/hal+json", "gzip"),
        ("Image/SVG+XML", "gzip"),
        ("image/png", ""),
        ("application/octet-stream", ""),
        ("application/gzip", ""),
        ("text/event-stream", ""),
        ("Text/Event-Stream; charset=utf-8", ""),
        ("\u{e4}", ""),
    ] {
        let answer = get("/10000", &[GZIP, ("x-kind", kind)]).await;
        assert_eq!(answer.header("content-encoding"), coding, "{kind}");
        assert_eq!(
            answer.header("vary").is_empty(),
            coding.is_empty(),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn what_may_hold_a_secret_or_is_a_part_is_never_coded() {
    for fields in [
        &[("x-echo-set-cookie", "a=b")][..],
        &[("x-echo-cache-control", "no-store")],
        &[("x-echo-cache-control", "private, No-Store")],
        &[("x-echo-cache-control", "max-age=5, no-transform")],
        &[("cookie", "session=1")],
        &[("authorization", "Basic YTpi")],
        &[("cookie", "session=1"), ("x-echo-cache-control", "private")],
        &[
            ("x-echo-content-range", "bytes 0-9999/20000"),
            ("x-status", "206"),
        ],
        &[("x-echo-content-encoding", "deflate")],
        &[("x-status", "206")],
        &[("x-status", "404"), ("x-kind", "application/json")],
    ] {
        let fields = [fields, &[GZIP]].concat();
        let answer = get("/10000", &fields).await;
        assert_ne!(answer.header("content-encoding"), "gzip", "{fields:?}");
        let vary = answer.header("vary");
        assert!(!vary.contains("accept-encoding"), "{fields:?}");
    }
    let bearer = [GZIP, ("authorization", "bearer token")];
    assert_eq!(
        get("/10000", &bearer).await.header("content-encoding"),
        "gzip"
    );
    let public = [
        GZIP,
        ("cookie", "a=b"),
        ("x-echo-cache-control", "public, max-age=9"),
    ];
    assert_eq!(
        get("/10000", &public).await.header("content-encoding"),
        "gzip"
    );
    let ranges = get("/10000", &[GZIP, ("x-echo-accept-ranges", "bytes")]).await;
    assert_eq!(ranges.header("accept-ranges"), "");
    let problem = get("/failed", &[GZIP]).await;
    assert_eq!(
        (problem.status.as_u16(), problem.header("content-encoding")),
        (409, "")
    );
}

#[tokio::test]
async fn a_layer_that_is_not_told_to_compress_does_not() {
    let plain = served_by(&Edge::new(), routes());
    let answer = fetch(&plain, "GET", "/10000", &[GZIP]).await;
    assert_eq!(
        (answer.header("content-encoding"), answer.header("vary")),
        ("", "")
    );
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    for uri in ["/100", "/10000", "/300000", "/thing"] {
        let (get, head) = (
            get(uri, &[GZIP]).await,
            fetch(&router(), "HEAD", uri, &[GZIP]).await,
        );
        for name in ["content-encoding", "content-type", "vary", "etag"] {
            assert_eq!(head.header(name), get.header(name), "{uri} {name}");
        }
        assert!(head.body.is_empty());
        let coded = !get.header("content-encoding").is_empty();
        assert_eq!(head.headers.contains_key("content-length"), !coded, "{uri}");
    }
}

#[tokio::test]
async fn each_representation_has_a_tag_of_its_own_and_each_leads_to_304() {
    for (accept, coding, tag) in [
        ("*/*", "", "\"7\""),
        ("*/*", "gzip", "\"7;gzip\""),
        ("application/xml", "", "\"7;xml\""),
        ("application/xml", "br", "\"7;xml;br\""),
    ] {
        let asked = [("accept", accept), ("accept-encoding", coding)];
        let answer = get("/thing", &asked).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, tag));
        let again = [&asked[..], &[("if-none-match", tag)]].concat();
        let kept = get("/thing", &again).await;
        assert_eq!((kept.status.as_u16(), kept.header("etag")), (304, tag));
        assert_eq!(kept.header("vary"), answer.header("vary"), "{tag}");
        assert_eq!((kept.header("content-encoding"), kept.body.len()), ("", 0));
        let other = [&asked[..], &[("if-none-match", "\"7;zstd\"")]].concat();
        assert_eq!(get("/thing", &other).await.status, 200);
    }
}

#[tokio::test]
async fn who_has_seen_any_representation_has_seen_the_state() {
    for (tag, status) in [
        ("\"7\"", 204),
        ("\"7;gzip\"", 204),
        ("\"7;xml;br\"", 204),
        ("\"6;gzip\", \"7;xml\"", 204),
        ("\"8;gzip\"", 412),
        ("\"7+tar\"", 412),
        ("W/\"7;gzip\"", 412),
    ] {
        let answer = fetch(&router(), "PUT", "/thing", &[("if-match", tag)]).await;
        assert_eq!(answer.status, status, "{tag}");
    }
}

/// A body whose pieces come when they are sent.
struct Pieces(mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        waker: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0
            .poll_recv(waker)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// The answer to a request for a body that the test sends piece by piece.
async fn streamed(coding: &str) -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
    let (send, receive) = mpsc::channel(4);
    let pieces = Arc::new(Mutex::new(Some(Pieces(receive))));
    let route = Route::get("/").public().handler(async move || {
        let body = Body::new(pieces.lock().unwrap().take().unwrap());
        Raw(([("content-type", "text/plain")], body).into_response())
    });
    let router = served_by(&Edge::new().compression(true), Routes::at("/").route(route));
    let request = Request::get("/")
        .header("accept-encoding", coding)
        .body(Body::empty());
    let answer = tower::ServiceExt::oneshot(router, request.unwrap())
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-encoding"], coding);
    assert!(!answer.headers().contains_key("content-length"));
    (send, answer.into_body())
}

async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    let frame = std::future::poll_fn(|waker| Pin::new(&mut *body).poll_frame(waker)).await;
    frame.map(|frame| frame.map(|frame| frame.into_data().unwrap()))
}

#[tokio::test]
async fn a_piece_of_a_stream_can_be_read_before_the_next_is_there() {
    let (send, mut body) = streamed("gzip").await;
    let mut coded = Vec::new();
    for (piece, so_far) in [("one ", "one "), ("two ", "one two ")] {
        send.send(Ok(piece.into())).await.unwrap();
        let mut out = Vec::new();
        // The first bytes may be the head of the coding alone.
        while !out.ends_with(piece.as_bytes()) {
            coded.extend(next(&mut body).await.unwrap().unwrap());
            out.clear();
            let _cut = flate2::read::GzDecoder::new(&coded[..]).read_to_end(&mut out);
        }
        assert_eq!(out, so_far.as_bytes());
    }
    drop(send);
    while let Some(bytes) = next(&mut body).await {
        coded.extend(bytes.unwrap());
    }
    assert_eq!(decoded("gzip", &coded), b"one two ");
}

#[tokio::test]
async fn a_stream_that_breaks_off_does_not_end_well() {
    for coding in ["gzip", "br", "zstd"] {
        let (send, mut body) = streamed(coding).await;
        send.send(Ok("some".into())).await.unwrap();
        send.send(Err(std::io::Error::other("gone"))).await.unwrap();
        let mut broke = false;
        while let Some(bytes) = next(&mut body).await {
            broke |= bytes.is_err();
            if broke {
                break;
            }
        }
        assert!(broke, "{coding}");
    }
}

#[tokio::test]
async fn a_large_body_gives_others_their_turn_between_pieces() {
    let request = Request::get("/300000")
        .header("accept-encoding", "gzip")
        .body(Body::empty());
    let answer = tower::ServiceExt::oneshot(router(), request.unwrap())
        .await
        .unwrap();
    let mut body = answer.into_body();
    let (mut turns, mut coded) = (0, Vec::new());
    let mut waker = Context::from_waker(futures_util::task::noop_waker_ref());
    loop {
        match Pin::new(&mut body).poll_frame(&mut waker) {
            Poll::Pending => turns += 1,
            Poll::Ready(Some(frame)) => coded.extend(frame.unwrap().into_data().unwrap()),
            Poll::Ready(None) => break,
        }
    }
    assert_eq!(turns, 300_000_usize.div_ceil(16 * 1024));
    assert_eq!(decoded("gzip", &coded), text(300_000).as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_pieces_come_out_as_they_went_in(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40_000), 0..4),
        coding in proptest::sample::select(vec!["gzip", "br", "zstd"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let coded = runtime.block_on(async {
            let (send, body) = streamed(coding).await;
            for piece in &pieces {
                send.send(Ok(piece.clone().into())).await.unwrap();
            }
            drop(send);
            axum::body::to_bytes(body, usize::MAX).await.unwrap()
        });
        prop_assert_eq!(decoded(coding, &coded), pieces.concat());
    }
}
