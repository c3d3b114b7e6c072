//! What the extractors say of themselves.

use axum::{
    body::Body,
    extract::{ConnectInfo, Extension, MatchedPath, Request},
};
use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri, Version, request::Parts};
use purlin_base::{ErrorClass, ErrorClasses};
use serde_json::{Value, json};

use super::{DescribeArgument, HasSchema, Operation, Parameter};
use crate::{
    Caller, Form, IfMatch, Json, PageRequest, Path, Preconditions, Query, Upload, Valid,
    ValidQuery,
    csrf::{CsrfError, CsrfForm, CsrfToken},
    html::PrefersHtml,
    stream::{LastEventId, StreamCoding},
    versioning::AskedUri,
};

/// How a body may be refused.
const BODY: ErrorClasses = ErrorClasses::of(&[
    ErrorClass::BadRequest,
    ErrorClass::RequestTimeout,
    ErrorClass::TooLarge,
    ErrorClass::UnsupportedMediaType,
    ErrorClass::Invalid,
]);

impl<T: HasSchema> DescribeArgument for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.body::<T>().fails(BODY);
    }
}

impl<T: HasSchema> DescribeArgument for Valid<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.body::<T>().fails(BODY);
    }
}

impl<T: HasSchema> DescribeArgument for Form<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.form::<T>().fails(BODY);
    }
}

impl<T: HasSchema> DescribeArgument for CsrfForm<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation
            .form::<T>()
            .fails(BODY)
            .fails(CsrfError::OF_REQUESTS);
    }
}

impl DescribeArgument for CsrfToken {
    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Internal);
    }
}

impl<T: HasSchema> DescribeArgument for Query<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.query::<T>().fails(ErrorClass::BadRequest);
    }
}

impl<T: HasSchema> DescribeArgument for ValidQuery<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.query::<T>().fails(ErrorClass::BadRequest);
    }
}

impl<T: HasSchema> DescribeArgument for Path<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation
            .path::<T>()
            .fails(ErrorClass::BadRequest)
            .fails(ErrorClass::NotFound);
    }
}

impl DescribeArgument for PageRequest {
    fn describe(operation: &mut Operation<'_>) {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": Self::LIMIT_MAX,
            "default": Self::LIMIT_DEFAULT});
        let cursor = json!({"type": "string", "minLength": 1,
            "maxLength": Self::CURSOR_CHARS_MAX, "pattern": "^[!-~]+$"});
        let offset = json!({"type": "integer", "minimum": 0, "maximum": Self::OFFSET_MAX});
        let page = json!({"type": "integer", "minimum": 1, "maximum": Self::OFFSET_MAX + 1});
        let alone = "Only one of `cursor`, `offset` and `page` can be given.";
        operation
            .parameter(Parameter::query("limit", limit).description("Rows of a page."))
            .parameter(Parameter::query("cursor", cursor).description(format!(
                "Where the page begins: `next_cursor` or `prev_cursor` of another page of the same \
                 list. {alone}"
            )))
            .parameter(
                Parameter::query("offset", offset).description(format!("Rows to skip. {alone}")),
            )
            .parameter(Parameter::query("page", page).description(format!(
                "The number of the page: it skips `(page - 1) * limit` rows, at most {}. {alone}",
                Self::OFFSET_MAX
            )))
            .fails(ErrorClass::BadRequest);
    }
}

/// `*`, or at most 64 tags.
pub(super) fn tags() -> Value {
    let tags = r#"^(\*|((W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*"){0,63})?)$"#;
    json!({"type": "string", "pattern": tags})
}

fn if_match() -> Parameter {
    Parameter::header("If-Match", tags()).description(
        "The `ETag` of the state that the caller has seen, or a list of them; `*` for any.",
    )
}

impl DescribeArgument for IfMatch {
    fn describe(operation: &mut Operation<'_>) {
        operation
            .parameter(if_match().required().example("\"1\""))
            .fails(ErrorClass::BadRequest)
            .fails(ErrorClass::PreconditionFailed)
            .fails(ErrorClass::PreconditionRequired);
    }

    fn describe_optional(operation: &mut Operation<'_>) {
        operation
            .parameter(if_match())
            .fails(ErrorClass::BadRequest)
            .fails(ErrorClass::PreconditionFailed);
    }
}

impl DescribeArgument for Preconditions {
    fn describe(operation: &mut Operation<'_>) {
        let state = json!({"type": "string"});
        let unseen = Parameter::header("If-None-Match", tags())
            .description("`*`: only if the thing is not there yet.");
        let since = Parameter::header("If-Unmodified-Since", state)
            .description("Only if it was not changed later, where it has a time.");
        operation
            .parameter(if_match())
            .parameter(unseen)
            .parameter(since)
            .fails(ErrorClass::BadRequest)
            .fails(ErrorClass::PreconditionFailed);
    }
}

impl DescribeArgument for Upload {
    fn describe(operation: &mut Operation<'_>) {
        operation.body_of("*/*", json!({})).fails(BODY);
    }
}

impl DescribeArgument for LastEventId {
    fn describe(operation: &mut Operation<'_>) {
        let id = json!({"type": "string", "maxLength": 256});
        let parameter = Parameter::header("Last-Event-ID", id);
        operation
            .parameter(parameter.description("The last event that the caller has seen."))
            .fails(ErrorClass::BadRequest);
    }
}

impl DescribeArgument for Caller {
    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Unauthenticated);
    }
}

impl<T: DescribeArgument> DescribeArgument for Option<T> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe_optional(operation);
    }
}

/// The refusal is the handler's to look at.
impl<T: DescribeArgument, E> DescribeArgument for Result<T, E> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

impl<T> DescribeArgument for Extension<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Internal);
    }
}

impl<T> DescribeArgument for ConnectInfo<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Internal);
    }
}

macro_rules! of_the_head {
    ($($argument:ty),+ $(,)?) => {$(
        impl DescribeArgument for $argument {
            fn describe(_: &mut Operation<'_>) {}
        }
    )+};
}
of_the_head!(
    HeaderMap,
    Method,
    Uri,
    Version,
    Parts,
    Extensions,
    MatchedPath,
    AskedUri,
    PrefersHtml,
    StreamCoding
);

macro_rules! any_body {
    ($($argument:ty),+ $(,)?) => {$(
        impl DescribeArgument for $argument {
            fn describe(operation: &mut Operation<'_>) {
                operation
                    .body_of("*/*", json!({}))
                    .fails(ErrorClass::BadRequest)
                    .fails(ErrorClass::RequestTimeout)
                    .fails(ErrorClass::TooLarge);
            }
        }
    )+};
}
any_body!(Request, Body, Bytes, String);
