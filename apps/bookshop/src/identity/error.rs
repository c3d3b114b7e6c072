//! Why somebody is not signed in.

use std::{borrow::Cow, time::Duration};

use purlin::{
    auth::{
        password::PasswordError, refresh::RefreshError, session::SessionError, token::TokenError,
    },
    http::limit::LimitError,
    sql::SqlError,
};
use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// There is no such account, or it has another password: which of the two is not told.
    #[error("the address or the password is wrong")]
    Wrong,
    /// The account is gone, or no refresh token was shown.
    #[error("sign in first")]
    Nobody,
    /// It was tried too often: wait.
    #[error(transparent)]
    Limited(#[from] LimitError),
    /// The password could not be compared, mostly since too many others are: try again.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The refresh token is not good, or not any more.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The session could not be made or found.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// No access token could be signed.
    #[error("no access token could be issued: {0}")]
    Issue(TokenError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl SignInError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::Wrong | Self::Nobody | Self::Issue(_) => None,
            Self::Limited(error) => Some(error),
            Self::Password(error) => Some(error),
            Self::Refresh(error) => Some(error),
            Self::Session(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for SignInError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Wrong | Self::Nobody => ErrorClass::Unauthenticated,
            Self::Issue(_) => ErrorClass::Internal,
            _ => self.inner().map_or(ErrorClass::Internal, Classified::class),
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
            Self::Wrong => "SIGN_IN_WRONG",
            Self::Nobody => "SIGN_IN_NOBODY",
            Self::Issue(_) => "SIGN_IN_ISSUE",
            _ => self.inner().map_or("SIGN_IN_ISSUE", Classified::code),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Wrong | Self::Nobody => Some(self.to_string().into()),
            Self::Issue(_) => None,
            _ => self.inner().and_then(Classified::public_detail),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}
