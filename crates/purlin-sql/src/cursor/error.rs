//! Why a cursor is not taken.

use purlin_base::{Classified, ErrorClass, FieldError};

/// Why a cursor was refused. The caller's fault, always: begin again without a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// Longer than [`CURSOR_CHARS_MAX`](super::CURSOR_CHARS_MAX) characters.
    #[error("the cursor is too long")]
    TooLong,
    /// Not base64url, or cut short.
    #[error("the cursor is not complete")]
    Malformed,
    /// The signature is not ours, or of a secret that was retired.
    #[error("the cursor was not made here, or was changed")]
    Forged,
    /// Made by another version of the format.
    #[error("the cursor was made by another version")]
    Version,
    /// Made for another order of the list.
    #[error("the cursor belongs to another sort")]
    OtherSort,
    /// Made for another choice of rows.
    #[error("the cursor belongs to another filter")]
    OtherFilter,
    /// Its values are not of the types the list is sorted by.
    #[error("the cursor does not fit the columns of the sort")]
    Keys,
}

impl Classified for CursorError {
    fn class(&self) -> ErrorClass {
        ErrorClass::BadRequest
    }

    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::BadRequest.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "CURSOR_TOO_LONG",
            Self::Malformed => "CURSOR_MALFORMED",
            Self::Forged => "CURSOR_FORGED",
            Self::Version => "CURSOR_VERSION",
            Self::OtherSort => "CURSOR_OTHER_SORT",
            Self::OtherFilter => "CURSOR_OTHER_FILTER",
            Self::Keys => "CURSOR_KEYS",
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::parameter("cursor", "cursor", self.to_string())]
    }
}

/// Why a secret cannot sign cursors: a fault of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Too short to be safe: give at least 32 random bytes.
    #[error("a cursor secret needs at least 32 bytes")]
    TooShort,
    /// Retire an old secret first.
    #[error("at most 8 cursor secrets can be in use")]
    TooMany,
}

impl Classified for SecretError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "CURSOR_SECRET_TOO_SHORT",
            Self::TooMany => "CURSOR_SECRETS_TOO_MANY",
        }
    }
}
