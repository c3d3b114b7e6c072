//! Files on their way in: forms and raw bodies, and their bounds.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::FromRequest};
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use proptest::prelude::*;
use purlin_http::{
    ETag, Json, Reply, Route, Router, Routes, Upload,
    files::FileType,
    upload::{Part, UploadError},
};
use serde_json::{Value, json};
use tokio::io::AsyncWrite;

use crate::support::{Answer, ask, served};

pub(crate) const IMAGES: &[FileType] = &[FileType::Png, FileType::Jpeg, FileType::WebP];
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and the rest";
const BODY_BYTES_MAX: usize = 256 * 1024;

/// The field `file` of a form or the raw image, as in the documentation.
async fn image(upload: Upload) -> Result<Json<Value>, UploadError> {
    let file = upload
        .accepts(IMAGES)
        .file_bytes_max(100_000)
        .parts_max(4)
        .sha256();
    let file = file.file("file").await?;
    let name = file.name().map(ToString::to_string);
    let kind = file.file_type().unwrap().media_type();
    let mut stored = Vec::new();
    let received = file.copy_to(&mut stored).await?;
    assert_eq!(stored.len() as u64, received.bytes);
    Ok(Json(json!({
        "name": name, "kind": kind, "bytes": received.bytes, "sha256": received.sha256_hex(),
    })))
}

async fn everything(upload: Upload) -> Result<Json<Vec<String>>, UploadError> {
    let mut parts = upload.accepts_anything().text_bytes_max(10).parts()?;
    let mut seen = Vec::new();
    while let Some(part) = parts.next().await? {
        seen.push(match part {
            Part::Text { field, value } => format!("{field}={value}"),
            // What is not read is passed over.
            Part::File(file) if file.field() == "skip" => "skipped".to_owned(),
            Part::File(file) => {
                let field = file.field().to_owned();
                format!("{field}: {} bytes", file.bytes().await?.len())
            }
        });
    }
    Ok(Json(seen))
}

async fn raw(upload: Upload) -> Result<Json<usize>, UploadError> {
    let file = upload.accepts_anything().file("file").await?;
    Ok(Json(file.bytes().await?.len()))
}

fn routes() -> Routes {
    let at = |path: &str| {
        Route::put(path.to_owned())
            .body_bytes_max(BODY_BYTES_MAX)
            .public()
    };
    Routes::at("/")
        .route(at("/image").handler(image))
        .route(at("/parts").handler(everything))
        .route(at("/raw").handler(raw))
}

