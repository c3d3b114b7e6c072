//! Why something could not be done with an account.

use std::{borrow::Cow, time::Duration};

use purlin::{
    auth::{audit::AuditError, one_time::OneTimeError, session::SessionError, totp::TotpError},
    queue::QueueError,
    sql::{SqlError, keyset::ListError},
};
use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

use super::{EmailError, passwords::HashError};

/// Why something could not be done with an account. Nothing was written, whichever the variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Nobody would be left who may look after people: make somebody else an admin first.
    #[error("this is the last admin: make somebody else one first")]
    LastAdmin,
    /// The address is none.
    #[error("the address {0}")]
    Email(#[from] EmailError),
    /// The password may not be chosen: take another.
    #[error("the password may not be chosen")]
    Password(FieldError),
    /// The password could not be hashed: mostly since too many others are. Try again.
    #[error("{0}")]
    Hash(HashError),
    /// There is no such page, or it could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The sessions of the account could not be changed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The link is not good, or not any more: ask for a new one.
    #[error(transparent)]
    Token(#[from] OneTimeError),
    /// The second factor of the account could not be looked after.
    #[error(transparent)]
    Factor(#[from] TotpError),
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

impl UserError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::NotFound | Self::LastAdmin | Self::Email(_) | Self::Password(_) => None,
            Self::Hash(error) => Some(&**error),
            Self::List(error) => Some(error),
            Self::Session(error) => Some(error),
            Self::Token(error) => Some(error),
            Self::Factor(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Queue(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for UserError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::LastAdmin => ErrorClass::Conflict,
            Self::Email(_) | Self::Password(_) => ErrorClass::Invalid,
            _ => self.inner().map_or(ErrorClass::Internal, Classified::class),
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::NotFound,
            ErrorClass::Conflict,
            ErrorClass::Invalid,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "USER_NOT_FOUND",
            Self::LastAdmin => "USER_LAST_ADMIN",
            Self::Email(_) => "USER_EMAIL",
            Self::Password(_) => "USER_PASSWORD",
            _ => self.inner().map_or("USER_NOT_FOUND", Classified::code),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self.inner() {
            Some(inner) => inner.public_detail(),
            None => Some(self.to_string().into()),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Email(error) => vec![FieldError::pointer("#/email", "email", error.to_string())],
            Self::Password(fault) => vec![fault.clone()],
            _ => self.inner().map_or_else(Vec::new, Classified::fields),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}
