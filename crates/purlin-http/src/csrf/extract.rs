//! What a handler takes of this: a token for the page it writes, and a form.

use std::fmt;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{CsrfBinding, CsrfError, enforce, is_due};
use crate::{Html, Problem, extract::Form};

/// A token for the page that the caller gets, to stand in its forms and for its scripts.
///
/// The page holds a secret then; [`Html`] answers `private` anyway.
///
/// # Examples
///
/// ```
/// use purlin_http::{Html, csrf::CsrfToken};
///
/// async fn page(token: CsrfToken) -> Html {
///     Html::builder()
///         .markup("<form method=\"post\" action=\"/session\">")
///         .html(&token.field())
///         .markup("<button>Sign out</button></form>")
///         .build()
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The token itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `<input type="hidden" name="_csrf" value="…">`, for a form.
    pub fn field(&self) -> Html {
        Html::builder()
            .markup("<input type=\"hidden\" name=\"_csrf\" value=\"")
            .text(&self.0)
            .markup("\">")
            .build()
    }

    /// `<meta name="csrf-token" content="…">`, where the page's own scripts find it.
    pub fn meta(&self) -> Html {
        Html::builder()
            .markup("<meta name=\"csrf-token\" content=\"")
            .text(&self.0)
            .markup("\">")
            .build()
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken")
    }
}

impl<S: Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let binding = parts.extensions.get::<CsrfBinding>();
        Ok(Self(binding.ok_or(CsrfError::NotBound)?.issue()))
    }
}

/// A [`Form`] from a page of ours: its token was right.
///
/// A route of ours has looked at the token already, and [`Form`] would do; in a bare axum router
/// this extractor looks. Where nothing binds tokens to a session it refuses with 500, rather than
/// let everybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsrfForm<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for CsrfForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.extensions().get::<CsrfBinding>().is_none() {
            return Err(CsrfError::NotBound.into());
        }
        let request = match is_due(&request) {
            true => enforce(request).await?,
            false => request,
        };
        let Form(value) = Form::from_request(request, state).await?;
        Ok(Self(value))
    }
}
