//! Why an upload is refused.

use std::io;

use axum::response::{IntoResponse, Response};
use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

use super::feed::Stopped;
use crate::{Problem, files::FileType};

/// Why an upload is refused. Nothing of the file stays, whichever the variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// There is no such field in the form, no file in it, or no body. 400.
    #[error("there is no file: send it in the field `{field}` of a form, or as the body")]
    FileMissing {
        /// The field that was asked for.
        field: String,
    },
    /// The field comes twice. 400.
    #[error("the field `{field}` comes twice, and one file is taken")]
    FileTwice {
        /// The field.
        field: String,
    },
    /// The handler reads a form, and the body is none. 415.
    #[error("the body must be sent as `multipart/form-data`")]
    NotAForm,
    /// The form is not well formed. 400.
    #[error("the form is malformed: {0}")]
    Malformed(&'static str),
    /// The body ended too early, or the caller went away. 400.
    #[error("the body did not arrive whole")]
    Incomplete,
    /// The body is larger than the route takes. 413.
    #[error("the body is larger than this route takes")]
    BodyTooLarge,
    /// A file is larger than the handler takes. 413.
    #[error("the file is larger than {bytes_max} bytes")]
    FileTooLarge {
        /// What it takes.
        bytes_max: u64,
    },
    /// A field that is text is larger than the handler takes. 413.
    #[error("a field is larger than {bytes_max} bytes")]
    TextTooLarge {
        /// What it takes.
        bytes_max: usize,
    },
    /// The form has more parts than the handler takes. 413.
    #[error("the form has more than {parts_max} parts")]
    PartsTooMany {
        /// What it takes.
        parts_max: usize,
    },
    /// The file is, by its first bytes, of no type that is welcome. 415.
    #[error("the file is none of {}", named(accepted))]
    TypeNotAccepted {
        /// The types that are.
        accepted: &'static [FileType],
    },
    /// The file could not be stored: the disk is full or away, or the folder is missing. 503.
    #[error("the file could not be stored")]
    NotStored(#[source] io::Error),
}

fn named(types: &[FileType]) -> String {
    let names: Vec<_> = types.iter().map(|known| known.media_type()).collect();
    names.join(", ")
}

impl Classified for UploadError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::FileMissing { .. }
            | Self::FileTwice { .. }
            | Self::Malformed(_)
            | Self::Incomplete => ErrorClass::BadRequest,
            Self::NotAForm | Self::TypeNotAccepted { .. } => ErrorClass::UnsupportedMediaType,
            Self::BodyTooLarge
            | Self::FileTooLarge { .. }
            | Self::TextTooLarge { .. }
            | Self::PartsTooMany { .. } => ErrorClass::TooLarge,
            Self::NotStored(_) => ErrorClass::Unavailable,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::UnsupportedMediaType,
            ErrorClass::TooLarge,
            ErrorClass::Unavailable,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::FileMissing { .. } => "HTTP_UPLOAD_FILE_MISSING",
            Self::FileTwice { .. } => "HTTP_UPLOAD_FILE_TWICE",
            Self::NotAForm => "HTTP_UPLOAD_NOT_A_FORM",
            Self::Malformed(_) => "HTTP_MULTIPART_MALFORMED",
            Self::Incomplete => "HTTP_BODY_INCOMPLETE",
            Self::BodyTooLarge => "HTTP_BODY_TOO_LARGE",
            Self::FileTooLarge { .. } => "HTTP_UPLOAD_FILE_TOO_LARGE",
            Self::TextTooLarge { .. } => "HTTP_UPLOAD_TEXT_TOO_LARGE",
            Self::PartsTooMany { .. } => "HTTP_UPLOAD_PARTS_TOO_MANY",
            Self::TypeNotAccepted { .. } => "HTTP_UPLOAD_TYPE_NOT_ACCEPTED",
            Self::NotStored(_) => "HTTP_UPLOAD_NOT_STORED",
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::FileMissing { field } => {
                vec![FieldError::parameter(field, "missing", "a file is needed")]
            }
            Self::FileTwice { field } => {
                vec![FieldError::parameter(field, "duplicate", "it comes twice")]
            }
            _ => Vec::new(),
        }
    }
}

impl From<Stopped> for UploadError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::HeadTooLarge => Self::Malformed("the head of a part is too large"),
            Stopped::TooLarge => Self::BodyTooLarge,
            Stopped::Broken => Self::Incomplete,
        }
    }
}

impl From<multer::Error> for UploadError {
    fn from(error: multer::Error) -> Self {
        use multer::Error;
        match error {
            Error::StreamReadFailed(cause) => match cause.downcast::<Stopped>() {
                Ok(stopped) => (*stopped).into(),
                Err(_) => Self::Incomplete,
            },
            Error::IncompleteFieldData { .. }
            | Error::IncompleteStream
            | Error::IncompleteHeaders => {
                Self::Malformed("it ends too early, or a boundary is wrong")
            }
            _ => Self::Malformed("the head of a part cannot be read"),
        }
    }
}

/// For handlers of plain axum; a controller answers any `Classified` error.
impl IntoResponse for UploadError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
