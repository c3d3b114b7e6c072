//! The parameters of the path.

use axum::extract::{FromRequestParts, path::ErrorKind, rejection::PathRejection};
use http::request::Parts;
use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;

use crate::Problem;

/// The parameters of the path: one as `Path<T>`, several as `Path<(A, B)>` or as a struct.
///
/// A value that is not of the type means that there is no such thing: 404. Percent-encoding that
/// is not UTF-8, or that holds NUL, is 400.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if crate::edge::has_nul(&parts.uri) {
            return Err(crate::edge::nul_in_address(&parts.uri));
        }
        let taken = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        taken
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(refusal)
    }
}

fn refusal(rejection: PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        return Problem::new(ErrorClass::Internal, "HTTP_PATH_PARAMETERS")
            .cause(rejection.to_string());
    };
    match error.into_kind() {
        ErrorKind::InvalidUtf8InPathParam { key } => {
            let message = "its percent-encoding is not UTF-8";
            Problem::new(ErrorClass::BadRequest, "HTTP_PATH_ENCODING")
                .detail("the address is not well formed")
                .field(FieldError::parameter(key, "encoding", message))
        }
        kind @ (ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. }) => {
            Problem::new(ErrorClass::Internal, "HTTP_PATH_PARAMETERS").cause(kind.to_string())
        }
        _ => Problem::new(ErrorClass::NotFound, "HTTP_NOT_FOUND").detail("there is no such thing"),
    }
}
