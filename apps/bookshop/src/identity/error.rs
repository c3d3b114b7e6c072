//! Why somebody is not signed in.

use std::{borrow::Cow, time::Duration};

use purlin::{
    auth::{password::PasswordError, refresh::RefreshError, token::TokenError},
    http::limit::LimitError,
    sql::SqlError,
};
use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// No account has this address and this password. Which of them is wrong is not said.
    #[error("no account has this address and this password")]
    Credentials,
    /// There is no refresh token, or there are two: sign in.
    #[error("there is no refresh token: sign in")]
    NoRefreshToken,
    /// The account is gone: sign in to another.
    #[error("the account is gone")]
    NoAccount,
    /// It was tried too often: wait.
    #[error(transparent)]
    Limited(#[from] LimitError),
    /// The refresh token is not good.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The password could not be compared: mostly since too many others are. Try again.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// No token could be issued.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl IdentityError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::Credentials | Self::NoRefreshToken | Self::NoAccount | Self::Token(_) => None,
            Self::Limited(error) => Some(error),
            Self::Refresh(error) => Some(error),
            Self::Password(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for IdentityError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Token(_) => ErrorClass::Internal,
            other => match other.inner() {
                Some(inner) => inner.class(),
                None => ErrorClass::Unauthenticated,
            },
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Unauthenticated,
            ErrorClass::RateLimited,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Credentials => "IDENTITY_CREDENTIALS",
            Self::NoRefreshToken => "IDENTITY_NO_REFRESH_TOKEN",
            Self::NoAccount => "IDENTITY_NO_ACCOUNT",
            Self::Token(error) => error.code(),
            Self::Limited(error) => error.code(),
            Self::Refresh(error) => error.code(),
            Self::Password(error) => error.code(),
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match (self, self.inner()) {
            (Self::Token(_), _) => None,
            (_, Some(inner)) => inner.public_detail(),
            (_, None) => Some(self.to_string().into()),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}
