//! Compresses answers: gzip, Brotli and Zstandard, by `Accept-Encoding`.
//!
//! [`Asked`] keeps what the caller said, decides, and says so in the fields; [`apply`] does it. A
//! body that is here in one piece and small is compressed at once and keeps a `Content-Length`;
//! every other is compressed piece by piece while it is sent, in bounded memory, and the executor
//! has a turn between two pieces.

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};

use crate::reply::{self, vary};

mod encoder;
mod fitting;
mod negotiation;
mod stream;

use encoder::Encoder;
use stream::Compressed;

/// Bytes of a body from which compression is worth its work and its fields: 1 KiB.
const BYTES_MIN: u64 = 1024;
/// Bytes of a body that is compressed in one piece: 16 KiB, which takes well below a millisecond.
const WHOLE_BYTES_MAX: u64 = 16 * 1024;

/// A coding that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

impl Coding {
    /// All, the first of equals first: Zstandard is the quickest.
    const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// Its name in fields, and at the end of tags.
    const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// What a request says about codings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    is_on: bool,
    accepts: Option<HeaderValue>,
    /// Whether a browser may have sent it by itself, with what shows who is asking.
    by_itself: bool,
}

impl Asked {
    /// Reads the fields of a request to a layer that is set to compress. `says` is whether there is
    /// an `Accept-Encoding` among them, `is_ambient` whether a cookie or `Authorization` is.
    pub(crate) fn of(headers: &HeaderMap, says: bool, is_ambient: bool) -> Self {
        Self {
            is_on: true,
            accepts: says.then(|| negotiation::field(headers)).flatten(),
            by_itself: is_ambient && fitting::by_itself(headers),
        }
    }

    /// The coding that is most welcome, and whether none will do.
    fn best(&self) -> (Option<Coding>, bool) {
        let field = self.accepts.as_ref().and_then(|field| field.to_str().ok());
        field.map_or((None, true), negotiation::best)
    }

    /// Decides on the coding of `response` to a `method`: adds `Vary` if there was something to
    /// decide, which there is not for a short body, and makes its tag that of the coded bytes.
    pub(crate) fn choose(&self, method: &Method, response: &mut Response) -> Option<Coding> {
        if !self.is_on {
            return None;
        }
        let length = length(method, response);
        let is_short = length.is_some_and(|bytes| bytes < BYTES_MIN);
        if length == Some(0) || (is_short && self.accepts.is_none()) {
            return None;
        }
        let (coding, identity_will_do) = self.best();
        if (is_short && identity_will_do) || !fitting::may_be_coded(response, self.by_itself) {
            return None;
        }
        vary(response.headers_mut(), &header::ACCEPT_ENCODING);
        reply::tag_variant(response.headers_mut(), coding?.name());
        coding
    }
}

/// The bytes of the body, if that is known. axum has emptied the body of a HEAD, and has left the
/// length of what it would have been.
fn length(method: &Method, response: &Response) -> Option<u64> {
    match method {
        &Method::HEAD => {
            let said = response.headers().get(header::CONTENT_LENGTH);
            let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
            said.or(response
                .body()
                .size_hint()
                .exact()
                .filter(|length| *length > 0))
        }
        _ => response.body().size_hint().exact(),
    }
}

/// Answers with the body of `response` in `coding`. HEAD gets the fields alone, without a length:
/// it would have to be found out.
pub(crate) async fn apply(coding: Coding, method: &Method, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::ACCEPT_RANGES);
    let name = HeaderValue::from_static(coding.name());
    parts.headers.insert(header::CONTENT_ENCODING, name);
    let body = match *method {
        Method::HEAD => Body::empty(),
        _ => coded(coding, body).await,
    };
    Response::from_parts(parts, body)
}

async fn coded(coding: Coding, mut body: Body) -> Body {
    let is_small = body
        .size_hint()
        .exact()
        .is_some_and(|bytes| bytes <= WHOLE_BYTES_MAX);
    let encoder = match Encoder::new(coding, is_small) {
        Ok(encoder) => encoder,
        Err(error) => return stream::failed(error),
    };
    let first = match is_small {
        true => stream::first(&mut body).await,
        false => Bytes::new(),
    };
    Compressed::new(encoder, first, body).into_body()
}
