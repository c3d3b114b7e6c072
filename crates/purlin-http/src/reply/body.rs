//! Turns a value into a body, in the format that was decided for the request.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use purlin_base::ErrorClass;
use serde::Serialize;

use super::{json, vary};
use crate::{
    Problem,
    edge::current,
    format::Format,
    xml::{XmlRoots, write},
};

/// What a value is of the resource of its route; in XML the root is called by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One, or a list without more.
    One,
    /// A page of many.
    Page,
}

/// 200 with `value`. 500 if its type cannot be written.
pub(crate) fn body<T: Serialize + ?Sized>(value: &T, shape: Shape) -> Response {
    let form = current::answer_form();
    let (written, media_type) = match form.format {
        None => (json(value), HeaderValue::from_static("application/json")),
        Some(Format {
            xml: None,
            media_type,
        }) => (json(value), media_type),
        Some(Format {
            xml: Some(roots),
            media_type,
        }) => (xml(value, shape, roots), media_type),
    };
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(problem) => return problem.into_response(),
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    *headers = HeaderMap::with_capacity(form.usual_fields);
    headers.insert(header::CONTENT_TYPE, media_type);
    if form.depends {
        vary(headers, &header::ACCEPT);
    }
    response
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, Problem> {
    json::written(value)
        .map(Bytes::from)
        .map_err(|error| unwritable("HTTP_ANSWER_NOT_JSON", &error))
}

fn xml<T: Serialize + ?Sized>(value: &T, shape: Shape, roots: XmlRoots) -> Result<Bytes, Problem> {
    let roots = match shape {
        Shape::One => roots,
        Shape::Page => XmlRoots {
            one: roots.many,
            ..roots
        },
    };
    write::document(value, roots)
        .map(Bytes::from)
        .map_err(|error| unwritable("HTTP_ANSWER_NOT_XML", &error))
}

#[cold]
fn unwritable(code: &'static str, error: &dyn std::error::Error) -> Problem {
    Problem::new(ErrorClass::Internal, code).cause(error.to_string())
}