async fn put(path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::put(path).header("content-type", kind);
    ask(&served(routes()), request.body(body.into()).unwrap()).await
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=XX";

/// One part of a form: what its disposition says after `form-data`, and its content.
pub(crate) fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--XX\r\nContent-Disposition: form-data{disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

pub(crate) fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [&parts.concat()[..], b"--XX--\r\n"].concat()
}

pub(crate) fn file(content: &[u8]) -> Vec<u8> {
    part("; name=\"file\"; filename=\"../cat.png\"", content)
}

#[tokio::test]
async fn a_form_and_a_raw_body_are_one_extractor() {
    let comment = part("; name=\"comment\"", b"a cat");
    let answer = put("/image", FORM, form(&[comment, file(PNG)])).await;
    let seen = answer.json();
    assert_eq!(
        (&seen["name"], &seen["kind"]),
        (&json!("cat.png"), &json!("image/png"))
    );
    assert_eq!(seen["bytes"], PNG.len());
    for kind in [
        "image/png",
        "application/octet-stream",
        "text/html",
        "image/jpeg",
    ] {
        let raw = put("/image", kind, PNG).await.json();
        assert_eq!(
            (&raw["name"], &raw["kind"]),
            (&json!(null), &json!("image/png"))
        );
        assert_eq!(raw["sha256"], seen["sha256"]);
    }
    let bare = Request::put("/image").body(Body::from(PNG)).unwrap();
    assert_eq!(ask(&served(routes()), bare).await.status, 200);
}

#[tokio::test]
async fn the_hash_is_that_of_the_content() {
    let seen = put("/image", "image/png", PNG).await.json();
    let known = <sha2::Sha256 as sha2::Digest>::digest(PNG);
    let known: String = known.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(seen["sha256"], json!(known));
    assert_eq!(ETag::strong(&known).opaque(), known);
}

#[tokio::test]
async fn what_a_file_is_counts_and_not_what_it_is_called() {
    let html = b"<html><script>alert(1)</script>".as_slice();
    let code = "HTTP_UPLOAD_TYPE_NOT_ACCEPTED";
    for content in [html, b"GIF89a.....", b"%PDF-1.7", b"\x89PN"] {
        assert_eq!(
            put("/image", "image/png", content.to_vec())
                .await
                .problem(415),
            code
        );
        let answer = put("/image", FORM, form(&[file(content)])).await;
        assert_eq!(answer.problem(415), code);
        assert_eq!(
            answer.json()["detail"],
            "the file is none of image/png, image/jpeg, image/webp"
        );
    }
}

#[tokio::test]
async fn no_file_is_400() {
    let code = "HTTP_UPLOAD_FILE_MISSING";
    let other = part("; name=\"other\"; filename=\"a.png\"", PNG);
    let unchosen = part("; name=\"file\"; filename=\"\"", b"");
    for body in [form(&[]), form(&[other]), form(&[unchosen])] {
        let answer = put("/image", FORM, body).await;
        assert_eq!(answer.problem(400), code);
        assert_eq!(answer.fault(), ("file".to_owned(), "missing".to_owned()));
    }
    assert_eq!(
        put("/image", "image/png", Body::empty()).await.problem(400),
        code
    );
}

#[tokio::test]
async fn the_file_comes_once() {
    let answer = put("/image", FORM, form(&[file(PNG), file(PNG)])).await;
    assert_eq!(answer.problem(400), "HTTP_UPLOAD_FILE_TWICE");
}

#[tokio::test]
async fn every_bound_has_its_answer() {
    let big = |bytes: usize| [PNG, &vec![0; bytes][..]].concat();
    let code = "HTTP_UPLOAD_FILE_TOO_LARGE";
    assert_eq!(
        put("/image", "image/png", big(100_000)).await.problem(413),
        code
    );
    assert_eq!(
        put("/image", FORM, form(&[file(&big(100_000))]))
            .await
            .problem(413),
        code
    );
    let unknown = Body::from_stream(stream::iter([Ok::<_, Infallible>(Bytes::from(big(
        100_000,
    )))]));
    assert_eq!(put("/image", "image/png", unknown).await.problem(413), code);

    let code = "HTTP_BODY_TOO_LARGE";
    assert_eq!(
        put("/raw", "image/png", big(BODY_BYTES_MAX))
            .await
            .problem(413),
        code
    );
    let skipped = part("; name=\"other\"", &big(BODY_BYTES_MAX));
    assert_eq!(
        put("/image", FORM, form(&[skipped])).await.problem(413),
        code
    );

    let many = |count| vec![part("; name=\"a\"", b""); count];
    let answer = put("/image", FORM, form(&many(5))).await;
    assert_eq!(answer.problem(413), "HTTP_UPLOAD_PARTS_TOO_MANY");
    let after = [vec![file(PNG)], many(4)].concat();
    let answer = put("/image", FORM, form(&after)).await;
    assert_eq!(answer.problem(413), "HTTP_UPLOAD_PARTS_TOO_MANY");
    let fits = [vec![file(PNG)], many(3)].concat();
    assert_eq!(put("/image", FORM, form(&fits)).await.status, 200);

    let text = form(&[part("; name=\"a\"", b"eleven char")]);
    assert_eq!(
        put("/parts", FORM, text).await.problem(413),
        "HTTP_UPLOAD_TEXT_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_head_without_end_is_refused_before_it_is_kept() {
    let taken = Arc::new(AtomicUsize::new(0));
    for start in [
        "--XX\r\nX-Long: ",
        "--XX\r\nA: b\r\nX-Long: ",
        "a preamble ",
        "--XX   ",
    ] {
        let counter = Arc::clone(&taken);
        counter.store(0, Ordering::Relaxed);
        let padding = if start.ends_with("X   ") { b' ' } else { b'x' };
        let endless = (0..10_000).map(move |at| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(match at {
                0 => Bytes::from(start),
                _ => Bytes::from(vec![padding; 16]),
            })
        });
        let body = Body::from_stream(stream::iter(endless));
        let answer = put("/image", FORM, body).await;
        assert_eq!(answer.problem(400), "HTTP_MULTIPART_MALFORMED", "{start}");
        let taken = taken.load(Ordering::Relaxed) * 16;
        assert!(taken < 10 * 1024, "{taken} bytes of {start:?}");
    }
}

#[tokio::test]
async fn a_head_just_before_much_data_is_no_large_head() {
    let whole = form(&[file(&[PNG, &[7; 90_000]].concat())]);
    for size in [1, 3, 100, 9_000, 20_000, 70_000] {
        let pieces = whole
            .chunks(size)
            .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)));
        let body = Body::from_stream(stream::iter(pieces.collect::<Vec<_>>()));
        let answer = put("/image", FORM, body).await;
        assert_eq!(answer.status, 200, "pieces of {size}: {:?}", answer.json());
    }
}

