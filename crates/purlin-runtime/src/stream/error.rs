//! Why a stream or a pipeline did not come to its end.

use std::{io, sync::Arc};

use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};

use crate::CpuError;

/// Why a stream or a pipeline did not come to its end.
///
/// Everything that took part is closed and freed by the time a pipeline tells it. What a
/// destination took before stays there: whether it is of use is for the caller to say.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// An end was dropped before the stream was: what came is not the whole.
    #[error("the stream was closed before its end")]
    PrematureClose,
    /// The token of the pipeline was cancelled.
    #[error("the pipeline was aborted")]
    Aborted,
    /// Something was written after the end.
    #[error("the stream was written to after its end")]
    WriteAfterEnd,
    /// The operating system could not read or write.
    #[error("a stream could not be read or written")]
    Io(#[source] Arc<io::Error>),
    /// A source, a transform or a destination of the caller's failed; the cause is theirs.
    #[error("a part of the pipeline failed")]
    Failed(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The compression on the CPU pool came to nothing.
    #[error("a part of the pipeline had no turn on the CPU pool")]
    Cpu(#[source] CpuError),
    /// The bytes are not in the format, or their checksum is wrong. Ask for them again.
    #[error("the {format} data is corrupt: {detail}")]
    Corrupt {
        /// The format, as `gzip`.
        format: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The bytes end in the middle. Ask for them again.
    #[error("the {format} data ends too early")]
    Truncated {
        /// The format, as `gzip`.
        format: &'static str,
    },
    /// More bytes follow the end of the data, and they are not of the format.
    #[error("the {format} data is followed by something else")]
    TrailingGarbage {
        /// The format, as `gzip`.
        format: &'static str,
    },
    /// The data is larger when decompressed than it may be.
    #[error("the {format} data decompresses to more than {bytes_max} bytes")]
    TooLarge {
        /// The format, as `gzip`.
        format: &'static str,
        /// Bytes that it may have.
        bytes_max: u64,
    },
    /// A line, or a record of a table, is longer than it may be.
    #[error("record {record} is longer than {bytes_max} bytes")]
    RecordTooLong {
        /// Which one, from 1.
        record: u64,
        /// Bytes that it may have.
        bytes_max: usize,
    },
    /// A line is not the JSON that was expected, or a record does not fit its type.
    #[error("record {record} is not valid")]
    RecordInvalid {
        /// Which one, from 1.
        record: u64,
        /// What is wrong with it.
        #[source]
        cause: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// More came out than was to be gathered.
    #[error("more than {chunks_max} chunks came out")]
    TooMany {
        /// Chunks that may come out.
        chunks_max: usize,
    },
    /// An option is out of its bounds.
    #[error("`{option}` of a stream is {given}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        expected: &'static str,
    },
}

impl StreamError {
    /// The failure of a part that is the caller's own.
    ///
    /// A [`StreamError`] stays what it is, and an [`io::Error`] becomes [`StreamError::Io`].
    pub fn failed(cause: impl Into<BoxError>) -> Self {
        let cause = match cause.into().downcast::<Self>() {
            Ok(own) => return *own,
            Err(other) => other,
        };
        match cause.downcast::<io::Error>() {
            Ok(error) => Self::from(*error),
            Err(other) => Self::Failed(other.into()),
        }
    }

    pub(super) fn invalid(record: u64, cause: impl Into<BoxError>) -> Self {
        Self::RecordInvalid {
            record,
            cause: cause.into().into(),
        }
    }
}

impl From<io::Error> for StreamError {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<CpuError> for StreamError {
    fn from(error: CpuError) -> Self {
        Self::Cpu(error)
    }
}

impl Classified for StreamError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Aborted => ErrorClass::Unavailable,
            Self::PrematureClose | Self::WriteAfterEnd | Self::Io(_) | Self::Failed(_) => {
                ErrorClass::Internal
            }
            Self::Cpu(error) => error.class(),
            Self::Corrupt { .. } | Self::Truncated { .. } | Self::TrailingGarbage { .. } => {
                ErrorClass::BadRequest
            }
            Self::TooLarge { .. } | Self::RecordTooLong { .. } | Self::TooMany { .. } => {
                ErrorClass::TooLarge
            }
            Self::RecordInvalid { .. } => ErrorClass::Invalid,
            Self::Option { .. } => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::TooLarge,
            ErrorClass::Invalid,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::PrematureClose => "STREAM_PREMATURE_CLOSE",
            Self::Aborted => "STREAM_ABORTED",
            Self::WriteAfterEnd => "STREAM_WRITE_AFTER_END",
            Self::Io(_) => "STREAM_IO",
            Self::Failed(_) => "STREAM_FAILED",
            Self::Cpu(error) => error.code(),
            Self::Corrupt { .. } => "STREAM_CORRUPT",
            Self::Truncated { .. } => "STREAM_TRUNCATED",
            Self::TrailingGarbage { .. } => "STREAM_TRAILING_GARBAGE",
            Self::TooLarge { .. } => "STREAM_TOO_LARGE",
            Self::RecordTooLong { .. } => "STREAM_RECORD_TOO_LONG",
            Self::RecordInvalid { .. } => "STREAM_RECORD_INVALID",
            Self::TooMany { .. } => "STREAM_TOO_MANY",
            Self::Option { .. } => "STREAM_OPTION",
        }
    }
}
