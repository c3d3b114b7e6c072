//! The answer that is a file.

use std::{collections::VecDeque, fmt, sync::Arc, time::SystemTime};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use super::{
    FileName, FileType, RangeSource,
    answer::Ranged,
    body::{Piece, PieceBody},
    disposition,
};
use crate::{ETag, Reply, reply::Ok200};

/// 200 with a file. Behind [`Edge`](crate::Edge) it answers ranges with 206 and 416, and those who
/// have it already with 304.
///
/// The file is streamed: however large it is and however slow the caller, about one piece of
/// 64 KiB is in memory. When the caller goes away, reading ends.
///
/// The media type is `application/octet-stream` unless [`media_type`](Self::media_type) says
/// otherwise or, for a file on disk, its name ends like one of the [`FileType`]s: a page or a
/// script that somebody uploaded is never run by a browser because of its name.
///
/// # Examples
///
/// ```
/// use purlin_http::{ETag, FileReply, Reply};
///
/// let report = FileReply::bytes("a,b\n1,2\n")
///     .media_type("text/csv")
///     .etag(ETag::strong(7))
///     .attachment("Übersicht.csv");
/// let answer = report.reply();
/// assert_eq!(answer.status(), 200);
/// assert_eq!(answer.headers()["accept-ranges"], "bytes");
/// assert_eq!(
///     answer.headers()["content-disposition"],
///     "attachment; filename=\"_bersicht.csv\"; filename*=UTF-8''%C3%9Cbersicht.csv"
/// );
/// ```
pub struct FileReply {
    source: Arc<dyn RangeSource>,
    headers: HeaderMap,
}

impl FileReply {
    /// A file in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::source(bytes.into())
    }

    /// A file from anywhere. One on disk is opened by [`FileRoot::open`](super::FileRoot::open).
    pub fn source(source: impl RangeSource) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        let unknown = HeaderValue::from_static("application/octet-stream");
        headers.insert(header::CONTENT_TYPE, unknown);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        Self {
            source: Arc::new(source),
            headers,
        }
    }

    /// Bytes of the whole.
    pub fn length(&self) -> u64 {
        self.source.length()
    }

    /// Says what it is: `image/png`. What cannot stand in a header field is ignored.
    ///
    /// Do not repeat what the sender of a file called it: see [`FileType::of`].
    pub fn media_type(self, media_type: &str) -> Self {
        self.with(header::CONTENT_TYPE, HeaderValue::from_str(media_type).ok())
    }

    /// Says what it is by a type that was found.
    pub fn file_type(self, file_type: FileType) -> Self {
        self.media_type(file_type.media_type())
    }

    /// Names its state, for `If-None-Match` and, if the tag is strong, `If-Range`. A hash of the
    /// content is best.
    pub fn etag(self, tag: ETag) -> Self {
        self.with(header::ETAG, Some(tag.to_value()))
    }

    /// Says when it was changed last, to the second. A time before 1970 or after 9999 is ignored.
    pub fn last_modified(self, time: SystemTime) -> Self {
        const YEAR_10000: u64 = 253_402_300_800;
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        let fits = since.is_ok_and(|since| since.as_secs() < YEAR_10000);
        let date = fits.then(|| httpdate::fmt_http_date(time));
        let value = date.and_then(|date| HeaderValue::try_from(date).ok());
        self.with(header::LAST_MODIFIED, value)
    }

    /// Adds `Cache-Control`.
    ///
    /// # Panics
    ///
    /// When `value` is not a legal field value.
    pub fn cache_control(self, value: &'static str) -> Self {
        self.with(header::CACHE_CONTROL, Some(HeaderValue::from_static(value)))
    }

    /// Has it saved rather than shown, under `name` as far as [`FileName`] lets it stand.
    pub fn attachment(self, name: &str) -> Self {
        self.disposition("attachment", name)
    }

    /// Has it shown where it can be, and saved under `name` if the reader wants.
    pub fn inline(self, name: &str) -> Self {
        self.disposition("inline", name)
    }

    fn disposition(self, kind: &'static str, name: &str) -> Self {
        let value = disposition::value(kind, FileName::of(name).as_ref());
        self.with(header::CONTENT_DISPOSITION, Some(value))
    }

    fn with(mut self, name: http::HeaderName, value: Option<HeaderValue>) -> Self {
        if let Some(value) = value {
            self.headers.insert(name, value);
        }
        self
    }
}

impl Reply for FileReply {
    fn reply(self) -> Response {
        let length = self.source.length();
        let pieces = VecDeque::from([Piece::Range(0..length)]);
        let body = PieceBody::new(Arc::clone(&self.source), pieces);
        let mut response = Response::new(Body::new(body));
        *response.headers_mut() = self.headers;
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
        response.extensions_mut().insert(Ranged(self.source));
        response
    }
}

impl Ok200 for FileReply {}

impl IntoResponse for FileReply {
    fn into_response(self) -> Response {
        self.reply()
    }
}

impl fmt::Debug for FileReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReply")
            .field("length", &self.length())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
