//! Turns the whole answer of a file into the ranges that were asked for.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use purlin_base::{
    ErrorClass,
    random::{OsRng, Rng},
};

use super::{
    RangeSource,
    body::{Piece, PieceBody},
    range::{Wanted, wanted},
};
use crate::{Problem, reply::ETag};

/// What a request says about ranges.
#[derive(Debug, Default)]
pub(crate) struct RangeRequest {
    range: Option<HeaderValue>,
    if_range: Option<HeaderValue>,
}

impl RangeRequest {
    /// Reads it from the head of a request. Ranges are for GET alone, and for one field `Range`.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let mut ranges = headers.get_all(header::RANGE).iter();
        let (range, another) = (ranges.next(), ranges.next());
        if *method != Method::GET || another.is_some() {
            return Self::default();
        }
        Self {
            range: range.cloned(),
            if_range: headers.get(header::IF_RANGE).cloned(),
        }
    }

    /// Answers with the ranges asked for, if `response` is the whole of a file. The last of the
    /// preconditions: a response that another has changed already stays as it is.
    pub(crate) fn apply(&self, mut response: Response) -> Response {
        let ranged = response.extensions_mut().remove::<Ranged>();
        let field = self.range.as_ref().and_then(|range| range.to_str().ok());
        let (Some(Ranged(source)), Some(field)) = (ranged, field) else {
            return response;
        };
        let is_whole = response.status() == StatusCode::OK
            && is_unchanged(response.headers(), source.length());
        if !is_whole || !self.is_of(response.headers()) {
            return response;
        }
        match wanted(field, source.length()) {
            Wanted::Whole => response,
            Wanted::Nothing => nothing(source.length(), response),
            Wanted::Parts(parts) => match &parts[..] {
                [part] => single(source, part.clone(), response),
                _ => several(source, parts, response),
            },
        }
    }

    /// Whether the caller has a part of just this state, or did not say of which.
    fn is_of(&self, headers: &HeaderMap) -> bool {
        let Some(seen) = &self.if_range else {
            return true;
        };
        if let Some(seen) = ETag::read(seen) {
            let tag = headers.get(header::ETAG).and_then(ETag::read);
            return tag.is_some_and(|tag| tag.matches_strongly(&seen));
        }
        let date = |value: &HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
        let seen = date(seen);
        seen.is_some() && seen == headers.get(header::LAST_MODIFIED).and_then(date)
    }
}

/// Marks a response as the whole of a file.
#[derive(Clone)]
pub(super) struct Ranged(pub(super) Arc<dyn RangeSource>);

/// Whether what the response says of its body is still true of the file: a layer may have coded
/// it, and ranges of the file are none of its coding.
fn is_unchanged(headers: &HeaderMap, length: u64) -> bool {
    let said = headers.get(header::CONTENT_LENGTH);
    !headers.contains_key(header::CONTENT_ENCODING) && said == Some(&HeaderValue::from(length))
}

/// 416, with the length. What layers have said of the answer stays; what was said of the file and
/// its keeping goes, its tag excepted.
fn nothing(length: u64, whole: Response) -> Response {
    let problem = Problem::new(
        ErrorClass::RangeNotSatisfiable,
        "HTTP_RANGE_NOT_SATISFIABLE",
    )
    .detail(format!(
        "none of these ranges lie within the {length} bytes"
    ));
    let mut told = problem.into_response();
    let mut headers = whole.into_parts().0.headers;
    for gone in [
        header::CACHE_CONTROL,
        header::CONTENT_DISPOSITION,
        header::CONTENT_LENGTH,
        header::EXPIRES,
        header::LAST_MODIFIED,
    ] {
        headers.remove(gone);
    }
    headers.insert(header::CONTENT_RANGE, field(format!("bytes */{length}")));
    if let Some(kind) = told.headers_mut().remove(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    *told.headers_mut() = headers;
    told
}

/// 206 with one range.
fn single(source: Arc<dyn RangeSource>, part: Range<u64>, whole: Response) -> Response {
    let place = field(place(&part, source.length()));
    let pieces = VecDeque::from([Piece::Range(part)]);
    let mut response = partial(source, pieces, whole);
    response.headers_mut().insert(header::CONTENT_RANGE, place);
    response
}

/// 206 with several ranges, each behind a head of its own.
fn several(source: Arc<dyn RangeSource>, parts: Vec<Range<u64>>, whole: Response) -> Response {
    // Nobody can have written this into the file, since nobody knew it. The identifiers of the
    // edge are no secrets, so the system's own chance makes it.
    let boundary = format!("{:016x}{:016x}", OsRng.next_u64(), OsRng.next_u64());
    let kind = whole.headers().get(header::CONTENT_TYPE).cloned();
    let mut pieces = VecDeque::new();
    for part in parts {
        let lead = if pieces.is_empty() { "" } else { "\r\n" };
        let mut head = format!("{lead}--{boundary}\r\n").into_bytes();
        if let Some(kind) = &kind {
            head.extend_from_slice(b"Content-Type: ");
            head.extend_from_slice(kind.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        let place = place(&part, source.length());
        head.extend_from_slice(format!("Content-Range: {place}\r\n\r\n").as_bytes());
        pieces.extend([Piece::Text(head.into()), Piece::Range(part)]);
    }
    pieces.push_back(Piece::Text(format!("\r\n--{boundary}--\r\n").into()));
    let mut response = partial(source, pieces, whole);
    let kind = field(format!("multipart/byteranges; boundary={boundary}"));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn partial(source: Arc<dyn RangeSource>, pieces: VecDeque<Piece>, whole: Response) -> Response {
    let (mut parts, _) = whole.into_parts();
    parts.status = StatusCode::PARTIAL_CONTENT;
    let body = PieceBody::new(source, pieces);
    let length = hyper::body::Body::size_hint(&body).lower();
    parts.headers.insert(header::CONTENT_LENGTH, length.into());
    Response::from_parts(parts, Body::new(body))
}

fn place(part: &Range<u64>, length: u64) -> String {
    format!("bytes {}-{}/{length}", part.start, part.end - 1)
}

/// A field of digits and words of ours, which is always legal.
fn field(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static(""))
}
