//! What a handler may answer: types that cannot carry the wrong status.

use axum::response::{IntoResponse, Response};
use purlin_base::ErrorClasses;

use crate::{Json, Problem};

pub(crate) mod body;
mod conditional;
mod cookies;
pub(crate) mod etag;
mod json;
mod page;
mod simple;
pub(crate) mod variant;
mod vary;

pub use conditional::Tagged;
pub use cookies::WithCookie;
pub use etag::ETag;
pub use page::Page;
pub(crate) use simple::visible;
pub use simple::{Accepted, Created, NoContent, Raw};
pub(crate) use variant::tag_variant;
pub(crate) use vary::{vary, vary_all, vary_field, vary_fields};

/// An answer of a handler.
///
/// A `Result` is one if its error says how it is to be answered. Each of the types here is an
/// axum response too, for programs without controllers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an answer of a handler",
    label = "not a `Reply`",
    note = "answer with `Json<T>`, `Created<T>`, `Accepted<T>`, `NoContent`, `Page<T>`, `Tagged<T>` or `Html`",
    note = "… or with a `Result` of one of them whose error implements `Classified`"
)]
pub trait Reply {
    /// Whether the body is a value, in the format that the caller asked for. A route that
    /// [answers](crate::Route::answers) so refuses a caller who accepts no format of it.
    const SERIALIZED: bool = false;

    /// The response with its status, header fields and body.
    fn reply(self) -> Response;
}

/// An answer with status 200, which a [`Tagged`] may stand around.
pub trait Ok200: Reply {}

/// A failure that a handler may return: any [`Classified`](purlin_base::Classified) error, or a
/// [`Problem`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it is to be answered",
    note = "implement `Classified` for `{Self}`: an `ErrorClass` and a stable code"
)]
pub trait Failure {
    /// The failure as the caller is told it.
    fn problem(self) -> Problem;

    /// The classes that failures of this type can have.
    fn classes() -> ErrorClasses
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<E: purlin_base::Classified> Failure for E {
    fn problem(self) -> Problem {
        self.into()
    }

    fn classes() -> ErrorClasses {
        <E as purlin_base::Classified>::classes()
    }
}

impl Failure for Problem {
    fn problem(self) -> Problem {
        self
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::ANY
    }
}

impl<T: Reply, E: Failure> Reply for Result<T, E> {
    const SERIALIZED: bool = T::SERIALIZED;

    fn reply(self) -> Response {
        match self {
            Ok(answer) => answer.reply(),
            Err(failure) => failure.problem().into_response(),
        }
    }
}

impl<T: serde::Serialize> Reply for Json<T> {
    const SERIALIZED: bool = true;

    fn reply(self) -> Response {
        self.into_response()
    }
}

impl<T: serde::Serialize> Ok200 for Json<T> {}