#[tokio::test]
async fn a_malformed_form_is_400_or_415() {
    let code = "HTTP_MULTIPART_MALFORMED";
    for (kind, body) in [
        ("multipart/form-data", form(&[file(PNG)])),
        ("multipart/form-data; boundary=", form(&[file(PNG)])),
        ("multipart/form-data; boundary=YY", form(&[file(PNG)])),
        (FORM, file(PNG)),
        (FORM, b"".to_vec()),
        (FORM, b"--XX".to_vec()),
        (FORM, form(&[part("", PNG)])),
        (FORM, form(&[b"--XX\r\nno colon\r\n\r\nx\r\n".to_vec()])),
        (
            FORM,
            form(&[part(&format!("; name=\"{}\"", "n".repeat(257)), PNG)]),
        ),
        (
            FORM,
            form(&[part(
                &format!("; name=\"a\"\r\nX: {}", "n".repeat(9000)),
                PNG,
            )]),
        ),
        (
            FORM,
            form(&[part(&format!("; name=\"a\"{}", "\r\nX: y".repeat(33)), PNG)]),
        ),
    ] {
        let answer = put("/image", kind, body.clone()).await;
        assert_eq!(
            answer.problem(400),
            code,
            "{kind} {}",
            String::from_utf8_lossy(&body)
        );
    }
    let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
    assert_eq!(put("/image", &long, "").await.problem(400), code);
    let mixed = put("/image", "multipart/mixed; boundary=XX", form(&[file(PNG)])).await;
    assert_eq!(mixed.problem(415), "HTTP_UPLOAD_NOT_A_FORM");
    assert_eq!(
        put("/parts", "image/png", PNG).await.problem(415),
        "HTTP_UPLOAD_NOT_A_FORM"
    );
    let not_utf8 = form(&[part("; name=\"a\"", b"\xff")]);
    assert_eq!(put("/parts", FORM, not_utf8).await.problem(400), code);
    let coded = Request::put("/image").header("content-encoding", "gzip");
    let coded = ask(&served(routes()), coded.body(Body::from(PNG)).unwrap()).await;
    assert_eq!(coded.problem(415), "HTTP_BODY_CODED");
}

