//! Why diagnostics did not start.

use purlin_base::{Classified, ErrorClass};

/// Why diagnostics did not start, or a cache could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiagnosticsError {
    /// An option is out of its bounds.
    #[error("`{option}` of diagnostics is {given}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The operating system gave no thread to watch from.
    #[error("no thread could be started to watch the others")]
    Thread(#[source] std::io::Error),
}

impl Classified for DiagnosticsError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Option { .. } => "DIAGNOSTICS_OPTION",
            Self::Thread(_) => "DIAGNOSTICS_THREAD",
        }
    }
}
