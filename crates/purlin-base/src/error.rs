//! How a failure is to be answered, said once and understood by every part.
//!
//! An error names its [`ErrorClass`]; HTTP turns the class into a status, GraphQL into a code, a
//! job into a retry or an end. No part needs to know another part's error types.

use std::{borrow::Cow, time::Duration};

mod classes;

pub use classes::ErrorClasses;

/// What kind of failure this is, and so who can do something about it.
///
/// Each class has one HTTP status, given by [`ErrorClass::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The request is malformed or contradicts itself. 400.
    BadRequest,
    /// Nobody is signed in, or the proof offered is not valid. 401.
    Unauthenticated,
    /// The card, or another means of payment, was refused. 402.
    PaymentRequired,
    /// Somebody is signed in, and may not do this. 403.
    Forbidden,
    /// There is no such thing, or the caller may not know that there is. 404.
    NotFound,
    /// The thing is there and does not take this method. 405.
    MethodNotAllowed,
    /// No representation that the caller accepts. 406.
    NotAcceptable,
    /// The caller was too slow in sending. 408.
    RequestTimeout,
    /// The state of the thing does not allow it now. 409.
    Conflict,
    /// It was there once and is gone for good. 410.
    Gone,
    /// A precondition of the caller's is false. 412.
    PreconditionFailed,
    /// The content is larger than allowed. 413.
    TooLarge,
    /// The address is longer than allowed. 414.
    UriTooLong,
    /// The content is of a type that is not understood. 415.
    UnsupportedMediaType,
    /// None of the ranges asked for exist. 416.
    RangeNotSatisfiable,
    /// Well formed, and not valid. 422.
    Invalid,
    /// A precondition is demanded and was not sent. 428.
    PreconditionRequired,
    /// Too many requests. 429.
    RateLimited,
    /// The header fields are larger than allowed. 431.
    HeadersTooLarge,
    /// A fault of ours. 500.
    Internal,
    /// The method is known nowhere. 501.
    NotImplemented,
    /// A system that we depend on answered with a fault. 502.
    BadGateway,
    /// We cannot work at the moment; the same request may succeed later. 503.
    Unavailable,
    /// We, or a system that we depend on, did not finish in time. 504.
    Timeout,
}

impl ErrorClass {
    /// Every class, by rising status.
    pub const ALL: [Self; 24] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::PaymentRequired,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::Gone,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::RangeNotSatisfiable,
        Self::Invalid,
        Self::PreconditionRequired,
        Self::RateLimited,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::NotImplemented,
        Self::BadGateway,
        Self::Unavailable,
        Self::Timeout,
    ];

    /// The HTTP status of this class.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated => 401,
            Self::PaymentRequired => 402,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::RangeNotSatisfiable => 416,
            Self::Invalid => 422,
            Self::PreconditionRequired => 428,
            Self::RateLimited => 429,
            Self::HeadersTooLarge => 431,
            Self::Internal => 500,
            Self::NotImplemented => 501,
            Self::BadGateway => 502,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    /// Whether the fault is ours: what it says is for the log, not for the caller.
    pub const fn is_ours(self) -> bool {
        self.status() >= 500
    }

    /// Whether the same request may succeed later without being changed.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RequestTimeout
                | Self::RateLimited
                | Self::BadGateway
                | Self::Unavailable
                | Self::Timeout
        )
    }
}

/// What is wrong with one field of a body or one parameter of a request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Where it is.
    #[serde(flatten)]
    pub place: FieldPlace,
    /// A stable word for the kind of fault, such as `range` or `unknown_field`.
    pub code: Cow<'static, str>,
    /// The fault in a sentence for people.
    pub message: String,
}

/// Where a [`FieldError`] is. Serialises as one member: `pointer` or `parameter`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldPlace {
    /// A JSON Pointer into the body, as a URI fragment: `#/authors/0/name`.
    Pointer(String),
    /// The name of a query, path or header parameter.
    Parameter(String),
}

impl FieldError {
    /// A fault in the body at the JSON Pointer `pointer`, written as a fragment (`#/title`).
    pub fn pointer(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let place = FieldPlace::Pointer(pointer.into());
        Self {
            place,
            code: code.into(),
            message: message.into(),
        }
    }

    /// A fault in the query, path or header parameter `name`.
    pub fn parameter(
        name: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let place = FieldPlace::Parameter(name.into());
        Self {
            place,
            code: code.into(),
            message: message.into(),
        }
    }
}

/// An error that says how it is to be answered.
///
/// Only [`class`](Self::class) and [`code`](Self::code) must be given.
///
/// # Examples
///
/// ```
/// use purlin_base::{Classified, ErrorClass, ErrorClasses};
///
/// #[derive(Debug)]
/// enum OrderError {
///     OutOfStock,
/// }
/// # impl std::fmt::Display for OrderError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("out of stock") }
/// # }
/// # impl std::error::Error for OrderError {}
/// impl Classified for OrderError {
///     fn class(&self) -> ErrorClass {
///         ErrorClass::Conflict
///     }
///     fn code(&self) -> &'static str {
///         "ORDER_OUT_OF_STOCK"
///     }
///     fn classes() -> ErrorClasses {
///         ErrorClass::Conflict.into()
///     }
/// }
/// assert_eq!(OrderError::OutOfStock.class().status(), 409);
/// assert_eq!(OrderError::OutOfStock.public_detail().as_deref(), Some("out of stock"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it is to be answered",
    note = "implement `Classified` for `{Self}`: an `ErrorClass` and a stable code"
)]
pub trait Classified: std::error::Error {
    /// How the failure is to be answered.
    fn class(&self) -> ErrorClass;

    /// The stable name of the error, in upper case with underscores; never reworded.
    fn code(&self) -> &'static str;

    /// What the caller may read. By default the error's own text, unless the fault is ours.
    fn public_detail(&self) -> Option<Cow<'_, str>> {
        (!self.class().is_ours()).then(|| Cow::Owned(self.to_string()))
    }

    /// The fields that are at fault, if the fault lies in fields.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// The classes that errors of this type can have, for documents that are made without an error
    /// at hand. Default: any, and so such a document cannot say more than that something may fail.
    fn classes() -> ErrorClasses
    where
        Self: Sized,
    {
        ErrorClasses::ANY
    }

    /// How long the caller should wait before trying again, if that is known.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}
