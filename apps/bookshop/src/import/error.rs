//! Why an import ended before the end of its file.

use std::io;

use purlin_base::{BoxError, Classified, ErrorClass};

use super::{HeaderFault, Report};

/// Why an import ended before the end of its file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The header is not the one that is read. Nothing was written.
    #[error("{0}")]
    Header(HeaderFault),
    /// The file cannot be opened, read, or read twice (a pipe). Nothing was written, unless the
    /// file went away between the two readings.
    #[error("the file cannot be read")]
    Unreadable {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// More rows than [`FILE_ROWS_MAX`](super::FILE_ROWS_MAX). Nothing was written.
    #[error("the file has more than 5000000 rows; split it")]
    TooManyRows,
    /// The catalogue did not take a batch. Those before it are in; run the import again.
    #[error("the catalogue could not be written; what was done before is kept: {done}")]
    Store {
        /// What was done before.
        done: Report,
        /// What the catalogue said.
        #[source]
        source: BoxError,
    },
}

impl ImportError {
    /// The exit code of the program: 2 when the file is at fault, 1 when the world is.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Header(_) | Self::Unreadable { .. } | Self::TooManyRows => 2,
            Self::Store { .. } => 1,
        }
    }
}

impl Classified for ImportError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Header(_) | Self::Unreadable { .. } => ErrorClass::Invalid,
            Self::TooManyRows => ErrorClass::TooLarge,
            Self::Store { .. } => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Header(_) => "IMPORT_HEADER",
            Self::Unreadable { .. } => "IMPORT_UNREADABLE",
            Self::TooManyRows => "IMPORT_TOO_MANY_ROWS",
            Self::Store { .. } => "IMPORT_STORE",
        }
    }
}