#[tokio::test]
async fn a_form_is_read_part_by_part() {
    let parts = [
        part("; name=\"title\"", "Emma ü".as_bytes()),
        part("; name=\"skip\"; filename=\"a\"", &[1; 100_000]),
        part("; name=\"unchosen\"; filename=\"\"", b""),
        part("; name=\"a\"; filename=\"a\"", &[2; 20_000]),
        part("; name=\"empty\"; filename=\"e\"", b""),
    ];
    let seen = put("/parts", FORM, form(&parts)).await.json();
    assert_eq!(
        seen,
        json!([
            "title=Emma ü",
            "skipped",
            "a: 20000 bytes",
            "empty: 0 bytes"
        ])
    );
}

/// Where bytes are counted that are written.
struct Sink(Arc<AtomicUsize>);

impl AsyncWrite for Sink {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_fast_caller_does_not_fill_the_memory() {
    const PIECE: usize = 16 * 1024;
    const PIECES: usize = 2000;
    for kind in [FORM, "image/png"] {
        let written = Arc::new(AtomicUsize::new(0));
        let ahead_max = Arc::new(AtomicUsize::new(0));
        let (seen, ahead) = (Arc::clone(&written), Arc::clone(&ahead_max));
        let is_form = kind == FORM;
        let first = if is_form {
            part("; name=\"file\"; filename=\"a\"", b"")
        } else {
            vec![0]
        };
        let data = (0..PIECES).map(move |at| {
            ahead.fetch_max(
                at * PIECE - seen.load(Ordering::Relaxed).min(at * PIECE),
                Ordering::Relaxed,
            );
            Bytes::from_static(&[9; PIECE])
        });
        let last = if is_form {
            b"\r\n--XX--\r\n".to_vec()
        } else {
            Vec::new()
        };
        let first = Bytes::from(first[..first.len() - usize::from(is_form) * 2].to_vec());
        let body = std::iter::once(first)
            .chain(data)
            .chain([Bytes::from(last)]);
        let body = Body::from_stream(stream::iter(body.map(Ok::<_, Infallible>)));
        let request = Request::put("/")
            .header("content-type", kind)
            .body(body)
            .unwrap();
        let request = with_limit(request, 1 << 30);
        let upload = Upload::from_request(request, &()).await.unwrap();
        let file = upload
            .accepts_anything()
            .file_bytes_max(1 << 30)
            .file("file")
            .await
            .unwrap();
        let received = file.copy_to(&mut Sink(written)).await.unwrap();
        assert!(received.bytes >= (PIECE * PIECES) as u64);
        let ahead = ahead_max.load(Ordering::Relaxed);
        assert!(ahead <= 160 * 1024, "{ahead} bytes of {kind} were kept");
    }
}

fn with_limit(mut request: Request<Body>, bytes: usize) -> Request<Body> {
    axum::extract::DefaultBodyLimit::max(bytes).apply(&mut request);
    request
}

#[tokio::test]
async fn a_plain_axum_program_takes_uploads_too() {
    let router = Router::new().route(
        "/image",
        axum::routing::put(async |upload: Upload| image(upload).await.reply()),
    );
    let request = Request::put("/image").body(Body::from(PNG)).unwrap();
    let answer = ask(&router, request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["bytes"].clone()),
        (200, json!(PNG.len()))
    );
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"--XX".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"--".to_vec()),
        Just(b"\r\n--XX\r\n".to_vec()),
        Just(b"\r\n--XX--\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"a\"\r\n".to_vec()),
        Just(PNG.to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_form_is_answered_with_5xx_or_not_at_all(
        pieces in prop::collection::vec(piece(), 0..24),
        path in "/(image|parts|raw)",
        kind in "(multipart/form-data; boundary=XX|multipart/[a-z-]{0,9};? ?[a-z=\"X]{0,14}|image/png)",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let body = stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(Bytes::from(piece))));
        let put = put(&path, &kind, Body::from_stream(body));
        let answer = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), put).await });
        prop_assert!(answer.expect("an answer comes").status.as_u16() < 500);
    }
}
