//! What a handler may take out of a request. Every refusal is a [`Problem`].
//!
//! | extractor | refusals |
//! | --- | --- |
//! | [`Json`] | 400 malformed, empty, not UTF-8, nested over 128 deep, XML with a document type; 413; 415; 422 wrong type, out of range, unknown, missing or doubled field, NUL in a string |
//! | [`Valid`] | those of [`Json`], and 422 with every rule that is broken |
//! | [`Form`] | 400 malformed; 413; 415; 422 as [`Json`] |
//! | [`CsrfForm`](crate::csrf::CsrfForm) | those of [`Form`]; 403 without the token of the session |
//! | [`Query`], [`ValidQuery`], [`PageRequest`] | 400 with the parameter |
//! | [`Path`] | 400 for bad percent-encoding; 404 for a value that is not of the type |
//! | [`Upload`](crate::Upload) | 415 coded, or in parts that are no form; 400 malformed boundary; then see [`upload`](crate::upload) |
//! | [`IfMatch`] | 428 if it is missing (`Option<IfMatch>`: none), 400 if it is malformed |
//! | [`Preconditions`](crate::Preconditions) | 400 if a condition that guards is malformed |
//! | [`Caller`] | 401 if nobody is known |

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use purlin_base::{Context, ErrorClass, Principal};

use crate::Problem;

mod body;
pub(crate) mod form;
mod if_match;
mod json;
mod json_fault;
mod page_request;
mod path;
mod pointer;
mod query;
mod valid;
mod valid_query;
mod xml_fault;

pub(crate) use body::refuse_coding;
pub(crate) use json_fault::shortened;

pub use form::Form;
pub use if_match::IfMatch;
pub use json::Json;
pub use page_request::PageRequest;
pub use path::Path;
pub use query::Query;
pub use valid::Valid;
pub use valid_query::ValidQuery;

/// Who is asking, as a guard has found out. 401 if nobody is known; `Option<Caller>` never
/// refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub Principal);

fn known() -> Option<Caller> {
    Context::with_current(|context| context.principal().cloned())
        .flatten()
        .map(Caller)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
        known().ok_or_else(|| Problem::new(ErrorClass::Unauthenticated, "HTTP_CALLER_UNKNOWN"))
    }
}

impl<S: Sync> axum::extract::OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(known())
    }
}
