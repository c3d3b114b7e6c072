//! The address as the caller wrote it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{Extensions, Uri, request::Parts};

/// The address as the caller wrote it: without a version in its path if there was none. For links
/// that should look like it.
///
/// # Examples
///
/// ```
/// use purlin_http::{Json, Route, versioning::AskedUri};
///
/// let here = Route::get("/here")
///     .public()
///     .handler(async |AskedUri(uri): AskedUri| Json(uri.path().to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedUri(pub Uri);

/// The address that was asked, of a request that may have been given another.
pub(crate) fn asked_uri<'r>(uri: &'r Uri, extensions: &'r Extensions) -> &'r Uri {
    extensions.get::<AskedUri>().map_or(uri, |asked| &asked.0)
}

impl<S: Sync> FromRequestParts<S> for AskedUri {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(asked_uri(&parts.uri, &parts.extensions).clone()))
    }
}
