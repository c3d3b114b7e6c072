//! JSON in and out.

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{body, json_fault, xml_fault};
use crate::{
    Problem,
    format::BodyFormat,
    reply::{self, body::Shape},
};

/// A value as JSON: as an argument the body of the request, as an answer 200 with `T` as its body.
///
/// The body must be sent as `application/json`. Unknown fields are refused where `T` says
/// `#[serde(deny_unknown_fields)]`; a field that comes twice is refused where `T` is a struct. A
/// refusal names the place as a JSON Pointer. Strings must not hold NUL.
///
/// On a route that speaks [XML](crate::Route::xml) the body may be sent as `application/xml` too, in
/// the same shape, and the answer is XML for a caller who prefers it.
///
/// # Examples
///
/// ```
/// use purlin_http::{Json, Reply};
///
/// async fn double(Json(number): Json<u32>) -> Json<u64> {
///     Json(u64::from(number) * 2)
/// }
/// # let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// assert_eq!(rt.block_on(double(Json(4))).0, 8);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        match body::read(request).await? {
            (bytes, BodyFormat::Json) => json_fault::parse(&bytes),
            (bytes, BodyFormat::Xml(roots)) => xml_fault::parse(&bytes, roots),
        }
        .map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        reply::body::body(&self.0, Shape::One)
    }
}
