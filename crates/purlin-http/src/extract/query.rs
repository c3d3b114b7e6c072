//! The parameters of the query.

use axum::extract::FromRequestParts;
use http::request::Parts;
use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;

use super::json_fault::shortened;
use crate::Problem;

/// The parameters of the query as a struct `T`.
///
/// A parameter that is not of its type, that is missing, or that comes twice is 400 with its
/// name. Parameters that `T` does not know are ignored, since others may read them
/// ([`PageRequest`](crate::PageRequest)) and links gain them on their way; they are refused where
/// `T` says `#[serde(deny_unknown_fields)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if crate::edge::has_nul(&parts.uri) {
            return Err(crate::edge::nul_in_address(&parts.uri));
        }
        let query = parts.uri.query().unwrap_or("");
        well_formed(query)?;
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        match serde_path_to_error::deserialize(reader) {
            Ok(value) => Ok(Self(value)),
            Err(error) => {
                let path = error.path().to_string();
                Err(refusal(&path, &error.into_inner().to_string()))
            }
        }
    }
}

fn refusal(path: &str, sentence: &str) -> Problem {
    let code = match sentence {
        s if s.starts_with("missing field") => "missing",
        s if s.starts_with("duplicate field") => "duplicate",
        s if s.starts_with("unknown field") => "unknown",
        s if s.starts_with("number too") => "range",
        s if s.starts_with("unknown variant") => "unknown_variant",
        _ => "invalid",
    };
    let name = match sentence.split('`').nth(1) {
        Some(named) if matches!(code, "missing" | "duplicate" | "unknown") => named,
        _ => path,
    };
    bad_parameter(name, code, &shortened(sentence))
}

/// Refuses a query whose percent-encoding is broken or not UTF-8: decoded leniently, it would mean
/// something else than what was sent.
fn well_formed(query: &str) -> Result<(), Problem> {
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let message = if !is_encoded(name) || !is_encoded(value) {
            "its percent-encoding is broken"
        } else if std::str::from_utf8(&decoded(pair)).is_err() {
            "its percent-encoding is not UTF-8"
        } else {
            continue;
        };
        let name = String::from_utf8_lossy(&decoded(name)).into_owned();
        return Err(bad_parameter(&name, "encoding", message));
    }
    Ok(())
}

/// Whether two hexadecimal digits follow each `%`.
pub(super) fn is_encoded(text: &str) -> bool {
    let digits = |rest: &str| {
        let two = rest.as_bytes().first_chunk::<2>();
        two.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(digits)
}

pub(super) fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// 400, for one parameter.
pub(super) fn bad_parameter(name: &str, code: &'static str, message: &str) -> Problem {
    Problem::new(ErrorClass::BadRequest, "HTTP_PARAMETER_INVALID")
        .detail(format!("the parameter `{}` is not valid", shortened(name)))
        .field(FieldError::parameter(shortened(name), code, message))
}
