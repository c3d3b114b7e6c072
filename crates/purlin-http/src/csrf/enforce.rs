//! Stands between the guards of a route and its handler: without a token nothing goes on.

use axum::{body::Body, extract::Request};
use http::HeaderMap;

use super::{CsrfBinding, CsrfError, FIELD, HEADER, cross_origin::is_safe};
use crate::{Problem, extract::form};

/// Says that the token of a request was right.
#[derive(Clone, Copy, Debug)]
struct Verified;

/// Whether `request` still needs a token.
pub(crate) fn is_due(request: &Request) -> bool {
    !is_safe(request.method())
        && request.extensions().get::<CsrfBinding>().is_some()
        && request.extensions().get::<Verified>().is_none()
}

/// `request`, if its token is that of its binding. A form is read for it, and handed on.
///
/// # Errors
///
/// 403 for a token that is missing or wrong; 400, 408, 413 for a form that cannot be read.
pub(crate) async fn enforce(request: Request) -> Result<Request, Problem> {
    let Some(binding) = request.extensions().get::<CsrfBinding>().cloned() else {
        return Err(CsrfError::NotBound.into());
    };
    let mut request = match in_header(request.headers())? {
        Some(shown) => {
            judge(&binding, shown)?;
            request
        }
        None => in_form(&binding, request).await?,
    };
    request.extensions_mut().insert(Verified);
    Ok(request)
}

fn judge(binding: &CsrfBinding, shown: &str) -> Result<(), CsrfError> {
    match binding.verify(shown) {
        true => Ok(()),
        false => Err(CsrfError::TokenInvalid),
    }
}

/// The token of the header field; two fields are none.
fn in_header(headers: &HeaderMap) -> Result<Option<&str>, CsrfError> {
    let mut fields = headers.get_all(HEADER).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Ok(None),
        (Some(field), None) => match field.to_str() {
            Ok(shown) => Ok(Some(shown)),
            Err(_) => Err(CsrfError::TokenInvalid),
        },
        _ => Err(CsrfError::TokenInvalid),
    }
}

/// Reads the form, looks at its token, and puts it back. Other bodies hold no token: those of JSON
/// and of files come from scripts, which send the header field.
async fn in_form(binding: &CsrfBinding, request: Request) -> Result<Request, Problem> {
    if !form::is_form(request.headers()) {
        return Err(CsrfError::TokenMissing.into());
    }
    let (parts, body) = request.into_parts();
    let bytes = form::bytes(Request::from_parts(parts.clone(), body)).await?;
    let mut fields = form_urlencoded::parse(&bytes).filter(|(name, _)| name == FIELD);
    match (fields.next(), fields.next()) {
        (None, _) => Err(CsrfError::TokenMissing)?,
        (Some((_, shown)), None) => judge(binding, &shown)?,
        _ => Err(CsrfError::TokenInvalid)?,
    }
    drop(fields);
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
