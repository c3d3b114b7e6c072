//! JSON in and out.

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::{BufMut, BytesMut};
use http::{HeaderValue, header};
use purlin_base::ErrorClass;
use serde::{Serialize, de::DeserializeOwned};

use super::{body, json_fault};
use crate::Problem;

/// JSON: as an argument the body of the request, as an answer 200 with `T` as its body.
///
/// The body must be sent as `application/json`. Unknown fields are refused where `T` says
/// `#[serde(deny_unknown_fields)]`; a field that comes twice is refused where `T` is a struct. A
/// refusal names the place as a JSON Pointer. Strings must not hold NUL.
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
        let bytes = body::json(request).await?;
        json_fault::parse(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        const USUAL_BYTES: usize = 128;
        let mut bytes = BytesMut::with_capacity(USUAL_BYTES).writer();
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => {
                let kind = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, kind)], bytes.into_inner().freeze()).into_response()
            }
            Err(error) => Problem::new(ErrorClass::Internal, "HTTP_ANSWER_NOT_JSON")
                .cause(error.to_string())
                .into_response(),
        }
    }
}
