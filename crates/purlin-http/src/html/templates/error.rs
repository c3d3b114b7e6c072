//! What can be wrong with a template, at start and at work.

use purlin_base::{Classified, ErrorClass};
use purlin_runtime::CpuError;

/// Why the templates cannot be used: a fault of the program, found at start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A template is not well formed; the source says where.
    #[error("the template `{name}` is not well formed")]
    Syntax {
        /// Its name.
        name: &'static str,
        /// What the engine says.
        source: minijinja::Error,
    },
    /// A template says `autoescape`: pass [`Html`](crate::Html) for what is markup already.
    #[error("the template `{name}` says `autoescape`; pass `Html` for what is markup already")]
    Autoescape {
        /// Its name.
        name: &'static str,
    },
    /// Two templates have one name.
    #[error("two templates are named `{name}`")]
    Duplicate {
        /// The name.
        name: &'static str,
    },
}

impl Classified for TemplateError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "HTTP_TEMPLATE_SYNTAX",
            Self::Autoescape { .. } => "HTTP_TEMPLATE_AUTOESCAPE",
            Self::Duplicate { .. } => "HTTP_TEMPLATE_DUPLICATE",
        }
    }
}

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// There is no such template, a name in it has no value, or a filter refuses what it got.
    #[error("the template `{name}` cannot be rendered")]
    Failed {
        /// Its name.
        name: String,
        /// What the engine says.
        source: minijinja::Error,
    },
    /// The page takes more steps or bytes than it may; see [`Templates`](super::Templates).
    #[error("the page of the template `{name}` takes more steps or bytes than it may")]
    TooLarge {
        /// Its name.
        name: String,
    },
    /// The pool did not make the page.
    #[error(transparent)]
    Pool(#[from] CpuError),
}

impl Classified for RenderError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Pool(error) => error.class(),
            _ => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "HTTP_TEMPLATE_FAILED",
            Self::TooLarge { .. } => "HTTP_TEMPLATE_TOO_LARGE",
            Self::Pool(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Pool(error) => error.retry_after(),
            _ => None,
        }
    }
}
