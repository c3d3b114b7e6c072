//! What [`#[controller]`](macro@crate::controller) asks of a handler, one thing at a time.
//!
//! axum asks all of it at once and answers with a long message. Each function here asks one
//! thing, and so the first line of the compiler's error names the type at fault. They do nothing.

use axum::extract::{FromRequest, FromRequestParts};

use crate::Reply;

/// Something that can be taken out of the head of a request: any [`FromRequestParts`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken out of a request",
    label = "not an extractor, or one that reads the body",
    note = "all arguments but the last are extractors of the head: `Path`, `Query`, `PageRequest`, `IfMatch` …",
    note = "an extractor that reads the body (`Json`, `Valid`) is the last argument"
)]
pub trait HeadExtractor {}
#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<()>> HeadExtractor for T {}

/// Something that can be taken out of a whole request: any [`FromRequest`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken out of a request",
    label = "not an extractor",
    note = "a handler's arguments are extractors: `Path`, `Query`, `PageRequest`, and as the last one `Json` or `Valid`"
)]
pub trait Extractor<Via> {}
#[diagnostic::do_not_recommend]
impl<T: FromRequest<(), Via>, Via> Extractor<Via> for T {}

/// Asks that an argument which is not the last be an extractor of the head.
pub const fn argument<T: HeadExtractor>() {}

/// Asks that the last argument be an extractor.
pub const fn last_argument<T: Extractor<Via>, Via>() {}

/// Asks that what a handler returns be an answer.
pub const fn answer<T: Reply>() {}
