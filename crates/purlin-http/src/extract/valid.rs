//! A body that keeps its rules.

use axum::extract::{FromRequest, Request};
use garde::Validate;
use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;

use super::{Json, json_fault::shortened, pointer::Pointer};
use crate::Problem;

/// A JSON body that keeps the rules of its type: all that is broken is told at once, as 422.
///
/// The pointers are made of the fields' Rust names, so a field that has rules is not renamed.
///
/// # Examples
///
/// ```
/// use garde::Validate;
/// use purlin_http::{NoContent, Valid};
///
/// #[derive(serde::Deserialize, Validate)]
/// #[serde(deny_unknown_fields)]
/// struct NewBook {
///     #[garde(length(chars, min = 1, max = 300))]
///     title: String,
///     #[garde(range(min = 0, max = 10_000_000))]
///     price_cents: u32,
/// }
///
/// async fn create(Valid(book): Valid<NewBook>) -> NoContent {
///     assert!(!book.title.is_empty());
///     NoContent
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valid<T>(pub T);

impl<T, S> FromRequest<S> for Valid<T>
where
    T: DeserializeOwned + Validate<Context = ()> + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(value) = Json::<T>::from_request(request, state).await?;
        value.validate().map_err(|report| problem(&report))?;
        Ok(Self(value))
    }
}

fn problem(report: &garde::Report) -> Problem {
    let broken = Problem::new(ErrorClass::Invalid, "HTTP_BODY_INVALID")
        .detail("the body is well formed and not valid");
    report.iter().fold(broken, |problem, (path, error)| {
        let mut pointer = Pointer::root();
        for (_, component) in path.__iter().rev() {
            pointer.push(component);
        }
        let (code, message) = (code(error.message()), shortened(error.message()));
        problem.field(FieldError::pointer(pointer.into_string(), code, message))
    })
}

/// garde's own rules by the words of their messages; a rule of the application's is `invalid`.
pub(super) fn code(message: &str) -> &'static str {
    match message {
        m if m.starts_with("length is ") => "length",
        m if m.starts_with("lower than ") || m.starts_with("greater than ") => "range",
        m if m.starts_with("does not match pattern") => "pattern",
        m if m.starts_with("not a valid email") => "email",
        m if m.starts_with("not a valid url") => "url",
        m if m.starts_with("not ascii") => "ascii",
        m if m.starts_with("not alphanumeric") => "alphanumeric",
        m if m.starts_with("not set") => "required",
        _ => "invalid",
    }
}
