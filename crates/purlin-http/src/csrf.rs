//! Requests that a browser was made to send by a page of somebody else.
//!
//! A browser adds cookies by itself, whoever asked it to send. Two things stand against that; both
//! refuse by default, and no handler has to think of them.
//!
//! | what | where | refuses |
//! | --- | --- | --- |
//! | [`CrossOrigin`] | [`Edge`](crate::Edge), in front of every route | unsafe requests with a cookie that a browser says, by `Sec-Fetch-Site` or `Origin`, come from elsewhere |
//! | [`CsrfBinding`] | the route, once a guard has read a session from a cookie | unsafe requests without a [token](CsrfTokens) of that session, in `X-CSRF-Token` or in the field `_csrf` |
//!
//! A token is bound to what the caller shows by cookie: the id of the session, or before sign-in a
//! value of its own. It is of no use beside another cookie, so one that an attacker has got for
//! himself does not help, nor one from before the sign-in.
//!
//! # Why the route checks the token, and not the handler
//!
//! A check that a handler has to ask for is forgotten once. So the guard that accepts a cookie puts
//! a [`CsrfBinding`] into the request, and from then on nothing but a token leads to the handler:
//! the route looks into the header, or reads the form (within the route's limit for bodies) and
//! hands it on. Callers who show a bearer token get no binding, and so need none.
//!
//! The chapter `docs/web-safety.md` of the book shows it in use.

mod binding;
mod cross_origin;
mod enforce;
mod error;
mod exemption;
mod extract;
mod tokens;

pub use binding::CsrfBinding;
pub use cross_origin::CrossOrigin;
pub(crate) use enforce::{enforce, is_due};
pub use error::CsrfError;
pub use extract::{CsrfForm, CsrfToken};
pub use tokens::CsrfTokens;

/// The field of a form that holds the token.
pub const FIELD: &str = "_csrf";

/// The header field that scripts send the token in.
pub const HEADER: &str = "x-csrf-token";
