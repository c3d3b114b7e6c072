//! What arguments, answers and types say of themselves.

use schemars::JsonSchema;

use super::Operation;

/// What an argument of a handler takes from a request, and how it refuses.
///
/// # Examples
///
/// ```
/// use purlin_base::ErrorClass;
/// use purlin_http::openapi::{DescribeArgument, Operation, Parameter};
/// use serde_json::json;
///
/// struct IdempotencyKey(String);
///
/// impl DescribeArgument for IdempotencyKey {
///     fn describe(operation: &mut Operation<'_>) {
///         let key = Parameter::header("Idempotency-Key", json!({"type": "string"}));
///         operation.parameter(key.required()).fails(ErrorClass::BadRequest);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it takes from a request",
    label = "unknown to the OpenAPI document",
    note = "implement `purlin_http::openapi::DescribeArgument` for `{Self}`"
)]
pub trait DescribeArgument {
    /// Says it to `operation`.
    fn describe(operation: &mut Operation<'_>);

    /// The same for an argument `Option<Self>`. Default: nothing is said.
    fn describe_optional(_: &mut Operation<'_>) {}
}

/// What an answer of a handler carries.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an answer that the OpenAPI document can describe",
    label = "does not say what it answers",
    note = "answer with `Json<T>`, `Created<T>`, `Accepted<T>`, `NoContent`, `Page<T>`, `Tagged<T>` or `Html`",
    note = "… or with a `Result` of one of them, or with `Raw`, which may be anything",
    note = "an answer of your own implements `purlin_http::openapi::DescribeReply` beside `Reply`"
)]
pub trait DescribeReply {
    /// Says it to `operation`.
    fn describe(operation: &mut Operation<'_>);
}

/// A type that has a JSON Schema: any that is [`JsonSchema`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no schema for the OpenAPI document",
    label = "no `JsonSchema`",
    note = "add `#[derive(schemars::JsonSchema)]` to `{Self}`",
    note = "an answer that the document need not describe is `Raw`"
)]
pub trait HasSchema: JsonSchema {}
#[diagnostic::do_not_recommend]
impl<T: JsonSchema + ?Sized> HasSchema for T {}
