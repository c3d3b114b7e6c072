//! Answers with one status each.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{
    Reply,
    body::{Shape, body},
};
use crate::{Problem, conditional::Validators};

/// 201 with `Location` and the new thing.
///
/// # Examples
///
/// ```
/// use purlin_http::{Created, Reply};
///
/// let answer = Created::at("/books/7", "a book").reply();
/// assert_eq!(answer.status(), 201);
/// assert_eq!(answer.headers()["location"], "/books/7");
/// ```
#[derive(Clone, Debug)]
pub struct Created<T> {
    location: String,
    body: T,
    state: Validators,
}

impl<T> Created<T> {
    /// `body` was made and is found at `location`, a URI or a path.
    ///
    /// What cannot stand in a URI is percent-encoded.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self {
            location: location.into(),
            body,
            state: Validators::default(),
        }
    }

    /// Adds the `ETag` of the new thing, its `Last-Modified`, or both.
    pub fn tagged(mut self, state: impl Into<Validators>) -> Self {
        self.state = state.into();
        self
    }
}

impl<T: Serialize> Reply for Created<T> {
    const SERIALIZED: bool = true;

    fn reply(self) -> Response {
        let mut response = body(&self.body, Shape::One);
        if response.status() != StatusCode::OK {
            return response;
        }
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::try_from(visible(&self.location)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        self.state.put(response.headers_mut());
        response
    }
}

/// A URI with everything that may not stand in one percent-encoded.
pub(crate) fn visible(uri: &str) -> String {
    let stays = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    uri.bytes()
        .fold(String::with_capacity(uri.len()), |mut text, byte| {
            if stays(byte) {
                text.push(byte as char);
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
            text
        })
}

/// 202: the work goes on after the answer. The body says where to look.
#[derive(Clone, Debug)]
pub struct Accepted<T>(pub T);

impl<T: Serialize> Reply for Accepted<T> {
    const SERIALIZED: bool = true;

    fn reply(self) -> Response {
        let mut response = body(&self.0, Shape::One);
        if response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::ACCEPTED;
        }
        response
    }
}

/// 204 without a body.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl Reply for NoContent {
    fn reply(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Any response as it is: the way out for what the other types cannot say. Nothing checks its
/// status.
#[derive(Debug)]
pub struct Raw(pub Response);

impl Reply for Raw {
    fn reply(self) -> Response {
        self.0
    }
}

impl Reply for std::convert::Infallible {
    fn reply(self) -> Response {
        match self {}
    }
}

impl Reply for Problem {
    fn reply(self) -> Response {
        self.into_response()
    }
}

macro_rules! also_axum {
    ($($answer:ident $(<$t:ident>)?),+ $(,)?) => {$(
        impl $(<$t: Serialize>)? IntoResponse for $answer $(<$t>)? {
            fn into_response(self) -> Response {
                self.reply()
            }
        }
    )+};
}
also_axum!(Created<T>, Accepted<T>, NoContent, Raw);
