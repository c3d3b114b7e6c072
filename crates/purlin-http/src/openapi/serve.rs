//! Serves documents, to operators.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderValue, header};

use super::Document;
use crate::{ETag, Raw, Route, Routes};

/// `GET` for each of `documents` at its [`path`](Document::path), for anybody: put it where only
/// operators come. Each carries an `ETag` and is asked about before it is used again.
pub fn routes(documents: &[Document]) -> Routes {
    documents.iter().fold(Routes::at("/"), |routes, document| {
        let bytes = Bytes::from(document.json.to_string());
        let tag = tag(&bytes).to_value();
        let route = Route::get(document.path()).public().handler(async move || {
            let fields = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                ),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
                (header::ETAG, tag.clone()),
            ];
            Raw((fields, bytes.clone()).into_response())
        });
        routes.route(route)
    })
}

/// The same for the same document in every process.
fn tag(bytes: &[u8]) -> ETag {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    ETag::strong(format_args!("{:016x}", hasher.finish()))
}
