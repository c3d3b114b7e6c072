//! Why a refresh token is refused.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;
use uuid::Uuid;

/// Why a refresh token is refused. The reasons are for the log and the audit: outside they are one
/// answer, the same 401.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// It is not 43 characters of base64url.
    #[error("the refresh token is not well formed")]
    Malformed,
    /// Nobody knows it: it was made up, or its family ended long ago.
    #[error("the refresh token is not known")]
    Unknown,
    /// Its family has come to its end, or to
    /// [`uses_max`](super::RefreshBuilder::uses_max).
    #[error("the refresh token has expired")]
    Expired,
    /// Its family was revoked before.
    #[error("the refresh token was revoked")]
    Revoked,
    /// It was spent before, and not just now by another tab: it has been copied. Its family is
    /// revoked, and the access tokens of that family.
    #[error("a spent refresh token of family {family} was shown again: the family is revoked")]
    Reused {
        /// Whose it is.
        user: String,
        /// The family that was revoked.
        family: Uuid,
    },
    /// The identifier of the user is empty or too long.
    #[error("the identifier of the user has {user_bytes} bytes; expected 1 to 255")]
    User {
        /// Its bytes.
        user_bytes: usize,
    },
    /// The database failed; the token is spent or not, and may be shown again.
    #[error("the refresh token could not be looked up: {0}")]
    Sql(#[from] SqlError),
}

impl Classified for RefreshError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Sql(error) => error.class(),
            Self::User { .. } => ErrorClass::Internal,
            _ => ErrorClass::Unauthenticated,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Sql(error) => error.code(),
            Self::User { .. } => "REFRESH_USER",
            _ => "REFRESH_INVALID",
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self.class() {
            ErrorClass::Unauthenticated => Some("the refresh token is not valid".into()),
            class => (!class.is_ours()).then(|| Cow::Owned(self.to_string())),
        }
    }

    fn classes() -> ErrorClasses {
        SqlError::classes().and(ErrorClasses::of(&[
            ErrorClass::Unauthenticated,
            ErrorClass::Internal,
        ]))
    }
}
