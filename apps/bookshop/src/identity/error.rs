//! Why somebody is not signed in.

use std::{borrow::Cow, time::Duration};

use purlin::{
    auth::{
        audit::AuditError, one_time::OneTimeError, password::PasswordError, refresh::RefreshError,
        session::SessionError, token::TokenError, totp::TotpError,
    },
    http::limit::LimitError,
    queue::QueueError,
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
    /// The password is right, and the account asks for a code as well: send it too.
    #[error("a code of the second factor is needed as well")]
    CodeNeeded,
    /// The password is right, and the code is not, or was used before: wait for the next one.
    #[error("the code is wrong, or was used before: wait for the next one")]
    CodeWrong,
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
    /// The second factor could not be looked after.
    #[error(transparent)]
    Factor(#[from] TotpError),
    /// What the sign-in waits for could not be kept.
    #[error(transparent)]
    Ticket(#[from] OneTimeError),
    /// What happened could not be written down, and so it did not happen.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The mail that tells of it could not be queued, and so it did not happen.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl SignInError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::Wrong | Self::Nobody | Self::CodeNeeded | Self::CodeWrong | Self::Issue(_) => {
                None
            }
            Self::Limited(error) => Some(error),
            Self::Password(error) => Some(error),
            Self::Refresh(error) => Some(error),
            Self::Session(error) => Some(error),
            Self::Factor(error) => Some(error),
            Self::Ticket(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Queue(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for SignInError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Wrong | Self::Nobody | Self::CodeNeeded | Self::CodeWrong => {
                ErrorClass::Unauthenticated
            }
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
            Self::CodeNeeded => "SIGN_IN_CODE_NEEDED",
            Self::CodeWrong => "SIGN_IN_CODE_WRONG",
            Self::Issue(_) => "SIGN_IN_ISSUE",
            _ => self.inner().map_or("SIGN_IN_ISSUE", Classified::code),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Wrong | Self::Nobody | Self::CodeNeeded | Self::CodeWrong => {
                Some(self.to_string().into())
            }
            Self::Issue(_) => None,
            _ => self.inner().and_then(Classified::public_detail),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}
