//! Why there is no such page.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, FieldError};

use super::OFFSET_MAX;
use crate::cursor::CursorError;

/// Why a page cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// Ask for at least one row and at most `max`.
    #[error("limit is {given}, expected 1 to {max}")]
    Limit {
        /// Rows asked for.
        given: u32,
        /// The most rows of one page.
        max: u32,
    },
    /// Too deep to be counted to. Walk by cursor instead.
    #[error("offset is {given}, expected 0 to {OFFSET_MAX}: follow the cursors to go deeper")]
    Offset {
        /// Rows to skip.
        given: u64,
    },
    /// Pages count from 1.
    #[error("pages are counted from 1")]
    PageNumber,
    /// A page is asked for by cursor, by offset or by number, not by two of them.
    #[error("give one of cursor, offset and page")]
    Contradiction,
    /// The cursor is not of this list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A key of a row is too long for a cursor, or of another kind than its type says. A fault of
    /// the program: sort by something shorter.
    #[error("the keys of a row of the list `{list}` do not fit a cursor")]
    KeyDoesNotFit {
        /// The name of the order.
        list: &'static str,
    },
}

impl Classified for PageError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::KeyDoesNotFit { .. } => ErrorClass::Internal,
            _ => ErrorClass::BadRequest,
        }
    }

    fn classes() -> purlin_base::ErrorClasses {
        purlin_base::ErrorClasses::of(&[ErrorClass::BadRequest, ErrorClass::Internal])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Limit { .. } => "PAGE_LIMIT",
            Self::Offset { .. } => "PAGE_OFFSET",
            Self::PageNumber => "PAGE_NUMBER",
            Self::Contradiction => "PAGE_CONTRADICTION",
            Self::Cursor(error) => error.code(),
            Self::KeyDoesNotFit { .. } => "PAGE_KEY_DOES_NOT_FIT",
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let parameter = |name: &'static str| {
            let code = Cow::Borrowed("range");
            vec![FieldError::parameter(name, code, self.to_string())]
        };
        match self {
            Self::Limit { .. } => parameter("limit"),
            Self::Offset { .. } => parameter("offset"),
            Self::PageNumber => parameter("page"),
            Self::Cursor(error) => error.fields(),
            Self::Contradiction | Self::KeyDoesNotFit { .. } => Vec::new(),
        }
    }
}
