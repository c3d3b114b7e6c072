//! What an authenticator asks callers to show, for documents and caches.

use purlin_http::openapi::SecurityScheme;

use super::{Authenticator, BearerAuthenticator, LoadSession, SessionAuthenticator, VerifyToken};

/// What callers show to an [`Authenticator`], known without one at hand.
///
/// Guards are written over `dyn Authenticator`, which takes whatever the application has set up.
/// A guard over one kind of authenticator, such as `RoleGuard<Staff, SessionAuthenticator<S>>`,
/// takes that kind of proof and no other.
pub trait Scheme: Authenticator {
    /// The header fields that decide. Answers depend on them, and say so in `Vary`.
    const FIELDS: &'static [&'static str];

    /// What the OpenAPI document calls it.
    fn scheme() -> SecurityScheme;
}

/// Access tokens for documents; caches are told of cookies too, as there may be sessions.
impl Scheme for dyn Authenticator {
    const FIELDS: &'static [&'static str] = &["authorization", "cookie"];

    fn scheme() -> SecurityScheme {
        SecurityScheme::bearer()
    }
}

impl<V: VerifyToken> Scheme for BearerAuthenticator<V> {
    const FIELDS: &'static [&'static str] = &["authorization"];

    fn scheme() -> SecurityScheme {
        SecurityScheme::bearer()
    }
}

impl<S: LoadSession> Scheme for SessionAuthenticator<S> {
    const FIELDS: &'static [&'static str] = &["cookie"];

    fn scheme() -> SecurityScheme {
        SecurityScheme::cookie("session", "session")
    }
}
