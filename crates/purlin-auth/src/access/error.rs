//! Why somebody is not let through.

use http::{HeaderValue, header};
use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};
use purlin_http::Problem;

/// Why somebody is not let through.
///
/// What exactly is wrong with a token is told to the log alone, at the level debug.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Nothing was shown, and somebody must be signed in: sign in, then ask again.
    #[error("sign in first")]
    SignIn,
    /// What stands in `Authorization` is not one good access token: get a new one.
    #[error("the access token is not good, or not any more: get a new one")]
    Token(#[source] BoxError),
    /// Somebody is signed in, without the role.
    #[error("only the role `{0}` may do this")]
    Role(&'static str),
    /// Somebody is signed in, without the permission.
    #[error("this needs the permission `{0}`")]
    Permission(&'static str),
    /// The proofs of one request are of two people: send one.
    #[error("the request shows two callers: send one proof")]
    TwoCallers,
    /// It cannot be found out who asks: what knows it is away.
    #[error("it cannot be found out who asks")]
    Unavailable(#[source] BoxError),
}

impl AccessError {
    /// The access token is not good, because of `why`.
    pub fn token(why: impl Into<BoxError>) -> Self {
        Self::Token(why.into())
    }

    /// The answer to the caller; for a bad token with `error="invalid_token"`, by which clients
    /// know to get a new one.
    ///
    /// # Source
    ///
    /// RFC 6750, section 3.1.
    pub fn into_problem(self) -> Problem {
        let Self::Token(why) = &self else {
            return self.into();
        };
        tracing::debug!(target: "purlin_auth::access", why = %why, "a token was refused");
        let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
        Problem::from(self).header(header::WWW_AUTHENTICATE, challenge)
    }
}

impl Classified for AccessError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::SignIn | Self::Token(_) => ErrorClass::Unauthenticated,
            Self::Role(_) | Self::Permission(_) => ErrorClass::Forbidden,
            Self::TwoCallers => ErrorClass::BadRequest,
            Self::Unavailable(_) => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SignIn => "ACCESS_SIGN_IN",
            Self::Token(_) => "ACCESS_TOKEN_INVALID",
            Self::Role(_) => "ACCESS_ROLE_MISSING",
            Self::Permission(_) => "ACCESS_PERMISSION_MISSING",
            Self::TwoCallers => "ACCESS_TWO_CALLERS",
            Self::Unavailable(_) => "ACCESS_UNAVAILABLE",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::Unauthenticated,
            ErrorClass::Forbidden,
            ErrorClass::Unavailable,
        ])
    }
}
