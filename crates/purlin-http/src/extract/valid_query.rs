//! Parameters that keep their rules.

use axum::extract::FromRequestParts;
use garde::Validate;
use http::request::Parts;
use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;

use super::{Query, json_fault::shortened, valid};
use crate::Problem;

/// The parameters of the query as a [`Query`] reads them, if they keep the rules of their type:
/// all that are broken are told at once, as 400.
///
/// # Examples
///
/// ```
/// use garde::Validate;
/// use purlin_http::{Json, ValidQuery};
///
/// #[derive(serde::Deserialize, Validate)]
/// struct Filter {
///     #[garde(inner(range(min = -3000, max = 2100)))]
///     year_from: Option<i32>,
/// }
///
/// async fn list(ValidQuery(filter): ValidQuery<Filter>) -> Json<Option<i32>> {
///     Json(filter.year_from)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValidQuery<T>(pub T);

impl<T, S> FromRequestParts<S> for ValidQuery<T>
where
    T: DeserializeOwned + Validate<Context = ()> + Send,
    S: Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::<T>::from_request_parts(parts, state).await?;
        value.validate().map_err(|report| problem(&report))?;
        Ok(Self(value))
    }
}

fn problem(report: &garde::Report) -> Problem {
    let broken = Problem::new(ErrorClass::BadRequest, "HTTP_PARAMETER_INVALID")
        .detail("a parameter is not valid");
    report.iter().fold(broken, |problem, (path, error)| {
        let (code, message) = (valid::code(error.message()), shortened(error.message()));
        // A parameter has one value: what is inside of an `Option` is the parameter itself.
        let name = path.to_string();
        let name = name.split(['.', '[']).next().unwrap_or_default().to_owned();
        problem.field(FieldError::parameter(name, code, message))
    })
}
